import type { Scene } from '../concepts/gazetteer.js';
import type { Rng } from '../rng.js';
import { TIMES, WEATHER } from './lexicon.js';

/** Light, time of day, weather and camera, as phrases that may follow a scene; each fits the stage it is asked for. */

/** What can happen at a background: decides verbs, light and weather. */
export type Stage = 'open' | 'water' | 'underwater' | 'air' | 'surface' | 'indoor' | 'studio' | 'nowhere';

const TIME_PHRASES = Object.keys(TIMES);
const WEATHER_PHRASES = Object.keys(WEATHER);
const MILD = WEATHER_PHRASES.filter((w) => !/snow/.test(w));
const COLD = WEATHER_PHRASES.filter((w) => !/summer|rain|drizzle|downpour|thunder/.test(w));
const DRY = WEATHER_PHRASES.filter((w) => !/snow|rain|drizzle|downpour|fog|mist/.test(w));

const split = (list: string) => list.split(', ');
const OUTDOOR_LIGHT = split(
  'in soft morning light, in warm evening light, in golden light, in dappled sunlight, in harsh midday light, in bright sunlight, in long shadows, backlit by the low sun, under a pink sky, under a pale sky, under a cloudy sky, under an orange sky, in the last light of the day, in cool blue light, as the sun sets, as the sun rises, as clouds gather, under a starry sky',
);
const INDOOR_LIGHT = split(
  'in soft window light, in dim light, under bright lights, by candlelight, in warm lamplight, in a beam of sunlight, in cool fluorescent light, in deep shadow, in soft natural light, in the glow of a lamp, in morning light from a window, lit from one side, in low light, under a single spotlight',
);
const STUDIO_LIGHT = split(
  'in soft studio light, with soft shadows, under harsh flash light, lit from above, lit from one side, in dramatic lighting, in even light, with a hard shadow',
);
const UNDERWATER_LIGHT = split(
  'in clear blue water, in murky green water, in shafts of sunlight, in dim light, in sunlit water, surrounded by bubbles, in deep blue light, in cloudy water, in clear turquoise water',
);
const AIR_LIGHT = split(
  'at sunset, at dawn, in bright sunlight, in golden light, under heavy clouds, on a sunny day, on a windy day, at dusk, against the sun, in hazy light',
);

const EVERY_VIEW = split(
  'seen from above, filling the frame, in the foreground, partly out of frame, slightly out of focus, with a blurred background, half in shadow, seen up close, in silhouette, slightly off centre, in sharp focus, partly hidden',
);
const FACING = split(
  'seen from behind, viewed from the side, facing the camera, seen from the front, photographed from a low angle, facing left, facing right',
);
const FAR = split('in the distance, seen from far away, small in the frame');

/** A phrase of light, time or weather, or '' if the stage has none. */
export function light(stage: Stage, scene: Scene | undefined, hardy: boolean, rng: Rng): string {
  switch (stage) {
    case 'underwater':
      return rng.pick(UNDERWATER_LIGHT);
    case 'air':
      return rng.pick(AIR_LIGHT);
    case 'studio':
      return rng.pick(STUDIO_LIGHT);
    case 'indoor':
    case 'nowhere':
      return rng.pick(INDOOR_LIGHT);
    case 'surface':
      return scene === 'indoor-room' || scene === 'kitchen-table' ? rng.pick(INDOOR_LIGHT) : rng.pick(OUTDOOR_LIGHT);
    default: {
      const u = rng.uniform();
      if (u < 0.36) return rng.pick(TIME_PHRASES);
      if (u < 0.66) return rng.pick(OUTDOOR_LIGHT);
      if (scene === 'snow') return rng.pick(COLD);
      if (scene === 'sand') return rng.pick(DRY);
      return rng.pick(hardy ? WEATHER_PHRASES : MILD);
    }
  }
}

/** Where the subject is in the picture, as a phrase after it. */
export function framing(canFace: boolean, outdoors: boolean, rng: Rng): string {
  const u = rng.uniform();
  if (canFace && u < 0.4) return rng.pick(FACING);
  if (outdoors && u < 0.5) return rng.pick(FAR);
  return rng.pick(EVERY_VIEW);
}

/** Adjectives for a one-word background. */
export const SCENE_ADJECTIVES: Readonly<Record<Scene, readonly string[]>> = {
  water: split('calm, still, rippling, sunlit, misty, quiet, wide, blue, green'),
  underwater: split('clear, murky, sunlit, blue, deep'),
  forest: split('shady, misty, sunlit, quiet, green, mossy, damp'),
  grass: split('lush, dry, sunlit, windy, green, golden, wide'),
  garden: split('sunny, overgrown, green, quiet, blooming, neat'),
  sand: split('dry, sunlit, golden, wide, windy, pale'),
  snow: split('frozen, white, windy, quiet, icy'),
  rock: split('bare, grey, sunlit, wet, rugged'),
  mountain: split('rugged, misty, remote, sunlit, steep'),
  sky: split('clear, cloudy, pale, dramatic'),
  road: split('quiet, empty, wet, dusty, busy, narrow, sunlit'),
  city: split('quiet, busy, old, sunlit, rainy'),
  'indoor-room': split('bright, dim, tidy, cluttered, sunlit, cosy, quiet, old'),
  'kitchen-table': split('clean, bright, cluttered, rustic, sunlit, small'),
  studio: split('plain, soft, smooth'),
};

/** A sunlit square at night, a snowy one in summer: places whose words do not go with the light. */
export function contradicts(place: string, light: string): boolean {
  if (light === '') return false;
  if (/\bsun|bright\b/.test(place))
    return /night|star|moon|dark|fog|mist|rain|drizzle|downpour|cloud|storm|overcast|grey|dusk|twilight|dim|candle/.test(
      light,
    );
  if (/snow|frost|frozen|icy/.test(place)) return /summer|rain|drizzle|downpour|thunder|spring/.test(light);
  if (/\brainy\b/.test(place)) return /sun|clear|cloudless|snow|star|golden/.test(light);
  if (/\bdim\b/.test(place)) return /bright/.test(light);
  return false;
}
