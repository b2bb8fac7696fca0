import { describe, expect, it } from 'vitest';
import { testSeed } from '../../../test/numbers.js';
import { Rng } from '../../rng.js';
import { cpuExecutors } from '../../runtime/open-executors.js';
import { confusion, inTop, meanPerClass, top1Of } from './accuracy.js';
import { averagePrecision, averagePrecisions, ranking } from './average-precision.js';
import { bins, calibration, calibrationErrors } from './calibration.js';
import { ami, ari, assignment, contingency, matchedAccuracy, nmi, vMeasure } from './clustering.js';
import { kMeans, lloyd } from './k-means.js';
import { ranked, retrievalScores } from './retrieval.js';

const seed = testSeed('metrics.test.ts');
const rng = Rng.of(seed, 'metrics test');

describe('accuracy', () => {
  it('has three ways with a class that is predicted and never shown', () => {
    const matrix = confusion([0, 0, 2, 1], [0, 0, 0, 1], 4);
    expect(top1Of(matrix, 4)).toBe(0.75);
    expect(meanPerClass(matrix, 4)).toBeCloseTo((2 / 3 + 1) / 2, 12);
    expect(meanPerClass(matrix, 4, 'zero')).toBeCloseTo((2 / 3 + 1 + 0) / 3, 12);
    expect(meanPerClass(matrix, 4, 'nan')).toBeNaN();
  });

  it('counts what is among the first k', () => {
    const scores = [0.1, 0.5, 0.4, 0.9, 0.05, 0.05];
    expect([...inTop(1, scores, [1, 2], 3)]).toEqual([1, 0]);
    expect([...inTop(2, scores, [2, 2], 3)]).toEqual([1, 0]);
  });
});

describe('calibration', () => {
  it('puts a confidence on a border below or above it', () => {
    const [confidence, right] = [
      [0.5, 1, 0.2],
      [1, 1, 0],
    ];
    expect(bins(confidence, right, 2).map((b) => b.count)).toEqual([2, 1]);
    expect(bins(confidence, right, 2, 'upper').map((b) => b.count)).toEqual([1, 2]);
    const { ece, mce } = calibrationErrors(bins(confidence, right, 2));
    expect(ece).toBeCloseTo((2 / 3) * 0.15, 12);
    expect(mce).toBeCloseTo(0.15, 12);
  });

  it('is best for what is sure and right', () => {
    expect(calibration([1, 0, 0, 1], [0, 1], 2)).toEqual({ ece: 0, mce: 0, nll: 0, brier: 0 });
    expect(calibration([0.5, 0.5], [0], 2).brier).toBe(0.5);
  });
});

describe('average precision', () => {
  it('follows five conventions', () => {
    // Ranks: right, difficult, right, wrong; two equal scores at the end.
    const scores = [0.9, 0.8, 0.4, 0.4];
    const present = [1, 0, 1, -1];
    const of = (c: Parameters<typeof ranking>[3]) => averagePrecision(ranking(scores, present, 4, c));
    // Difficult counts as absent; the tie is one threshold: precision 2 of 4.
    expect(of('paper')).toBeCloseTo((1 + 5 * 1 + 5 * 0.5) / 11, 12);
    expect(of('paper-without-difficult')).toBeCloseTo((6 + 5 * (2 / 3)) / 11, 12);
    // One by one, in order: precision 2 of 2.
    expect(of('challenge')).toBeCloseTo(1, 12);
    expect(of('area')).toBeCloseTo(0.5 + 0.25, 12);
    expect(of('area-without-difficult')).toBeCloseTo(0.5 + 0.5 * (2 / 3), 12);
  });

  it('is what conventions make of a class that nothing shows', () => {
    expect([...averagePrecisions([0.3, 0.2], [-1, -1], 1)]).toEqual([1 / 11]);
    expect([...averagePrecisions([0.3, 0.2], [-1, -1], 1, 'area')]).toEqual([0]);
  });

  it('counts a picture drawn twice as two of equal score', () => {
    const n = 40;
    const scores = Float64Array.from({ length: n }, () => Math.round(20 * rng.uniform()));
    const present = Int8Array.from({ length: n }, () => (rng.chance(0.3) ? 1 : -1));
    const weights = Int32Array.from({ length: n }, () => rng.int(3));
    const rows = [...weights.keys()].flatMap((i) => Array<number>(weights[i]).fill(i));
    for (const convention of ['paper', 'area'] as const) {
      const drawn = ranking(
        rows.map((r) => scores[r]),
        rows.map((r) => present[r]),
        rows.length,
        convention,
      );
      const weighed = averagePrecision(ranking(scores, present, n, convention), weights);
      expect(weighed).toBeCloseTo(averagePrecision(drawn), 10);
    }
  });
});

