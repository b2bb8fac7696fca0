import { ops, type Tensor } from '../graph/index.js';
import type { Executor, Executors } from '../runtime/executor.js';
import { cpuExecutors } from '../runtime/open-executors.js';

/**
 * What is done to features before the classifiers: nothing, or batch normalisation without affine parameters (paper, table 13): by each batch's
 * own mean and variance in training, by running ones in evaluation.
 */
export const NORMS = ['batch', 'none'] as const;
export type Norm = (typeof NORMS)[number];

/** Of batch normalisation, as the authors' script sets it. */
const EPS = 1e-6;
const MOMENTUM = 0.1;
/** Rows classified at once. */
const BLOCK = 2048;

/** What training changes. @param outputs rates · classes */
export const trainedTensors = (outputs: number, dim: number) =>
  [
    { name: 'w', shape: [outputs, dim] },
    { name: 'vw', shape: [outputs, dim] },
    { name: 'b', shape: [outputs] },
    { name: 'vb', shape: [outputs] },
    { name: 'mean', shape: [1, dim] },
    { name: 'variance', shape: [1, dim] },
  ] as const;

export interface StackOptions {
  classes: number;
  /** Rates per 256 images of a batch, a classifier each. */
  lrs: readonly number[];
  batch: number;
  momentum: number;
  norm: Norm;
  /** Steps until the rates' cosine reaches 0. */
  steps: number;
  /** [rates, classes, dim] to begin with; biases begin at 0. */
  weights: Float32Array;
  /** What computes; default: ONNX Runtime on all cores. */
  on?: Executors;
  threads?: number;
}

/**
 * Linear classifiers trained side by side by SGD with momentum and without weight decay, one a rate, on the same batches: their losses are
 * summed, so that each trains as if it were alone. The rate of step t is rate · batch / 256 · (1 + cos(π·t / steps)) / 2.
 */
export class SgdStack {
  private readonly executor: Executor;
  private readonly dim: number;
  private readonly labels: Int32Array;
  private readonly o: StackOptions;
  private readonly programs = new Set<string>();
  private done = 0;

  private constructor(executor: Executor, dim: number, labels: Int32Array, o: StackOptions) {
    this.executor = executor;
    this.dim = dim;
    this.labels = labels;
    this.o = o;
  }

  /** @param x [n, dim] @param labels [n] */
  static async open(x: Float32Array, dim: number, labels: Int32Array, o: StackOptions): Promise<SgdStack> {
    const executor = await (o.on ?? cpuExecutors()).open({ small: true, threads: o.threads });
    try {
      await executor.keep('train', [labels.length, dim], x.slice());
      const first = { w: o.weights.slice(), variance: new Float32Array(dim).fill(1) };
      for (const { name, shape } of trainedTensors(o.lrs.length * o.classes, dim))
        await executor.keep(name, shape, first[name as keyof typeof first] ?? 0);
      const replaces = { wNew: 'w', bNew: 'b', vwNew: 'vw', vbNew: 'vb', meanNew: 'mean', varianceNew: 'variance' };
      const step = stepGraph(labels.length, dim, o);
      const used = Object.fromEntries(Object.entries(replaces).filter(([name]) => name in step));
      await executor.load('step', step, { replaces: used });
      return new SgdStack(executor, dim, labels, o);
    } catch (e) {
      await executor.close();
      throw e;
    }
  }

  /** Rates of the next step, one a classifier. */
  rates(): number[] {
    const { lrs, batch, steps } = this.o;
    const cosine = 0.5 * (1 + Math.cos((Math.PI * this.done) / steps)) * (batch / 256);
    return lrs.map((lr) => lr * cosine);
  }

  /**
   * A step on each full batch of `order`; what is left over at its end is dropped.
   * @param order rows of the training features @returns by step, the loss of each classifier
   */
  async epoch(order: Int32Array, signal?: AbortSignal): Promise<Float32Array[]> {
    const { batch, classes } = this.o;
    const pending: Promise<Record<string, Float32Array>>[] = [];
    for (let from = 0; from + batch <= order.length && !signal?.aborted; from += batch) {
      const rows = order.subarray(from, from + batch);
      const index = BigInt64Array.from(rows, BigInt);
      const labels = BigInt64Array.from(rows, (r) => BigInt(this.labels[r]));
      const rate = Float32Array.from(this.rates().flatMap((r) => Array<number>(classes).fill(r)));
      const run = this.executor.run('step', { index, labels, rate });
      // An error is seen where all are waited for.
      run.catch(() => {});
      pending.push(run);
      this.done++;
    }
    return (await Promise.all(pending)).map((out) => out.loss);
  }

  /**
   * A step on other rows than those it was opened with, as many as a batch has.
   * @param x [batch, dim] @param labels [batch]
   */
  async step(x: Float32Array, labels: Int32Array): Promise<void> {
    const { batch } = this.o;
    await this.executor.keep('train', [batch, this.dim], x.slice());
    this.labels.set(labels);
    await this.epoch(Int32Array.from({ length: batch }, (_, i) => i));
  }

