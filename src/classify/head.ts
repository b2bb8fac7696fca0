import { Interrupted } from '../errors.js';
import { ops } from '../graph/index.js';
import { lbfgs, type Objective } from '../probe/lbfgs.js';
import { stratifiedSplit } from '../probe/split.js';
import { standardised, statistics } from '../probe/standardise.js';
import { Rng } from '../rng.js';
import type { Executor, Executors } from '../runtime/executor.js';

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
const ITERATIONS = 200;
/** Up to so many images are set aside in turns, and how often. */
const FEW = 1000;
const TURNS = 5;

/**
 * Multinomial logistic regression on features of mean 0 and variance 1 (paper, appendix B.3), its penalty l2 / (2·n) · ‖weights‖² chosen on
 * images that are set aside with all their views, then fitted to all. The standardisation is folded into the weights.
 */
export async function fitHead(rows: Rows, o: FitOptions): Promise<FitResult> {
  const { classes, validation: share = VALIDATION } = o;
  const { dim, views, labels } = rows;
  const l2s = [...(o.l2s ?? PENALTIES)].sort((a, b) => b - a);
  const stats = statistics(rows.x, dim);
  const x = standardised(rows.x, stats);
  const validation = l2s.length > 1 && share > 0 ? await validated(x, rows, l2s, share, o) : [];
  // Of penalties that are equally good, the strongest: it comes first.
  const { l2 } = validation.reduce(
    (best, v) => (v.top1 > best.top1 ? v : best),
    validation[0] ?? { l2: l2s[0], top1: 0 },
  );
  const all = Int32Array.from(labels.keys());
  const problem = await Problem.open(x, expanded(labels, all, views), dim, o);
  try {
    const start = new Float64Array(classes * (dim + 1));
    const { x: w } = await lbfgs(problem.objective(l2), start, { iterations: 5 * ITERATIONS });
    for (let c = 0; c < classes; c++)
      for (let j = 0; j < dim; j++) {
        w[c * dim + j] *= stats.inverse[j];
        w[classes * dim + c] -= w[c * dim + j] * stats.mean[j];
      }
    return { head: headOf(w, classes, dim), l2, validation };
  } finally {
    await problem.close();
  }
}

/**
 * How often images that are set aside are classified rightly, by penalty. Of few images one part says little: they are set aside by turns,
 * several times by other draws.
 * @param x [images · views, dim], standardised @param l2s from the strongest on
 */
async function validated(
  x: Float32Array,
  { dim, views, labels }: Rows,
  l2s: readonly number[],
  share: number,
  o: FitOptions,
): Promise<FitResult['validation']> {
  const { classes, seed } = o;
  const turns = labels.length <= FEW ? TURNS : 1;
  const right = new Float64Array(l2s.length);
  let asked = 0;
  for (let turn = 0; turn < turns; turn++) {
    const { fit, held } = stratifiedSplit(labels, classes, share, turn === 0 ? seed : Rng.of(seed, 'turn', turn).u32());
    if (held.length === 0) return [];
    const problem = await Problem.open(take(x, dim, views, fit), expanded(labels, fit, views), dim, o);
    try {
      // Of the images set aside the plain view alone: what is asked later is whole photos.
      const heldX = new Float32Array(held.length * dim);
      held.forEach((image, i) => {
        heldX.set(x.subarray(image * views * dim, (image * views + 1) * dim), i * dim);
      });
      let w: Float64Array = new Float64Array(classes * (dim + 1));
      for (const [k, l2] of l2s.entries()) {
        w = (await lbfgs(problem.objective(l2), w, { iterations: ITERATIONS })).x;
        const { classes: guess } = classify(headOf(w, classes, dim), heldX);
        right[k] += guess.reduce((n, c, i) => n + (c === labels[held[i]] ? 1 : 0), 0);
      }
    } finally {
      await problem.close();
    }
    asked += held.length;
  }
  return l2s.map((l2, k) => ({ l2, top1: right[k] / asked }));
}

const headOf = (w: Float64Array, classes: number, dim: number): Head => ({
  ...{ classes, dim },
  weight: Float32Array.from(w.subarray(0, classes * dim)),
  bias: Float32Array.from(w.subarray(classes * dim)),
});

/** Rows of some images with all their views. */
function take(x: Float32Array, dim: number, views: number, images: Int32Array): Float32Array {
  const each = views * dim;
  const out = new Float32Array(images.length * each);
  images.forEach((image, i) => {
    out.set(x.subarray(image * each, (image + 1) * each), i * each);
  });
  return out;
}

const expanded = (labels: Int32Array, images: Int32Array, views: number): Int32Array =>
  Int32Array.from({ length: images.length * views }, (_, i) => labels[images[Math.floor(i / views)]]);

/** Cross entropy of rows and its gradient. */
class Problem {
  private readonly executor: Executor;
  private readonly rows: number;
  private readonly dim: number;
  private readonly o: FitOptions;

  private constructor(executor: Executor, rows: number, dim: number, o: FitOptions) {
    this.executor = executor;
    this.rows = rows;
    this.dim = dim;
    this.o = o;
  }

  static async open(x: Float32Array, labels: Int32Array, dim: number, o: FitOptions): Promise<Problem> {
    const { classes } = o;
    const rows = labels.length;
    const executor = await o.on.open({ small: true });
    const wanted = new Float32Array(rows * classes);
    labels.forEach((c, i) => {
      wanted[i * classes + c] = 1;
    });
    await executor.keep('x', [rows, dim], x);
    await executor.keep('wanted', [rows, classes], wanted);
    const features = ops.input('x', [rows, dim]);
    const target = ops.input('wanted', [rows, classes]);
    const logits = ops.linear(features, ops.input('w', [classes, dim]), ops.input('b', [classes]));
    const logp = ops.logSoftmax(logits);
    const error = ops.scale(ops.sub(ops.exp(logp), target), 1 / rows);
    await executor.load('loss', {
      losses: ops.sum(ops.mul(logp, target), [1]),
      dw: ops.gemm(error, features, { transA: true }),
      db: ops.sum(error, [0], false),
    });
    return new Problem(executor, rows, dim, o);
  }

  /** Of weights [classes, dim] followed by the bias [classes], which is not penalised. */
  objective(l2: number): Objective {
    const weights = this.o.classes * this.dim;
    const penalty = l2 / this.rows;
    return async (p) => {
      if (this.o.signal.aborted) throw new Interrupted('stopped while fitting the classifier');
      const flat = Float32Array.from(p);
      const out = await this.executor.run('loss', { w: flat.slice(0, weights), b: flat.slice(weights) });
      let value = 0;
      for (const l of out.losses) value -= l / this.rows;
      const gradient = new Float64Array(p.length);
      gradient.set(out.dw);
      gradient.set(out.db, weights);
      for (let i = 0; i < weights; i++) {
        value += 0.5 * penalty * p[i] * p[i];
        gradient[i] += penalty * p[i];
      }
      return { value, gradient };
    };
  }

  close(): Promise<void> {
    return this.executor.close();
  }
}

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
