import { describe, expect, it } from 'vitest';
import { Rng } from '../rng.js';
import { pairedDifference, shareInterval, signOf, wilson } from './intervals.js';

/** n answers of which the first are right. */
const answers = (right: number, n: number) => Uint8Array.from({ length: n }, (_, i) => (i < right ? 1 : 0));

describe('Wilson’s interval', () => {
  // Roots of (p − q)² = z² q (1 − q) / n in 40 digits; 81 of 263 is the example of Newcombe 1998.
  it.each([
    [10, 50, 0.1124375, 0.3303711],
    [0, 20, 0, 0.1611252],
    [20, 20, 0.8388748, 1],
    [441, 1000, 0.4105106, 0.4719409],
    [81, 263, 0.2552885, 0.3662096],
  ])('%i of %i', (right, n, low, high) => {
    const found = wilson(right / n, n);
    expect(found[0]).toBeCloseTo(low, 6);
    expect(found[1]).toBeCloseTo(high, 6);
    expect(shareInterval(answers(right, n))).toEqual(found);
  });
});

describe('images of one caption', () => {
  it('that are always right or wrong together count as one', () => {
    const m = 400;
    const right = Uint8Array.from({ length: 2 * m }, (_, i) => (Math.floor(i / 2) % 5 === 0 ? 1 : 0));
    const clusters = Int32Array.from({ length: 2 * m }, (_, i) => Math.floor(i / 2));
    const [low, high] = shareInterval(right, clusters);
    const [expectedLow, expectedHigh] = wilson(0.2, m);
    expect(low).toBeCloseTo(expectedLow, 3);
    expect(high).toBeCloseTo(expectedHigh, 3);
    expect(high - low).toBeGreaterThan(1.3 * (wilson(0.2, 2 * m)[1] - wilson(0.2, 2 * m)[0]));
  });

  it('that have nothing to do with each other count as many', () => {
    const rng = Rng.of(3, 'intervals');
    const right = Uint8Array.from({ length: 4000 }, () => (rng.chance(0.3) ? 1 : 0));
    const clusters = Int32Array.from({ length: 4000 }, (_, i) => i >> 1);
    const [low, high] = shareInterval(right, clusters);
    const [l, h] = shareInterval(right);
    expect(high - low).toBeGreaterThanOrEqual(h - l);
    expect(high - low).toBeLessThan(1.1 * (h - l));
  });

  it('all right, are as few as their captions', () => {
    const clusters = Int32Array.from({ length: 40 }, (_, i) => i >> 1);
    expect(shareInterval(answers(40, 40), clusters)[0]).toBeCloseTo(wilson(1, 20)[0], 12);
  });

  it('cover the truth as often as they say', () => {
    const rng = Rng.of(4, 'coverage');
    let covered = 0;
    const runs = 600;
    for (let r = 0; r < runs; r++) {
      // Of every caption both images are right with its own probability: 0.4 on the whole.
      const right = Uint8Array.from({ length: 200 }, () => 0);
      const clusters = Int32Array.from({ length: 200 }, (_, i) => i >> 1);
      for (let c = 0; c < 100; c++) {
        const p = rng.chance(0.4) ? 0.9 : 0.4 / 6;
        for (const j of [0, 1]) right[2 * c + j] = rng.chance(p) ? 1 : 0;
      }
      const [low, high] = shareInterval(right, clusters);
      if (low <= 0.4 && 0.4 <= high) covered++;
    }
    expect(covered / runs).toBeGreaterThan(0.93);
    expect(covered / runs).toBeLessThan(0.98);
  });
});

describe('a paired difference', () => {
  /** b images that the first alone gets right, c that the second alone does, of n. */
  const pair = (b: number, c: number, n: number) => {
    const first = Uint8Array.from({ length: n }, (_, i) => (i < b || i >= b + c ? 1 : 0));
    const second = Uint8Array.from({ length: n }, (_, i) => (i >= b ? 1 : 0));
    return pairedDifference(first, second);
  };
  // (b + 1, c + 1, n + 2) in Wald's formula, in 40 digits.
  it.each([
    [5, 0, 1000, -0.000176, 0.010156, 0],
    [60, 25, 1000, 0.016814, 0.053046, 1],
    [25, 60, 1000, -0.053046, -0.016814, -1],
    [0, 0, 100, -0.027175, 0.027175, 0],
  ])('of %i against %i of %i', (b, c, n, low, high, sign) => {
    const { difference, interval } = pair(b, c, n);
    expect(difference).toBeCloseTo((b - c) / n, 12);
    expect(interval[0]).toBeCloseTo(low, 5);
    expect(interval[1]).toBeCloseTo(high, 5);
    expect(signOf(interval)).toBe(sign);
  });

  it('of images that come in twos is less sure', () => {
    const first = answers(60, 400);
    const second = answers(30, 400);
    const clusters = Int32Array.from({ length: 400 }, (_, i) => i >> 1);
    const width = ([low, high]: readonly [number, number]) => high - low;
    const alone = width(pairedDifference(first, second).interval);
    expect(width(pairedDifference(first, second, clusters).interval) / alone).toBeCloseTo(Math.SQRT2, 1);
  });
});
