import { Interrupted, UserError } from '../errors.js';
import { Rng } from '../rng.js';
import type { Executors } from '../runtime/executor.js';
import type { Labelled } from './labelled.js';
import { gather, pick } from './logistic.js';
import { type Norm, SgdStack } from './sgd-stack.js';
import { stratifiedSplit } from './split.js';

export interface SgdProbeOptions {
  classes: number;
  /** Rates tried, per 256 images of a batch. */
  lrs: readonly number[];
  epochs: number;
  /** Cut to the number of training images. */
  batch: number;
  momentum: number;
  norm: Norm;
  /** Share of the training images on which rate and epoch are chosen where there is no validation split, 0…1. */
  validation: number;
  /** Whether a classifier is trained anew on training and validation images at the chosen rate, to its last epoch; else the chosen one is tested as it is. */
  refit: boolean;
  seed: number;
  on?: Executors;
  signal?: AbortSignal;
  /** Called after each epoch. */
  onEpoch?(done: number, total: number): void;
}

export interface SgdProbeResult {
  /** [n, classes] of the test rows */
  logits: Float32Array;
  lr: number;
  /** Of the chosen classifier, from 1 on; where it was trained anew, its last. */
  epoch: number;
  /** Best top-1 on the validation images by rate, 0…1, and the epoch at which it was reached. */
  validation: { lr: number; top1: number; epoch: number }[];
}

/**
 * Linear probe of the paper's table 13 on kept features: all rates trained in one pass, evaluated on validation images after every epoch; the
 * highest top-1 over all rates and epochs is chosen, the first of equals. Test images are only classified, at the end.
 * @param val absent: a stratified part of `train`
 * @throws Interrupted; UserError where no image is left to choose by
 */
export async function sgdProbe(
  train: Labelled,
  val: Labelled | undefined,
  test: Labelled,
  o: SgdProbeOptions,
): Promise<SgdProbeResult> {
  const { dim } = train;
  const [fitted, held] = val ? [train, val] : splitOff(train, o);
  if (held.labels.length === 0 || fitted.labels.length === 0)
    throw new UserError(
      `linear probe: ${train.labels.length} training images are too few to set ${Math.round(100 * o.validation)} % of every class aside`,
    );
  const passes = o.epochs * (o.refit ? 2 : 1);
  const batch = Math.min(o.batch, fitted.labels.length);
  const first = await open(fitted, o.lrs, batch, o);
  let best = { r: 0, top1: -1, epoch: 0 };
  const validation = o.lrs.map((lr) => ({ lr, top1: -1, epoch: 0 }));
  let logits: Float32Array | undefined;
  try {
    await first.keep('val', held.x);
    await first.keep('test', test.x);
    const order = Rng.of(o.seed, 'sgd probe', 'order');
    for (let epoch = 1; epoch <= o.epochs; epoch++) {
      await first.epoch(order.shuffle(range(fitted.labels.length)), o.signal);
      if (o.signal?.aborted) throw new Interrupted('stopped in a linear probe');
      const y = await first.logits('val', held.labels.length);
      const shares = right(y, held.labels, o.lrs.length, o.classes);
      shares.forEach((top1, r) => {
        if (top1 > validation[r].top1) validation[r] = { lr: o.lrs[r], top1, epoch };
      });
      const r = shares.indexOf(Math.max(...shares));
      if (shares[r] > best.top1) {
        best = { r, top1: shares[r], epoch };
        if (!o.refit) logits = classifierOf(await first.logits('test', test.labels.length), r, o.lrs.length, o.classes);
      }
      o.onEpoch?.(epoch, passes);
    }
  } finally {
    await first.close();
  }
  const lr = o.lrs[best.r];
  if (logits) return { logits, lr, epoch: best.epoch, validation };

  const all = joined(fitted, held);
  const again = await open(all, [lr], Math.min(o.batch, all.labels.length), o);
  try {
    await again.keep('test', test.x);
    const order = Rng.of(o.seed, 'sgd probe', 'order', 'all');
    for (let epoch = 1; epoch <= o.epochs; epoch++) {
      await again.epoch(order.shuffle(range(all.labels.length)), o.signal);
      if (o.signal?.aborted) throw new Interrupted('stopped in a linear probe');
      o.onEpoch?.(o.epochs + epoch, passes);
    }
    return { logits: await again.logits('test', test.labels.length), lr, epoch: o.epochs, validation };
  } finally {
    await again.close();
  }
  function open(rows: Labelled, lrs: readonly number[], batch: number, o: SgdProbeOptions): Promise<SgdStack> {
    const steps = o.epochs * Math.max(1, Math.floor(rows.labels.length / batch));
    return SgdStack.open(rows.x, dim, rows.labels, {
      ...{ classes: o.classes, lrs, batch, momentum: o.momentum, norm: o.norm, steps, on: o.on },
      weights: beginning(lrs.length, o.classes * dim, o.seed),
    });
  }
}

/** Normal weights of deviation 0.01, the same for every rate. */
export function beginning(rates: number, size: number, seed: number): Float32Array {
  const rng = Rng.of(seed, 'sgd probe', 'weights');
  const one = Float32Array.from({ length: size }, () => 0.01 * rng.normal());
  const out = new Float32Array(rates * size);
  for (let r = 0; r < rates; r++) out.set(one, r * size);
  return out;
}

const range = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

export function splitOff(
  rows: Labelled,
  o: Pick<SgdProbeOptions, 'classes' | 'validation' | 'seed'>,
): [Labelled, Labelled] {
  const { fit, held } = stratifiedSplit(rows.labels, o.classes, o.validation, o.seed);
  const take = (at: Int32Array): Labelled => ({
    ...{ x: gather(rows.x, rows.dim, at), dim: rows.dim, labels: pick(rows.labels, at) },
  });
  return [take(fit), take(held)];
}

/** Rows one after the other. */
export function joined(a: Labelled, b: Labelled): Labelled {
  const x = new Float32Array(a.x.length + b.x.length);
  x.set(a.x);
  x.set(b.x, a.x.length);
  const labels = new Int32Array(a.labels.length + b.labels.length);
  labels.set(a.labels);
  labels.set(b.labels, a.labels.length);
  return { x, dim: a.dim, labels };
}

/** Share of right answers of each classifier. @param y [n, rates · classes] */
export function right(y: Float32Array, labels: Int32Array, rates: number, classes: number): number[] {
  const counts = new Array<number>(rates).fill(0);
  labels.forEach((label, i) => {
    for (let r = 0; r < rates; r++) {
      const at = (i * rates + r) * classes;
      let best = 0;
      for (let c = 1; c < classes; c++) if (y[at + c] > y[at + best]) best = c;
      // What has diverged is no number, and right nowhere.
      if (best === label && !Number.isNaN(y[at + best])) counts[r]++;
    }
  });
  return counts.map((n) => n / Math.max(1, labels.length));
}

/** Logits of one classifier of several. */
export function classifierOf(y: Float32Array, r: number, rates: number, classes: number): Float32Array {
  const n = y.length / rates / classes;
  const out = new Float32Array(n * classes);
  for (let i = 0; i < n; i++) {
    const at = (i * rates + r) * classes;
    out.set(y.subarray(at, at + classes), i * classes);
  }
  return out;
}
