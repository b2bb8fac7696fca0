import type { Company } from '../concepts/kinds.js';
import type { Rng } from '../rng.js';
import { STYLES, VIEWS } from './lexicon.js';

/** How a caption opens: `a close-up of …`, `an oil painting of …`. */
export interface Opening {
  readonly text: string;
  readonly monochrome: boolean;
}

type Size = 'tiny' | 'small' | 'medium' | 'large';

const SIZE: Readonly<Record<Company, Size>> = {
  insect: 'tiny',
  plant: 'small',
  food: 'small',
  'small thing': 'small',
  worn: 'small',
  'soft thing': 'small',
  aquatic: 'medium',
  flyer: 'medium',
  'small animal': 'medium',
  'large animal': 'medium',
  person: 'medium',
  'large thing': 'medium',
  tree: 'large',
  road: 'large',
  rail: 'large',
  aircraft: 'large',
  boat: 'large',
  building: 'large',
};

const viewNames = Object.keys(VIEWS);
const without = (...kinds: string[]) => viewNames.filter((v) => !kinds.includes(VIEWS[v]));
/** A macro shot of a castle, an aerial view of a spoon or the profile of a soup would be odd. */
const VIEWS_OF: Readonly<Record<Size, readonly string[]>> = {
  tiny: without('far', 'low', 'back', 'front', 'top').concat('a top-down view', 'a macro shot', 'a macro photo'),
  small: without('far', 'back', 'low', 'top', 'front').concat('a top-down view', 'an overhead shot', 'a front view'),
  medium: without('top').filter((v) => v !== 'a macro shot'),
  large: without('close').concat('a close-up'),
};
const OUTDOOR_ONLY = new Set([
  'an aerial view',
  'a bird’s-eye view',
  'a distant view',
  'a long shot',
  'a wide-angle view',
  'a wide shot',
]);
const INSIDE_VIEWS = Object.fromEntries(
  Object.entries(VIEWS_OF).map(([size, views]) => [size, views.filter((v) => !OUTDOOR_ONLY.has(v))]),
);

const styleNames = Object.keys(STYLES);
const PHOTOS = styleNames.filter((s) => STYLES[s] === 'photo' && s !== 'a studio photo');

/** A view or a style, equally likely; `scene`: is a place named; `outdoors`: is it (or can it be) outside. */
export function opening(company: Company, scene: boolean, outdoors: boolean, rng: Rng): Opening {
  let text: string;
  let monochrome = false;
  if (rng.chance(0.5)) {
    text = rng.pick((scene && outdoors ? VIEWS_OF : INSIDE_VIEWS)[SIZE[company]]);
  } else if (rng.chance(0.35)) {
    text = rng.pick(PHOTOS);
  } else {
    text = rng.pick(styleNames);
    if (scene && text === 'a studio photo') text = 'a photo';
    monochrome = STYLES[text] === 'monochrome' || text === 'a pencil sketch' || text === 'an ink drawing';
  }
  // Headlines leave the article out: `Close-up of a wet dog`.
  if (rng.chance(0.3)) text = text.replace(/^an? /, '');
  return { text, monochrome };
}

/** Is the thing turned some way, so that one can say so? */
export function hasFace(company: Company): boolean {
  return /animal|flyer|aquatic|road|rail|aircraft|person/.test(company);
}
