import { cumulativeAlphas, DDPM_BETAS } from './betas.js';
import { cleanLimit } from './clean-limit.js';
import type { SchedulerConfig } from './config.js';
import { predictionType, toClean, toNoise } from './prediction.js';
import type { Scheduler } from './scheduler.js';
import { spacedTimesteps, timestepSpacing, tooManySteps, withinTraining } from './spacing.js';
import { unscaled } from './unscaled.js';

const f = Math.fround;

/** Denoising diffusion implicit models (Song et al. 2020, eq. 12 and 16); `eta` 0 draws no noise, 1 is DDPM's. */
export function ddim(config: SchedulerConfig, steps: number, options: { batch: number; eta: number }): Scheduler {
  const alphas = cumulativeAlphas(config, DDPM_BETAS, 0);
  const train = config.trainSteps();
  if (steps > train) throw tooManySteps(config, steps, train);
  const timesteps = spacedTimesteps(config, timestepSpacing(config, 'leading'), steps, { rounded: true });
  withinTraining(config, timesteps, alphas.length);
  const type = predictionType(config, ['epsilon', 'sample', 'v_prediction']);
  const limit = cleanLimit(config, options.batch, true);
  const finalAlpha = config.flag('set_alpha_to_one', true) ? 1 : alphas[0];
  // Whatever the spacing, a step goes back by this many training steps.
  const stride = Math.floor(train / steps);
  const eta = f(options.eta);
  let clean = new Float32Array(0);
  let epsilon = new Float32Array(0);

  return {
    name: 'DDIMScheduler',
    timesteps,
    initNoiseSigma: 1,
    predictionType: type,
    scaleModelInput: unscaled,
    step(model, i, sample, noise) {
      if (clean.length !== sample.length) {
        clean = new Float32Array(sample.length);
        epsilon = new Float32Array(sample.length);
      }
      const previous = timesteps[i] - stride;
      const alpha = alphas[timesteps[i]];
      const alphaPrevious = previous >= 0 ? alphas[previous] : finalAlpha;
      const beta = f(1 - alpha);
      const betaPrevious = f(1 - alphaPrevious);
      const signal = f(Math.sqrt(alpha));
      const spread = f(Math.sqrt(beta));
      toClean(type, sample, model, signal, spread, clean);
      toNoise(type, sample, model, signal, spread, epsilon);
      limit?.(clean);
      const variance = f(f(betaPrevious / beta) * f(1 - f(alpha / alphaPrevious)));
      const fresh = f(eta * f(Math.sqrt(variance)));
      const towards = f(Math.sqrt(f(betaPrevious - f(fresh * fresh))));
      const signalPrevious = f(Math.sqrt(alphaPrevious));
      for (let j = 0; j < sample.length; j++) sample[j] = f(signalPrevious * clean[j]) + f(towards * epsilon[j]);
      if (eta === 0) return;
      noise(epsilon);
      for (let j = 0; j < sample.length; j++) sample[j] += f(fresh * epsilon[j]);
    },
  };
}
