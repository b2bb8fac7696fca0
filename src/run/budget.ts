import { checkSettings, getPath } from '../config/resolve.js';
import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';

/** What was measured before a run with a time budget begins; all in seconds. */
export interface Rates {
  /** Until the first caption is written. */
  before: number;
  /** Writing so many captions, and painting their images. */
  making(captions: number): number;
  /** Training of so many updates on so many captions. */
  training(steps: number, captions: number): number;
  /** Probes, export and report. */
  after: number;
}

export interface Fit {
  /** Settings by dotted path. */
  chosen: Record<string, number>;
  /** What the run will take. */
  seconds: number;
}

/** Settings that are counted in steps, and stay at the same part of the run. */
const IN_STEPS = [
  'optim.warmup',
  'learn.teacherTemperatureSteps',
  'train.checkpointEvery',
  'train.healthEvery',
] as const;
/** Of fewer updates nothing is learned, and of fewer batches' worth of captions only these. */
const LEAST_STEPS = 50;
const LEAST_BATCHES = 4;
/** Longer than so many times the settings nobody knows what they are worth. */
const MOST = 1000;

/**
 * Fits a run's length to a time: as many captions and steps as there is time for, in the proportion of the settings, with what is counted
 * in steps stretched alike.
 * @param s settings of a run of the usual length
 * @param seconds time for all that the rates speak of
 * @param kept settings by dotted path that stay as they are
 * @param o late: where there is too little time, the smallest run is taken nevertheless
 * @throws UserError where the smallest run that learns anything takes longer, saying how long
 */
export function fitBudget(
  s: Settings,
  seconds: number,
  rates: Rates,
  kept: ReadonlySet<string>,
  o: { late?: boolean } = {},
): Fit {
  const { count } = s.captions;
  const { steps, captionsPerBatch } = s.train;
  const freeCaptions = !kept.has('captions.count');
  const freeSteps = !kept.has('train.steps');
  if (!freeCaptions && !freeSteps)
    throw new UserError(
      '--minutes has nothing to fit where captions.count and train.steps are both given: leave one away',
    );
  const at = (x: number) => ({
    captions: freeCaptions ? Math.max(1, Math.floor(x * count)) : count,
    steps: freeSteps ? Math.max(1, Math.floor(x * steps)) : steps,
  });
  const cost = (x: number) => {
    const now = at(x);
    return rates.before + rates.making(now.captions) + rates.training(now.steps, now.captions) + rates.after;
  };
  const least = Math.max(
    freeSteps ? Math.min(1, LEAST_STEPS / steps) : 0,
    freeCaptions ? Math.min(1, (LEAST_BATCHES * captionsPerBatch) / count) : 0,
  );
  // Rounded down, the least would be less.
  let low = least * (1 + 1e-9);
  let high = MOST;
  if (cost(low) > seconds && !o.late) {
    const { captions, steps: updates } = at(low);
    const minutes = Math.ceil((cost(low) / 60) * 10) / 10;
    throw new UserError(
      `--minutes is too little: the least that learns anything (${captions} captions, ${updates} steps) takes about ${minutes} minutes on this machine`,
    );
  }
  if (cost(low) > seconds) high = low;
  if (cost(high) <= seconds) low = high;
  for (let i = 0; i < 60 && low < high; i++) {
    const middle = (low + high) / 2;
    if (cost(middle) <= seconds) low = middle;
    else high = middle;
  }
  const found = at(low);
  const chosen: Record<string, number> = {};
  if (freeCaptions) chosen['captions.count'] = found.captions;
  if (freeSteps) Object.assign(chosen, { 'train.steps': found.steps }, inSteps(s, found.steps, kept));
  return { chosen, seconds: cost(low) };
}

/** What is counted in steps, for a training of so many. */
export function inSteps(s: Settings, steps: number, kept: ReadonlySet<string> = new Set()): Record<string, number> {
  const out: Record<string, number> = {};
  for (const path of IN_STEPS) {
    const before = getPath(s, path) as number;
    if (!kept.has(path) && before > 0) out[path] = Math.max(1, Math.round((before * steps) / s.train.steps));
  }
  return out;
}

/** Settings with other values at some dotted paths. @throws UserError where they do not fit together */
export function withChosen(s: Settings, chosen: Readonly<Record<string, number>>): Settings {
  const copy = structuredClone(s) as unknown as Record<string, Record<string, number>>;
  for (const [path, value] of Object.entries(chosen)) {
    const [group, name] = path.split('.');
    copy[group][name] = value;
  }
  return checkSettings(copy);
}
