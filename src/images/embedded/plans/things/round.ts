import { oval, track } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { decorate } from '../marks.js';

/** Balls, globes, wheels, coins, clocks: round things. */
export const round: Plan = (pen, look) => {
  const r = 0.88;
  const path = oval(0, 0.1, r, r);
  pen.part(path, [0, 0.1, r, r], { ...look.main, gloss: look.between('shine', 0.1, 0.8) });
  decorate(pen, look, path, 0, 0.1, r, r);
  const kind = look.choose('marking', ['seams', 'panels', 'dial', 'ring', 'none'] as const);
  const turn = look.rng.range(0, 6);
  if (kind === 'seams')
    for (const k of [-1, 1])
      pen.inside(path, () =>
        pen.line(oval(k * 0.85, 0.1 + Math.sin(turn) * 0.2, 0.55, 0.9, turn), look.second.colour, 0.06),
      );
  else if (kind === 'panels')
    pen.inside(path, () => {
      for (let i = 0; i < 6; i++)
        pen.ellipse(Math.cos(turn + i) * 0.62, 0.1 + Math.sin(turn + i) * 0.62, 0.24, 0.24, look.second);
      pen.ellipse(0, 0.1, 0.24, 0.24, look.second);
    });
  else if (kind === 'dial') {
    pen.ellipse(0, 0.1, r * 0.82, r * 0.82, { colour: [238, 234, 222] });
    for (let i = 0; i < 12; i++)
      pen.fill(oval(Math.cos(i * 0.5236) * 0.6, 0.1 + Math.sin(i * 0.5236) * 0.6, 0.04, 0.04), look.dark.colour);
    for (const [a, l] of [
      [turn, 0.5],
      [turn * 2.3, 0.35],
    ] as const)
      pen.line(
        track([
          [0, 0.1],
          [Math.cos(a) * l, 0.1 + Math.sin(a) * l],
        ]),
        look.dark.colour,
        0.07,
      );
  } else if (kind === 'ring') {
    pen.ellipse(0, 0.1, r * 0.55, r * 0.55, look.second);
    pen.ellipse(0, 0.1, r * 0.28, r * 0.28, look.third);
  }
};
