import { z } from 'zod';
import { UserError } from '../../errors.js';
import { isObject, readJsonAs } from '../../formats/json.js';
import { type Norm, SgdStack } from '../../probe/sgd-stack.js';
import { inTop, meanOf } from '../metrics/accuracy.js';
import { absolute, ofLargest, type Tensors, tensorsOf } from './finetune-compare.js';
import type { Check, KINDS } from './index.js';

/** Recorded SGD probes: several rates at once, with and without batch normalisation, in a recorded order of rows. */

const number = z.number();
const passForm = z.looseObject({
  best_val_top1: number,
  best_classifier: z.int(),
  best_epoch: z.int(),
  /** [epochs][rates] top-1, top-5 in per cent, loss. */
  val_top1_top5_loss_per_epoch: z.array(z.array(z.tuple([number, number, number]))),
  train_loss_per_iteration: z.array(z.array(number)).optional(),
  lr_per_iteration: z.array(z.array(number)).optional(),
  smallest_val_margin: z.array(number).optional(),
});
type Pass = z.infer<typeof passForm>;
const form = z.looseObject({
  train: z.int(),
  val: z.int(),
  classes: z.int(),
  batch: z.int().positive(),
  epochs: z.int().positive(),
  base_lrs: z.array(number).min(1),
  momentum: number,
  plain: passForm.optional(),
  bn: passForm.optional(),
});

const BAR = 1e-5;
/** A rate at which training bounces multiplies what float32 rounds. */
const LARGEST_RATE = 1e-3;
/** Margin of logits that float32 tells apart. */
const TELLS = 1e-4;

async function* verifyLinear(file: string): AsyncGenerator<Check> {
  const said = await readJsonAs(file, form);
  const t = await tensorsOf(file);
  for (const [name, norm] of [
    ['plain', 'none'],
    ['bn', 'batch'],
  ] as const) {
    const pass = said[name];
    if (pass) for await (const check of verifyPass(said, pass, t, name, norm, file)) yield check;
  }
}

