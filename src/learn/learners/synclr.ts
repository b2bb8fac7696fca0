import type { LearnerSettings } from '../../config/learners.js';
import type { Settings } from '../../config/schema.js';
import { ops, type RowOrder, type Tensor } from '../../graph/index.js';
import * as heads from '../../model/heads.js';
import { vit, vitParameters } from '../../model/vit.js';
import type { Feeds, GraphOptions, Objective, StudentGraph, TeacherGraph } from '../../runtime/training.js';
import { cropActivations, cropOperations, mlpOperations } from '../cost-parts.js';
import * as parts from '../graph-parts.js';
import { featureHealth, similarityHealth, targetHealth } from '../health.js';
import type { BatchShape, LearnedParameter, Learner, LearnerKind, StepBatch } from '../learner.js';
import { contrastive } from '../losses/multi-positive.js';
import { centred, crossEntropy, sinkhornKnopp, targetFigures } from '../losses/targets.js';
import { cosine } from '../schedules.js';
import { batchShape } from '../shape.js';

/** Everything that shapes a training step of SynCLR. */
export interface StepConfig extends BatchShape {
  contrastHidden: number;
  contrastOut: number;
  /** Default `layer`. */
  contrastNorm?: heads.HeadNorm;
  prototypeHidden: number;
  prototypeBottleneck: number;
  prototypes: number;
  /** Images of a batch whose tokens are masked. */
  maskedImages: number;
  weights: { contrast: number; ibot: number; dino: number };
  temperature: number;
  studentTemperature: number;
  centering: 'sinkhorn_knopp' | 'centering';
  centerMomentum: number;
  sinkhornIterations: number;
  avoidLocalGlobalSame: boolean;
  /** False: no teacher and no prediction head; projections are compared with each other. Default true. */
  teacher?: boolean;
}

/** SynCLR (Tian et al. 2023, section 3.3): multi-positive contrastive loss against an EMA teacher, iBOT, and DINO if asked for. */
export const synclr: LearnerKind<'synclr'> = {
  title: 'SynCLR',
  metrics: [
    { key: 'loss', chart: 'Loss', about: 'what is minimised' },
    {
      key: 'global_crop_contrast_loss',
      chart: 'Contrastive loss',
      about: 'images of one caption, among those of all others in the batch',
      label: 'global crops',
    },
    {
      key: 'local_crop_contrast_loss',
      chart: 'Contrastive loss',
      about: 'images of one caption, among those of all others in the batch',
      label: 'local crops',
    },
    { key: 'total_contrast_loss', chart: 'Total contrastive loss', about: 'of global and local crops' },
    { key: 'ibot_loss', chart: 'Masked image modelling', about: 'iBOT: the teacher’s prototypes at masked patches' },
    { key: 'dino_loss', chart: 'DINO loss', about: 'the teacher’s prototypes from local crops' },
    { key: 'ema', chart: 'Teacher momentum', about: 'of the moving average', among: 'optimisation' },
    { key: 'teacher_temperature', chart: 'Teacher temperature', about: 'linear warm-up', among: 'optimisation' },
  ],
  learner: (s, learn) => synclrLearner(stepConfig(s, learn), scheduleOf(s, learn)),
};

/** The shape of SynCLR's training step. */
export function stepConfig(s: Settings, learn: LearnerSettings<'synclr'>): StepConfig {
  const shape = batchShape(s, needsOf(s.views.localCount, learn.ibot > 0));
  return {
    ...shape,
    contrastHidden: learn.projectionHidden,
    contrastOut: learn.projectionWidth,
    contrastNorm: learn.headNorm,
    prototypeHidden: learn.prototypeHidden,
    prototypeBottleneck: learn.prototypeBottleneck,
    prototypes: learn.prototypes,
    weights: { contrast: learn.contrast, ibot: learn.ibot, dino: learn.dino },
    temperature: learn.temperature,
    studentTemperature: learn.studentTemperature,
    centering: learn.centering,
    centerMomentum: learn.centerMomentum,
    sinkhornIterations: learn.sinkhornIterations,
    avoidLocalGlobalSame: learn.avoidLocalGlobalSame,
    teacher: learn.ema !== false,
  };
}

const needsOf = (locals: number, masks: boolean) =>
  ({ imagesPerCaption: 'all', globals: 1, locals, masks, classes: false, text: false }) as const;

