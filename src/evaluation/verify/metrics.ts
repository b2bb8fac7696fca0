import { z } from 'zod';
import { UserError } from '../../errors.js';
import { isObject, readJsonAs } from '../../formats/json.js';
import { argmaxRows } from '../../probe/metrics.js';
import { confusion, inTop, meanOf, meanPerClass, perClass, top1Of } from '../metrics/accuracy.js';
import { type ApConvention, averagePrecisions } from '../metrics/average-precision.js';
import { bins, calibration, calibrationErrors } from '../metrics/calibration.js';
import { ami, ari, contingency, matchedAccuracy, NMI_MEANS, nmi, vMeasure } from '../metrics/clustering.js';
import { lloyd } from '../metrics/k-means.js';
import { absolute, ofLargest, rowsOf, tensorsOf } from './finetune-compare.js';
import type { Check, KINDS } from './index.js';
import { NEIGHBOUR_KINDS } from './neighbours.js';

/** Recorded figures: accuracy and calibration, average precisions, clusterings; shares are per cent where a name says so. */

/** Averages, as the README of the cases has it. */
const AVERAGES = 1e-6;
/** Of what was recorded in float64. */
const EXACT = 1e-12;

const number = z.number();
const maybe = z.array(number.nullable());
const accuracyForm = z.looseObject({
  top1: number,
  top5: number.optional(),
  confusion: z.array(z.array(number)),
  per_class_accuracy: maybe,
  authors_mean_per_class_with_absent: number.nullable(),
  mean_per_class_present_only: number,
  torchmetrics_macro_accuracy: number.optional(),
  ece: z
    .looseObject({
      ece10: number.optional(),
      ece15: number,
      mce15: number,
      bins15: z.array(z.looseObject({ count: number, conf: number.nullable(), acc: number.nullable() })).optional(),
      nll: number,
      brier: number,
    })
    .optional(),
  ece_edges: z
    .looseObject({
      confidence: z.array(number),
      correct: z.array(number),
      bins: z.int().positive(),
      upper_closed: number,
      lower_closed_last_includes_1: number,
    })
    .optional(),
});

async function* verifyAccuracy(file: string): AsyncGenerator<Check> {
  const said = await readJsonAs(file, accuracyForm);
  const t = await tensorsOf(file);
  const { data: logits, shape } = t.get('logits', 2);
  const labels = t.ints('labels');
  const classes = shape[1];
  rowsOf(file, 'labels', labels.length, shape[0]);
  const matrix = confusion(argmaxRows(logits, classes), labels, classes);
  yield { name: 'confusion', off: absolute(matrix, said.confusion.flat()), bar: 0 };
  yield average('top-1', 100 * top1Of(matrix, classes), said.top1);
  if (said.top5 !== undefined) yield average('top-5', 100 * meanOf(inTop(5, logits, labels, classes)), said.top5);
  yield { name: 'per class', off: withGaps(perClass(matrix, classes), said.per_class_accuracy), bar: AVERAGES };
  yield average('mean per class', 100 * meanPerClass(matrix, classes), said.mean_per_class_present_only);
  const authors = 100 * meanPerClass(matrix, classes, 'nan');
  yield {
    name: "mean per class, authors'",
    off: withGaps([authors], [said.authors_mean_per_class_with_absent]),
    bar: AVERAGES,
  };
  if (said.torchmetrics_macro_accuracy !== undefined)
    yield average('macro', 100 * meanPerClass(matrix, classes, 'zero'), said.torchmetrics_macro_accuracy);
  if (said.ece) {
    const probs = t.get('probs').data;
    const found = calibration(probs, labels, classes);
    yield average('ECE', found.ece, said.ece.ece15);
    yield average('MCE', found.mce, said.ece.mce15);
    yield average('NLL', found.nll, said.ece.nll);
    yield average('Brier', found.brier, said.ece.brier);
    if (said.ece.ece10 !== undefined)
      yield average('ECE of 10 bins', calibration(probs, labels, classes, { count: 10 }).ece, said.ece.ece10);
    if (said.ece.bins15) {
      const taken = argmaxRows(probs, classes);
      const of = bins(
        Float64Array.from(taken, (c, i) => probs[i * classes + c]),
        Uint8Array.from(taken, (c, i) => (c === labels[i] ? 1 : 0)),
      );
      const expected = said.ece.bins15;
      yield {
        name: 'bins',
        off: absolute(
          of.map((b) => b.count),
          expected.map((b) => b.count),
        ),
        bar: 0,
      };
      yield {
        name: 'confidence by bin',
        off: withGaps(
          of.map((b) => b.confidence),
          expected.map((b) => b.conf),
        ),
        bar: AVERAGES,
      };
      yield {
        name: 'accuracy by bin',
        off: withGaps(
          of.map((b) => b.accuracy),
          expected.map((b) => b.acc),
        ),
        bar: AVERAGES,
      };
    }
  }
  if (said.ece_edges) {
    const { confidence, correct, bins: count, upper_closed, lower_closed_last_includes_1 } = said.ece_edges;
    // Named there by the end of a bin that belongs to it.
    yield average('ECE, borders below', calibrationErrors(bins(confidence, correct, count, 'lower')).ece, upper_closed);
    yield average(
      'ECE, borders above',
      calibrationErrors(bins(confidence, correct, count, 'upper')).ece,
      lower_closed_last_includes_1,
    );
  }
}

