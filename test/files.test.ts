import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventWriter } from '../src/formats/tfevents.js';
import { command } from './command.js';
import { madeBy, micro } from './micro.js';
import { leftBehind, MAIN, synclr } from './process.js';

/** Nothing of the user's is lost: what a command finds where it wants to write stays, or is known to be synclr's own. */

let cwd: string;
beforeAll(async () => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'synclr-keeps-')));
  const made = await synclr(['run', '--out', 'run', ...micro()], cwd);
  expect(made, made.stderr).toMatchObject({ code: 0 });
}, 300_000);
afterAll(() => rmSync(cwd, { recursive: true }));

const at = (...names: string[]): string => join(cwd, ...names);
function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
/** A copy of the run, without some of it. */
function copy(name: string, ...without: string[]): string {
  cpSync(at('run'), at(name), { recursive: true });
  for (const part of without) rmSync(at(name, part), { recursive: true });
  return at(name);
}
function tree(path: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const e of readdirSync(path, { withFileTypes: true, recursive: true })) {
    const file = join(e.parentPath, e.name);
    found[file] = e.isFile() ? readFileSync(file, 'latin1') : e.isSymbolicLink() ? 'link' : 'folder';
  }
  return found;
}
/** The command is refused in one line, and nothing anywhere has changed. */
async function refused(args: string[], line: string | RegExp): Promise<void> {
  const before = tree(cwd);
  const r = await command(args, cwd);
  expect(r.stderr).toMatch(/^synclr: .*\n$/);
  expect(r.stderr).toMatch(line);
  expect(r.code).toBe(2);
  expect(tree(cwd)).toEqual(before);
}

/** A stage through the library, in a process of its own: `line: …` of an error as the user sees it, or `done`. */
function stage(name: string, dir: string, more: Record<string, unknown> = {}): Promise<string> {
  const code = `
    const { asUserError } = await import(new URL('errors.js', process.env.DIST).href);
    const lib = await import(new URL('index.js', process.env.DIST).href);
    const { stage, dir, settings, out, evals } = JSON.parse(process.env.OPTIONS);
    const hooks = { signal: new AbortController().signal, progress() {}, warn() {} };
    const o = { settings, dir, hooks };
    const stages = {
      captions: () => lib.writeCaptions(o),
      images: () => lib.writeImages(o),
      train: () => lib.train(o),
      eval: () => lib.evaluate({ ...o, evals }),
      export: () => lib.exportEncoder({ checkpoint: dir, out }),
      report: () => lib.writeReport({ dir }),
      embed: () => lib.embed({ encoder: dir, input: dir + '/heldout/test', out, hooks }),
    };
    try { await stages[stage](); console.log('done'); }
    catch (e) { console.log(asUserError(e) ? 'line: ' + asUserError(e).message : e.stack); }`;
  const script = at('stage.mjs');
  writeFileSync(script, code);
  const { settings } = JSON.parse(readFileSync(at('run/config.json'), 'utf8'));
  const options = JSON.stringify({ stage: name, dir, settings, evals: [], ...more });
  const env = { ...process.env, DIST: `file://${dirname(dirname(MAIN))}/`, OPTIONS: options };
  return new Promise((done) => {
    const child = spawn(process.execPath, [script], { env });
    let said = '';
    let err = '';
    child.stdout.on('data', (d) => (said += d));
    child.stderr.on('data', (d) => (err += d));
    // Libraries may complain of threads that were ended in the middle of their work.
    child.on('close', () => done(said.trim() || err.trim()));
  });
}

