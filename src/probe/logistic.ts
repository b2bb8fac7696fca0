import { Interrupted } from '../errors.js';
import { ops } from '../graph/index.js';
import type { Executor, Executors } from '../runtime/executor.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import type { Labelled } from './labelled.js';
import { lbfgs, type Objective } from './lbfgs.js';
import { stratifiedSplit } from './split.js';
import { standardised, statistics } from './standardise.js';

/** The paper's penalties (appendix B.3, after Kornblith et al. 2019): 45 from 1e-6 to 1e5, evenly spaced in the logarithm. */
export const L2_GRID: readonly number[] = Array.from({ length: 45 }, (_, i) => 10 ** (-6 + (11 * i) / 44));

export interface LogisticOptions {
  classes: number;
  /** Penalties tried; default {@link L2_GRID}. The objective is mean cross entropy + l2 / (2·n) · ‖weights‖², n training images. */
  l2s?: readonly number[];
  /** Steps of L-BFGS at most, a penalty. */
  iterations?: number;
  /** Share of the training images on which the penalty is chosen. */
  validation: number;
  seed: number;
  /** What computes; default: ONNX Runtime on all cores. */
  on?: Executors;
  signal?: AbortSignal;
}

export interface LogisticResult {
  /** [n] class of each test row */
  predictions: Int32Array;
  l2: number;
  validation: { l2: number; top1: number }[];
}

/**
 * Multinomial logistic regression on frozen features by L-BFGS (paper, appendix B): the penalty is chosen on a stratified validation
 * split, the classifier then fitted to all training images. Penalties are tried from the strongest to the weakest, each from where the
 * one before ended; the problem is convex, so that only time depends on it. The bias is not penalised.
 */
export async function logisticProbe(train: Labelled, test: Labelled, o: LogisticOptions): Promise<LogisticResult> {
  const { classes, iterations = 1000 } = o;
  const l2s = [...(o.l2s ?? L2_GRID)].sort((a, b) => b - a);
  const { dim } = train;
  const stats = statistics(train.x, dim);
  const x = standardised(train.x, stats);
  const size = classes * (dim + 1);
  const { fit, held } = stratifiedSplit(train.labels, classes, l2s.length > 1 ? o.validation : 0, o.seed);

  let l2 = l2s[0];
  const validation: LogisticResult['validation'] = [];
  if (held.length > 0) {
    const part = await Fit.open(gather(x, dim, fit), pick(train.labels, fit), dim, o);
    try {
      const heldX = gather(x, dim, held);
      const heldLabels = pick(train.labels, held);
      let w: Float64Array = new Float64Array(size);
      let best = -1;
      for (const candidate of l2s) {
        w = (await lbfgs(part.objective(candidate), w, { iterations })).x;
        const guess = classify(heldX, dim, w, classes);
        const top1 = guess.reduce((n, c, i) => n + (c === heldLabels[i] ? 1 : 0), 0) / held.length;
        validation.push({ l2: candidate, top1 });
        // Of penalties that are equally good, the strongest: it comes first.
        if (top1 > best) {
          best = top1;
          l2 = candidate;
        }
      }
    } finally {
      await part.close();
    }
  }
  const all = await Fit.open(x, train.labels, dim, o);
  try {
    const { x: w } = await lbfgs(all.objective(l2), new Float64Array(size), { iterations });
    return { predictions: classify(standardised(test.x, stats), dim, w, classes), l2, validation };
  } finally {
    await all.close();
  }
}

/** Cross entropy and its gradient on some rows. */
class Fit {
  private readonly executor: Executor;
  private readonly rows: number;
  private readonly dim: number;
  private readonly o: LogisticOptions;

  private constructor(executor: Executor, rows: number, dim: number, o: LogisticOptions) {
    this.executor = executor;
    this.rows = rows;
    this.dim = dim;
    this.o = o;
  }

  /** @param x [rows, dim], moved into the executor */
  static async open(x: Float32Array, labels: Int32Array, dim: number, o: LogisticOptions): Promise<Fit> {
    const rows = labels.length;
    const { classes } = o;
    const executor = await (o.on ?? cpuExecutors()).open({ small: true });
    const target = new Float32Array(rows * classes);
    labels.forEach((c, i) => {
      target[i * classes + c] = 1;
    });
    await executor.keep('x', [rows, dim], x);
    await executor.keep('target', [rows, classes], target);
    const features = ops.input('x', [rows, dim]);
    const wanted = ops.input('target', [rows, classes]);
    const logits = ops.linear(features, ops.input('w', [classes, dim]), ops.input('b', [classes]));
    const logp = ops.logSoftmax(logits);
    const error = ops.scale(ops.sub(ops.exp(logp), wanted), 1 / rows);
    await executor.load('loss', {
      // Of each row, so that the sum can be taken in float64.
      losses: ops.sum(ops.mul(logp, wanted), [1]),
      dw: ops.gemm(error, features, { transA: true }),
      db: ops.sum(error, [0], false),
    });
    return new Fit(executor, rows, dim, o);
  }

  /** Of weights [classes, dim] followed by the bias [classes]. */
  objective(l2: number): Objective {
    const { classes, signal } = this.o;
    const weights = classes * this.dim;
    const penalty = l2 / this.rows;
    return async (p) => {
      if (signal?.aborted) throw new Interrupted('stopped in a logistic regression');
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

/** The most likely class of each row. */
function classify(x: Float32Array, dim: number, p: Float64Array, classes: number): Int32Array {
  return Int32Array.from({ length: x.length / dim }, (_, i) => {
    let best = 0;
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) {
      let logit = p[classes * dim + c];
      for (let j = 0; j < dim; j++) logit += p[c * dim + j] * x[i * dim + j];
      if (logit > top) {
        top = logit;
        best = c;
      }
    }
    return best;
  });
}

const pick = (labels: Int32Array, rows: Int32Array): Int32Array => rows.map((r) => labels[r]);

function gather(x: Float32Array, dim: number, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length * dim);
  rows.forEach((r, i) => {
    out.set(x.subarray(r * dim, (r + 1) * dim), i * dim);
  });
  return out;
}
