/** Weights that resample `from` samples to `to`, the same number of taps for every output. */
export interface Taps {
  count: number;
  /** [to] the first sample that is read. */
  first: Int32Array;
  /** [to, count], each row of sum 1. */
  weights: Float64Array;
}

/**
 * As `Taps`, in integers for the kernels: an even number of taps, whose last one may lie beyond the samples and has
 * then no weight.
 */
export interface IntegerTaps {
  count: number;
  first: Int32Array;
  /** [to, count], each row of sum 2^14. */
  weights: Int16Array;
}

/** A kernel of resampling: Keys' cubic convolution (a = −0.5) or a triangle. */
export type Kernel = 'bicubic' | 'bilinear';

/**
 * A kernel widened when shrinking, cut and normalised at the edges: PIL's `BICUBIC` and `BILINEAR`.
 * @param from samples that become `to`; a fraction where they are part of more
 * @param start where they begin among all samples, which are counted from there on; those half outside are the edges
 */
export function tapsOf(from: number, to: number, start = 0, kernel: Kernel = 'bicubic'): Taps {
  const ratio = from / to;
  const stretch = Math.max(1, ratio);
  const [shape, reach] = kernel === 'bicubic' ? [cubic, 2] : [triangle, 1];
  const support = reach * stretch;
  const [low, high] = [Math.round(start), Math.round(start + from)];
  const centreOf = (i: number) => start + (i + 0.5) * ratio;
  const begin = (i: number) => Math.max(low, Math.floor(centreOf(i) - support + 0.5));
  const end = (i: number) => Math.min(high, Math.floor(centreOf(i) + support + 0.5));
  let count = 0;
  for (let i = 0; i < to; i++) count = Math.max(count, end(i) - begin(i));
  const taps: Taps = { count, first: new Int32Array(to), weights: new Float64Array(to * count) };
  for (let i = 0; i < to; i++) {
    const centre = centreOf(i);
    const [a, b] = [begin(i), end(i)];
    const first = Math.min(a, high - count);
    taps.first[i] = first;
    const at = i * count - first;
    let total = 0;
    for (let j = a; j < b; j++) total += taps.weights[at + j] = shape((j + 0.5 - centre) / stretch);
    for (let j = a; j < b; j++) taps.weights[at + j] /= total;
  }
  return taps;
}

/** The taps of some outputs in a row. */
export function someTaps({ count, first, weights }: Taps, start: number, length: number): Taps {
  return {
    count,
    first: first.subarray(start, start + length),
    weights: weights.subarray(start * count, (start + length) * count),
  };
}

const ONE = 2 ** 14;
/** Numbers kept of taps that were used, at most: 16 MiB. */
const MOST_KEPT = 2 ** 23;
const kept = new Map<string, IntegerTaps>();
let keptNumbers = 0;

/** @param reversed the outputs from last to first: a mirror image */
export function integerTaps(from: number, to: number, reversed = false): IntegerTaps {
  const key = `${from}:${to}:${reversed}`;
  let known = kept.get(key);
  if (known) return known;
  const { count: n, first, weights } = tapsOf(from, to);
  const count = n + (n % 2);
  known = { count, first: new Int32Array(to), weights: new Int16Array(to * count) };
  for (let i = 0; i < to; i++) {
    const o = reversed ? to - 1 - i : i;
    known.first[o] = first[i];
    let rest = ONE;
    let largest = 0;
    for (let k = 0; k < n; k++) {
      const w = Math.round(weights[i * n + k] * ONE);
      known.weights[o * count + k] = w;
      rest -= w;
      if (w > known.weights[o * count + largest]) largest = k;
    }
    // What is one colour stays that colour.
    known.weights[o * count + largest] += rest;
  }
  if (keptNumbers > MOST_KEPT) {
    kept.clear();
    keptNumbers = 0;
  }
  keptNumbers += known.weights.length + 2 * to;
  kept.set(key, known);
  return known;
}

function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));
