import type { Executors } from '../runtime/executor.js';
import { along } from './continuation.js';
import type { Labelled } from './labelled.js';
import { LogisticFit, outputsOf, type Solution, type Target } from './logistic-fit.js';
import { argmaxRows } from './metrics.js';
import { stratifiedSplit } from './split.js';
import { standardised, statistics } from './standardise.js';

/**
 * The paper's penalties (appendix B.3, after Kornblith et al. 2019): 45 from 1e-6 to 1e5, evenly spaced in the logarithm, rounded to float32 as
 * the authors' script does.
 */
export const L2_GRID: readonly number[] = Array.from({ length: 45 }, (_, i) => Math.fround(10 ** (-6 + (11 * i) / 44)));

export interface PathOptions {
  /** Penalties tried; default {@link L2_GRID}. The objective is mean cross entropy + l2 / (2·n) · ‖weights‖², n training images. */
  l2s?: readonly number[];
  /** Steps of L-BFGS at most, a penalty. */
  iterations?: number;
  /** What computes; default: ONNX Runtime on all cores. */
  on?: Executors;
  threads?: number;
  signal?: AbortSignal;
}

/** Rows with what is to be told of them. */
export interface Rows {
  /** [n, dim] as they come from the encoder */
  x: Float32Array;
  target: Target;
}

/** One penalty of a path. */
export interface PathPoint extends Pick<Solution, 'l2' | 'objective' | 'evaluations' | 'converged'> {
  /** On the validation rows, whatever is asked of them. */
  score: number;
}

/**
 * Fits one penalty after the other, from the strongest to the weakest: each starts on the line through the two solutions before. Features
 * are standardised by the training rows' statistics.
 * @param score of logits [n, outputs] on the validation rows; the larger, the better
 * @param each called with every solution
 * @returns by penalty, from the weakest to the strongest; and the one with the best score, of equals the weakest
 */
export async function logisticPath(
  train: Rows,
  val: Float32Array,
  dim: number,
  score: (logits: Float32Array) => number,
  o: PathOptions = {},
  each?: (s: Solution, fit: LogisticFit) => Promise<void> | void,
): Promise<{ path: PathPoint[]; best: number }> {
  const l2s = [...(o.l2s ?? L2_GRID)].sort((a, b) => b - a);
  const stats = statistics(train.x, dim, 0);
  const fit = await LogisticFit.open(standardised(train.x, stats), dim, train.target, o);
  try {
    await fit.keep('val', standardised(val, stats));
    const path: PathPoint[] = [];
    let [before, last]: (Solution | undefined)[] = [];
    for (const l2 of l2s) {
      const s: Solution = await fit.solve(l2, along(l2, last, before));
      const { objective, evaluations, converged } = s;
      path.push({ l2, objective, evaluations, converged, score: score(await fit.logits('val', s)) });
      await each?.(s, fit);
      [before, last] = [last, s];
    }
    path.reverse();
    let best = 0;
    for (let i = 1; i < path.length; i++) if (path[i].score > path[best].score) best = i;
    return { path, best };
  } finally {
    await fit.close();
  }
}

/** Fits one penalty. @returns the classifier, of standardised features, and the logits [n, outputs] of other rows */
export async function logisticFit(
  train: Rows,
  test: Float32Array,
  dim: number,
  l2: number,
  o: PathOptions & { exact?: boolean } = {},
): Promise<{ solution: Solution; logits: Float32Array }> {
  const stats = statistics(train.x, dim, 0);
  const fit = await LogisticFit.open(standardised(train.x, stats), dim, train.target, o);
  try {
    let solution = await fit.solve(l2);
    if (o.exact) solution = await fit.polished(exactly(train.x, stats), solution);
    await fit.keep('test', standardised(test, stats));
    return { solution, logits: await fit.logits('test', solution) };
  } finally {
    await fit.close();
  }
}

/** Standardised features, unrounded. */
export function exactly(x: Float32Array, { dim, mean, inverse }: ReturnType<typeof statistics>): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; ) for (let j = 0; j < dim; j++, i++) out[i] = (x[i] - mean[j]) * inverse[j];
  return out;
}

/** Classes by logits; of a single output the second class where it is above zero. */
export const classesOf = (logits: Float32Array, outputs: number): Int32Array =>
  outputs === 1 ? Int32Array.from(logits, (z) => (z > 0 ? 1 : 0)) : argmaxRows(logits, outputs);

export interface LogisticOptions extends PathOptions {
  classes: number;
  /** Share of the training images on which the penalty is chosen. */
  validation: number;
  seed: number;
}

export interface LogisticResult {
  /** [n] class of each test row */
  predictions: Int32Array;
  l2: number;
  /** From the strongest penalty to the weakest. */
  validation: { l2: number; top1: number }[];
}

/**
 * Multinomial logistic regression on frozen features by L-BFGS (paper, appendix B): the penalty is chosen on a stratified validation
 * split, the classifier then fitted to all training images, whose statistics standardise them and the test images. Of penalties that are equally good the weakest is
 * taken, as the authors' script does. The bias is not penalised. Two classes are one vector of weights.
 */
export async function logisticProbe(train: Labelled, test: Labelled, o: LogisticOptions): Promise<LogisticResult> {
  const { classes } = o;
  const { dim } = train;
  const l2s = o.l2s ?? L2_GRID;
  const { fit, held } = stratifiedSplit(train.labels, classes, l2s.length > 1 ? o.validation : 0, o.seed);
  const of = (labels: Int32Array): Target => ({ of: 'classes', labels, classes });
  const outputs = outputsOf(of(train.labels));
  let l2 = Math.max(...l2s);
  let validation: LogisticResult['validation'] = [];
  if (held.length > 0) {
    const labels = pick(train.labels, held);
    const part = { x: gather(train.x, dim, fit), target: of(pick(train.labels, fit)) };
    const { path, best } = await logisticPath(
      part,
      gather(train.x, dim, held),
      dim,
      (logits) => classesOf(logits, outputs).reduce((n, c, i) => n + (c === labels[i] ? 1 : 0), 0) / held.length,
      o,
    );
    l2 = path[best].l2;
    validation = path.map((p) => ({ l2: p.l2, top1: p.score })).reverse();
  }
  const { logits } = await logisticFit({ x: train.x, target: of(train.labels) }, test.x, dim, l2, o);
  return { predictions: classesOf(logits, outputs), l2, validation };
}

export const pick = (labels: Int32Array, rows: Int32Array): Int32Array => rows.map((r) => labels[r]);

export function gather(x: Float32Array, dim: number, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length * dim);
  rows.forEach((r, i) => {
    out.set(x.subarray(r * dim, (r + 1) * dim), i * dim);
  });
  return out;
}
