import { track } from '../../pen.js';
import type { Plan } from '../../plan.js';

/** Shoes and boots. */
export const shoe: Plan = (pen, look) => {
  const boot = look.between('shaft', 0, 0.9);
  const heel = look.between('heel', 0.02, 0.4);
  const s = { ...look.main, gloss: Math.max(0.25, look.main.gloss ?? 0) };
  pen.blob(
    [
      [-0.85, 0.75 - heel],
      [-0.85, -0.1 - boot],
      [-0.25, -0.15 - boot],
      [-0.1, 0.2 - heel * 0.3],
      [0.6, 0.42],
      [0.95, 0.68],
      [0.9, 0.86],
      [-0.3, 0.86 - heel * 0.5],
    ],
    s,
  );
  pen.polygon(
    [
      [-0.88, 0.8 - heel],
      [-0.5, 0.8 - heel * 0.6],
      [0.3, 0.86],
      [0.95, 0.84],
      [0.95, 0.98],
      [-0.15, 0.98],
      [-0.5, 0.9],
      [-0.55, 0.98],
      [-0.85, 0.98],
    ],
    look.second,
  );
  if (look.t('laces') > 0.4)
    for (let i = 0; i < 4; i++)
      pen.line(
        track([
          [-0.2 + i * 0.16, 0.1 + i * 0.1 - boot * 0.3],
          [0, 0 + i * 0.13 - boot * 0.3],
        ]),
        look.third.colour,
        0.05,
      );
  if (look.t('stripe') > 0.5)
    pen.line(
      track([
        [-0.4, 0.7],
        [0.1, 0.3],
      ]),
      look.third.colour,
      0.1,
    );
};
