import { describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import type { Labelled } from './labelled.js';
import { type LinearOptions, linearProbe } from './linear.js';
import { accuracy } from './metrics.js';
import { stratifiedSplit } from './split.js';
import { standardised, statistics } from './standardise.js';

const seed = testSeed('linear.test.ts');
const CLASSES = 4;
const DIM = 12;

/** Gaussian classes `distance` apart, on coordinates of very different scale. */
function classes(n: number, distance: number, what: string): Labelled {
  const rng = Rng.of(seed, 'linear test', what);
  const labels = Int32Array.from({ length: n }, (_, i) => i % CLASSES);
  const x = new Float32Array(n * DIM);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < DIM; j++)
      x[i * DIM + j] = 10 ** ((j % 4) - 2) * (rng.normal() + (j % CLASSES === labels[i] ? distance : 0)) + 5;
  return { x, dim: DIM, labels };
}

const options: LinearOptions = {
  classes: CLASSES,
  lrs: [0.0001, 0.01, 0.1],
  epochs: 30,
  batch: 64,
  momentum: 0.9,
  validation: 0.2,
  seed: 0,
};

describe('linear probe', () => {
  it(`is right on separable classes, whatever the scale of their coordinates (seed ${seed})`, async () => {
    const [train, test] = [classes(400, 6, 'train'), classes(200, 6, 'test')];
    const { predictions, validation } = await linearProbe(train, test, options);
    expect(accuracy(predictions, test.labels, CLASSES).top1).toBeGreaterThan(0.985);
    expect(validation.map((v) => v.lr)).toEqual(options.lrs);
  });

  it(`comes close to the best possible on classes that overlap (seed ${seed})`, async () => {
    const [train, test] = [classes(2000, 1, 'train'), classes(4000, 1, 'test')];
    const { predictions } = await linearProbe(train, test, options);
    // With equal isotropic classes the best classifier takes the largest sum of the class's coordinates.
    const best = Int32Array.from({ length: 4000 }, (_, i) => {
      const sums = new Float64Array(CLASSES);
      for (let j = 0; j < DIM; j++) sums[j % CLASSES] += (test.x[i * DIM + j] - 5) / 10 ** ((j % 4) - 2);
      return sums.indexOf(Math.max(...sums));
    });
    const possible = accuracy(best, test.labels, CLASSES).top1;
    const reached = accuracy(predictions, test.labels, CLASSES).top1;
    expect(reached).toBeGreaterThan(possible - 0.03);
  });

  it('chooses the rate without looking at test images or their labels', async () => {
    const train = classes(200, 1, 'train');
    const test = classes(100, 1, 'test');
    const a = await linearProbe(train, test, options);
    const wrong = { ...test, labels: Rng.of(seed, 'permuted').shuffle(test.labels.slice()) };
    const b = await linearProbe(train, wrong, options);
    expect(b).toEqual(a);
    const other = await linearProbe(train, classes(50, 4, 'other'), options);
    expect(other.validation).toEqual(a.validation);
    expect(other.lr).toBe(a.lr);
  });

  it('takes the rate that is best on validation images', async () => {
    // The largest overflows.
    for (const lrs of [
      [0.003, 0.03, 1e300],
      [1e300, 0.03, 0.003],
    ]) {
      const train = classes(2000, 1, 'train');
      const { lr, validation } = await linearProbe(train, classes(8, 1, 'test'), { ...options, lrs });
      const best = Math.max(...validation.map((v) => v.top1));
      expect(validation.map((v) => v.lr)).toEqual(lrs);
      expect(validation.find((v) => v.lr === lr)!.top1).toBe(best);
      expect(validation.find((v) => v.lr === 1e300)!.top1).toBeLessThan(best);
    }
  });

  it('gives the same on any number of threads', async () => {
    const [train, test] = [classes(600, 1, 'train'), classes(100, 1, 'test')];
    const one = await linearProbe(train, test, { ...options, on: cpuExecutors(1) });
    expect(await linearProbe(train, test, { ...options, on: cpuExecutors(3) })).toEqual(one);
  });

  it('sets nothing aside for a single rate, and takes fewer images than a batch', async () => {
    const train = classes(12, 8, 'train');
    const { validation, lr, trainTop1 } = await linearProbe(train, train, { ...options, lrs: [0.1], batch: 1024 });
    expect(validation).toEqual([]);
    expect(lr).toBe(0.1);
    expect(trainTop1).toBe(1);
  });
});

describe('the validation split', () => {
  it('takes the same share of every class, at least one row, never all', () => {
    const labels = Int32Array.from([...Array(50).fill(0), ...Array(3).fill(1), 2]);
    const { fit, held } = stratifiedSplit(labels, 3, 0.2, 7);
    const count = (rows: Int32Array, c: number) => rows.filter((i) => labels[i] === c).length;
    expect([0, 1, 2].map((c) => count(held, c))).toEqual([10, 1, 0]);
    expect([...fit, ...held].sort((a, b) => a - b)).toEqual([...labels.keys()]);
    expect(stratifiedSplit(labels, 3, 0.2, 7).held).toEqual(held);
    expect(stratifiedSplit(labels, 3, 0.2, 8).held).not.toEqual(held);
  });
});

describe('standardising', () => {
  it('gives mean 0 and variance 1, and leaves constant coordinates at 0', () => {
    const x = Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 2 ? 7 : 100 * Math.sin(i)));
    const y = standardised(x, statistics(x, 3));
    for (let j = 0; j < 2; j++) {
      const column = y.filter((_, i) => i % 3 === j);
      expect(column.reduce((s, v) => s + v, 0) / 100).toBeCloseTo(0, 5);
      expect(column.reduce((s, v) => s + v * v, 0) / 100).toBeCloseTo(1, 4);
    }
    expect(y.filter((_, i) => i % 3 === 2).every((v) => v === 0)).toBe(true);
  });
});

describe('accuracy', () => {
  it('counts images, and classes', () => {
    // Class 0: 3 of 4 right; class 1: 0 of 1; class 2 has no test image.
    expect(accuracy([0, 0, 0, 1, 0], [0, 0, 0, 0, 1], 3)).toEqual({ top1: 0.6, meanPerClass: 0.375 });
  });
});
