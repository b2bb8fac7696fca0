import { sizeOf } from '../src/graph/index.js';
import { interpret } from '../src/graph/interpret.js';
import { contrastTargets } from '../src/learn/contrastive.js';
import {
  inTeacher,
  LOSSES,
  type Losses,
  type StepConfig,
  studentParameters,
  studentProgram,
  teacherProgram,
} from '../src/learn/programs.js';
import { maskFeeds, type StepBatch } from '../src/learn/step.js';
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

export type Values = Map<string, Float32Array>;

/** Parameters away from every special value. */
export function randomParameters(specs: readonly ParameterSpec[], rng: Rng): Values {
  const draw = ({ init }: ParameterSpec): number => {
    if ('uniform' in init) return rng.range(-init.uniform, init.uniform);
    return ('fill' in init ? init.fill : 0) + 0.15 * rng.normal();
  };
  return new Map(specs.map((s) => [s.name, Float32Array.from({ length: sizeOf(s.shape) }, () => draw(s))]));
}

/** Student and teacher parameters of a step; the teacher has no `pred`. */
export function randomPair(c: StepConfig, rng: Rng): { student: Values; teacher: Values } {
  const specs = studentParameters(c);
  return {
    student: randomParameters(specs, rng),
    teacher: randomParameters(
      specs.filter((s) => inTeacher(s.name)),
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

/** Stages 1 and 2 of a step in double precision. */
export function referenceStep(
  c: StepConfig,
  student: ReadonlyMap<string, ArrayLike<number>>,
  teacher: ReadonlyMap<string, ArrayLike<number>>,
  batch: StepBatch,
  teacherTemperature: number,
  extra: Record<string, ArrayLike<number>> = {},
): Reference {
  const first = interpret(teacherProgram(c), teacherFeeds(c, teacher, batch, teacherTemperature, extra));
  const second = interpret(studentProgram(c), { ...studentFeeds(c, student, batch, first), ...extra });
  return {
    losses: Object.fromEntries(LOSSES.map((name) => [name, second[name][0]])) as Losses,
    teacher: first,
    student: second,
    grads: new Map(studentParameters(c).map((s) => [s.name, second[`grad.${s.name}`]])),
  };
}

type Feeds = Record<string, ArrayLike<number> | BigInt64Array>;

function teacherFeeds(
  c: StepConfig,
  teacher: ReadonlyMap<string, ArrayLike<number>>,
  batch: StepBatch,
  temperature: number,
  extra: Feeds,
): Feeds {
  const n = (c.globalSize / c.vit.patch) ** 2;
  return {
    ...Object.fromEntries(teacher),
    globalCrops: batch.globalCrops,
    teacherTemperature: [temperature],
    masked: maskFeeds(batch.masked, c.batch, n).rows,
    ibotCentre: new Float64Array(c.prototypes),
    dinoCentre: new Float64Array(c.prototypes),
    ...extra,
  };
}

/** What stage 2 is fed, given what stage 1 gave. */
export function studentFeeds(
  c: StepConfig,
  student: ReadonlyMap<string, ArrayLike<number>>,
  batch: StepBatch,
  first: Record<string, Float64Array>,
): Feeds {
  const n = (c.globalSize / c.vit.patch) ** 2;
  const { rows, mask, weight } = maskFeeds(batch.masked, c.batch, n);
  const global = contrastTargets(batch.labels, 1, true);
  const local = contrastTargets(batch.labels, c.localCount, c.avoidLocalGlobalSame);
  return {
    ...Object.fromEntries(student),
    ...first,
    globalCrops: batch.globalCrops,
    localCrops: batch.localCrops,
    masked: rows,
    mask,
    maskedWeight: weight,
    globalPositives: global.positives,
    globalExcluded: global.excluded,
    localPositives: local.positives,
    localExcluded: local.excluded,
  };
}

/** Gradients that say something: those of at least a millionth of the largest norm. */
export function significant(grads: ReadonlyMap<string, ArrayLike<number>>): string[] {
  const norms = new Map([...grads].map(([name, g]) => [name, Math.hypot(...Array.from(g))]));
  const largest = Math.max(...norms.values());
  return [...norms].flatMap(([name, n]) => (n >= 1e-6 * largest ? [name] : []));
}
