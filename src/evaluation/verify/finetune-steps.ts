import { z } from 'zod';
import {
  type ClassifierConfig,
  classifier,
  classifierParameters,
  fineTuneObjective,
  trainedParameters,
} from '../../finetune/classifier.js';
import { flipped, type Mix, mixPictures, mixTargets } from '../../finetune/mixing.js';
import { rateAt } from '../../finetune/schedule.js';
import { readJsonAs } from '../../formats/json.js';
import { ops } from '../../graph/index.js';
import { dropPathRates } from '../../learn/drop-path.js';
import { cpuExecutors } from '../../runtime/open-executors.js';
import { startTrainer } from '../../runtime/start-trainer.js';
import type { Trainer } from '../../runtime/training.js';
import { absolute, ofLargest, type Tensors, tensorsOf } from './finetune-compare.js';
import type { Check } from './index.js';

const number = z.number();
const int = z.int().positive();
const file = z.looseObject({
  model: z.looseObject({
    ...{ depth: int, dim: int, heads: int, image: int, patch: int, classes: int },
    ...{ mlp_ratio: number, norm_eps: number },
  }),
  batch: int,
  optimizer: z.looseObject({
    ...{ betas: z.tuple([number, number]), eps: number, weight_decay: number, layer_decay: number },
    ...{ peak_lr: number, min_lr: number, epochs: number, warmup_epochs: number, steps_per_epoch: number },
  }),
  ema_decay: number,
  drop_path_rates: z.array(number),
  steps: z.array(
    z.looseObject({ kind: z.string(), lam_drawn: number, lam_used: number, box: z.array(number).length(4).nullable() }),
  ),
  lr_at_step: z.array(number),
  losses_float64: z.array(number),
});
type Case = z.output<typeof file>;

export const isSteps = (json: unknown): boolean => file.safeParse(json).success;

/** How far each kind of value may be off, over its largest. The keys' third of `qkv.bias` has no gradient but rounding: absolute. */
const BAR = { value: 1e-5, loss: 1e-6, weight: 5e-5, keyBias: 5e-3, mixed: 1e-6 };

/** Real updates through the trainer: losses, logits, gradients, weights and their averages, and what these classify. */
export async function* verifySteps(path: string): AsyncIterable<Check> {
  const j = await readJsonAs(path, file);
  const t = await tensorsOf(path);
  const { model: m, optimizer: o, batch } = j;
  const c: ClassifierConfig = {
    vit: {
      ...{ dim: m.dim, depth: m.depth, heads: m.heads, patch: m.patch, imageSize: m.image },
      ...{ mlpRatio: m.mlp_ratio, eps: m.norm_eps },
    },
    ...{ classes: m.classes, size: m.image },
  };
  const rates = dropPathRates(Math.max(...j.drop_path_rates), m.depth);
  yield { name: 'rates of drop path', off: absolute(rates, j.drop_path_rates), bar: 1e-7 };
  const drops = rates.some((r) => r > 0);
  const specs = classifierParameters(c);
  const named = (group: string, name: string) => `${group}.${name.replace(/^backbone\./, '')}`;
  const student = new Map(specs.map(({ name }) => [name, t.get(named('init', name)).data]));
  const parameters = trainedParameters(specs, { depth: m.depth, layerDecay: o.layer_decay, finalNorm: 'head' }, true);
  const trainer = await startTrainer(
    fineTuneObjective(c, parameters, { batch, dropPath: drops }),
    { student, teacher: student, moments: new Map(), centres: new Map() },
    { provider: 'cpu', threads: 1, trace: true },
  );
  try {
    for (const [k] of j.steps.entries()) yield* step(k, { j, t, c, trainer, rates, drops, named });
    const { student: weights, teacher: averages } = await trainer.state();
    for (const [name, values] of [
      ['eval_logits', weights],
      ['eval_logits_ema', averages],
    ] as const)
      if (t.has(name)) yield* evaluated(name, values, t, c);
  } finally {
    await trainer.close();
  }
}

interface Steps {
  j: Case;
  t: Tensors;
  c: ClassifierConfig;
  trainer: Trainer;
  rates: readonly number[];
  drops: boolean;
  named(group: string, name: string): string;
}

