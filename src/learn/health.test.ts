import { expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { interpret, ops } from '../graph/index.js';
import { Rng } from '../rng.js';
import { collapseOf, featureHealth, similarityHealth, targetHealth } from './health.js';
import { targetFigures } from './losses/targets.js';
import { pairHealth } from './text-side.js';

const rng = Rng.of(testSeed('health.test.ts'), 'health');
const [rows, dim] = [120, 16];
const filled = (f: (row: number, i: number) => number) =>
  Float32Array.from({ length: rows * dim }, (_, at) => f(Math.floor(at / dim), at % dim));

test('isotropic features have spread near 1 and nearly full rank', () => {
  const h = featureHealth(
    filled(() => rng.normal()),
    dim,
  );
  expect(h.feature_std).toBeGreaterThan(0.95);
  expect(h.feature_std).toBeLessThan(1.05);
  expect(h.feature_rank).toBeGreaterThan(13);
  expect(h.feature_rank).toBeLessThanOrEqual(dim);
  expect(collapseOf(h)).toBeUndefined();
});

test('the same feature everywhere, and features along one line, are named as collapses', () => {
  const same = featureHealth(
    filled((_, i) => i + 1),
    dim,
  );
  expect(same.feature_std).toBeLessThan(1e-6);
  expect(collapseOf(same)).toContain('hardly differ');
  const line = filled((r, i) => (i === 0 ? 1 : i === 1 ? r / rows : 0));
  expect(featureHealth(line, dim).feature_rank).toBeLessThan(1.2);
  expect(collapseOf(featureHealth(line, dim))).toBeDefined();
});

test('the rank of k equally strong directions is k', () => {
  // ±e_i for four axes: the covariance has four equal eigenvalues.
  const h = featureHealth(
    filled((r, i) => (i === r % 4 ? (r % 8 < 4 ? 1 : -1) : 0)),
    dim,
  );
  expect(h.feature_rank).toBeCloseTo(4, 6);
});

test('similarity is the mean cosine within and across captions', () => {
  const p = Float32Array.of(2, 0, 1, 1, 0, 3, 0, -1);
  const h = similarityHealth(p, 2, Int32Array.of(0, 0, 1, 1));
  expect(h.positive_similarity).toBeCloseTo((Math.SQRT1_2 + -1) / 2, 6);
  expect(h.negative_similarity).toBeCloseTo((0 + 0 + Math.SQRT1_2 - Math.SQRT1_2) / 4, 6);
});

test('targets: one prototype for all, one each, uniform', () => {
  const k = 4;
  const judged = (values: Float32Array) => {
    const { entropy, mean } = targetFigures(ops.input('targets', [8, k]));
    const figures = interpret({ entropy, mean }, { targets: values });
    return targetHealth(figures.entropy[0], Float32Array.from(figures.mean));
  };
  const one = Float32Array.from({ length: 8 * k }, (_, i) => (i % k === 0 ? 1 : 0));
  expect(judged(one)).toEqual({ teacher_entropy: -0, prototype_use: 1 / k });
  const each = judged(Float32Array.from({ length: 8 * k }, (_, i) => (i % k === Math.floor(i / k) % k ? 1 : 0)));
  expect(each.teacher_entropy).toBeCloseTo(0, 12);
  expect(each.prototype_use).toBeCloseTo(1, 12);
  const uniform = judged(new Float32Array(8 * k).fill(1 / k));
  expect(uniform.teacher_entropy).toBeCloseTo(1, 12);
  expect(collapseOf({ feature_std: 1, feature_rank: 9, ...uniform })).toContain('uniform');
});

test('images are compared with their captions and with those of others', () => {
  const texts = Float32Array.of(1, 0, 0, 1);
  const images = Float32Array.of(2, 0, 0, 3, 1, 1);
  const { positive_similarity: own, negative_similarity: other } = pairHealth(images, texts, 2, Int32Array.of(0, 1, 1));
  expect(own).toBeCloseTo((1 + 1 + Math.SQRT1_2) / 3, 12);
  expect(other).toBeCloseTo(Math.SQRT1_2 / 3, 12);
});
