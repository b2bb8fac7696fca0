import { gradients, ops, type Tensor } from '../graph/index.js';
import * as heads from '../model/heads.js';
import type { ParameterSpec } from '../model/parameters.js';
import { type Parameters, type VitConfig, vit, vitParameters } from '../model/vit.js';
import { contrastive } from './contrastive.js';
import { centred, crossEntropy, sinkhornKnopp } from './targets.js';

/** Everything that shapes the two programs of a training step. */
export interface StepConfig {
  vit: VitConfig;
  contrastHidden: number;
  contrastOut: number;
  /** Default `layer`. */
  contrastNorm?: heads.HeadNorm;
  prototypeHidden: number;
  prototypeBottleneck: number;
  prototypes: number;
  /** B: global crops of a batch. */
  batch: number;
  globalSize: number;
  localSize: number;
  localCount: number;
  /** Images of a batch whose tokens are masked, and how many tokens of the batch that are. */
  maskedImages: number;
  masked: number;
  weights: { contrast: number; ibot: number; dino: number };
  temperature: number;
  studentTemperature: number;
  centering: 'sinkhorn_knopp' | 'centering';
  centerMomentum: number;
  sinkhornIterations: number;
  avoidLocalGlobalSame: boolean;
  /** True when some blocks are dropped, which then takes an input of keep factors. */
  dropPath: boolean;
}

export interface Terms {
  contrast: boolean;
  ibot: boolean;
  dino: boolean;
}

/** Which terms of the objective are computed: as in the authors' code, DINO needs local crops, iBOT needs masked tokens. */
export function termsOf(c: StepConfig): Terms {
  return {
    contrast: c.weights.contrast > 0,
    ibot: c.weights.ibot > 0 && c.masked > 0,
    dino: c.weights.dino > 0 && c.localCount > 0,
  };
}

/** All parameters of the student; the teacher has the same without `pred`. */
export function studentParameters(c: StepConfig): ParameterSpec[] {
  const { contrast, ibot, dino } = termsOf(c);
  return [
    ...vitParameters(c.vit),
    ...(contrast
      ? [
          ...heads.projectionParameters(c.vit.dim, c.contrastHidden, c.contrastOut),
          ...heads.predictionParameters(c.contrastHidden, c.contrastOut),
        ]
      : []),
    ...(ibot || dino
      ? heads.prototypeParameters(c.vit.dim, c.prototypeHidden, c.prototypeBottleneck, c.prototypes)
      : []),
  ];
}

/** The centres that targets are centred by, with their sizes; none where they are balanced in another way. */
export function centreSizes(c: StepConfig): Map<string, number> {
  const { ibot, dino } = termsOf(c);
  const names = c.centering === 'centering' ? [...(ibot ? ['ibot'] : []), ...(dino ? ['dino'] : [])] : [];
  return new Map(names.map((name) => [name, c.prototypes]));
}

export const inTeacher = (name: string): boolean => !name.startsWith('pred.');

/** Parameters as graph inputs, each made once. */
function parameterInputs(specs: readonly ParameterSpec[]): { get: Parameters; all: Map<string, Tensor> } {
  const all = new Map(specs.map((s) => [s.name, ops.input(s.name, s.shape)]));
  return {
    all,
    get: (name) => all.get(name) ?? fail(name),
  };
}

function fail(name: string): never {
  throw new Error(`internal: the model has no parameter ${name}`);
}

/**
 * Stage 1: the teacher's forward pass.
 * Inputs: parameters, globalCrops, masked [M] (rows of the patch tokens, patch·B + image), teacherTemperature [1, 1], and with centring ibotCentre, dinoCentre [1, K].
 * Outputs: teacherCls [B, dim], teacherProj [B, out], ibotTargets [M, K], dinoTargets [B, K], with centring the batch means ibotMean, dinoMean [1, K].
 * @param trace also give intermediate values, for comparison with a reference
 */
export function teacherProgram(c: StepConfig, trace = false): Record<string, Tensor> {
  const p = parameterInputs(studentParameters(c).filter((s) => inTeacher(s.name))).get;
  const { contrast, ibot, dino } = termsOf(c);
  const images = ops.input('globalCrops', [c.batch, 3, c.globalSize, c.globalSize]);
  const temperature = ops.input('teacherTemperature', [1, 1]);
  const { cls, patches } = vit(c.vit, p, images);
  const out: Record<string, Tensor> = { teacherCls: cls };
  if (contrast) out.teacherProj = heads.projection(p, cls, c.contrastNorm);
  const targets = (name: 'ibot' | 'dino', logits: Tensor) => {
    if (c.centering === 'sinkhorn_knopp') out[`${name}Targets`] = sinkhornKnopp(logits, c.sinkhornIterations);
    else {
      out[`${name}Targets`] = centred(logits, temperature, ops.input(`${name}Centre`, [1, c.prototypes]));
      out[`${name}Mean`] = ops.mul(ops.mean(logits, [0]), temperature);
    }
  };
  if (ibot) {
    const logits = heads.prototypes(p, ops.takeRows(patches, ops.input('masked', [c.masked], 'i64')), temperature);
    if (trace) out.teacherPatchLogits = ops.mul(logits, temperature);
    targets('ibot', logits);
  }
  if (dino) targets('dino', heads.prototypes(p, cls, temperature));
  return out;
}