async function* verifyPass(
  said: z.infer<typeof form>,
  pass: Pass,
  t: Tensors,
  name: string,
  norm: Norm,
  file: string,
): AsyncGenerator<Check> {
  const { train, val, classes, batch, epochs, base_lrs: lrs } = said;
  const { data: x, shape } = t.get('x', 2);
  const dim = shape[1];
  const y = t.ints('y');
  if (shape[0] !== train + val) throw new UserError(`${file}: ${shape[0]} rows are not ${train} + ${val}`);
  const order = t.ints('order');
  const steps = epochs * Math.floor(train / batch);
  const labels = y.subarray(train);
  const stack = await SgdStack.open(x.slice(0, train * dim), dim, y.slice(0, train), {
    ...{ classes, lrs, batch, momentum: said.momentum, norm, steps, threads: 1 },
    weights: t.get('init_weight').data,
  });
  // Only without normalisation do the largest rate's weights bounce.
  const largest = lrs.indexOf(Math.max(...lrs));
  const barOf = (r: number) => (norm === 'none' && r === largest ? LARGEST_RATE : BAR);
  const checks: Check[] = [];
  const byRate = (what: string, found: Float32Array, tensor: string) => {
    if (!t.has(tensor)) return;
    const expected = t.get(tensor).data;
    const size = expected.length / lrs.length;
    lrs.forEach((lr, r) => {
      const part = <T extends Float32Array>(a: T) => a.subarray(r * size, (r + 1) * size);
      checks.push({
        name: `${name} rate ${lr} ${what}`,
        off: ofLargest(part(found), part(expected)),
        bar: barOf(r),
      });
    });
  };
  try {
    await stack.keep('val', x.slice(train * dim));
    const rates: number[][] = [];
    const losses: Float32Array[] = [];
    let best = { top1: -1, classifier: 0, epoch: 0 };
    for (let epoch = 0; epoch < epochs; epoch++) {
      const rows = order.slice(epoch * train, (epoch + 1) * train);
      for (let from = 0; from + batch <= train; from += batch) {
        rates.push(stack.rates());
        losses.push(...(await stack.epoch(rows.slice(from, from + batch))));
        if (rates.length === 1) byRate('weights after one step', await stack.read('w'), `${name}/weight_after_1`);
      }
      const logits = await stack.logits('val', val);
      for (const [r, lr] of lrs.entries()) {
        const own = ofClassifier(logits, r, lrs.length, classes);
        const [top1, top5, loss] = pass.val_top1_top5_loss_per_epoch[epoch][r];
        const found = 100 * meanOf(inTop(1, own, labels, classes));
        if (found > best.top1 + 1e-9) best = { top1: found, classifier: r, epoch };
        const isLast = epoch === epochs - 1;
        const isTold = isLast && (pass.smallest_val_margin?.[r] ?? 0) > TELLS;
        // A margin is recorded of the last epoch alone.
        const samples = isTold ? 1e-4 : 100 / val + 1e-4;
        const where = `${name} rate ${lr} epoch ${epoch}`;
        checks.push({ name: `${where} top-1`, off: Math.abs(found - top1), bar: samples });
        const five = 100 * meanOf(inTop(5, own, labels, classes));
        checks.push({ name: `${where} top-5`, off: Math.abs(five - top5), bar: samples });
        const nll = crossEntropy(own, labels, classes);
        checks.push({ name: `${where} loss`, off: Math.abs(nll - loss) / Math.max(1, loss), bar: barOf(r) });
      }
      if (epoch === epochs - 1 && t.has(`${name}/val_logits`)) {
        const regrouped = lrs.flatMap((_, r) => Array.from(ofClassifier(logits, r, lrs.length, classes)));
        byRate('validation logits', Float32Array.from(regrouped), `${name}/val_logits`);
      }
    }
    if (pass.lr_per_iteration)
      checks.push({ name: `${name} rates`, off: absolute(rates.flat(), pass.lr_per_iteration.flat()), bar: 1e-12 });
    const expected = pass.train_loss_per_iteration;
    if (expected)
      lrs.forEach((lr, r) => {
        const of = (rows: readonly ArrayLike<number>[]) => rows.map((row) => row[r]);
        checks.push({ name: `${name} rate ${lr} losses`, off: ofLargest(of(losses), of(expected)), bar: barOf(r) });
      });
    byRate('weights', await stack.read('w'), `${name}/weight`);
    byRate('bias', await stack.read('b'), `${name}/bias`);
    for (const [tensor, kept] of [
      ['running_mean', 'mean'],
      ['running_var', 'variance'],
    ] as const)
      if (t.has(`${name}/${tensor}`)) {
        const off = ofLargest(await stack.read(kept), t.get(`${name}/${tensor}`).data);
        checks.push({ name: `${name} ${tensor}`, off, bar: BAR });
      }
    yield* checks;
    yield { name: `${name} best top-1`, off: Math.abs(best.top1 - pass.best_val_top1), bar: 1e-4 };
    yield { name: `${name} best classifier`, off: Math.abs(best.classifier - pass.best_classifier), bar: 0 };
    yield { name: `${name} best epoch`, off: Math.abs(best.epoch - pass.best_epoch), bar: 0 };
  } finally {
    await stack.close();
  }
}

function ofClassifier(y: Float32Array, r: number, rates: number, classes: number): Float32Array {
  const out = new Float32Array(y.length / rates);
  for (let i = 0; i * classes < out.length; i++)
    out.set(y.subarray((i * rates + r) * classes, (i * rates + r + 1) * classes), i * classes);
  return out;
}

function crossEntropy(y: Float32Array, labels: Int32Array, classes: number): number {
  let sum = 0;
  labels.forEach((label, i) => {
    const row = y.subarray(i * classes, (i + 1) * classes);
    const most = Math.max(...row);
    let total = 0;
    for (const v of row) total += Math.exp(v - most);
    sum += Math.log(total) + most - row[label];
  });
  return sum / labels.length;
}

export const LINEAR_KINDS: typeof KINDS = [
  { kind: 'linear', is: (j) => isObject(j) && 'base_lrs' in j && ('plain' in j || 'bn' in j), verify: verifyLinear },
];