async function* step(k: number, { j, t, c, trainer, rates, drops, named }: Steps): AsyncIterable<Check> {
  const { batch, optimizer: o } = j;
  const part = (as: { data: ArrayLike<number>; shape: number[] }) => {
    const length = as.data.length / as.shape[0];
    return Float32Array.from(Array.prototype.slice.call(as.data, k * length, (k + 1) * length) as number[]);
  };
  const images = part(t.get('images', 5));
  const labels = t.ints('labels').subarray(k * batch, (k + 1) * batch);
  const { box, lam_used: lam } = j.steps[k];
  const mix: Mix = {
    lam,
    box: box ? { top: box[0], bottom: box[1], left: box[2], right: box[3] } : undefined,
  };
  const mixes = Array.from({ length: batch }, () => mix);
  mixPictures(images, c.size, c.size, mixes, flipped(batch));
  if (t.has(`mixed_step${k}`))
    yield { name: `mixed pictures ${k}`, off: absolute(images, t.get(`mixed_step${k}`).data), bar: BAR.mixed };
  const smoothing = 'smoothing' in j ? Number(j.smoothing) : smoothingOf(t, k, batch, c.classes, labels, mixes);
  const targets = mixTargets(labels, c.classes, mixes, flipped(batch), smoothing);
  yield { name: `targets ${k}`, off: absolute(targets, part(t.get('targets'))), bar: BAR.mixed };
  const lr = rateAt(
    { peak: o.peak_lr, least: o.min_lr, warmupEpochs: o.warmup_epochs, epochs: o.epochs },
    k / o.steps_per_epoch,
  );
  yield { name: `rate ${k}`, off: Math.abs(lr - j.lr_at_step[k]) / o.peak_lr, bar: 1e-12 };
  const dropPath = drops ? factors(part(t.get('drop_path_keep')), rates, batch) : undefined;
  const { losses, traced } = await trainer.update([{ images, targets, ...(dropPath && { dropPath }) }], {
    ...{ lr, weightDecay: o.weight_decay, beta1: o.betas[0], beta2: o.betas[1], eps: o.eps },
    ...{ t: k + 1, ema: j.ema_decay, clip: 0 },
  });
  const expected = j.losses_float64[k];
  yield { name: `loss ${k}`, off: Math.abs(losses.loss - expected) / Math.abs(expected), bar: BAR.loss };
  if (t.has(`logits${k}`))
    yield { name: `logits ${k}`, off: ofLargest(traced!.logits, t.get(`logits${k}`).data), bar: BAR.value };
  const state = await trainer.state();
  for (const { name } of classifierParameters(c)) {
    const gradient = named(`grad${k}`, name);
    // Of the keys' bias it is rounding alone: next to nothing beside the largest of the whole tensor.
    if (t.has(gradient))
      yield {
        name: gradient,
        off: ofLargest(traced![`grad.${name}`], t.get(gradient).data),
        bar: BAR.value,
      };
    const weight = named(`after${k + 1}`, name);
    if (t.has(weight)) yield* compared(weight, state.student.get(name)!, t.get(weight).data);
    const average = named(`ema${k + 1}`, name);
    if (t.has(average)) yield* compared(average, state.teacher.get(name)!, t.get(average).data);
  }
}

/** Smoothing of the targets, where the case does not say it: t = s/K + (1 − s)·u, told where the share u is farthest from 1/K. */
function smoothingOf(
  t: Tensors,
  k: number,
  batch: number,
  classes: number,
  labels: Int32Array,
  mixes: readonly Mix[],
): number {
  const targets = t.get('targets').data.subarray(k * batch * classes, (k + 1) * batch * classes);
  const shares = mixTargets(labels, classes, mixes, flipped(batch), 0);
  const uniform = 1 / classes;
  let at = 0;
  for (const [i, u] of shares.entries()) if (Math.abs(u - uniform) > Math.abs(shares[at] - uniform)) at = i;
  return Number(((targets[at] - shares[at]) / (uniform - shares[at])).toFixed(5));
}

/** @param keep [depth, 2, batch] what stays: 1, or its factor already */
function factors(keep: Float32Array, rates: readonly number[], batch: number): Float32Array {
  return keep.map((x, i) => (x === 0 ? 0 : 1 / (1 - rates[Math.floor(i / (2 * batch))])));
}

/** Weights after an update, or their averages. */
function* compared(name: string, a: Float32Array, b: Float32Array): Iterable<Check> {
  const bar = BAR.weight;
  if (!/qkv\.bias$/.test(name)) {
    yield { name, off: ofLargest(a, b), bar };
    return;
  }
  const third = b.length / 3;
  const without = (x: Float32Array) => [...x.subarray(0, third), ...x.subarray(2 * third)];
  yield { name, off: ofLargest(without(a), without(b)), bar };
  const keys = (x: Float32Array) => x.subarray(third, 2 * third);
  yield { name: `${name}, keys`, off: absolute(keys(a), keys(b)), bar: BAR.keyBias };
}

async function* evaluated(
  name: string,
  weights: ReadonlyMap<string, Float32Array>,
  t: Tensors,
  c: ClassifierConfig,
): AsyncIterable<Check> {
  const expected = t.get(name);
  const [n] = expected.shape;
  const all = t.get(t.has('eval_images') ? 'eval_images' : 'images').data;
  const length = 3 * c.size * c.size;
  const executors = cpuExecutors(1);
  try {
    const executor = await executors.open();
    const nodes = new Map(classifierParameters(c).map((s) => [s.name, ops.input(s.name, s.shape)]));
    for (const s of classifierParameters(c)) await executor.keep(s.name, s.shape, weights.get(s.name)!.slice());
    const images = ops.input('images', [n, 3, c.size, c.size]);
    const { logits } = classifier(c, (p) => nodes.get(p)!, images, { order: executors.order, precision: 'f32' });
    await executor.load('logits', { logits });
    const out = await executor.run('logits', { images: all.slice(0, n * length) });
    yield { name, off: ofLargest(out.logits, expected.data), bar: BAR.value };
  } finally {
    await executors.close();
  }
}
