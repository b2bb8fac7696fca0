import { betaQuantile } from './beta-quantile.js';
import type { SchedulerConfig } from './config.js';
import { linspace } from './spacing.js';

/** The ways to spread noise levels between the largest and the smallest; the flags exclude one another. */
const SPREADS = {
  use_karras_sigmas: karras,
  use_exponential_sigmas: exponential,
  use_beta_sigmas: betaSpread,
} as const;
export type SigmaSpread = (largest: number, smallest: number, steps: number) => number[];

/**
 * The spread that the config's flags ask for, with its flag; undefined for the timesteps' own noise levels. `sigma_max` and `sigma_min` of the config
 * come before the ends that the scheduler gives, in every class: diffusers keeps them of any file that it loads.
 */
export function sigmaSpread(config: SchedulerConfig): { flag: keyof typeof SPREADS; spread: SigmaSpread } | undefined {
  const flags = Object.keys(SPREADS) as (keyof typeof SPREADS)[];
  config.exclusive(flags);
  const flag = flags.find((key) => config.flag(key, false));
  if (!flag) return undefined;
  const most = config.optionalWithin('sigma_max', 0, undefined, { open: true });
  // Of a smallest level of 0 there is no logarithm, nor a step away from it.
  const least = config.optionalWithin('sigma_min', 0, undefined, { open: true });
  if (most !== undefined && least !== undefined && least >= most)
    throw config.wrong('sigma_min', `less than sigma_max (${most})`);
  const ends: SigmaSpread = (largest, smallest, steps) => {
    const [from, to] = [most ?? largest, least ?? smallest];
    if (least !== undefined && to >= from) throw config.wrong('sigma_min', `less than the largest level (${from})`);
    if (most !== undefined && to >= from) throw config.wrong('sigma_max', `more than the smallest level (${to})`);
    return SPREADS[flag](from, to, steps);
  };
  return { flag, spread: ends };
}

/** Karras et al. (2022), eq. 5 with ρ = 7. */
function karras(largest: number, smallest: number, steps: number): number[] {
  const rho = 7;
  const from = largest ** (1 / rho);
  const to = smallest ** (1 / rho);
  return linspace(0, 1, steps).map((ramp) => (from + ramp * (to - from)) ** rho);
}

/** Evenly in log σ. */
function exponential(largest: number, smallest: number, steps: number): number[] {
  return linspace(Math.log(largest), Math.log(smallest), steps).map(Math.exp);
}

/** At the quantiles of a Beta(0.6, 0.6) distribution: dense at both ends (Lee et al. 2024). */
function betaSpread(largest: number, smallest: number, steps: number): number[] {
  return linspace(0, 1, steps).map((ramp) => smallest + betaQuantile(1 - ramp) * (largest - smallest));
}

/** Evenly in λ = −log σ (Lu et al. 2022, section 3.4), from the logarithms of the largest and the smallest σ. */
export function luSigmas(logLargest: number, logSmallest: number, steps: number): number[] {
  return linspace(0, 1, steps).map((ramp) => Math.exp(logLargest + ramp * (logSmallest - logLargest)));
}

/** Moves rectified flow's noise levels in (0, 1) towards noise (Esser et al. 2024, section 5.3.2). */
export function shifted(sigma: number, shift: number): number {
  return (shift * sigma) / (1 + (shift - 1) * sigma);
}

/** Stretches descending noise levels so that the last is `terminal` and 1 stays (LTX-Video). */
export function stretched(sigmas: readonly number[], terminal: number): number[] {
  const scale = (1 - sigmas[sigmas.length - 1]) / (1 - terminal);
  return sigmas.map((sigma) => 1 - (1 - sigma) / scale);
}

/** Noise level at a training timestep, linear between neighbours and flat beyond the ends. */
export function interpolate(sigmas: Float32Array, timestep: number): number {
  const last = sigmas.length - 1;
  if (timestep <= 0) return sigmas[0];
  if (timestep >= last) return sigmas[last];
  const below = Math.floor(timestep);
  return (sigmas[below + 1] - sigmas[below]) * (timestep - below) + sigmas[below];
}

/** The (fractional) training timestep of a noise level, linear in log σ: the inverse of the training schedule. */
export function timestepOf(sigma: number, logSigmas: Float32Array): number {
  const log = Math.log(Math.max(sigma, 1e-10));
  let below = 0;
  for (let i = logSigmas.length - 1; i > 0; i--)
    if (logSigmas[i] <= log) {
      below = i;
      break;
    }
  below = Math.max(0, Math.min(below, logSigmas.length - 2));
  const low = logSigmas[below];
  const high = logSigmas[below + 1];
  const weight = Math.min(Math.max((low - log) / (low - high), 0), 1);
  return (1 - weight) * below + weight * (below + 1);
}

/** How far flow's levels are moved: `shift` or `flow_shift`. */
export function shiftOf(config: SchedulerConfig, key: string): number {
  return config.within(key, 1, 0, undefined, { open: true });
}

/** `shift_terminal`, where it is asked for: 0 counts as no. */
export function terminalOf(config: SchedulerConfig): number | undefined {
  const terminal = config.optionalNumber('shift_terminal');
  return terminal === 0 ? undefined : config.optionalWithin('shift_terminal', 0, 1, { open: true });
}

const FINAL_SIGMAS = ['zero', 'sigma_min'] as const;

/** `final_sigmas_type`: where the last step ends. */
export function finalSigmasType(config: SchedulerConfig): (typeof FINAL_SIGMAS)[number] {
  return config.choice('final_sigmas_type', FINAL_SIGMAS, 'zero');
}
