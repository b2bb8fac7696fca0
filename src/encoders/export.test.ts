import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { MICRO } from '../../test/micro.js';
import { naiveVit } from '../../test/naive-vit.js';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { randomParameters } from '../../test/small-step.js';
import { resolveSettings } from '../config/resolve.js';
import { FILE_LIST } from '../files/replace.js';
import { saveCheckpoint } from '../learn/checkpoint.js';
import { learnerOf } from '../learn/learners/index.js';
import { readBackbone } from '../model/backbone.js';
import { preprocessingOf } from '../model/preprocessing.js';
import { type VitConfig, vitParameters } from '../model/vit.js';
import { normalised } from '../probe/sources.js';
import { Rng } from '../rng.js';
import { forEval } from '../views/eval.js';
import { encoderOnnx, exportEncoder } from './export.js';
import { openEncoder } from './open-encoder.js';

const seed = testSeed('export.test.ts');

test('the model of a fixed size takes any batch, equals a plain ViT, and has operators of the standard only', async () => {
  const rng = Rng.of(seed, 'export');
  const vit: VitConfig = { dim: 16, depth: 2, heads: 2, patch: 4, imageSize: 12, mlpRatio: 4 };
  const parameters = randomParameters(vitParameters(vit), rng);
  const preprocessing = preprocessingOf(12, [0, 0, 0], [1, 1, 1]);
  const bytes = encoderOnnx({ vit, parameters, preprocessing, origin: 'test' }, { fixed: true });
  expect(Buffer.from(bytes).includes('com.microsoft')).toBe(false);
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled', intraOpNumThreads: 1 });
  try {
    expect(session.inputNames).toEqual(['pixel_values']);
    for (const batch of [1, 3]) {
      const size = 3 * 12 * 12;
      const pixels = Float32Array.from({ length: batch * size }, () => rng.normal());
      const { last_hidden_state: y } = await session.run({ pixel_values: new Tensor(pixels, [batch, 3, 12, 12]) });
      expect(y.dims).toEqual([batch, 10, 16]);
      const expected = Array.from({ length: batch }, (_, b) =>
        naiveVit(vit, (name) => parameters.get(name)!, pixels.subarray(b * size, (b + 1) * size), 12),
      );
      expect(relativeDifference(y.data as Float32Array, expected.flat(2))).toBeLessThan(1e-5);
    }
  } finally {
    await session.release();
  }
});

test.each([
  { crop: 'shortest', kernel: 'bicubic', resize: 20 },
  { crop: 'shortest', kernel: 'bilinear' },
  { crop: 'squash', kernel: 'bilinear', resize: 18 },
  { crop: 'squash', kernel: 'bilinear', resize: 19, middle: 'even' },
  { crop: 'shortest', kernel: 'bicubic', resize: 21, middle: 'even' },
  { crop: 'squash', kernel: 'bicubic' },
  { crop: 'centre', kernel: 'bilinear' },
] as const)('pictures are cut in the exported model as elsewhere: %o', async (look) => {
  const rng = Rng.of(seed, 'looks', look.crop, look.kernel);
  const vit: VitConfig = { dim: 16, depth: 1, heads: 2, patch: 4, imageSize: 16, mlpRatio: 2 };
  const parameters = randomParameters(vitParameters(vit), rng);
  const b = { vit, parameters, preprocessing: { ...preprocessingOf(16, [0, 0, 0], [1, 1, 1]), ...look }, origin: '' };
  const [any, fixed] = await Promise.all(
    [encoderOnnx(b), encoderOnnx(b, { fixed: true })].map((m) => InferenceSession.create(m, { intraOpNumThreads: 1 })),
  );
  try {
    for (const [width, height] of [
      [50, 41],
      [16, 16],
      [7, 30],
      [201, 40],
    ]) {
      const data = Uint8Array.from({ length: 3 * width * height }, () => rng.int(256));
      const planes = Float32Array.from(
        data,
        (_, i) => data[(i % (width * height)) * 3 + Math.floor(i / (width * height))] / 255,
      );
      const run = async (s: InferenceSession, x: Float32Array, dims: number[]) =>
        (await s.run({ pixel_values: new Tensor('float32', x, dims) })).last_hidden_state.data as Float32Array;
      const got = await run(any, planes, [1, 3, height, width]);
      const expected = await run(fixed, forEval({ width, height, data }, b.preprocessing), [1, 3, 16, 16]);
      expect(relativeDifference(got, expected), `${width} × ${height}`).toBeLessThan(1e-4);
    }
  } finally {
    await Promise.all([any.release(), fixed.release()]);
  }
});

