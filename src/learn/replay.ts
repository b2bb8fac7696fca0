import { z } from 'zod';
import { UserError } from '../errors.js';
import { floatsOf } from '../formats/floats.js';
import { checked, parseJson } from '../formats/json.js';
import { readSafetensors, type SafeHeader, type SafeTensor } from '../formats/safetensors.js';
import { type RowOrder, sizeOf } from '../graph/index.js';
import { misfit, type SizeNames } from '../model/vit-fit.js';
import type { TrainerOptions } from '../runtime/start-trainer.js';
import type { StepBatch } from './learner.js';
import { type StepConfig, synclr, synclrLearner, synclrParameters } from './learners/synclr.js';
import { TrainingStep } from './step.js';

/** One compared quantity: the largest difference, relative to the norm of the reference tensor (losses: to their value). */
export interface Difference {
  group: 'losses' | 'forward' | 'gradients' | 'final parameters';
  name: string;
  relative: number;
}

/** What agreement is asked of each group. The authors' code in float32 differs from itself in float64 by 4e-7, 1e-6, 6e-6 and 1.2e-4. */
export const BARS: Record<Difference['group'], number> = {
  losses: 1e-5,
  forward: 1e-5,
  gradients: 1e-4,
  'final parameters': 1e-3,
};

type Tensors = Map<string, SafeTensor>;

const LOSSES = synclr.metrics.map((m) => m.key).filter((key) => key.endsWith('loss'));

/**
 * Replays a file of recorded optimisation steps of the authors' implementation (docs/formats.md, "reference steps") and compares everything it holds.
 * Sizes, losses' weights, schedules and the number of steps are read from its metadata.
 */
export async function replay(
  file: string,
  runtime: TrainerOptions = { provider: 'cpu', threads: 0, optimizerThreads: 2 },
): Promise<Difference[]> {
  let header: SafeHeader | undefined;
  const { metadata, tensors } = await readSafetensors(file, (h) => {
    header = h;
    return h.tensors.keys();
  });
  let config = configOf(file, header!, tensors);
  const number = (name: string) => finite(need(metadata, name, file), name, file);
  const lr = json(metadata, 'lr', z.array(z.number()).min(1), file);
  const ofSteps = <T>(name: string, one: z.ZodType<T>) => json(metadata, name, z.array(one).min(lr.length), file);
  const [beta1, beta2] = need(metadata, 'betas', file)
    .split(',')
    .map((text) => finite(text, 'betas', file));
  const expectedLosses = ofSteps('losses', z.record(z.string(), z.number()));
  const temperature = ofSteps('teacher_temp', z.number());
  const ema = ofSteps('ema_momentum', z.number());
  const optimiser = { weightDecay: number('weight_decay'), eps: number('eps') };
  checkParameters(file, config, tensors);
  const state = { student: group(file, tensors, 'init.student.'), teacher: group(file, tensors, 'init.teacher.') };
  let step = await TrainingStep.start(synclrLearner(config), state, { ...runtime, trace: true });
  const differences: Difference[] = [];
  const compare = (g: Difference['group'], name: string, actual: Float32Array, expected: ArrayLike<number>) =>
    differences.push({ group: g, name, relative: relativeDifference(actual, expected) });
  try {
    for (let s = 0; s < lr.length; s++) {
      const batch = batchOf(config, tensors, s, file);
      if (batch.masked.length !== config.masked) {
        config = { ...config, masked: batch.masked.length };
        step = await reshaped(step, config, runtime);
      }
      const { losses, traced } = await step.update([batch], {
        ...{ lr: lr[s], numbers: { teacher_temperature: temperature[s] }, ema: ema[s] },
        ...{ ...optimiser, beta1, beta2, t: s + 1, clip: 0 },
      });
      for (const name of LOSSES) {
        const expected = expectedLosses[s][name];
        if (expected === undefined) continue;
        const off = Math.abs(losses[name] - expected);
        differences.push({
          group: 'losses',
          name: `step ${s} ${name}`,
          relative: expected === 0 ? off : off / Math.abs(expected),
        });
      }
      if (s === 0) {
        for (const [name, actual] of Object.entries(forwardValues(config, step.trainer.order, traced!))) {
          const expected = tensors.get(`fwd.${name}`);
          if (expected) compare('forward', name, actual, floats(expected, `fwd.${name}`, file));
        }
        const recorded = group(file, tensors, 'grad.student.');
        if (recorded.size === 0) throw new UserError(`${file}: no gradients (grad.student.…) to compare with`);
        const largest = Math.max(...[...recorded.values()].map(norm));
        const actual = new Map(Object.entries(traced!).map(([name, data]) => [name.replace(/^grad\./, ''), data]));
        for (const [name, expected] of recorded)
          if (norm(expected) >= 1e-6 * largest) compare('gradients', name, present(actual, name, file), expected);
      }
    }
    const last = await step.state();
    for (const which of ['student', 'teacher'] as const) {
      const actual = last[which];
      for (const [name, expected] of group(file, tensors, `final.${which}.`)) {
        const value = present(actual, name, file);
        // The key third of the bias has no gradient but rounding, which Adam turns into steps.
        if (name.endsWith('attn.qkv.bias')) {
          const d = expected.length / 3;
          for (const [part, start] of [
            ['query', 0],
            ['value', 2 * d],
          ] as const)
            compare(
              'final parameters',
              `${which}.${name} (${part})`,
              value.subarray(start, start + d),
              expected.subarray(start, start + d),
            );
        } else compare('final parameters', `${which}.${name}`, value, expected);
      }
    }
  } finally {
    await step.close();
  }
  return differences;
}

