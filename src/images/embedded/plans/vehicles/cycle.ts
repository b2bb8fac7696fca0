import { oval, type Point, track } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { TYRE } from './bodywork.js';

/** Bicycles, motorcycles, scooters, carts: open frames on wheels. */
export const cycle: Plan = (pen, look) => {
  const r = look.between('wheel', 0.3, 0.46);
  const y = 1 - r;
  const engine = look.t('engine') > 0.5;
  for (const x of [-0.52, 0.52]) {
    pen.line(oval(x, y, r * 0.92, r * 0.92), TYRE, engine ? 0.16 : 0.07);
    for (let i = 0; i < 6; i++) {
      const a = (i * Math.PI) / 6 + pen.rng.uniform();
      pen.line(
        track([
          [x - r * 0.85 * Math.cos(a), y - r * 0.85 * Math.sin(a)],
          [x + r * 0.85 * Math.cos(a), y + r * 0.85 * Math.sin(a)],
        ]),
        [150, 150, 154],
        0.018,
        0.7,
      );
    }
  }
  const w = engine ? 0.13 : 0.07;
  const seat: Point = [-0.28, y - r * 1.15];
  const bar: Point = [0.36, y - r * 1.35];
  pen.line(track([[-0.52, y], seat, [0.32, y - r * 1.0], [-0.06, y], [-0.52, y]]), look.main.colour, w);
  pen.line(track([seat, [-0.06, y]]), look.main.colour, w);
  pen.line(track([[0.52, y], bar, [0.2, bar[1] - 0.12]]), look.main.colour, w);
  if (engine) {
    pen.ellipse(-0.02, y - 0.08, 0.26, 0.2, {
      colour: [110, 110, 116],
      gloss: 0.6,
      texture: 'stripes',
      grain: 0.4,
      density: 3,
    });
    pen.blob(
      [
        [-0.1, y - r * 1.2],
        [0.3, y - r * 1.25],
        [0.34, y - r * 0.8],
        [-0.08, y - r * 0.8],
      ],
      { ...look.main, gloss: 0.6 },
    );
  }
  pen.ellipse(seat[0] - 0.08, seat[1] - 0.05, 0.2, 0.06, look.dark);
};
