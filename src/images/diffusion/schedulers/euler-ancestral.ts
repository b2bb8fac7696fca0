import { cumulativeAlphas, DDPM_BETAS, SMALLEST_ALPHA, trainingSigmas } from './betas.js';
import type { SchedulerConfig } from './config.js';
import { initialSigma, scaleBySigma } from './euler.js';
import { predictionType, toCleanFromSigma } from './prediction.js';
import type { Scheduler } from './scheduler.js';
import { interpolate } from './sigmas.js';
import { spacedTimesteps, timestepSpacing } from './spacing.js';

const f = Math.fround;

/** Euler's method with ancestral noise: each step goes further down than asked and noise brings it up again (k-diffusion, Crowson). */
export function eulerAncestral(config: SchedulerConfig, steps: number): Scheduler {
  const trained = trainingSigmas(cumulativeAlphas(config, DDPM_BETAS, SMALLEST_ALPHA));
  const timesteps = spacedTimesteps(config, timestepSpacing(config, 'linspace'), steps, { rounded: false });
  const sigmas = Float32Array.from([...timesteps.map((t) => interpolate(trained, t)), 0]);
  const type = predictionType(config, ['epsilon', 'v_prediction']);
  let clean = new Float32Array(0);
  return {
    name: 'EulerAncestralDiscreteScheduler',
    timesteps,
    initNoiseSigma: initialSigma(config, sigmas),
    predictionType: type,
    scaleModelInput: (sample, i, out) => scaleBySigma(sample, sigmas[i], out),
    step(model, i, sample, noise) {
      if (clean.length !== sample.length) clean = new Float32Array(sample.length);
      const from = sigmas[i];
      const to = sigmas[i + 1];
      toCleanFromSigma(type, sample, model, from, clean);
      const to2 = f(to * to);
      const from2 = f(from * from);
      const up = f(Math.sqrt(f(f(to2 * f(from2 - to2)) / from2)));
      const down = f(Math.sqrt(f(to2 - f(up * up))));
      const change = f(down - from);
      for (let j = 0; j < sample.length; j++) sample[j] += f(f(f(sample[j] - clean[j]) / from) * change);
      noise(clean);
      for (let j = 0; j < sample.length; j++) sample[j] += f(clean[j] * up);
    },
  };
}
