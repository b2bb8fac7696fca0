import { UserError } from '../../../errors.js';
import { cumulativeAlphas, DDPM_BETAS } from './betas.js';
import type { SchedulerConfig } from './config.js';
import { History } from './history.js';
import { predictionType } from './prediction.js';
import type { Scheduler } from './scheduler.js';
import { spacedTimesteps, timestepSpacing, tooManySteps, withinTraining } from './spacing.js';
import { unscaled } from './unscaled.js';

const f = Math.fround;
const SIXTH = f(1 / 6);
const THIRD = f(1 / 3);
const TWENTY_FOURTH = f(1 / 24);

/** Runge-Kutta steps of the warm-up, and the model calls of each. */
const WARM_UP_STEPS = 3;
const CALLS = 4;

/**
 * Pseudo numerical methods for diffusion models (Liu et al. 2022): three Runge-Kutta steps of four calls, then fourth-order linear multistep; with
 * `skip_prk_steps` the multistep begins at once at low order, with one call repeated (as Stable Diffusion's PLMS).
 */
export function pndm(config: SchedulerConfig, steps: number): Scheduler {
  const alphas = cumulativeAlphas(config, DDPM_BETAS);
  const train = config.trainSteps();
  if (steps > train) throw tooManySteps(config, steps, train);
  const spaced = spacedTimesteps(config, timestepSpacing(config, 'leading'), steps, { rounded: true });
  const skip = config.flag('skip_prk_steps', false);
  if (!skip && steps <= WARM_UP_STEPS)
    throw new UserError(
      `${config.file}: ${steps} steps are fewer than the Runge-Kutta warm-up needs (4); set skip_prk_steps`,
    );
  const stride = Math.floor(train / steps);
  const half = Math.floor(stride / 2);
  const warmUp = skip ? [] : warmUpCalls(spaced, half);
  const timesteps = skip ? [...spaced.slice(0, 2), ...spaced.slice(1)] : [...warmUp, ...spaced.slice(WARM_UP_STEPS)];
  withinTraining(config, timesteps, alphas.length);
  const type = predictionType(config, ['epsilon', 'v_prediction']);
  const finalAlpha = config.flag('set_alpha_to_one', false) ? 1 : alphas[0];

  const history = new History(4);
  let sum = new Float32Array(0);
  let start = new Float32Array(0);
  let combined = new Float32Array(0);

  /** From the sample at `from` to the one at `to` along `combined`, into `sample` (eq. 9). */
  const move = (from: number, to: number, origin: Float32Array, sample: Float32Array) => {
    const alpha = alphas[from];
    const alphaTo = to >= 0 ? alphas[to] : finalAlpha;
    const beta = f(1 - alpha);
    const scale = f(Math.sqrt(f(alphaTo / alpha)));
    const change = f(alphaTo - alpha);
    const divisor = f(f(alpha * f(Math.sqrt(f(1 - alphaTo)))) + f(Math.sqrt(f(f(alpha * beta) * alphaTo))));
    const signal = f(Math.sqrt(alpha));
    const spread = f(Math.sqrt(beta));
    const velocity = type === 'v_prediction';
    for (let j = 0; j < sample.length; j++) {
      const noise = velocity ? f(f(signal * combined[j]) + f(spread * origin[j])) : combined[j];
      sample[j] = f(scale * origin[j]) - f(f(change * noise) / divisor);
    }
  };

  const rungeKutta = (model: Float32Array, i: number, sample: Float32Array) => {
    const call = i % CALLS;
    if (call === 0) {
      history.push(model.length).set(model);
      start.set(sample);
      sum.fill(0);
    }
    if (call < CALLS - 1) {
      const weight = call === 0 ? SIXTH : THIRD;
      for (let j = 0; j < sum.length; j++) sum[j] += f(weight * model[j]);
      combined.set(model);
    } else for (let j = 0; j < sum.length; j++) combined[j] = sum[j] + f(SIXTH * model[j]);
    move(timesteps[i - call], timesteps[i] - (i % 2 === 0 ? half : 0), start, sample);
  };

  const multistep = (model: Float32Array, i: number, sample: Float32Array) => {
    const repeated = skip && i === 1;
    if (!repeated) history.push(model.length).set(model);
    const [e0, e1, e2, e3] = [0, 1, 2, 3].map((age) => history.at(age));
    if (repeated) for (let j = 0; j < e0.length; j++) combined[j] = f(model[j] + e0[j]) / 2;
    else if (!e1) combined.set(model);
    else if (!e2) for (let j = 0; j < e0.length; j++) combined[j] = f(f(3 * e0[j]) - e1[j]) / 2;
    else if (!e3)
      for (let j = 0; j < e0.length; j++) combined[j] = f(f(f(23 * e0[j]) - f(16 * e1[j])) + f(5 * e2[j])) / 12;
    else
      for (let j = 0; j < e0.length; j++)
        combined[j] = TWENTY_FOURTH * f(f(f(f(55 * e0[j]) - f(59 * e1[j])) + f(37 * e2[j])) - f(9 * e3[j]));
    if (skip && i === 0) start.set(sample);
    if (repeated) move(timesteps[i] + stride, timesteps[i], start, sample);
    else move(timesteps[i], timesteps[i] - stride, sample, sample);
  };

  return {
    name: 'PNDMScheduler',
    timesteps,
    initNoiseSigma: 1,
    predictionType: type,
    scaleModelInput: unscaled,
    step(model, i, sample) {
      if (combined.length !== sample.length) {
        combined = new Float32Array(sample.length);
        start = new Float32Array(sample.length);
        sum = new Float32Array(skip ? 0 : sample.length);
      }
      if (i < warmUp.length) rungeKutta(model, i, sample);
      else multistep(model, i, sample);
    },
  };
}

/** The warm-up's calls: each Runge-Kutta step looks at its start, twice at its middle and at its end, from the four largest timesteps. */
function warmUpCalls(spaced: readonly number[], half: number): number[] {
  return Array.from({ length: WARM_UP_STEPS }, (_, s) => {
    const middle = spaced[s + 1] + half;
    return [spaced[s], middle, middle, spaced[s + 1]];
  }).flat();
}