describe('clusterings', () => {
  it('are 1 for the same groups under other names, and near 0 by chance', () => {
    const a = Int32Array.from({ length: 400 }, () => rng.int(5));
    const same = contingency(
      a,
      a.map((g) => 7 - g),
    );
    for (const of of [nmi(same), ami(same), ari(same), vMeasure(same).v, matchedAccuracy(same)])
      expect(of).toBeCloseTo(1, 10);
    const chance = contingency(
      a,
      a.map(() => rng.int(5)),
    );
    expect(Math.abs(ami(chance))).toBeLessThan(0.06);
    expect(Math.abs(ari(chance))).toBeLessThan(0.04);
    expect(nmi(chance)).toBeGreaterThan(0);
  });

  it('pairs rows and columns as trying all would', () => {
    for (let r = 0; r < 20; r++) {
      const cost = Float64Array.from({ length: 25 }, () => rng.int(9));
      const found = assignment(cost, 5);
      const price = (p: ArrayLike<number>) => Array.from(p).reduce((s, c, i) => s + cost[i * 5 + c], 0);
      expect(new Set(found).size).toBe(5);
      expect(price(found)).toBe(Math.min(...orders([0, 1, 2, 3, 4]).map(price)));
    }
  });

  it(`finds groups that lie apart, here and on an executor (seed ${seed})`, async () => {
    const [n, dim] = [300, 8];
    const truth = Int32Array.from({ length: n }, (_, i) => i % 4);
    const x = Float32Array.from({ length: n * dim }, (_, i) => {
      const at = Math.floor(i / dim);
      return rng.normal() + (i % dim === truth[at] ? 12 : 0);
    });
    const found = await kMeans(x, dim, { clusters: 4, seed, restarts: 3 });
    expect(matchedAccuracy(contingency(truth, found.labels))).toBe(1);
    expect(found.history).toEqual(found.history.toSorted((a, b) => b - a));
    // Large enough for products on an executor.
    const wide = new Float32Array(n * 20_000);
    for (let i = 0; i < n; i++) wide.set(x.subarray(i * dim, (i + 1) * dim), i * 20_000);
    const there = await kMeans(wide, 20_000, { clusters: 4, seed, restarts: 1, on: cpuExecutors(1) });
    expect(ari(contingency(there.labels, found.labels))).toBe(1);
  });

  it('gives an empty cluster the farthest row', async () => {
    const x = Float32Array.of(0, 1, 2, 10);
    const { labels, centres } = await lloyd(x, 1, Float64Array.of(1, -100));
    expect([...labels]).toEqual([0, 0, 0, 1]);
    expect([...centres]).toEqual([1, 10]);
  });
});

describe('retrieval', () => {
  it(`ranks as sorting does, and leaves itself and askers of nothing out (seed ${seed})`, async () => {
    const [n, dim] = [70, 5];
    const x = Float32Array.from({ length: n * dim }, () => rng.normal());
    const labels = Int32Array.from({ length: n }, (_, i) => (i === n - 1 ? 99 : rng.int(6)));
    // Twice the same picture: equal cosines keep their order.
    x.set(x.subarray(0, dim), 3 * dim);
    const found = await ranked({ x, labels }, undefined, dim, cpuExecutors(1));
    const length = (i: number) => Math.hypot(...x.subarray(i * dim, (i + 1) * dim));
    const cosine = (i: number, j: number) => {
      let s = 0;
      for (let d = 0; d < dim; d++) s += x[i * dim + d] * x[j * dim + d];
      return s / length(i) / length(j);
    };
    let different = 0;
    for (let q = 0; q < n; q++) {
      const order = [...labels.keys()].filter((i) => i !== q).sort((a, b) => cosine(q, b) - cosine(q, a) || a - b);
      const ranks = order.flatMap((i, r) => (labels[i] === labels[q] ? [r + 1] : []));
      expect(found[q].relevant).toBe(ranks.length);
      // Cosines that float32 cannot tell apart may change places.
      ranks.forEach((r, i) => {
        if (found[q].ranks[i] !== r) different++;
      });
    }
    expect(different).toBeLessThan(6);
    const scores = retrievalScores(found, [1, n]);
    expect(scores.hit[n]).toBe(1);
    expect(scores.recall[n]).toBe(1);
    expect(scores.mAP).toBeGreaterThan(scores['mAP@R']);
  });
});

function orders(of: number[]): number[][] {
  return of.length < 2 ? [of] : of.flatMap((x, i) => orders(of.toSpliced(i, 1)).map((rest) => [x, ...rest]));
}
