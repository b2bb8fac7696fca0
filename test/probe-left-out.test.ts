import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkEvalSets } from '../src/cli/support/preflight.js';
import { resolveSettings } from '../src/config/resolve.js';
import { UserError } from '../src/errors.js';
import { readSafetensors, writeSafetensors } from '../src/formats/safetensors.js';
import { embed } from '../src/probe/embed.js';
import { evaluate, formatProbeTable } from '../src/probe/evaluate.js';
import type { StageHooks } from '../src/stage.js';
import { MICRO } from './micro.js';
import { MAIN } from './process.js';
import { writeEncoder, writeImages } from './tiny-encoder.js';

/** What a probe or an embedding leaves out, and what it says of that. */

const settings = resolveSettings({
  flags: {
    ...MICRO,
    'probe.linear.epochs': 10,
    'probe.heldOutClasses': 0,
    'probe.ownClasses': 0,
    'probe.baselines': false,
  },
});
let root: string;
let encoder: string;
let images: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'synclr-left-out-'));
  encoder = join(root, 'encoder');
  images = join(root, 'images');
  await writeEncoder(encoder, settings);
  await writeImages(images, { train: 4, test: 3 });
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));

function hooks(): StageHooks & { warnings: string[] } {
  const warnings: string[] = [];
  const signal = new AbortController().signal;
  return { signal, progress: () => {}, warn: (line) => warnings.push(line), warnings };
}

