import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hooks, options, sums } from '../../test/small-corpus.js';
import { TINY, writeDiffusion } from '../../test/tiny-diffusion.js';
import { SeenCaptions } from '../captions/duplicates.js';
import { sha256 } from '../files/digest.js';
import { CaptionShards } from './captions.js';
import { captionsCost, writeCaptions } from './captions-stage.js';
import { openCorpus } from './corpus.js';
import { imagesCost, writeImages } from './images-stage.js';

let base: string;
/** A finished corpus that no test changes. */
let whole: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'stages-'));
  whole = join(base, 'whole');
  await writeCaptions(options(whole));
  await writeImages(options(whole, { 'runtime.workers': 1 }));
}, 120_000);
afterAll(() => rm(base, { recursive: true }));

const both = async (dir: string, changes: Record<string, unknown> = {}) => {
  await writeCaptions(options(dir, changes));
  await writeImages(options(dir, changes));
};
const captionsOf = (dir: string) => sums(join(dir, 'captions'));
const imagesOf = (dir: string) => sums(join(dir, 'images'));

test('a painter that paints nothing is refused before it begins, and when it ceases to paint', async () => {
  const dir = join(base, 'blank');
  const model = join(base, 'black');
  await writeDiffusion(model, {
    family: 'sd',
    seed: 3,
    sizes: TINY,
    // Overflows, as decoders in half precision do.
    configs: { vae_decoder: { scaling_factor: 1e-44 } },
  });
  await writeCaptions(options(dir));
  const blank = options(dir, {
    'images.painter': 'diffusion',
    'images.model': model,
    'images.size': 16,
    'images.steps': 1,
    'images.repaint': 1,
  });
  await expect(imagesCost(blank)).rejects.toThrow(
    /^painter diffusion paints nothing but blank images \(all images of 3 captions, painted 2 times each\)/,
  );
  expect(existsSync(join(dir, 'images'))).toBe(false);
  await expect(writeImages(blank)).rejects.toThrow(/blank images \(all images of 16 captions/);
});

describe('what is written', () => {
  test('captions: one record a line, numbered through', async () => {
    expect(Object.keys(captionsOf(whole))).toEqual(
      [0, 1, 2, 3, 4].map((k) => `captions-00000${k}.jsonl`).concat('manifest.json'),
    );
    const shards = await CaptionShards.open(join(whole, 'captions'));
    const records = await shards.range(0, 100);
    expect(records.map((r) => r.id)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    for (const r of records) {
      expect(r.caption.length).toBeGreaterThan(5);
      expect(r).toMatchObject({ writer: 'embedded', concept: expect.any(String), template: expect.any(String) });
    }
    expect(await shards.range(6, 3)).toEqual(records.slice(6, 9));
    const ids = [13, 2, 29, 14, 3, 13];
    const atOnce = await Promise.all(ids.map((id) => shards.range(id, 1)));
    expect(atOnce.flat()).toEqual(ids.map((id) => records[id]));
  });

  test('images: tar unpacks them, sample by sample', async () => {
    const dir = join(whole, 'images');
    const names = execFileSync('tar', ['tf', join(dir, 'images-000007.tar')], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(names).toEqual(
      ['000000028', '000000029'].flatMap((key) => ['0.jpg', '1.jpg', 'txt', 'json'].map((end) => `${key}.${end}`)),
    );
    const get = (name: string) => execFileSync('tar', ['xOf', join(dir, 'images-000007.tar'), name]);
    const [record] = await (await CaptionShards.open(join(whole, 'captions'))).range(29, 1);
    expect(JSON.parse(get('000000029.json').toString())).toEqual({
      ...record,
      painter: 'embedded',
      size: 32,
      seed: 0,
      noise: [
        [0, 29, 0],
        [0, 29, 1],
      ],
    });
    expect(get('000000029.txt').toString()).toBe(record.caption);
    expect(get('000000029.0.jpg').subarray(0, 2).toString('hex')).toBe('ffd8');
    expect(get('000000029.0.jpg').equals(get('000000029.1.jpg'))).toBe(false);
  });

  test('the same bytes with three threads as with one', async () => {
    const dir = join(base, 'three');
    await both(dir, { 'runtime.workers': 3 });
    expect(captionsOf(dir)).toEqual(captionsOf(whole));
    expect(imagesOf(dir)).toEqual(imagesOf(whole));
  });

  test('another seed gives other captions and images', async () => {
    const dir = join(base, 'seed');
    await both(dir, { seed: 1, 'captions.count': 12 });
    expect(Object.values(imagesOf(dir)).some((s) => Object.values(imagesOf(whole)).includes(s))).toBe(false);
  });

  test('progress counts up to the total', async () => {
    const h = hooks();
    await writeCaptions(options(join(base, 'progress'), {}, h));
    await writeImages(options(join(base, 'progress'), {}, h));
    for (const [stage, total, unit] of [
      ['captions', 30, 'captions'],
      ['images', 60, 'images'],
    ] as const) {
      const heard = h.heard.filter((p) => p.stage === stage);
      expect(heard[0].done).toBe(0);
      expect(heard.at(-1)).toMatchObject({ done: total, total, unit });
      expect(heard.every((p, i) => i === 0 || p.done > heard[i - 1].done)).toBe(true);
    }
  });
});

describe('a finished stage', () => {
  test('returns at once and writes nothing', async () => {
    const times = () =>
      ['captions/manifest.json', 'images/manifest.json', 'images/images-000000.tar'].map(
        (f) => statSync(join(whole, f)).mtimeMs,
      );
    const before = times();
    const h = hooks();
    expect(await writeCaptions(options(whole, {}, h))).toEqual({ captions: 30 });
    expect(await writeImages(options(whole, {}, h))).toEqual({ images: 60 });
    expect(times()).toEqual(before);
    expect(h.heard).toMatchObject([{ done: 30 }, { done: 60 }]);
  });

  test('grows with captions.count as if all had been asked for at once', async () => {
    const dir = join(base, 'grown');
    await both(dir, { 'captions.count': 13 });
    await both(dir, { 'captions.count': 30 });
    expect(captionsOf(dir)).toEqual(captionsOf(whole));
    expect(imagesOf(dir)).toEqual(imagesOf(whole));
    await expect(writeCaptions(options(dir, { 'captions.count': 29 }))).rejects.toThrow(
      /grown holds a run with other settings: captions\.count \(30 there, 29 now\)/,
    );
  });

  test('goes on with the memory of captions that an earlier process wrote down, where it fits', async () => {
    const small = { 'captions.seenMb': 1 };
    const once = join(base, 'once');
    await writeCaptions(options(once, small));
    const shards = await CaptionShards.open(join(once, 'captions'));
    const records = await shards.range(0, 30);
    const key = sha256(JSON.stringify(shards.manifest.settings));
    /** Grows from 14 captions with a memory of these, said to be of the first `after`. */
    const grown = async (name: string, seen: readonly number[], after: number) => {
      const dir = join(base, name);
      await writeCaptions(options(dir, { ...small, 'captions.count': 14 }));
      const memory = new SeenCaptions(1);
      for (const i of seen) memory.add(records[i].caption, records[i].concept);
      await memory.save(join(dir, 'captions', 'seen-captions.bin'), { after, key });
      await writeCaptions(options(dir, small));
      const made = await CaptionShards.open(join(dir, 'captions'));
      return (await made.range(0, 30)).map((r) => r.caption);
    };
    const captions = records.map((r) => r.caption);
    const first = (n: number) => Array.from({ length: n }, (_, i) => i);
    expect(await grown('memory of nine', first(9), 9)).toEqual(captions);
    // One that knows a caption of the future is of no use, and one that lies is believed.
    expect(await grown('memory of twenty', first(20), 20)).toEqual(captions);
    const misled = await grown('memory that lies', [...first(13), 20], 14);
    expect(misled.slice(0, 20)).toEqual(captions.slice(0, 20));
    expect(misled[20]).not.toBe(captions[20]);
  });

  test('says what a file of backgrounds did, and where the memory of captions is small', async () => {
    const file = join(base, 'backgrounds.json');
    const concepts = join(base, 'animals.txt');
    await writeFile(file, '{"fox": ["snow"], "newt": []}');
    await writeFile(concepts, 'fox\nnewt\nowl\n');
    const h = hooks();
    const own = {
      'concepts.source': concepts,
      'concepts.backgrounds': file,
      'concepts.heldOut': 0,
      'probe.heldOutClasses': 0,
    };
    await writeCaptions(options(join(base, 'told'), own, h));
    expect(h.notes).toEqual([`backgrounds of 1 concept from ${file}; ignored: 1 empty list`]);
    expect(h.warnings).toEqual([]);
    await captionsCost(options(join(base, 'large'), { 'captions.count': 8_000_000, 'captions.seenMb': 1 }, h));
    expect(h.warnings).toEqual([
      expect.stringMatching(/^captions\.seenMb 1 is a small memory for 8000000 .* it to 10$/),
    ]);
  });

  test('is refused with other settings', async () => {
    await expect(writeCaptions(options(whole, { seed: 5 }))).rejects.toThrow(
      /whole holds a run with other settings: seed \(0 there, 5 now\); .*--out/,
    );
    await expect(writeImages(options(whole, { 'images.quality': 50 }))).rejects.toThrow(
      /images\.quality \(92 there, 50 now\)/,
    );
    // The manifests say so too, of folders without config.json.
    await expect(captionsCost(options(whole, { seed: 5 }))).rejects.toThrow(
      /captions made with other settings: seed \(0 there, 5 now\)/,
    );
    await expect(imagesCost(options(whole, { 'images.size': 64 }))).rejects.toThrow(
      /images\.size \(32 there, 64 now\)/,
    );
    // Speed is no part of it, and neither is training.
    await both(whole, { 'runtime.workers': 1, 'train.steps': 50, 'views.localCount': 1 });
  });

  test('is refused when a concept file has changed under the same name', async () => {
    const file = join(base, 'things.txt');
    const dir = join(base, 'things');
    await writeFile(file, 'hammer\npliers\nscrewdriver\nspanner\n');
    await writeCaptions(options(dir, { 'concepts.source': file }));
    await appendFile(file, 'wrench\n');
    await expect(writeCaptions(options(dir, { 'concepts.source': file }))).rejects.toThrow(
      /the concepts of concepts\.source .*things\.txt themselves/,
    );
  });
});

describe('interruption', () => {
  /** Stops a stage once so many units are done. */
  async function stopAfter(
    done: number,
    stage: typeof writeImages | typeof writeCaptions,
    dir: string,
    workers: number,
  ): Promise<void> {
    const controller = new AbortController();
    const h = hooks(controller.signal, (p) => p.done >= done && controller.abort());
    await expect(stage(options(dir, { 'runtime.workers': workers }, h))).rejects.toMatchObject({ name: 'Interrupted' });
  }

  test.each([1, 3])(
    '%i threads: a stopped stage leaves whole shards only, and continues to the same bytes',
    async (workers) => {
      const dir = join(base, `stopped-${workers}`);
      await stopAfter(0, writeCaptions, dir, workers);
      expect(existsSync(join(dir, 'captions'))).toBe(false);
      await stopAfter(10, writeCaptions, dir, workers);
      expect(Object.keys(captionsOf(dir))).toEqual(['captions-000000.jsonl', 'captions-000001.jsonl', 'manifest.json']);
      await writeCaptions(options(dir));
      await stopAfter(0, writeImages, dir, workers);
      await stopAfter(22, writeImages, dir, workers);
      expect((await readdir(join(dir, 'images'))).every((n) => /^(images-\d{6}\.tar|manifest\.json)$/.test(n))).toBe(
        true,
      );
      await expect(openCorpus(join(dir, 'images'))).rejects.toThrow(
        /only \d+ of 30 captions have their images; finish them first/,
      );
      await writeImages(options(dir, { 'runtime.workers': workers }));
      expect(captionsOf(dir)).toEqual(captionsOf(whole));
      expect(imagesOf(dir)).toEqual(imagesOf(whole));
    },
  );

  test('a signal given beforehand stops before anything is made', async () => {
    const dir = join(base, 'never');
    const aborted = AbortSignal.abort();
    await expect(writeCaptions(options(dir, {}, hooks(aborted)))).rejects.toMatchObject({ name: 'Interrupted' });
    expect(existsSync(join(dir, 'captions'))).toBe(false);
  });
});

describe('damage', () => {
  test('a corrupt shard is named; deleted, it is made again as it was', async () => {
    const dir = join(base, 'damaged');
    await both(dir);
    const file = join(dir, 'images', 'images-000003.tar');
    const bytes = await readFile(file);
    const flipped = Buffer.from(bytes);
    flipped[700] ^= 1;
    await writeFile(file, flipped);
    await expect(writeImages(options(dir))).rejects.toThrow(
      /corrupt shard .*images-000003\.tar: its checksum is sha256 [0-9a-f]{64}, expected [0-9a-f]{64}; delete it/,
    );
    const corpus = await openCorpus(join(dir, 'images'));
    await expect(corpus.verify()).rejects.toThrow(/corrupt shard .*images-000003\.tar/);
    await corpus.close();
    await rm(file);
    await expect(openCorpus(join(dir, 'images'))).rejects.toThrow(/images-000003\.tar is missing/);
    await writeImages(options(dir));
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(imagesOf(dir)).toEqual(imagesOf(whole));
  });

  test('images are not painted from captions that were changed', async () => {
    const dir = join(base, 'changed');
    await writeCaptions(options(dir));
    const file = join(dir, 'captions', 'captions-000001.jsonl');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"caption":"', '"caption":"a '));
    await expect(writeImages(options(dir))).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/corrupt shard .*captions-000001\.jsonl/),
    });
    // What could be painted stays; nothing half-done does.
    expect((await readdir(join(dir, 'images')).catch(() => [])).filter((n) => n.startsWith('.'))).toEqual([]);
  });

  test('no captions, unfinished captions: one line each, nothing left behind', async () => {
    const dir = join(base, 'none');
    await expect(writeImages(options(dir))).rejects.toThrow(
      /none.captions: no captions here; write them first: synclr captions/,
    );
    const controller = new AbortController();
    const h = hooks(controller.signal, (p) => p.done >= 7 && controller.abort());
    await writeCaptions(options(dir, {}, h)).catch(() => {});
    await expect(writeImages(options(dir))).rejects.toThrow(/only \d+ of 30 captions are written; finish them first/);
    expect(existsSync(join(dir, 'images'))).toBe(false);
  });
});

