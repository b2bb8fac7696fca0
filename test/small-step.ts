import { ops, sizeOf } from '../src/graph/index.js';
import { interpret } from '../src/graph/interpret.js';
import { commonFeeds } from '../src/learn/graph-parts.js';
import type { LearnedParameter, Learner, StepBatch } from '../src/learn/learner.js';
import { type StepConfig, synclr, synclrLearner, synclrParameters } from '../src/learn/learners/synclr.js';
import type { StepUpdate } from '../src/learn/step.js';
import type { ParameterSpec } from '../src/model/parameters.js';
import type { Rng } from '../src/rng.js';

/** A step of 3 captions × 2 images, 3 local crops and all three terms, small enough for plain loops. */
export const SMALL: StepConfig = {
  vit: { dim: 24, depth: 2, heads: 3, patch: 4, imageSize: 16, mlpRatio: 3 },
  contrastHidden: 20,
  contrastOut: 12,
  prototypeHidden: 18,
  prototypeBottleneck: 10,
  prototypes: 28,
  batch: 6,
  globalSize: 16,
  localSize: 8,
  localCount: 3,
  maskedImages: 3,
  masked: 15,
  weights: { contrast: 1, ibot: 0.7, dino: 0.4 },
  temperature: 0.1,
  studentTemperature: 0.1,
  centering: 'sinkhorn_knopp',
  centerMomentum: 0.9,
  sinkhornIterations: 3,
  avoidLocalGlobalSame: true,
  dropPath: false,
};

/** Names of SynCLR's losses. */
export const LOSSES = synclr.metrics.map((m) => m.key).filter((key) => key.endsWith('loss'));
export type Losses = Record<string, number>;

export type Values = Map<string, Float32Array>;

/** Parameters away from every special value. */
export function randomParameters(specs: readonly ParameterSpec[], rng: Rng): Values {
  const draw = ({ init }: ParameterSpec): number => {
    if ('uniform' in init) return rng.range(-init.uniform, init.uniform);
    return ('fill' in init ? init.fill : 0) + 0.15 * rng.normal();
  };
  return new Map(specs.map((s) => [s.name, Float32Array.from({ length: sizeOf(s.shape) }, () => draw(s))]));
}

/** Student and teacher parameters of a step of SynCLR. */
export const randomPair = (c: StepConfig, rng: Rng): { student: Values; teacher: Values } =>
  randomPairOf(synclrParameters(c), rng);

/** Student's parameters, and the teacher's, which are those that are averaged. */
export function randomPairOf(specs: readonly LearnedParameter[], rng: Rng): { student: Values; teacher: Values } {
  return {
    student: randomParameters(specs, rng),
    teacher: randomParameters(
      specs.filter((s) => s.averaged),
      rng,
    ),
  };
}

/** Noise as pixels; images of a caption lie `captions` rows apart; as many masked tokens as the step is built for. */
export function randomBatch(c: StepConfig, captions: number, rng: Rng): StepBatch {
  const noise = (length: number) => Float32Array.from({ length }, () => rng.normal());
  const n = (c.globalSize / c.vit.patch) ** 2;
  const tokens = rng.shuffle(Array.from({ length: c.maskedImages * n }, (_, i) => i));
  return {
    globalCrops: noise(c.batch * 3 * c.globalSize ** 2),
    localCrops: noise(c.batch * c.localCount * 3 * c.localSize ** 2),
    labels: Int32Array.from({ length: c.batch }, (_, i) => i % captions),
    masked: Int32Array.from(tokens.slice(0, c.masked)).sort(),
  };
}

export interface Reference {
  losses: Losses;
  teacher: Record<string, Float64Array>;
  student: Record<string, Float64Array>;
  /** Gradients by parameter name. */
  grads: Map<string, Float64Array>;
}

/**
 * Teacher, student and gradients of a step of SynCLR in double precision.
 * @param extra further inputs: `centre.NAME` (default zeros), `dropPath.…`
 */