test('the exported model takes pictures of any size, grey or coloured, with alpha or without, as forEval sees them', async () => {
  const rng = Rng.of(seed, 'pictures');
  const vit: VitConfig = { dim: 16, depth: 2, heads: 2, patch: 4, imageSize: 12, mlpRatio: 4 };
  const parameters = randomParameters(vitParameters(vit), rng);
  const [mean, std] = [
    [0.4, 0.5, 0.6],
    [0.2, 0.3, 0.25],
  ] as [[number, number, number], [number, number, number]];
  const b = { vit, parameters, preprocessing: preprocessingOf(16, mean, std), origin: 'test' };
  const bytes = encoderOnnx(b);
  expect(Buffer.from(bytes).includes('com.microsoft')).toBe(false);
  const [any, fixed] = [bytes, encoderOnnx(b, { fixed: true })].map((m) =>
    InferenceSession.create(m, { intraOpNumThreads: 1 }),
  );
  const of = async (session: Promise<InferenceSession>, x: Float32Array, dims: number[]) =>
    (await (await session).run({ pixel_values: new Tensor('float32', x, dims) })).last_hidden_state;
  try {
    for (const [width, height] of [
      [50, 40],
      [41, 56],
      [16, 16],
      [7, 5],
      [1, 1],
      [3, 200],
      [300, 17],
    ]) {
      const plane = width * height;
      const rgb = Uint8Array.from({ length: 3 * plane }, () => rng.int(256));
      const alpha = Uint8Array.from({ length: plane }, () => [0, 128, 255][rng.int(3)]);
      const onWhite = rgb.map((v, i) => Math.round(255 + ((v - 255) * alpha[Math.floor(i / 3)]) / 255));
      const grey = rgb.map((_, i) => rgb[i - (i % 3)]);
      const planes = (x: Uint8Array, channels: number, extra?: Uint8Array) => {
        const out = new Float32Array((channels + (extra ? 1 : 0)) * plane);
        for (let i = 0; i < plane; i++) {
          for (let c = 0; c < channels; c++) out[c * plane + i] = x[i * 3 + c] / 255;
          if (extra) out[channels * plane + i] = extra[i] / 255;
        }
        return out;
      };
      const cases: [Float32Array, number, Uint8Array][] = [
        [planes(grey, 1), 1, grey],
        [planes(grey, 1, new Uint8Array(plane).fill(255)), 2, grey],
        [planes(rgb, 3), 3, rgb],
        [planes(rgb, 3, alpha), 4, onWhite],
      ];
      for (const [pixels, channels, seen] of cases) {
        const got = await of(any, pixels, [1, channels, height, width]);
        expect(got.dims).toEqual([1, 17, 16]);
        const expected = normalised(forEval({ width, height, data: seen }, 16), 16, mean, std);
        const { data } = await of(fixed, expected, [1, 3, 16, 16]);
        // Alpha was laid on white in whole numbers.
        const bound = channels === 4 ? 2e-2 : 1e-4;
        const difference = relativeDifference(got.data as Float32Array, data as Float32Array);
        expect(difference, `${channels} channels of ${width} × ${height}`).toBeLessThan(bound);
      }
    }
    const two = Float32Array.from({ length: 2 * 3 * 20 * 30 }, () => rng.uniform());
    const both = await of(any, two, [2, 3, 20, 30]);
    const second = await of(any, two.slice(3 * 20 * 30), [1, 3, 20, 30]);
    expect(relativeDifference((both.data as Float32Array).slice(17 * 16), second.data as Float32Array)).toBeLessThan(
      1e-5,
    );
  } finally {
    for (const session of [any, fixed]) await (await session).release();
  }
});

