import { UserError } from '../errors.js';
import type { ImageDataset } from './datasets.js';
import type { DatasetFeatures, PartFeatures } from './features.js';
import { missing, requireClasses } from './left-out.js';

/** A data set as it can be probed: the classes that have training images, and features of these alone. */
export interface Probed {
  classes: string[];
  /** Features with labels into `classes`. */
  of(features: DatasetFeatures): { train: PartFeatures; test: PartFeatures; seconds: number };
  /** Lines about what does not count. */
  remarks: string[];
}

/**
 * A class none of whose training images could be decoded can be no answer: it counts neither in chance nor among the test images. Which
 * images could be decoded is the same for all features of a data set.
 * @throws UserError when fewer than two classes or no test images are left
 */
export function classesLeft(dataset: ImageDataset, features: DatasetFeatures): Probed {
  const left = new Set<number>(features.train.labels);
  requireClasses(dataset, left);
  const remarks = missing(dataset, left);
  const kept = dataset.classes.map((_, c) => c).filter((c) => left.has(c));
  const label = new Map(kept.map((c, i) => [c, i]));
  const tested = new Set<number>(features.test.labels);
  const intended = new Set(dataset.test.map((s) => s.label));
  const untested = kept.filter((c) => intended.has(c) && !tested.has(c)).map((c) => dataset.classes[c]);
  if (untested.length > 0)
    remarks.push(`data set ${dataset.name}: no test image of ${untested.join(', ')} can be decoded`);
  if (!kept.some((c) => tested.has(c)))
    throw new UserError(`data set ${dataset.name}: no test images are left of the classes that can be trained on`);
  return {
    classes: kept.map((c) => dataset.classes[c]),
    of: (f) => ({
      train: kept.length === dataset.classes.length ? f.train : only(f.train, label),
      test: kept.length === dataset.classes.length ? f.test : only(f.test, label),
      seconds: f.seconds,
    }),
    remarks,
  };
}

/** The rows of some classes, with new labels. */
function only(part: PartFeatures, label: ReadonlyMap<number, number>): PartFeatures {
  const rows = [...part.labels.keys()].filter((i) => label.has(part.labels[i]));
  const x = new Float32Array(rows.length * part.dim);
  rows.forEach((row, i) => {
    x.set(part.x.subarray(row * part.dim, (row + 1) * part.dim), i * part.dim);
  });
  return {
    x,
    dim: part.dim,
    labels: Int32Array.from(rows, (row) => label.get(part.labels[row])!),
    index: Int32Array.from(rows, (row) => part.index[row]),
  };
}
