import { blend } from '../../colour.js';
import type { Point } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';

/** Jellyfish, octopuses, sea anemones, starfish. */
export const medusa: Plan = (pen, look) => {
  const { rng } = look;
  const soft = { ...look.main, clear: look.t('clear') * 0.4, gloss: 0.5, texture: 'cloudy' as const, grain: 0.3 };
  if (look.t('star') > 0.66) {
    const arms = 5 + Math.floor(look.t('arms') * 3);
    const turn = rng.range(0, 6);
    const points: Point[] = Array.from({ length: arms * 2 }, (_, i) => {
      const r = i % 2 ? look.between('inner', 0.28, 0.5) : 0.92;
      const a = turn + (i * Math.PI) / arms;
      return [r * Math.cos(a), r * Math.sin(a)];
    });
    pen.blob(points, { ...look.main, texture: 'pebbles', grain: 0.6 });
    return;
  }
  const n = 5 + Math.floor(look.t('tentacles') * 5);
  for (let i = 0; i < n; i++) {
    const x = -0.5 + i / (n - 1);
    const sway = rng.normal() * 0.15;
    pen.limb(
      [
        [x, 0],
        [x + sway, 0.4],
        [x - sway, 0.7],
        [x + sway * 1.4, 1],
      ],
      0.13,
      0.03,
      coloured(soft, blend(look.main.colour, look.second.colour, 0.5)),
    );
  }
  pen.blob(
    [
      [-0.68, 0.1],
      [-0.5, -0.55],
      [0, -0.85],
      [0.5, -0.55],
      [0.68, 0.1],
      [0, 0.22],
    ],
    soft,
  );
  if (look.t('octopus') > 0.5) for (const s of [-1, 1]) pen.eye(s * 0.24, -0.2, 0.09);
};
