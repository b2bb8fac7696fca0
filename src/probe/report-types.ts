import type { Skipped } from './decode.js';
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
}

export interface DatasetReport {
  name: string;
  dir: string;
  /** Painted from held-out concepts, or a folder of the user's. */
  kind: 'held-out' | 'folder';
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
  /** Trained first. */
  rows: ProbeRow[];
}

/** One kind of features on one data set. */
export interface ProbeRow {
  features: FeatureSource['name'];
  dim: number;
  knn: Accuracy & { k: number; temperature: number };
  linear: Accuracy & {
    /** The rate chosen, per 256 images of a batch. */
    lr: number;
    /** Top-1 on validation images by rate. */
    validation: { lr: number; top1: number }[];
    /** Top-1 on the training images. */
    train: number;
  };
  seconds: { features: number; knn: number; linear: number };
  /** Of all that decides the row: features, files, probe settings. A row with the same key is not computed again. */
  key: string;
}
