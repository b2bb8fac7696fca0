import type { Rng } from '../../rng.js';
import type { Rgb } from './colour.js';
import type { Pen, Surface } from './pen.js';

/** How one instance of a concept looks: what is the concept's (traits, the same in all its images) and what is the instance's (pose, jitter). */
export interface Look {
  /** A trait of the concept, uniform in 0…1; like concepts have like traits. */
  t(name: string): number;
  /** A trait between two values, with a little play from instance to instance. */
  between(name: string, low: number, high: number): number;
  /** One of the options, the concept's own. */
  choose<T>(name: string, options: readonly T[]): T;
  main: Surface;
  second: Surface;
  third: Surface;
  dark: Surface;
  /** Marks on the coat, hide or body work. */
  pattern: 'plain' | 'spots' | 'stripes' | 'patches' | 'belly' | 'bands';
  /** What the caption itself says; the rest of the look is the concept's own choice. */
  told: { readonly colour?: string; readonly material?: string; readonly pattern?: string };
  /** The instance's own randomness. */
  rng: Rng;
  view: 'side' | 'quarter' | 'front' | 'top';
  /** Words of the caption that describe the subject's action, e.g. `flying`. */
  acts: ReadonlySet<string>;
}

/**
 * A body plan: draws one instance, facing right, in the square −1…1, standing on y = 1 (or centred, if it floats or flies).
 */
export type Plan = (pen: Pen, look: Look) => void;

/** The same surface in another colour. */
export const coloured = (s: Surface, colour: Rgb): Surface => ({ ...s, colour });
