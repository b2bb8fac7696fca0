import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { randomPair, SMALL } from '../../test/small-step.js';
import { UserError } from '../errors.js';
import { toHalf } from '../formats/half.js';
import { type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import { resampledPositions } from '../model/backbone.js';
import { Rng } from '../rng.js';
import { synclrParameters } from './learners/synclr.js';
import { initialWeights } from './weights.js';

const seed = testSeed('weights.test.ts');
const specs = synclrParameters(SMALL);
const { student } = randomPair(SMALL, Rng.of(seed, 'weights'));
const backbone = specs.filter((s) => s.name.startsWith('backbone.'));
const NORM = 'blocks.1.norm2.bias';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'weights-'));
});
afterAll(() => rm(dir, { recursive: true }));

type Tensors = Map<string, SafeTensor>;
const asF32 = (x: Float32Array): SafeTensor['data'] => x as Float32Array<ArrayBuffer>;

/** A backbone under timm's names. */
async function written(
  name: string,
  dtype: SafeTensor['dtype'] = 'F32',
  data: (x: Float32Array) => SafeTensor['data'] = asF32,
  change: (t: Tensors) => void = () => {},
): Promise<string> {
  const tensors: Tensors = new Map(
    backbone.map((s) => [
      s.name.replace('backbone.', ''),
      { dtype, shape: [...s.shape], data: data(student.get(s.name)!) },
    ]),
  );
  change(tensors);
  const file = join(dir, `${name}.safetensors`);
  await writeSafetensors(file, tensors);
  return file;
}

test('halves are widened to just the numbers they are, doubles rounded', async () => {
  const bits = (x: Float32Array) => new Uint32Array(x.slice().buffer);
  const files = {
    F32: await written('f32'),
    F16: await written('f16', 'F16', (x) => toHalf(x) as Uint16Array<ArrayBuffer>),
    BF16: await written('bf16', 'BF16', (x) => Uint16Array.from(bits(x), (b) => b >>> 16)),
    F64: await written('f64', 'F64', (x) => Float64Array.from(x)),
  };
  const error = { F32: 0, F16: 2 ** -11, BF16: 2 ** -7, F64: 0 };
  for (const [dtype, file] of Object.entries(files)) {
    const found = await initialWeights(file, specs);
    expect([...found.keys()]).toEqual(backbone.map((s) => s.name));
    for (const [name, x] of found) {
      const exact = student.get(name)!;
      x.forEach((v, i) => {
        expect(Math.abs(v - exact[i])).toBeLessThanOrEqual(
          Math.abs(exact[i]) * error[dtype as keyof typeof error] + 1e-7,
        );
      });
    }
  }
});

test('positions of another grid are resampled, as the encoder’s own are', async () => {
  const name = 'backbone.pos_embed';
  const [, tokens, dim] = specs.find((s) => s.name === name)!.shape;
  const side = Math.sqrt(tokens - 1);
  const other = Float32Array.from({ length: (1 + (side + 2) ** 2) * dim }, (_, i) => Math.sin(i / 9));
  const file = await written('positions', 'F32', asF32, (t) => {
    t.set('pos_embed', { dtype: 'F32', shape: [1, 1 + (side + 2) ** 2, dim], data: other });
  });
  expect((await initialWeights(file, specs)).get(name)).toEqual(resampledPositions(other, dim, side + 2, side));
  const notSquare = await written('oblong', 'F32', asF32, (t) => {
    t.set('pos_embed', { dtype: 'F32', shape: [1, 7, dim], data: new Float32Array(7 * dim) });
  });
  await expect(initialWeights(notSquare, specs)).rejects.toThrow(/pos_embed is \[1,7,\d+\] F32, the settings ask for/);
});

test('what the model has no place for does not matter, whatever its type', async () => {
  const file = await written('more', 'F32', asF32, (t) => {
    t.set('head.weight', { dtype: 'F32', shape: [2, 24], data: new Float32Array(48).fill(Number.NaN) });
    t.set('ema.num_updates', { dtype: 'I64', shape: [], data: new BigInt64Array(1) });
    t.set('scale', { dtype: 'F8_E5M2', shape: [5], data: new Uint8Array(5) });
    t.set('blocks.0.attn.relative_position_index', { dtype: 'I64', shape: [2], data: new BigInt64Array(2) });
    // A head that would fit, were it one of numbers.
    t.set('proj.mlp.0.weight', { dtype: 'I32', shape: [20, 24], data: new Int32Array(480) });
  });
  expect((await initialWeights(file, specs)).size).toBe(backbone.length);
});

test('what it needs but cannot take is named', async () => {
  const put =
    (tensor: SafeTensor, name = NORM) =>
    (t: Tensors) =>
      void t.set(name, tensor);
  const cases: [string, (t: Tensors) => void, string][] = [
    [
      '8-bit',
      put({ dtype: 'F8_E4M3', shape: [24], data: new Uint8Array(24) }),
      `cannot start from these weights: ${NORM} is F8_E4M3, which is not supported: save them as F32, F16 or BF16`,
    ],
    [
      'integers',
      put({ dtype: 'I32', shape: [24], data: new Int32Array(24) }),
      `${NORM} is I32, which is not supported`,
    ],
    [
      'nan',
      put({ dtype: 'F32', shape: [24], data: new Float32Array(24).fill(Number.NaN, 3) }),
      `${NORM} holds NaN (number 3 of 24)`,
    ],
    [
      'half infinity',
      put({ dtype: 'F16', shape: [24], data: new Uint16Array(24).fill(0x7c00) }),
      `${NORM} holds Infinity (number 0 of 24)`,
    ],
    [
      'wider',
      put({ dtype: 'F32', shape: [48], data: new Float32Array(48) }),
      `${NORM} is [48] F32, the settings ask for [24]`,
    ],
    ['missing', (t) => void t.delete(NORM), `${NORM} is missing, the settings ask for [24] F32`],
    [
      'deeper',
      put({ dtype: 'F32', shape: [24], data: new Float32Array(24) }, 'blocks.2.norm2.bias'),
      'cannot start from these weights: they have blocks.2, the settings ask for 2 blocks',
    ],
  ];
  for (const [name, change, message] of cases) {
    const file = await written(name, 'F32', asF32, change);
    const error = await initialWeights(file, specs).catch((e: Error) => e);
    expect(error, name).toBeInstanceOf(UserError);
    expect((error as Error).message, name).toContain(`${file}: `);
    expect((error as Error).message, name).toContain(message);
  }
});