/** The same training, its programs built for another number of masked tokens. */
async function reshaped(step: TrainingStep, config: StepConfig, runtime: TrainerOptions): Promise<TrainingStep> {
  const state = await step.state();
  await step.close();
  return TrainingStep.start(synclrLearner(config), state, { ...runtime, trace: true });
}

/** The worst difference of each group. */
export function worst(differences: readonly Difference[]): Difference[] {
  const found = new Map<string, Difference>();
  for (const d of differences) {
    const w = found.get(d.group);
    if (!w || d.relative > w.relative || Number.isNaN(d.relative)) found.set(d.group, d);
  }
  return [...found.values()];
}

const SIZE_NAMES: SizeNames = {
  dim: 'metadata embed_dim',
  depth: 'metadata depth',
  heads: 'metadata num_heads',
  patch: 'metadata patch_size',
  imageSize: 'metadata global_size',
  hidden: 'the hidden width of the MLP',
};

function configOf(file: string, header: SafeHeader, tensors: Tensors): StepConfig {
  const { metadata } = header;
  const number = (name: string) => finite(need(metadata, name, file), name, file);
  const int = (name: string, least = 1) => {
    const value = number(name);
    if (!Number.isSafeInteger(value) || value < least)
      throw new UserError(`${file}: metadata ${name} is "${metadata[name]}", not a whole number from ${least} on`);
    return value;
  };
  const shapeOf = (name: string) => {
    const t = tensors.get(name);
    if (!t) throw new UserError(`${file}: no tensor ${name}`);
    return t.shape;
  };
  const batch = int('captions') * int('n_img');
  const dim = int('embed_dim');
  const centering = need(metadata, 'centering', file);
  if (centering !== 'sinkhorn_knopp' && centering !== 'centering')
    throw new UserError(`${file}: metadata centering is "${centering}"; known are sinkhorn_knopp and centering`);
  const masks = bytes(tensors, 'step0.in.masks', file);
  const vit = {
    dim,
    depth: int('depth'),
    heads: int('num_heads'),
    patch: int('patch_size'),
    imageSize: int('global_size'),
    mlpRatio: shapeOf('init.student.backbone.blocks.0.mlp.fc1.weight')[0] / dim,
  };
  const wrong = misfit(vit, header, 'init.student.backbone.', SIZE_NAMES);
  if (wrong) throw new UserError(`${file}: ${wrong}`);
  return {
    vit,
    contrastHidden: int('contrast_mlp_dim'),
    contrastOut: int('contrast_output_dim'),
    prototypeHidden: int('dino_mlp_dim'),
    prototypeBottleneck: int('dino_bottleneck_dim'),
    prototypes: int('dino_output_dim'),
    batch,
    globalSize: int('global_size'),
    localSize: int('local_size'),
    localCount: int('n_local', 0),
    maskedImages: Math.floor(batch * number('mask_probability')),
    masked: masks.reduce((a, b) => a + b, 0),
    weights: { contrast: number('contrast_weight'), ibot: number('ibot_weight'), dino: number('dino_weight') },
    temperature: number('contrast_temperature'),
    studentTemperature: 0.1,
    centering,
    centerMomentum: 0.9,
    sinkhornIterations: 3,
    avoidLocalGlobalSame: metadata.avoid_local_global_same === 'True',
    dropPath: false,
  };
}

/** @throws UserError where the parameters to begin with are not those of the sizes in the metadata */
function checkParameters(file: string, config: StepConfig, tensors: Tensors): void {
  for (const { name, shape, averaged } of synclrParameters(config))
    for (const which of averaged ? ['student', 'teacher'] : ['student'])
      ofShape(tensors, `init.${which}.${name}`, shape, file);
}

