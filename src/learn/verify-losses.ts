import { z } from 'zod';
import { UserError } from '../errors.js';
import { floatsOf } from '../formats/floats.js';
import type { SafeTensor } from '../formats/safetensors.js';
import { gradients, ops, type Tensor } from '../graph/index.js';
import type { Executors } from '../runtime/executor.js';
import { startTrainer, type TrainerOptions } from '../runtime/start-trainer.js';
import type { Objective } from '../runtime/training.js';
import { clip, imageText } from './losses/image-text.js';
import { contrastive } from './losses/multi-positive.js';
import { ntXent } from './losses/nt-xent.js';
import { smoothedCrossEntropy } from './losses/smoothed.js';
import { supcon } from './losses/supcon.js';

/** What agreement is asked: losses relative to their value, gradients to the largest of each tensor. */
export const BAR = 1e-5;

/** One compared quantity. */
export interface Compared {
  name: string;
  /** max|a − b| / max|b|, or max|a − b| where b is zero. */
  off: number;
}

/** A case's tensors under their names within the case, and what the JSON says of it. */
export interface LossCase {
  name: string;
  said: unknown;
  tensors: ReadonlyMap<string, SafeTensor>;
}

const number = z.number();
const saidForm = z.looseObject({
  loss: number.optional(),
  parts: z.record(z.string(), number).default({}),
  temperature: number.optional(),
  base_temperature: number.optional(),
  contrast_mode: z.string().optional(),
  w1: number.default(1),
  w2: number.default(1),
  label_smoothing: number.default(0),
});
const clampForm = z.looseObject({
  range: z.tuple([number, number]),
  cases: z.array(
    z.looseObject({
      start: number,
      lr: z.number().positive(),
      steps: z.int().min(1).max(100_000),
      gradient: z.string(),
      value: number,
      scale: number.optional(),
    }),
  ),
});

/** Whether a case is one of bounds held by the optimiser. */
export const isClamp = (c: LossCase): boolean => clampForm.safeParse(c.said).success;

/** A graph of a case: its loss, parts of it by the JSON's names, and the inputs that have gradients. */
interface Built {
  loss: Tensor;
  parts: Record<string, Tensor>;
  inputs: Map<string, Tensor>;
}

/** Runs the losses of learners on a case's inputs. */
export async function verifyLoss(c: LossCase, place: string, executors: Executors): Promise<Compared[]> {
  const said = form(c, saidForm, place);
  if (said.loss === undefined) throw new UserError(`${place}: case ${c.name} says no loss`);
  const feeds: Record<string, Float32Array> = {};
  const built = build(c, said, place, (name, data) => {
    feeds[name] = data;
  });
  const names = [...built.inputs.keys()];
  const found = gradients(built.loss, [...built.inputs.values()]);
  const outputs: Record<string, Tensor> = { loss: built.loss };
  for (const [name, part] of Object.entries(built.parts)) if (name in said.parts) outputs[`part.${name}`] = part;
  names.forEach((name, i) => {
    outputs[`grad.${name}`] = found[i] ?? ops.filled(0, built.inputs.get(name)!.shape);
  });
  const executor = await executors.open({ small: true });
  let values: Record<string, Float32Array>;
  try {
    await executor.load(c.name, outputs);
    values = await executor.run(c.name, feeds);
  } finally {
    await executor.close();
  }
  const compared: Compared[] = [{ name: 'loss', off: offBy(values.loss, [said.loss]) }];
  for (const [name, value] of Object.entries(said.parts))
    if (`part.${name}` in values) compared.push({ name, off: offBy(values[`part.${name}`], [value]) });
  let gradientsSeen = 0;
  for (const name of names) {
    const expected = c.tensors.get(`grad.${name}`);
    if (!expected) continue;
    gradientsSeen++;
    compared.push({ name: `grad.${name}`, off: offBy(values[`grad.${name}`], floats(c, `grad.${name}`, place)) });
  }
  for (const name of c.tensors.keys())
    if (name.startsWith('grad.') && !built.inputs.has(name.slice('grad.'.length)))
      throw new UserError(`${place}: case ${c.name} has ${name}, a gradient of nothing that its loss is made of`);
  if (gradientsSeen === 0) throw new UserError(`${place}: case ${c.name} has no gradients (grad.…) to compare with`);
  return compared;
}

