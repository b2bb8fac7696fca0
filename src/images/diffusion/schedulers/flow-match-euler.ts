import { UserError } from '../../../errors.js';
import type { SchedulerConfig } from './config.js';
import type { Scheduler, SchedulerRun } from './scheduler.js';
import { shifted, shiftOf, sigmaSpread, stretched, terminalOf } from './sigmas.js';
import { linspace } from './spacing.js';
import { unscaled } from './unscaled.js';

const f = Math.fround;

/**
 * Euler's method on rectified flow, x = (1 − σ) · x₀ + σ · ε, with the levels moved towards noise by `shift`, or by more the larger the image
 * (Esser et al. 2024, section 5.3.2; Stable Diffusion 3, FLUX).
 */
export function flowMatchEuler(config: SchedulerConfig, steps: number, options: SchedulerRun): Scheduler {
  const train = config.trainSteps();
  const inverted = config.flag('invert_sigmas', false);
  const sigmas = flowLevels(config, train, steps, options).map((sigma) => (inverted ? f(1 - f(sigma)) : f(sigma)));
  const timesteps = sigmas.map((sigma) => f(sigma * train));
  sigmas.push(inverted ? 1 : 0);
  const stochastic = config.flag('stochastic_sampling', false);
  let fresh = new Float32Array(0);
  return {
    name: 'FlowMatchEulerDiscreteScheduler',
    timesteps,
    initNoiseSigma: 1,
    predictionType: 'flow_prediction',
    scaleModelInput: unscaled,
    step(model, i, sample, noise) {
      const now = f(sigmas[i]);
      const next = f(sigmas[i + 1]);
      if (!stochastic) {
        const change = f(next - now);
        for (let j = 0; j < sample.length; j++) sample[j] += f(change * model[j]);
        return;
      }
      if (fresh.length !== sample.length) fresh = new Float32Array(sample.length);
      noise(fresh);
      const signal = f(1 - next);
      for (let j = 0; j < sample.length; j++)
        sample[j] = f(signal * f(sample[j] - f(now * model[j]))) + f(next * fresh[j]);
    },
  };
}

/** n levels from 1 downwards, moved by the shift; their end is moved twice, as diffusers does (its issue 13243), but not with a shift by size. */
function flowLevels(config: SchedulerConfig, train: number, steps: number, options: SchedulerRun): number[] {
  const shift = flowShift(config, options.imageTokens);
  const end = config.flag('use_dynamic_shifting', false) ? 1 / train : shifted(1 / train, shift);
  let sigmas = linspace(1, options.evenLevels ? 1 / steps : end, steps).map((sigma) => shifted(sigma, shift));
  const terminal = terminalOf(config);
  if (terminal) sigmas = stretched(sigmas, terminal);
  const spread = sigmaSpread(config)?.spread;
  return spread ? spread(sigmas[0], sigmas[steps - 1], steps) : sigmas;
}

/**
 * How far the levels are moved. With `use_dynamic_shifting` by e^μ (or by μ, `time_shift_type` linear), where μ grows linearly with the
 * image's tokens, from `base_shift` at `base_image_seq_len` to `max_shift` at `max_image_seq_len`.
 */
function flowShift(config: SchedulerConfig, tokens: number | undefined): number {
  if (!config.flag('use_dynamic_shifting', false)) return shiftOf(config, 'shift');
  if (tokens === undefined)
    throw new UserError(
      `${config.file}: use_dynamic_shifting: depends on the image's size, which is not given here; set it to false and shift to a number`,
    );
  const [least, most] = [config.number('base_shift', 0.5), config.number('max_shift', 1.15)];
  const [few, many] = [config.integer('base_image_seq_len', 256, 1), config.integer('max_image_seq_len', 4096, 1)];
  if (few >= many)
    throw new UserError(`${config.file}: base_image_seq_len: ${few} is not less than max_image_seq_len, ${many}`);
  const mu = least + ((tokens - few) * (most - least)) / (many - few);
  const linear = config.choice('time_shift_type', ['exponential', 'linear'], 'exponential') === 'linear';
  const shift = linear ? mu : Math.exp(mu);
  if (!(shift > 0 && shift < Number.POSITIVE_INFINITY))
    throw new UserError(
      `${config.file}: base_shift, max_shift: ${least} and ${most} move the levels of an image of ${tokens} tokens by ${shift}, not by a number more than 0`,
    );
  return shift;
}