export const referenceStep = (
  c: StepConfig,
  student: ReadonlyMap<string, ArrayLike<number>>,
  teacher: ReadonlyMap<string, ArrayLike<number>>,
  batch: StepBatch,
  teacherTemperature: number,
  extra: Record<string, ArrayLike<number>> = {},
): Reference =>
  referenceOf(synclrLearner(c), student, teacher, batch, { teacher_temperature: teacherTemperature }, extra);

/** The same of any learner; `teacher` is empty where it has none. */
export function referenceOf(
  learner: Learner,
  student: ReadonlyMap<string, ArrayLike<number>>,
  teacher: ReadonlyMap<string, ArrayLike<number>>,
  batch: StepBatch,
  numbers: Readonly<Record<string, number>> = {},
  extra: Record<string, ArrayLike<number>> = {},
): Reference {
  const objective = learner.objective();
  const options = { order: 'token', crops: 'float', precision: 'f32', recompute: false } as const;
  const named = (group: string, values: ReadonlyMap<string, ArrayLike<number>>) =>
    Object.fromEntries([...values].map(([name, x]) => [`${group}.${name}`, x]));
  const feeds = {
    ...named('student', student),
    ...named('teacher', teacher),
    ...Object.fromEntries([...objective.centres].map(([name, size]) => [`centre.${name}`, new Float64Array(size)])),
    ...commonFeeds({ ...learner.shape, dropPath: false }, batch),
    ...learner.feeds(batch, numbers, 'token'),
    ...extra,
  };
  const { handed, means, report } = objective.teacher?.(options) ?? { handed: {}, means: {}, report: {} };
  const meansByName = Object.fromEntries(Object.entries(means).map(([name, t]) => [`mean.${name}`, t]));
  const given = { ...handed, ...meansByName, ...report };
  const first = Object.keys(given).length > 0 ? interpret(given, feeds) : {};
  const inputs = Object.fromEntries(Object.entries(handed).map(([name, t]) => [name, ops.input(name, t.shape)]));
  const graph = objective.student(inputs, options);
  const grads = Object.fromEntries([...graph.gradients].map(([name, t]) => [`grad.${name}`, t]));
  const second = interpret({ ...graph.losses, ...graph.report, ...grads }, { ...feeds, ...first });
  return {
    losses: Object.fromEntries(Object.keys(graph.losses).map((name) => [name, second[name][0]])),
    teacher: first,
    student: second,
    grads: new Map(learner.parameters.map((s) => [s.name, second[`grad.${s.name}`]])),
  };
}

/** An ordinary update; `changes` say what is not. */
export const updateOf = (changes: Partial<StepUpdate> = {}): StepUpdate => ({
  ...{ lr: 1e-3, weightDecay: 0.1, beta1: 0.9, beta2: 0.98, eps: 1e-8, ema: 0.99, t: 1, clip: 0 },
  numbers: { teacher_temperature: 0.05 },
  ...changes,
});

/** An update that moves centres alone. */
export const still = (teacherTemperature: number): StepUpdate =>
  updateOf({ lr: 0, weightDecay: 0, ema: 1, numbers: { teacher_temperature: teacherTemperature } });

/** The gradients of a step that traces, by parameter. */
export function tracedGradients(traced: Record<string, Float32Array>): Values {
  const all = Object.entries(traced).filter(([name]) => name.startsWith('grad.'));
  return new Map(all.map(([name, x]) => [name.slice('grad.'.length), x]));
}

/** Parameters whose gradients are not zero but for rounding: the others are left out of comparisons. */
export function significant(grads: ReadonlyMap<string, ArrayLike<number>>): string[] {
  const norms = new Map([...grads].map(([name, g]) => [name, Math.hypot(...Array.from(g))]));
  const largest = Math.max(...norms.values());
  return [...norms].flatMap(([name, n]) => (n >= 1e-6 * largest ? [name] : []));
}
