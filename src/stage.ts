import type { Settings } from './config/schema.js';
import type { Run } from './run/run.js';

/** How a stage speaks to whoever started it; stages never print, and never touch signals. */
export interface StageHooks {
  /** Aborted when the run is asked to stop: finish or drop what is in hand, throw `Interrupted`. */
  signal: AbortSignal;
  progress(p: Progress): void;
  /** Something the user should know but that does not stop the run, e.g. a skipped image: one line. */
  warn(line: string): void;
  /** What is worth saying while it happens, e.g. how a download goes: one line. */
  note?(line: string): void;
}

/** What whoever opens a writer, a painter or a model may want to hear. */
export type OpenOptions = Partial<Pick<StageHooks, 'signal' | 'warn' | 'note'>>;

export interface Progress {
  stage: 'backgrounds' | 'corpus' | 'captions' | 'images' | 'train' | 'eval' | 'backend' | 'index' | 'duplicates';
  done: number;
  total: number;
  /** Of `done`, what earlier processes had done: it counts for no rate. Default: what the first call says. */
  before?: number;
  /** What is counted: captions, images, steps … */
  unit: string;
  /** Shown beside the rate, e.g. { loss: 7.91 }. */
  detail?: Record<string, number | string>;
}

/** What a stage will cost, said before it starts. */
export interface Cost {
  seconds: number;
  memoryMb: number;
  diskMb: number;
  /** What the figures rest on, e.g. "48 images painted in 0.1 s". */
  basis: string;
  /** What a language model will read and write. */
  tokens?: { prompt: number; completion: number };
  /** Images to be painted. */
  images?: number;
  /** Of stages that make captions or images: seconds a caption, were one thread to do it all. */
  each?: number;
}

export interface StageOptions {
  settings: Settings;
  /** The run's folder. */
  dir: string;
  hooks: StageHooks;
  /** The run of that folder, where the caller holds it; else the stage opens it by itself, and lets go of it again. */
  run?: Run;
}
