import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportEncoder } from '../src/encoders/export.js';
import { openForeign } from '../src/encoders/open.js';
import { openBackbone } from '../src/encoders/open-backbone.js';
import { imageFeatures, textFeatures } from '../src/encoders/run.js';
import { casesIn, nameOfCase, weightsOf } from '../src/encoders/verify.js';
import { UserError } from '../src/errors.js';
import { FILE_LIST } from '../src/files/replace.js';
import { atSize, type Backbone, fingerprint } from '../src/model/backbone.js';
import { preprocessingOf } from '../src/model/preprocessing.js';
import { type VitConfig, vitParameters } from '../src/model/vit.js';
import { Rng } from '../src/rng.js';
import type { Executors } from '../src/runtime/executor.js';
import { openExecutors } from '../src/runtime/open-executors.js';
import { relativeDifference, testSeed } from './numbers.js';
import { randomParameters } from './small-step.js';

/** Encoders of every kind, exported in our own form and read again: the same encoder. */

const seed = testSeed('readback.test.ts');
let dir: string;
let on: Executors;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'readback-'));
  on = await openExecutors({ provider: 'cpu', threads: 1 });
});
afterAll(async () => {
  await on.close();
  await rm(dir, { recursive: true });
});

const SIZES = { dim: 24, depth: 2, heads: 3, patch: 4, imageSize: 20, mlpRatio: 2.5 } as const;

const OWN: [string, Partial<VitConfig>][] = [
  [
    'registers, layer scale, SwiGLU of no whole width',
    { registers: 3, layerScale: true, activation: 'swiglu', mlpRatio: 2.7 },
  ],
  ['another gate', { activation: 'swiglu', gate: 'gelu_tanh' }],
  ['no CLS, attention pooling', { cls: false, pool: 'attention', poolMlpRatio: 3, activation: 'gelu_tanh' }],
  ['a distillation token, norm before', { dist: true, prefixPositions: 2, normBefore: true, eps: 1e-12 }],
  ['the mean and its norm', { pool: 'mean', poolNorm: true, norm: false, resampling: 'antialias' }],
  ['rotary positions beside registers', { positions: false, rotary: { base: 37 }, registers: 1, heads: 2 }],
  ['rotary positions on stored ones', { rotary: { base: 1e4 }, heads: 2, dist: true, resampling: 'plain' }],
  ['relative positions, shared', { positions: false, relative: 'shared' }],
  ['relative positions of both kinds', { relative: 'both', layerScale: true }],
  ['no positions', { positions: false }],
  ['a side that the patch does not divide', { imageSize: 22, cls: false }],
  ['positions that are no square', { grid: [3, 7], imageSize: 28, prefixPositions: 0 }],
];

/** Exported and read again, from the folder and from its weights' file; the export is told from anybody else's folder. */
async function again(
  b: Backbone,
  out: string,
  { checkpoint = join(dir, 'x'), isOften = true } = {},
): Promise<Backbone> {
  await exportEncoder({ checkpoint, backbone: b, out });
  const back = await openBackbone(out);
  expect(fingerprint(back)).toBe(fingerprint(atSize(b, b.preprocessing.size)));
  expect(fingerprint(await openBackbone(join(out, 'model.safetensors')))).toBe(fingerprint(back));
  expect(back.preprocessing).toEqual(b.preprocessing);
  if (!isOften) return back;
  await rm(join(out, FILE_LIST));
  // Refused for a folder that is none of its own writing.
  await exportEncoder({ checkpoint, backbone: b, out });
  return back;
}

/** Features of two pictures of some sides. */
async function features(b: Backbone, sides: readonly number[]): Promise<Float32Array> {
  const shape = [2, 3, ...sides];
  const rng = Rng.of(seed, 'pixels');
  const pixels = Float32Array.from({ length: shape.reduce((n, s) => n * s) }, () => rng.normal());
  const { pooled, patches } = await imageFeatures(b, pixels, shape, on);
  return Float32Array.from([...pooled, ...patches]);
}

test.each(OWN)('of ours: %s', async (name, options) => {
  const c: VitConfig = { ...SIZES, ...options };
  const b: Backbone = {
    ...{ vit: c, parameters: randomParameters(vitParameters(c), Rng.of(seed, name)), origin: name },
    preprocessing: preprocessingOf(c.imageSize, [0.4, 0.5, 0.6], [0.2, 0.3, 0.25]),
  };
  const back = await again(b, join(dir, name));
  const side = c.imageSize;
  for (const sides of c.grid
    ? [[side, side]]
    : [
        [side, side],
        [16, 24],
      ])
    expect(relativeDifference(await features(back, sides), await features(atSize(b, side), sides))).toBeLessThan(1e-5);
});

const root = fileURLToPath(new URL('..', import.meta.url));
const recorded = join(root, process.env.SYNCLR_INTERCHANGE ?? '../shared/reference/interchange');
const isHere = existsSync(join(recorded, 'README.md'));
if (!isHere)
  console.log(`no encoders of other libraries at ${recorded} (SYNCLR_INTERCHANGE): not exported and read back`);
const cases: { name: string; file: string; path: string }[] = [];
for (const folder of isHere ? await casesIn(recorded) : [])
  if (existsSync(join(folder, 'expected.safetensors')))
    for (const file of (await weightsOf(folder)).slice(0, 1))
      cases.push({ name: nameOfCase(folder), file, path: join(folder, file) });

describe.skipIf(!isHere)('of others', () => {
  test.each(cases)('$name: $file', async ({ name, file, path }) => {
    // A number that divides the width does for what is not compared with anybody else's features.
    const { backbone } = await openForeign(path).catch((e: unknown) => {
      if (!(e instanceof UserError) || !/--encoder-heads/.test(e.message)) throw e;
      return openForeign(path, { heads: 2 });
    });
    const back = await again(backbone, join(dir, `${name}-${file}`), {
      checkpoint: path,
      isOften: backbone.text !== undefined,
    });
    const { size } = backbone.preprocessing;
    const sides = [size, size];
    expect(relativeDifference(await features(back, sides), await features(backbone, sides))).toBeLessThan(1e-5);
    expect(back.projection).toEqual(backbone.text && backbone.projection);
    expect(back.text?.config).toEqual(backbone.text?.config);
    if (!backbone.text) return;
    const { context, vocabulary } = backbone.text.config;
    const ids = BigInt64Array.from({ length: 2 * context }, (_, i) => BigInt((7 * i) % vocabulary));
    expect(await textFeatures(back.text!, ids, on)).toEqual(await textFeatures(backbone.text, ids, on));
  });
});
