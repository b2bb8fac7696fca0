import { lit, type Rgb } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look } from '../../plan.js';
import type { Joinery } from '../joinery.js';
import { BLACK, STEEL } from '../sketch.js';

const WOODS: readonly Rgb[] = [
  [190, 142, 92],
  [146, 98, 58],
  [98, 62, 38],
  [222, 190, 142],
  [166, 116, 70],
  [232, 228, 220],
];

/** Wood, or the paint on it: what the caption says, else mostly one of the colours of wood. */
export function timber(look: Look): Surface {
  if (look.told.material) return look.main;
  const painted = look.told.colour !== undefined || look.t('painted') > 0.7;
  return {
    ...look.main,
    colour: painted ? look.main.colour : lit(look.choose('timber', WOODS), look.rng.range(0.85, 1.12)),
    texture: 'wood',
    grain: painted ? 0.12 : 0.35,
    density: 1.2,
    gloss: 0.15,
  };
}

/** Legs and frames: of the same wood, black or bright metal. */
export function frame(look: Look, wood: Surface): Surface {
  return look.choose('frame', [wood, wood, BLACK, STEEL]);
}

/** Four legs under a seat or a top. @param w, d spacing @param splay how much farther apart the feet stand */
export function legs(j: Joinery, s: Surface, w: number, d: number, h: number, thick: number, splay = 0): void {
  for (const x of [-w / 2, w / 2])
    for (const z of [-d / 2, d / 2])
      if (splay > 0)
        j.rod(
          [
            [x, h, z],
            [x + Math.sign(x) * splay, thick / 2, z + Math.sign(z) * splay],
          ],
          thick,
          s,
        );
      else j.block([x, 0, z], [thick, h, thick], s);
}
