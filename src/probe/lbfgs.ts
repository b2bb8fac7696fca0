/**
 * A function to be minimised: its value at x, and its gradient, which the caller may keep and change.
 * @param room as long as x: may be taken for the gradient
 */
export type Objective = (x: Float64Array, room: Float64Array) => Promise<{ value: number; gradient: Float64Array }>;

export interface LbfgsOptions {
  /** Steps at most. */
  iterations: number;
  /** Pairs of steps and gradient changes remembered. */
  memory?: number;
  /** Done when no coordinate of the gradient is larger. */
  tolerance?: number;
  /** Done when a step lowers the value by a smaller share. */
  decrease?: number;
  /** Done when the next step promises to lower the value by a smaller share. */
  promise?: number;
  /** Multiplies by an approximate inverse Hessian, in place; default: nothing is known of it. */
  inverse?: (v: Float64Array) => void;
  /** Pairs from a problem close to this one, the latest last; those of this one take their place. */
  pairs?: Pair[];
}

export interface LbfgsResult {
  x: Float64Array;
  value: number;
  iterations: number;
  /** Times that value and gradient were computed. */
  evaluations: number;
  /** Whether a tolerance was met before the steps ran out. */
  converged: boolean;
}

/** Sufficient decrease and curvature of the Wolfe conditions (Nocedal & Wright, section 3.1). */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
/** Evaluations of one line search. */
const TRIES = 25;

/** A step, what it changed in the gradient, and 1 / (s·y). */
export interface Pair {
  s: Float64Array;
  y: Float64Array;
  rho: number;
}

/**
 * L-BFGS (Liu & Nocedal 1989; Nocedal & Wright, algorithm 7.4) with a bisecting line search to the weak Wolfe conditions, which keeps every
 * remembered pair's curvature positive.
 */
export async function lbfgs(f: Objective, start: Float64Array, o: LbfgsOptions): Promise<LbfgsResult> {
  const { memory = 10, tolerance = 1e-5, decrease = 1e-9, promise = 0, inverse, pairs = [] } = o;
  let evaluations = 0;
  // Vectors that are free again: of large problems new ones cost as much as what is computed with them.
  const free: Float64Array[] = [];
  const vector = (): Float64Array => free.pop() ?? new Float64Array(start.length);
  const counted = (x: Float64Array): ReturnType<Objective> => {
    evaluations++;
    return f(x, vector());
  };
  const [scratch, second] = [vector(), vector()];
  let x: Float64Array = start.slice();
  let { value, gradient } = await counted(x);
  const end = (iterations: number, converged: boolean): LbfgsResult => ({
    ...{ x, value, iterations, evaluations, converged },
  });
  for (let t = 0; t < o.iterations; t++) {
    if (largest(gradient) <= tolerance) return end(t, true);
    let direction = descent(gradient, pairs, inverse, scratch, second);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      // Rounding has spoilt the memory: without it the direction is downhill.
      pairs.length = 0;
      direction = descent(gradient, pairs, inverse, scratch, second);
      slope = dot(direction, gradient);
    }
    // Half of what a quadratic function would lose.
    if (-slope / 2 <= promise * Math.abs(value)) return end(t, true);
    const first = pairs.length === 0 && !inverse ? 1 / Math.max(1, norm(gradient)) : 1;
    const found = await search(counted, x, value, direction, slope, first, { vector, free });
    if (!found) return end(t, true);
    // What is left behind becomes the step and the change of the gradient.
    const s = subtractFrom(found.x, x);
    const y = subtractFrom(found.gradient, gradient);
    const curvature = dot(s, y);
    if (curvature > 1e-10 * dot(y, y) || (inverse && curvature > 0)) {
      pairs.push({ s, y, rho: 1 / curvature });
      const oldest = pairs.length > memory ? pairs.shift() : undefined;
      if (oldest) free.push(oldest.s, oldest.y);
    } else free.push(s, y);
    const gain = value - found.value;
    ({ x, value, gradient } = found);
    if (gain <= decrease * (inverse ? Math.abs(value) : Math.max(1, Math.abs(value)))) return end(t + 1, true);
  }
  return end(o.iterations, false);
}

/** −H·g by the two-loop recursion. @param q gets it @param room is written over */
function descent(
  gradient: Float64Array,
  pairs: readonly Pair[],
  inverse: LbfgsOptions['inverse'],
  q: Float64Array,
  room: Float64Array,
): Float64Array {
  q.set(gradient);
  const alphas: number[] = [];
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { s, y, rho } = pairs[i];
    alphas[i] = rho * dot(s, q);
    addScaled(q, y, -alphas[i]);
  }
  inverse?.(q);
  const last = pairs.at(-1);
  if (last) {
    let along = last.y;
    if (inverse) {
      room.set(last.y);
      inverse((along = room));
    }
    const scale = 1 / (last.rho * dot(last.y, along));
    for (let i = 0; i < q.length; i++) q[i] *= scale;
  }
  for (let i = 0; i < pairs.length; i++) {
    const { s, y, rho } = pairs[i];
    addScaled(q, s, alphas[i] - rho * dot(y, q));
  }
  for (let i = 0; i < q.length; i++) q[i] = -q[i];
  return q;
}

/** A step length by doubling and bisecting; undefined when none lowers the value, i.e. at the limit of rounding. */
async function search(
  f: (x: Float64Array) => ReturnType<Objective>,
  x: Float64Array,
  value: number,
  direction: Float64Array,
  slope: number,
  first: number,
  { vector, free }: { vector: () => Float64Array; free: Float64Array[] },
): Promise<{ x: Float64Array; value: number; gradient: Float64Array } | undefined> {
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let step = first;
  let best: { x: Float64Array; value: number; gradient: Float64Array } | undefined;
  for (let i = 0; i < TRIES; i++) {
    const at = vector();
    at.set(x);
    addScaled(at, direction, step);
    const there = await f(at);
    if (!(there.value <= value + DECREASE * step * slope)) {
      high = step;
      free.push(at, there.gradient);
    } else {
      if (best) free.push(best.x, best.gradient);
      best = { x: at, ...there };
      if (dot(there.gradient, direction) >= CURVATURE * slope) return best;
      low = step;
    }
    step = high === Number.POSITIVE_INFINITY ? 2 * step : (low + high) / 2;
  }
  return best;
}

/** Scalar product. */
export function dot(a: Float64Array, b: Float64Array): number {
  // Four sums, which the processor adds side by side.
  let [p, q, r, s] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < a.length; i += 4) {
    p += a[i] * b[i];
    q += a[i + 1] * b[i + 1];
    r += a[i + 2] * b[i + 2];
    s += a[i + 3] * b[i + 3];
  }
  for (; i < a.length; i++) p += a[i] * b[i];
  return p + q + (r + s);
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

function largest(a: Float64Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    // What is no number is never small.
    if (Number.isNaN(a[i])) return Number.NaN;
    most = Math.max(most, Math.abs(a[i]));
  }
  return most;
}

/** to ← from − to. @returns `to` */
function subtractFrom(from: Float64Array, to: Float64Array): Float64Array {
  for (let i = 0; i < to.length; i++) to[i] = from[i] - to[i];
  return to;
}

/** to ← to + by·from */
export function addScaled(to: Float64Array, from: Float64Array, by: number): void {
  const n = to.length;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    to[i] += by * from[i];
    to[i + 1] += by * from[i + 1];
    to[i + 2] += by * from[i + 2];
    to[i + 3] += by * from[i + 3];
  }
  for (; i < n; i++) to[i] += by * from[i];
}