type Said = z.output<typeof saidForm>;

/** The kind of a case is told by its tensors. */
function build(c: LossCase, said: Said, place: string, feed: (name: string, data: Float32Array) => void): Built {
  const inputs = new Map<string, Tensor>();
  const input = (name: string, rank: number): Tensor => {
    const { shape } = need(c, name, place);
    if (shape.length !== rank)
      throw new UserError(`${place}: ${c.name}/${name} is [${shape}]; it needs ${rank} dimensions`);
    const t = ops.input(name, rank === 0 ? [1, 1] : shape);
    feed(name, floats(c, name, place));
    inputs.set(name, t);
    return t;
  };
  const fed = (name: string, length: number): Tensor => {
    feed(name, Float32Array.from(integers(c, name, length, place)));
    return ops.input(name, [length]);
  };
  const temperature = (): number => {
    if (said.temperature === undefined || said.temperature <= 0)
      throw new UserError(`${place}: case ${c.name} says no temperature above 0`);
    return said.temperature;
  };
  const has = (...names: string[]) => names.every((name) => c.tensors.has(name));
  const one = (loss: Tensor): Built => ({ loss, parts: {}, inputs });

  if (has('image_feats', 'image_emb', 'text_emb')) {
    const [feats, images, texts] = [input('image_feats', 2), input('image_emb', 2), input('text_emb', 2)];
    const labels = fed('image_labels', feats.shape[0]);
    const own = contrastive(feats, feats, labels, { temperature: temperature(), leaveOwnOut: true });
    const cross = imageText(images, texts, textsOf(c, images.shape[0], texts.shape[0], place), input('log_scale', 0));
    return {
      loss: ops.add(ops.scale(own, said.w1), ops.scale(cross, said.w2)),
      parts: { image_loss: own, img_txt_loss: cross },
      inputs,
    };
  }
  if (has('image', 'text', 'log_scale')) {
    const [images, texts] = [input('image', 2), input('text', 2)];
    return one(clip(images, texts, input('log_scale', 0)));
  }
  if (has('feats')) {
    const feats = input('feats', 2);
    return one(
      contrastive(feats, feats, fed('labels', feats.shape[0]), { temperature: temperature(), leaveOwnOut: true }),
    );
  }
  if (has('embeddings')) {
    const x = input('embeddings', 2);
    return one(ntXent(x, integers(c, 'labels', x.shape[0], place), temperature()));
  }
  if (has('features', 'weight')) {
    const [x, w] = [input('features', 2), input('weight', 2)];
    const logits = ops.linear(x, w, has('bias') ? input('bias', 1) : undefined);
    return one(smoothedCrossEntropy(logits, fed('labels', x.shape[0]), said.label_smoothing));
  }
  if (has('features')) {
    const x = input('features', 3);
    const [images, views, dim] = x.shape;
    const features = ops.reshape(ops.transpose(x, [1, 0, 2]), [views * images, dim]);
    return one(
      supcon(features, fed('labels', images), {
        temperature: temperature(),
        baseTemperature: said.base_temperature,
        anchors: said.contrast_mode?.startsWith('one') ? 'one' : 'all',
      }),
    );
  }
  throw new UserError(
    `${place}: case ${c.name} is of no known kind: its tensors are ${[...c.tensors.keys()].join(', ') || 'none'}`,
  );
}

/** Which text is each image's, by their labels. */
function textsOf(c: LossCase, images: number, texts: number, place: string): Tensor {
  const of = new Map(integers(c, 'text_labels', texts, place).map((label, i) => [label, i]));
  const found = integers(c, 'image_labels', images, place).map((label) => of.get(label) ?? -1);
  if (of.size < texts || new Set(found).size < texts || found.includes(-1))
    throw new UserError(`${place}: case ${c.name}: every image needs the label of one text, and every text an image`);
  return ops.constant(Float32Array.from(found), [images]);
}

