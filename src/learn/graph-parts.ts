import { type DType, gradients, ops, type RowOrder, type Shape, type Tensor } from '../graph/index.js';
import type { ParameterSpec } from '../model/parameters.js';
import { type Parameters, type VitOutput, vit } from '../model/vit.js';
import type { Feeds, GraphOptions, Objective, StudentGraph, TrainedParameter } from '../runtime/training.js';
import { photometricWidth } from '../views/photometric.js';
import type { BatchShape, LearnedParameter, StepBatch } from './learner.js';
import { photometric } from './photometric-graph.js';

/** What learners' graphs are put together from. */

/** Images whose features the health figures look at, so that the spectrum stays cheap. */
const FEATURES = 128;

/** The authors' grouping: matrices and higher are decayed unless the name says bias, ln or bn. */
export function decays(name: string, shape: readonly number[]): boolean {
  return shape.length >= 2 && !/bias|ln|bn/.test(name);
}

/** Parameters with the authors' grouping of decay. @param averaged whether the teacher has them */
export const learned = (specs: readonly ParameterSpec[], averaged: boolean): LearnedParameter[] =>
  specs.map((s) => ({ ...s, averaged, decayed: decays(s.name, s.shape) }));

/** What trainers know of parameters. */
export const trained = (parameters: readonly LearnedParameter[]): TrainedParameter[] =>
  parameters.map(({ name, shape, decayed, averaged, clamp }) => ({
    name,
    shape,
    decayed,
    averaged,
    ...(clamp && { clamp }),
  }));

/** An input that is a value of the batch. */
export type BatchInput = (name: string, shape: Shape, dtype?: DType) => Tensor;

/** Inputs of a batch: passes that read the same one share it, whether they are one program or two. */
export function batchInputs(): BatchInput {
  const made = new Map<string, Tensor>();
  return (name, shape, dtype) => {
    const key = `${name} ${shape} ${dtype}`;
    const input = made.get(key) ?? ops.input(name, shape, dtype);
    made.set(key, input);
    return input;
  };
}

/** Parameters as graph inputs `student.NAME` or `teacher.NAME`, each made once. */
export function parameterInputs(
  parameters: readonly LearnedParameter[],
  group: 'student' | 'teacher',
): { get: Parameters; all: Map<string, Tensor> } {
  const specs = parameters.filter((p) => group === 'student' || p.averaged);
  const all = new Map(specs.map((s) => [s.name, ops.input(`${group}.${s.name}`, s.shape)]));
  const get: Parameters = (name) => {
    const t = all.get(name);
    if (!t) throw new Error(`internal: the ${group} has no parameter ${name}`);
    return t;
  };
  return { all, get };
}

/** Crops as the network sees them: fed so, or made of bytes and what is to be done to their colours. */
export function crops(c: BatchShape, which: 'global' | 'local', o: GraphOptions, batch: BatchInput): Tensor {
  const size = which === 'global' ? c.globalSize : c.localSize;
  const count = c.batch * (which === 'global' ? (c.globals ?? 1) : c.localCount);
  if (o.crops === 'float') return batch(`${which}Crops`, [count, 3, size, size]);
  if (!c.views) throw new Error('internal: crops of bytes without the settings of their views');
  const bytes = batch(`${which}Crops`, [count, 3, size, size], 'u8');
  const numbers = batch(`${which}Photometric`, [count, photometricWidth(c.views, size)]);
  return photometric(bytes, numbers, c.views);
}

/** The input of drop path's keep factors, where blocks are dropped. */
export function dropPath(c: BatchShape, which: 'global' | 'local', batch: BatchInput): Tensor | undefined {
  const rows = c.batch * (which === 'global' ? (c.globals ?? 1) : c.localCount);
  return c.dropPath ? batch(`dropPath.${which}`, [c.vit.depth, 2, rows]) : undefined;
}

/** The backbone on the batch's global crops, unmasked. */
export function globalViews(c: BatchShape, p: Parameters, o: GraphOptions, batch: BatchInput): VitOutput {
  return vit(c.vit, p, crops(c, 'global', o, batch), { ...o, dropPath: dropPath(c, 'global', batch) });
}

/** Features that health looks at: of the first images. @param cls [rows, dim] */
export const someFeatures = (cls: Tensor): Tensor =>
  ops.slice(ops.cast(cls, 'f32'), 0, 0, Math.min(FEATURES, cls.shape[0]));

/** A gradient of the loss for each parameter. */
export function gradientsOf(
  loss: Tensor,
  all: ReadonlyMap<string, Tensor>,
  blocks: VitOutput['blocks'],
  o: GraphOptions,
): Map<string, Tensor> {
  const found = gradients(loss, [...all.values()], { again: o.recompute ? blocks : [] });
  return new Map([...all].map(([name, t], i) => [name, found[i] ?? ops.filled(0, t.shape)]));
}

/** Along which axis the inputs that learners share have their images. */
export const IMAGE_AXES: Readonly<Record<string, number>> = {
  ...{ globalCrops: 0, localCrops: 0, globalPhotometric: 0, localPhotometric: 0 },
  ...{ mask: 0, 'dropPath.global': 2, 'dropPath.local': 2 },
};

/** The objective of a student alone. @param axes of inputs that only this learner has, beside those that all share */
export const withoutTeacher = (
  parameters: readonly LearnedParameter[],
  student: (o: GraphOptions, batch: BatchInput) => StudentGraph,
  axes: Readonly<Record<string, number>> = {},
): Objective => ({
  parameters: trained(parameters),
  centres: new Map(),
  centreMomentum: 0,
  student: (_, o) => student(o, batchInputs()),
  imageAxes: { ...IMAGE_AXES, ...axes },
});

/** What every learner's graphs are fed of a batch: crops and drop path. */
export function commonFeeds(c: BatchShape, batch: StepBatch): Feeds {
  if (batch.masked.length !== c.masked)
    throw new Error(`internal: ${batch.masked.length} masked tokens, built for ${c.masked}`);
  const { localCount } = c;
  const drop = c.dropPath ? batch.dropPath : undefined;
  return {
    globalCrops: batch.globalCrops,
    ...(localCount > 0 ? { localCrops: batch.localCrops } : {}),
    ...(batch.globalPhotometric ? { globalPhotometric: batch.globalPhotometric } : {}),
    ...(batch.localPhotometric && localCount > 0 ? { localPhotometric: batch.localPhotometric } : {}),
    ...(drop ? { 'dropPath.global': drop.global, 'dropPath.local': drop.local } : {}),
  };
}

/**
 * Rows among the patch tokens (patch·B + image, or image·N + patch where samples come first), the mask [N, B, 1] (or [B, N, 1]), and
 * 1/(masked tokens of the image) for each masked token.
 */
export function maskFeeds(
  masked: Int32Array,
  batch: number,
  n: number,
  order: RowOrder = 'token',
): { rows: BigInt64Array; mask: Float32Array; weight: Float32Array } {
  const rows = new BigInt64Array(masked.length);
  const mask = new Float32Array(n * batch);
  const counts = new Int32Array(batch);
  for (const m of masked) counts[Math.floor(m / n)]++;
  const weight = new Float32Array(masked.length);
  masked.forEach((m, i) => {
    const image = Math.floor(m / n);
    const row = order === 'token' ? (m % n) * batch + image : m;
    rows[i] = BigInt(row);
    mask[row] = 1;
    weight[i] = 1 / counts[image];
  });
  return { rows, mask, weight };
}
