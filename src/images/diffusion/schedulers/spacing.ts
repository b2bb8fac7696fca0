import { UserError } from '../../../errors.js';
import { MOST_TIMESTEPS, type SchedulerConfig } from './config.js';

const f = Math.fround;

const SPACINGS = ['linspace', 'leading', 'trailing'] as const;
export type Spacing = (typeof SPACINGS)[number];

/** `timestep_spacing` of the config (Lin et al. 2023, table 2). */
export function timestepSpacing(config: SchedulerConfig, fallback: Spacing): Spacing {
  return config.choice('timestep_spacing', SPACINGS, fallback);
}

/**
 * The training timesteps to call the model at, descending, [steps] (fewer with trailing spacing and a smaller `last`).
 * @param last one more than the largest timestep that may be used (num_train_timesteps, or fewer where λ is clipped)
 * @param options.extra space one step more and leave the smallest out, as the multistep solvers do
 * @param options.rounded linspace's timesteps are integers
 */
export function spacedTimesteps(
  config: SchedulerConfig,
  spacing: Spacing,
  steps: number,
  options: { rounded: boolean; extra?: boolean; last?: number },
): number[] {
  const train = config.trainSteps();
  const { rounded, extra = false, last = train } = options;
  const points = extra ? steps + 1 : steps;
  switch (spacing) {
    case 'linspace': {
      const ascending = linspace(0, last - 1, points);
      return ascending
        .map((t) => (rounded ? roundHalfEven(t) : f(t)))
        .reverse()
        .slice(0, steps);
    }
    case 'leading': {
      const ratio = Math.floor(last / points);
      if (ratio === 0) throw tooManySteps(config, steps, train);
      const offset = config.integer('steps_offset', 0, 0, MOST_TIMESTEPS);
      return Array.from({ length: steps }, (_, i) => (points - 1 - i) * ratio + offset);
    }
    case 'trailing': {
      // NumPy's arange, the rounding of its stride included. Where the division leaves one element too many (t = −1), it is left out.
      const count = Math.min(steps, Math.ceil(last / (train / steps)));
      const stride = last - train / steps - last;
      return Array.from({ length: count }, (_, i) => roundHalfEven(last + i * stride) - 1);
    }
  }
}

/** Refuses timesteps that the training schedule does not have. */
export function withinTraining(config: SchedulerConfig, timesteps: readonly number[], count: number): void {
  const outside = timesteps.find((t) => t < 0 || t >= count);
  if (outside !== undefined)
    throw new UserError(
      `${config.file}: timestep ${outside} is outside the ${count} trained ones; see steps_offset, num_train_timesteps, trained_betas and the number of steps`,
    );
}

export function tooManySteps(config: SchedulerConfig, steps: number, most: number): UserError {
  return new UserError(`${config.file}: ${steps} steps are more than this schedule has (${most})`);
}

/** NumPy's linspace: `count` values from `start` to `end` in float64. */
export function linspace(start: number, end: number, count: number): number[] {
  const step = (end - start) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i > 0 && i === count - 1 ? end : i === 0 ? start : i * step + start));
}

/** torch's linspace: float32, counted from the nearer end, each operation rounded. */
export function linspaceFloat32(start: number, end: number, count: number): Float32Array {
  const from = f(start);
  const to = f(end);
  const step = count > 1 ? f(f(to - from) / (count - 1)) : 0;
  const half = count >> 1;
  return Float32Array.from({ length: count }, (_, i) =>
    i < half || count === 1 ? from + f(step * i) : to - f(step * (count - i - 1)),
  );
}

/** Python's and NumPy's round: halves go to the even neighbour. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
