import { cleanLimit } from './clean-limit.js';
import type { SchedulerConfig } from './config.js';
import { History } from './history.js';
import { uniPcSchedule } from './multistep-schedule.js';
import type { NoiseLevel } from './noise-level.js';
import { predictionType, toClean, toNoise } from './prediction.js';
import type { Scheduler } from './scheduler.js';
import { unscaled } from './unscaled.js';

const f = Math.fround;

type Solver = 'bh1' | 'bh2';
/** Weights of higher orders have no digits left in float32. */
const MOST_ORDER = 8;

/** UniPC (Zhao et al. 2023): a multistep predictor, and a corrector that uses the next call's output for the step just made. */
export function uniPc(config: SchedulerConfig, steps: number, options: { batch: number }): Scheduler {
  config.refuse('solver_p', 'another scheduler as the predictor is not supported');
  const order = config.integer('solver_order', 2, 1, MOST_ORDER);
  const solver = config.choice<Solver>('solver_type', ['bh1', 'bh2'], 'bh2', {
    midpoint: 'bh2',
    heun: 'bh2',
    logrho: 'bh2',
  });
  const predictsClean = config.flag('predict_x0', true);
  const type = predictsClean
    ? predictionType(config, ['epsilon', 'sample', 'v_prediction', 'flow_prediction'])
    : predictionType(config, ['epsilon', 'sample', 'v_prediction']);
  const { timesteps, levels } = uniPcSchedule(config, steps);
  const uncorrected = new Set(config.numbers('disable_corrector') ?? []);
  const lowerOrderFinal = config.flag('lower_order_final', true);
  const limit = predictsClean ? cleanLimit(config, options.batch) : undefined;
  // One more than the order: the corrector reads all earlier outputs beside the newest.
  const history = new History(order + 1);
  let last = new Float32Array(0);
  let differences = new Float32Array(0);
  let lastOrder = 0;

  const convert = (
    model: Float32Array,
    sample: Float32Array,
    { given, alpha, sigma }: NoiseLevel,
    out: Float32Array,
  ) => {
    if (type === 'flow_prediction' || predictsClean) {
      toClean(type, sample, model, alpha, type === 'flow_prediction' ? given : sigma, out);
      limit?.(out);
    } else toNoise(type, sample, model, alpha, sigma, out);
  };

  /**
   * From `origin` to the next level, into `sample`: the exponential integrator around the output at `origin` (history entry `age`), plus differences
   * to earlier outputs and, for the corrector, to the output at the next level (history entry 0).
   */
  const advance = (origin: Float32Array, age: number, weights: UpdateWeights, sample: Float32Array) => {
    const centre = history.at(age);
    differences.fill(0);
    for (let k = 0; k < weights.earlier.length; k++) {
      const weight = f(weights.earlier[k].weight);
      const ratio = f(weights.earlier[k].ratio);
      const earlier = history.at(age + 1 + k);
      for (let j = 0; j < sample.length; j++) differences[j] += f(weight * f(f(earlier[j] - centre[j]) / ratio));
    }
    if (weights.next !== undefined) {
      const next = f(weights.next);
      const newest = history.at(0);
      for (let j = 0; j < sample.length; j++) differences[j] += f(next * f(newest[j] - centre[j]));
    }
    const [x, around, change] = [f(weights.x), f(weights.around), f(weights.change)];
    for (let j = 0; j < sample.length; j++)
      sample[j] = f(f(x * origin[j]) - f(around * centre[j])) - f(change * differences[j]);
  };
  const weightsOf = (at: number, now: number, corrects: boolean) =>
    updateWeights(levels, at, now, { solver, predictsClean, corrects });

  return {
    name: 'UniPCMultistepScheduler',
    timesteps,
    initNoiseSigma: 1,
    predictionType: type,
    scaleModelInput: unscaled,
    step(model, i, sample) {
      if (last.length !== sample.length) {
        last = new Float32Array(sample.length);
        differences = new Float32Array(sample.length);
      }
      convert(model, sample, levels[i], history.push(sample.length));
      if (i > 0 && !uncorrected.has(i - 1)) advance(last, 1, weightsOf(i - 1, lastOrder, true), sample);
      last.set(sample);
      lastOrder = Math.min(order, i + 1, lowerOrderFinal ? steps - i : order);
      advance(last, 0, weightsOf(i, lastOrder, false), sample);
    },
  };
}

/** A step is x · origin − around · centre − change · (Σ weight · (earlier − centre) / ratio + next · (newest − centre)). */
interface UpdateWeights {
  x: number;
  around: number;
  change: number;
  earlier: readonly { weight: number; ratio: number }[];
  next?: number;
}

/** Weights of the step from level `at` to `at + 1` of order `order` (Zhao et al. 2023, section 3.2 and appendix C), in float32. */
function updateWeights(
  levels: readonly NoiseLevel[],
  at: number,
  order: number,
  how: { solver: Solver; predictsClean: boolean; corrects: boolean },
): UpdateWeights {
  const to = levels[at + 1];
  const from = levels[at];
  const h = f(to.lambda - from.lambda);
  if (h === 0) return { x: 1, around: 0, change: 0, earlier: [] };
  const ratios = Array.from({ length: order - 1 }, (_, k) => f(f(levels[at - k - 1].lambda - from.lambda) / h));
  const hh = how.predictsClean ? -h : h;
  const growth = f(Math.expm1(hh));
  const scale = how.solver === 'bh1' ? hh : growth;
  const nodes = [...ratios, 1];
  const moments: number[] = [];
  let phi = f(f(growth / hh) - 1);
  let factorial = 1;
  for (let k = 1; k <= order; k++) {
    moments.push(f(f(phi * factorial) / scale));
    factorial *= k + 1;
    phi = f(f(phi / hh) - f(1 / factorial));
  }
  const weights = how.corrects
    ? order === 1
      ? [0.5]
      : vandermondeWeights(nodes, moments)
    : order === 2
      ? [0.5]
      : vandermondeWeights(ratios, moments.slice(0, -1));
  const amplitude = how.predictsClean ? to.alpha : to.sigma;
  return {
    x: how.predictsClean ? f(to.sigma / from.sigma) : f(to.alpha / from.alpha),
    around: f(amplitude * growth),
    change: f(amplitude * scale),
    earlier: ratios.map((ratio, k) => ({ ratio, weight: weights[k] })),
    next: how.corrects ? weights[order - 1] : undefined,
  };
}

/** w with Σₖ nodesₖ^i · wₖ = momentsᵢ for i = 0 …, by elimination with pivots. */
function vandermondeWeights(nodes: readonly number[], moments: readonly number[]): number[] {
  const n = nodes.length;
  const rows = moments.map((moment, i) => [...nodes.map((node) => f(node ** i)), moment]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r][c]) > Math.abs(rows[pivot][c])) pivot = r;
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r][c] / rows[c][c];
      for (let k = c; k <= n; k++) rows[r][k] -= factor * rows[c][k];
    }
  }
  return rows.map((row, i) => f(row[n] / row[i]));
}
