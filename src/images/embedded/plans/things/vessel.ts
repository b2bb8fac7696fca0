import { lit } from '../../colour.js';
import { oval, type Point, poly, rect } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { decorate } from '../marks.js';

/** Vases, pots, jugs, bottles, bowls, baskets: turned profiles. */
export const vessel: Plan = (pen, look) => {
  const n = 6;
  const profile = Array.from({ length: n }, (_, i) => look.between(`profile ${i}`, 0.18, 0.75));
  const h = look.between('tall', 0.55, 1);
  const top = 1 - 2 * h;
  const left: Point[] = profile.map((r, i) => [-r, top + (2 * h * i) / (n - 1)]);
  const right: Point[] = profile.map((r, i) => [r, top + (2 * h * i) / (n - 1)] as Point).reverse();
  if (look.t('handle') > 0.45) {
    pen.line(oval(profile[1] + 0.12, top + h * 0.8, 0.26, h * 0.45), look.main.colour, 0.1);
    if (look.t('handles') > 0.5)
      pen.line(oval(-profile[1] - 0.12, top + h * 0.8, 0.26, h * 0.45), look.main.colour, 0.1);
  }
  if (look.t('spout') > 0.7)
    pen.limb(
      [
        [-profile[2], top + h],
        [-profile[2] - 0.3, top + h * 0.7],
        [-profile[2] - 0.42, top + h * 0.3],
      ],
      0.26,
      0.1,
      look.main,
    );
  const path = poly([...left, ...right]);
  pen.part(path, [0, top + h, 0.6, h], {
    ...look.main,
    gloss: Math.max(look.main.gloss ?? 0, look.between('glaze', 0, 0.7)),
  });
  decorate(pen, look, path, 0, top + h, 0.6, h);
  if (look.t('bands') > 0.4)
    pen.inside(path, () => {
      for (let i = 0; i < 2; i++) pen.fill(rect(-1, top + h * (0.5 + i * 0.6), 2, 0.09), look.second.colour, 0.9);
    });
  pen.ellipse(0, top, profile[0], profile[0] * 0.28, coloured(look.main, lit(look.main.colour, 0.45)));
  if (look.t('lid') > 0.7) {
    pen.ellipse(0, top, profile[0] * 1.05, profile[0] * 0.35, look.second);
    pen.ellipse(0, top - 0.12, 0.1, 0.09, look.second);
  }
};
