/** A function to be minimised: its value at x, and its gradient, which the caller may keep. */
export type Objective = (x: Float64Array) => Promise<{ value: number; gradient: Float64Array }>;

export interface LbfgsOptions {
  /** Steps at most. */
  iterations: number;
  /** Pairs of steps and gradient changes remembered. */
  memory?: number;
  /** Done when no coordinate of the gradient is larger. */
  tolerance?: number;
  /** Done when a step lowers the value by a smaller share. */
  decrease?: number;
}

export interface LbfgsResult {
  x: Float64Array;
  value: number;
  iterations: number;
  /** Whether a tolerance was met before the steps ran out. */
  converged: boolean;
}

/** Sufficient decrease and curvature of the Wolfe conditions (Nocedal & Wright, section 3.1). */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
/** Evaluations of one line search. */
const TRIES = 25;

/**
 * L-BFGS (Liu & Nocedal 1989; Nocedal & Wright, algorithm 7.4) with a bisecting line search to the weak Wolfe conditions, which keeps every
 * remembered pair's curvature positive.
 */
export async function lbfgs(f: Objective, start: Float64Array, o: LbfgsOptions): Promise<LbfgsResult> {
  const { memory = 10, tolerance = 1e-5, decrease = 1e-9 } = o;
  let x: Float64Array = start.slice();
  let { value, gradient } = await f(x);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let t = 0; t < o.iterations; t++) {
    if (largest(gradient) <= tolerance) return { x, value, iterations: t, converged: true };
    const direction = descent(gradient, pairs);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      // Rounding has spoilt the memory: steepest descent is always downhill.
      pairs.length = 0;
      for (let i = 0; i < direction.length; i++) direction[i] = -gradient[i];
      slope = dot(direction, gradient);
    }
    const found = await search(f, x, value, direction, slope, pairs.length === 0 ? 1 / Math.max(1, norm(gradient)) : 1);
    if (!found) return { x, value, iterations: t, converged: true };
    const s = subtract(found.x, x);
    const y = subtract(found.gradient, gradient);
    const curvature = dot(s, y);
    if (curvature > 1e-10 * dot(y, y)) {
      pairs.push({ s, y, rho: 1 / curvature });
      if (pairs.length > memory) pairs.shift();
    }
    const gain = value - found.value;
    ({ x, value, gradient } = found);
    if (gain <= decrease * Math.max(1, Math.abs(value))) return { x, value, iterations: t + 1, converged: true };
  }
  return { x, value, iterations: o.iterations, converged: false };
}

/** −H·g by the two-loop recursion. */
function descent(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.slice();
  const alphas: number[] = [];
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { s, y, rho } = pairs[i];
    alphas[i] = rho * dot(s, q);
    addScaled(q, y, -alphas[i]);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] *= scale;
  }
  pairs.forEach(({ s, y, rho }, i) => {
    addScaled(q, s, alphas[i] - rho * dot(y, q));
  });
  for (let i = 0; i < q.length; i++) q[i] = -q[i];
  return q;
}

/** A step length by doubling and bisecting; undefined when none lowers the value, i.e. at the limit of rounding. */
async function search(
  f: Objective,
  x: Float64Array,
  value: number,
  direction: Float64Array,
  slope: number,
  first: number,
): Promise<{ x: Float64Array; value: number; gradient: Float64Array } | undefined> {
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let step = first;
  let best: { x: Float64Array; value: number; gradient: Float64Array } | undefined;
  for (let i = 0; i < TRIES; i++) {
    const at = x.slice();
    addScaled(at, direction, step);
    const there = await f(at);
    if (!(there.value <= value + DECREASE * step * slope)) high = step;
    else {
      best = { x: at, ...there };
      if (dot(there.gradient, direction) >= CURVATURE * slope) return best;
      low = step;
    }
    step = high === Number.POSITIVE_INFINITY ? 2 * step : (low + high) / 2;
  }
  return best;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
const largest = (a: Float64Array): number => a.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
const subtract = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => v - b[i]);

function addScaled(to: Float64Array, from: Float64Array, by: number): void {
  for (let i = 0; i < to.length; i++) to[i] += by * from[i];
}
