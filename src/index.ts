/**
 * synclr as a library: the stages of a run, and what they need.
 *
 * Every stage takes settings, the run's folder and hooks, and continues where an earlier call was interrupted.
 */

export type { CaptionRecord, CaptionWriter, Draw } from './captions/record.js';
export { openWriter, WRITER_NAMES } from './captions/registry.js';
// Concepts and captions (C, g1)
export { type ConceptBank, loadConceptBank } from './concepts/bank.js';
export {
  type PartialSettings,
  PRESETS,
  resolveSettings,
  resultSettings,
  type Settings,
  settingsSchema,
} from './config/index.js';
export { captionsCost, writeCaptions } from './corpus/captions-stage.js';
export { imagesCost, writeImages } from './corpus/images-stage.js';
export { Interrupted, UserError } from './errors.js';

// Images (g2)
export type { Painter, PaintRequest, Pixels } from './images/painter.js';
// Training
export { type TrainOptions, train, trainCost } from './learn/train.js';
// The encoder and what it is worth
export { exportEncoder } from './model/export.js';
export { openEncoder } from './model/open-encoder.js';
export { embed } from './probe/embed.js';
export type { Encoder } from './probe/encoder.js';
export { evalCost, evaluate } from './probe/evaluate.js';
export { writeReport } from './report/report.js';
export type { Cost, Progress, StageHooks, StageOptions } from './stage.js';
