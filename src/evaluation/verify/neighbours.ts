import { z } from 'zod';
import { isObject, readJsonAs } from '../../formats/json.js';
import { firstOf, nearest, vote, votes } from '../../probe/knn.js';
import { percentiles, statisticOf } from '../metrics/bootstrap.js';
import { averagePrecisionOf, ranked, retrievalScores } from '../metrics/retrieval.js';
import { absolute, rowsOf, tensorsOf } from './finetune-compare.js';
import type { Check, KINDS } from './index.js';

/** Recorded figures of neighbours: retrieval, weighted k-NN; and intervals by resampling. */

const AVERAGES = 1e-6;
const number = z.number();
const side = z.looseObject({ map_full: number, mrr: number, map_at_R: number, map_full_f64: number.optional() });
const retrievalForm = z.looseObject({
  first_queries: z.int().positive().optional(),
  leave_one_out: side.optional(),
  query_gallery: side.optional(),
  pytorch_metric_learning_leave_one_out: z
    .looseObject({ mean_average_precision_at_r: number, precision_at_1: number, r_precision: number })
    .optional(),
  order_of_query_0_leave_one_out: z.array(z.int()).optional(),
});

async function* verifyRetrieval(file: string): AsyncGenerator<Check> {
  const said = await readJsonAs(file, retrievalForm);
  const t = await tensorsOf(file);
  const { data: x, shape } = t.get('x', 2);
  const dim = shape[1];
  const labels = t.ints('y');
  rowsOf(file, 'y', labels.length, shape[0]);
  const n = said.first_queries ?? 0;
  const rows = (from: number, to: number) => ({
    x: x.subarray(from * dim, to * dim),
    labels: labels.subarray(from, to),
  });
  for (const name of ['leave_one_out', 'query_gallery'] as const) {
    const expected = said[name];
    if (!expected) continue;
    const found =
      name === 'leave_one_out'
        ? await ranked(rows(0, labels.length), undefined, dim)
        : await ranked(rows(0, n), rows(n, labels.length), dim);
    const ks = Object.keys(expected).flatMap((key) => /^hit_at_(\d+)$/.exec(key)?.slice(1).map(Number) ?? []);
    // Recorded with torchmetrics, which counts a query that has nothing to find as one that found nothing.
    const scores = retrievalScores(found, ks, 'zero');
    const check = (what: string, value: number, of: unknown): Check => ({
      name: `${name} ${what}`,
      off: Math.abs(value - Number(of)),
      bar: AVERAGES,
    });
    yield check('mAP', scores.mAP, expected.map_full_f64 ?? expected.map_full);
    yield check('mAP@R', scores['mAP@R'], expected.map_at_R);
    yield check('MRR', scores.MRR, expected.mrr);
    for (const k of ks) {
      yield check(`hit@${k}`, scores.hit[k], expected[`hit_at_${k}`]);
      if (`recall_fraction_at_${k}` in expected)
        yield check(`recall@${k}`, scores.recall[k], expected[`recall_fraction_at_${k}`]);
    }
    const library = said.pytorch_metric_learning_leave_one_out;
    if (name === 'leave_one_out' && library) {
      const asked = found.filter((f) => f.relevant > 0);
      const mean = (of: (f: (typeof asked)[number]) => number) => asked.reduce((s, f) => s + of(f), 0) / asked.length;
      yield check(
        'library mAP@R',
        mean((f) => averagePrecisionOf(f, f.relevant)),
        library.mean_average_precision_at_r,
      );
      yield check(
        'library precision@1',
        mean((f) => (f.ranks[0] === 1 ? 1 : 0)),
        library.precision_at_1,
      );
      const within = (f: (typeof asked)[number]) => f.ranks.filter((r) => r <= f.relevant).length / f.relevant;
      yield check('library R-precision', mean(within), library.r_precision);
    }
  }
  if (said.order_of_query_0_leave_one_out) {
    const { length } = said.order_of_query_0_leave_one_out;
    const { index } = await nearest(x, x.subarray(0, dim), dim, length + 1);
    const order = [...index].filter((r) => r !== 0).slice(0, length);
    yield { name: 'order of query 0', off: absolute(order, said.order_of_query_0_leave_one_out), bar: 0 };
  }
}

const knnForm = z.looseObject({
  classes: z.int().positive(),
  sweep: z.array(
    z.looseObject({
      k: z.int().positive(),
      T: number,
      top1_dino: number,
      top5_stable_order: number.optional(),
      smallest_relative_margin: number.optional(),
    }),
  ),
});