/** A copy of the images, with some of them broken. */
function copy(name: string, ...broken: string[]): string {
  const dir = join(root, name);
  for (const file of readdirSync(images, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const from = join(file.parentPath, file.name);
    const to = join(dir, from.slice(images.length));
    mkdirSync(join(to, '..'), { recursive: true });
    const bytes = readFileSync(from);
    const relative = from.slice(images.length + 1);
    writeFileSync(to, broken.some((b) => relative.startsWith(b)) ? bytes.subarray(0, 300) : bytes);
  }
  return dir;
}

const probe = async (name: string, dir: string) => {
  const h = hooks();
  const report = await evaluate({
    settings,
    dir: join(root, `run-${name}`),
    hooks: h,
    evals: [{ name, dir }],
    checkpoint: encoder,
  });
  return { found: report.datasets[0], report, warnings: h.warnings };
};
const preflight = async (name: string, dir: string) => {
  const warnings: string[] = [];
  await checkEvalSets([{ name, dir }], (line) => warnings.push(line), new AbortController().signal);
  return warnings;
};

describe('a class whose images are all broken', { timeout: 180_000 }, () => {
  it('is named, before training too, and counts neither in chance nor among the test images', async () => {
    const dir = copy('three', 'train/green');
    const said = 'data set three: no training image of green can be decoded: it does not count, 2 classes are left';
    expect(await preflight('three', dir)).toEqual([said]);
    const { found, report, warnings } = await probe('three', dir);
    expect(found).toMatchObject({ classes: ['blue', 'red'], chance: 0.5, train: 8, test: 6 });
    expect(warnings).toHaveLength(5);
    expect(warnings[4]).toBe(said);
    expect(warnings[0]).toMatch(/train\/green\/0\.jpg: left out: .*premature end of JPEG image/);
    expect(found.rows[0].knn.top1).toBeGreaterThan(0.8);
    expect(found.rows[0].knn.meanPerClass).toBe(found.rows[0].knn.top1);
    expect(formatProbeTable(report)).toContain('chance (2 classes)');
  });

  it('leaves no probe where one class is left, which is found before training', async () => {
    const dir = copy('one', 'train/green', 'train/red');
    const said = `data set one: no training image of green, red in ${dir} can be decoded; a probe needs two classes or more`;
    for (const look of [preflight, probe]) await expect(look('one', dir)).rejects.toThrow(new UserError(said));
  });

  it('in the test images is named; where all of them are broken there is no probe', async () => {
    const { found, warnings } = await probe('untested', copy('untested', 'test/blue'));
    expect(warnings.at(-1)).toBe('data set untested: no test image of blue can be decoded');
    expect(found).toMatchObject({ classes: ['blue', 'green', 'red'], test: 6 });
    const none = copy('none', 'test');
    await expect(preflight('none', none)).rejects.toThrow(
      `data set none: none of the 9 test images in ${none} can be decoded`,
    );
    const apart = copy('apart', 'train/blue', 'test/green', 'test/red');
    for (const look of [preflight, probe]) await expect(look('apart', apart)).rejects.toThrow(UserError);
  });
});

it('of many broken files a screenful is named', { timeout: 180_000 }, async () => {
  const dir = copy('many');
  for (let i = 0; i < 50; i++) writeFileSync(join(dir, `train/red/x${i}.jpg`), '');
  const { warnings } = await probe('many', dir);
  expect(warnings).toHaveLength(21);
  expect(warnings[0]).toBe(`${join(dir, 'train/red/x0.jpg')}: left out: an empty file`);
  expect(warnings[20]).toBe('30 more files left out');
});

describe('embed', { timeout: 180_000 }, () => {
  const run = (changes: Partial<Parameters<typeof embed>[0]>, h = hooks()) =>
    embed({ encoder, input: join(images, 'test'), out: join(root, 'out.jsonl'), hooks: h, ...changes });

  it('refuses features that are no finite numbers, naming the image and the encoder', async () => {
    const wild = join(root, 'wild');
    await writeEncoder(wild, settings);
    const file = join(wild, 'model.safetensors');
    const { tensors } = await readSafetensors(file);
    const weight = tensors.get('patch_embed.proj.weight')!;
    (weight.data as Float32Array).fill(3e38);
    await writeSafetensors(file, tensors);
    const out = join(root, 'wild.jsonl');
    const said = /the encoder .*wild.*'s features of \S*blue\/0\.jpg are not finite numbers \(NaN\)/;
    await expect(run({ encoder: wild, out })).rejects.toThrow(said);
    await expect(run({ encoder: wild, out })).rejects.toBeInstanceOf(UserError);
    expect(existsSync(out)).toBe(false);
    const o = { settings, dir: join(root, 'run-wild'), hooks: hooks(), evals: [{ name: 'x', dir: images }] };
    await expect(evaluate({ ...o, checkpoint: wild })).rejects.toThrow(
      /data set x: the trained encoder's features of train\/blue\/0\.jpg are not finite numbers/,
    );
  });

  it('says what it leaves out, and reads every folder once', async () => {
    const dir = copy('mixed');
    writeFileSync(join(dir, 'notes.txt'), 'text');
    symlinkSync('..', join(dir, 'test/up'));
    const h = hooks();
    expect(await run({ input: dir }, h)).toMatchObject({ images: 21, skipped: 0 });
    expect(h.warnings).toEqual([
      `${join(dir, 'test/up')} is a link to a folder above it and is not followed`,
      `${dir}: 1 file is no picture by content and left out: .txt 1`,
    ]);
  });

  it('looks first at where it is to write', async () => {
    const h = hooks();
    mkdirSync(join(root, 'folder.jsonl'));
    mkdirSync(join(root, 'folder.npy.jsonl'));
    symlinkSync('nowhere', join(root, 'dangling.jsonl'));
    const refused: [string, string][] = [
      ['folder.jsonl', 'a folder is there already, not a file'],
      ['dangling.jsonl', 'a link that leads nowhere; remove it or choose another name'],
    ];
    for (const [name, said] of refused)
      await expect(run({ out: join(root, name) }, h)).rejects.toThrow(`--out ${join(root, name)}: ${said}`);
    await expect(run({ out: join(root, 'folder.npy') }, h)).rejects.toThrow(
      `--out ${join(root, 'folder.npy.jsonl')}: a folder is there already`,
    );
    expect(readlinkSync(join(root, 'dangling.jsonl'))).toBe('nowhere');
  });

  it('below a file is refused in one line; a link stays, and its target is replaced', async () => {
    writeFileSync(join(root, 'file'), 'mine');
    const below = spawnSync(process.execPath, [
      MAIN,
      'embed',
      images,
      ...['--encoder', encoder, '--out', join(root, 'file/x.jsonl')],
    ]);
    expect([below.status, `${below.stderr}`.trim().split('\n').length]).toEqual([2, 1]);
    expect(`${below.stderr}`).toContain(join(root, 'file'));
    expect(readFileSync(join(root, 'file'), 'utf8')).toBe('mine');
    writeFileSync(join(root, 'target.jsonl'), '{"file":"old.jpg","feature":[1,2]}\n');
    symlinkSync('target.jsonl', join(root, 'link.jsonl'));
    await run({ out: join(root, 'link.jsonl') });
    expect(readlinkSync(join(root, 'link.jsonl'))).toBe('target.jsonl');
    expect(readFileSync(join(root, 'target.jsonl'), 'utf8')).toContain('"feature"');
    expect(readFileSync(join(root, 'target.jsonl'), 'utf8')).not.toContain('old.jpg');
  });
});

describe.skipIf(process.platform === 'win32')('folders without permission', { timeout: 180_000 }, () => {
  // The superuser may read everything: then another user looks, where the program can be reached at all.
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const synclr = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { cwd: root, ...nobody });

  it('are named: a class cannot do without its images, embed passes them over', (t) => {
    if (synclr('--version').status !== 0) t.skip();
    chmodSync(root, 0o777);
    const dir = copy('locked');
    chmodSync(join(dir, 'train/red'), 0);
    try {
      const r = synclr('run', '--preset', 'tiny', '--out', 'never', '--eval', `locked=${dir}`);
      expect(`${r.stderr}`).toContain(`${join(dir, 'train/red')}: no permission`);
      expect([r.status, existsSync(join(root, 'never'))]).toEqual([2, false]);
      const e = synclr('embed', dir, '--encoder', encoder, '--out', 'locked.jsonl');
      expect(`${e.stderr}`).toContain(
        `${join(dir, 'train/red')}: the folder cannot be read (EACCES) and is passed over`,
      );
      expect([e.status, `${e.stdout}`]).toEqual([0, expect.stringContaining('(17 images')]);
      chmodSync(join(dir, 'train/red'), 0o755);
      chmodSync(join(dir, 'train/red/1.jpg'), 0);
      const f = synclr('embed', dir, '--encoder', encoder, '--out', 'locked.jsonl');
      expect(`${f.stderr}`).toContain(`${join(dir, 'train/red/1.jpg')}: left out: cannot be read (EACCES)`);
      expect(`${f.stdout}`).toContain('(20 images');
    } finally {
      chmodSync(join(dir, 'train/red'), 0o755);
    }
  });
});

it('four images of 8,000 × 8,000 at once take the memory of their strips', { timeout: 180_000 }, async () => {
  const create = { width: 8000, height: 8000, channels: 3 as const, background: '#336699' };
  const file = join(root, 'huge.png');
  await sharp({ create }).png({ compressionLevel: 1 }).toFile(file);
  const built = (name: string) => JSON.stringify(fileURLToPath(new URL(`../dist/views/${name}.js`, import.meta.url)));
  const script = `
    const { readForEval } = await import(${built('eval')});
    const before = process.resourceUsage().maxRSS;
    const all = await Promise.all([1, 2, 3, 4].map(() => readForEval(${JSON.stringify(file)}, 64)));
    console.log(all[3][0].toFixed(2), Math.round((process.resourceUsage().maxRSS - before) / 1024));`;
  const r = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(r.stderr).toBe('');
  const [red, mb] = r.stdout.split(' ').map(Number);
  expect(red).toBe(0.2);
  // Whole, they are 768 MB.
  expect(mb).toBeLessThan(450);
});