describe('cost', () => {
  test('is measured, and writes nothing', async () => {
    const dir = join(base, 'cost');
    const captions = await captionsCost(options(dir));
    const images = await imagesCost(options(dir, { 'runtime.workers': 2 }));
    expect(existsSync(dir)).toBe(false);
    expect(captions.basis).toMatch(/^\d+ captions written in [\d.]+ m?s$/);
    expect(images.basis).toMatch(/^\d+ images painted in [\d.]+ m?s, 2 threads$/);
    for (const c of [captions, images]) for (const v of [c.seconds, c.memoryMb, c.diskMb]) expect(v).toBeGreaterThan(0);
    const onDisk = (
      await Promise.all((await readdir(join(whole, 'images'))).map((n) => statSync(join(whole, 'images', n)).size))
    ).reduce((a, b) => a + b, 0);
    expect(images.diskMb).toBeGreaterThan((0.8 * onDisk) / 2 ** 20);
    expect(images.diskMb).toBeLessThan((1.3 * onDisk) / 2 ** 20);
  });

  test('of a finished stage is nothing, of a begun one what is left', async () => {
    expect(await captionsCost(options(whole))).toMatchObject({ seconds: 0, diskMb: 0 });
    expect(await imagesCost(options(whole))).toMatchObject({ seconds: 0, diskMb: 0 });
    const all = await captionsCost(options(join(base, 'no'), { 'captions.count': 300 }));
    const rest = await captionsCost(options(whole, { 'captions.count': 60 }));
    expect(rest.diskMb).toBeLessThan(all.diskMb / 5);
  });

  test('counts what was deleted, and is measured without it', async () => {
    const dir = join(base, 'cost of deleted');
    await both(dir);
    await rm(join(dir, 'captions/captions-000000.jsonl'));
    await rm(join(dir, 'images/images-000001.tar'));
    const captions = await captionsCost(options(dir));
    const images = await imagesCost(options(dir));
    expect(captions.basis).toMatch(/^\d+ captions written/);
    expect(images).toMatchObject({ images: 8 });
    await both(dir);
    expect([captionsOf(dir), imagesOf(dir)]).toEqual([captionsOf(whole), imagesOf(whole)]);
  });
});
