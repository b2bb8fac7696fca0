import type { Skipped } from './decode.js';
import type { Interval, Paired } from './intervals.js';
import type { Accuracy } from './metrics.js';
import type { FeatureSource } from './sources.js';

/** `probes.json`: what an encoder is worth, beside the same encoder untrained and raw pixels. */
export interface ProbeReport {
  format: 1;
  /** Version that wrote it. */
  synclr: string;
  /** ISO time of the last change. */
  written: string;
  encoder: {
    /** File and weights, e.g. `runs/tiny/checkpoints/step-00000400.safetensors (teacher)`. */
    origin: string;
    /** SHA-256 of weights and sizes. */
    hash: string;
    dim: number;
    patch: number;
  };
  /** Side at which images were probed, pixels. */
  size: number;
  datasets: DatasetReport[];
  /** Probes that there are not, and why: in a line each. */
  missing?: { name: string; why: string }[];
}

export interface DatasetReport {
  name: string;
  dir: string;
  /** Painted from new captions of the run's own concepts or of held-out ones, or a folder of the user's. */
  kind: 'own-concepts' | 'held-out' | 'folder';
  /** Those that have training images. */
  classes: string[];
  /** Images used, and where the test images come from: a folder's name, or `hash` for a fifth of every class. */
  train: number;
  test: number;
  split: string;
  /** Files that cannot be decoded, left out. */
  skipped: Skipped[];
  /** Top-1 of guessing among the classes, 0…1. */
  chance: number;
  /** Top-1 of always naming the class that is most frequent in training, 0…1. */
  majority: number;
  /** Captions of the test images, where several images share one: what is independent. */
  testCaptions?: number;
  /** Trained first. */
  rows: ProbeRow[];
  /** How much more often trained features are right than others, on the same test images; absent in files of earlier versions. */
  gains?: Gain[];
}

/** A paired difference: whether `trained` is better is only known where its interval lies above 0. */
export interface Gain extends Paired {
  probe: 'knn' | 'linear';
  /** What trained features are compared with. */
  against: 'untrained' | 'pixels';
}

/** What an accuracy may be by luck: both ends of a 95 % interval of top-1; absent in files of earlier versions. */
interface Measured extends Accuracy {
  interval?: Interval;
}

/** Classes by their words. */
export interface ZeroShotRow extends Measured {
  /** Sentences that each class is named in. */
  templates: number;
  /** Of all that decides it beside the features of images. */
  key: string;
}

/** One kind of features on one data set. */
export interface ProbeRow {
  features: FeatureSource['name'];
  dim: number;
  knn: Measured & { k: number; temperature: number };
  linear: Measured & {
    /** The rate chosen, per 256 images of a batch. */
    lr: number;
    /** Top-1 on validation images by rate. */
    validation: { lr: number; top1: number }[];
    /** Top-1 on the training images. */
    train: number;
  };
  /** Of an image-text encoder: images told by the words of their classes, without training images. */
  zeroShot?: ZeroShotRow;
  seconds: { features: number; knn: number; linear: number };
  /** Of all that decides the row: features, files, probe settings. A row with the same key is not computed again. */
  key: string;
}
