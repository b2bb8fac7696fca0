import { UserError } from '../../../errors.js';
import type { SchedulerConfig } from './config.js';
import type { Scheduler } from './scheduler.js';

/** Values of an image in a rehearsal. */
const VALUES = [1, -0.5, 0.25, 2];

/**
 * Goes through all steps with four numbers in place of latents and a well-behaved model. Whatever combination of settings leads to values that are
 * no numbers is found here, before hours of painting.
 * @throws UserError naming the file, the step and the keys that are set
 */
export function rehearse(scheduler: Scheduler, config: SchedulerConfig, batch: number): void {
  const refused = (what: string) =>
    new UserError(
      `${config.file}: with these settings ${what} of ${scheduler.name}; see ${config.keys.join(', ') || 'its defaults'}`,
    );
  const { timesteps, initNoiseSigma } = scheduler;
  if (timesteps.length === 0) throw refused('there is no step');
  if (!Number.isFinite(initNoiseSigma)) throw refused('the noise at the start is no number');
  if (initNoiseSigma < 0) throw refused('the noise at the start is negative');
  if (!timesteps.every(Number.isFinite)) throw refused('a timestep is no number');
  const sample = Float32Array.from({ length: batch * VALUES.length }, (_, i) => VALUES[i % VALUES.length]);
  for (let i = 0; i < sample.length; i++) sample[i] *= initNoiseSigma;
  const input = new Float32Array(sample.length);
  for (let i = 0; i < timesteps.length; i++) {
    scheduler.scaleModelInput(sample, i, input);
    const output = input.map((x) => x / 2);
    scheduler.step(output, i, sample, (out) => out.fill(0.5));
    if (!input.every(Number.isFinite) || !sample.every(Number.isFinite))
      throw refused(`latents become values that are no numbers at step ${i + 1} of ${timesteps.length}`);
  }
}
