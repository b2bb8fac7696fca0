import type { Scene as Place } from '../../captions/lexicon.js';
import { blend, hsl, jitter, lit, type Rgb } from './colour.js';
import { oval, type Pen, type Point, poly, rect, smooth, track } from './pen.js';
import type { Texture } from './textures.js';

/** What surrounds the things: drawn in the unit square, y down. */
export interface Surroundings {
  place: Place;
  /** Height of the horizon, 0 top … 1 bottom. */
  horizon: number;
  time: 'dawn' | 'day' | 'sunset' | 'dusk' | 'night';
  weather: 'sun' | 'cloud' | 'rain' | 'snow' | 'fog' | 'storm' | 'wind';
  /** A number of the background's own, 0…1: the same in all images of a caption. */
  t(name: string): number;
}

const SKY: Readonly<Record<Surroundings['time'], readonly [Rgb, Rgb]>> = {
  dawn: [
    [130, 160, 206],
    [250, 206, 178],
  ],
  day: [
    [70, 132, 208],
    [190, 216, 236],
  ],
  sunset: [
    [86, 88, 150],
    [250, 150, 80],
  ],
  dusk: [
    [34, 44, 92],
    [150, 104, 130],
  ],
  night: [
    [6, 9, 24],
    [26, 34, 60],
  ],
};

const all = [0.5, 0.5, 0.5, 0.5] as const;

function gradient(pen: Pen, y0: number, y1: number, top: Rgb, bottom: Rgb): void {
  const g = pen.ctx.createLinearGradient(0, y0, 0, y1);
  g.addColorStop(0, css3(top));
  g.addColorStop(1, css3(bottom));
  pen.ctx.fillStyle = g;
  pen.ctx.fillRect(-0.05, y0, 1.1, y1 - y0);
}
const css3 = ([r, g, b]: Rgb) =>
  `rgb(${Math.max(0, Math.min(255, r | 0))},${Math.max(0, Math.min(255, g | 0))},${Math.max(0, Math.min(255, b | 0))})`;

function sky(pen: Pen, s: Surroundings, down: number): void {
  const { rng } = pen;
  let [top, bottom] = SKY[s.time];
  const grey: Rgb = [186, 190, 196];
  const dull =
    s.weather === 'storm'
      ? 0.8
      : s.weather === 'cloud' || s.weather === 'rain' || s.weather === 'fog'
        ? 0.65
        : s.weather === 'snow'
          ? 0.5
          : rng.range(0, 0.3);
  const dark = s.time === 'night' ? 0.15 : s.weather === 'storm' ? 0.55 : 1;
  top = jitter(blend(top, lit(grey, dark * 0.85), dull), rng, 0.5);
  bottom = jitter(blend(bottom, lit(grey, dark), dull), rng, 0.4);
  gradient(pen, -0.02, down + 0.02, top, bottom);
  if (s.time === 'night') {
    for (let i = 0; i < 24; i++)
      pen.fill(oval(rng.uniform(), rng.uniform() * down, 0.005, 0.005), [230, 234, 250], rng.range(0.3, 1));
    if (rng.chance(0.4)) pen.fill(oval(rng.uniform(), rng.uniform() * down * 0.6, 0.045, 0.045), [238, 236, 220]);
  } else if ((s.time === 'sunset' || s.time === 'dawn') && rng.chance(0.6))
    pen.fill(oval(rng.uniform(), down * rng.range(0.6, 1), 0.07, 0.07), [255, 236, 190], 0.9);
  const cloudy = s.weather === 'sun' ? rng.range(0, 0.35) : rng.range(0.3, 0.9);
  if (cloudy > 0.1) {
    pen.texture(
      rect(-0.05, -0.05, 1.1, down + 0.05),
      [0.5, down / 2, 0.6, down / 2 + 0.1],
      'cloudy',
      cloudy,
      rng.range(0.5, 1.4),
      rng.range(0.4, 0.8),
    );
    const puffs = Math.floor(cloudy * 9);
    for (let i = 0; i < puffs; i++) {
      const [x, y, w] = [rng.uniform(), rng.uniform() * down * 0.8, rng.range(0.05, 0.2)];
      for (let k = 0; k < 4; k++)
        pen.fill(
          oval(x + rng.normal() * w * 0.6, y + rng.normal() * w * 0.14, w * rng.range(0.4, 0.9), w * 0.3),
          lit(bottom, 1.25),
          0.28,
        );
    }
  }
}

