import type { Scene as Place } from '../../../captions/lexicon.js';
import { hsl, jitter, lit } from '../colour.js';
import { oval, poly, rect, track } from '../pen.js';
import { blur, ground, houses, treeline } from './ground.js';
import { gradient, sky } from './sky.js';
import { all, type PaintPlace } from './surroundings.js';

/** Streets, rooms, tables. */
export const BUILT = {
  road: (pen, s) => {
    const { rng } = pen;
    sky(pen, s, s.horizon);
    if (s.t('urban') > 0.55) houses(pen, s.horizon + 0.03, rng.range(0.2, 0.5));
    else treeline(pen, s.horizon, rng.range(0.08, 0.22), [64, 90, 52]);
    ground(
      pen,
      s,
      s.t('urban') > 0.55 ? [140, 138, 132] : [98, 118, 66],
      s.t('urban') > 0.55 ? 'fine' : 'fur',
      0.6,
      1.8,
    );
    const grey = lit([96, 96, 100], rng.range(0.7, 1.3));
    const vanish = rng.range(0.2, 0.8);
    const across = rng.chance(0.5);
    const path = across
      ? rect(-0.1, s.horizon + (1 - s.horizon) * 0.3, 1.2, 0.75)
      : poly([
          [vanish - 0.03, s.horizon],
          [vanish + 0.03, s.horizon],
          [1.25, 1.05],
          [-0.25, 1.05],
        ]);
    pen.part(path, [0.5, (1 + s.horizon) / 2, 0.7, 0.3], { colour: grey, texture: 'fine', grain: 0.5, density: 1.5 });
    for (let i = 0; i < 5; i++) {
      const u = i / 5;
      if (across)
        pen.fill(rect(u + rng.uniform() * 0.02, s.horizon + (1 - s.horizon) * 0.62, 0.1, 0.016), [232, 228, 206], 0.8);
      else
        pen.fill(
          rect(
            vanish + (0.5 - vanish) * u - 0.008 * (1 + 3 * u),
            s.horizon + (1 - s.horizon) * u,
            0.016 * (1 + 3 * u),
            0.05 + 0.05 * u,
          ),
          [232, 228, 206],
          0.8,
        );
    }
  },
  city: (pen, s) => {
    sky(pen, s, s.horizon + 0.1);
    houses(pen, s.horizon + 0.05, 0.65);
    houses(pen, s.horizon + 0.12, 0.4);
    ground(
      pen,
      { ...s, horizon: s.horizon + 0.1 },
      [142, 138, 134],
      s.t('paving') > 0.5 ? 'bricks' : 'fine',
      0.55,
      1.8,
    );
    for (let i = 0; i < 3; i++) {
      const x = pen.rng.uniform();
      pen.line(
        track([
          [x, s.horizon + 0.2],
          [x, s.horizon - 0.25],
        ]),
        [54, 54, 58],
        0.012,
      );
    }
  },
  'indoor-room': (pen, s) => {
    const { rng } = pen;
    const wall = jitter(hsl(s.t('wall hue'), 0.08 + 0.35 * s.t('wall'), 0.4 + 0.42 * s.t('wall light')), rng, 0.5);
    const floor = Math.max(0.6, s.horizon + 0.15);
    gradient(pen, 0, floor, lit(wall, 1.1), lit(wall, 0.85));
    pen.texture(
      rect(0, 0, 1, floor),
      [0.5, floor / 2, 0.6, floor / 2],
      rng.pick(['cloudy', 'fine', s.t('paper') > 0.6 ? 'stripes' : 'cloudy'] as const),
      0.3,
      1.4,
    );
    if (s.t('bricks') > 0.85) pen.texture(rect(0, 0, 1, floor), [0.5, floor / 2, 0.6, floor / 2], 'bricks', 0.7, 1.6);
    gradient(
      pen,
      floor,
      1.02,
      s.t('floor') > 0.4 ? [150, 112, 74] : lit(wall, 0.6),
      s.t('floor') > 0.4 ? [104, 74, 46] : lit(wall, 0.45),
    );
    pen.texture(
      rect(0, floor, 1, 1 - floor + 0.02),
      [0.5, (1 + floor) / 2, 0.6, 0.25],
      s.t('floor') > 0.4 ? 'wood' : 'weave',
      0.55,
      1.2,
      0.6,
    );
    pen.fill(rect(0, floor - 0.015, 1, 0.02), lit(wall, 0.6));
    if (rng.chance(0.5)) {
      const x = rng.range(0, 0.7);
      pen.box(x, 0.08, 0.28, 0.36, { colour: s.time === 'night' ? [30, 38, 66] : [214, 228, 240], gloss: 0.3 });
      pen.line(
        track([
          [x + 0.14, 0.08],
          [x + 0.14, 0.44],
        ]),
        [226, 222, 214],
        0.02,
      );
    }
    const n = rng.int(4);
    for (let i = 0; i < n; i++)
      pen.box(rng.uniform(), rng.range(0.1, 0.45), rng.range(0.06, 0.2), rng.range(0.08, 0.24), {
        colour: hsl(rng.uniform(), 0.4, 0.45),
        texture: rng.pick(['cloudy', 'weave', 'leaves'] as const),
        grain: 0.6,
        density: 3,
      });
    if (rng.chance(0.6))
      pen.box(
        rng.range(-0.2, 0.8),
        floor - rng.range(0.15, 0.4),
        rng.range(0.2, 0.5),
        0.5,
        { colour: jitter([120, 92, 66], rng, 0.9), texture: 'wood', grain: 0.5 },
        0.03,
      );
  },
  'kitchen-table': (pen, s) => {
    const { rng } = pen;
    const back = jitter(hsl(s.t('back hue'), 0.2, 0.3 + 0.35 * s.t('back')), rng, 0.7);
    gradient(pen, 0, s.horizon + 0.05, back, lit(back, 0.7));
    blur(pen, 12, [lit(back, 1.3), lit(back, 0.6), hsl(rng.uniform(), 0.5, 0.6)]);
    const wood = hsl(0.06 + 0.06 * s.t('wood hue'), 0.15 + 0.45 * s.t('wood'), 0.25 + 0.5 * s.t('wood light'));
    ground(
      pen,
      { ...s, time: 'day' },
      wood,
      s.t('cloth') > 0.75 ? 'weave' : s.t('cloth') > 0.6 ? 'cracks' : 'wood',
      0.6,
      0.8,
    );
    if (rng.chance(0.5))
      pen.ellipse(rng.uniform(), rng.range(s.horizon, 1), rng.range(0.06, 0.2), rng.range(0.03, 0.1), {
        colour: jitter([228, 222, 210], rng, 0.6),
        gloss: 0.3,
      });
  },
  studio: (pen, s) => {
    const { rng } = pen;
    const c = jitter(hsl(s.t('back hue'), 0.5 * s.t('back vivid') ** 2, 0.2 + 0.75 * s.t('back')), rng, 0.4);
    gradient(pen, 0, 1, lit(c, 1.12), lit(c, 0.8));
    pen.fill(oval(rng.range(0.3, 0.7), 0.4, 0.5, 0.45), lit(c, 1.2), 0.35);
    pen.texture(undefined, all, rng.pick(['cloudy', 'fine'] as const), 0.18, 1);
  },
} satisfies Partial<Record<Place, PaintPlace>>;
