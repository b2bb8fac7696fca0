import { lit } from '../../colour.js';
import { type Point, poly } from '../../pen.js';
import type { Plan } from '../../plan.js';

/** Stones, shells, lumps. */
export const stone: Plan = (pen, look) => {
  const { rng } = look;
  const n = 9;
  const points: Point[] = Array.from({ length: n }, (_, i) => {
    const a = (i * 2 * Math.PI) / n;
    const r = 0.7 + 0.3 * look.t(`lump ${i}`) + rng.normal() * 0.05;
    return [Math.cos(a) * r, 0.25 + Math.sin(a) * r * look.between('flat', 0.5, 0.9)];
  });
  pen.blob(points, {
    ...look.main,
    texture: look.choose('grain', ['cracks', 'cloudy', 'pebbles', 'cells'] as const),
    grain: 0.8,
  });
  if (look.t('facets') > 0.6)
    for (let i = 0; i < 4; i++)
      pen.fill(
        poly([points[i * 2], points[(i * 2 + 1) % n], [0, 0.2]]),
        lit(look.main.colour, rng.range(0.6, 1.5)),
        0.35,
      );
};
