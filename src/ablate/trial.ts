import { existsSync } from 'node:fs';
import type { Settings } from '../config/schema.js';
import { train } from '../learn/train.js';
import { inSteps, withChosen } from '../run/budget.js';
import type { StageHooks } from '../stage.js';

/** Steps of a trial, and those at its beginning that are not timed. */
const STEPS = 16;
const WARM = 6;

/**
 * How many steps of a training fit into a time on this machine: some are done in a folder of their own, and timed.
 * @param seconds of training alone
 */
export async function stepsFor(
  seconds: number,
  o: { settings: Settings; dir: string; corpus: string; hooks: StageHooks },
): Promise<number> {
  const settings = withChosen(o.settings, { 'train.steps': STEPS, ...inSteps(o.settings, STEPS) });
  const at = new Map<number, number>();
  const hooks: StageHooks = { ...o.hooks, progress: ({ done }) => at.set(done, performance.now()) };
  // A trial that was made before, and ended: it is not timed again, but made anew in the next folder.
  let dir = o.dir;
  for (let again = 2; existsSync(dir); again++) dir = `${o.dir}-${again}`;
  await train({ settings, dir, corpus: o.corpus, hooks });
  const [first, last] = [at.get(WARM), at.get(STEPS)];
  const each = first !== undefined && last !== undefined ? (last - first) / (STEPS - WARM) / 1000 : 1;
  return Math.max(STEPS, Math.floor(seconds / each));
}
