import { cumulativeAlphas, DDPM_BETAS, SMALLEST_ALPHA, trainingSigmas } from './betas.js';
import type { SchedulerConfig } from './config.js';
import { predictionType, toCleanFromSigma } from './prediction.js';
import type { Scheduler } from './scheduler.js';
import { finalSigmasType, interpolate, sigmaSpread, timestepOf } from './sigmas.js';
import { linspaceFloat32, spacedTimesteps, timestepSpacing } from './spacing.js';

const f = Math.fround;

/** Euler's method on the probability-flow ODE in σ (Karras et al. 2022, algorithm 2 without churn). */
export function euler(config: SchedulerConfig, steps: number): Scheduler {
  const type = predictionType(config, ['epsilon', 'sample', 'v_prediction'], { original_sample: 'sample' });
  const { timesteps, sigmas } = eulerSchedule(config, steps);
  const continuous = config.choice('timestep_type', ['discrete', 'continuous'], 'discrete') === 'continuous';
  let clean = new Float32Array(0);
  return {
    name: 'EulerDiscreteScheduler',
    // The parametrisation of EDM-trained models (Karras et al. 2022, table 1: c_noise = ln σ / 4).
    timesteps:
      continuous && type === 'v_prediction' ? timesteps.map((_, i) => f(0.25 * f(Math.log(sigmas[i])))) : timesteps,
    initNoiseSigma: initialSigma(config, sigmas),
    predictionType: type,
    scaleModelInput: (sample, i, out) => scaleBySigma(sample, sigmas[i], out),
    step(model, i, sample) {
      if (clean.length !== sample.length) clean = new Float32Array(sample.length);
      const sigma = sigmas[i];
      toCleanFromSigma(type, sample, model, sigma, clean);
      const change = f(sigmas[i + 1] - sigma);
      for (let j = 0; j < sample.length; j++) sample[j] += f(f(f(sample[j] - clean[j]) / sigma) * change);
    },
  };
}

/** Scales x = x₀ + σ · ε to unit variance for unit-variance x₀. */
export function scaleBySigma(sample: Float32Array, sigma: number, out: Float32Array): void {
  const scale = f(Math.sqrt(f(f(sigma * sigma) + 1)));
  for (let j = 0; j < sample.length; j++) out[j] = sample[j] / scale;
}

/** Standard deviation of the initial latents: leading spacing does not begin at pure noise, so the data's own variance is added. */
export function initialSigma(config: SchedulerConfig, sigmas: Float32Array): number {
  const largest = sigmas.reduce((a, b) => Math.max(a, b));
  return timestepSpacing(config, 'linspace') === 'leading' ? f(Math.sqrt(f(f(largest * largest) + 1))) : largest;
}

/** Timesteps [steps] and noise levels [steps + 1 or more] of EulerDiscreteScheduler. */
function eulerSchedule(config: SchedulerConfig, steps: number): { timesteps: number[]; sigmas: Float32Array } {
  const trained = trainingSigmas(cumulativeAlphas(config, DDPM_BETAS, SMALLEST_ALPHA));
  const logs = trained.map(Math.log);
  let timesteps = spacedTimesteps(config, timestepSpacing(config, 'linspace'), steps, { rounded: false });
  const interpolation = config.choice('interpolation_type', ['linear', 'log_linear'], 'linear');
  let sigmas =
    interpolation === 'linear'
      ? timesteps.map((t) => interpolate(trained, t))
      : Array.from(linspaceFloat32(logs[logs.length - 1], logs[0], steps + 1), (log) => f(Math.exp(log)));
  const spread = sigmaSpread(config)?.spread;
  if (spread) {
    sigmas = spread(sigmas[0], sigmas[sigmas.length - 1], steps);
    timesteps = sigmas.map((sigma) => f(timestepOf(sigma, logs)));
  }
  sigmas.push(finalSigmasType(config) === 'zero' ? 0 : trained[0]);
  return { timesteps, sigmas: Float32Array.from(sigmas) };
}
