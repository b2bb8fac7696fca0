import { expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { averagingMatrix, bilinearMatrix, gradients, interpret, ops, type Tensor } from './index.js';

const seed = testSeed('image-ops.test.ts');

/** Rows of a matrix [to, from]. */
const rows = (matrix: Float32Array, from: number) =>
  Array.from({ length: matrix.length / from }, (_, i) => [...matrix.subarray(i * from, (i + 1) * from)]);

const computed = (y: Tensor, feeds: Record<string, ArrayLike<number>>) => [...interpret({ y }, feeds).y];

test('resizing lies between neighbours, and at the edge on it', () => {
  expect(rows(bilinearMatrix(2, 4), 2)).toEqual([
    [1, 0],
    [0.75, 0.25],
    [0.25, 0.75],
    [0, 1],
  ]);
  expect(rows(bilinearMatrix(4, 2), 4)).toEqual([
    [0.5, 0.5, 0, 0],
    [0, 0, 0.5, 0.5],
  ]);
  expect(rows(bilinearMatrix(3, 5, true), 3)).toEqual([
    [1, 0, 0],
    [0.5, 0.5, 0],
    [0, 1, 0],
    [0, 0.5, 0.5],
    [0, 0, 1],
  ]);
  // One place alone is everywhere, and what is left of many is their middle (or, by corners, the first).
  expect(rows(bilinearMatrix(1, 3), 1)).toEqual([[1], [1], [1]]);
  expect(rows(bilinearMatrix(5, 1), 5)).toEqual([[0, 0, 1, 0, 0]]);
  expect(rows(bilinearMatrix(5, 1, true), 5)).toEqual([[1, 0, 0, 0, 0]]);
});

test('every row of a matrix along an axis is a mean', () => {
  for (let from = 1; from < 14; from++)
    for (let to = 1; to < 14; to++)
      for (const matrix of [bilinearMatrix(from, to), bilinearMatrix(from, to, true), averagingMatrix(from, to)])
        for (const row of rows(matrix, from)) {
          expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
          expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
        }
});

test('adaptive pooling overlaps where parts are no whole numbers', () => {
  expect(rows(averagingMatrix(5, 2), 5).map((r) => r.map((x) => (x > 0 ? 1 : 0)))).toEqual([
    [1, 1, 1, 0, 0],
    [0, 0, 1, 1, 1],
  ]);
  const x = ops.input('x', [1, 1, 2, 4]);
  expect(computed(ops.adaptiveAvgPool2d(x, [1, 2]), { x: [1, 2, 3, 4, 5, 6, 7, 8] })).toEqual([3.5, 5.5]);
});

test('the gradient of the largest goes to the first of equals in each window', () => {
  const x = ops.input('x', [1, 1, 2, 4]);
  const y = ops.maxPool2d(x, 2);
  const [dx] = gradients(ops.sum(ops.mul(y, ops.input('w', y.shape)), [0, 1, 2, 3]), [x]);
  expect(computed(dx!, { x: [0, 7, 2, 2, 7, 7, 2, 2], w: [3, 5] })).toEqual([0, 3, 5, 0, 0, 0, 0, 0]);
});

test('what no whole window covers is left out, and no edge is the largest', () => {
  const x = ops.input('x', [1, 1, 3, 3]);
  const feeds = { x: [-1, -2, -3, -4, -5, -6, -7, -8, -9] };
  expect(computed(ops.maxPool2d(x, 2), feeds)).toEqual([-1]);
  expect(computed(ops.maxPool2d(x, 3, { stride: 2, padding: 1 }), feeds)).toEqual([-1, -2, -4, -5]);
});

test('a transposed convolution is the adjoint of the convolution', () => {
  const rng = Rng.of(seed, 'adjoint');
  const random = (n: number) => Float64Array.from({ length: n }, () => rng.normal());
  const o = { stride: [2, 3], padding: [1, 2], dilation: [2, 1], groups: 2 } as const;
  const [x, w] = [ops.input('x', [2, 4, 9, 10]), ops.input('w', [6, 2, 3, 2])];
  const y = ops.conv2d(x, w, undefined, o);
  const dy = ops.input('dy', y.shape);
  // Of the sizes that are brought to y's, x's is so much beyond the smallest.
  const least = (i: number) =>
    (y.shape[2 + i] - 1) * o.stride[i] - 2 * o.padding[i] + o.dilation[i] * (w.shape[2 + i] - 1) + 1;
  const outputPadding = [9 - least(0), 10 - least(1)] as const;
  const back = ops.convTranspose2d(dy, w, undefined, { ...o, outputPadding });
  expect(back.shape).toEqual(x.shape);
  const dot = (a: Tensor, b: Tensor) => ops.sum(ops.mul(a, b), [0, 1, 2, 3], false);
  const feeds = { x: random(x.size), w: random(w.size), dy: random(dy.size) };
  const { left, right } = interpret({ left: dot(y, dy), right: dot(x, back) }, feeds);
  expect(right[0]).toBeCloseTo(left[0], 9);
});

test('in evaluation a map is normalised as in training, if the running statistics are those of the batch', () => {
  const rng = Rng.of(seed, 'norm');
  const x = ops.input('x', [3, 2, 2, 2]);
  const [w, b] = [ops.input('w', [2]), ops.input('b', [2])];
  const y = ops.batchNorm2d(x, w, b, 1e-3);
  const { mean, variance } = ops.batchStatistics(y);
  // The running variance is unbiased: 12 values a channel.
  const biased = ops.scale(variance, 11 / 12);
  const z = ops.batchNormEvaluation(x, { mean, variance: biased }, w, b, 1e-3);
  const feeds = { x: Array.from({ length: 24 }, () => rng.range(3, 5)), w: [2, -1], b: [0.5, 3] };
  const found = interpret({ y, z, mean }, feeds);
  found.y.forEach((value, i) => {
    expect(found.z[i]).toBeCloseTo(value, 9);
  });
  const firsts = feeds.x.filter((_, i) => Math.floor(i / 4) % 2 === 0);
  expect(found.mean[0]).toBeCloseTo(firsts.reduce((s, a) => s + a, 0) / 12, 9);
});

test('what does not fit is an error when the graph is built', () => {
  const x = ops.input('x', [1, 4, 5, 5]);
  expect(() => ops.conv2d(x, ops.input('w', [2, 3, 3, 3]))).toThrow('weight [2,3,3,3] in 1 groups for [1,4,5,5]');
  expect(() => ops.conv2d(x, ops.input('w', [3, 2, 3, 3]), undefined, { groups: 2 })).toThrow('in 2 groups');
  expect(() => ops.conv2d(x, ops.input('w', [2, 4, 7, 7]))).toThrow('smaller than the window');
  expect(() => ops.conv2d(x, ops.input('w', [2, 4, 1, 1]), ops.input('b', [3]))).toThrow('bias [3]');
  expect(() => ops.maxPool2d(x, 2, { padding: 2 })).toThrow('padding 2,2');
  expect(() => ops.alongAxis(x, ops.input('m', [2, 4]), 2)).toThrow('[2,4] on axis 2 of [1,4,5,5]');
  const one = ops.batchNorm2d(ops.input('one', [1, 4, 1, 1]), undefined, undefined, 1e-5);
  expect(() => ops.batchStatistics(one)).toThrow('batchStatistics');
});
