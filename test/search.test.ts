import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import { Rng } from '../src/rng.js';
import { buildIndex } from '../src/search/build.js';
import { openIndex } from '../src/search/photo-index.js';
import type { StageHooks } from '../src/stage.js';
import { command } from './command.js';
import { MICRO } from './micro.js';
import { testSeed } from './numbers.js';
import { synclr } from './process.js';
import { writeEncoder } from './tiny-encoder.js';

const seed = testSeed('search.test.ts');
/** Real photos, or where there are none some that are drawn. */
const DATA = resolve(import.meta.dirname, '..', process.env.SYNCLR_DATA ?? '../shared/data', 'clothing-small/test');

let cwd: string;
const at = (...names: string[]) => join(cwd, ...names);
const settings = resolveSettings({ flags: MICRO });

/** Lays photos of several kinds below a folder, under names that a file system takes. */
async function layPhotos(dir: string): Promise<string[]> {
  const files: string[] = [];
  const lay = (file: string, from: string) => {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    copyFileSync(from, join(dir, file));
    files.push(file);
  };
  if (existsSync(DATA)) {
    const names = readdirSync(DATA, { recursive: true, encoding: 'utf8' }).filter((n) => n.endsWith('.jpg'));
    for (const [i, name] of names.sort().entries()) if (i % 3 === 0) lay(name, join(DATA, name));
  } else {
    console.log(`no photos in ${DATA} (SYNCLR_DATA names another folder): drawn ones take their place`);
    for (let i = 0; i < 24; i++) {
      const rng = Rng.of(1, i);
      const data = Uint8Array.from({ length: 48 * 48 * 3 }, (_, k) => (k % 3 === i % 3 ? 150 : 20) + rng.int(90));
      const path = at(`drawn-${i}.jpg`);
      await sharp(data, { raw: { width: 48, height: 48, channels: 3 } })
        .jpeg()
        .toFile(path);
      lay(`${['a', 'b', 'c'][i % 3]}/${i}.jpg`, path);
    }
  }
  for (const [i, name] of ['überall/Größe – 漢字.jpg', 'a0/deep/er/and/deeper/x y.jpg', 'a/#1 100%.jpg'].entries()) {
    await sharp(readFileSync(join(dir, files[i])))
      .rotate(90 * (i + 1))
      .jpeg()
      .toFile(at('turned.jpg'));
    lay(name, at('turned.jpg'));
  }
  return files.sort();
}

const quiet = (warnings: string[] = [], signal = new AbortController().signal): StageHooks => ({
  signal,
  progress: () => {},
  warn: (line) => warnings.push(line),
});

let photos: string;
let files: string[];
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-search-'));
  photos = at('photos');
  files = await layPhotos(photos);
  await writeEncoder(at('encoder'), settings);
  await writeEncoder(at('other'), settings, 2);
});
afterAll(() => rmSync(cwd, { recursive: true }));

/** A fresh copy of the photos, and an index of it. */
async function indexed(
  name: string,
): Promise<{ dir: string; out: string; again: () => ReturnType<typeof buildIndex> }> {
  const dir = at(name);
  execFileSync('cp', ['-a', photos, dir]);
  const out = `${dir}.index`;
  const again = () => buildIndex({ photos: dir, hooks: quiet() });
  await buildIndex({ photos: dir, encoder: at('encoder'), hooks: quiet() });
  return { dir, out, again };
}

const json = (dir: string) => JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8'));

/** Vectors by path, as any program reads them. */
function vectorsOf(dir: string): Map<string, Float32Array> {
  const bytes = readFileSync(join(dir, 'vectors.npy'));
  const dim = json(dir).dim;
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset + 128, bytes.byteOffset + bytes.length));
  const rows = readFileSync(join(dir, 'photos.jsonl'), 'utf8').trimEnd().split('\n');
  expect(all.length).toBe(rows.length * dim);
  return new Map(rows.map((row, i) => [JSON.parse(row).file, all.slice(i * dim, (i + 1) * dim)]));
}

