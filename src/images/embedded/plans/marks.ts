import { oval, type Pen, type smooth } from '../pen.js';
import type { Look } from '../plan.js';

/** Marks of a coat within an outline around (0, 0), half extents rx, ry. */
export function marks(pen: Pen, look: Look, cx: number, cy: number, rx: number, ry: number): void {
  const { rng } = pen;
  const c = look.second.colour;
  const many = 4 + Math.floor(look.t('marks') * 8);
  if (look.pattern === 'belly') pen.fill(oval(cx, cy + ry * 0.9, rx * 1.1, ry * 0.7), c, 0.9);
  else if (look.pattern === 'spots')
    for (let i = 0; i < many * 2; i++) {
      const r = (0.06 + 0.1 * look.t('mark size')) * rx * rng.range(0.7, 1.2);
      pen.fill(oval(cx + rng.range(-rx, rx), cy + rng.range(-ry, ry), r, r * 0.9), c, 0.9);
    }
  else if (look.pattern === 'patches')
    for (let i = 0; i < 3; i++)
      pen.fill(
        oval(
          cx + rng.range(-rx, rx),
          cy + rng.range(-ry, ry),
          rx * rng.range(0.25, 0.5),
          ry * rng.range(0.4, 0.8),
          rng.range(0, 3),
        ),
        c,
        0.95,
      );
  else if (look.pattern === 'stripes' || look.pattern === 'bands')
    for (let i = 0; i < many; i++) {
      const x = cx - rx + ((i + 0.5) * 2 * rx) / many + rng.normal() * 0.02;
      const w = (rx / many) * (0.35 + 0.5 * look.t('mark size'));
      pen.fill(oval(x, cy + rng.normal() * 0.05, w, ry * 1.2, rng.normal() * 0.15), c, 0.9);
    }
}

/** Decorates a surface as the concept's pattern asks. */
export function decorate(
  pen: Pen,
  look: Look,
  path: ReturnType<typeof smooth>,
  cx: number,
  cy: number,
  rx: number,
  ry: number,
): void {
  if (look.pattern === 'plain') return;
  pen.inside(path, () => marks(pen, look, cx, cy, rx, ry));
}