/** Momentum and teacher temperature at an update (paper, appendix A; DINO's forms). */
function scheduleOf(s: Settings, learn: LearnerSettings<'synclr'>): Learner['schedule'] {
  const { ema } = learn;
  if (ema === false) return () => ({ numbers: {} });
  const [cold, warm] = learn.teacherTemperature;
  return (step) => {
    const heat = learn.teacherTemperatureSteps === 0 ? 1 : Math.min(1, step / learn.teacherTemperatureSteps);
    return {
      ema: cosine(ema[0], ema[1], step, s.train.steps),
      numbers: { teacher_temperature: cold + (warm - cold) * heat },
    };
  };
}

/** SynCLR of given sizes. @param schedule where training asks for one */
export function synclrLearner(c: StepConfig, schedule: Learner['schedule'] = () => ({ numbers: {} })): Learner {
  const parameters = synclrParameters(c);
  return {
    name: 'synclr',
    shape: c,
    needs: needsOf(c.localCount, c.masked > 0),
    parameters,
    objective: () => objective(c, parameters),
    schedule,
    feeds: (batch, numbers, order) => synclrFeeds(c, batch, numbers.teacher_temperature, order),
    health: (m, { labels }) => ({
      ...featureHealth(m.features, c.vit.dim),
      ...(m.teacherProj ? similarityHealth(m.teacherProj, c.contrastOut, labels) : {}),
      ...(m.targetMean ? targetHealth(m.targetEntropy[0], m.targetMean) : {}),
    }),
    operations: operations(c),
    activationBytes: activationBytes(c),
  };
}

const hasTeacher = (c: StepConfig): boolean => c.teacher ?? true;

/** Which terms of the objective are computed: as in the authors' code, DINO needs local crops, iBOT needs masked tokens. */
export function termsOf(c: StepConfig): { contrast: boolean; ibot: boolean; dino: boolean } {
  return {
    contrast: c.weights.contrast > 0,
    ibot: c.weights.ibot > 0 && c.masked > 0,
    dino: c.weights.dino > 0 && c.localCount > 0,
  };
}

/** All parameters; the teacher has those that are averaged: all but the prediction head. */
export function synclrParameters(c: StepConfig): LearnedParameter[] {
  const { contrast, ibot, dino } = termsOf(c);
  const teacher = hasTeacher(c);
  const prediction = contrast && teacher ? heads.predictionParameters(c.contrastHidden, c.contrastOut) : [];
  return [
    ...parts.learned(vitParameters(c.vit), teacher),
    ...(contrast ? parts.learned(heads.projectionParameters(c.vit.dim, c.contrastHidden, c.contrastOut), teacher) : []),
    ...parts.learned(prediction, false),
    ...(ibot || dino
      ? parts.learned(
          heads.prototypeParameters(c.vit.dim, c.prototypeHidden, c.prototypeBottleneck, c.prototypes),
          teacher,
        )
      : []),
  ];
}

/** The centres that targets are centred by, with their sizes; none where they are balanced in another way. */
function centreSizes(c: StepConfig): Map<string, number> {
  const { ibot, dino } = termsOf(c);
  const names = c.centering === 'centering' ? [...(ibot ? ['ibot'] : []), ...(dino ? ['dino'] : [])] : [];
  return new Map(names.map((name) => [name, c.prototypes]));
}

/**
 * The graphs (the facts of them are the authors' code's). Inputs of a batch, beside parameters:
 * globalCrops [B, 3, G, G], localCrops [B·localCount, 3, L, L], labels [B], teacherTemperature [1, 1], and with iBOT mask [N, B, 1], masked [M]
 * (rows of the patch tokens) and maskedWeight [M, 1] (1/masked tokens of that image); with drop path dropPath.global and dropPath.local
 * [depth, 2, rows]. Crops may be bytes; then globalPhotometric and localPhotometric [rows, columns] say what is done to their colours. Samples come first where the backend wants them so: mask [B, N, 1], rows image·N + patch in place of patch·B + image.
 */
function objective(c: StepConfig, parameters: readonly LearnedParameter[]): Objective {
  const { ibot } = termsOf(c);
  const batch = parts.batchInputs();
  return {
    parameters: parts.trained(parameters),
    centres: centreSizes(c),
    centreMomentum: c.centerMomentum,
    ...(hasTeacher(c) ? { teacher: (o: GraphOptions) => teacher(c, parameters, o, batch) } : {}),
    student: (handed, o) => student(c, parameters, handed, o, batch),
    measures: (handed): Record<string, Tensor> => {
      if (!ibot) return {};
      const { entropy, mean } = targetFigures(handed.ibotTargets);
      return { targetEntropy: entropy, targetMean: mean };
    },
    imageAxes: parts.IMAGE_AXES,
  };
}

