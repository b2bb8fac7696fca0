import type { z } from 'zod';
import type { EvalSet, MetricName } from '../data/set.js';
import { checked } from '../formats/json.js';
import { argmaxRows } from '../probe/metrics.js';
import { confusion, inTop, meanOf, meanPerClass, perClass, top1Of } from './metrics/accuracy.js';
import { type ApConvention, averagePrecisions } from './metrics/average-precision.js';
import { intervalOf, statisticOf } from './metrics/bootstrap.js';
import { calibration } from './metrics/calibration.js';
import type { CellResult, PerImage, ProtocolOptions, SplitFeatures } from './protocol.js';

/** What classifiers of all protocols are reported by. */
type Measured = Pick<CellResult, 'metrics' | 'main' | 'interval' | 'perImage'> & {
  details: Record<string, unknown>;
};

/** Classes up to which the confusion matrix is kept. */
const MOST_CONFUSED = 200;

/** A protocol's own part of the options. @throws UserError `options of NAME: …` for what it doesn't know */
export const optionsOf = <T>(name: string, form: z.ZodType<T>, o: ProtocolOptions): T =>
  checked(o[name] ?? {}, form, `options of ${name}`);

/**
 * Of one class an image. `main` is the set's metric.
 * @param scores [n, classes] @param probabilities the same as probabilities, where there are such
 */
export function ofClasses(
  set: Pick<EvalSet, 'classes' | 'metric'>,
  test: Pick<SplitFeatures, 'labels' | 'index'>,
  scores: ArrayLike<number>,
  seed: number,
  probabilities?: ArrayLike<number>,
): Measured {
  const classes = set.classes.length;
  const { labels, index } = test;
  const predictions = argmaxRows(scores, classes);
  const matrix = confusion(predictions, labels, classes);
  const values = Float32Array.from(labels, (l, i) => (predictions[i] === l ? 1 : 0));
  const isMean = set.metric === 'mean per class';
  const perImage: PerImage = isMean ? { of: 'mean per class', values, labels, index } : { of: 'mean', values, index };
  const metrics: Record<string, number> = {
    'top-1': top1Of(matrix, classes),
    'mean per class': meanPerClass(matrix, classes),
  };
  if (classes > 5) metrics['top-5'] = meanOf(inTop(5, scores, labels, classes));
  if (probabilities) {
    const { ece, mce, nll, brier } = calibration(probabilities, labels, classes);
    Object.assign(metrics, { ECE: ece, MCE: mce, NLL: nll, Brier: brier });
  }
  return {
    metrics,
    main: isMean ? 'mean per class' : 'top-1',
    interval: intervalOf(perImage, { seed }),
    perImage,
    details: {
      perClass: Array.from(perClass(matrix, classes), (v) => (Number.isNaN(v) ? null : v)),
      ...(classes <= MOST_CONFUSED
        ? { confusion: Array.from({ length: classes }, (_, c) => [...matrix.subarray(c * classes, (c + 1) * classes)]) }
        : {}),
    },
  };
}

/**
 * Of labels that are there or not. `main` is the 11-point mAP, or `mAP` where `ap` says the area, over the classes that some test picture
 * shows.
 * @param scores [n, classes]
 */
export function ofLabels(
  set: Pick<EvalSet, 'classes'>,
  test: Pick<SplitFeatures, 'present' | 'index'>,
  scores: Float32Array,
  seed: number,
  ap: ApConvention,
): Measured {
  const classes = set.classes.length;
  const present = test.present!;
  const perImage: PerImage = { of: 'mAP', scores, present, classes, index: test.index };
  const once = new Uint8Array(test.index.length).fill(1);
  const mean = (convention: ApConvention) => statisticOf(perImage, { ap: convention })(once);
  const isArea = ap === 'area' || ap === 'area-without-difficult';
  const main = isArea ? 'mAP' : ('11-point mAP' satisfies MetricName);
  return {
    metrics: { '11-point mAP': mean(isArea ? 'paper' : ap), mAP: mean(isArea ? ap : 'area') },
    main,
    interval: intervalOf(perImage, { seed, ap }),
    perImage,
    details: { perClass: [...averagePrecisions(scores, present, classes, ap)], ap },
  };
}

/** Two splits' rows one after the other. */
export function joinedSplits(a: SplitFeatures, b: SplitFeatures | undefined): SplitFeatures {
  if (!b) return a;
  const x = new Float32Array(a.x.length + b.x.length);
  x.set(a.x);
  x.set(b.x, a.x.length);
  return {
    x,
    dim: a.dim,
    labels: Int32Array.from([...a.labels, ...b.labels]),
    ...(a.present && b.present ? { present: Int8Array.from([...a.present, ...b.present]) } : {}),
    index: Int32Array.from([...a.index, ...b.index]),
  };
}

/** Some rows of a split. @param classes of multi-label sets */
export function rowsOf(s: SplitFeatures, rows: Int32Array, classes: number): SplitFeatures {
  const x = new Float32Array(rows.length * s.dim);
  rows.forEach((r, i) => {
    x.set(s.x.subarray(r * s.dim, (r + 1) * s.dim), i * s.dim);
  });
  const present = s.present && new Int8Array(rows.length * classes);
  rows.forEach((r, i) => {
    present?.set(s.present!.subarray(r * classes, (r + 1) * classes), i * classes);
  });
  return {
    x,
    dim: s.dim,
    labels: s.labels.length > 0 ? rows.map((r) => s.labels[r]) : s.labels,
    ...(present ? { present } : {}),
    index: rows.map((r) => s.index[r]),
  };
}
