import type { Scene as Place } from '../../../captions/lexicon.js';
import type { Pen } from '../pen.js';

/** What surrounds the things: drawn in the unit square, y down. */
export interface Surroundings {
  place: Place;
  /** Height of the horizon, 0 top … 1 bottom. */
  horizon: number;
  time: 'dawn' | 'day' | 'sunset' | 'dusk' | 'night';
  weather: 'sun' | 'cloud' | 'rain' | 'snow' | 'fog' | 'storm' | 'wind';
  /** A number of the background's own, 0…1: the same in all images of a caption. */
  t(name: string): number;
}

/** Paints a place over the whole unit square. */
export type PaintPlace = (pen: Pen, s: Surroundings) => void;

/** Centre and half extents of the whole picture. */
export const all = [0.5, 0.5, 0.5, 0.5] as const;
