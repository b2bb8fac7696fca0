import { differingSettings } from './resolve.js';
import type { Settings } from './schema.js';

/** Groups of settings that training rests on, beside the seed and what its images were made with. */
export const LEARNING: readonly string[] = ['views', 'model', 'learn', 'optim', 'train'];

/** In those groups, but without influence on what is learned. */
export const WITHOUT_INFLUENCE: ReadonlySet<string> = new Set([
  'train.checkpointEvery',
  'train.keepCheckpoints',
  'train.healthEvery',
  // What skips ends where what stops does not: no two results differ by it.
  'train.nonFinite',
]);

/** Dotted paths of the settings by which two runs would learn otherwise from the same images. */
export const differentlyLearned = (a: Settings, b: Settings): string[] =>
  differingSettings(a, b).filter(
    (path) => (path === 'seed' || LEARNING.includes(path.split('.')[0])) && !WITHOUT_INFLUENCE.has(path),
  );
