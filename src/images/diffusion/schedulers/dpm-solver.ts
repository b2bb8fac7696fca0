import { UserError } from '../../../errors.js';
import { cleanLimit } from './clean-limit.js';
import type { SchedulerConfig } from './config.js';
import { History } from './history.js';
import { dpmSchedule } from './multistep-schedule.js';
import type { NoiseLevel } from './noise-level.js';
import { predictionType, toClean, toNoise } from './prediction.js';
import type { Scheduler } from './scheduler.js';
import { finalSigmasType } from './sigmas.js';
import { unscaled } from './unscaled.js';

const f = Math.fround;

const ALGORITHMS = ['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++', 'sde-dpmsolver'] as const;
type Algorithm = (typeof ALGORITHMS)[number];
type Solver = 'midpoint' | 'heun';

/** Below this many steps the last ones are of lower order where `lower_order_final` says so (Lu et al. 2022b, section 3.5). */
const FEW_STEPS = 15;

/** DPM-Solver and DPM-Solver++, multistep, of order 1 to 3, and their stochastic forms (Lu et al. 2022, 2022b). */
export function dpmSolver(config: SchedulerConfig, steps: number, options: { batch: number }): Scheduler {
  const algorithm = config.choice('algorithm_type', ALGORITHMS, 'dpmsolver++', { deis: 'dpmsolver++' });
  const solver = config.choice<Solver>('solver_type', ['midpoint', 'heun'], 'midpoint', {
    logrho: 'midpoint',
    bh1: 'midpoint',
    bh2: 'midpoint',
  });
  const order = config.integer('solver_order', 2, 1);
  const predictsClean = algorithm.endsWith('++');
  const stochastic = algorithm.startsWith('sde');
  const toZero = finalSigmasType(config) === 'zero';
  refuseImpossible(config, algorithm, order, toZero);
  const type = predictsClean
    ? predictionType(config, ['epsilon', 'sample', 'v_prediction', 'flow_prediction'])
    : predictionType(config, ['epsilon', 'sample', 'v_prediction']);
  const { timesteps, levels } = dpmSchedule(config, steps);
  const calls = timesteps.length;
  const few = config.flag('lower_order_final', true) && calls < FEW_STEPS;
  const firstOrderEnd = config.flag('euler_at_final', false) || few || toZero;
  const limit = cleanLimit(config, options.batch);
  const history = new History(order);
  let scratch = new Float32Array(0);

  /** What the solver integrates: the clean sample for the ++ algorithms, the noise for the others. */
  const convert = (
    model: Float32Array,
    sample: Float32Array,
    { given, alpha, sigma }: NoiseLevel,
    out: Float32Array,
  ) => {
    if (type === 'flow_prediction' || predictsClean) {
      toClean(type, sample, model, alpha, type === 'flow_prediction' ? given : sigma, out);
      limit?.(out);
      return;
    }
    toNoise(type, sample, model, alpha, sigma, out);
    if (!limit) return;
    toClean('epsilon', sample, out, alpha, sigma, scratch);
    limit(scratch);
    toNoise('sample', sample, scratch, alpha, sigma, out);
  };

  return {
    name: 'DPMSolverMultistepScheduler',
    timesteps,
    initNoiseSigma: 1,
    predictionType: type,
    scaleModelInput: unscaled,
    step(model, i, sample, noise) {
      if (scratch.length !== sample.length) scratch = new Float32Array(sample.length);
      convert(model, sample, levels[i], history.push(sample.length));
      // Spread σ already end at the smallest: a last step to that same level has no width to divide by.
      const still = levels[i + 1].sigma === levels[i].sigma;
      const lowest = i === calls - 1 && (firstOrderEnd || still);
      const now = lowest ? 1 : Math.min(order, history.length, i === calls - 2 && few ? 2 : order);
      const weights = updateWeights(algorithm, solver, now, levels, i);
      if (stochastic) noise(scratch);
      if (now === 1) first(sample, history, weights);
      else if (now === 2) second(sample, history, weights);
      else third(sample, history, weights);
      const fresh = f(weights.noise);
      if (stochastic) for (let j = 0; j < sample.length; j++) sample[j] += f(fresh * scratch[j]);
    },
  };
}

function refuseImpossible(config: SchedulerConfig, algorithm: Algorithm, order: number, toZero: boolean): void {
  if (order > 3) throw new UserError(`${config.file}: solver_order: ${order} is not 1, 2 or 3`);
  if (order === 3 && algorithm === 'sde-dpmsolver')
    throw new UserError(`${config.file}: solver_order: 3 does not exist for algorithm_type sde-dpmsolver; valid: 1, 2`);
  if (!algorithm.endsWith('++') && toZero)
    throw new UserError(
      `${config.file}: final_sigmas_type: "zero" (the default) does not work with algorithm_type ${algorithm}; valid: sigma_min`,
    );
}

