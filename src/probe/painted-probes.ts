import { loadConceptBank } from '../concepts/bank.js';
import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import type { StageHooks } from '../stage.js';
import { type HeldOutPlan, heldOutPlan, paintHeldOut } from './heldout.js';
import { isForeign, type Named, namedIn } from './named.js';
import { type OwnPlan, ownPlan, paintOwnConcepts } from './own-concepts.js';
import type { PaintHooks } from './painted-set.js';

/** Names of the painted probes in tables. */
export const OWN = 'own-concepts';
export const HELD_OUT = 'held-out';

/** What a run paints to measure itself, and what it cannot. */
export interface PaintedProbes {
  own: OwnPlan;
  heldOut: HeldOutPlan;
}

/** Plans of both painted probes. @param named what the run's captions name */
async function plans(settings: Settings, dir: string, named?: Named): Promise<PaintedProbes & { bank: Bank }> {
  const bank = await loadConceptBank(settings);
  if (isForeign(dir)) {
    const none = { none: 'the run’s images were made elsewhere (--corpus): which concepts they show is not known' };
    return { own: none, heldOut: none, bank };
  }
  if (settings.captions.source !== '' && settings.concepts.source === 'wordnet') {
    const none = {
      none: 'the run’s captions are your own (captions.source): which concepts to tell apart is not known (name them with --concepts)',
    };
    return { own: none, heldOut: none, bank };
  }
  return { own: ownPlan(settings, bank, named), heldOut: heldOutPlan(settings, bank, named), bank };
}
type Bank = Awaited<ReturnType<typeof loadConceptBank>>;

/** What the painted probes will be, before anything is painted. */
export async function plannedProbes(settings: Settings, dir: string): Promise<PaintedProbes> {
  return plans(settings, dir, await namedIn(dir).catch(() => undefined));
}

/** A painted data set that is ready to be read. */
export interface PaintedReady {
  name: typeof OWN | typeof HELD_OUT;
  folder: string;
}

/**
 * Paints the data sets of a run's own probes, or takes them as they are.
 * @returns those that there are, and in a line each why another is not
 * @throws UserError where their folders hold anything that synclr did not put there; Interrupted
 */
export async function paintProbes(
  settings: Settings,
  dir: string,
  hooks: StageHooks,
): Promise<{ ready: PaintedReady[]; missing: { name: string; why: string }[] }> {
  const named = await namedIn(dir).catch((e) => {
    if (!(e instanceof UserError)) throw e;
    hooks.warn(`${e.message}; probes are painted without a look at the run's captions`);
    return undefined;
  });
  const { own, heldOut, bank } = await plans(settings, dir, named);
  const total = [own, heldOut].reduce((sum, p) => sum + ('none' in p ? 0 : p.images), 0);
  let painted = 0;
  const painting: PaintHooks = {
    signal: hooks.signal,
    painted(images) {
      painted += images;
      hooks.progress({ stage: 'eval', done: painted, total, before: 0, unit: 'images painted' });
    },
  };
  const ready: PaintedReady[] = [];
  const missing: { name: string; why: string }[] = [];
  // Whoever wants no such probe need not hear that there is none.
  const { ownClasses, heldOutClasses } = settings.probe;
  if ('none' in own) {
    if (ownClasses > 0) missing.push({ name: OWN, why: own.none });
  } else ready.push({ name: OWN, folder: await paintOwnConcepts(settings, dir, bank, own, named, painting) });
  if ('none' in heldOut) {
    if (heldOutClasses > 0) missing.push({ name: HELD_OUT, why: heldOut.none });
  } else ready.push({ name: HELD_OUT, folder: await paintHeldOut(settings, dir, bank, heldOut.classes, painting) });
  return { ready, missing };
}