/** The five conventions by their names in the cases. */
const AP: readonly (readonly [string, ApConvention])[] = [
  ['ap11_authors', 'paper'],
  ['ap11_authors_difficult_dropped', 'paper-without-difficult'],
  ['ap11_devkit_difficult_dropped', 'challenge'],
  ['ap_sklearn', 'area'],
  ['ap_sklearn_difficult_dropped', 'area-without-difficult'],
];
const vocForm = z.looseObject({ per_class: z.array(z.looseObject({ positives: number })) });

async function* verifyVoc(file: string): AsyncGenerator<Check> {
  const said = await readJsonAs(file, vocForm);
  const t = await tensorsOf(file);
  const labels = t.ints('labels');
  const { data: scores, shape } = t.get('scores', 2);
  rowsOf(file, 'labels', labels.length, shape[0] * shape[1]);
  for (const [name, convention] of AP) {
    const expected = said.per_class.map((c) => c[name]);
    if (!expected.every((v) => typeof v === 'number')) continue;
    const found = averagePrecisions(scores, labels, shape[1], convention);
    yield { name: `${convention} by class`, off: absolute(found, expected as number[]), bar: EXACT };
    const mean = said[`mean_${name}`];
    if (typeof mean === 'number') yield average(`${convention}, mean`, 100 * meanOf(found), mean, EXACT);
  }
}

const clusterForm = z.looseObject({
  k: z.int().positive(),
  inertia: number,
  sklearn_n_iter: z.int().optional(),
  inertia_before_each_update: z.array(number).optional(),
  hungarian_accuracy: number.optional(),
  contingency: z.array(z.array(number)).optional(),
  scores: z.record(z.string(), z.record(z.string(), number)),
});

async function* verifyCluster(file: string): AsyncGenerator<Check> {
  const said = await readJsonAs(file, clusterForm);
  const t = await tensorsOf(file);
  const { data: x, shape } = t.get('x', 2);
  const dim = shape[1];
  const y = t.ints('y');
  rowsOf(file, 'y', y.length, shape[0]);
  const found = await lloyd(x, dim, Float64Array.from(t.get('init').data));
  yield { name: 'k-means labels', off: absolute(found.labels, t.ints('labels')), bar: 0 };
  yield { name: 'k-means centres', off: ofLargest(found.centres, t.doubles('centers_f64')), bar: EXACT };
  yield { name: 'inertia', off: ofLargest([found.inertia], [said.inertia]), bar: EXACT };
  if (said.sklearn_n_iter !== undefined)
    yield { name: 'rounds', off: Math.abs(found.rounds - said.sklearn_n_iter), bar: 0 };
  if (said.inertia_before_each_update)
    yield { name: 'inertia by round', off: ofLargest(found.history, said.inertia_before_each_update), bar: EXACT };
  const table = contingency(y, found.labels);
  if (said.contingency) yield { name: 'contingency', off: absolute(table.counts, said.contingency.flat()), bar: 0 };
  if (said.hungarian_accuracy !== undefined)
    yield average('matched accuracy', 100 * matchedAccuracy(table), said.hungarian_accuracy, EXACT);
  for (const [pair, scores] of Object.entries(said.scores)) {
    const with_ = contingency(y, t.ints(`pair_${pair}`));
    const here: Record<string, number> = { ami: ami(with_), ari: ari(with_), v_measure: vMeasure(with_).v };
    for (const mean of NMI_MEANS) here[`nmi_${mean}`] = nmi(with_, mean);
    for (const [name, expected] of Object.entries(scores)) {
      if (!(name in here)) throw new UserError(`${file}: scores.${pair}.${name} is no score that is known`);
      yield average(
        `${pair} ${name}`,
        here[name],
        expected,
        name === 'ami' ? Math.max(EXACT, roundedAmi(y.length)) : EXACT,
      );
    }
  }
}

/** What scikit-learn's AMI is recorded to: it adds logarithms of factorials, of n ln n each, whose rounding stays; below 1e-12 up to some 370 rows. */
const roundedAmi = (n: number): number => 2 * Number.EPSILON * n * Math.log(n);

/** Relative to 1, or to the value where it is larger. */
export const average = (name: string, found: number, expected: number, bar = AVERAGES): Check => ({
  name,
  off: Math.abs(found - expected) / Math.max(1, Math.abs(expected)),
  bar,
});

/** The largest difference; null stands for NaN. */
function withGaps(found: ArrayLike<number>, expected: readonly (number | null)[]): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (const [i, e] of expected.entries()) {
    const off = Math.abs(found[i] - (e ?? Number.NaN));
    if (Number.isNaN(off) && !(e === null && Number.isNaN(found[i]))) return Number.POSITIVE_INFINITY;
    if (off > most) most = off;
  }
  return most;
}

const has = (json: unknown, ...names: string[]): boolean => isObject(json) && names.every((n) => n in json);

export const METRIC_KINDS: typeof KINDS = [
  { kind: 'accuracy', is: (j) => has(j, 'confusion', 'per_class_accuracy', 'top1'), verify: verifyAccuracy },
  { kind: 'voc', is: (j) => has(j, 'per_class') && isObject(j) && 'mean_ap11_authors' in j, verify: verifyVoc },
  { kind: 'cluster', is: (j) => has(j, 'k', 'inertia', 'scores'), verify: verifyCluster },
  ...NEIGHBOUR_KINDS,
];
