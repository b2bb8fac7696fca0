import { css, lit, type Rgb } from '../../colour.js';
import type { Pen, Surface } from '../../pen.js';
import type { Look } from '../../plan.js';
import { BLACK, BRASS, STEEL } from '../sketch.js';

export const GLOW: Rgb = [255, 236, 178];

/** Light in the air around a lamp. */
export function glow(pen: Pen, x: number, y: number, r: number, strength = 0.7): void {
  const { ctx } = pen;
  const g = ctx.createRadialGradient(x, y, 0, x, y, r);
  g.addColorStop(0, css(GLOW, strength));
  g.addColorStop(0.4, css(GLOW, strength * 0.35));
  g.addColorStop(1, css(GLOW, 0));
  ctx.fillStyle = g;
  ctx.fillRect(x - r, y - r, 2 * r, 2 * r);
}

/** What holds a lamp: the caption's colour where the shade does not take it, else metal. */
export const fitting = (look: Look): Surface => look.choose('fitting', [BLACK, BRASS, STEEL, BLACK]);

/** A shade of cloth or paper, light shining through it or not. */
export function shadeOf(look: Look, on: boolean): Surface {
  const { colour } = look.main;
  const pale: Rgb = [238, 228, 204];
  const own = look.told.colour || look.told.material ? colour : look.t('pale') > 0.45 ? pale : colour;
  return {
    ...look.main,
    colour: on ? lit(own, 1.3) : own,
    texture: look.main.texture && 'weave',
    grain: 0.12,
    density: 2,
    gloss: 0.05,
    clear: 0,
  };
}
