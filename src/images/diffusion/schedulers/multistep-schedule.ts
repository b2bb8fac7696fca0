import { UserError } from '../../../errors.js';
import { betaSchedule, cumulativeAlphas, DDPM_BETAS, SMALLEST_ALPHA, trainingSigmas } from './betas.js';
import type { SchedulerConfig } from './config.js';
import { type NoiseLevel, noiseLevels } from './noise-level.js';
import {
  finalSigmasType,
  interpolate,
  luSigmas,
  shifted,
  shiftOf,
  sigmaSpread,
  stretched,
  terminalOf,
  timestepOf,
} from './sigmas.js';
import { linspace, roundHalfEven, spacedTimesteps, timestepSpacing } from './spacing.js';

/** What a multistep solver steps through: timesteps [steps] and noise levels [steps + 1]. */
export interface MultistepSchedule {
  timesteps: number[];
  levels: NoiseLevel[];
}

/** The schedule of DPMSolverMultistepScheduler. */
export function dpmSchedule(config: SchedulerConfig, steps: number): MultistepSchedule {
  const { alphas, sigmas: trained, logs } = training(config);
  const spread = sigmaSpread(config);
  // Timesteps from σ are whole numbers, except on the cosine schedule, whose σ are too far apart at the noisy end; all lose their fraction later.
  const rounded = betaSchedule(config, 'linear') !== 'squaredcos_cap_v2';
  let sigmas: number[];
  let timesteps: number[];
  if (spread?.flag === 'use_karras_sigmas' || config.flag('use_lu_lambdas', false)) {
    sigmas =
      spread?.flag === 'use_karras_sigmas'
        ? spread.spread(trained[trained.length - 1], trained[0], steps)
        : luSigmas(logs[logs.length - 1], logs[0], steps);
    timesteps = sigmas.map((sigma) => timestepOf(sigma, logs)).map((t) => (rounded ? roundHalfEven(t) : t));
  } else if (spread) {
    sigmas = spread.spread(trained[trained.length - 1], trained[0], steps);
    timesteps = sigmas.map((sigma) => timestepOf(sigma, logs));
  } else if (config.flag('use_flow_sigmas', false)) {
    const train = config.trainSteps();
    const shift = shiftOf(config, 'flow_shift');
    const ascending = linspace(1, 1 / train, steps + 1).map((alpha) => shifted(1 - alpha, shift));
    sigmas = ascending.reverse().slice(0, steps);
    timesteps = sigmas.map((s) => s * train);
  } else {
    const last = lastTimestep(config, alphas);
    timesteps = spacedTimesteps(config, timestepSpacing(config, 'linspace'), steps, {
      rounded: true,
      extra: true,
      last,
    });
    sigmas = timesteps.map((t) => interpolate(trained, t));
  }
  sigmas.push(finalSigmasType(config) === 'zero' ? 0 : trained[0]);
  return finished(config, timesteps, sigmas);
}

/** The schedule of UniPCMultistepScheduler. */
export function uniPcSchedule(config: SchedulerConfig, steps: number): MultistepSchedule {
  if (config.flag('use_dynamic_shifting', false))
    throw new UserError(`${config.file}: use_dynamic_shifting: not supported; set flow_shift instead`);
  const { sigmas: trained, logs } = training(config);
  const spread = sigmaSpread(config);
  const flowing = config.flag('use_flow_sigmas', false);
  let sigmas: number[];
  let timesteps: number[];
  let smallest = trained[0];
  if (spread) {
    sigmas = spread.spread(trained[trained.length - 1], trained[0], steps);
    const karras = spread.flag === 'use_karras_sigmas';
    if (karras && flowing) {
      sigmas = sigmas.map((s) => s / (s + 1));
      timesteps = sigmas.map((s) => s * config.trainSteps());
    } else {
      timesteps = sigmas.map((s) => timestepOf(s, logs));
      if (karras) timesteps = timesteps.map(roundHalfEven);
    }
    smallest = sigmas[sigmas.length - 1];
  } else if (flowing) {
    sigmas = uniPcFlow(config, steps);
    timesteps = sigmas.map((s) => s * config.trainSteps());
    smallest = sigmas[sigmas.length - 1];
  } else {
    timesteps = spacedTimesteps(config, timestepSpacing(config, 'linspace'), steps, { rounded: true, extra: true });
    sigmas = timesteps.map((t) => interpolate(trained, t));
  }
  sigmas.push(finalSigmasType(config) === 'zero' ? 0 : smallest);
  return finished(config, timesteps, sigmas);
}

function training(config: SchedulerConfig) {
  const alphas = cumulativeAlphas(config, DDPM_BETAS, SMALLEST_ALPHA);
  const sigmas = trainingSigmas(alphas);
  return { alphas, sigmas, logs: sigmas.map(Math.log) };
}

/** Rectified flow's levels from 1 down; UniPC's differ from DPM-Solver's in where they begin. */
function uniPcFlow(config: SchedulerConfig, steps: number): number[] {
  const train = config.trainSteps();
  const shift = shiftOf(config, 'flow_shift');
  let sigmas = linspace(1, 1 / train, steps + 1)
    .slice(0, steps)
    .map((s) => shifted(s, shift));
  const terminal = terminalOf(config);
  if (terminal) sigmas = stretched(sigmas, terminal);
  // Not quite pure noise: the signal's share is divided by.
  if (Math.abs(sigmas[0] - 1) < 1e-6) sigmas[0] -= 1e-6;
  return sigmas;
}

/** One more than the largest timestep whose λ is at least `lambda_min_clipped`. */
function lastTimestep(config: SchedulerConfig, alphas: Float32Array): number {
  const least = config.lowerBound('lambda_min_clipped');
  const f = Math.fround;
  let clipped = 0;
  for (let t = alphas.length - 1; t >= 0; t--, clipped++) {
    const lambda = f(f(Math.log(f(Math.sqrt(alphas[t])))) - f(Math.log(f(Math.sqrt(f(1 - alphas[t]))))));
    if (lambda >= least) break;
  }
  const last = config.trainSteps() - clipped;
  if (last < 1) throw config.wrong('lambda_min_clipped', 'one that leaves a timestep');
  return last;
}

function finished(config: SchedulerConfig, timesteps: number[], sigmas: number[]): MultistepSchedule {
  const flow = config.flag('use_flow_sigmas', false);
  if (flow && sigmas[0] > 1)
    throw new UserError(
      `${config.file}: use_flow_sigmas: does not go with the other spread of sigmas that is asked for`,
    );
  return { timesteps: timesteps.map(Math.trunc), levels: noiseLevels(Float32Array.from(sigmas), flow) };
}