function teacher(
  c: StepConfig,
  parameters: readonly LearnedParameter[],
  o: GraphOptions,
  batch: parts.BatchInput,
): TeacherGraph {
  const { get: p } = parts.parameterInputs(parameters, 'teacher');
  const { contrast, ibot, dino } = termsOf(c);
  const temperature = batch('teacherTemperature', [1, 1]);
  const images = parts.crops(c, 'global', o, batch);
  const { cls, patches } = vit(c.vit, p, images, o);
  const teacherCls = ops.cast(cls, 'f32');
  const out: TeacherGraph = {
    handed: {},
    means: {},
    measured: { features: parts.someFeatures(teacherCls) },
    report: { teacherCls },
  };
  if (contrast) {
    const projected = heads.projection(p, cls, { norm: c.contrastNorm, precision: o.precision });
    out.handed.teacherProj = ops.cast(projected, 'f32');
    out.measured.teacherProj = out.handed.teacherProj;
  }
  const targets = (name: 'ibot' | 'dino', x: Tensor) => {
    const logits = heads.prototypes(p, x, temperature, o.precision);
    if (c.centering === 'sinkhorn_knopp') out.handed[`${name}Targets`] = sinkhornKnopp(logits, c.sinkhornIterations);
    else {
      out.handed[`${name}Targets`] = centred(logits, temperature, ops.input(`centre.${name}`, [1, c.prototypes]));
      out.means[name] = ops.mul(ops.mean(logits, [0]), temperature);
    }
    return logits;
  };
  if (ibot) {
    const logits = targets('ibot', ops.takeRows(patches, batch('masked', [c.masked], 'i64')));
    out.report.teacherPatchLogits = ops.mul(logits, temperature);
  }
  if (dino) targets('dino', cls);
  return out;
}

function student(
  c: StepConfig,
  parameters: readonly LearnedParameter[],
  handed: Record<string, Tensor>,
  o: GraphOptions,
  batch: parts.BatchInput,
): StudentGraph {
  const { get: p, all } = parts.parameterInputs(parameters, 'student');
  const { contrast, ibot, dino } = termsOf(c);
  const { batch: b, localCount } = c;
  const n = (c.globalSize / c.vit.patch) ** 2;
  const mask = c.masked > 0 ? batch('mask', o.order === 'token' ? [n, b, 1] : [b, n, 1]) : undefined;
  const images = parts.crops(c, 'global', o, batch);
  const global = vit(c.vit, p, images, { ...o, mask, dropPath: parts.dropPath(c, 'global', batch) });
  const local =
    localCount > 0
      ? vit(c.vit, p, parts.crops(c, 'local', o, batch), { ...o, dropPath: parts.dropPath(c, 'local', batch) })
      : undefined;

  const zero = ops.filled(0, [1, 1]);
  let globalContrast = zero;
  let localContrast = zero;
  let ibotLoss = zero;
  let dinoLoss = zero;
  const report: Record<string, Tensor> = {
    studentCls: ops.cast(global.cls, 'f32'),
    studentPatches: ops.cast(global.patches, 'f32'),
  };
  const measured: Record<string, Tensor> = hasTeacher(c) ? {} : { features: parts.someFeatures(global.cls) };
  if (local) report.studentLocalCls = ops.cast(local.cls, 'f32');
  if (contrast) {
    const head = { norm: c.contrastNorm, precision: o.precision };
    const labels = batch('labels', [b]);
    const cls = local ? ops.concat([global.cls, local.cls], 0) : global.cls;
    const projected = heads.projection(p, cls, head);
    const predicted = hasTeacher(c) ? heads.prediction(p, projected, head) : projected;
    // Without a teacher both sides are the student's, and both have gradients (StableRep).
    const candidates = handed.teacherProj ?? ops.cast(ops.slice(projected, 0, 0, b), 'f32');
    if (!hasTeacher(c)) measured.teacherProj = candidates;
    const against = (start: number, rows: number, leaveOwnOut: boolean) =>
      contrastive(ops.slice(predicted, 0, start, rows), candidates, labels, {
        temperature: c.temperature,
        leaveOwnOut,
      });
    globalContrast = against(0, b, true);
    if (local) localContrast = against(b, b * localCount, c.avoidLocalGlobalSame);
    report.studentPredGlobal = ops.cast(ops.slice(predicted, 0, 0, b), 'f32');
  }
  if (ibot) {
    const rows = ops.takeRows(global.patches, batch('masked', [c.masked], 'i64'));
    const logits = heads.prototypes(p, rows, c.studentTemperature, o.precision);
    const weighted = ops.mul(crossEntropy(handed.ibotTargets, logits), batch('maskedWeight', [c.masked, 1]));
    ibotLoss = ops.scale(ops.sum(weighted, [0, 1]), 1 / c.maskedImages);
    report.studentPatchLogits = ops.scale(ops.cast(logits, 'f32'), c.studentTemperature);
  }
  if (dino) {
    // Each local crop is compared with the teacher's view of its own image.
    const k = c.prototypes;
    const logits = heads.prototypes(p, local!.cls, c.studentTemperature, o.precision);
    const targets = ops.reshape(handed.dinoTargets, [1, b, k]);
    const entropy = crossEntropy(targets, ops.reshape(logits, [localCount, b, k]));
    dinoLoss = ops.reshape(ops.mean(entropy, [0, 1, 2]), [1, 1]);
  }
  const totalContrast = ops.add(globalContrast, localContrast);
  const loss = [
    ...(contrast ? [ops.scale(totalContrast, c.weights.contrast)] : []),
    ...(dino ? [ops.scale(dinoLoss, c.weights.dino)] : []),
    ...(ibot ? [ops.scale(ibotLoss, c.weights.ibot)] : []),
  ].reduce(ops.add);
  const losses = {
    global_crop_contrast_loss: globalContrast,
    local_crop_contrast_loss: localContrast,
    total_contrast_loss: totalContrast,
    dino_loss: dinoLoss,
    ibot_loss: ibotLoss,
    loss,
  };
  const blocks = [...global.blocks, ...(local?.blocks ?? [])];
  return { losses, gradients: parts.gradientsOf(loss, all, blocks, o), measured, report };
}

