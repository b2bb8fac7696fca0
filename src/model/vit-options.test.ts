import { describe, expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { randomParameters } from '../../test/small-step.js';
import { ops, type RowOrder, type Tensor } from '../graph/index.js';
import { interpret } from '../graph/interpret.js';
import { Rng } from '../rng.js';
import { atSize } from './backbone.js';
import { positionResampling, relativeIndex, relativeResampling, rotaryAngles } from './position.js';
import { preprocessingOf } from './preprocessing.js';
import { type VitConfig, vit, vitParameters } from './vit.js';

const seed = testSeed('vit-options.test.ts');
const SIZES = { dim: 24, depth: 2, heads: 3, patch: 4, imageSize: 16, mlpRatio: 2 };

/** Each option once, most of them together with others. */
const FORMS: [string, Partial<VitConfig>][] = [
  ['registers, layer scale, SwiGLU', { registers: 2, layerScale: true, activation: 'swiglu', resampling: 'antialias' }],
  [
    'distillation, norm before, quick GELU',
    { dist: true, prefixPositions: 2, normBefore: true, activation: 'quick_gelu' },
  ],
  ['no CLS, attention pooling, tanh', { cls: false, pool: 'attention', activation: 'gelu_tanh', poolMlpRatio: 3 }],
  ['mean and its norm', { pool: 'mean', poolNorm: true, norm: false, eps: 1e-5 }],
  ['rotary positions', { positions: false, rotary: { base: 100 }, registers: 1 }],
  ['relative positions', { positions: false, relative: 'both' }],
  ['positions without CLS, not square', { prefixPositions: 0, grid: [2, 5], resampling: 'plain' }],
];

/** Outputs of an encoder by their names, as [batch][rows][dim]. */
function run(c: VitConfig, order: RowOrder, [height, width]: readonly [number, number]) {
  const rng = Rng.of(seed, 'run');
  const batch = 2;
  const parameters = randomParameters(vitParameters(c), rng);
  const nodes = new Map(vitParameters(c).map((s) => [s.name, ops.input(s.name, s.shape)]));
  const images = Float32Array.from({ length: batch * 3 * height * width }, () => rng.normal());
  const input = ops.input('images', [batch, 3, height, width]);
  const { blocks: _, ...graph } = vit(c, (name) => nodes.get(name)!, input, { order });
  const found = interpret(graph as Record<string, Tensor>, { ...Object.fromEntries(parameters), images });
  return Object.fromEntries(
    Object.entries(found).map(([name, x]) => {
      const rows = x.length / c.dim / batch;
      const at = (b: number, t: number) => (order === 'token' ? t * batch + b : b * rows + t) * c.dim;
      const sample = (b: number) => Array.from({ length: rows }, (_, t) => [...x.subarray(at(b, t), at(b, t) + c.dim)]);
      return [name, [sample(0), sample(1)]];
    }),
  );
}

describe.each(FORMS)('%s', (_, form) => {
  const c: VitConfig = { ...SIZES, ...form };

  test.each([
    [16, 16],
    [12, 24],
  ] as const)('are the same in both orders of rows, on %i × %i px', (...sides) => {
    const [token, sample] = [run(c, 'token', sides), run(c, 'sample', sides)];
    for (const name of Object.keys(token))
      expect(relativeDifference(token[name].flat(2), sample[name].flat(2)), name).toBeLessThan(1e-12);
    const { tokens, patches, cls, pooled, registers, dist } = token;
    const parts = [...(c.cls === false ? [] : cls[0]), ...(dist?.[0] ?? []), ...(registers?.[0] ?? []), ...patches[0]];
    expect(tokens[0]).toEqual(parts);
    if (!c.pool && c.cls !== false) expect(pooled).toEqual(cls);
    if (c.cls === false) expect(cls).toEqual(pooled);
  });

  test('stored for another side, it gives the same there', () => {
    const parameters = randomParameters(vitParameters(c), Rng.of(seed, 'stored'));
    const b = { vit: c, parameters, preprocessing: preprocessingOf(16, [0, 0, 0], [1, 1, 1]), origin: '' };
    const sized = atSize(b, 24);
    const images = Float32Array.from({ length: 3 * 24 * 24 }, (_, i) => Math.sin(i));
    const of = (x: typeof b) => {
      const nodes = new Map(vitParameters(x.vit).map((s) => [s.name, ops.input(s.name, s.shape)]));
      const { pooled } = vit(x.vit, (name) => nodes.get(name)!, ops.input('images', [1, 3, 24, 24]));
      return interpret({ pooled }, { ...Object.fromEntries(x.parameters), images }).pooled;
    };
    expect(relativeDifference(of(sized), of(b))).toBeLessThan(1e-5);
  });
});

test('sides that the patch does not divide lose what is over', () => {
  const c: VitConfig = { ...SIZES, imageSize: 18 };
  expect(run(c, 'token', [18, 19]).patches[0]).toHaveLength(16);
});

test.each(['offset', 'plain', 'antialias'] as const)('positions resampled (%s) keep what is even', (how) => {
  for (const [from, to] of [
    [
      [4, 4],
      [7, 3],
    ],
    [
      [2, 5],
      [2, 5],
    ],
    [
      [6, 6],
      [2, 9],
    ],
  ] as const) {
    const weights = positionResampling(from, to, how);
    const count = from[0] * from[1];
    for (let i = 0; i < weights.length; i += count)
      expect(weights.subarray(i, i + count).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  }
  const same = positionResampling(3, 3, how);
  if (how !== 'offset') for (let i = 0; i < 81; i++) expect(same[i]).toBeCloseTo(i % 10 === 0 ? 1 : 0, 6);
});

test('relative positions have a row for every difference, and three for CLS', () => {
  const index = relativeIndex([2, 3]);
  const tokens = 7;
  const at = (q: number, k: number) => Number(index[q * tokens + k]);
  const table = 3 * 5;
  expect([at(0, 1), at(1, 0), at(0, 0)]).toEqual([table, table + 1, table + 2]);
  // The middle of the table is no difference; one to the right and one to the left lie beside it.
  expect([at(4, 4), at(2, 1), at(1, 2), at(4, 1)]).toEqual([7, 8, 6, 12]);
  expect(relativeResampling([2, 2], [2, 2]).filter((w) => w > 0.999)).toHaveLength(9);
});

test('rotary angles are opposite at opposite ends, and 0 in the middle', () => {
  const { cos, sin } = rotaryAngles([3, 3], 8, 100);
  for (let i = 0; i < 8; i++) {
    expect([cos[4 * 8 + i], sin[4 * 8 + i]]).toEqual([1, 0]);
    expect(sin[i]).toBeCloseTo(-sin[8 * 8 + i], 6);
  }
});
