import type { Settings } from '../config/schema.js';
import { vitConfig } from '../model/config.js';
import type { StepConfig } from './programs.js';

/** The shape of the training step that the settings ask for. */
export function stepConfig(s: Settings): StepConfig {
  const { views, model, objective } = s;
  const batch = s.train.captionsPerBatch * s.images.perCaption;
  const tokens = (views.globalSize / model.patch) ** 2;
  const maskedImages = Math.floor(batch * views.maskProbability);
  return {
    vit: vitConfig(s),
    contrastHidden: model.contrastHidden,
    contrastOut: model.contrastOut,
    contrastNorm: model.contrastNorm,
    prototypeHidden: model.prototypeHidden,
    prototypeBottleneck: model.prototypeBottleneck,
    prototypes: model.prototypes,
    batch,
    globalSize: views.globalSize,
    localSize: views.localSize,
    localCount: views.localCount,
    maskedImages,
    masked: maskedImages * Math.floor(tokens * views.maskRatio),
    weights: { contrast: objective.contrast, ibot: objective.ibot, dino: objective.dino },
    temperature: objective.temperature,
    studentTemperature: objective.studentTemperature,
    centering: objective.centering,
    centerMomentum: objective.centerMomentum,
    sinkhornIterations: objective.sinkhornIterations,
    avoidLocalGlobalSame: objective.avoidLocalGlobalSame,
    views,
    dropPath: model.dropPath > 0,
  };
}
