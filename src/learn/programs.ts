import type { Settings } from '../config/schema.js';
import * as heads from '../model/heads.js';
import type { ParameterSpec } from '../model/parameters.js';
import { type VitConfig, vitParameters } from '../model/vit.js';

/** Everything that shapes a training step. */
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
  /** What the colours of crops go through, for executors that are fed bytes. */
  views?: Settings['views'];
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

/** The authors' grouping: matrices and higher are decayed unless the name says bias, ln or bn. */
export function decays(name: string, shape: readonly number[]): boolean {
  return shape.length >= 2 && !/bias|ln|bn/.test(name);
}

/** Names of the losses, in the authors' words. */
export const LOSSES = [
  'global_crop_contrast_loss',
  'local_crop_contrast_loss',
  'total_contrast_loss',
  'dino_loss',
  'ibot_loss',
  'loss',
] as const;
export type Losses = Record<(typeof LOSSES)[number], number>;
