import { oval, type Point, smooth, track } from '../../pen.js';
import type { Plan } from '../../plan.js';

/** Butterflies, moths, dragonflies. */
export const butterfly: Plan = (pen, look) => {
  const { rng } = look;
  const open = rng.range(0.45, 1);
  const wing = { ...look.main, texture: 'feathers' as const, grain: 0.3 };
  const slim = look.t('slim') > 0.7;
  for (const s of [-1, 1])
    for (const [tx, ty, w] of [
      [0.85, -0.62, 0.42],
      [0.68, 0.52, 0.36],
    ] as const) {
      const width = slim ? w * 0.35 : w;
      const points: Point[] = [
        [s * 0.03, ty * 0.1],
        [s * tx * open * 0.5, ty * 0.9 - width * 0.5],
        [s * tx * open, ty],
        [s * tx * open * 0.6, ty * 0.45 + width * 0.5],
      ];
      const path = smooth(points);
      pen.part(path, [s * tx * 0.5, ty * 0.5, tx * 0.5, 0.4], wing);
      pen.inside(path, () => {
        pen.fill(oval(s * tx * open * 0.9, ty, 0.22, 0.22), look.second.colour, 0.9);
        for (let i = 0; i < 3; i++)
          pen.fill(
            oval(s * tx * open * rng.range(0.3, 0.8), ty * rng.range(0.3, 1), 0.06, 0.06),
            look.third.colour,
            0.9,
          );
      });
      pen.line(path, look.dark.colour, 0.035, 0.8);
    }
  pen.ellipse(0, 0.02, 0.06, 0.42, look.dark);
  for (const s of [-1, 1])
    pen.line(
      track([
        [0, -0.38],
        [s * 0.2, -0.75],
      ]),
      look.dark.colour,
      0.025,
    );
};