/** Names under which stage 2 gives the losses, in the authors' words. */
export const LOSSES = [
  'global_crop_contrast_loss',
  'local_crop_contrast_loss',
  'total_contrast_loss',
  'dino_loss',
  'ibot_loss',
  'loss',
] as const;
export type Losses = Record<(typeof LOSSES)[number], number>;

/**
 * Stage 2: the student's forward and backward pass.
 * Inputs: parameters, globalCrops, localCrops, mask [N, B, 1], masked [M], maskedWeight [M, 1] (1/masked tokens of that image), what stage 1 gave,
 * and globalPositives, globalExcluded, localPositives[, localExcluded] of `contrastTargets`.
 * Outputs: the losses ([1, 1] each), studentCls [B, dim], and `grad.<name>` for each parameter.
 */
export function studentProgram(c: StepConfig, trace = false): Record<string, Tensor> {
  const specs = studentParameters(c);
  const { get: p, all } = parameterInputs(specs);
  const { contrast, ibot, dino } = termsOf(c);
  const { batch: b, localCount } = c;
  const n = (c.globalSize / c.vit.patch) ** 2;
  const images = ops.input('globalCrops', [b, 3, c.globalSize, c.globalSize]);
  const drop = (name: string, rows: number) =>
    c.dropPath ? ops.input(`dropPath.${name}`, [c.vit.depth, 2, rows]) : undefined;
  const mask = c.masked > 0 ? ops.input('mask', [n, b, 1]) : undefined;
  const global = vit(c.vit, p, images, { mask, dropPath: drop('global', b) });
  let local: Tensor | undefined;
  if (localCount > 0) {
    const crops = ops.input('localCrops', [b * localCount, 3, c.localSize, c.localSize]);
    local = vit(c.vit, p, crops, { dropPath: drop('local', b * localCount) }).cls;
  }

  const zero = ops.filled(0, [1, 1]);
  let globalContrast = zero;
  let localContrast = zero;
  let ibotLoss = zero;
  let dinoLoss = zero;
  const out: Record<string, Tensor> = { studentCls: global.cls };
  if (contrast) {
    const teacher = ops.input('teacherProj', [b, c.contrastOut]);
    const all = local ? ops.concat([global.cls, local], 0) : global.cls;
    const predicted = heads.prediction(p, heads.projection(p, all, c.contrastNorm), c.contrastNorm);
    const target = (name: string, rows: number) => ops.input(name, [rows, b]);
    const first = ops.slice(predicted, 0, 0, b);
    globalContrast = contrastive(
      first,
      teacher,
      target('globalPositives', b),
      target('globalExcluded', b),
      c.temperature,
    );
    if (local) {
      const rows = b * localCount;
      const excluded = c.avoidLocalGlobalSame ? target('localExcluded', rows) : undefined;
      localContrast = contrastive(
        ops.slice(predicted, 0, b, rows),
        teacher,
        target('localPositives', rows),
        excluded,
        c.temperature,
      );
    }
    if (trace) out.studentPredGlobal = first;
  }
  if (ibot) {
    const logits = heads.prototypes(
      p,
      ops.takeRows(global.patches, ops.input('masked', [c.masked], 'i64')),
      c.studentTemperature,
    );
    const entropy = crossEntropy(ops.input('ibotTargets', logits.shape), logits);
    const weighted = ops.mul(entropy, ops.input('maskedWeight', [c.masked, 1]));
    ibotLoss = ops.scale(ops.sum(weighted, [0, 1]), 1 / c.maskedImages);
    if (trace) out.studentPatchLogits = ops.scale(logits, c.studentTemperature);
  }
  if (dino) {
    // Each local crop is compared with the teacher's view of its own image.
    const k = c.prototypes;
    const logits = ops.reshape(heads.prototypes(p, local!, c.studentTemperature), [localCount, b, k]);
    const targets = ops.reshape(ops.input('dinoTargets', [b, k]), [1, b, k]);
    dinoLoss = ops.reshape(ops.mean(crossEntropy(targets, logits), [0, 1, 2]), [1, 1]);
  }
  const totalContrast = ops.add(globalContrast, localContrast);
  const loss = [
    ...(contrast ? [ops.scale(totalContrast, c.weights.contrast)] : []),
    ...(dino ? [ops.scale(dinoLoss, c.weights.dino)] : []),
    ...(ibot ? [ops.scale(ibotLoss, c.weights.ibot)] : []),
  ].reduce(ops.add);

  out.global_crop_contrast_loss = globalContrast;
  out.local_crop_contrast_loss = localContrast;
  out.total_contrast_loss = totalContrast;
  out.dino_loss = dinoLoss;
  out.ibot_loss = ibotLoss;
  out.loss = loss;
  if (trace) {
    out.studentPatches = global.patches;
    if (local) out.studentLocalCls = local;
  }
  const grads = gradients(
    loss,
    specs.map((s) => all.get(s.name)!),
  );
  specs.forEach((s, i) => {
    out[`grad.${s.name}`] = grads[i] ?? ops.filled(0, s.shape);
  });
  return out;
}
