import { MOST_TIMESTEPS, type SchedulerConfig } from './config.js';
import { linspaceFloat32 } from './spacing.js';

const f = Math.fround;

/** What the last cumulative alpha becomes after the zero-SNR rescale in the classes that divide by it (2^-24, half precision's smallest number). */
export const SMALLEST_ALPHA = 2 ** -24;

/**
 * Cumulative products of 1 − β, [num_train_timesteps], from the config's betas, rounded where torch rounds: betas in float32, the running product in
 * float64 and each of its values stored in float32.
 * @param terminal the last value after `rescale_betas_zero_snr`; undefined for classes that have no such setting
 */
export function cumulativeAlphas(
  config: SchedulerConfig,
  defaults: { betaStart: number; betaEnd: number; betaSchedule: BetaSchedule },
  terminal?: number,
): Float32Array {
  let betas = trainingBetas(config, defaults);
  const rescale = terminal !== undefined && config.flag('rescale_betas_zero_snr', false);
  if (rescale) betas = zeroTerminalSnr(betas);
  const alphas = cumulativeProduct(betas);
  if (rescale && terminal > 0) alphas[alphas.length - 1] = terminal;
  return alphas;
}

/** The noise levels √((1 − ᾱ) / ᾱ) of all training timesteps, ascending, [num_train_timesteps]. */
export function trainingSigmas(alphas: Float32Array): Float32Array {
  return alphas.map((a) => f(Math.sqrt(f(f(1 - a) / a))));
}

const BETA_SCHEDULES = ['linear', 'scaled_linear', 'squaredcos_cap_v2'] as const;
export type BetaSchedule = (typeof BETA_SCHEDULES)[number];

/** The defaults of all classes but LCM's. */
export const DDPM_BETAS = { betaStart: 0.0001, betaEnd: 0.02, betaSchedule: 'linear' } as const;

/** `beta_schedule` of the config. */
export function betaSchedule(config: SchedulerConfig, fallback: BetaSchedule): BetaSchedule {
  return config.choice('beta_schedule', BETA_SCHEDULES, fallback);
}

function trainingBetas(
  config: SchedulerConfig,
  defaults: { betaStart: number; betaEnd: number; betaSchedule: BetaSchedule },
): Float32Array {
  const trained = config.numbers('trained_betas');
  if (trained?.length) {
    if (trained.length > MOST_TIMESTEPS || trained.some((b) => !(b >= 0 && b <= 1)))
      throw config.wrong('trained_betas', `a list of at most ${MOST_TIMESTEPS} numbers between 0 and 1`);
    return Float32Array.from(trained);
  }
  const count = config.trainSteps();
  // Outside, square roots of negative numbers would paint black images.
  const start = config.within('beta_start', defaults.betaStart, 0, 1);
  const end = config.within('beta_end', defaults.betaEnd, 0, 1);
  switch (betaSchedule(config, defaults.betaSchedule)) {
    case 'linear':
      return linspaceFloat32(start, end, count);
    case 'scaled_linear':
      return linspaceFloat32(Math.sqrt(start), Math.sqrt(end), count).map((b) => b * b);
    case 'squaredcos_cap_v2':
      return Float32Array.from({ length: count }, (_, i) =>
        Math.min(1 - cosineAlpha((i + 1) / count) / cosineAlpha(i / count), 0.999),
      );
  }
}

/** ᾱ(t) of the cosine schedule (Nichol & Dhariwal 2021, eq. 17), t in [0, 1]. */
function cosineAlpha(t: number): number {
  return Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2;
}

/** Shifts and scales √ᾱ so that the last is 0 and the first stays (Lin et al. 2023, algorithm 1). */
function zeroTerminalSnr(betas: Float32Array): Float32Array {
  const root = cumulativeProduct(betas).map(Math.sqrt);
  const first = root[0];
  const last = root[root.length - 1];
  const scale = f(first / f(first - last));
  const bar = root.map((r) => f(f(r - last) * scale) ** 2);
  return bar.map((a, i) => 1 - (i === 0 ? a : f(a / bar[i - 1])));
}

function cumulativeProduct(betas: Float32Array): Float32Array {
  let product = 1;
  return betas.map((b) => (product *= f(1 - b)));
}