/** A step is sample · x + d0 · D₀ + d1 · D₁ + d2 · D₂ + noise · z with the divided differences Dₖ of the history, whose spacings are r0 and r1. */
interface Weights {
  x: number;
  d0: number;
  d1: number;
  d2: number;
  noise: number;
  r0: number;
  r1: number;
}

/** Weights of the step from level i to i + 1. Every operation in float32, in torch's order. */
function updateWeights(
  algorithm: Algorithm,
  solver: Solver,
  order: number,
  levels: readonly NoiseLevel[],
  i: number,
): Weights {
  const to = levels[i + 1];
  const from = levels[i];
  const h = f(to.lambda - from.lambda);
  const r0 = order > 1 ? f(f(from.lambda - levels[i - 1].lambda) / h) : 0;
  const r1 = order > 2 ? f(f(levels[i - 1].lambda - levels[i - 2].lambda) / h) : 0;
  const linear = order === 3 || solver === 'heun';
  const base = { noise: 0, r0, r1 };
  switch (algorithm) {
    case 'dpmsolver++': {
      const shrink = f(f(Math.exp(-h)) - 1);
      const d0 = -f(to.alpha * shrink);
      const d1 = linear ? f(to.alpha * f(f(shrink / h) + 1)) : f(0.5 * d0);
      return { ...base, x: f(to.sigma / from.sigma), d0, d1, d2: -f(to.alpha * f(f(f(shrink + h) / f(h * h)) - 0.5)) };
    }
    case 'dpmsolver': {
      const grow = f(f(Math.exp(h)) - 1);
      const d0 = -f(to.sigma * grow);
      const d1 = linear ? -f(to.sigma * f(f(grow / h) - 1)) : f(0.5 * d0);
      return { ...base, x: f(to.alpha / from.alpha), d0, d1, d2: -f(to.sigma * f(f(f(grow - h) / f(h * h)) - 0.5)) };
    }
    case 'sde-dpmsolver++': {
      const twice = f(2 * h);
      const lost = f(1 - f(Math.exp(-twice)));
      const d0 = f(to.alpha * lost);
      const d1 = linear ? f(to.alpha * f(f(lost / -twice) + 1)) : f(0.5 * d0);
      const d2 = f(to.alpha * f(f(f(lost - twice) / f(twice * twice)) - 0.5));
      const x = f(f(to.sigma / from.sigma) * f(Math.exp(-h)));
      return { ...base, x, d0, d1, d2, noise: f(to.sigma * f(Math.sqrt(lost))) };
    }
    case 'sde-dpmsolver': {
      const grow = f(f(Math.exp(h)) - 1);
      const half = f(to.sigma * grow);
      const d1 = linear ? -f(2 * f(to.sigma * f(f(grow / h) - 1))) : -half;
      const noise = f(to.sigma * f(Math.sqrt(f(f(Math.exp(f(2 * h))) - 1))));
      return { ...base, x: f(to.alpha / from.alpha), d0: -f(2 * half), d1, d2: 0, noise };
    }
  }
}

function first(x: Float32Array, history: History, w: Weights): void {
  const m0 = history.at(0);
  const [wx, w0] = [f(w.x), f(w.d0)];
  for (let j = 0; j < x.length; j++) x[j] = f(wx * x[j]) + f(w0 * m0[j]);
}

function second(x: Float32Array, history: History, w: Weights): void {
  const m0 = history.at(0);
  const m1 = history.at(1);
  const [wx, w0, w1, slope] = [f(w.x), f(w.d0), f(w.d1), f(1 / w.r0)];
  for (let j = 0; j < x.length; j++) x[j] = f(f(wx * x[j]) + f(w0 * m0[j])) + f(w1 * f(slope * f(m0[j] - m1[j])));
}

function third(x: Float32Array, history: History, w: Weights): void {
  const m0 = history.at(0);
  const m1 = history.at(1);
  const m2 = history.at(2);
  const [wx, w0, w1, w2] = [f(w.x), f(w.d0), f(w.d1), f(w.d2)];
  const [slope0, slope1] = [f(1 / w.r0), f(1 / w.r1)];
  const span = f(w.r0 + w.r1);
  const share = f(w.r0 / span);
  const curve = f(1 / span);
  for (let j = 0; j < x.length; j++) {
    const newer = f(slope0 * f(m0[j] - m1[j]));
    const bend = f(newer - f(slope1 * f(m1[j] - m2[j])));
    const d1 = f(newer + f(share * bend));
    x[j] = f(f(f(wx * x[j]) + f(w0 * m0[j])) + f(w1 * d1)) + f(w2 * f(curve * bend));
  }
}
