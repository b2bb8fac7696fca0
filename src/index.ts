/**
 * synclr as a library: the stages of a run, and what they need.
 *
 * Every stage takes settings, the run's folder and hooks, and continues where an earlier call was interrupted.
 * docs/library.md is written from the docstrings of what stands here, in this order.
 */

// # Settings

export {
  checkSettings,
  DEFAULT_PRESET,
  differingSettings,
  PAINTER_NAMES,
  type PainterName,
  type PartialSettings,
  PRESET_NAMES,
  PRESETS,
  PROVIDER_NAMES,
  type Preset,
  type PresetName,
  type ProviderName,
  resolveSettings,
  resultSettings,
  type Settings,
  type SettingsSources,
  settingsSchema,
  WRITER_NAMES,
  type WriterName,
} from './config/index.js';

// # Stages of a run

export { captionsCost, writeCaptions } from './corpus/captions-stage.js';
export { imagesCost, writeImages } from './corpus/images-stage.js';
export { type LinkedCorpus, linkCorpus } from './corpus/link.js';
export type { LinkOptions } from './corpus/own/link-sources.js';
export type { SourceSpec } from './corpus/own/source.js';
export { type OwnSurvey, surveyOwnCaptions } from './corpus/own-captions.js';
export { Interrupted, UserError } from './errors.js';
export { type TrainOptions, train, trainCost } from './learn/train.js';
export { type EvaluateOptions, evalCost, evaluate, formatProbeTable } from './probe/evaluate.js';
export { writeReport } from './report/report.js';
export { type RunSummary, summarise } from './report/summary.js';
export type { Verdict } from './report/verdict.js';
export type { CorpusRecord, MinutesRecord, RunConfig } from './run/config.js';
export type { StageName } from './run/refuse.js';
export { type OpenRunOptions, openRun, type Run } from './run/run.js';
export type { SourceRecord } from './run/sources.js';
export type { Cost, OpenOptions, Progress, StageHooks, StageOptions } from './stage.js';

// # Concepts and captions (C, g1)

export { type Cleaned, type CleanOptions, cleanCaption } from './captions/clean.js';
export type {
  Completion,
  CompletionOptions,
  CompletionRequest,
  LanguageModel,
  Prompt,
  Usage,
} from './captions/language-model.js';
export { buildPrompt } from './captions/prompt.js';
export type { CaptionRecord, CaptionWriter, Draw, WriteOptions } from './captions/record.js';
export { openLanguageModel, openWriter } from './captions/registry.js';
export type { WriterOptions } from './captions/writer-settings.js';
export { type BankSummary, type Concept, type ConceptBank, loadConceptBank } from './concepts/bank.js';

// # Images (g2) and the corpus

export { type AgainResult, paintAgain } from './corpus/again.js';
export { CaptionShards } from './corpus/captions.js';
export { type Classes, type Corpus, type CorpusPart, openCorpus } from './corpus/corpus.js';
export { createScheduler, SCHEDULER_NAMES, type Scheduler } from './images/diffusion/schedulers/scheduler.js';
export type { Painter, PainterAbout, PaintRequest, Pixels } from './images/painter.js';
export type { PainterOptions } from './images/painter-settings.js';
export { openPainter } from './images/registry.js';

// # The encoder and its features

export { type ExportOptions, exportEncoder } from './encoders/export.js';
export { type OpenEncoderOptions, type OpenedEncoder, openEncoder } from './encoders/open-encoder.js';
export type { Preprocessing } from './model/preprocessing.js';
export { type EmbedOptions, type EmbedResult, embed } from './probe/embed.js';
export { type EmbeddedBatch, type Embedder, type OpenEmbedderOptions, openEmbedder } from './probe/embedder.js';
export type { Encoder } from './probe/encoder.js';

// # Probes on features of one's own

export type { Interval } from './probe/intervals.js';
export { type KnnOptions, knnClassify, type Neighbours, nearest } from './probe/knn.js';
export type { Labelled } from './probe/labelled.js';
export { type LinearOptions, type LinearResult, linearProbe } from './probe/linear.js';
export { L2_GRID, type LogisticOptions, type LogisticResult, logisticProbe } from './probe/logistic.js';
export { type Accuracy, accuracy } from './probe/metrics.js';
export type { DatasetReport, Gain, ProbeReport, ProbeRow } from './probe/report-types.js';
export type { Executor, Executors } from './runtime/executor.js';
export { type ExecutorSettings, type OpenExecutorsOptions, openExecutors } from './runtime/open-executors.js';

// # Comparison of encoders

export type { CellRecord } from './evaluation/cells.js';
export {
  type ComparedCell,
  type ComparedSet,
  type CompareOptions,
  type Comparison,
  compare,
  hasFailed,
} from './evaluation/compare.js';
export { comparisonCsv } from './evaluation/csv.js';
export { openTrainingProbe } from './evaluation/during.js';
export type { EncoderFacts } from './evaluation/encoders.js';
export type { ComparedDifference, Differences } from './evaluation/significance.js';
export { type ComparisonTable, comparisonTables, tablesMarkdown, tablesText } from './evaluation/table.js';
export { writeComparison } from './evaluation/write.js';
export type { TrainingProbe } from './learn/train.js';

// # A classifier of concepts

export { type ClassifyOptions, type ClassifyResult, classifyConcepts } from './classify/classify.js';
export { type Classifier, openClassifier } from './classify/open-classifier.js';
export type { Baselines, Figures, Prediction, Source } from './classify/result.js';

// # Search over photos

export { type BuildIndexOptions, type BuildIndexResult, buildIndex } from './search/build.js';
export { type Duplicate, type DuplicatesOptions, findDuplicates } from './search/duplicates.js';
export {
  type Match,
  type OpenIndexOptions,
  openIndex,
  PhotoIndex,
  type Query,
  type QueryImage,
  type SearchOptions,
} from './search/photo-index.js';

// # Models named hf:owner/name

export { resolveDiffusion, resolveGguf, resolveModel } from './hub/resolve.js';
