import type { Rgb } from '../../colour.js';
import { oval, type Point, track } from '../../pen.js';
import type { Plan } from '../../plan.js';

/** Hammers, knives, brushes, rackets, guns, spoons: a handle and a head. */
export const tool: Plan = (pen, look) => {
  const handle =
    look.t('wooden') > 0.5 ? { colour: [150, 104, 62] as Rgb, texture: 'wood' as const, grain: 0.5 } : look.second;
  const metal = { ...look.main, gloss: Math.max(0.4, look.main.gloss ?? 0) };
  const w = look.between('handle', 0.08, 0.22);
  const joint = look.between('joint', -0.45, 0.25);
  const kind = look.choose('head', ['blade', 'block', 'fork', 'disc', 'brush', 'hook', 'barrel', 'ring'] as const);
  const lay = () => {
    pen.box(-w / 2, joint, w, 1 - joint, handle, w / 2);
    const size = look.between('size', 0.25, 0.6);
    if (kind === 'blade')
      pen.blob(
        [
          [-w * 0.4, joint],
          [-size * 0.4, -0.4],
          [0, -1],
          [size * 0.25, -0.6],
          [w * 0.4, joint],
        ],
        metal,
      );
    else if (kind === 'block')
      pen.box(-size, joint - 0.34, size * 2 - look.between('uneven', 0, 0.4), 0.4, metal, 0.05);
    else if (kind === 'fork') {
      pen.box(-size * 0.6, joint - 0.12, size * 1.2, 0.14, metal);
      const prongs = 2 + Math.floor(look.t('prongs') * 4);
      for (let i = 0; i < prongs; i++)
        pen.box(-size * 0.6 + (i * size * 1.1) / (prongs - 1 || 1), joint - 0.65, 0.07, 0.6, metal, 0.03);
    } else if (kind === 'disc') {
      pen.ellipse(0, joint - size * 0.8, size * 0.8, size, metal);
      if (look.t('strings') > 0.5)
        pen.texture(
          oval(0, joint - size * 0.8, size * 0.7, size * 0.9),
          [0, joint - size * 0.8, size, size],
          'weave',
          0.8,
          2,
        );
    } else if (kind === 'brush')
      pen.polygon(
        [
          [-size * 0.5, joint],
          [size * 0.5, joint],
          [size * 0.7, joint - 0.6],
          [-size * 0.7, joint - 0.6],
        ],
        { ...look.third, texture: 'fur', grain: 0.9, density: 1 },
      );
    else if (kind === 'hook')
      pen.line(
        smoothOpen([
          [0, joint],
          [0, joint - 0.5],
          [size * 0.6, joint - 0.65],
          [size * 0.8, joint - 0.3],
        ]),
        metal.colour,
        w,
      );
    else if (kind === 'ring') pen.line(oval(0, joint - size * 0.7, size * 0.6, size * 0.6), metal.colour, w * 1.1);
    else {
      pen.box(-0.12, -1, 0.24, joint + 1.05, metal, 0.05);
      pen.polygon(
        [
          [0.1, joint],
          [0.45, joint + 0.1],
          [0.4, joint + 0.35],
          [0.1, joint + 0.25],
        ],
        handle,
      );
    }
  };
  pen.at(0, 0, 1, look.rng.range(-0.9, 0.9) + (look.t('lying') > 0.5 ? 1.2 : 0), lay);
};

function smoothOpen(points: readonly Point[]): ReturnType<typeof track> {
  return track(
    points.flatMap((p, i) => {
      const q = points[Math.min(points.length - 1, i + 1)];
      return [p, [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2] as Point];
    }),
  );
}
