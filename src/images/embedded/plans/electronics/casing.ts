import { Path2D } from '@napi-rs/canvas';
import type { Pen, Surface } from '../../pen.js';
import type { Look } from '../../plan.js';
import { BLACK, disc, flat, shape, smoothed, WHITE } from '../sketch.js';

/** Cases of electronics are black, white or grey unless the caption says otherwise. */
export const casing = (look: Look, usual: readonly Surface[] = [BLACK, WHITE, { colour: [150, 152, 158] }]): Surface =>
  look.told.colour || look.told.material ? smoothed(look, 0.4) : look.choose('case', [...usual, smoothed(look, 0.4)]);

/** A lens with its rings. */
export function lens(pen: Pen, x: number, y: number, r: number): void {
  shape(pen, disc(x, y, r), BLACK);
  pen.line(new Path2D(disc(x, y, r * 0.86)), [110, 112, 118], r * 0.06);
  shape(pen, disc(x, y, r * 0.66), { colour: [28, 34, 58], gloss: 0.9 });
  shape(pen, disc(x, y, r * 0.34), { colour: [16, 16, 24], gloss: 0.6 });
  flat(pen, disc(x - r * 0.25, y - r * 0.28, r * 0.13), [236, 240, 250], 0.9);
}
