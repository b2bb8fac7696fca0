import { type Point, poly, smooth } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { decorate } from '../marks.js';

/** Anything else: a body of its own outline with parts of its own in its own places, the same for the same word. */
export const thing: Plan = (pen, look) => {
  const n = 5 + Math.floor(look.t('corners') * 5);
  const mirrored = look.t('mirrored') > 0.35;
  const soft = look.t('soft') > 0.5;
  const outline: Point[] = Array.from({ length: n }, (_, i) => {
    const a = -Math.PI / 2 + ((i + 0.5) * (mirrored ? Math.PI : 2 * Math.PI)) / n;
    const r = look.between(`radius ${i}`, 0.35, 0.95);
    return [Math.cos(a) * r, 0.1 + Math.sin(a) * r];
  });
  const all = mirrored ? [...outline, ...outline.map(([x, y]) => [-x, y] as Point).reverse()] : outline;
  const parts = 2 + Math.floor(look.t('parts') * 4);
  const satellites = (front: boolean) => {
    for (let i = 0; i < parts; i++) {
      if (look.t(`part ${i} front`) > 0.5 !== front) continue;
      const a = look.t(`part ${i} at`) * 2 * Math.PI;
      const d = look.between(`part ${i} far`, 0.2, 0.75);
      const s = [look.second, look.third, look.dark][Math.floor(look.t(`part ${i} paint`) * 3)];
      const rx = look.between(`part ${i} wide`, 0.08, 0.38);
      const ry = look.between(`part ${i} high`, 0.08, 0.38);
      for (const m of mirrored ? [1, -1] : [1]) {
        const [x, y] = [Math.cos(a) * d * m, 0.1 + Math.sin(a) * d];
        if (look.t(`part ${i} shape`) > 0.5) pen.ellipse(x, y, rx, ry, s);
        else pen.box(x - rx, y - ry, 2 * rx, 2 * ry, s, 0.04);
      }
    }
  };
  satellites(false);
  const path = soft ? smooth(all) : poly(all);
  pen.part(path, [0, 0.1, 0.8, 0.8], look.main);
  decorate(pen, look, path, 0, 0.1, 0.7, 0.7);
  satellites(true);
};