describe('an index', () => {
  it('has a vector of length 1 for each photo, in the order of their paths', async () => {
    const { out } = await indexed('plain');
    expect(readdirSync(out).sort()).toEqual(['index.json', 'photos.jsonl', 'vectors.npy']);
    const vectors = vectorsOf(out);
    expect([...vectors.keys()]).toEqual(files);
    for (const x of vectors.values()) expect(Math.hypot(...x)).toBeCloseTo(1, 5);
    expect(json(out)).toMatchObject({ photos: '../plain', complete: true, encoder: { path: '../encoder' } });
  });

  it('finds each photo by itself first, and ranks as comparing with each does', async () => {
    const { dir, out } = await indexed('self');
    const vectors = vectorsOf(out);
    await using index = await openIndex(out);
    for (const file of [files[0], files[7], 'überall/Größe – 漢字.jpg']) {
      const found = await index.search({ like: join(dir, file) }, { k: 5 });
      expect(found.some((m) => m.file === file && m.score > 0.99999)).toBe(true);
      expect(found[0].path).toBe(join(dir, found[0].file));
      const query = await index.vectorOf({ like: readFileSync(join(dir, file)) });
      const scores = [...vectors].map(([name, x]) => ({ name, score: x.reduce((sum, v, j) => sum + v * query[j], 0) }));
      scores.sort((a, b) => b.score - a.score);
      for (const [i, m] of found.entries()) expect(m.score).toBeCloseTo(scores[i].score, 6);
      expect(await index.search({ vector: query }, { k: 5 })).toEqual(found);
    }
    const [x, y] = [files[0], files[9]].map((file) => vectors.get(file)!);
    const two = await index.vectorOf({ like: [join(dir, files[0]), join(dir, files[9])] });
    const length = Math.hypot(...x.map((v, j) => v + y[j]));
    for (const [j, v] of two.entries()) expect(v).toBeCloseTo((x[j] + y[j]) / length, 5);
    const folder = files[0].split('/')[0];
    const within = await index.search({ like: join(dir, files[9]) }, { k: 1000, within: folder });
    expect(within.map((m) => m.file).sort()).toEqual(files.filter((f) => f.startsWith(`${folder}/`)));
    await expect(index.search({ like: join(dir, files[0]) }, { within: 'nowhere' })).rejects.toThrow(/no photos of/);
    await expect(index.search({})).rejects.toThrow(/needs an image, a text or a vector/);
    await expect(index.search({ vector: new Float32Array(3) })).rejects.toThrow(/3 numbers/);
    await expect(index.search({ vector: new Float32Array(index.dim) })).rejects.toThrow(/no direction/);
  });

  it('keeps what is unchanged, embeds what is new or changed, knows what was moved, drops what is gone', async () => {
    const { dir, out, again } = await indexed('changing');
    const before = vectorsOf(out);
    expect(await again()).toMatchObject({ embedded: 0, kept: files.length, gone: 0, moved: 0 });
    expect(json(out).generation).toBe(1);
    // Moved; copied; its time alone changed; changed; new; gone; one that is none.
    mkdirSync(join(dir, 'new'));
    renameSync(join(dir, files[0]), join(dir, 'new/moved.jpg'));
    copyFileSync(join(dir, files[1]), join(dir, 'new/copied.jpg'));
    utimesSync(join(dir, files[2]), new Date(), new Date(1e12));
    await sharp(readFileSync(join(dir, files[3])))
      .negate()
      .jpeg()
      .toFile(join(dir, 'x.jpg'));
    renameSync(join(dir, 'x.jpg'), join(dir, files[3]));
    await sharp(readFileSync(join(dir, files[4])))
      .flip()
      .png()
      .toFile(join(dir, 'new/flipped.png'));
    rmSync(join(dir, files[5]));
    writeFileSync(join(dir, 'broken.jpg'), 'no picture');
    const warnings: string[] = [];
    const result = await buildIndex({ photos: dir, hooks: quiet(warnings) });
    expect(result).toMatchObject({ photos: files.length + 1, embedded: 2, moved: 2, gone: 1, skipped: 1 });
    expect(warnings).toEqual([expect.stringMatching(/broken\.jpg: left out: /)]);
    const after = vectorsOf(out);
    expect(after.get('new/moved.jpg')).toEqual(before.get(files[0]));
    expect(after.get('new/copied.jpg')).toEqual(before.get(files[1]));
    expect(after.get(files[2])).toEqual(before.get(files[2]));
    expect(after.get(files[3])).not.toEqual(before.get(files[3]));
    expect(after.has(files[0]) || after.has(files[5])).toBe(false);
    expect(json(out).generation).toBe(2);
    // As made at once.
    const fresh = `${dir}.fresh`;
    await buildIndex({ photos: dir, encoder: at('encoder'), out: fresh, hooks: quiet() });
    const once = vectorsOf(fresh);
    expect([...after.keys()]).toEqual([...once.keys()]);
    for (const [file, x] of once) for (const [j, v] of x.entries()) expect(v).toBeCloseTo(after.get(file)![j], 5);
  });

  it('goes with its photos, and is told where they are', async () => {
    const { dir, out } = await indexed('here');
    mkdirSync(at('there'));
    renameSync(dir, at('there/here'));
    renameSync(out, at('there/here.index'));
    await using index = await openIndex(at('there/here.index'), { encoder: at('encoder') });
    const [first] = await index.search({ like: at('there/here', files[0]) }, { k: 1 });
    expect(first.path).toBe(at('there/here', first.file));
    await using lost = await openIndex(at('there/here.index'));
    await expect(lost.search({ like: at('photos', files[0]) })).rejects.toThrow(/no such encoder: .*--encoder/);
    await using pointed = await openIndex(at('there/here.index'), { photos, encoder: at('encoder') });
    expect((await pointed.search({ like: join(photos, files[0]) }, { k: 1 }))[0].path.startsWith(photos)).toBe(true);
  });

  it('of another encoder is only made anew when asked', async () => {
    const { dir, out } = await indexed('two');
    const before = readFileSync(join(out, 'vectors.npy'));
    const other = { photos: dir, encoder: at('other'), hooks: quiet() };
    await expect(buildIndex(other)).rejects.toThrow(/made with another encoder than .*--rebuild/);
    await using index = await openIndex(out, { encoder: at('other') });
    await expect(index.search({ like: join(dir, files[0]) })).rejects.toThrow(/is another encoder than/);
    expect(readFileSync(join(out, 'vectors.npy')).equals(before)).toBe(true);
    expect(await buildIndex({ ...other, rebuild: true })).toMatchObject({ embedded: files.length, kept: 0 });
    expect(readFileSync(join(out, 'vectors.npy')).equals(before)).toBe(false);
  });

  it('takes no folder that is none', async () => {
    mkdirSync(at('mine'));
    writeFileSync(at('mine/thesis.txt'), 'mine');
    const o = { photos, encoder: at('encoder'), hooks: quiet() };
    await expect(buildIndex({ ...o, out: at('mine') })).rejects.toThrow(/no index of synclr's and holds thesis\.txt/);
    await expect(buildIndex({ ...o, out: photos })).rejects.toThrow(/no index of synclr's/);
    mkdirSync(at('empty'));
    await expect(buildIndex({ ...o, photos: at('empty') })).rejects.toThrow(/no photos in this folder/);
    expect(existsSync(at('empty.index'))).toBe(false);
    await expect(buildIndex({ ...o, photos: at('nowhere') })).rejects.toThrow(/no such folder of photos/);
    mkdirSync(at('broken'));
    writeFileSync(at('broken/a.jpg'), 'no picture');
    await expect(buildIndex({ ...o, photos: at('broken') })).rejects.toThrow(/none of its 1 photos can be decoded/);
    expect(existsSync(at('broken.index'))).toBe(false);
    await expect(openIndex(at('mine'))).rejects.toThrow(/no index of photos/);
    await expect(openIndex(at('nowhere.index'))).rejects.toThrow(/no such index/);
  });

  it('follows links to folders once, and stays whole when it is read while it is written', async () => {
    const { dir, out, again } = await indexed('linked');
    symlinkSync(photos, join(dir, 'link'));
    symlinkSync('..', join(dir, 'a', 'up'));
    expect((await again()).photos).toBe(2 * files.length);
    // Others read meanwhile.
    let writing = true;
    const reader = (async () => {
      while (writing) {
        await using index = await openIndex(out);
        const [k] = await index.search({ vector: Float32Array.from({ length: index.dim }, (_, j) => j + 1) }, { k: 1 });
        expect(k.score).toBeLessThanOrEqual(1);
        expect(index.file(index.length - 1)).toBeTruthy();
      }
    })();
    for (let i = 0; i < 6; i++) {
      if (i % 2) symlinkSync(photos, join(dir, 'link'));
      else rmSync(join(dir, 'link'));
      await again();
    }
    writing = false;
    await reader;
  });
});

it('killed at any time, an index is the old or the new one, and the same command goes on', async () => {
  const { dir, out } = await indexed('killed');
  const old = vectorsOf(out);
  const rng = Rng.of(seed, 'kill');
  mkdirSync(join(dir, 'more'));
  for (const file of files) {
    const flopped = join(dir, 'more', file.replaceAll('/', '-'));
    await sharp(readFileSync(join(dir, file)))
      .flop()
      .jpeg()
      .toFile(flopped);
  }
  const began = performance.now();
  expect((await synclr(['index', dir, '--out', at('timed'), '--encoder', at('encoder')], cwd)).code).toBe(0);
  const took = performance.now() - began;
  for (let i = 0; i < 2; i++) {
    const after = rng.range(0.3 * took, took);
    const killed = await synclr(['index', dir], cwd, (child) => setTimeout(() => child.kill('SIGKILL'), after));
    const now = vectorsOf(out);
    expect([old.size, 2 * old.size], killed.stderr).toContain(now.size);
    for (const [file, x] of old) expect(now.get(file)).toEqual(x);
    await using index = await openIndex(out);
    expect(index.length).toBe(now.size);
  }
  const done = await synclr(['index', dir], cwd);
  expect(done, done.stderr).toMatchObject({ code: 0 });
  expect(readdirSync(out).sort()).toEqual(['index.json', 'photos.jsonl', 'vectors.npy']);
  expect([...vectorsOf(out).keys()]).toEqual([...vectorsOf(at('timed')).keys()]);
}, 240_000);

it('stopped, it keeps what was embedded, says so, and goes on', async () => {
  const dir = at('stopped');
  execFileSync('cp', ['-a', photos, dir]);
  const stop = new AbortController();
  const hooks = { ...quiet([], stop.signal), progress: (p: { done: number }) => p.done >= 8 && stop.abort() };
  const o = { photos: dir, encoder: at('encoder') };
  const stopped = await buildIndex({ ...o, hooks }).then(
    () => undefined,
    (e: Error) => e,
  );
  // What is decoded together is embedded together: few photos may all be there already.
  if (stopped) expect(stopped).toMatchObject({ name: 'Interrupted' });
  const done = await buildIndex({ ...o, hooks: quiet() });
  expect(done.photos).toBe(files.length);
  expect(json(`${dir}.index`).complete).toBe(true);
});

describe('damage', () => {
  it.each<[string, (dir: string) => void, RegExp]>([
    [
      'vectors cut off',
      (d) => writeFileSync(join(d, 'vectors.npy'), readFileSync(join(d, 'vectors.npy')).subarray(0, 1000)),
      /vectors\.npy: its header says/,
    ],
    ['no vectors', (d) => rmSync(join(d, 'vectors.npy')), /vectors\.npy is missing.*--rebuild/],
    ['other vectors', (d) => writeFileSync(join(d, 'vectors.npy'), 'hello'), /is no NumPy file/],
    ['no list', (d) => rmSync(join(d, 'photos.jsonl')), /photos\.jsonl is missing/],
    [
      'a line less',
      (d) => writeFileSync(join(d, 'photos.jsonl'), readFileSync(join(d, 'photos.jsonl'), 'utf8').replace(/^.*\n/, '')),
      /has not the \d+ lines/,
    ],
    [
      'index.json cut off',
      (d) => writeFileSync(join(d, 'index.json'), '{"format":"synclr-index",'),
      /index\.json is not JSON/,
    ],
    [
      'a version to come',
      (d) => writeFileSync(join(d, 'index.json'), JSON.stringify({ ...json(d), version: 2 })),
      /another version/,
    ],
    [
      'a path out of the folder',
      (d) =>
        writeFileSync(
          join(d, 'photos.jsonl'),
          readFileSync(join(d, 'photos.jsonl'), 'utf8').replaceAll(/"file":"/g, '"file":"../'),
        ),
      /expected a path below/,
    ],
  ])('%s: one line that says so, and --rebuild mends it', async (name, damage, says) => {
    const { dir, out } = await indexed(`damaged ${name}`);
    damage(out);
    const found = await command(['search', out, '--like', join(dir, files[0])], cwd);
    expect(found).toMatchObject({ code: 2, stdout: '' });
    expect(found.stderr).toMatch(says);
    expect(found.stderr.trimEnd().split('\n')).toHaveLength(1);
    const mended = await command(['index', dir, '--rebuild', '--encoder', at('encoder')], cwd);
    expect(mended, mended.stderr).toMatchObject({ code: 0 });
    expect((await command(['search', out, '--like', join(dir, files[0])], cwd)).code).toBe(0);
  });
});

describe('commands', () => {
  it('index, search, duplicates: from photos to a page', async () => {
    const { dir, out } = await indexed('page');
    const copy = join(dir, 'copy.jpg');
    await sharp(readFileSync(join(dir, files[2])))
      .resize({ width: 150 })
      .jpeg({ quality: 70 })
      .toFile(copy);
    writeFileSync(join(dir, '<script>alert(1)</script>.jpg'.replaceAll('/', '∕')), readFileSync(copy));
    const made = await command(['index', dir], cwd);
    expect(made.stdout).toMatch(/index: page\.index \(\d+ photos, 32 numbers each; 2 embedded, \d+ kept\)/);
    const shown = await command(['search', out, '--like', copy, '-k', '3', '--html', 'found.html'], cwd);
    expect(shown.stdout).toMatch(/^1\.0000 {2}page\/.*\n(\d\.\d{4} {2}.*\n){2}page: found\.html\n$/);
    const page = readFileSync(at('found.html'), 'utf8');
    expect(page.match(/<img src="data:image\/jpeg;base64,/g)).toHaveLength(4);
    expect(page).not.toContain('<script');
    expect(page).toContain("default-src 'none'");
    writeFileSync(at('mine.html'), 'mine');
    expect(await command(['search', out, '--like', copy, '--html', 'mine.html'], cwd)).toMatchObject({ code: 2 });
    const answer = await command(
      ['search', out, '--like', copy, '--k', '2', '--json', '--within', join(dir, 'a0')],
      cwd,
    );
    const { matches, photos } = JSON.parse(answer.stdout);
    expect(photos).toBe(files.length + 2);
    expect(matches).toHaveLength(1);
    expect(matches[0]).toMatchObject({ rank: 1, file: 'a0/deep/er/and/deeper/x y.jpg', score: expect.any(Number) });
    const groups = JSON.parse((await command(['duplicates', out, '--json', '--html', 'd.html'], cwd)).stdout).groups;
    const group = groups.find((g: { file: string }[]) => g.some((d) => d.file === 'copy.jpg'));
    expect(group.map((d: { file: string }) => d.file)).toContain(files[2]);
    expect(group.filter((d: { identical: boolean }) => d.identical).length).toBeGreaterThan(0);
    expect(readFileSync(at('d.html'), 'utf8')).toContain('same content');
  });

  it('search by words paints them, and gives the same each time', async () => {
    const { out } = await indexed('words');
    const [a, b] = [
      await command(['search', out, '--text', 'desk lamp', '--images', '8', '--json', '--html', 'lamps.html'], cwd),
      await command(['search', out, '--text', 'desk lamp', '--images', '8', '--json'], cwd),
    ];
    expect(a.stderr).toBe('');
    expect(JSON.parse(a.stdout)).toMatchObject({ query: { text: 'desk lamp' }, photos: files.length });
    expect(a.stdout).toBe(b.stdout);
    expect(readFileSync(at('lamps.html'), 'utf8')).toMatch(/“desk lamp”[\s\S]*Painted for these words, 8 of 8 images/);
    const other = await command(['search', out, '--text', 'red tulip', '--images', '8', '--json'], cwd);
    expect(JSON.parse(other.stdout).matches[0].score).not.toBe(JSON.parse(a.stdout).matches[0].score);
  });

  it.each([
    [['search', 'x.index'], /needs --like FILE or --text WORDS/],
    [['search', 'x.index', '--like', 'a.jpg', '-k', '0'], /--k 0: expected an integer/],
    [['search', 'x.index', '--text', ' '], /no words in it/],
    [['search', 'nowhere', '--like', 'a.jpg'], /no such index: nowhere/],
    [['index', 'nowhere', '--encoder', 'encoder'], /nowhere: no such folder of photos/],
    [['index', 'photos'], /a new index needs an encoder/],
    [['index', 'photos', '--encoder', 'none'], /no such encoder: none/],
    [['duplicates', 'nowhere', '--threshold', '2'], /--threshold 2: expected/],
  ])('%j ends in one line', async (args, says) => {
    const { code, stderr } = await command(args, cwd);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('two at a time: the second one is refused', async () => {
    const { dir } = await indexed('held');
    const out = `${dir}.index`;
    const { FolderLock } = await import('../src/run/lock.js');
    const lock = await FolderLock.take(out);
    const refused = await synclr(['index', dir], cwd);
    lock.releaseSync();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/is in use by process/);
  });
});
