/**
 * How things of a kind look: colours, adjectives, materials and features that a caption may give them. Colours and materials are words of
 * lexicon.ts. Features follow `with`; `{x}` becomes plural with its subject.
 */
export interface Looks {
  readonly colours: readonly string[];
  readonly adjectives: readonly string[];
  readonly materials: readonly string[];
  readonly features: readonly string[];
}

const split = (list: string) => (list === '' ? [] : list.split(', '));
export const looks = (colours: string, adjectives: string, features = '', materials = ''): Looks => ({
  colours: split(colours),
  adjectives: split(adjectives),
  features: split(features),
  materials: split(materials),
});

export const PAINT =
  'red, blue, green, yellow, white, black, grey, silver, orange, dark blue, dark green, light blue, maroon, beige, teal, cream';
export const DYE =
  'red, blue, green, yellow, white, black, grey, pink, purple, orange, brown, navy, teal, beige, turquoise, maroon, olive, cream, lavender, light blue, dark green, crimson';
export const FUR =
  'brown, black, white, grey, tan, golden, cream, dark brown, light brown, black and white, brown and white';
export const WILD = 'brown, grey, dark brown, tan, light brown, golden';
export const ANIMAL = 'small, large, young, old, alert, sleepy, playful, curious, lone, calm';
export const FURRY = `${ANIMAL}, fluffy, shaggy, wet, muddy, scruffy`;
export const OBJECT = 'small, large, old, new, shiny, worn, dusty, scratched, antique, clean, simple, broken';
export const BLOOM = 'red, pink, white, yellow, purple, orange, violet, magenta, lavender, blue, crimson, cream';
export const METAL = 'metal, steel, brass, iron, aluminium';
export const MADE = 'wooden, metal, plastic, glass, ceramic';