/** What a batch feeds to SynCLR's graphs. */
export function synclrFeeds(c: StepConfig, batch: StepBatch, teacherTemperature: number, order: RowOrder): Feeds {
  const { contrast, ibot, dino } = termsOf(c);
  const { rows, mask, weight } = parts.maskFeeds(batch.masked, c.batch, (c.globalSize / c.vit.patch) ** 2, order);
  return {
    ...(contrast ? { labels: Float32Array.from(batch.labels) } : {}),
    ...(ibot || dino ? { teacherTemperature: Float32Array.of(teacherTemperature) } : {}),
    ...(c.masked > 0 ? { mask } : {}),
    ...(ibot ? { masked: rows, maskedWeight: weight } : {}),
  };
}

function operations(c: StepConfig): number {
  const { dim } = c.vit;
  const { contrast, ibot, dino } = termsOf(c);
  const teacher = hasTeacher(c);
  const projected = contrast ? mlpOperations([dim, c.contrastHidden, c.contrastHidden, c.contrastOut]) : 0;
  const predicted = contrast && teacher ? mlpOperations([c.contrastOut, c.contrastHidden, c.contrastOut]) : 0;
  const prototype = mlpOperations([dim, c.prototypeHidden, c.prototypeHidden, c.prototypeBottleneck, c.prototypes]);
  const locals = c.batch * c.localCount;
  const global = c.batch * cropOperations(c.vit, c.globalSize);
  const ofTeacher = global + c.batch * projected + prototype * ((ibot ? c.masked : 0) + (dino ? c.batch : 0));
  const ofStudent =
    global +
    locals * cropOperations(c.vit, c.localSize) +
    (c.batch + locals) * (projected + predicted) +
    prototype * ((ibot ? c.masked : 0) + (dino ? locals : 0));
  return (teacher ? ofTeacher : 0) + 3 * ofStudent;
}

function activationBytes(c: StepConfig): number {
  const { ibot, dino } = termsOf(c);
  const logits = ((ibot ? c.masked : 0) + (dino ? c.batch * c.localCount : 0)) * c.prototypes * 4;
  const crops = cropActivations(c.vit, c.globalSize) + c.localCount * cropActivations(c.vit, c.localSize);
  return 4 * 1.3 * (c.batch * crops + logits);
}
