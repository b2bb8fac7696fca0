import { oval, track } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { marks } from '../marks.js';

/** Beetles, bees, ants, spiders. */
export const insect: Plan = (pen, look) => {
  const { rng } = look;
  const hard = { ...look.main, gloss: 0.6, texture: 'fine' as const, grain: 0.3 };
  const legs = look.t('eight') > 0.75 ? 4 : 3;
  const reach = look.between('leg length', 0.35, 0.9);
  for (let i = 0; i < legs; i++)
    for (const s of [-1, 1]) {
      const x = -0.25 + (i * 0.6) / (legs - 1);
      pen.line(
        track([
          [x, s * 0.1],
          [x + (i - 1) * 0.16, s * reach * 0.6],
          [x + (i - 1) * 0.36 + rng.normal() * 0.04, s * reach],
        ]),
        look.dark.colour,
        0.05,
      );
    }
  const abdomen = look.between('abdomen', 0.28, 0.52);
  const w = look.between('width', 0.16, 0.4);
  pen.ellipse(-0.35, 0, abdomen, w, hard);
  pen.inside(oval(-0.35, 0, abdomen, w), () => marks(pen, look, -0.35, 0, abdomen, w));
  if (look.t('wings') > 0.5)
    for (const s of [-1, 1])
      pen.ellipse(-0.25, s * 0.32, 0.5, 0.17, { colour: [226, 232, 236], clear: 0.45, gloss: 0.5 }, s * -0.45);
  pen.ellipse(0.15, 0, 0.22, w * 0.8, coloured(hard, look.second.colour));
  pen.ellipse(0.48, 0, 0.16, 0.16, coloured(hard, look.dark.colour));
  for (const s of [-1, 1])
    pen.line(
      track([
        [0.58, s * 0.08],
        [0.8, s * 0.2],
        [0.95, s * 0.16],
      ]),
      look.dark.colour,
      0.03,
    );
};
