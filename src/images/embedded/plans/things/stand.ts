import { oval, smooth, track } from '../../pen.js';
import type { Plan } from '../../plan.js';

/** Lamps, signs, poles, umbrellas, fountains: something on a stand. */
export const stand: Plan = (pen, look) => {
  const w = look.between('pole', 0.04, 0.12);
  const top = look.between('top', -0.55, 0.1);
  pen.box(-w / 2, top, w, 1 - top, look.dark);
  pen.ellipse(0, 0.95, look.between('base', 0.15, 0.45), 0.08, look.dark);
  const kind = look.choose('head', ['shade', 'sign', 'dome', 'globe', 'fan'] as const);
  const r = look.between('size', 0.35, 0.75);
  if (kind === 'shade') {
    pen.polygon(
      [
        [-r * 0.5, top - 0.6],
        [r * 0.5, top - 0.6],
        [r, top + 0.1],
        [-r, top + 0.1],
      ],
      look.main,
    );
    pen.fill(oval(0, top + 0.12, r * 0.8, 0.09), [255, 240, 190], 0.9);
  } else if (kind === 'sign') {
    pen.box(-r, top - 0.55, 2 * r, 0.75, look.main, look.between('round', 0, 0.4));
    pen.box(-r * 0.7, top - 0.35, 1.4 * r, 0.3, look.second);
  } else if (kind === 'dome') {
    pen.part(
      smooth([
        [-0.95, top + 0.15],
        [-0.6, top - 0.45],
        [0, top - 0.65],
        [0.6, top - 0.45],
        [0.95, top + 0.15],
        [0, top],
      ]),
      [0, top - 0.2, 0.9, 0.4],
      look.main,
    );
    for (const x of [-0.5, 0, 0.5])
      pen.line(
        track([
          [0, top - 0.65],
          [x, top + 0.05],
        ]),
        look.second.colour,
        0.04,
      );
  } else if (kind === 'globe') pen.ellipse(0, top - r * 0.5, r * 0.75, r * 0.75, { ...look.main, gloss: 0.7 });
  else
    for (let i = 0; i < 4; i++)
      pen.ellipse(
        Math.cos(i * 1.571 + 0.6) * r * 0.5,
        top - r * 0.3 + Math.sin(i * 1.571 + 0.6) * r * 0.5,
        r * 0.5,
        r * 0.2,
        look.main,
        i * 1.571 + 0.6,
      );
};
