import { lit, type Rgb } from '../../colour.js';
import { oval, type Pen } from '../../pen.js';
import type { Look } from '../../plan.js';

export const GLASS: Rgb = [96, 122, 140];
export const TYRE: Rgb = [34, 34, 36];

export function wheel(pen: Pen, look: Look, x: number, y: number, r: number, squash = 1): void {
  pen.ellipse(x, y, r * squash, r, { colour: TYRE });
  const hub = look.choose('hub', [
    [188, 190, 194],
    [70, 72, 76],
    [150, 146, 130],
  ] as readonly Rgb[]);
  pen.ellipse(x, y, r * 0.58 * squash, r * 0.58, { colour: hub, gloss: 0.4 });
  pen.fill(oval(x, y, r * 0.16 * squash, r * 0.16), [40, 40, 42]);
}

export function paintwork(look: Look) {
  return { ...look.main, gloss: Math.max(0.35, look.main.gloss ?? 0), grain: Math.min(0.25, look.main.grain ?? 0.15) };
}

export function windows(
  pen: Pen,
  x0: number,
  x1: number,
  y0: number,
  y1: number,
  n: number,
  slope0 = 0,
  slope1 = 0,
): void {
  const gap = 0.03;
  const w = (x1 - x0) / n;
  for (let i = 0; i < n; i++) {
    const a = x0 + i * w;
    const first = i === 0 ? slope0 : 0;
    const last = i === n - 1 ? slope1 : 0;
    pen.polygon(
      [
        [a + gap + first, y0],
        [a + w - gap - last, y0],
        [a + w - gap, y1],
        [a + gap, y1],
      ],
      { colour: lit(GLASS, pen.rng.range(0.7, 1.2)), gloss: 0.5 },
    );
  }
}
