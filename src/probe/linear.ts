import { ops, type Tensor } from '../graph/index.js';
import { Rng } from '../rng.js';
import type { Executor, Executors } from '../runtime/executor.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import type { Labelled } from './labelled.js';
import { argmaxRows } from './metrics.js';
import { stratifiedSplit } from './split.js';
import { standardised, statistics } from './standardise.js';

export interface LinearOptions {
  classes: number;
  /** Learning rates tried, per 256 images of a batch. */
  lrs: readonly number[];
  /** Passes over the training features. */
  epochs: number;
  batch: number;
  momentum: number;
  /** Share of the training images on which the rate is chosen, 0…1; with one rate none is set aside. */
  validation: number;
  seed: number;
  /** What computes; default: ONNX Runtime on all cores. */
  on?: Executors;
  signal?: AbortSignal;
}

export interface LinearResult {
  /** [n] class of each test row */
  predictions: Int32Array;
  /** The rate chosen, per 256 images of a batch. */
  lr: number;
  /** Top-1 on the validation images by rate, in the order of `lrs`; empty where there was nothing to choose. */
  validation: { lr: number; top1: number; loss: number }[];
  /** Share of the training images that the final classifier classifies rightly. */
  trainTop1: number;
}

/** Rows classified at once. */
const BLOCK = 2048;
/** Memory for the sweep's copies of the features. */
const COPIES_BYTES = 2 ** 29;
/** Operations of a step from which several threads pay. */
const WORTH_THREADS = 5e8;
/** Operations of a sweep from which sessions of their own pay. */
const WORTH_SESSIONS = 2e9;

/**
 * Linear probe (paper, appendix B): SGD with momentum, no weight decay, cosine rate without warm-up. Features are standardised by the
 * training set's statistics, as a BatchNorm without affine parameters does. All rates train at once, as one stacked weight matrix. The one
 * that is best on a stratified validation split is then trained anew on all training images; test images are only classified, at the end.
 */
export async function linearProbe(train: Labelled, test: Labelled, o: LinearOptions): Promise<LinearResult> {
  const stats = statistics(train.x, train.dim);
  const rows = { train: train.labels.length, test: test.labels.length };
  const { fit, held } = stratifiedSplit(train.labels, o.classes, o.lrs.length > 1 ? o.validation : 0, o.seed);
  const features = () => standardised(train.x, stats);
  const on = o.on ?? cpuExecutors();
  const work = operations(Math.min(o.batch, rows.train), train.dim, o.classes);
  const executor = await on.open({ small: true, threads: work > WORTH_THREADS ? undefined : 1 });
  try {
    await executor.keep('train', [rows.train, train.dim], features());
    await executor.keep('test', [rows.test, train.dim], standardised(test.x, stats));
    const bench = { executor, dim: train.dim, rows, o };
    const steps = (o.epochs * fit.length) / Math.min(o.batch, fit.length);
    // More sessions than this one would take longer to start than to do what there is to do.
    const here = work * steps * o.lrs.length < WORTH_SESSIONS;
    const { lr, validation } =
      held.length === 0
        ? { lr: o.lrs[0], validation: [] as LinearResult['validation'] }
        : best(here ? await swept(bench, o.lrs, fit, held, train) : await sweep(train, features, fit, held, on, o));

    const all = range(rows.train);
    const final = await Stack.train(bench, 'final', [lr], all, train.labels);
    const [{ top1: trainTop1 }] = await final.score('train', all, train.labels);
    const predictions = argmaxRows(await final.logits('test', range(rows.test)), o.classes);
    return { predictions, lr, validation, trainTop1 };
  } finally {
    await executor.close();
  }
}

/** Trains all rates on `fit` and scores them on `held`. */
const swept = async (bench: Bench, lrs: readonly number[], fit: Int32Array, held: Int32Array, train: Labelled) =>
  (await Stack.train(bench, 'sweep', lrs, fit, train.labels)).score('train', held, train.labels);

/**
 * The same, all at once: on a CPU's threads rates are dealt out to sessions of one thread each, which need not wait for each other as the
 * threads of one session do at every product; each holds a copy of the features, so that wide ones get fewer sessions. A device that all
 * share does all rates in one program.
 */
