import { Interrupted } from '../errors.js';
import { ops, type Tensor } from '../graph/index.js';
import type { Executor, Executors } from '../runtime/executor.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import { along, strongerThan } from './continuation.js';
import { addScaled, dot, type LbfgsResult, lbfgs, type Objective, type Pair } from './lbfgs.js';
import { exactLoss } from './logistic-exact.js';
import { solveShifted, type Tridiagonal, tridiagonal } from './tridiagonal.js';

/** What is to be told apart: one class of several each, or several labels that are there or not, each a problem of two classes of its own. */
export type Target =
  | { of: 'classes'; labels: Int32Array; classes: number }
  /** [n, labels] 1 there, all else not. */
  | { of: 'labels'; present: Int8Array; labels: number };

export interface FitOptions {
  /** Steps of L-BFGS at most. */
  iterations?: number;
  /** What computes; default: ONNX Runtime on all cores. */
  on?: Executors;
  threads?: number;
  /** An executor that is open, and stays so: for many small fits, which replace each other there; default: one of the fit's own. */
  executor?: Executor;
  signal?: AbortSignal;
}

/** A classifier: logits are x·weightsᵀ + bias. */
export interface Solution {
  l2: number;
  /** [outputs, dim] */
  readonly weights: Float64Array;
  /** [outputs]; of classes only differences are determined: their sum is zero. */
  bias: Float64Array;
  /** Mean cross entropy + l2 / (2·n) · ‖weights‖²; of labels its sum over them. */
  objective: number;
  /** Evaluations of objective and gradient. */
  evaluations: number;
  converged: boolean;
  /** Where the next penalty of a path may start: in the coordinates of the fit. */
  at: Float64Array;
}

/** Widest features whose covariance is made tridiagonal, which takes dim³ operations; wider ones are only scaled. */
const WIDEST = 1600;
/** Elements of logits held at once. */
const BLOCK = 1 << 24;
/** Values from which a second, transposed copy of the features would take too much memory. */
const MOST_TRANSPOSED = 1 << 26;
/** Numbers of the steps that L-BFGS remembers, where they are many. */
const MEMORY = 80_000;
/** Expected decrease of the objective at which a fit is done, as a share of it; measured, it ends within 1e-5 of the optimum. */
const PROMISE = 3e-7;

/** Outputs of a problem: a class each, or a label each; two classes are one output. */
export const outputsOf = (t: Target): number => (t.of === 'labels' ? t.labels : t.classes === 2 ? 1 : t.classes);

/**
 * Logistic regression on standardised features, for one penalty after the other. Steps are taken in coordinates in which the features'
 * covariance is tridiagonal, so that (share · covariance + penalty)⁻¹, close to the inverse Hessian, is known for every penalty and costs
 * next to nothing: tens of evaluations become enough where hundreds are needed otherwise. Products run in float32 on an executor, sums,
 * steps and penalties in float64. What is left of a probability is summed from the wrong classes' own, so that well separated data keep their precision.
 */
export class LogisticFit {
  private readonly executor: Executor;
  private readonly rows: number;
  private readonly dim: number;
  private readonly target: Target;
  private readonly outputs: number;
  private readonly basis: Tridiagonal | undefined;
  private readonly labels: BigInt64Array[];
  private readonly o: FitOptions;
  /** Mean of p·(1 − p) over rows and outputs where a gradient was last taken. */
  private spread = 0.1;
  private readonly pairs: Pair[] = [];
  /** Pairs that are kept: of large problems fewer, since each costs memory to be read at every step. */
  private readonly memory: number;
  /** The penalty that `pairs` are of. */
  private before = 0;

  private constructor(
    executor: Executor,
    x: { rows: number; dim: number },
    target: Target,
    basis: Tridiagonal | undefined,
    labels: BigInt64Array[],
    o: FitOptions,
  ) {
    this.executor = executor;
    this.rows = x.rows;
    this.dim = x.dim;
    this.target = target;
    this.outputs = outputsOf(target);
    this.basis = basis;
    this.labels = labels;
    this.o = o;
    this.memory = Math.min(30, Math.max(10, Math.floor(MEMORY / (x.dim * this.outputs))));
  }

