import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MICRO } from '../../test/micro.js';
import { relativeDifference } from '../../test/numbers.js';
import { writeEncoder, writeImages } from '../../test/tiny-encoder.js';
import { resolveSettings } from '../config/resolve.js';
import { UserError } from '../errors.js';
import { type Embedder, openEmbedder } from './embedder.js';

let dir: string;
let embedder: Embedder;
const encoder = () => join(dir, 'encoder');

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'embedder-'));
  await writeEncoder(encoder(), resolveSettings({ flags: MICRO }));
  await writeImages(join(dir, 'images'), { train: 0, test: 30 });
  mkdirSync(join(dir, 'other'));
  embedder = await openEmbedder({ encoder: encoder() });
}, 60_000);
afterAll(async () => {
  await embedder?.close();
  rmSync(dir, { recursive: true });
});

const paths = () =>
  ['red', 'green', 'blue'].flatMap((c) =>
    Array.from({ length: 30 }, (_, i) => join(dir, 'images/test', c, `${i}.jpg`)),
  );

test('files keep their order, broken ones are named, and every file is reported', async () => {
  const broken = join(dir, 'other', 'broken.jpg');
  writeFileSync(broken, 'no picture');
  const given = paths();
  given.splice(17, 0, broken);
  const seen: number[] = [];
  const index: number[] = [];
  const skipped: string[] = [];
  const features: number[] = [];
  for await (const b of embedder.files(given, { onProgress: (done) => seen.push(done) })) {
    expect(b.features).toHaveLength(b.index.length * embedder.dim);
    index.push(...b.index);
    features.push(...b.features);
    skipped.push(...b.skipped.map((s) => s.file));
  }
  expect(index).toEqual(Array.from({ length: 91 }, (_, i) => i).filter((i) => i !== 17));
  expect(skipped).toEqual([broken]);
  expect(seen).toEqual(Array.from({ length: 91 }, (_, i) => i + 1));
  // Whatever batch an image came in, it has the features that it has alone.
  for (const at of [0, 7, 40, 89]) {
    const alone = await embedder.image(given[index[at]]);
    const row = Float32Array.from(features.slice(at * embedder.dim, (at + 1) * embedder.dim));
    expect(relativeDifference(alone, row)).toBeLessThan(1e-5);
  }
});

test('one image is a path, its bytes or its pixels, and has length 1 when asked for', async () => {
  const [path] = paths();
  const feature = await embedder.image(path);
  expect(await embedder.image(readFileSync(path))).toEqual(feature);
  const { data, info } = await sharp(readFileSync(path)).raw().toBuffer({ resolveWithObject: true });
  expect(await embedder.image({ width: info.width, height: info.height, data })).toEqual(feature);
  const unit = await embedder.image(path, { normalise: true });
  expect(Math.hypot(...unit)).toBeCloseTo(1, 6);
  expect(
    relativeDifference(
      unit,
      feature.map((v) => v / Math.hypot(...feature)),
    ),
  ).toBeLessThan(1e-6);
});

test('what is no image is the user’s to mend', async () => {
  await expect(embedder.image(join(dir, 'nowhere.jpg'))).rejects.toThrow(/nowhere\.jpg: no such file$/);
  await expect(embedder.image(Buffer.from('text'))).rejects.toThrow(UserError);
  const short = { width: 4, height: 4, data: new Uint8Array(47) };
  await expect(embedder.image(short)).rejects.toThrow('the image: 47 bytes are not 4 × 4 RGB pixels');
});

test('another size, or another preprocessing, is another hash', async () => {
  await using again = await openEmbedder({ encoder: encoder() });
  expect(again.hash).toBe(embedder.hash);
  await using larger = await openEmbedder({ encoder: encoder(), size: 2 * embedder.preprocessing.size });
  expect(larger.preprocessing.size).toBe(2 * embedder.preprocessing.size);
  expect(larger.hash).not.toBe(embedder.hash);
  const config = join(encoder(), 'config.json');
  const before = readFileSync(config, 'utf8');
  try {
    const { synclr, ...rest } = JSON.parse(before);
    writeFileSync(config, JSON.stringify({ ...rest, synclr: { ...synclr, mean: [0.1, 0.2, 0.3] } }));
    await using brighter = await openEmbedder({ encoder: encoder() });
    expect(brighter.hash).not.toBe(embedder.hash);
  } finally {
    writeFileSync(config, before);
  }
});
