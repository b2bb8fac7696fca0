import { ops, type Tensor } from '../../graph/index.js';
import type { GraphOptions, Objective, TrainedParameter, Update } from '../training.js';

/**
 * The graphs of one update, whole: teacher, student, gradients, clipping, AdamW, the moving average and the centres. Values that stay
 * on the device are inputs `student.`, `teacher.`, `m.`, `v.`, `centre.`, and, where several batches make one update, `sum.` (of gradients)
 * and `mean.` (of the centres' means); outputs of the same names take their places.
 */
export interface UpdateGraph {
  outputs: Record<string, Tensor>;
  /** Names of the losses in the order in which they lie in output `losses`. */
  losses: string[];
  /** Outputs that take the place of the kept value of the same name. */
  replaced: string[];
  /** Outputs that are looked at now and then. */
  measured: string[];
  /** Outputs that a trace shows. */
  traced: string[];
}

/** Kept value [1]: 1 once an update was not finite that was to be the last. */
export const HALTED = 'state.halted';

/** What an update is told, in this order, as input `numbers` [1, n]; as numbers they change without compiling anew. */
const NUMBERS = [
  'decay',
  'decayKept',
  'beta1',
  'rest1',
  'beta2',
  'rest2',
  'eps',
  'rate',
  'root',
  'ema',
  'emaRest',
  'clip',
  'share',
  'first',
  'halt',
] as const;
type Numbers = Record<(typeof NUMBERS)[number], Tensor>;

/** @param share 1/batches of the update; @param first whether the batch is the first of its update */
export function updateNumbers(u: Update, share: number, first: boolean): Float32Array {
  const values: Record<(typeof NUMBERS)[number], number> = {
    decay: u.lr * u.weightDecay,
    decayKept: 1 - u.lr * u.weightDecay,
    beta1: u.beta1,
    rest1: 1 - u.beta1,
    beta2: u.beta2,
    rest2: 1 - u.beta2,
    eps: u.eps,
    rate: u.lr / (1 - u.beta1 ** u.t),
    root: 1 / Math.sqrt(1 - u.beta2 ** u.t),
    ema: u.ema,
    emaRest: 1 - u.ema,
    clip: u.clip,
    share,
    first: first ? 1 : 0,
    halt: u.halt ? 1 : 0,
  };
  return Float32Array.from(NUMBERS, (name) => values[name]);
}

function numbers(): Numbers {
  const all = ops.input('numbers', [1, NUMBERS.length]);
  return Object.fromEntries(
    NUMBERS.map((name, i) => [name, ops.reshape(ops.slice(all, 1, i, 1), [])]),
  ) as unknown as Numbers;
}

interface Passes {
  gradients: ReadonlyMap<string, Tensor>;
  means: Record<string, Tensor>;
  /** [1, losses] in the order of their names. */
  losses: Tensor;
  names: string[];
  measured: Record<string, Tensor>;
  traced: Record<string, Tensor>;
}

function passes(objective: Objective, o: GraphOptions, trace: boolean): Passes {
  const teacher = objective.teacher?.(o) ?? { handed: {}, means: {}, measured: {}, report: {} };
  const student = objective.student(teacher.handed, o);
  const gradients = Object.fromEntries([...student.gradients].map(([name, t]) => [`grad.${name}`, t]));
  return {
    gradients: student.gradients,
    means: { ...teacher.means, ...student.means },
    losses: ops.concat(Object.values(student.losses), 1),
    names: Object.keys(student.losses),
    measured: { ...teacher.measured, ...student.measured, ...objective.measures?.(teacher.handed) },
    traced: trace ? { ...teacher.report, ...teacher.handed, ...student.report, ...gradients } : {},
  };
}

/** The gradient of one batch, added to those before it in the same update. */
export function accumulateGraph(objective: Objective, o: GraphOptions): UpdateGraph {
  const { gradients, means, losses, names, measured } = passes(objective, o, false);
  const { first } = numbers();
  const added: Record<string, Tensor> = {};
  const add = (name: string, x: Tensor) => {
    const sofar = ops.input(name, x.shape);
    added[name] = ops.add(x, ops.where(first, ops.filled(0, []), sofar));
  };
  for (const [name, g] of gradients) add(`sum.${name}`, g);
  for (const [name, mean] of Object.entries(means)) add(`mean.${name}`, mean);
  const apart = apartFrom(measured, {});
  return {
    outputs: { losses, ...apart, ...added },
    losses: names,
    replaced: Object.keys(added),
    measured: Object.keys(apart),
    traced: [],
  };
}