/** Ground from the horizon down: darker and coarser towards us. */
function ground(pen: Pen, s: Surroundings, colour: Rgb, texture: Texture, grain: number, density: number): void {
  const { rng } = pen;
  const dim = s.time === 'night' ? 0.25 : s.time === 'dusk' ? 0.55 : s.time === 'day' ? 1 : 0.8;
  const c = jitter(lit(colour, dim), rng, 0.6);
  gradient(pen, s.horizon, 1.02, blend(c, SKY[s.time][1], 0.25), lit(c, 0.8));
  const h = 1 - s.horizon;
  for (const [from, to, d] of [
    [0, 0.25, 2.2],
    [0.25, 0.55, 1.3],
    [0.55, 1, 0.8],
  ] as const)
    pen.texture(
      rect(-0.05, s.horizon + h * from, 1.1, h * (to - from) + 0.01),
      [0.5, s.horizon + (h * (from + to)) / 2, 0.6, (h * (to - from)) / 2 + 0.02],
      texture,
      grain,
      density * d,
      0.5,
    );
  pen.texture(
    rect(-0.05, s.horizon, 1.1, h + 0.05),
    [0.5, s.horizon + h / 2, 0.6, h / 2 + 0.1],
    'cloudy',
    0.4,
    rng.range(0.6, 1.2),
    0.5,
  );
}

function ridge(
  pen: Pen,
  base: number,
  height: number,
  rough: number,
  colour: Rgb,
  texture: Texture,
  grain: number,
): void {
  const { rng } = pen;
  const n = 9;
  const points: Point[] = [[-0.1, base + 0.05]];
  for (let i = 0; i <= n; i++)
    points.push([i / n - 0.02, base - height * (0.3 + 0.7 * rng.uniform()) * (rough > 0.5 && i % 2 ? 0.55 : 1)]);
  points.push([1.1, base + 0.05]);
  pen.part(rough > 0.5 ? poly(points) : smooth(points), [0.5, base - height / 2, 0.6, height], {
    colour,
    texture,
    grain,
    density: 2,
  });
}

function treeline(pen: Pen, base: number, height: number, colour: Rgb): void {
  const { rng } = pen;
  const pointed = rng.chance(0.4);
  const n = 8 + rng.int(8);
  for (let i = 0; i < n; i++) {
    const x = rng.range(-0.05, 1.05);
    const h = height * rng.range(0.5, 1.1);
    const w = h * rng.range(0.3, 0.6);
    const c = lit(colour, rng.range(0.6, 1.15));
    if (pointed)
      pen.polygon(
        [
          [x - w * 0.6, base + 0.02],
          [x, base - h],
          [x + w * 0.6, base + 0.02],
        ],
        { colour: c },
      );
    else pen.ellipse(x, base - h * 0.5, w, h * 0.6, { colour: c, texture: 'leaves', grain: 0.6, density: 4 });
  }
}

