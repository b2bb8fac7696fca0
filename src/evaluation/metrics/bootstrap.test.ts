import { describe, expect, it } from 'vitest';
import { testSeed } from '../../../test/numbers.js';
import { Rng } from '../../rng.js';
import type { PerImage } from '../protocol.js';
import { differenceOf, intervalOf, percentiles, statisticOf } from './bootstrap.js';

const seed = testSeed('bootstrap.test.ts');
const rng = Rng.of(seed, 'bootstrap test');
const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i);
const once = (n: number) => new Uint8Array(n).fill(1);
const coin = (n: number, p: number): PerImage => ({
  of: 'mean',
  values: Float32Array.from({ length: n }, () => (rng.chance(p) ? 1 : 0)),
  index: all(n),
});

describe('bootstrap', () => {
  it(`gives a share the interval that its standard error says (seed ${seed})`, () => {
    const n = 800;
    const share = coin(n, 0.7);
    const mean = statisticOf(share)(once(n));
    const half = 1.96 * Math.sqrt((mean * (1 - mean)) / n);
    const [low, high] = intervalOf(share, { seed, draws: 2000 });
    expect(Math.abs(low - (mean - half))).toBeLessThan(0.15 * half);
    expect(Math.abs(high - (mean + half))).toBeLessThan(0.15 * half);
    expect(intervalOf(share, { seed, draws: 2000 })).toEqual([low, high]);
    const [lower, higher] = intervalOf(share, { seed, draws: 2000, level: 0.5 });
    expect(higher - lower).toBeLessThan(0.5 * (high - low));
  });

  it('compares on the pictures that both have, and is sure only where they differ', () => {
    const n = 400;
    const a = coin(n, 0.6) as Extract<PerImage, { of: 'mean' }>;
    expect(differenceOf(a, a, { seed })).toEqual({ difference: 0, interval: [0, 0], p: 1, pictures: n });
    // The same rows in another order, one picture missing, 60 answers turned right.
    const order = Rng.of(seed, 'order').shuffle(all(n)).subarray(1);
    let turned = 0;
    const values = Float32Array.from(order, (i) => (a.values[i] === 1 ? 1 : turned++ < 60 ? 1 : 0));
    const better = differenceOf({ of: 'mean', values, index: order }, a, { seed });
    expect(better.pictures).toBe(n - 1);
    expect(better.difference).toBeCloseTo(60 / (n - 1), 6);
    expect(better.interval[0]).toBeGreaterThan(0.1);
    expect(better.p).toBeLessThan(0.005);
    // One answer of 400 proves nothing.
    const once = { ...a, values: a.values.slice() };
    once.values[once.values.indexOf(0)] = 1;
    expect(differenceOf(once, a, { seed }).p).toBeGreaterThan(0.5);
  });

  it('draws pictures, not classes: means per class, areas and average precisions', () => {
    const perClass: PerImage = {
      of: 'mean per class',
      values: Float32Array.of(1, 0, 1, 1, 1),
      labels: Int32Array.of(0, 0, 0, 2, 2),
      index: all(5),
    };
    // Class 1 has no picture: it is no part of the mean.
    expect(statisticOf(perClass)(once(5))).toBeCloseTo((2 / 3 + 1) / 2, 12);
    expect(statisticOf(perClass)([1, 1, 0, 0, 0])).toBe(0.5);
    const areas: PerImage = {
      of: 'mIoU',
      classes: 3,
      // Two pictures; the third class is nowhere.
      areas: Float64Array.of(4, 8, 6, 1, 2, 4, 0, 0, 0, 2, 2, 4, 0, 4, 2, 0, 0, 0),
      index: all(2),
    };
    expect(statisticOf(areas)([1, 1])).toBeCloseTo((6 / (10 + 10 - 6) + 1 / (6 + 6 - 1)) / 2, 12);
    expect(statisticOf(areas)([0, 2])).toBeCloseTo((2 / 4 + 0) / 2, 12);
    const ap: PerImage = {
      of: 'mAP',
      classes: 2,
      scores: Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4),
      present: Int8Array.of(1, -1, -1, -1, 1, -1, -1, -1),
      index: all(4),
    };
    // A class that no picture shows has no precision.
    const sure = statisticOf(ap)(once(4));
    expect(sure).toBeCloseTo((6 * 1 + 5 * (2 / 3)) / 11, 12);
    expect(statisticOf(ap)([2, 1, 0, 1])).toBeCloseTo(1, 12);
    expect(statisticOf(ap, { ap: 'area' })(once(4))).toBeCloseTo((1 + 2 / 3) / 2, 12);
    for (const p of [perClass, areas, ap]) {
      const [low, high] = intervalOf(p, { seed, draws: 200 });
      expect(low).toBeLessThanOrEqual(statisticOf(p)(once(p.index.length)));
      expect(high).toBeGreaterThanOrEqual(low);
    }
  });

  it('interpolates between order statistics, and leaves out what is no number', () => {
    expect(percentiles([4, 1, 3, 2, Number.NaN], 0.5)).toEqual([1.75, 3.25]);
  });
});