async function* verifyKnn(file: string): AsyncGenerator<Check> {
  const { classes, sweep } = await readJsonAs(file, knnForm);
  const t = await tensorsOf(file);
  const { data: train, shape } = t.get('train', 2);
  const dim = shape[1];
  const labels = { train: t.ints('train_labels'), test: t.ints('test_labels') };
  rowsOf(file, 'train_labels', labels.train.length, shape[0]);
  rowsOf(file, 'test_labels', labels.test.length, t.get('test').shape[0]);
  const most = Math.max(20, ...sweep.map((s) => s.k));
  const found = await nearest(train, t.get('test', 2).data, dim, most);
  for (const name of ['neighbours', 'votes', 'pred'] as const) {
    const tensor = t.names().find((n) => n.startsWith(`${name}_k`));
    const k = Number(/_k(\d+)/.exec(tensor ?? '')?.[1]);
    if (!tensor || k > found.k) continue;
    const cut = firstOf(found, k);
    if (name === 'neighbours') yield { name: tensor, off: absolute(cut.index, t.ints(tensor)), bar: 0 };
    // At DINO's temperature.
    const o = { temperature: 0.07, classes };
    if (name === 'votes') {
      const expected = t.doubles(tensor);
      const got = votes(cut, labels.train, o).map((v, i) => Math.abs(v - expected[i]) / Math.max(1, expected[i]));
      // Cosines in float32: an error of 1e-7 there is one of 1e-7 / T in a vote.
      yield { name: tensor, off: got.reduce((m, v) => Math.max(m, v), 0), bar: 1e-5 };
    }
    if (name === 'pred') yield { name: tensor, off: absolute(vote(cut, labels.train, o), t.ints(tensor)), bar: 0 };
  }
  for (const s of sweep) {
    const o = { temperature: s.T, classes };
    const all = votes(firstOf(found, s.k), labels.train, o);
    // A margin that float32 cannot tell may fall either way.
    const bar = (s.smallest_relative_margin ?? 1) > 1e-5 ? 1e-6 : 100 / labels.test.length + 1e-6;
    const share = (k: number) => (100 * rightWithin(k, all, labels.test, classes)) / labels.test.length;
    yield { name: `k ${s.k}, T ${s.T}, top-1`, off: Math.abs(share(1) - s.top1_dino), bar };
    // Fewer neighbours than five name at most as many classes.
    if (s.top5_stable_order !== undefined)
      yield { name: `k ${s.k}, T ${s.T}, top-5`, off: Math.abs(share(Math.min(5, s.k)) - s.top5_stable_order), bar };
  }
}

function rightWithin(k: number, scores: Float64Array, labels: Int32Array, classes: number): number {
  let right = 0;
  labels.forEach((label, i) => {
    const own = scores[i * classes + label];
    let before = 0;
    for (let c = 0; c < classes; c++) {
      const s = scores[i * classes + c];
      if (s > own || (s === own && c < label)) before++;
    }
    if (before < k) right++;
  });
  return right;
}

const bootstrapForm = z.looseObject({
  resamples: z.int().positive(),
  mean_a: number.optional(),
  percentile95_a: z.tuple([number, number]),
  percentile95_paired_diff: z.tuple([number, number]).optional(),
  standard_error_a: number.optional(),
});

async function* verifyBootstrap(file: string): AsyncGenerator<Check> {
  const said = await readJsonAs(file, bootstrapForm);
  const t = await tensorsOf(file);
  const index = t.ints('index');
  const n = index.length / said.resamples;
  const resampled = (name: string): Float64Array => {
    const values = t.get(name).data;
    const mean = statisticOf({ of: 'mean', values, index: Int32Array.from(values.keys()) });
    return Float64Array.from({ length: said.resamples }, (_, r) => {
      const weights = new Uint16Array(n);
      for (const i of index.subarray(r * n, (r + 1) * n)) weights[i]++;
      return mean(weights);
    });
  };
  const a = resampled('correct_a');
  yield { name: 'means', off: absolute(a, t.doubles('mean_a_f64')), bar: 1e-12 };
  yield { name: 'interval', off: absolute(percentiles(a), said.percentile95_a), bar: 1e-12 };
  if (said.standard_error_a !== undefined) {
    const mean = a.reduce((s, v) => s + v, 0) / a.length;
    const squares = a.reduce((s, v) => s + (v - mean) ** 2, 0);
    const off = [squares / (a.length - 1), squares / a.length].map((v) =>
      Math.abs(Math.sqrt(v) - said.standard_error_a!),
    );
    yield { name: 'standard error', off: Math.min(...off), bar: 1e-12 };
  }
  if (said.percentile95_paired_diff) {
    const b = resampled('correct_b');
    const difference = a.map((v, i) => v - b[i]);
    yield { name: 'differences', off: absolute(difference, t.doubles('diff_f64')), bar: 1e-12 };
    yield {
      name: 'interval of the difference',
      off: absolute(percentiles(difference), said.percentile95_paired_diff),
      bar: 1e-12,
    };
  }
}

const has = (json: unknown, ...names: string[]): boolean => isObject(json) && names.every((n) => n in json);

export const NEIGHBOUR_KINDS: typeof KINDS = [
  {
    kind: 'retrieval',
    is: (j) => has(j, 'leave_one_out') || has(j, 'query_gallery', 'first_queries'),
    verify: verifyRetrieval,
  },
  { kind: 'k-nn', is: (j) => has(j, 'classes', 'sweep'), verify: verifyKnn },
  { kind: 'bootstrap', is: (j) => has(j, 'resamples', 'percentile95_a'), verify: verifyBootstrap },
];