  /** Puts back what {@link read} gave of all that is {@link trainedTensors}, after so many steps. */
  async restore(from: ReadonlyMap<string, { data: unknown }>, steps: number): Promise<void> {
    const { lrs, classes } = this.o;
    for (const { name, shape } of trainedTensors(lrs.length * classes, this.dim))
      await this.executor.keep(name, shape, (from.get(name)!.data as Float32Array).slice());
    this.done = steps;
  }

  /** Keeps rows for {@link logits}. @param x [n, dim] */
  async keep(name: string, x: Float32Array): Promise<void> {
    await this.executor.keep(name, [x.length / this.dim, this.dim], x.slice());
  }

  /** @param n rows of what is kept under `name` @returns [n, rates · classes] in evaluation mode */
  async logits(name: string, n: number): Promise<Float32Array> {
    const { lrs, classes, norm } = this.o;
    const outputs = lrs.length * classes;
    const block = Math.min(BLOCK, n);
    const program = `logits of ${name}`;
    if (!this.programs.has(program)) {
      const index = ops.input('index', [block], 'i64');
      let x = ops.takeRows(ops.input(name, [n, this.dim]), index);
      if (norm === 'batch') x = normalised(x, ops.input('mean', [1, this.dim]), ops.input('variance', [1, this.dim]));
      const y = ops.linear(x, ops.input('w', [outputs, this.dim]), ops.input('b', [outputs]));
      await this.executor.load(program, { y });
      this.programs.add(program);
    }
    const out = new Float32Array(n * outputs);
    for (let from = 0; from < n; from += block) {
      const count = Math.min(block, n - from);
      // The last block is filled up with the first row, whose logits are dropped.
      const index = BigInt64Array.from({ length: block }, (_, i) => BigInt(i < count ? from + i : 0));
      const { y } = await this.executor.run(program, { index });
      out.set(y.subarray(0, count * outputs), from * outputs);
    }
    return out;
  }

  /** A copy of `w` [rates, classes, dim], `b` [rates, classes], their momenta `vw` and `vb`, and of the running `mean` and `variance` [dim]. */
  read(name: 'w' | 'b' | 'vw' | 'vb' | 'mean' | 'variance'): Promise<Float32Array> {
    return this.executor.read(name);
  }

  close(): Promise<void> {
    return this.executor.close();
  }
}

const normalised = (x: Tensor, mean: Tensor, variance: Tensor): Tensor =>
  ops.div(ops.sub(x, mean), ops.sqrt(ops.offset(variance, EPS)));

/** One step: v ← m·v + g, w ← w − rate·v on mean cross entropy, for all rates at once. */
function stepGraph(rows: number, dim: number, o: StackOptions): Record<string, Tensor> {
  const { classes, batch, momentum } = o;
  const rates = o.lrs.length;
  const outputs = rates * classes;
  const raw = ops.takeRows(ops.input('train', [rows, dim]), ops.input('index', [batch], 'i64'));
  let x = raw;
  const running: Record<string, Tensor> = {};
  if (o.norm === 'batch') {
    const mean = ops.mean(raw, [0]);
    const centred = ops.sub(raw, mean);
    const variance = ops.mean(ops.mul(centred, centred), [0]);
    x = normalised(raw, mean, variance);
    const mixed = (name: string, now: Tensor) =>
      ops.add(ops.scale(ops.input(name, [1, dim]), 1 - MOMENTUM), ops.scale(now, MOMENTUM));
    running.meanNew = mixed('mean', mean);
    // The running variance is unbiased, the batch's own is not.
    running.varianceNew = mixed('variance', ops.scale(variance, batch / Math.max(1, batch - 1)));
  }
  const w = ops.input('w', [outputs, dim]);
  const b = ops.input('b', [outputs]);
  const identity = new Float32Array(classes * classes);
  for (let c = 0; c < classes; c++) identity[c * classes + c] = 1;
  const right = ops.takeRows(ops.constant(identity, [classes, classes]), ops.input('labels', [batch], 'i64'));
  const target = ops.reshape(right, [batch, 1, classes]);
  const logp = ops.logSoftmax(ops.reshape(ops.linear(x, w, b), [batch, rates, classes]));
  const error = ops.reshape(ops.scale(ops.sub(ops.exp(logp), target), 1 / batch), [batch, outputs]);
  const rate = ops.input('rate', [outputs]);
  const vwNew = ops.add(ops.scale(ops.input('vw', [outputs, dim]), momentum), ops.gemm(error, x, { transA: true }));
  const vbNew = ops.add(ops.scale(ops.input('vb', [outputs]), momentum), ops.sum(error, [0], false));
  return {
    ...running,
    vwNew,
    vbNew,
    wNew: ops.sub(w, ops.mul(vwNew, ops.reshape(rate, [outputs, 1]))),
    bNew: ops.sub(b, ops.mul(vbNew, rate)),
    loss: ops.scale(ops.sum(ops.mul(logp, target), [0, 2], false), -1 / batch),
  };
}