async function sweep(
  train: Labelled,
  features: () => Float32Array,
  fit: Int32Array,
  held: Int32Array,
  on: Executors,
  o: LinearOptions,
): Promise<LinearResult['validation']> {
  const threads = on.threads ?? 1;
  const sessions = Math.min(threads, o.lrs.length, Math.max(1, Math.floor(COPIES_BYTES / train.x.byteLength)));
  const scored = await Promise.all(
    Array.from({ length: sessions }, async (_, i) => {
      const lrs = o.lrs.filter((_, r) => r % sessions === i);
      const executor = await on.open({ small: true, threads: Math.floor(threads / sessions) });
      try {
        await executor.keep('train', [train.labels.length, train.dim], features());
        const bench = { executor, dim: train.dim, rows: { train: train.labels.length, test: 0 }, o };
        return await swept(bench, lrs, fit, held, train);
      } finally {
        await executor.close();
      }
    }),
  );
  return o.lrs.map((_, r) => scored[r % sessions][Math.floor(r / sessions)]);
}

function best(validation: LinearResult['validation']): Pick<LinearResult, 'lr' | 'validation'> {
  let at = 0;
  for (let i = 1; i < validation.length; i++) if (better(validation[i], validation[at])) at = i;
  return { lr: validation[at].lr, validation };
}

/** Of one step of one rate: logits and the weights' gradient, multiply-adds counted twice. */
const operations = (batch: number, dim: number, classes: number): number => 4 * batch * dim * classes;
const range = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

/** More right answers; of equally many, the smaller loss. */
function better(a: { top1: number; loss: number }, b: { top1: number; loss: number }): boolean {
  return a.top1 !== b.top1 ? a.top1 > b.top1 : a.loss < b.loss;
}

interface Bench {
  executor: Executor;
  dim: number;
  rows: { train: number; test: number };
  o: LinearOptions;
}

/** Linear classifiers trained side by side, one a learning rate: weights [rates · classes, dim], bias [rates · classes]. */
class Stack {
  private readonly bench: Bench;
  private readonly lrs: readonly number[];

  private constructor(bench: Bench, lrs: readonly number[]) {
    this.bench = bench;
    this.lrs = lrs;
  }

  private get rates(): number {
    return this.lrs.length;
  }

  /** @param name of the order of batches; @param subset rows of the training features to learn from */
  static async train(
    bench: Bench,
    name: string,
    lrs: readonly number[],
    subset: Int32Array,
    labels: Int32Array,
  ): Promise<Stack> {
    const { executor, dim, o } = bench;
    const outputs = lrs.length * o.classes;
    const batch = Math.min(o.batch, subset.length);
    const init = Rng.of(o.seed, 'linear probe', 'weights');
    // Every rate starts from the same weights.
    const first = Float32Array.from({ length: o.classes * dim }, () => 0.01 * init.normal());
    const weights = new Float32Array(outputs * dim);
    for (let r = 0; r < lrs.length; r++) weights.set(first, r * first.length);
    await executor.keep('w', [outputs, dim], weights);
    await executor.keep('vw', [outputs, dim], 0);
    for (const bias of ['b', 'vb']) await executor.keep(bias, [outputs], 0);
    const step = updateGraph(bench.rows.train, dim, o.classes, lrs.length, batch, o.momentum);
    await executor.load('step', step, { replaces: { wNew: 'w', bNew: 'b', vwNew: 'vw', vbNew: 'vb' } });
    const order = Rng.of(o.seed, 'linear probe', 'order', name);
    // Even, so that all versions, some of which kept two sets of weights, give the same figures.
    const steps = 2 * Math.max(1, Math.round((o.epochs * subset.length) / batch / 2));
    const shuffled = subset.slice();
    const index = new BigInt64Array(batch);
    const classes = new BigInt64Array(batch);
    const rate = new Float32Array(outputs);
    let at = shuffled.length;
    let last: Promise<unknown> = Promise.resolve();
    for (let t = 0; t < steps; t++) {
      for (let i = 0; i < batch; i++) {
        // Batches run on over the ends of epochs: every image is seen equally often, and all batches have one shape.
        if (at === shuffled.length) {
          order.shuffle(shuffled);
          at = 0;
        }
        const row = shuffled[at++];
        index[i] = BigInt(row);
        classes[i] = BigInt(labels[row]);
      }
      const cosine = 0.5 * (1 + Math.cos((Math.PI * t) / steps)) * (batch / 256);
      for (let j = 0; j < outputs; j++) rate[j] = lrs[Math.floor(j / o.classes)] * cosine;
      if (o.signal?.aborted) break;
      // One ahead, so that what computes never waits for what is drawn here.
      const next = executor.run('step', { index, labels: classes, rate });
      next.catch(() => {});
      await last;
      last = next;
    }
    await last;
    return new Stack(bench, lrs);
  }