  /** @param x [rows, dim] standardised features */
  static async open(x: Float32Array, dim: number, target: Target, o: FitOptions = {}): Promise<LogisticFit> {
    const rows = x.length / dim;
    const executor = o.executor ?? (await (o.on ?? cpuExecutors()).open({ small: true, threads: o.threads }));
    try {
      const basis = dim <= WIDEST ? tridiagonal(await covariance(executor, x, dim), dim) : undefined;
      const rotated = basis ? await turned(executor, 'train', x, basis) : x;
      const outputs = outputsOf(target);
      const block = Math.min(rows, Math.max(256, Math.floor(BLOCK / outputs)));
      const labels: BigInt64Array[] = [];
      for (let from = 0; from < rows; from += block) {
        const to = Math.min(rows, from + block);
        // Moved into the executor: unusable afterwards.
        await load(executor, labels.length, rotated.slice(from * dim, to * dim), dim, rows, target, from);
        labels.push(
          target.of === 'classes' && outputs > 1
            ? BigInt64Array.from(target.labels.subarray(from, to), BigInt)
            : new BigInt64Array(0),
        );
      }
      return new LogisticFit(executor, { rows, dim }, target, basis, labels, o);
    } catch (e) {
      if (!o.executor) await executor.close();
      throw e;
    }
  }

  /**
   * @param start `at` of another solution, or a point between several; default: zeros, from which a weak penalty is come to by stronger ones,
   *   whose evaluations are counted too
   */
  async solve(l2: number, start?: Float64Array): Promise<Solution> {
    if (start) return this.one(l2, start);
    let [before, last]: (Solution | undefined)[] = [];
    for (const stronger of strongerThan(l2, this.rows)) {
      const s = await this.one(stronger, along(stronger, last, before) ?? this.zeros());
      s.evaluations += last?.evaluations ?? 0;
      [before, last] = [last, s];
    }
    const found = await this.one(l2, along(l2, last, before) ?? this.zeros());
    found.evaluations += last?.evaluations ?? 0;
    return found;
  }

  private zeros(): Float64Array {
    return new Float64Array((this.dim + 1) * this.outputs);
  }

  private async one(l2: number, from: Float64Array): Promise<Solution> {
    const { iterations = 1000 } = this.o;
    // What the penalty adds to a pair's curvature is known; the rest hardly changes from one penalty to the next.
    for (const pair of this.pairs) {
      const weights = this.dim * this.outputs;
      addScaled(pair.y.subarray(0, weights), pair.s, (l2 - this.before) / this.rows);
      pair.rho = 1 / dot(pair.s, pair.y);
    }
    this.before = l2;
    const found = await lbfgs(this.objective(l2), from, {
      pairs: this.pairs,
      ...{ iterations, inverse: this.inverse(l2), promise: PROMISE, decrease: 1e-8, tolerance: 0, memory: this.memory },
    });
    return this.solution(l2, found);
  }

  /**
   * The optimum to float64's precision, from a solution in float32: all sums in float64, without an executor. For small problems; an
   * evaluation takes about rows · dim · outputs · 4 ns.
   * @param x [rows, dim] the standardised features again, unrounded
   */
  async polished(x: Float64Array, before: Solution): Promise<Solution> {
    const found = await lbfgs(this.exact(x, before.l2), before.at, {
      ...{
        iterations: 500,
        inverse: this.inverse(before.l2),
        promise: 1e-13,
        decrease: 1e-14,
        tolerance: 0,
        memory: 20,
      },
    });
    return this.solution(before.l2, found);
  }

  /** The objective of a solution in float64: what float32 has rounded it to may lie below the optimum. @param x as {@link polished} has it */
  async exactObjective(x: Float64Array, s: Solution): Promise<number> {
    return (await this.exact(x, s.l2)(s.at, new Float64Array(s.at.length))).value;
  }

  private exact(x: Float64Array, l2: number): Objective {
    const { dim, basis, target, rows, outputs } = this;
    const y = basis ? times(x, basis.q, rows, dim, dim) : x;
    return async (p) => {
      const { value, gradient, spread } = exactLoss(y, dim, target, outputs, p);
      this.spread = spread;
      return { value: value + this.penalise(l2, p, gradient), gradient };
    };
  }

  /** Keeps features, standardised alike, for {@link logits}. @param x [n, dim] */
  async keep(name: string, x: Float32Array): Promise<void> {
    const n = x.length / this.dim;
    const rotated = this.basis ? await turned(this.executor, name, x, this.basis) : x.slice();
    await this.executor.keep(name, [n, this.dim], rotated);
    const z = ops.gemm(ops.input(name, [n, this.dim]), ops.input('w', [this.dim, this.outputs]), {
      bias: ops.input('b', [this.outputs]),
    });
    await this.executor.load(`logits of ${name}`, { z });
  }

