import { smooth } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { GLASS } from './bodywork.js';

/** Rockets, balloons, satellites. */
export const spacecraft: Plan = (pen, look) => {
  if (look.t('balloon') > 0.5) {
    pen.part(
      smooth([
        [0, 0.45],
        [-0.7, -0.25],
        [-0.45, -0.85],
        [0, -1],
        [0.45, -0.85],
        [0.7, -0.25],
      ]),
      [0, -0.3, 0.7, 0.7],
      look.main,
    );
    for (const x of [-0.35, 0, 0.35])
      pen.line(
        smooth([
          [x * 0.2, 0.42],
          [x * 1.6, -0.3],
          [x * 0.6, -0.97],
        ]),
        look.second.colour,
        0.08,
        0.7,
      );
    pen.box(-0.14, 0.72, 0.28, 0.24, { colour: [120, 84, 50], texture: 'weave', grain: 0.6, density: 4 });
    return;
  }
  pen.blob(
    [
      [0, -1],
      [0.24, -0.5],
      [0.24, 0.7],
      [-0.24, 0.7],
      [-0.24, -0.5],
    ],
    { ...look.main, gloss: 0.5 },
  );
  for (const s of [-1, 1])
    pen.polygon(
      [
        [s * 0.22, 0.25],
        [s * 0.6, 0.9],
        [s * 0.22, 0.75],
      ],
      look.second,
    );
  pen.ellipse(0, -0.25, 0.11, 0.11, { colour: GLASS, gloss: 0.6 });
};
