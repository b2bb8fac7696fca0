import { describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { countWorkers } from '../../test/workers.js';
import { Rng } from '../rng.js';
import { knnClassify, nearest, vote } from './knn.js';

const seed = testSeed('knn.test.ts');
const rng = Rng.of(seed, 'knn test');
const noise = (n: number) => Float32Array.from({ length: n }, () => rng.normal());

/** The definition, in float64 and without blocks. */
function naive(bank: Float32Array, queries: Float32Array, dim: number, k: number) {
  const unit = (x: Float32Array, r: number) => {
    const row = Array.from(x.subarray(r * dim, (r + 1) * dim));
    const norm = Math.sqrt(row.reduce((s, v) => s + v * v, 0));
    return row.map((v) => v / norm);
  };
  const rows = Array.from({ length: bank.length / dim }, (_, r) => unit(bank, r));
  return Array.from({ length: queries.length / dim }, (_, q) => {
    const x = unit(queries, q);
    return rows
      .map((row, i) => ({ i, s: row.reduce((s, v, j) => s + v * x[j], 0) }))
      .sort((a, b) => b.s - a.s || a.i - b.i)
      .slice(0, k);
  });
}

describe('nearest', () => {
  // More rows than a block of either side, and no multiple of it.
  it(`finds what the float64 definition finds (seed ${seed})`, async () => {
    const [m, n, dim, k] = [8192 + 301, 513, 5, 7];
    const bank = noise(m * dim);
    const queries = noise(n * dim);
    const found = await nearest(bank, queries, dim, k);
    // Every eighth query, and the last ones, which lie in a block of their own.
    const checked = Array.from({ length: n }, (_, q) => q).filter((q) => q % 8 === 0);
    const rows = Float32Array.from(checked.flatMap((q) => [...queries.subarray(q * dim, (q + 1) * dim)]));
    const expected = naive(bank, rows, dim, k);
    let swapped = 0;
    checked.forEach((q, i) => {
      for (let j = 0; j < k; j++) {
        expect(Math.abs(found.similarity[q * k + j] - expected[i][j].s)).toBeLessThan(1e-6);
        if (found.index[q * k + j] !== expected[i][j].i) swapped++;
      }
    });
    // Only neighbours whose cosines agree to float32's rounding may change places.
    expect(swapped).toBeLessThan(0.01 * checked.length * k);
  });

  it('takes no more neighbours than there are, the lower row of two alike first, and a vector of zeros', async () => {
    const bank = new Float32Array([1, 0, 0, 1, 2, 0]);
    const found = await nearest(bank, new Float32Array([1, 0, 0, 0]), 2, 20);
    expect(found.k).toBe(3);
    expect([...found.index.subarray(0, 3)]).toEqual([0, 2, 1]);
    expect([...found.similarity.subarray(3)]).toEqual([0, 0, 0]);
  });
});

describe('nearest, of nothing and when asked to stop', () => {
  it('has no neighbours of no queries, and none in an empty bank', async () => {
    const two = Float32Array.of(1, 0);
    expect(await nearest(two, new Float32Array(), 2, 1)).toMatchObject({ k: 1, index: new Int32Array() });
    expect((await nearest(new Float32Array(), two, 2, 1)).k).toBe(0);
  });

  it('leaves no thread where it was not told what computes', async () => {
    using workers = countWorkers();
    const x = noise(8 * 8);
    for (let i = 0; i < 3; i++) await nearest(x, x, 8, 3);
    expect([workers.started, workers.alive]).toEqual([3, 0]);
  });

  it('stops', async () => {
    const two = Float32Array.of(1, 0);
    await expect(nearest(two, two, 2, 1, undefined, AbortSignal.abort())).rejects.toThrow('stopped while looking');
  });
});

describe('kNN classification', () => {
  it('weighs votes by exp(cosine / temperature)', () => {
    // One close neighbour of class 1 against two of class 0 that are 0.1 further away.
    const found = { k: 3, index: Int32Array.of(0, 1, 2), similarity: Float32Array.of(0.9, 0.8, 0.8) };
    const labels = Int32Array.of(1, 0, 0);
    expect(vote(found, labels, { temperature: 0.07, classes: 2 })[0]).toBe(1); // e^(0.1/0.07) = 4.2 > 2
    expect(vote(found, labels, { temperature: 0.2, classes: 2 })[0]).toBe(0); // e^(0.1/0.2) = 1.6 < 2
    expect(vote(found, labels, { temperature: 1e-4, classes: 2 })[0]).toBe(1);
  });

  it(`separates what is separable (seed ${seed})`, async () => {
    const part = (n: number) => {
      const labels = Int32Array.from({ length: n }, (_, i) => i % 3);
      const x = noise(n * 8);
      for (let i = 0; i < n; i++) x[i * 8 + labels[i]] += 12;
      return { x, dim: 8, labels };
    };
    const [train, test] = [part(90), part(30)];
    expect(await knnClassify(train, test, { k: 20, temperature: 0.07, classes: 3 })).toEqual(test.labels);
  });
});
