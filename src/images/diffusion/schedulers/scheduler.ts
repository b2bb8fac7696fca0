import { UserError } from '../../../errors.js';
import { SchedulerConfig } from './config.js';
import { ddim } from './ddim.js';
import { dpmSolver } from './dpm-solver.js';
import { euler } from './euler.js';
import { eulerAncestral } from './euler-ancestral.js';
import { flowMatchEuler } from './flow-match-euler.js';
import { lcm } from './lcm.js';
import { pndm } from './pndm.js';
import type { PredictionType } from './prediction.js';
import { rehearse } from './rehearsal.js';
import { uniPc } from './unipc.js';

/** Turns model outputs into latents, call by call. Holds what multistep methods remember: one object a trajectory of a batch of images. */
export interface Scheduler {
  /** The class of diffusers, as `DDIMScheduler`. */
  readonly name: string;
  /** What the model is called with, one entry a call (PNDM's warm-up repeats some). */
  readonly timesteps: readonly number[];
  /** Standard deviation of the initial noise. */
  readonly initNoiseSigma: number;
  readonly predictionType: PredictionType;
  /** Scales the latents before call i into `out` (which may be `sample` itself). */
  scaleModelInput(sample: Float32Array, i: number, out: Float32Array): void;
  /**
   * From the model output of call i (guidance already applied) and the latents to the next latents, in place in `sample`. Calls come in order from 0.
   * @param noise fills an array of the latents' length with standard normal values; called only by schedulers that draw
   */
  step(modelOutput: Float32Array, i: number, sample: Float32Array, noise: (out: Float32Array) => void): void;
}

export interface SchedulerOptions {
  /** For messages. */
  file?: string;
  /** Another class over the same settings, as diffusers' `from_config`: a full or a short name. */
  className?: string;
  /** Images in a sample [batch, …]; dynamic thresholding takes each image's own threshold. Default 1. */
  batch?: number;
  /** DDIM's share of fresh noise, 0 (default) to 1. */
  eta?: number;
  /** Rectified flow: a transformer's tokens an image, by which `use_dynamic_shifting` moves the levels. */
  imageTokens?: number;
  /** Rectified flow: n levels from 1 to 1/n, as FLUX's pipeline has them; default: to 1/`num_train_timesteps`. */
  evenLevels?: boolean;
}

/** What a run asks of a scheduler. */
export interface SchedulerRun {
  batch: number;
  eta: number;
  imageTokens: number | undefined;
  evenLevels: boolean;
}

export type MakeScheduler = (config: SchedulerConfig, steps: number, options: SchedulerRun) => Scheduler;

/** Class name, short name, maker; a new scheduler is a line here. */
const SCHEDULERS: readonly (readonly [string, string, MakeScheduler])[] = [
  ['DDIMScheduler', 'ddim', ddim],
  ['PNDMScheduler', 'pndm', pndm],
  ['EulerDiscreteScheduler', 'euler', euler],
  ['EulerAncestralDiscreteScheduler', 'euler-ancestral', eulerAncestral],
  ['DPMSolverMultistepScheduler', 'dpm++', dpmSolver],
  ['UniPCMultistepScheduler', 'unipc', uniPc],
  ['LCMScheduler', 'lcm', lcm],
  ['FlowMatchEulerDiscreteScheduler', 'flow-euler', flowMatchEuler],
];

/** Class names of diffusers that `createScheduler` knows. */
export const SCHEDULER_NAMES: readonly string[] = SCHEDULERS.map(([name]) => name);

/** Short names that `className` may also be. */
export const SCHEDULER_SHORT_NAMES: readonly string[] = SCHEDULERS.map(([, short]) => short);

/**
 * The scheduler that a parsed `scheduler_config.json` describes.
 * @param steps denoising steps
 * @throws UserError naming file, key, value and choices
 */
export function createScheduler(config: unknown, steps: number, options: SchedulerOptions = {}): Scheduler {
  const settings = new SchedulerConfig(config, options.file ?? 'scheduler_config.json');
  const name = options.className ?? settings.className;
  const found = SCHEDULERS.find(([full, short]) => name === full || name === short);
  if (!found)
    throw new UserError(
      `${settings.file}: ${name === undefined ? 'no _class_name' : `unknown scheduler "${name}"`}; valid: ${SCHEDULER_NAMES.join(', ')}`,
    );
  if (!Number.isInteger(steps) || steps < 1)
    throw new UserError(`denoising steps: ${steps} is not an integer of 1 or more`);
  const { batch = 1, eta = 0, imageTokens, evenLevels = false } = options;
  if (!(eta >= 0 && eta <= 1)) throw new UserError(`eta: ${eta} is not between 0 and 1`);
  if (!Number.isInteger(batch) || batch < 1) throw new Error(`internal: a scheduler for a batch of ${batch}`);
  const make = () => found[2](settings, steps, { batch, eta, imageTokens, evenLevels });
  const seen = rehearsed.get(config as object) ?? new Set();
  const key = JSON.stringify([name, settings.file, steps, batch, eta, imageTokens, evenLevels]);
  if (!seen.has(key)) {
    rehearse(make(), settings, batch);
    rehearsed.set(config as object, seen.add(key));
  }
  return guarded(make(), batch);
}

/** What each config was rehearsed with: every image has a scheduler of its own, made from the same settings. */
const rehearsed = new WeakMap<object, Set<string>>();

/** Calls that no scheduler can answer are faults of the caller's: arrays of other sizes, calls out of order. */
function guarded(scheduler: Scheduler, batch: number): Scheduler {
  let next = 0;
  return {
    ...scheduler,
    step(modelOutput, i, sample, noise) {
      if (i !== next || i >= scheduler.timesteps.length)
        throw new Error(`internal: step ${i} of ${scheduler.timesteps.length}, expected ${next}`);
      if (modelOutput.length !== sample.length || sample.length % batch !== 0)
        throw new Error(`internal: ${modelOutput.length} outputs for ${sample.length} latents of ${batch} images`);
      next++;
      scheduler.step(modelOutput, i, sample, noise);
    },
  };
}