function ofShape(tensors: Tensors, name: string, shape: readonly number[], file: string): SafeTensor {
  const t = tensors.get(name);
  if (t && sizeOf(t.shape) === sizeOf(shape)) return t;
  throw new UserError(
    `${file}: tensor ${name} is ${t ? `[${t.shape}]` : 'missing'}, the metadata asks for [${shape}] numbers`,
  );
}

function batchOf(c: StepConfig, tensors: Tensors, s: number, file: string): StepBatch {
  const get = (name: string, shape: number[]) => ofShape(tensors, `step${s}.in.${name}`, shape, file);
  const crops = (name: string, count: number, size: number) =>
    floats(get(name, [count, 3, size, size]), `step${s}.in.${name}`, file);
  const masked: number[] = [];
  get('masks', [c.batch, (c.globalSize / c.vit.patch) ** 2]);
  bytes(tensors, `step${s}.in.masks`, file).forEach((on, i) => {
    if (on) masked.push(i);
  });
  return {
    globalCrops: crops('global_crops', c.batch, c.globalSize),
    localCrops: c.localCount > 0 ? crops('local_crops', c.batch * c.localCount, c.localSize) : new Float32Array(0),
    labels: Int32Array.from(get('global_labels', [c.batch]).data as BigInt64Array, Number),
    masked: Int32Array.from(masked),
  };
}

/** Our traced values under the reference's names and in its order of rows. */
function forwardValues(
  { batch, vit, globalSize }: StepConfig,
  order: RowOrder,
  t: Record<string, Float32Array>,
): Record<string, Float32Array> {
  const n = (globalSize / vit.patch) ** 2;
  const patches = new Float32Array(t.studentPatches.length);
  for (let i = 0; i < n; i++)
    for (let b = 0; b < batch; b++) {
      const from = order === 'token' ? i * batch + b : b * n + i;
      patches.set(t.studentPatches.subarray(from * vit.dim, (from + 1) * vit.dim), (b * n + i) * vit.dim);
    }
  const values = {
    teacher_cls: t.teacherCls,
    student_global_cls_masked: t.studentCls,
    student_local_cls: t.studentLocalCls,
    student_global_patches_masked: patches,
    teacher_proj: t.teacherProj,
    student_pred_global: t.studentPredGlobal,
    teacher_patch_logits: t.teacherPatchLogits,
    student_patch_logits: t.studentPatchLogits,
    ibot_targets: t.ibotTargets,
  };
  return Object.fromEntries(Object.entries(values).filter(([, v]) => v !== undefined)) as Record<string, Float32Array>;
}

function need(metadata: Record<string, string>, name: string, file: string): string {
  if (metadata[name] === undefined)
    throw new UserError(`${file}: metadata has no ${name}; is this a file of reference steps?`);
  return metadata[name];
}

function json<T>(metadata: Record<string, string>, name: string, form: z.ZodType<T>, file: string): T {
  const what = `${file}: metadata ${name}`;
  return checked(parseJson(need(metadata, name, file), what), form, what);
}

function finite(text: string, name: string, file: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new UserError(`${file}: metadata ${name} is "${text}", not a number`);
  return value;
}

function floats(t: SafeTensor, name: string, file: string): Float32Array {
  const x = floatsOf(t);
  if (!x) throw new UserError(`${file}: tensor ${name} is ${t.dtype}, not one of floats`);
  return x;
}

function bytes(tensors: Tensors, name: string, file: string): Uint8Array {
  const t = tensors.get(name);
  if (!(t?.data instanceof Uint8Array)) throw new UserError(`${file}: no boolean tensor ${name}`);
  return t.data;
}

function group(file: string, tensors: Tensors, prefix: string): Map<string, Float32Array> {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, t]) => [name.slice(prefix.length), floats(t, name, file)]),
  );
}

function present(values: ReadonlyMap<string, Float32Array>, name: string, file: string): Float32Array {
  const v = values.get(name);
  if (!v) throw new UserError(`${file}: has a parameter ${name} that the configuration in its metadata does not`);
  return v;
}

function norm(x: ArrayLike<number>): number {
  let s = 0;
  for (let i = 0; i < x.length; i++) s += x[i] * x[i];
  return Math.sqrt(s);
}

/** ‖actual − expected‖ / ‖expected‖ */
function relativeDifference(actual: Float32Array, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let off = 0;
  for (let i = 0; i < actual.length; i++) off += (actual[i] - expected[i]) ** 2;
  return Math.sqrt(off) / (norm(expected) || 1);
}
