import type { Interval } from '../../probe/intervals.js';
import { Rng } from '../../rng.js';
import type { PerImage } from '../protocol.js';
import { type ApConvention, averagePrecision, ranking } from './average-precision.js';

export interface BootstrapOptions {
  seed: number;
  /** Times that the pictures are drawn again; default 1,000. */
  draws?: number;
  /** Share of the draws that the interval holds, 0…1; default 0.95. */
  level?: number;
  /** mAP: how precision is averaged; default the paper's. */
  ap?: ApConvention;
}

/** The difference of two figures measured on the same pictures. */
export interface Difference {
  /** First less second. */
  difference: number;
  interval: Interval;
  /**
   * Two-sided: twice the share of draws in which the difference has not the sign that it mostly has, one added to both counts; at most 1.
   * Smaller than 2 / (draws + 1) it cannot be.
   */
  p: number;
  /** Pictures that both have. */
  pictures: number;
}

const DRAWS = 1000;

/** The figure that `main` stands for, of pictures that count `weights` times each; NaN where none is left that it could be made of. */
export type Statistic = (weights: ArrayLike<number>) => number;

/**
 * 95 % interval of a figure by drawing the pictures again with replacement (Efron 1979): percentiles of the figure over the draws. Classes
 * that have no picture in a draw are left out of its mean.
 */
export function intervalOf(perImage: PerImage, o: BootstrapOptions): Interval {
  const statistic = statisticOf(perImage, o);
  return percentiles(drawn(perImage.index.length, o, statistic), o.level);
}

/**
 * Difference of two figures of the same kind, by drawing the same pictures for both. Pictures that one of them lacks, since it could not
 * be decoded there, are left out.
 * @throws Error where they are of different kinds or have no picture in common: they were not measured on one data set
 */
export function differenceOf(a: PerImage, b: PerImage, o: BootstrapOptions): Difference {
  if (a.of !== b.of) throw new Error(`internal: figures of ${a.of} and ${b.of} compared`);
  const place = new Map(Array.from(b.index, (picture, row) => [picture, row]));
  const rowsA: number[] = [];
  const rowsB: number[] = [];
  a.index.forEach((picture, row) => {
    const other = place.get(picture);
    if (other === undefined) return;
    rowsA.push(row);
    rowsB.push(other);
  });
  const n = rowsA.length;
  if (n === 0) throw new Error('internal: figures compared that have no picture in common');
  const first = statisticOf(rowsOf(a, rowsA), o);
  const second = statisticOf(rowsOf(b, rowsB), o);
  const of: Statistic = (weights) => first(weights) - second(weights);
  const samples = drawn(n, o, of);
  const difference = of(new Uint8Array(n).fill(1));
  return { difference, interval: percentiles(samples, o.level), p: twoSided(samples, difference), pictures: n };
}

function twoSided(samples: Float64Array, difference: number): number {
  if (difference === 0) return 1;
  let against = 0;
  let counted = 0;
  for (const s of samples) {
    if (Number.isNaN(s)) continue;
    counted++;
    if (difference > 0 ? s <= 0 : s >= 0) against++;
  }
  return Math.min(1, (2 * (against + 1)) / (counted + 1));
}

/** The figure of each draw. @param n pictures */
function drawn(n: number, { seed, draws = DRAWS }: BootstrapOptions, statistic: Statistic): Float64Array {
  const rng = Rng.of(seed, 'bootstrap', n);
  const weights = new Uint16Array(n);
  return Float64Array.from({ length: draws }, () => {
    weights.fill(0);
    for (let i = 0; i < n; i++) weights[rng.int(n)]++;
    return statistic(weights);
  });
}

/**
 * Both ends of the middle `level` of samples, interpolated linearly between order statistics as numpy does. What is NaN does not count.
 */
export function percentiles(samples: ArrayLike<number>, level = 0.95): Interval {
  const sorted = Float64Array.from(Array.from(samples).filter((s) => !Number.isNaN(s))).sort();
  const at = (q: number): number => {
    const place = q * (sorted.length - 1);
    const low = Math.floor(place);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
  };
  return [at((1 - level) / 2), at((1 + level) / 2)];
}