/** Runs bounds through the optimiser: CLIP's scale, its gradient a constant or that of another case. */
export async function verifyClamp(
  c: LossCase,
  all: ReadonlyMap<string, LossCase>,
  place: string,
  runtime: TrainerOptions,
): Promise<Compared[]> {
  const { range, cases } = form(c, clampForm, place);
  const compared: Compared[] = [];
  for (const [i, one] of cases.entries()) {
    const { objective, feeds } = clamped(one.gradient, range, all, place);
    const state = {
      student: new Map([['log_scale', Float32Array.of(one.start)]]),
      ...{ teacher: new Map(), moments: new Map(), centres: new Map() },
    };
    const trainer = await startTrainer(objective, state, runtime);
    let value: Float32Array;
    try {
      for (let t = 1; t <= one.steps; t++)
        await trainer.update([feeds], {
          ...{ lr: one.lr, weightDecay: 0, beta1: 0.9, beta2: 0.999, eps: 1e-8, t, ema: 1, clip: 0 },
        });
      value = (await trainer.state()).student.get('log_scale')!;
    } finally {
      await trainer.close();
    }
    compared.push({ name: `case ${i} value`, off: offBy(value, [one.value]) });
    if (one.scale !== undefined)
      compared.push({ name: `case ${i} scale`, off: offBy([Math.exp(value[0])], [one.scale]) });
  }
  return compared;
}

/** A logarithm of a scale that alone is learned. */
function clamped(
  gradient: string,
  range: readonly [number, number],
  all: ReadonlyMap<string, LossCase>,
  place: string,
): { objective: Objective; feeds: Record<string, Float32Array> } {
  const feeds: Record<string, Float32Array> = {};
  const constant = /^constant ([+-]?\d+(?:\.\d+)?)$/.exec(gradient);
  const other = /^CLIP loss of (\S+)$/.exec(gradient)?.[1];
  const source = other === undefined ? undefined : all.get(other);
  if (!constant && !source) throw new UserError(`${place}: a gradient "${gradient}", which is none that is known`);
  const loss = (scale: Tensor): Tensor => {
    if (constant) return ops.scale(scale, Number(constant[1]));
    const [images, texts] = ['image', 'text'].map((name) => {
      feeds[name] = floats(source!, name, place);
      return ops.input(name, need(source!, name, place).shape);
    });
    return clip(images, texts, scale);
  };
  // Once here, so that what is fed is known.
  loss(ops.input('student.log_scale', [1, 1]));
  return {
    feeds,
    objective: {
      parameters: [{ name: 'log_scale', shape: [1, 1], decayed: false, averaged: false, clamp: range }],
      centres: new Map(),
      centreMomentum: 0,
      student: () => {
        const scale = ops.input('student.log_scale', [1, 1]);
        const l = loss(scale);
        return {
          losses: { loss: l },
          gradients: new Map([['log_scale', gradients(l, [scale])[0]!]]),
          measured: {},
          report: {},
        };
      },
      imageAxes: {},
    },
  };
}

function form<T>(c: LossCase, schema: z.ZodType<T>, place: string): T {
  const found = schema.safeParse(c.said);
  if (found.success) return found.data;
  const { path, message } = found.error.issues[0];
  throw new UserError(`${place}: case ${c.name}: ${path.join('.') || 'its entry'}: ${message}`);
}

function need(c: LossCase, name: string, place: string): SafeTensor {
  const t = c.tensors.get(name);
  if (!t) throw new UserError(`${place}: there is no tensor ${c.name}/${name}`);
  return t;
}

function floats(c: LossCase, name: string, place: string): Float32Array {
  const t = need(c, name, place);
  const x = floatsOf(t);
  if (!x) throw new UserError(`${place}: ${c.name}/${name} is ${t.dtype}, not one of floats`);
  return x;
}

function integers(c: LossCase, name: string, length: number, place: string): number[] {
  const t = need(c, name, place);
  const values = Array.from(t.data as ArrayLike<number | bigint>, Number);
  if (values.length !== length || !values.every(Number.isInteger))
    throw new UserError(`${place}: ${c.name}/${name} is [${t.shape}] ${t.dtype}; it needs ${length} integers`);
  return values;
}

/** max|a − b| / max|b|; max|a| where b is zero; infinite where they are not of one length. */
function offBy(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let [off, largest] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const d = Math.abs(a[i] - b[i]);
    // What is no number is not to be passed over.
    if (!(d <= off)) off = d;
    largest = Math.max(largest, Math.abs(b[i]));
  }
  return off / (largest || 1);
}
