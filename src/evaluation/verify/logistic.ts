import { z } from 'zod';
import { UserError } from '../../errors.js';
import { isObject, readJsonAs } from '../../formats/json.js';
import { classesOf, exactly, logisticFit, logisticPath } from '../../probe/logistic.js';
import { type LogisticFit, outputsOf, type Solution, type Target } from '../../probe/logistic-fit.js';
import { standardised, statistics } from '../../probe/standardise.js';
import { meanOf } from '../metrics/accuracy.js';
import { averagePrecisions } from '../metrics/average-precision.js';
import { absolute, ofLargest, type Tensors, tensorsOf } from './finetune-compare.js';
import type { Check, KINDS } from './index.js';

/**
 * Recorded paths of logistic regression: of classes, and of labels that are a problem each. The solver of the probes, in float32, is held
 * to the limits of such solvers; what it finds is then polished in float64 where there are recorded weights, and held to those of the optimum.
 */

const number = z.number();
const pointForm = z.looseObject({
  index: z.int(),
  wd: number,
  objective_mean: z.union([number, z.array(number)]),
  train_acc: number.optional(),
  val_acc: number.optional(),
  test_acc: number.optional(),
  val_map: number.optional(),
  val_ap11: z.array(number).optional(),
  val_margin_lt_1e_3: number.optional(),
  val_margin_lt_1e_2: number.optional(),
  test_margin_lt_1e_3: number.optional(),
});
type Point = z.infer<typeof pointForm>;
const multinomialForm = z.looseObject({
  classes: z.int().min(2),
  path: z.array(pointForm).min(1),
  final: z
    .looseObject({
      chosen_index: z.int(),
      chosen_wd: number,
      trainval_objective_mean: number,
      test_acc: number,
      test_margin_lt_1e_3: number.optional(),
    })
    .optional(),
});
const labelsForm = z.looseObject({
  n_train: z.int(),
  n_val: z.int(),
  n_test: z.int(),
  labels: z.int(),
  path: z.array(pointForm).min(1),
  chosen_index: z.int(),
  test_ap11: z.array(number),
  test_map: number,
});

/** Excess over the recorded optimum that a float32 solver may have, as a share of it, by the penalty's place. */
const excessBar = (index: number): number => (index >= 20 ? 2e-5 : 1e-3);
/**
 * The same below 16, where a limited solver need not arrive: recorded of such are up to 0.36. A fit that stays at zeros is far above wherever
 * the features tell the classes apart.
 */
const LIMITED = 0.5;
/** Share of the test rows that a fit which need not arrive may tell otherwise: 5 of 100 where features hardly differ. */
const LOOSE = 0.1;
/** What may be below the optimum, which is recorded of a solver that stops, too: in float64, of whatever weights float32 has found. */
const BELOW = 1e-8;
/** Polished in float64. */
const OPTIMUM = 1e-8;
const WEIGHTS = 1e-4;
/** Where the problem is nearly flat, two solvers in float64 differ by 5e-5 themselves. */
const WEAK_WEIGHTS = 5e-4;
/** The first penalty whose optimum is held to: below, a solver may stop before it, and weights of any solver are its own. */
const REACHED = 12;
const weightsBar = (index: number): number => (index >= 20 ? WEIGHTS : WEAK_WEIGHTS);

/** A penalty by its place, with what float32 finds there. */
type Tried = [index: number, of: { s: Solution; right: number }];

