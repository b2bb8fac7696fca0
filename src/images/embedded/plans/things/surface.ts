import { rect } from '../../pen.js';
import type { Plan } from '../../plan.js';
import type { Texture } from '../../textures.js';
import { marks } from '../marks.js';

/** Stuffs and patterns by what stands in their name; the first that fits. */
const BY_NAME: readonly (readonly [RegExp, Texture])[] = [
  [/wood|bark|plank|grain/, 'wood'],
  [/brick|cobble|tile|chequ|check|grid|plaid|waffle/, 'bricks'],
  [/woven|weave|cloth|linen|denim|canvas|knit|braid|wool|wicker|fabric|mesh/, 'weave'],
  [/stripe|band|line|pleat|groove|ribbed|corrugat/, 'stripes'],
  [/crack|marble|vein|web/, 'cracks'],
  [/pebble|gravel|stone|bump|dimple|stud/, 'pebbles'],
  [/scale|snake|fish/, 'scales'],
  [/honeycomb|cell|bubbl|porous|perforat|hole|sponge/, 'cells'],
  [/fur|hair|feather|fringe/, 'fur'],
  [/lea(f|ves)|moss|grass|floral/, 'leaves'],
  [/water|wave|ripple|sand|dune|wrinkl|swirl/, 'ripples'],
  [/snow|cloud|smoke|blotch|stain|rust|fog/, 'cloudy'],
  [/paper|felt|concrete|rough|powder|freckle|fine/, 'fine'],
];
const OTHERS = ['cloudy', 'weave', 'cells', 'pebbles', 'cracks', 'ripples', 'stripes', 'fine'] as const;
/** Half a side: more than the frame shows, however it is turned. */
const HALF = 1.6;

/** Nothing but a surface: what a texture's name says, in its colours, from edge to edge. */
export const surfaceOf =
  (name: string): Plan =>
  (pen, look) => {
    const texture = BY_NAME.find(([words]) => words.test(name))?.[1] ?? look.choose('stuff', OTHERS);
    pen.box(-HALF, -HALF, 2 * HALF, 2 * HALF, { ...look.main, texture, grain: 0.9, gloss: 0 });
    if (look.told.pattern || /dot|spot|stripe|band|patch|speck/.test(name))
      pen.inside(rect(-HALF, -HALF, 2 * HALF, 2 * HALF), () => marks(pen, look, 0, 0, HALF, HALF));
  };
