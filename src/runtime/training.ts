import type { DType, RowOrder, Shape, Tensor } from '../graph/index.js';
import type { Executors } from './executor.js';

/**
 * Training as a backend sees it: graphs that say what is computed, and a state that the backend keeps where it computes. Which executor
 * runs them, in how many programs, and where the optimiser's arithmetic is done, is the backend's own affair.
 */

/** A value of a batch, or one that is read back. */
export type Value = Float32Array | BigInt64Array | Uint8Array;
export type Feeds = Record<string, Value>;

export interface TrainedParameter {
  name: string;
  shape: Shape;
  /** Whether weight decay applies. */
  decayed: boolean;
  /** Whether a moving average of this parameter is kept: the teacher's, and without a teacher an average to evaluate with. */
  averaged: boolean;
  /** Factor on the rate (layer-wise decay); decoupled weight decay goes with the scaled rate. Default 1. */
  lrScale?: number;
  /** Least and largest value, held after every update. */
  clamp?: readonly [number, number];
}

/** In which form a trainer is fed crops. */
export type CropForm = 'float' | 'bytes';

/** How a backend wants its graphs. */
export interface GraphOptions {
  order: RowOrder;
  /** How activations and operands of matrix products are stored. */
  precision: DType;
  /** Whether crops come as floats that the network sees, or as bytes whose colours are still to be changed. */
  crops: CropForm;
  /** Whether the blocks' activations are computed again in the backward pass instead of being kept. */
  recompute: boolean;
}

/** The teacher's forward pass. Parameters are inputs `teacher.NAME`, centres `centre.NAME` [1, size]. */
export interface TeacherGraph {
  /** What the student is compared with. */
  handed: Record<string, Tensor>;
  /** Means over the batch, [1, size], that move the centres of the same names after the update. */
  means: Record<string, Tensor>;
  /** What health is judged by, read now and then; may be among what is handed over. */
  measured: Record<string, Tensor>;
  /** What is compared with a reference. */
  report: Record<string, Tensor>;
}

/** The student's forward and backward pass. Parameters are inputs `student.NAME`. */
export interface StudentGraph {
  /** [1, 1] each; `loss` is what is minimised. */
  losses: Record<string, Tensor>;
  /**
   * Means over the batch, [1, size], that move the centres of the same names after the update, as the teacher's do: the running statistics
   * of a batch norm. A name is the teacher's or the student's.
   */
  means?: Record<string, Tensor>;
  /** A gradient for each parameter. */
  gradients: ReadonlyMap<string, Tensor>;
  /** What health is judged by, beside the teacher's; of other names than its. */
  measured: Record<string, Tensor>;
  report: Record<string, Tensor>;
}

/** What is trained. */
export interface Objective {
  readonly parameters: readonly TrainedParameter[];
  /** Running means with their sizes: centre ← m·centre + (1 − m)·mean, once an update. */
  readonly centres: ReadonlyMap<string, number>;
  readonly centreMomentum: number;
  /** Momenta of single centres, where they are not `centreMomentum` (a batch norm's: 0.9). */
  readonly centreMomenta?: ReadonlyMap<string, number>;
  /** Absent: nothing is averaged, nothing handed over. */
  teacher?(o: GraphOptions): TeacherGraph;
  /** @param handed the teacher's values, or inputs that stand for them; empty without a teacher */
  student(handed: Record<string, Tensor>, o: GraphOptions): StudentGraph;
  /** Further figures of health, small, from what was handed over. */
  measures?(handed: Record<string, Tensor>): Record<string, Tensor>;
  /** Along which axis each input of a batch has its images, for backends that split the batch. Others are whole everywhere. */
  readonly imageAxes: Readonly<Record<string, number>>;
}

/** Numbers of one update. */
export interface Update {
  lr: number;
  weightDecay: number;
  beta1: number;
  beta2: number;
  eps: number;
  /** Number of this update, from 1. */
  t: number;
  /** Momentum of the moving average: average ← ema·average + (1 − ema)·student; means nothing where nothing is averaged. */
  ema: number;
  /** Largest norm of the gradient; 0 = none. */
  clip: number;
  /** Whether later updates are to change nothing once one was not finite; else they go on from the state before it. Default false. */
  halt?: boolean;
}

export interface TrainingState {
  /** By parameter name. */
  student: ReadonlyMap<string, Float32Array>;
  /** The moving averages. Default of what is missing: the student's. */
  teacher: ReadonlyMap<string, Float32Array>;
  /** AdamW's moments; empty: zeros. */
  moments: ReadonlyMap<string, { m: Float32Array; v: Float32Array }>;
  /** Default of what is missing: zeros. */
  centres: ReadonlyMap<string, Float32Array>;
}

/** What one update gave. */
export interface UpdateResult {
  /** Means over the batches of the update. */
  losses: Record<string, number>;
  /** Norm of the gradient before clipping; when it or the loss is not finite, nothing was changed. */
  norm: number;
  /** Of the first batch, when asked for: the figures of health, and what teacher and student report. */
  measured?: Record<string, Float32Array>;
  /** Of the last batch, when the trainer was started to trace: everything that the graphs give besides, and `grad.NAME`. */
  traced?: Record<string, Float32Array>;
}

/** A training step that is compiled, with its state where it is computed. */
export interface Trainer {
  /** What the log says of it: the executor, the device, the precision. */
  readonly about: string;
  readonly order: RowOrder;
  readonly crops: CropForm;
  /**
   * One update. Updates are done in the order in which they were asked for, and one may be asked for before the one before it has been
   * answered: on an accelerator its batches are uploaded meanwhile. What is fed must not be changed until the answer.
   * @param batches one or more, whose gradients are averaged
   */
  update(batches: readonly Feeds[], u: Update, measure?: boolean): Promise<UpdateResult>;
  /** A copy of the state after the updates asked for so far. */
  state(): Promise<TrainingState>;
  /** Where training fills a device that nobody else can open: what runs other graphs there, between updates. It ends with the trainer. */
  executors?(): Executors;
  close(): Promise<void>;
}