async function* verifyMultinomial(file: string): AsyncGenerator<Check> {
  const said = await readJsonAs(file, multinomialForm);
  const t = await tensorsOf(file);
  const { classes } = said;
  const part = (name: string) => ({ x: t.get(`x_${name}`, 2).data, labels: t.ints(`y_${name}`) });
  const [train, val, test] = ['train', 'val', 'test'].map(part);
  const dim = t.get('x_train').shape[1];
  for (const [i, name] of ['train', 'val', 'test'].entries()) {
    const { x, labels } = [train, val, test][i];
    if (x.length !== labels.length * dim || labels.some((c) => c < 0 || c >= classes))
      throw new UserError(`${file}: y_${name} is not of x_${name}'s rows, or names a class that is none of ${classes}`);
  }
  const of = (labels: Int32Array): Target => ({ of: 'classes', labels, classes });
  const outputs = outputsOf(of(train.labels));
  const stats = statistics(train.x, dim, 0);
  const exactX = exactly(train.x, stats);
  yield* standardisation(t, '', stats);
  const counted = (logits: Float32Array, labels: Int32Array): number =>
    classesOf(logits, outputs).reduce((n, c, i) => n + (c === labels[i] ? 1 : 0), 0);

  /**
   * Where float32 takes another value, since a picture or two fall otherwise: pictures by which these two differ from what is recorded of them,
   * once both are polished.
   */
  const decided = async (fit: LogisticFit): Promise<number> => {
    const isBetter = ([i, a]: Tried, [j, b]: Tried) => a.right > b.right || (a.right === b.right && i < j);
    const [own] = [...tried].reduce((a, b) => (isBetter(b, a) ? b : a));
    if (own === said.final!.chosen_index) return 0;
    const recorded = (index: number): number =>
      ((said.path.find((p) => p.index === index)?.val_acc ?? Number.NaN) * val.labels.length) / 100;
    // Of what is not reached the choice is held to what accuracies are.
    if (own < REACHED && said.final!.chosen_index < REACHED)
      return Math.abs(recorded(own) - recorded(said.final!.chosen_index)) <= 2 + 1e-6 ? 0 : 1;
    let off = 0;
    for (const index of [own, said.final!.chosen_index]) {
      const exact = exactLogits(exactly(val.x, stats), dim, await fit.polished(exactX, tried.get(index)!.s));
      const by = Math.abs(counted(Float32Array.from(exact), val.labels) - recorded(index));
      off += Math.max(0, by - (said.path.find((p) => p.index === index)?.val_margin_lt_1e_3 ?? 0));
    }
    return off < 1e-6 ? 0 : off;
  };
  let told: number | undefined;
  const tried = new Map<number, Tried[1]>();
  const checks: Check[] = [];
  const byWd = new Map(said.path.map((p) => [Math.fround(p.wd), p]));
  let valLogits = new Float32Array();
  const { path, best } = await logisticPath(
    { x: train.x, target: of(train.labels) },
    val.x,
    dim,
    (logits) => {
      valLogits = new Float32Array(logits);
      return counted(logits, val.labels);
    },
    { l2s: [...byWd.keys()] },
    async (s, fit) => {
      const point = byWd.get(s.l2)!;
      checks.push(excess(point, await fit.exactObjective(exactX, s)));
      await fit.keep('test', standardised(test.x, stats));
      const shares = [
        ['val', valLogits, val.labels, point.val_acc, point.val_margin_lt_1e_3],
        ['test', await fit.logits('test', s), test.labels, point.test_acc, point.test_margin_lt_1e_3],
      ] as const;
      for (const [name, logits, labels, expected, ties] of shares) {
        if (expected === undefined || point.index < 20) continue;
        const off = Math.abs(counted(logits, labels) - (expected * labels.length) / 100);
        checks.push({ name: `${point.index} ${name} samples`, off, bar: Math.max(2, ties ?? 0) });
      }
      tried.set(point.index, { s, right: counted(valLogits, val.labels) });
      if (tried.size === byWd.size && said.final) told = await decided(fit);
      if (!t.has(`weight_${point.index}_f64`)) return;
      const exact = await fit.polished(exactX, s);
      checks.push(...optimum(t, `weight_${point.index}_f64`, `bias_${point.index}_f64`, point, exact));
    },
  );
  yield* checks.reverse();

  if (!said.final) return;
  const { chosen_index: index } = said.final;
  const chosen = byWd.get(path[best].l2)!;
  yield { name: 'chosen value', off: chosen.index === index ? 0 : (told ?? 1), bar: 0 };
  const both = { x: concat(train.x, val.x), labels: Int32Array.from([...train.labels, ...val.labels]) };
  yield* standardisation(t, 'trainval_', statistics(both.x, dim, 0));
  const rows = { x: both.x, target: of(both.labels) };
  const final = await logisticFit(rows, test.x, dim, Math.fround(said.final.chosen_wd), { exact: true });
  const right = counted(final.logits, test.labels);
  yield* finalChecks(said.final, { objective: final.solution.objective, right, of: test.labels.length });
  if (index >= REACHED)
    yield* weights(t, 'final_weight_f64', 'final_bias_f64', 'final', final.solution, weightsBar(index));
}

