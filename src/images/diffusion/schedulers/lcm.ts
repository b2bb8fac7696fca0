import { UserError } from '../../../errors.js';
import { cumulativeAlphas } from './betas.js';
import { cleanLimit } from './clean-limit.js';
import type { SchedulerConfig } from './config.js';
import { predictionType, toClean } from './prediction.js';
import type { Scheduler } from './scheduler.js';
import { tooManySteps, withinTraining } from './spacing.js';
import { unscaled } from './unscaled.js';

const f = Math.fround;

/** Standard deviation of the data in the boundary condition (Song et al. 2023, consistency models, appendix C). */
const SIGMA_DATA = 0.5;

/** Stable Diffusion's betas, which latent consistency models were distilled from. */
const LCM_BETAS = { betaStart: 0.00085, betaEnd: 0.012, betaSchedule: 'scaled_linear' } as const;

/** Latent consistency models (Luo et al. 2023): each call predicts the clean sample; between calls it is noised again to the next level. */
export function lcm(config: SchedulerConfig, steps: number, options: { batch: number }): Scheduler {
  const alphas = cumulativeAlphas(config, LCM_BETAS, 0);
  const timesteps = distilledTimesteps(config, steps);
  withinTraining(config, timesteps, alphas.length);
  const type = predictionType(config, ['epsilon', 'sample', 'v_prediction']);
  const limit = cleanLimit(config, options.batch, false);
  const scaling = config.within('timestep_scaling', 10, 0, undefined, { open: true });
  let clean = new Float32Array(0);
  let fresh = new Float32Array(0);
  return {
    name: 'LCMScheduler',
    timesteps,
    initNoiseSigma: 1,
    predictionType: type,
    scaleModelInput: unscaled,
    step(model, i, sample, noise) {
      if (clean.length !== sample.length) clean = new Float32Array(sample.length);
      const alpha = alphas[timesteps[i]];
      toClean(type, sample, model, f(Math.sqrt(alpha)), f(Math.sqrt(f(1 - alpha))), clean);
      limit?.(clean);
      const scaled = f(timesteps[i] * scaling);
      const square = f(f(scaled * scaled) + SIGMA_DATA ** 2);
      const skip = f(SIGMA_DATA ** 2 / square);
      const out = f(scaled / f(Math.sqrt(square)));
      for (let j = 0; j < sample.length; j++) sample[j] = f(out * clean[j]) + f(skip * sample[j]);
      if (i === steps - 1) return;
      if (fresh.length !== sample.length) fresh = new Float32Array(sample.length);
      noise(fresh);
      const next = alphas[timesteps[i + 1]];
      const signal = f(Math.sqrt(next));
      const spread = f(Math.sqrt(f(1 - next)));
      for (let j = 0; j < sample.length; j++) sample[j] = f(signal * sample[j]) + f(spread * fresh[j]);
    },
  };
}

/** Evenly chosen from the `original_inference_steps` timesteps that the model was distilled at, descending, [steps]. */
function distilledTimesteps(config: SchedulerConfig, steps: number): number[] {
  const train = config.trainSteps();
  const original = config.integer('original_inference_steps', 50, 1);
  if (original > train)
    throw new UserError(
      `${config.file}: original_inference_steps: ${original} is more than num_train_timesteps (${train})`,
    );
  if (steps > original) throw tooManySteps(config, steps, original);
  const stride = Math.floor(train / original);
  return Array.from({ length: steps }, (_, i) => (original - Math.floor(i * (original / steps))) * stride - 1);
}
