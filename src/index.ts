/**
 * synclr as a library: the stages of a run, and what they need.
 *
 * Every stage takes settings, the run's folder and hooks, and continues where an earlier call was interrupted.
 */

// Concepts and captions (C, g1)
export { type Cleaned, type CleanOptions, cleanCaption } from './captions/clean.js';
export type {
  Completion,
  CompletionOptions,
  CompletionRequest,
  LanguageModel,
  Prompt,
  Usage,
} from './captions/language-model.js';
export type { CaptionRecord, CaptionWriter, Draw, WriteOptions } from './captions/record.js';
export { openLanguageModel, openWriter, WRITER_NAMES } from './captions/registry.js';
export { type ConceptBank, loadConceptBank } from './concepts/bank.js';
export {
  type PartialSettings,
  PRESETS,
  resolveSettings,
  resultSettings,
  type Settings,
  settingsSchema,
} from './config/index.js';
export { type AgainResult, paintAgain } from './corpus/again.js';
export { captionsCost, writeCaptions } from './corpus/captions-stage.js';
export { imagesCost, writeImages } from './corpus/images-stage.js';
export { Interrupted, UserError } from './errors.js';
export { resolveModel } from './hub/resolve.js';
// Images (g2)
export { createScheduler, SCHEDULER_NAMES, type Scheduler } from './images/diffusion/schedulers/scheduler.js';
export type { Painter, PainterAbout, PaintRequest, Pixels } from './images/painter.js';
export { openPainter, PAINTER_NAMES } from './images/registry.js';
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