  /** @returns [n, outputs] logits of kept features */
  async logits(name: string, s: Solution): Promise<Float32Array> {
    return (await this.executor.run(`logits of ${name}`, this.feeds(s.at))).z;
  }

  private feeds(p: Float64Array): { w: Float32Array; b: Float32Array } {
    const weights = this.dim * this.outputs;
    return { w: new Float32Array(p.subarray(0, weights)), b: new Float32Array(p.subarray(weights)) };
  }

  /** Of weights [dim, outputs] in this fit's coordinates, followed by the bias [outputs]. */
  private objective(l2: number): Objective {
    const { rows, outputs, labels, target } = this;
    return async (p, gradient) => {
      if (this.o.signal?.aborted) throw new Interrupted('stopped in a logistic regression');
      const feeds = this.feeds(p);
      gradient.fill(0);
      let value = 0;
      let spread = 0;
      for (const [i, classes] of labels.entries()) {
        const isMany = target.of === 'classes' && outputs > 1;
        const out = await this.executor.run(`loss ${i}`, isMany ? { ...feeds, labels: classes } : feeds);
        value += lossOf(out) / rows;
        for (const s of out.spread) spread += s;
        add(gradient, out.dw, 0);
        add(gradient, out.db, p.length - outputs);
      }
      this.spread = Math.max(1e-12, spread / rows / outputs);
      return { value: value + this.penalise(l2, p, gradient), gradient };
    };
  }

  /** Adds the penalty's gradient. @returns the penalty */
  private penalise(l2: number, p: Float64Array, gradient: Float64Array): number {
    const weights = this.dim * this.outputs;
    const by = l2 / this.rows;
    let squares = 0;
    for (let i = 0; i < weights; i++) {
      squares += p[i] * p[i];
      gradient[i] += by * p[i];
    }
    return 0.5 * by * squares;
  }

  private inverse(l2: number): (v: Float64Array) => void {
    const { outputs, basis, rows } = this;
    return (v) => {
      const weights = v.subarray(0, v.length - outputs);
      const shift = l2 / rows;
      if (basis) solveShifted(basis, this.spread, shift, weights, outputs);
      else for (let i = 0; i < weights.length; i++) weights[i] /= this.spread + shift;
      for (let i = weights.length; i < v.length; i++) v[i] /= this.spread;
    };
  }

  private solution(l2: number, found: LbfgsResult): Solution {
    const { dim, outputs, basis } = this;
    let weights: Float64Array | undefined;
    const turnedBack = (): Float64Array => {
      const turned = basis ? times(basis.q, found.x, dim, dim, outputs) : found.x;
      const out = new Float64Array(outputs * dim);
      for (let j = 0; j < dim; j++) for (let c = 0; c < outputs; c++) out[c * dim + j] = turned[j * outputs + c];
      return out;
    };
    const bias = found.x.slice(dim * outputs);
    // Nothing holds what all classes' biases share: it drifts with what is rounded.
    const shared = this.target.of === 'classes' && outputs > 1 ? bias.reduce((a, b) => a + b, 0) / outputs : 0;
    const { value: objective, evaluations, converged } = found;
    return {
      // Of a path's solutions only some are asked for theirs, and turning them back takes as long as an evaluation.
      get weights() {
        return (weights ??= turnedBack());
      },
      ...{ l2, bias: bias.map((b) => b - shared), objective, evaluations, converged, at: found.x },
    };
  }

  async close(): Promise<void> {
    if (!this.o.executor) await this.executor.close();
  }
}