/**
 * A whole update.
 * @param accumulated whether it ends an update of several batches
 */
export function updateGraph(objective: Objective, o: GraphOptions, accumulated: boolean, trace: boolean): UpdateGraph {
  const { gradients, means, losses, names, measured, traced } = passes(objective, o, trace);
  const n = numbers();
  const sum = (name: string, x: Tensor) => (accumulated ? ops.add(x, ops.input(name, x.shape)) : x);
  const whole = new Map([...gradients].map(([name, g]) => [name, sum(`sum.${name}`, g)]));
  const squares = [...whole.values()].map((g) =>
    ops.sum(
      ops.mul(g, g),
      g.shape.map((_, i) => i),
      false,
    ),
  );
  const norm = ops.mul(ops.sqrt(squares.reduce(ops.add)), n.share);
  const one = ops.filled(1, []);
  const zero = ops.filled(0, []);
  const long = ops.mul(ops.greater(n.clip, zero), ops.greater(norm, n.clip));
  const scale = ops.mul(ops.where(long, ops.div(n.clip, ops.offset(norm, 1e-6)), one), n.share);
  // What is not finite changes nothing, nor does anything after it where updates are to halt.
  const at = names.indexOf('loss');
  const finite = ops.mul(ops.finite(norm), ops.finite(ops.reshape(ops.slice(losses, 1, at, 1), [])));
  const halted = ops.reshape(ops.input(HALTED, [1]), []);
  const sound = ops.mul(finite, ops.sub(one, halted));
  const state: Record<string, Tensor> = {
    [HALTED]: ops.reshape(ops.maximum(halted, ops.mul(n.halt, ops.sub(one, finite))), [1]),
  };
  for (const p of objective.parameters) adamw(p, ops.mul(whole.get(p.name)!, scale), n, sound, state);
  for (const [name, mean] of Object.entries(means)) {
    const before = ops.input(`centre.${name}`, mean.shape);
    const m = objective.centreMomenta?.get(name) ?? objective.centreMomentum;
    const now = ops.mul(sum(`mean.${name}`, mean), n.share);
    state[`centre.${name}`] = ops.where(sound, ops.add(ops.scale(before, m), ops.scale(now, 1 - m)), before);
  }
  const apart = apartFrom(measured, traced);
  return {
    outputs: { losses, norm: ops.reshape(norm, [1]), ...apart, ...traced, ...state },
    losses: names,
    replaced: Object.keys(state),
    measured: Object.keys(measured),
    traced: Object.keys(traced),
  };
}

/** What is not among the others. */
const apartFrom = (some: Record<string, Tensor>, others: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(some).filter(([name]) => !(name in others)));

/** AdamW with decoupled weight decay (Loshchilov & Hutter 2019), bounds, then the moving average. */
function adamw(p: TrainedParameter, g: Tensor, n: Numbers, sound: Tensor, state: Record<string, Tensor>): void {
  const before = (group: string) => ops.input(`${group}.${p.name}`, p.shape);
  const set = (group: string, value: Tensor, old: Tensor) => {
    state[`${group}.${p.name}`] = ops.where(sound, value, old);
  };
  const [x, m, v] = [before('student'), before('m'), before('v')];
  const m1 = ops.add(ops.mul(n.beta1, m), ops.mul(n.rest1, g));
  const v1 = ops.add(ops.mul(n.beta2, v), ops.mul(n.rest2, ops.mul(g, g)));
  const { lrScale = 1 } = p;
  const rate = lrScale === 1 ? n.rate : ops.scale(n.rate, lrScale);
  // As one number where nothing is scaled: so it is rounded once.
  const kept = lrScale === 1 ? n.decayKept : ops.offset(ops.scale(n.decay, -lrScale), 1);
  const step = ops.div(ops.mul(rate, m1), ops.add(ops.mul(ops.sqrt(v1), n.root), n.eps));
  const stepped = ops.sub(p.decayed ? ops.mul(x, kept) : x, step);
  const bound = (value: number) => ops.filled(value, p.shape);
  const x1 = p.clamp ? ops.minimum(ops.maximum(stepped, bound(p.clamp[0])), bound(p.clamp[1])) : stepped;
  set('student', x1, x);
  set('m', m1, m);
  set('v', v1, v);
  if (p.averaged) {
    const t = before('teacher');
    set('teacher', ops.add(ops.mul(n.ema, t), ops.mul(n.emaRest, x1)), t);
  }
}