/** The figure of pictures, as a function of how often each counts. */
export function statisticOf(p: PerImage, o: { ap?: ApConvention } = {}): Statistic {
  switch (p.of) {
    case 'mean':
      return (weights) => {
        let sum = 0;
        let count = 0;
        for (let i = 0; i < p.values.length; i++) {
          sum += weights[i] * p.values[i];
          count += weights[i];
        }
        return sum / count;
      };
    case 'mean per class':
      return meanPerClass(p.values, p.labels);
    case 'mIoU':
      return meanIoU(p.areas, p.classes);
    case 'mAP':
      return meanAp(p, o.ap);
  }
}

function meanPerClass(values: ArrayLike<number>, labels: Int32Array): Statistic {
  const classes = labels.reduce((most, c) => Math.max(most, c), -1) + 1;
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  return (weights) => {
    sums.fill(0);
    counts.fill(0);
    for (let i = 0; i < labels.length; i++) {
      sums[labels[i]] += weights[i] * values[i];
      counts[labels[i]] += weights[i];
    }
    return meanOver(classes, (c) => (counts[c] > 0 ? sums[c] / counts[c] : Number.NaN));
  };
}

function meanIoU(areas: ArrayLike<number>, classes: number): Statistic {
  const wide = 3 * classes;
  // Most classes are in few pictures: what is zero is not added.
  const places: Int32Array[] = [];
  for (let i = 0; i * wide < areas.length; i++) {
    const here: number[] = [];
    for (let j = 0; j < wide; j++) if (areas[i * wide + j] !== 0) here.push(j);
    places.push(Int32Array.from(here));
  }
  const total = new Float64Array(wide);
  return (weights) => {
    total.fill(0);
    for (let i = 0; i < places.length; i++)
      if (weights[i] > 0) for (const j of places[i]) total[j] += weights[i] * areas[i * wide + j];
    return meanOver(classes, (c) => {
      const [both, label, prediction] = total.subarray(3 * c, 3 * c + 3);
      return both / (label + prediction - both);
    });
  };
}

function meanAp(p: Extract<PerImage, { of: 'mAP' }>, ap: ApConvention | undefined): Statistic {
  const n = p.scores.length / p.classes;
  const ranked = Array.from({ length: p.classes }, (_, c) =>
    ranking(p.scores, p.present, n, ap, { offset: c, stride: p.classes }),
  );
  return (weights) =>
    meanOver(p.classes, (c) => {
      const { order, positive } = ranked[c];
      return order.some((i, r) => positive[r] === 1 && weights[i] > 0)
        ? averagePrecision(ranked[c], weights)
        : Number.NaN;
    });
}

/** Mean over what is a number. */
function meanOver(count: number, of: (i: number) => number): number {
  let sum = 0;
  let there = 0;
  for (let i = 0; i < count; i++) {
    const v = of(i);
    if (Number.isNaN(v)) continue;
    sum += v;
    there++;
  }
  return sum / there;
}

/** Some rows of figures by picture. */
function rowsOf(p: PerImage, rows: readonly number[]): PerImage {
  const index = Int32Array.from(rows, (r) => p.index[r]);
  const wide = <T extends Float32Array | Float64Array | Int8Array>(x: T, width: number): T => {
    const out = new (x.constructor as new (n: number) => T)(rows.length * width);
    rows.forEach((r, i) => {
      out.set(x.subarray(r * width, (r + 1) * width), i * width);
    });
    return out;
  };
  switch (p.of) {
    case 'mean':
      return { of: p.of, values: wide(p.values, 1), index };
    case 'mean per class':
      return { of: p.of, values: wide(p.values, 1), labels: Int32Array.from(rows, (r) => p.labels[r]), index };
    case 'mIoU':
      return { ...p, areas: wide(p.areas, 3 * p.classes), index };
    case 'mAP':
      return { ...p, scores: wide(p.scores, p.classes), present: wide(p.present, p.classes), index };
  }
}