  /** Logits of rows of a feature buffer: [rows, rates · classes]. */
  async logits(buffer: 'train' | 'test', rows: Int32Array): Promise<Float32Array> {
    const { executor, dim, o } = this.bench;
    const outputs = this.rates * o.classes;
    const block = Math.min(BLOCK, rows.length);
    const x = ops.input(buffer, [this.bench.rows[buffer], dim]);
    const index = ops.input('index', [block], 'i64');
    const y = ops.linear(ops.takeRows(x, index), ops.input('w', [outputs, dim]), ops.input('b', [outputs]));
    const program = `${buffer} ${block}`;
    await executor.load(program, { y });
    const out = new Float32Array(rows.length * outputs);
    for (let from = 0; from < rows.length; from += block) {
      const count = Math.min(block, rows.length - from);
      // The last block is filled up with the first row, whose logits are dropped.
      const these = BigInt64Array.from({ length: block }, (_, i) => BigInt(rows[i < count ? from + i : 0]));
      const got = await executor.run(program, { index: these });
      out.set(got.y.subarray(0, count * outputs), from * outputs);
    }
    return out;
  }

  /** Top-1 and mean cross entropy of each rate on rows of a feature buffer. */
  async score(buffer: 'train' | 'test', rows: Int32Array, labels: Int32Array): Promise<LinearResult['validation']> {
    const { classes } = this.bench.o;
    const y = await this.logits(buffer, rows);
    return Array.from({ length: this.rates }, (_, r) => {
      let right = 0;
      let loss = 0;
      for (let i = 0; i < rows.length; i++) {
        const at = (i * this.rates + r) * classes;
        let best = 0;
        for (let c = 1; c < classes; c++) if (y[at + c] > y[at + best]) best = c;
        let total = 0;
        for (let c = 0; c < classes; c++) total += Math.exp(y[at + c] - y[at + best]);
        const label = labels[rows[i]];
        loss += Math.log(total) + y[at + best] - y[at + label];
        if (best === label) right++;
      }
      // A rate that diverged is the worst of all.
      const mean = loss / rows.length;
      return { lr: this.lrs[r], top1: right / rows.length, loss: Number.isFinite(mean) ? mean : Number.MAX_VALUE };
    });
  }
}

/** One step of SGD with momentum (v ← m·v + g, w ← w − lr·v) on mean cross entropy, for all rates at once. */
function updateGraph(
  rows: number,
  dim: number,
  classes: number,
  rates: number,
  batch: number,
  momentum: number,
): Record<string, Tensor> {
  const outputs = rates * classes;
  const w = ops.input('w', [outputs, dim]);
  const b = ops.input('b', [outputs]);
  const vw = ops.input('vw', [outputs, dim]);
  const vb = ops.input('vb', [outputs]);
  const x = ops.takeRows(ops.input('train', [rows, dim]), ops.input('index', [batch], 'i64'));
  const identity = new Float32Array(classes * classes);
  for (let c = 0; c < classes; c++) identity[c * classes + c] = 1;
  const target = ops.takeRows(ops.constant(identity, [classes, classes]), ops.input('labels', [batch], 'i64'));
  const p = ops.softmax(ops.reshape(ops.linear(x, w, b), [batch, rates, classes]));
  const error = ops.reshape(ops.scale(ops.sub(p, ops.reshape(target, [batch, 1, classes])), 1 / batch), [
    batch,
    outputs,
  ]);
  const rate = ops.input('rate', [outputs]);
  const vwNew = ops.add(ops.scale(vw, momentum), ops.gemm(error, x, { transA: true }));
  const vbNew = ops.add(ops.scale(vb, momentum), ops.sum(error, [0], false));
  return {
    vwNew,
    vbNew,
    wNew: ops.sub(w, ops.mul(vwNew, ops.reshape(rate, [outputs, 1]))),
    bNew: ops.sub(b, ops.mul(vbNew, rate)),
  };
}