/** Puts a block of rows and the program of its loss and gradient into an executor. @param from the block's first row */
async function load(
  executor: Executor,
  number: number,
  x: Float32Array,
  dim: number,
  all: number,
  target: Target,
  from: number,
): Promise<void> {
  const rows = x.length / dim;
  const outputs = outputsOf(target);
  const transposed = x.length <= MOST_TRANSPOSED;
  if (transposed) {
    const xt = new Float32Array(x.length);
    for (let i = 0; i < rows; i++) for (let j = 0; j < dim; j++) xt[j * rows + i] = x[i * dim + j];
    await executor.keep(`xt ${number}`, [dim, rows], xt);
  }
  await executor.keep(`x ${number}`, [rows, dim], x);
  const features = ops.input(`x ${number}`, [rows, dim]);
  const z = ops.gemm(features, ops.input('w', [dim, outputs]), { bias: ops.input('b', [outputs]) });
  let residual: Tensor;
  let told: Record<string, Tensor>;
  if (target.of === 'classes' && outputs > 1) {
    const identity = new Float32Array(outputs * outputs);
    for (let c = 0; c < outputs; c++) identity[c * outputs + c] = 1;
    const right = ops.takeRows(ops.constant(identity, [outputs, outputs]), ops.input('labels', [rows], 'i64'));
    const logp = ops.logSoftmax(z);
    const wrong = ops.mul(ops.exp(logp), ops.offset(ops.neg(right), 1));
    const missing = ops.sum(wrong, [1]);
    residual = ops.sub(wrong, ops.mul(right, missing));
    told = { missing, logp: ops.sum(ops.mul(logp, right), [1]) };
  } else {
    const sign = new Float32Array(rows * outputs);
    for (let i = 0; i < sign.length; i++) sign[i] = isThere(target, from * outputs + i) ? 1 : -1;
    await executor.keep(`sign ${number}`, [rows, outputs], sign);
    const signs = ops.input(`sign ${number}`, [rows, outputs]);
    const margin = ops.mul(z, signs);
    const missing = ops.div(ops.filled(1, [1, 1]), ops.offset(ops.exp(margin), 1));
    residual = ops.neg(ops.mul(signs, missing));
    told = { margin };
  }
  const share = 1 / all;
  await executor.load(`loss ${number}`, {
    ...told,
    dw: transposed
      ? ops.gemm(ops.input(`xt ${number}`, [dim, rows]), residual, { alpha: share })
      : ops.gemm(features, residual, { transA: true, alpha: share }),
    db: ops.scale(ops.sum(residual, [0], false), share),
    spread: ops.sum(ops.sub(absolute(residual), ops.mul(residual, residual)), [1]),
  });
}

const absolute = (x: Tensor): Tensor => ops.maximum(x, ops.neg(x));

/** Whether the entry of [rows, outputs] is one that is there; of two classes the second is. */
const isThere = (t: Target, i: number): boolean => (t.of === 'labels' ? t.present[i] === 1 : t.labels[i] === 1);

/** Cross entropy, summed. */
function lossOf(out: Record<string, Float32Array>): number {
  let sum = 0;
  if (out.margin) {
    for (const m of out.margin) sum += m > 0 ? Math.log1p(Math.exp(-m)) : Math.log1p(Math.exp(m)) - m;
    return sum;
  }
  const { missing, logp } = out;
  for (let i = 0; i < missing.length; i++) sum -= missing[i] < 0.5 ? Math.log1p(-missing[i]) : logp[i];
  return sum;
}

function add(to: Float64Array, from: Float32Array, at: number): void {
  for (let i = 0; i < from.length; i++) to[at + i] += from[i];
}

/** xᵀx / rows in float32's precision, which is enough to say where steps should be long. */
async function covariance(executor: Executor, x: Float32Array, dim: number): Promise<Float64Array> {
  const rows = x.length / dim;
  await executor.keep('all', [rows, dim], x.slice());
  const all = ops.input('all', [rows, dim]);
  await executor.load('covariance', { s: ops.gemm(all, all, { transA: true, alpha: 1 / rows }) });
  const { s } = await executor.run('covariance', {});
  await executor.drop('all');
  return new Float64Array(s);
}

/** x·Q */
async function turned(
  executor: Executor,
  name: string,
  x: Float32Array,
  { q, size }: Tridiagonal,
): Promise<Float32Array> {
  const rows = x.length / size;
  await executor.load(`turn ${name}`, {
    y: ops.gemm(ops.input('features', [rows, size]), ops.input('q', [size, size])),
  });
  return (await executor.run(`turn ${name}`, { features: x, q: new Float32Array(q) })).y;
}

/** Of matrices [n, inner] and [inner, columns], row-major. */
function times(a: Float64Array, b: Float64Array, n: number, inner: number, columns: number): Float64Array {
  const out = new Float64Array(n * columns);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < inner; j++) {
      const by = a[i * inner + j];
      for (let c = 0; c < columns; c++) out[i * columns + c] += by * b[j * columns + c];
    }
  return out;
}