describe('export', () => {
  it('says before the stages that the encoder could not be put into the run', { timeout: 240_000 }, async () => {
    copy('later', 'train', 'checkpoints', 'encoder');
    put(at('later/encoder/notes.md'), 'mine');
    await refused(['run', '--out', 'later'], 'encoder holds notes.md and is not an encoder that synclr exported');
    rmSync(at('later/encoder'), { recursive: true });
    put(at('elsewhere/x'), 'mine');
    symlinkSync('../elsewhere', at('later/encoder'));
    await refused(['run', '--out', 'later'], 'encoder is a link to ../elsewhere: name what it leads to');
    rmSync(at('later'), { recursive: true });
  });

  it('replaces its own work, and nothing that anybody else made or changed', { timeout: 240_000 }, async () => {
    put(at('notes'), 'my only copy');
    await refused(['export', 'run', '--out', 'notes'], 'notes is a file, not a folder: choose another path');
    await refused(['export', 'run', '--out', 'notes.txt'], 'notes.txt is a file’s name');
    for (const name of ['config.json', 'preprocessor_config.json']) put(at('hf', name), '{"model_type":"vit"}');
    put(at('hf/model.safetensors'), 'weights');
    put(at('hf/onnx/model.onnx'), 'graph');
    await refused(['export', 'run', '--out', 'hf'], /hf holds \S+ and is not an encoder that synclr exported/);
    const changes: Record<string, string> = {
      'notes.md': 'holds notes.md and is not an encoder that synclr exported',
      'README.md': 'README.md was changed since synclr wrote it',
      'onnx/model_quantized.onnx': "onnx/model_quantized.onnx is not synclr's",
      'model.safetensors': 'model.safetensors was changed since synclr wrote it',
    };
    for (const [name, says] of Object.entries(changes)) {
      cpSync(at('run/encoder'), at('mine'), { recursive: true });
      put(at('mine', name), 'mine');
      await refused(['export', 'run', '--out', 'mine'], says);
      rmSync(at('mine'), { recursive: true });
    }
    for (const [out, says] of [
      ['.', 'holds run, which is to be exported'],
      ['run', 'holds run, which is to be exported'],
      ['run/checkpoints', 'is part of the run in'],
      ['run/encoder/again', 'is part of the run in'],
    ])
      await refused(['export', 'run', '--out', out], says);
    cpSync(at('run/encoder'), at('mine'), { recursive: true });
    expect(await command(['export', 'run', '--out', 'mine', '--weights', 'student'], cwd)).toMatchObject({ code: 0 });
    expect(await command(['export', 'run', '--out', 'mine'], cwd)).toMatchObject({ code: 0 });

    expect(readFileSync(at('mine/model.safetensors'))).toEqual(readFileSync(at('run/encoder/model.safetensors')));
    expect(readdirSync(cwd).filter((n) => n.startsWith('.'))).toEqual([]);
  });
});

