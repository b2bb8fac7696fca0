import type { Scene as Place } from '../../../captions/lexicon.js';
import { blend, hsl, jitter, lit } from '../colour.js';
import { oval, poly, rect, smooth } from '../pen.js';
import { ground, houses, ridge, treeline, tufts } from './ground.js';
import { gradient, sky } from './sky.js';
import { all, type PaintPlace } from './surroundings.js';

/** Air, water and land that nobody built on. */
export const LAND = {
  sky: (pen, s) => {
    sky(pen, s, 1.05);
    if (s.t('land') > 0.7) ridge(pen, 1, 0.14, 0.3, [90, 110, 90], 'leaves', 0.4);
  },
  water: (pen, s) => {
    sky(pen, s, s.horizon);
    if (s.t('shore') > 0.35)
      pen.rng.chance(0.5)
        ? treeline(pen, s.horizon, 0.14, [58, 84, 54])
        : ridge(pen, s.horizon, 0.18, s.t('rough'), [104, 112, 110], 'cloudy', 0.4);
    const deep = hsl(0.42 + 0.2 * s.t('water hue'), 0.2 + 0.4 * s.t('water clear'), 0.28 + 0.2 * s.t('water light'));
    ground(pen, s, deep, 'ripples', 0.75, 1.6);
    for (let i = 0; i < 8; i++)
      pen.fill(
        oval(pen.rng.uniform(), pen.rng.range(s.horizon, 1), pen.rng.range(0.02, 0.12), 0.006),
        [240, 246, 250],
        0.5,
      );
  },
  underwater: (pen, s) => {
    const c = jitter(hsl(0.46 + 0.14 * s.t('water hue'), 0.6, 0.4), pen.rng, 0.5);
    gradient(pen, 0, 1, lit(c, 1.35), lit(c, 0.4));
    pen.texture(undefined, all, 'cloudy', 0.5, pen.rng.range(0.5, 1.2));
    for (let i = 0; i < 5; i++) {
      const x = pen.rng.uniform();
      pen.fill(
        poly([
          [x, -0.05],
          [x + 0.08, -0.05],
          [x + 0.3, 1],
          [x + 0.05, 1],
        ]),
        [220, 250, 250],
        0.07,
      );
    }
    const bed = s.t('bed');
    if (bed > 0.4) {
      pen.part(
        smooth([
          [-0.1, 0.82],
          [0.3, 0.76],
          [0.7, 0.86],
          [1.1, 0.78],
          [1.1, 1.2],
          [-0.1, 1.2],
        ]),
        [0.5, 0.95, 0.6, 0.2],
        {
          colour: blend(c, bed > 0.7 ? [200, 180, 130] : [90, 80, 70], 0.55),
          texture: 'pebbles',
          grain: 0.7,
          density: 2,
        },
      );
      for (let i = 0; i < 6; i++)
        pen.ellipse(pen.rng.uniform(), pen.rng.range(0.85, 1), pen.rng.range(0.03, 0.12), pen.rng.range(0.03, 0.14), {
          colour: blend(c, hsl(pen.rng.uniform(), 0.7, 0.5), 0.6),
          texture: 'cells',
          grain: 0.7,
          density: 4,
        });
    }
    for (let i = 0; i < 8; i++)
      pen.line(oval(pen.rng.uniform(), pen.rng.uniform(), 0.012, 0.012), [230, 250, 252], 0.006, 0.6);
  },
  forest: (pen, s) => {
    const { rng } = pen;
    const leafy = jitter(
      hsl(0.18 + 0.18 * s.t('leaf hue'), 0.3 + 0.25 * s.t('leaf'), 0.24 + 0.14 * s.t('leaf light')),
      rng,
      0.5,
    );
    const dim = s.time === 'night' ? 0.3 : 1;
    gradient(pen, 0, 1, lit(leafy, 1.3 * dim), lit(leafy, 0.5 * dim));
    pen.texture(undefined, all, 'leaves', 0.85, rng.range(1, 2.6));
    pen.texture(undefined, all, 'cloudy', 0.6, rng.range(0.5, 1));
    const floor = Math.max(0.55, s.horizon + 0.12);
    ground(pen, { ...s, horizon: floor }, s.t('floor') > 0.5 ? [96, 78, 50] : [70, 92, 48], 'leaves', 0.8, 2);
    const n = 2 + rng.int(5);
    for (let i = 0; i < n; i++) {
      const x = rng.uniform();
      const w = rng.range(0.02, 0.1);
      pen.limb(
        [
          [x, floor + rng.range(0, 0.15)],
          [x + rng.normal() * 0.02, 0.3],
          [x + rng.normal() * 0.04, -0.1],
        ],
        w * 1.2,
        w * 0.8,
        {
          colour: lit(s.t('bark') > 0.75 ? [190, 186, 176] : [82, 62, 46], rng.range(0.5, 1.1) * dim),
          texture: 'wood',
          grain: 0.6,
          density: 2,
        },
      );
    }
    tufts(pen, floor, lit(leafy, 0.9), 20);
  },
  grass: (pen, s) => {
    sky(pen, s, s.horizon);
    if (pen.rng.chance(0.65)) treeline(pen, s.horizon, pen.rng.range(0.06, 0.24), [60, 86, 48]);
    const c = hsl(0.13 + 0.19 * s.t('grass hue'), 0.35 + 0.25 * s.t('grass'), 0.32 + 0.14 * s.t('grass light'));
    ground(pen, s, c, 'fur', 0.8, 1.6);
    tufts(pen, s.horizon + 0.1, c, 40);
    if (s.t('flowers') > 0.6)
      for (let i = 0; i < 20; i++)
        pen.fill(oval(pen.rng.uniform(), pen.rng.range(s.horizon, 1), 0.012, 0.01), hsl(s.t('flower hue'), 0.8, 0.65));
  },
  garden: (pen, s) => {
    const { rng } = pen;
    sky(pen, s, s.horizon);
    ridge(pen, s.horizon + 0.06, 0.3, 0.2, [64, 98, 50], 'leaves', 0.85);
    if (rng.chance(0.35)) houses(pen, s.horizon, 0.3);
    ground(
      pen,
      s,
      s.t('path') > 0.6 ? [150, 136, 112] : [84, 122, 54],
      s.t('path') > 0.6 ? 'pebbles' : 'fur',
      0.75,
      1.6,
    );
    for (let i = 0; i < 7; i++)
      pen.ellipse(rng.uniform(), rng.range(s.horizon - 0.08, 0.9), rng.range(0.04, 0.14), rng.range(0.04, 0.12), {
        colour: jitter([70, 108, 52], rng, 0.8),
        texture: 'leaves',
        grain: 0.8,
        density: 4,
      });
    for (let i = 0; i < 24; i++)
      pen.fill(
        oval(rng.uniform(), rng.range(s.horizon, 1), 0.016, 0.014),
        hsl((s.t('flower hue') + rng.range(0, 0.15)) % 1, 0.8, 0.62),
      );
    if (s.t('fence') > 0.65)
      for (let i = 0; i < 12; i++) pen.box(i / 12, s.horizon - 0.1, 0.05, 0.16, { colour: [206, 198, 184] });
  },
  sand: (pen, s) => {
    sky(pen, s, s.horizon);
    if (s.t('sea') > 0.4) {
      const far = s.horizon;
      gradient(pen, far, far + 0.14, [70, 130, 160], [140, 180, 186]);
      pen.texture(rect(0, far, 1, 0.14), [0.5, far + 0.07, 0.5, 0.08], 'ripples', 0.6, 2, 0.5);
      ground(pen, { ...s, horizon: far + 0.13 }, [206, 180, 136], 'fine', 0.5, 1.4);
    } else {
      ridge(pen, s.horizon + 0.05, 0.16, 0.2, [214, 176, 122], 'ripples', 0.4);
      ground(pen, s, hsl(0.09 + 0.03 * s.t('sand'), 0.45, 0.58), s.t('stones') > 0.6 ? 'pebbles' : 'ripples', 0.55, 1);
    }
  },
  snow: (pen, s) => {
    sky(pen, { ...s, weather: s.weather === 'sun' && pen.rng.chance(0.5) ? 'cloud' : s.weather }, s.horizon);
    if (s.t('trees') > 0.4) treeline(pen, s.horizon, 0.25, [70, 90, 84]);
    else ridge(pen, s.horizon + 0.02, 0.28, 0.8, [214, 222, 232], 'cracks', 0.5);
    ground(pen, s, [226, 232, 240], 'cloudy', 0.3, 1.2);
  },
  rock: (pen, s) => {
    const { rng } = pen;
    sky(pen, s, s.horizon);
    const c = hsl(0.04 + 0.1 * s.t('rock hue'), 0.05 + 0.3 * s.t('rock'), 0.3 + 0.3 * s.t('rock light'));
    ridge(pen, s.horizon + 0.15, 0.35, 0.8, c, 'cracks', 0.8);
    ground(pen, s, c, 'cracks', 0.8, 1);
    for (let i = 0; i < 7; i++)
      pen.ellipse(rng.uniform(), rng.range(s.horizon, 1), rng.range(0.04, 0.18), rng.range(0.03, 0.12), {
        colour: jitter(c, rng, 0.7),
        texture: 'cracks',
        grain: 0.7,
        density: 3,
      });
  },
  mountain: (pen, s) => {
    sky(pen, s, s.horizon + 0.1);
    for (let i = 0; i < 3; i++)
      ridge(
        pen,
        s.horizon + 0.02 + i * 0.05,
        0.42 - i * 0.12,
        0.8,
        lit(blend([140, 156, 180], [84, 96, 84], i / 2), pen.rng.range(0.85, 1.1)),
        i ? 'leaves' : 'cracks',
        0.6,
      );
    if (s.t('peaks') > 0.4)
      for (let i = 0; i < 3; i++) {
        const x = pen.rng.uniform();
        pen.polygon(
          [
            [x - 0.05, s.horizon - 0.22],
            [x, s.horizon - 0.32],
            [x + 0.05, s.horizon - 0.22],
          ],
          { colour: [240, 244, 250] },
        );
      }
    ground(pen, { ...s, horizon: s.horizon + 0.12 }, [98, 122, 70], 'fur', 0.7, 1.6);
  },
} satisfies Partial<Record<Place, PaintPlace>>;