function houses(pen: Pen, base: number, height: number): void {
  const { rng } = pen;
  let x = rng.range(-0.2, 0);
  while (x < 1.05) {
    const w = rng.range(0.1, 0.32);
    const h = height * rng.range(0.4, 1.1);
    const wall = hsl(rng.range(0.02, 0.13), rng.range(0.02, 0.35), rng.range(0.25, 0.75));
    pen.box(x, base - h, w, h + 0.03, {
      colour: wall,
      texture: rng.pick(['bricks', 'cloudy', 'fine'] as const),
      grain: 0.4,
      density: 3,
    });
    const nx = 1 + Math.floor(w * 14);
    const ny = 1 + Math.floor(h * 10);
    const glass = lit([66, 78, 92], rng.range(0.6, 1.9));
    for (let i = 0; i < nx; i++)
      for (let j = 0; j < ny; j++)
        pen.fill(
          rect(x + ((i + 0.25) * w) / nx, base - h + ((j + 0.25) * h) / ny, (w / nx) * 0.5, (h / ny) * 0.5),
          rng.chance(0.15) ? [250, 222, 150] : glass,
          0.85,
        );
    if (rng.chance(0.4))
      pen.polygon(
        [
          [x - 0.02, base - h],
          [x + w / 2, base - h - w * 0.4],
          [x + w + 0.02, base - h],
        ],
        { colour: lit([140, 70, 52], rng.range(0.6, 1.2)) },
      );
    x += w + rng.range(-0.02, 0.06);
  }
}

/** Blades, leaves or stones near the camera, over the foot of the scene. */
function tufts(pen: Pen, from: number, colour: Rgb, n: number): void {
  const { rng } = pen;
  for (let i = 0; i < n; i++) {
    const x = rng.range(-0.05, 1.05);
    const y = rng.range(from, 1.1);
    const h = rng.range(0.03, 0.16) * (0.4 + y - from);
    pen.line(
      track([
        [x, y],
        [x + rng.normal() * h * 0.5, y - h],
      ]),
      jitter(colour, rng, 0.8),
      rng.range(0.006, 0.016),
      0.9,
    );
  }
}

function blur(pen: Pen, n: number, colours: readonly Rgb[]): void {
  const { rng } = pen;
  for (let i = 0; i < n; i++)
    pen.fill(
      oval(rng.uniform(), rng.uniform(), rng.range(0.03, 0.25), rng.range(0.03, 0.25)),
      jitter(rng.pick(colours), rng, 0.8),
      rng.range(0.25, 0.8),
    );
}

const PLACES: Readonly<Record<Place, (pen: Pen, s: Surroundings) => void>> = {
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
};

/** Paints the surroundings over the whole unit square. */
export function paintBackdrop(pen: Pen, s: Surroundings): void {
  PLACES[s.place](pen, s);
}

/** What hangs between the camera and everything: rain, snow, fog. */
export function paintWeather(pen: Pen, s: Surroundings): void {
  const { rng } = pen;
  if (s.weather === 'fog') {
    const g = pen.ctx.createLinearGradient(0, 0, 0, 1);
    g.addColorStop(0, 'rgba(214,218,222,0.6)');
    g.addColorStop(1, 'rgba(214,218,222,0.2)');
    pen.ctx.fillStyle = g;
    pen.ctx.fillRect(0, 0, 1, 1);
  } else if (s.weather === 'snow')
    for (let i = 0; i < 45; i++)
      pen.fill(
        oval(rng.uniform(), rng.uniform(), rng.range(0.004, 0.014), rng.range(0.004, 0.014)),
        [250, 252, 255],
        0.85,
      );
  else if (s.weather === 'rain' || s.weather === 'storm')
    for (let i = 0; i < 35; i++) {
      const [x, y] = [rng.uniform(), rng.uniform()];
      pen.line(
        track([
          [x, y],
          [x - 0.02, y + 0.07],
        ]),
        [216, 224, 232],
        0.005,
        0.5,
      );
    }
}

export const OUTDOOR_GROUND: ReadonlySet<Place> = new Set<Place>([
  'forest',
  'grass',
  'garden',
  'sand',
  'snow',
  'rock',
  'mountain',
  'road',
  'city',
  'indoor-room',
  'kitchen-table',
  'studio',
]);
