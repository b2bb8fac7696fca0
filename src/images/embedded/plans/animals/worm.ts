import { oval, type Point } from '../../pen.js';
import type { Plan } from '../../plan.js';

/** Snakes, worms, eels, caterpillars. */
export const worm: Plan = (pen, look) => {
  const { rng } = look;
  const phase = rng.range(0, 6);
  const waves = look.between('waves', 0.8, 2.2);
  const thick = look.between('thick', 0.1, 0.3);
  const points: Point[] = Array.from({ length: 12 }, (_, i) => {
    const u = i / 11;
    return [-0.9 + 1.75 * u, 0.5 + 0.34 * Math.sin(phase + u * waves * 2 * Math.PI) * (1 - 0.3 * u)];
  });
  const skin = { ...look.main, texture: 'scales' as const, grain: 0.45, density: 2, gloss: 0.25 };
  pen.limb(points, thick * 0.35, thick, skin);
  if (look.pattern !== 'plain')
    for (let i = 1; i < 11; i += 1)
      pen.fill(oval(points[i][0], points[i][1], thick * 0.22, thick * 0.42), look.second.colour, 0.85);
  const [hx, hy] = points[11];
  pen.ellipse(hx, hy, thick * 0.75, thick * 0.55, skin);
  pen.eye(hx + thick * 0.25, hy - thick * 0.15, thick * 0.13);
};