/** @param found mean objective on all training rows, and how many test rows `of` all are told right */
export function* finalChecks(
  recorded: NonNullable<z.infer<typeof multinomialForm>['final']>,
  found: { objective: number; right: number; of: number },
): Generator<Check> {
  const { chosen_index: index, trainval_objective_mean: optimum, test_acc, test_margin_lt_1e_3: ties = 0 } = recorded;
  const over = found.objective / optimum - 1;
  const name = 'final objective';
  if (index >= REACHED) yield { name, off: Math.abs(over), bar: OPTIMUM };
  else if (over < 0) yield { name: `${name}, under the optimum`, off: -over, bar: OPTIMUM };
  else yield { name, off: over, bar: LIMITED };
  const off = Math.abs(found.right - (test_acc * found.of) / 100);
  yield { name: 'final test samples', off, bar: index >= REACHED ? ties : Math.max(2, ties, LOOSE * found.of) };
}

function excess(point: Point, found: number): Check {
  const optimum = point.objective_mean as number;
  const over = found / optimum - 1;
  const name = `${point.index} objective`;
  if (over < 0) return { name: `${name}, under the optimum`, off: -over, bar: BELOW };
  return { name, off: over, bar: point.index >= 16 ? excessBar(point.index) : LIMITED };
}

function* optimum(t: Tensors, weight: string, bias: string, point: Point, exact: Solution): Generator<Check> {
  const recorded = point.objective_mean as number;
  yield { name: `${point.index} optimum`, off: Math.abs(exact.objective / recorded - 1), bar: OPTIMUM };
  yield* weights(t, weight, bias, `${point.index}`, exact, weightsBar(point.index));
}

function* weights(t: Tensors, weight: string, bias: string, name: string, s: Solution, bar: number): Generator<Check> {
  if (!t.has(weight)) return;
  yield { name: `${name} weights`, off: ofLargest(s.weights, t.doubles(weight)), bar };
  // The bias is one more weight, of a feature that is 1.
  const largest = t.doubles(weight).reduce((m, w) => Math.max(m, Math.abs(w)), 0);
  const recorded = t.doubles(bias);
  const most = recorded.reduce((m, b) => Math.max(m, Math.abs(b)), largest);
  yield { name: `${name} bias`, off: absolute(s.bias, recorded) / (most || 1), bar };
}

function* standardisation(t: Tensors, prefix: string, stats: ReturnType<typeof statistics>): Generator<Check> {
  if (!t.has(`${prefix}mean_f64`)) return;
  yield { name: `${prefix}mean`, off: ofLargest(stats.mean, t.doubles(`${prefix}mean_f64`)), bar: 1e-9 };
  const deviation = stats.inverse.map((v) => (v === 0 ? 0 : 1 / v));
  yield { name: `${prefix}deviation`, off: ofLargest(deviation, t.doubles(`${prefix}std_f64`)), bar: 1e-9 };
}

