import type { Settings } from '../config/schema.js';
import type { TrainerOptions } from '../runtime/start-trainer.js';
import type { StageHooks } from '../stage.js';

/** What the settings say of the executor of a training step. */
export function trainerSettings(s: Settings): TrainerOptions {
  const { provider, plugin, precision, attention, recompute, deterministic, devices, shard, threads } = s.runtime;
  const { accumulate } = s.optim;
  return { provider, plugin, precision, attention, recompute, deterministic, devices, shard, threads, accumulate };
}

const GIB = 2 ** 30;
/** Seconds between two lines while something is compiled. */
const PATIENCE = 10;

/** Says that something is compiled, for how long, and what the program needs. */
export function compiling(hooks: Pick<StageHooks, 'note'>): TrainerOptions['onCompile'] {
  return (what, seconds, done) => {
    if (!done) {
      if (Math.round(seconds) % PATIENCE === 0) hooks.note?.(`compiling the ${what}: ${seconds.toFixed(0)} s so far`);
      return;
    }
    const how = done.cached ? 'was compiled before' : `compiled in ${seconds.toFixed(1)} s`;
    const { memory } = done;
    const needs = memory ? `; it needs ${(memory.peak / GIB).toFixed(2)} GiB of each device` : '';
    hooks.note?.(`the ${what} ${how}${needs}`);
  };
}