describe('a run', () => {
  it('neither lies in a data set nor holds it', { timeout: 240_000 }, async () => {
    for (const part of ['train', 'test']) for (const c of ['a', 'b']) put(at('run/eval/mine', part, c, '1.png'), 'x');
    symlinkSync(at('run/eval/mine'), at('alias'));
    const inside = /data set mine: \S+ lies in the run's own folder run: choose another folder with --out/;
    await refused(['run', '--out', 'run', '--eval', 'mine=run/eval/mine'], inside);
    await refused(['eval', '--out', 'run', '--eval', 'mine=alias'], inside);
    await refused(['run', '--out', 'alias/new', '--eval', 'mine=run/eval/mine'], /the run's folder alias\/new lies in/);
    await refused(['eval', '--out', 'run', '--eval', '..=alias'], /--eval \.\.=alias: a name has letters/);
    expect(await stage('eval', at('run'), { evals: [{ name: 'x', dir: at('alias') }] })).toMatch(
      /^line: .*lies in the/,
    );
    rmSync(at('alias'));
    rmSync(at('run/eval/mine'), { recursive: true });
    await refused(['run', '--out', 'fresh', '--from', 'fresh'], /weights --from fresh is the run's own folder/);
  });

  it('begins in no folder that holds anything with its names', { timeout: 240_000 }, async () => {
    for (const name of ['captions/a.txt', 'heldout/x.jpg', 'probes.json', 'report.html', 'features/x', 'train/x']) {
      put(at('foreign', name), 'mine');
      await refused(
        ['run', '--out', 'foreign', ...micro()],
        /^synclr: foreign is no run of synclr \(no config\.json\), but /,
      );
      rmSync(at('foreign'), { recursive: true });
    }
    put(at('foreign/config.json'), '{"learning_rate": 1}');
    await refused(['captions', '--out', 'foreign'], "foreign/config.json is not a run's config.json");
    rmSync(at('foreign/config.json'));
    put(at('foreign/.lock'), 'my lock');
    await refused(
      ['captions', '--out', 'foreign', '--captions', '64'],
      /foreign\/\.lock is there already and is not a lock/,
    );
    rmSync(at('foreign'), { recursive: true });
  });

  it('leaves everything of other names where it is', { timeout: 240_000 }, async () => {
    const stay = ['.mine.tmp', '.folder.tmp/a', 'notes.md', '.hidden', '.x.0123abcd.tmp'];
    for (const name of stay) put(at('full', name), 'mine');
    put(at('precious/a'), 'mine');
    symlinkSync(at('precious'), at('full', '.linked.tmp'));
    symlinkSync(at('precious'), leftBehind(at('full/config.json')));
    writeFileSync(Buffer.concat([Buffer.from(at('full/')), Buffer.from([0x61, 0xff])]), 'mine');
    put(leftBehind(at('full/probes.json')), 'half');
    put(at('full/.lock.4194305'), '{"pid":4194305,"host":"","started":""}');
    const before = readdirSync(at('full'), { encoding: 'buffer' }).length;
    const r = await synclr(['captions', '--out', 'full', '--captions', '64'], cwd);
    expect(r, r.stderr).toMatchObject({ code: 0 });
    for (const name of [...stay, '.linked.tmp/a']) expect(readFileSync(at('full', name), 'utf8'), name).toBe('mine');
    // Two of ours that were left behind went; config.json and captions came.
    expect(readdirSync(at('full'), { encoding: 'buffer' })).toHaveLength(before);
    rmSync(at('full'), { recursive: true });
  });

  it('takes no --out that cannot be a folder', { timeout: 240_000 }, async () => {
    put(at('file'), '');
    symlinkSync('nowhere', at('dangling'));
    await refused(['captions', '--out', 'file'], '--out file is a file, not a folder');
    await refused(['captions', '--out', 'file/below', '--captions', '64'], /file/);
    await refused(['captions', '--out', 'dangling'], '--out dangling is a link to nowhere, which is not there');
    const name = 'n'.repeat(240);
    const r = await synclr(['export', 'run', '--out', name], cwd);
    expect(r, r.stderr).toMatchObject({ code: 0 });
    const again = await synclr(
      ['embed', 'run/heldout/test', '--encoder', name, '--out', `${'e'.repeat(234)}.jsonl`],
      cwd,
    );
    expect(again, again.stderr).toMatchObject({ code: 0 });
    rmSync(at(name), { recursive: true });
  });
});

describe('through the library, stages', () => {
  const foreign: Record<string, [stage: string, without: string[], text: string, says: string]> = {
    'probes.json': ['eval', ['probes.json'], '{"mine":1}', 'is not a report of probes that synclr wrote'],
    'heldout/train/a/1.jpg': ['eval', ['heldout'], 'mine', 'heldout holds train/a/1.jpg and is not a held-out set'],
    'features/held-out.trained.safetensors': ['eval', ['features'], 'mine', 'is not a cache of features'],
    'features/rows.json': ['eval', ['features', 'eval'], '{"mine":1}', 'is not a cache of probes'],
    'eval/held-out/000.jpg': ['eval', ['eval'], 'mine', 'is not a folder of pictures that synclr made'],
    'report.html': ['report', ['report.html'], '<html>mine</html>', 'is not a report that synclr wrote'],
    'train/metrics.jsonl': ['train', ['train', 'checkpoints'], '{"step":1,"acc":2}\n', 'is not a log of training'],
  };
  // To probe takes longest, to the same refusal.
  const long = ['features/held-out.trained.safetensors', 'eval/held-out/000.jpg'];
  it.each(Object.keys(foreign).filter((name) => !long.includes(name)))(
    'do not touch a foreign %s',
    { timeout: 240_000 },
    untouched,
  );
  it.each(long)('do not touch a foreign %s', { tags: 'nightly', timeout: 240_000 }, untouched);

  async function untouched(name: string): Promise<void> {
    const [what, without, text, says] = foreign[name];
    const dir = copy('bare', 'config.json', ...without);
    put(join(dir, name), text);
    expect(await stage(what, dir)).toMatch(new RegExp(`^line: .*${says}`));
    expect(readFileSync(join(dir, name), 'utf8')).toBe(text);
    rmSync(dir, { recursive: true });
  }

  it('write their events beside those of others', { timeout: 240_000 }, async () => {
    const dir = copy('bare', 'config.json', 'train', 'checkpoints');
    // As TensorFlow and PyTorch write them: nothing names the writer.
    const writer = await EventWriter.open(at('theirs'));
    for (let step = 0; step < 50; step++) await writer.scalar(step, 'accuracy', step);
    await writer.close();
    const [made] = readdirSync(at('theirs'));
    const bytes = readFileSync(at('theirs', made));
    const foreign = Buffer.concat([bytes.subarray(0, 40), bytes.subarray(40 + 16 + bytes.readUInt32LE(40))]);
    const file = join(dir, 'train', 'events.out.tfevents.1700000000.host.1.0');
    mkdirSync(dirname(file));
    writeFileSync(file, foreign);
    expect(await stage('train', dir)).toBe('done');
    expect(readFileSync(file)).toEqual(foreign);
    expect(readdirSync(dirname(file)).filter((n) => n.startsWith('events'))).toHaveLength(2);
    expect(madeBy(dir)).toEqual(madeBy(at('run')));
    rmSync(dir, { recursive: true });
  });
});

describe('embeddings and sheets', () => {
  it('go where nothing or their like stands', { timeout: 240_000 }, async () => {
    const embed = (out: string) => ['embed', 'run/heldout/test', '--encoder', 'run', '--out', out];
    for (const out of ['a.jsonl', 'b.npy', 'c.safetensors'])
      for (let i = 0; i < 2; i++) {
        const r = await command(embed(out), cwd);
        expect(r, r.stderr).toMatchObject({ code: 0 });
      }
    put(at('x.jsonl'), '{"mine":1}\n');
    cpSync(at('b.npy'), at('y.npy'));
    put(at('z.npy.jsonl'), '{"mine":1}\n');
    mkdirSync(at('w.npy'));
    await refused(embed('x.jsonl'), 'x.jsonl is there already and is not embeddings that synclr wrote');
    await refused(
      embed('y.npy'),
      'y.npy is there already and is not embeddings that synclr wrote, with their names beside',
    );
    await refused(embed('z.npy'), 'z.npy.jsonl is there already and is not the names of embeddings that synclr wrote');
    await refused(embed('w.npy'), 'w.npy: a folder is there already, not a file');
    await refused(embed('run/train/metrics.jsonl'), 'metrics.jsonl is there already and is not embeddings');
    const sheet = ['images', '--preview', '--rows', '2', '--out', 'run', '--sheet'];
    for (let i = 0; i < 2; i++) expect(await command([...sheet, 's.png'], cwd)).toMatchObject({ code: 0 });
    cpSync(at('run/eval/held-out/pca-0.png'), at('photo.png'));
    await refused([...sheet, 'photo.png'], 'photo.png is there already and is not a contact sheet that synclr wrote');
  });
});

/** A small disk; undefined where none can be mounted. */
function smallDisk(path: string, kilobytes: number): boolean {
  mkdirSync(path, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', path]).status === 0;
}

describe('a disk that is full or closed in mid-run', () => {
  type Case = [stage: string, free: number, without: string[]];
  const cases: Case[] = [
    ['captions', 4, ['captions']],
    ['images', 40, ['images']],
    ['train', 60, ['checkpoints', 'train']],
    ['export', 60, ['encoder']],
    ['embed', 4, []],
  ];
  const nightly: Case[] = [
    ['train', 4, ['checkpoints', 'train']],
    ['eval', 30, ['eval', 'features', 'heldout', 'probes.json']],
    ['eval', 100, ['eval', 'features', 'probes.json']],
    ['report', 40, ['report.html']],
  ];
  const title = 'in %s with %i KiB left: one line that names the file, and it goes on';
  it.each(cases)(title, { timeout: 240_000 }, tried);
  it.each(nightly)(title, { tags: 'nightly', timeout: 240_000 }, tried);

  async function tried(name: string, free: number, without: string[]): Promise<void> {
    const disk = at('disk');
    if (!smallDisk(disk, 6000)) {
      console.log('no disk can be mounted here: not tried');
      return;
    }
    try {
      const dir = join(disk, 'run');
      cpSync(at('run'), dir, { recursive: true });
      for (const part of without) rmSync(join(dir, part), { recursive: true });
      const out = name === 'embed' ? join(disk, 'a.jsonl') : join(dir, 'encoder');
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize - free * 1024));
      const said = await stage(name, dir, { out });
      expect(said).toMatch(/^line: .*no space left/);
      expect(said).toContain(disk);
      expect(said).not.toContain('\n');
      rmSync(join(disk, 'filler'));
      expect(await stage(name, dir, { out })).toBe('done');
      expect(madeBy(dir)).toEqual(madeBy(at('run')));
      expect(readdirSync(dir, { recursive: true }).filter((n) => /\.(tmp|aside)$/.test(String(n)))).toEqual([]);
      rmSync(join(dir, 'report.html'));
      if (name === 'report') {
        spawnSync('mount', ['-o', 'remount,ro', disk]);
        for (const s of ['captions', 'images', 'train', 'eval', 'export', 'report'])
          expect(await stage(s, dir, { out }), s).toMatch(/^(done$|line: [^\n]*(read-only|EROFS))/);
      }
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
    expect(existsSync(join(disk, 'run'))).toBe(false);
  }
});