test('an encoder that is measured at another side than it was trained at is exported for that one, and is the same encoder', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'export-'));
  try {
    const checkpoint = await checkpointOf(dir, { ...MICRO, 'probe.size': 24 });
    const out = await exportEncoder({ checkpoint, out: join(dir, 'encoder'), fixed: true });
    expect((await readdir(join(out, 'onnx'))).sort()).toEqual(['model.onnx', 'model_fixed.onnx']);
    const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
    expect(config).toMatchObject({ image_size: 24, synclr: { preprocessing: { size: 24, crop: 'centre' } } });
    const [a, b] = [await openEncoder({ checkpoint }), await openEncoder({ checkpoint: out })];
    try {
      expect([a.size, b.size]).toEqual([24, 24]);
      expect(b.hash).toBe(a.hash);
    } finally {
      await Promise.all([a.close(), b.close()]);
    }
    await rm(join(out, FILE_LIST));
    await exportEncoder({ checkpoint, out });
    expect(await readdir(join(out, 'onnx'))).toEqual(['model.onnx']);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('an export of the first versions still opens, at the side it was trained at, and is replaced', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'export-'));
  try {
    const checkpoint = await checkpointOf(dir, MICRO);
    const out = join(dir, 'encoder');
    await writeFirstExport(out, checkpoint);
    expect((await readBackbone(out, 'teacher')).preprocessing).toEqual(
      (await readBackbone(checkpoint, 'teacher')).preprocessing,
    );
    await exportEncoder({ checkpoint, out });
    expect(await readdir(out)).toContain(FILE_LIST);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('an export that lost its list is known by its content, and only as long as nobody changed it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'export-'));
  try {
    const checkpoint = await checkpointOf(dir, MICRO);
    const out = await exportEncoder({ checkpoint, out: join(dir, 'encoder') });
    await rm(join(out, FILE_LIST));
    await exportEncoder({ checkpoint, out });
    expect(await readdir(out)).toContain(FILE_LIST);
    await rm(join(out, FILE_LIST));
    await writeFile(join(out, 'config.json'), `${await readFile(join(out, 'config.json'), 'utf8')}\n`);
    await expect(exportEncoder({ checkpoint, out })).rejects.toThrow('is not an encoder that synclr exported');
    expect(await readdir(out)).not.toContain(FILE_LIST);
  } finally {
    await rm(dir, { recursive: true });
  }
});

async function checkpointOf(dir: string, flags: Record<string, unknown>): Promise<string> {
  const settings = resolveSettings({ flags });
  const specs = learnerOf(settings).parameters;
  const student = randomParameters(specs, Rng.of(seed, 'student'));
  const moments = new Map([...student].map(([name, x]) => [name, { m: x, v: x }]));
  const state = { step: 3, student, teacher: student, moments, centres: new Map() };
  return saveCheckpoint(dir, state, specs, JSON.stringify(settings));
}

/** As the first versions wrote it: without a list, and with a model that leaves resizing to whoever calls it. */
async function writeFirstExport(out: string, checkpoint: string): Promise<void> {
  await exportEncoder({ checkpoint, out, fixed: true });
  await rename(join(out, 'onnx/model_fixed.onnx'), join(out, 'onnx/model.onnx'));
  for (const name of [FILE_LIST, 'README.md']) await rm(join(out, name));
  const { mean, std, size } = (await readBackbone(out, 'teacher')).preprocessing;
  const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
  delete config.synclr.preprocessing;
  delete config.synclr.training;
  await writeFile(join(out, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  const preprocessor = {
    image_processor_type: 'ViTImageProcessor',
    feature_extractor_type: 'ViTFeatureExtractor',
    do_resize: true,
    size: { shortest_edge: size },
    resample: 3,
    do_center_crop: true,
    crop_size: { height: size, width: size },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
  };
  await writeFile(join(out, 'preprocessor_config.json'), `${JSON.stringify(preprocessor, null, 2)}\n`);
}
