import { type SafeTensor, writeSafetensors } from '../src/formats/safetensors.js';
import type { StepBatch } from '../src/learn/learner.js';
import { type StepConfig, synclrParameters } from '../src/learn/learners/synclr.js';
import type { Rng } from '../src/rng.js';
import { LOSSES, type Reference, randomBatch, randomPair, referenceStep, type Values } from './small-step.js';

export interface Schedule {
  lr: number[];
  teacherTemperature: number[];
  ema: number[];
}
const ADAMW = { weightDecay: 0.1, beta1: 0.9, beta2: 0.98, eps: 1e-8 };
type Doubles = Map<string, Float64Array>;

/** Optimisation steps worked out in double precision: the interpreter's gradients, AdamW and EMA by their formulas. */
export interface ReferenceSteps {
  config: StepConfig;
  captions: number;
  schedule: Schedule;
  initial: { student: Values; teacher: Values };
  batches: StepBatch[];
  steps: Reference[];
  final: { student: Doubles; teacher: Doubles };
}

export function referenceSteps(config: StepConfig, captions: number, schedule: Schedule, rng: Rng): ReferenceSteps {
  const initial = randomPair(config, rng);
  const batches = schedule.lr.map(() => randomBatch(config, captions, rng));
  const doubles = (v: Values): Doubles => new Map([...v].map(([name, x]) => [name, Float64Array.from(x)]));
  const student = doubles(initial.student);
  const teacher = doubles(initial.teacher);
  const zeros = () => new Map([...student].map(([name, x]) => [name, new Float64Array(x.length)]));
  const [m, v] = [zeros(), zeros()];
  const centres = {
    'centre.ibot': new Float64Array(config.prototypes),
    'centre.dino': new Float64Array(config.prototypes),
  };
  const shapes = new Map(synclrParameters(config).map((s) => [s.name, s.shape]));

  const steps = batches.map((batch, s) => {
    const result = referenceStep(config, student, teacher, batch, schedule.teacherTemperature[s], { ...centres });
    for (const name of ['ibot', 'dino'] as const) {
      const mean = result.teacher[`mean.${name}`];
      const centre = centres[`centre.${name}`];
      if (mean) centres[`centre.${name}`] = centre.map((c, i) => 0.9 * c + 0.1 * mean[i]);
    }
    const { weightDecay, beta1, beta2, eps } = ADAMW;
    const lr = schedule.lr[s];
    for (const [name, x] of student) {
      const g = result.grads.get(name)!;
      const decayed = shapes.get(name)!.length > 1 && !['bias', 'ln', 'bn'].some((part) => name.includes(part));
      const [ms, vs] = [m.get(name)!, v.get(name)!];
      const mean = teacher.get(name);
      for (let i = 0; i < x.length; i++) {
        ms[i] += (1 - beta1) * (g[i] - ms[i]);
        vs[i] += (1 - beta2) * (g[i] ** 2 - vs[i]);
        const unbiased = ms[i] / (1 - beta1 ** (s + 1));
        const size = Math.sqrt(vs[i] / (1 - beta2 ** (s + 1)));
        x[i] -= lr * ((decayed ? weightDecay * x[i] : 0) + unbiased / (size + eps));
        if (mean) mean[i] += (1 - schedule.ema[s]) * (x[i] - mean[i]);
      }
    }
    return result;
  });
  return { config, captions, schedule, initial, batches, steps, final: { student, teacher } };
}

/** Writes them as a file of reference steps. */
export async function writeReferenceSteps(file: string, r: ReferenceSteps): Promise<void> {
  const { config: c, captions, schedule } = r;
  const tensors = new Map<string, SafeTensor>();
  const f32 = (name: string, shape: readonly number[], data: ArrayLike<number>) =>
    tensors.set(name, { dtype: 'F32', shape: [...shape], data: Float32Array.from(data) });
  const specs = synclrParameters(c);
  const all = (prefix: string, values: ReadonlyMap<string, ArrayLike<number>>) => {
    for (const { name, shape } of specs) if (values.has(name)) f32(prefix + name, shape, values.get(name)!);
  };
  all('init.student.', r.initial.student);
  all('init.teacher.', r.initial.teacher);
  const n = (c.globalSize / c.vit.patch) ** 2;
  r.batches.forEach((b, s) => {
    f32(`step${s}.in.global_crops`, [c.batch, 3, c.globalSize, c.globalSize], b.globalCrops);
    f32(`step${s}.in.local_crops`, [c.batch * c.localCount, 3, c.localSize, c.localSize], b.localCrops);
    tensors.set(`step${s}.in.global_labels`, {
      dtype: 'I64',
      shape: [c.batch],
      data: BigInt64Array.from(b.labels, BigInt),
    });
    const masks = new Uint8Array(c.batch * n);
    for (const at of b.masked) masks[at] = 1;
    tensors.set(`step${s}.in.masks`, { dtype: 'BOOL', shape: [c.batch, n], data: masks });
  });
  const first = r.steps[0];
  f32('fwd.teacher_cls', [c.batch, c.vit.dim], first.teacher.teacherCls);
  f32('fwd.student_global_cls_masked', [c.batch, c.vit.dim], first.student.studentCls);
  f32('fwd.teacher_proj', [c.batch, c.contrastOut], first.teacher.teacherProj);
  f32('fwd.ibot_targets', [c.masked, c.prototypes], first.teacher.ibotTargets);
  all('grad.student.', first.grads);
  all('final.student.', r.final.student);
  all('final.teacher.', r.final.teacher);
  await writeSafetensors(file, tensors, {
    embed_dim: `${c.vit.dim}`,
    depth: `${c.vit.depth}`,
    num_heads: `${c.vit.heads}`,
    patch_size: `${c.vit.patch}`,
    global_size: `${c.globalSize}`,
    local_size: `${c.localSize}`,
    captions: `${captions}`,
    n_img: `${c.batch / captions}`,
    n_local: `${c.localCount}`,
    contrast_mlp_dim: `${c.contrastHidden}`,
    contrast_output_dim: `${c.contrastOut}`,
    dino_mlp_dim: `${c.prototypeHidden}`,
    dino_bottleneck_dim: `${c.prototypeBottleneck}`,
    dino_output_dim: `${c.prototypes}`,
    avoid_local_global_same: c.avoidLocalGlobalSame ? 'True' : 'False',
    contrast_weight: `${c.weights.contrast}`,
    ibot_weight: `${c.weights.ibot}`,
    dino_weight: `${c.weights.dino}`,
    centering: c.centering,
    mask_probability: `${c.maskedImages / c.batch}`,
    contrast_temperature: `${c.temperature}`,
    betas: `${ADAMW.beta1},${ADAMW.beta2}`,
    eps: `${ADAMW.eps}`,
    weight_decay: `${ADAMW.weightDecay}`,
    lr: JSON.stringify(schedule.lr),
    teacher_temp: JSON.stringify(schedule.teacherTemperature),
    ema_momentum: JSON.stringify(schedule.ema),
    losses: JSON.stringify(r.steps.map(({ losses }) => Object.fromEntries(LOSSES.map((name) => [name, losses[name]])))),
  });
}
