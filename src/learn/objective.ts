import { type DType, gradients, ops, type Shape, type Tensor } from '../graph/index.js';
import * as heads from '../model/heads.js';
import { type Parameters, type VitOutput, vit } from '../model/vit.js';
import type { GraphOptions, Objective, StudentGraph, TeacherGraph } from '../runtime/training.js';
import { photometricWidth } from '../views/photometric.js';
import { contrastive } from './contrastive.js';
import { photometric } from './photometric-graph.js';
import { centreSizes, decays, inTeacher, type StepConfig, studentParameters, termsOf } from './programs.js';
import { centred, crossEntropy, sinkhornKnopp, targetFigures } from './targets.js';

/** Images whose features the health figures look at, so that the spectrum stays cheap. */
const FEATURES = 128;

/**
 * SynCLR's objective as graphs (paper, section 3.3; the facts of it are the authors' code's). Inputs of a batch, beside parameters:
 * globalCrops [B, 3, G, G], localCrops [B·localCount, 3, L, L], labels [B], teacherTemperature [1, 1], and with iBOT mask [N, B, 1], masked [M]
 * (rows of the patch tokens) and maskedWeight [M, 1] (1/masked tokens of that image); with drop path dropPath.global and dropPath.local
 * [depth, 2, rows]. Crops may be bytes; then globalPhotometric and localPhotometric [rows, columns] say what is done to their colours. Samples come first where the backend wants them so: mask [B, N, 1], rows image·N + patch in place of patch·B + image.
 */
export function synclr(c: StepConfig): Objective {
  const specs = studentParameters(c);
  const { ibot } = termsOf(c);
  // Both passes read the same batch: one input a name, whether they are one program or two.
  const made = new Map<string, Tensor>();
  const batch: BatchInput = (name, shape, dtype) => {
    const key = `${name} ${shape}`;
    const input = made.get(key) ?? ops.input(name, shape, dtype);
    made.set(key, input);
    return input;
  };
  return {
    parameters: specs.map(({ name, shape }) => ({
      name,
      shape,
      decayed: decays(name, shape),
      averaged: inTeacher(name),
    })),
    centres: centreSizes(c),
    centreMomentum: c.centerMomentum,
    teacher: (o) => teacher(c, o, batch),
    student: (handed, o) => student(c, handed, o, batch),
    measures: (handed): Record<string, Tensor> => {
      if (!ibot) return {};
      const { entropy, mean } = targetFigures(handed.ibotTargets);
      return { targetEntropy: entropy, targetMean: mean };
    },
    imageAxes: {
      ...{ globalCrops: 0, localCrops: 0, globalPhotometric: 0, localPhotometric: 0 },
      ...{ mask: 0, 'dropPath.global': 2, 'dropPath.local': 2 },
    },
  };
}

/** Parameters as graph inputs, each made once. */
function parameterInputs(c: StepConfig, group: 'student' | 'teacher'): { get: Parameters; all: Map<string, Tensor> } {
  const specs = studentParameters(c).filter((s) => group === 'student' || inTeacher(s.name));
  const all = new Map(specs.map((s) => [s.name, ops.input(`${group}.${s.name}`, s.shape)]));
  const get: Parameters = (name) => {
    const t = all.get(name);
    if (!t) throw new Error(`internal: the ${group} has no parameter ${name}`);
    return t;
  };
  return { all, get };
}

/** An input that is a value of the batch. */
type BatchInput = (name: string, shape: Shape, dtype?: DType) => Tensor;

/** Crops as the network sees them: fed so, or made of bytes and what is to be done to their colours. */
function crops(c: StepConfig, which: 'global' | 'local', count: number, o: GraphOptions, batch: BatchInput): Tensor {
  const size = which === 'global' ? c.globalSize : c.localSize;
  if (o.crops === 'float') return batch(`${which}Crops`, [count, 3, size, size]);
  if (!c.views) throw new Error('internal: crops of bytes without the settings of their views');
  const bytes = batch(`${which}Crops`, [count, 3, size, size], 'u8');
  const numbers = batch(`${which}Photometric`, [count, photometricWidth(c.views, size)]);
  return photometric(bytes, numbers, c.views);
}

function teacher(c: StepConfig, o: GraphOptions, batch: BatchInput): TeacherGraph {
  const { get: p } = parameterInputs(c, 'teacher');
  const { contrast, ibot, dino } = termsOf(c);
  const temperature = batch('teacherTemperature', [1, 1]);
  const images = crops(c, 'global', c.batch, o, batch);
  const { cls, patches } = vit(c.vit, p, images, o);
  const out: TeacherGraph = { handed: {}, means: {}, report: {} };
  out.report.teacherCls = ops.cast(cls, 'f32');
  out.report.features = ops.slice(out.report.teacherCls, 0, 0, Math.min(FEATURES, c.batch));
  if (contrast) {
    const projected = heads.projection(p, cls, { norm: c.contrastNorm, precision: o.precision });
    out.handed.teacherProj = ops.cast(projected, 'f32');
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

function student(c: StepConfig, handed: Record<string, Tensor>, o: GraphOptions, batch: BatchInput): StudentGraph {
  const { get: p, all } = parameterInputs(c, 'student');
  const { contrast, ibot, dino } = termsOf(c);
  const { batch: b, localCount } = c;
  const n = (c.globalSize / c.vit.patch) ** 2;
  const drop = (name: string, rows: number) =>
    c.dropPath ? batch(`dropPath.${name}`, [c.vit.depth, 2, rows]) : undefined;
  const mask = c.masked > 0 ? batch('mask', o.order === 'token' ? [n, b, 1] : [b, n, 1]) : undefined;
  const images = crops(c, 'global', b, o, batch);
  const global = vit(c.vit, p, images, { ...o, mask, dropPath: drop('global', b) });
  let local: VitOutput | undefined;
  if (localCount > 0) {
    const parts = crops(c, 'local', b * localCount, o, batch);
    local = vit(c.vit, p, parts, { ...o, dropPath: drop('local', b * localCount) });
  }

  const zero = ops.filled(0, [1, 1]);
  let globalContrast = zero;
  let localContrast = zero;
  let ibotLoss = zero;
  let dinoLoss = zero;
  const report: Record<string, Tensor> = {
    studentCls: ops.cast(global.cls, 'f32'),
    studentPatches: ops.cast(global.patches, 'f32'),
  };
  if (local) report.studentLocalCls = ops.cast(local.cls, 'f32');
  if (contrast) {
    const head = { norm: c.contrastNorm, precision: o.precision };
    const labels = batch('labels', [b]);
    const cls = local ? ops.concat([global.cls, local.cls], 0) : global.cls;
    const predicted = heads.prediction(p, heads.projection(p, cls, head), head);
    const against = (start: number, rows: number, leaveOwnOut: boolean) =>
      contrastive(ops.slice(predicted, 0, start, rows), handed.teacherProj, labels, {
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
    const all = heads.prototypes(p, local!.cls, c.studentTemperature, o.precision);
    const targets = ops.reshape(handed.dinoTargets, [1, b, k]);
    const entropy = crossEntropy(targets, ops.reshape(all, [localCount, b, k]));
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
  const names = [...all.keys()];
  const again = o.recompute ? [...global.blocks, ...(local?.blocks ?? [])] : [];
  const found = gradients(loss, [...all.values()], { again });
  return {
    losses,
    gradients: new Map(names.map((name, i) => [name, found[i] ?? ops.filled(0, all.get(name)!.shape)])),
    report,
  };
}