async function* verifyLabels(file: string): AsyncGenerator<Check> {
  const said = await readJsonAs(file, labelsForm);
  const t = await tensorsOf(file);
  const { data: x, shape } = t.get('x', 2);
  const y = t.ints('y');
  const { n_train, n_val, n_test, labels } = said;
  const dim = shape[1];
  if (shape[0] !== n_train + n_val + n_test || y.length !== shape[0] * labels)
    throw new UserError(`${file}: ${shape[0]} rows are not ${n_train} + ${n_val} + ${n_test}`);
  const rows = (from: number, to: number) => ({
    x: x.slice(from * dim, to * dim),
    present: Int8Array.from(y.subarray(from * labels, to * labels), (v) => (v === 1 ? 1 : -1)),
  });
  const [train, val] = [rows(0, n_train), rows(n_train, n_train + n_val)];
  const test = rows(n_train + n_val, shape[0]);
  const of = (present: Int8Array): Target => ({ of: 'labels', present, labels });
  const stats = statistics(train.x, dim, 0);
  const exactX = exactly(train.x, stats);
  const byWd = new Map(said.path.map((p) => [Math.fround(p.wd), p]));
  const checks: Check[] = [];
  let scored: Float64Array = new Float64Array();
  let polished = { index: -1, score: Number.NEGATIVE_INFINITY };
  const exactVal = exactly(val.x, stats);
  const score = (logits: ArrayLike<number>) => {
    scored = averagePrecisions(logits, val.present, labels);
    return meanOf(scored);
  };
  const { path, best } = await logisticPath(
    { x: train.x, target: of(train.present) },
    val.x,
    dim,
    score,
    { l2s: [...byWd.keys()] },
    async (s, fit) => {
      const point = byWd.get(s.l2)!;
      const recorded = point.objective_mean as number[];
      const sum = recorded.reduce((a, b) => a + b, 0);
      checks.push(excess({ ...point, objective_mean: sum }, await fit.exactObjective(exactX, s)));
      const exact = await fit.polished(exactX, s);
      if (point.index >= REACHED)
        checks.push({ name: `${point.index} optimum`, off: Math.abs(exact.objective / sum - 1), bar: OPTIMUM });
      // Ranks of float64 logits: those of float32 may differ where two scores nearly agree.
      const mean = score(exactLogits(exactVal, dim, exact));
      // From the strongest on: of equals the weakest, which comes last, is taken.
      if (mean >= polished.score) polished = { index: point.index, score: mean };
      if (point.val_ap11) checks.push({ name: `${point.index} AP`, off: absolute(scored, point.val_ap11), bar: 1e-6 });
      const tensor = `weight_bias_${point.index}_f64`;
      if (t.has(tensor)) checks.push(...together(t, tensor, exact, weightsBar(point.index)));
    },
  );
  yield* checks.reverse();
  const chosen = byWd.get(path[best].l2)!;
  // Scores of float32 may fall otherwise by a pair of pictures.
  const off = Math.min(...[chosen.index, polished.index].map((i) => Math.abs(i - said.chosen_index)));
  yield { name: 'chosen value', off, bar: 0 };
  const both = { x: concat(train.x, val.x), present: Int8Array.from([...train.present, ...val.present]) };
  const wd = said.path.find((p) => p.index === said.chosen_index)?.wd ?? chosen.wd;
  const final = await logisticFit({ x: both.x, target: of(both.present) }, test.x, dim, Math.fround(wd), {
    exact: true,
  });
  yield* together(t, 'final_weight_bias_f64', final.solution, WEIGHTS);
  const exactTest = exactly(test.x, statistics(both.x, dim, 0));
  const found = averagePrecisions(exactLogits(exactTest, dim, final.solution), test.present, labels);
  yield { name: 'test AP', off: absolute(found, said.test_ap11), bar: 1e-6 };
  yield { name: 'test mAP', off: Math.abs(100 * meanOf(found) - said.test_map) / 100, bar: 1e-6 };
}

/** [n, outputs] in float64. */
function exactLogits(x: Float64Array, dim: number, { weights, bias }: Solution): Float64Array {
  const outputs = bias.length;
  return Float64Array.from({ length: (x.length / dim) * outputs }, (_, at) => {
    const [i, c] = [Math.floor(at / outputs), at % outputs];
    let sum = bias[c];
    for (let j = 0; j < dim; j++) sum += x[i * dim + j] * weights[c * dim + j];
    return sum;
  });
}

/** Weights with the bias last. */
function* together(t: Tensors, tensor: string, s: Solution, bar: number): Generator<Check> {
  if (!t.has(tensor)) return;
  const dim = s.weights.length / s.bias.length;
  const rows = Array.from(s.bias, (b, c) => [...s.weights.subarray(c * dim, (c + 1) * dim), b]);
  yield { name: tensor, off: ofLargest(rows.flat(), t.doubles(tensor)), bar };
}

function concat(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

const isPath = (json: unknown): json is { path: unknown[] } =>
  isObject(json) && Array.isArray(json.path) && isObject(json.path[0]) && 'wd' in json.path[0];

export const LOGISTIC_KINDS: typeof KINDS = [
  { kind: 'logistic', is: (j) => isPath(j) && 'classes' in j && !('labels' in j), verify: verifyMultinomial },
  { kind: 'multi-label', is: (j) => isPath(j) && 'labels' in j, verify: verifyLabels },
];
