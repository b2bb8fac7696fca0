import { UserError } from '../../../errors.js';
import type { SchedulerConfig } from './config.js';
import type { Scheduler } from './scheduler.js';
import { shifted, sigmaSpread, stretched } from './sigmas.js';
import { linspace } from './spacing.js';
import { unscaled } from './unscaled.js';

const f = Math.fround;

/** Euler's method on rectified flow, x = (1 − σ) · x₀ + σ · ε, with the levels moved by `shift` (Esser et al. 2024; Stable Diffusion 3). */
export function flowMatchEuler(config: SchedulerConfig, steps: number): Scheduler {
  if (config.flag('use_dynamic_shifting', false))
    throw new UserError(`${config.file}: use_dynamic_shifting: not supported; set it to false and shift to a number`);
  const train = config.integer('num_train_timesteps', 1000, 1);
  const inverted = config.flag('invert_sigmas', false);
  const sigmas = flowLevels(config, train, steps).map((sigma) => (inverted ? f(1 - f(sigma)) : f(sigma)));
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

function flowLevels(config: SchedulerConfig, train: number, steps: number): number[] {
  const shift = config.number('shift', 1);
  let sigmas = linspace(train, 1, steps).map((t) => shifted(t / train, shift));
  const terminal = config.optionalNumber('shift_terminal');
  if (terminal) sigmas = stretched(sigmas, terminal);
  const spread = sigmaSpread(config)?.spread;
  return spread ? spread(sigmas[0], sigmas[steps - 1], steps) : sigmas;
}
