import { classesOf, gather, logisticFit, logisticPath } from '../probe/logistic.js';
import { outputsOf, type Solution } from '../probe/logistic-fit.js';
import { stratifiedSplit } from '../probe/split.js';
import { type Statistics, statistics } from '../probe/standardise.js';
import { Rng } from '../rng.js';
import type { Executors } from '../runtime/executor.js';

/** A linear classifier of features as an encoder gives them. */
export interface Head {
  classes: number;
  dim: number;
  /** [classes, dim] */
  weight: Float32Array;
  /** [classes] */
  bias: Float32Array;
}

/** What a classifier is fitted to: images, several rows (views) each. */
export interface Rows {
  /** [images · views, dim] */
  x: Float32Array;
  dim: number;
  views: number;
  /** [images] */
  labels: Int32Array;
}

export interface FitOptions {
  classes: number;
  seed: number;
  on: Executors;
  signal: AbortSignal;
  /** Penalties tried; default {@link PENALTIES}. */
  l2s?: readonly number[];
  /** Share of the images on which the penalty is chosen. */
  validation?: number;
}

export interface FitResult {
  head: Head;
  /** The penalty chosen. */
  l2: number;
  validation: { l2: number; top1: number }[];
}

/** Of the range of the paper's penalties (appendix B.3) the decades from 0.01 on: below, nothing is held back any more. */
const PENALTIES: readonly number[] = Array.from({ length: 8 }, (_, i) => 10 ** (i - 2));
const VALIDATION = 0.2;
/** Up to so many images are set aside in turns, and how often. */
const FEW = 1000;
const TURNS = 3;

/**
 * Multinomial logistic regression on features of mean 0 and variance 1 (paper, appendix B.3), its penalty l2 / (2·n) · ‖weights‖² chosen on
 * images that are set aside with all their views, then fitted to all. The standardisation is folded into the weights.
 */
export async function fitHead(rows: Rows, o: FitOptions): Promise<FitResult> {
  const { classes, validation: share = VALIDATION, l2s = PENALTIES } = o;
  const { x, dim, views, labels } = rows;
  const validation = l2s.length > 1 && share > 0 ? await validated(rows, l2s, share, o) : [];
  // Of penalties that are equally good, the strongest: photos differ from what is painted more than the images set aside do.
  const start = { l2: Math.max(...l2s), top1: -1 };
  const { l2 } = validation.reduce((best, v) => (v.top1 > best.top1 ? v : best), start);
  const all = Int32Array.from(labels.keys());
  const target = { of: 'classes' as const, labels: expanded(labels, all, views), classes };
  const { solution } = await logisticFit({ x, target }, x.slice(0, dim), dim, l2, { on: o.on, signal: o.signal });
  return { head: onRaw(solution, statistics(x, dim, 0), classes), l2, validation };
}

/**
 * How often images that are set aside are classified rightly, by penalty, the strongest first. Of few images one part says little: they are
 * set aside several times, by other draws.
 */
async function validated(
  { x, dim, views, labels }: Rows,
  l2s: readonly number[],
  share: number,
  o: FitOptions,
): Promise<FitResult['validation']> {
  const { classes, seed, on, signal } = o;
  const turns = labels.length <= FEW ? TURNS : 1;
  const sums = new Map<number, number>();
  let asked = 0;
  for (let turn = 0; turn < turns; turn++) {
    const { fit, held } = stratifiedSplit(labels, classes, share, turn === 0 ? seed : Rng.of(seed, 'turn', turn).u32());
    if (held.length === 0) return [];
    // Of the images set aside the plain view alone: what is asked later is whole photos.
    const plain = gather(
      x,
      dim,
      held.map((image) => image * views),
    );
    const target = { of: 'classes' as const, labels: expanded(labels, fit, views), classes };
    const outputs = outputsOf(target);
    const right = (logits: Float32Array) =>
      classesOf(logits, outputs).reduce((n, c, i) => n + (c === labels[held[i]] ? 1 : 0), 0);
    const { path } = await logisticPath({ x: gather(x, views * dim, fit), target }, plain, dim, right, {
      l2s,
      on,
      signal,
    });
    for (const { l2, score } of path) sums.set(l2, (sums.get(l2) ?? 0) + score);
    asked += held.length;
  }
  return [...sums].map(([l2, right]) => ({ l2, top1: right / asked })).sort((a, b) => b.l2 - a.l2);
}

/** A solution for standardised features as a layer on features as they come; two classes, one output there, have two. */
function onRaw(s: Solution, { dim, mean, inverse }: Statistics, classes: number): Head {
  const weight = new Float32Array(classes * dim);
  const bias = new Float32Array(classes);
  for (let c = 0; c < classes; c++) {
    // Half of the margin to either side: the same probabilities.
    const [row, sign] = classes === 2 ? [0, c === 0 ? -0.5 : 0.5] : [c, 1];
    let offset = s.bias[row];
    for (let j = 0; j < dim; j++) {
      const w = s.weights[row * dim + j] * inverse[j];
      offset -= w * mean[j];
      weight[c * dim + j] = sign * w;
    }
    bias[c] = sign * offset;
  }
  return { classes, dim, weight, bias };
}

const expanded = (labels: Int32Array, images: Int32Array, views: number): Int32Array =>
  Int32Array.from({ length: images.length * views }, (_, i) => labels[images[Math.floor(i / views)]]);

/** @param x [n, dim] @returns the most likely class of each row, ties to the lower, and the probabilities [n, classes] */
export function classify(head: Head, x: Float32Array): { classes: Int32Array; probabilities: Float32Array } {
  const { classes, dim, weight, bias } = head;
  const n = x.length / dim;
  const best = new Int32Array(n);
  const probabilities = new Float32Array(n * classes);
  const logits = new Float64Array(classes);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < classes; c++) {
      let sum = bias[c];
      for (let j = 0; j < dim; j++) sum += weight[c * dim + j] * x[i * dim + j];
      logits[c] = sum;
      if (sum > logits[best[i]]) best[i] = c;
    }
    const most = logits[best[i]];
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp(logits[c] - most);
    for (let c = 0; c < classes; c++) probabilities[i * classes + c] = Math.exp(logits[c] - most) / total;
  }
  return { classes: best, probabilities };
}
