import type { LearnerSettings } from '../config/learners.js';
import type { LearnerName } from '../config/names.js';
import type { Settings } from '../config/schema.js';
import type { Corpus } from '../corpus/corpus.js';
import type { RowOrder } from '../graph/index.js';
import type { ParameterSpec } from '../model/parameters.js';
import type { VitConfig } from '../model/vit.js';
import type { Feeds, Objective } from '../runtime/training.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { BatchNeeds } from '../views/batch.js';
import type { Health } from './health.js';

/**
 * What a learner is to everything around it: the loop, checkpoints, cost, plan, report. A learner is one file in `learners/`, its settings a
 * variant of `learn` (config/learners.ts), and one line in `learners/index.ts`.
 */

/** A parameter and what training does with it. */
export interface LearnedParameter extends ParameterSpec {
  /** Whether the teacher has it, as the moving average of the student's. */
  averaged: boolean;
  /** Whether weight decay applies. */
  decayed: boolean;
  /** Least and largest value, held after every update. */
  clamp?: readonly [number, number];
}

/** How a batch looks to the graphs. */
export interface BatchShape {
  vit: VitConfig;
  /** B: images of a batch. */
  batch: number;
  /** Global crops of each image; default 1. */
  globals?: 1 | 2;
  globalSize: number;
  localSize: number;
  localCount: number;
  /** Tokens of the batch that are masked. */
  masked: number;
  /** What the colours of crops go through, for executors that are fed bytes. */
  views?: Settings['views'];
  /** True when some blocks are dropped, which then takes an input of keep factors. */
  dropPath: boolean;
}

/** What one micro-batch brings. */
export interface StepBatch {
  /** [B·globals, 3, G, G]: floats, or bytes with `globalPhotometric`, whichever the trainer is fed. */
  globalCrops: Float32Array | Uint8Array;
  /** [B·localCount, 3, L, L], likewise */
  localCrops: Float32Array | Uint8Array;
  /** [B·globals, photometricWidth(G)] */
  globalPhotometric?: Float32Array;
  /** [B·localCount, photometricWidth(L)] */
  localPhotometric?: Float32Array;
  /** [B] the caption of each image, a number within the batch. */
  labels: Int32Array;
  /** [B] the class of each image, −1 unknown, where the learner asks for classes. */
  classes?: Int32Array;
  /** The captions, where the learner asks for text. */
  texts?: readonly string[];
  /** Masked tokens, ascending over [B, N]. */
  masked: Int32Array;
  /** Keep factors [depth, 2, B·globals] and [depth, 2, B·localCount], when drop path is on. */
  dropPath?: { global: Float32Array; local: Float32Array };
}

/** What changes from update to update beside rate and decay. */
export interface LearnerSchedule {
  /** Teacher momentum, where there is a teacher. */
  ema?: number;
  /** Further numbers by the name under which the log has them. */
  numbers: Record<string, number>;
}

/** A curve of the log, as reports name it. */
export interface Metric {
  /** Name in `metrics.jsonl`; losses are named so by the objective. */
  key: string;
  /** Title of the chart that it is drawn in; curves of one title share a chart. */
  chart: string;
  /** What a reader should look for, said once a chart. */
  about: string;
  /** What tells it from the other curves of its chart. */
  label?: string;
  /** Among which charts it is shown; default: the losses. */
  among?: 'losses' | 'optimisation';
}

/** Facts that lie outside the settings. */
export interface LearnerFacts {
  /** Number of classes of the corpus, and their names. */
  classes?: readonly string[];
  /** Class of each caption, −1 unknown. */
  classOf?: Int32Array;
  /** The vocabulary of captions. */
  tokenizer?: Tokenizer;
}

/** A learner bound to settings. */
export interface Learner {
  readonly name: LearnerName;
  readonly shape: BatchShape;
  readonly needs: BatchNeeds;
  readonly parameters: readonly LearnedParameter[];
  /** The graphs of a step. Its losses are the learner's metrics. */
  objective(): Objective;
  /** At update `step`, from 0. */
  schedule(step: number): LearnerSchedule;
  /** What a batch feeds to the objective's graphs, beside crops and drop path (`commonFeeds`). */
  feeds(batch: StepBatch, numbers: Readonly<Record<string, number>>, order: RowOrder): Feeds;
  /** Health from what the graphs measured on a batch. */
  health(measured: Record<string, Float32Array>, batch: StepBatch): Health;
  /** Operations of one batch's forward and backward passes; a multiply-add is two. */
  readonly operations: number;
  /** Bytes of activations that the forward pass keeps for the backward pass, roughly. */
  readonly activationBytes: number;
}

/** A way to learn. */
export interface LearnerKind<M extends LearnerName = LearnerName> {
  /** In a few words, for reports and lists. */
  readonly title: string;
  /** Its losses, and numbers of its schedule. */
  readonly metrics: readonly Metric[];
  /**
   * What must be known of the corpus, where anything must.
   * @param dir the run's folder, where what is found out once is kept; absent: nothing is written
   */
  facts?(s: Settings, corpus: Corpus, dir?: string): Promise<LearnerFacts | undefined>;
  /** @param facts as `facts` gives them; without, what the settings let expect (for estimates) */
  learner(s: Settings, learn: LearnerSettings<M>, facts?: LearnerFacts): Learner;
}
