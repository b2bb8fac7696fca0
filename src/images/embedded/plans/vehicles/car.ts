import { lit } from '../../colour.js';
import { type Point, rect } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { GLASS, paintwork, TYRE, wheel, windows } from './bodywork.js';

/** Cars, from hatchbacks to estates; side, three-quarter and front. */
export const car: Plan = (pen, look) => {
  const body = paintwork(look);
  const low = look.between('height', 0.32, 0.6);
  const r = look.between('wheel', 0.17, 0.25);
  const roofA = look.between('roof front', 0.08, 0.4);
  const roofB = look.between('roof back', -0.75, -0.35);
  const top = 1 - r - low - 0.28;
  const sill = 1 - r * 0.75;
  const belt = 1 - r - low * 0.75;
  if (look.view === 'front') {
    const w = look.between('width', 0.62, 0.8);
    for (const s of [-1, 1]) pen.box(s * w * 0.85 - 0.11, 0.6, 0.22, 0.4, { colour: TYRE }, 0.06);
    pen.polygon(
      [
        [-w * 0.72, top],
        [w * 0.72, top],
        [w * 0.92, belt],
        [-w * 0.92, belt],
      ],
      body,
    );
    pen.polygon(
      [
        [-w * 0.64, top + 0.06],
        [w * 0.64, top + 0.06],
        [w * 0.8, belt - 0.02],
        [-w * 0.8, belt - 0.02],
      ],
      { colour: GLASS, gloss: 0.6 },
    );
    pen.box(-w, belt, 2 * w, 0.86 - belt, body, 0.12);
    pen.box(-w * 0.5, belt + 0.22, w, 0.16, { colour: [40, 40, 44] }, 0.04);
    for (const s of [-1, 1]) pen.ellipse(s * w * 0.74, belt + 0.2, 0.14, 0.09, { colour: [244, 240, 214], gloss: 0.8 });
    return;
  }
  const short = look.view === 'quarter' ? 0.86 : 1;
  const nose = look.between('nose', -0.04, 0.14);
  const outline: Point[] = [
    [-0.98 * short, belt + 0.08],
    [-0.9 * short, belt - 0.06],
    [roofB * short - 0.12, belt - 0.08],
    [roofB * short, top],
    [roofA * short, top],
    [(roofA + 0.32) * short, belt - 0.06],
    [0.92 * short, belt + nose],
    [0.99 * short, sill - 0.1],
    [0.95 * short, sill],
    [-0.97 * short, sill],
  ];
  pen.polygon(outline, body);
  windows(
    pen,
    (roofB - 0.04) * short,
    (roofA + 0.22) * short,
    top + 0.06,
    belt - 0.05,
    2 + (look.t('doors') > 0.5 ? 1 : 0),
    0.08,
    0.18,
  );
  if (look.t('stripe') > 0.7) pen.fill(rect(-0.96 * short, belt + 0.08, 1.9 * short, 0.07), look.second.colour, 0.9);
  pen.fill(rect(-0.95 * short, sill - 0.06, 1.9 * short, 0.06), lit(body.colour, 0.45));
  pen.ellipse(0.93 * short, belt + 0.14, 0.05, 0.06, { colour: [250, 244, 210], gloss: 0.8 });
  pen.fill(rect(-0.99 * short, belt + 0.08, 0.06, 0.1), [190, 40, 36]);
  for (const x of [-0.6, 0.6]) wheel(pen, look, x * short, 1 - r, r, look.view === 'quarter' ? 0.82 : 1);
};
