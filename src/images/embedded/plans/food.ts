import { blend, jitter, lit, type Rgb } from '../colour.js';
import { oval, type Point, poly, smooth, track } from '../pen.js';
import { coloured, type Plan } from '../plan.js';
import { leaf } from './plants.js';

/** Fruit, vegetables, nuts: round, long, in bunches, cut open. */
export const fruit: Plan = (pen, look) => {
  const { rng } = look;
  const skin = {
    ...look.main,
    gloss: look.between('shine', 0.05, 0.7),
    texture: look.choose('rind', ['cloudy', 'pebbles', 'fine', 'stripes', 'scales'] as const),
    grain: look.between('rough', 0.1, 0.55),
    density: 1.3,
  };
  const form = look.choose('form', ['round', 'long', 'pear', 'bunch', 'leafy', 'curved', 'root'] as const);
  const green: Rgb = [86, 128, 54];
  const cut = rng.chance(0.22);
  if (form === 'bunch') {
    for (let i = 0; i < 16; i++) {
      const row = Math.floor(Math.sqrt(2 * i + 0.25) - 0.5);
      const k = i - (row * (row + 1)) / 2;
      const r = look.between('berry', 0.16, 0.24);
      pen.ellipse(
        (k - row / 2) * r * 1.7 + rng.normal() * 0.03,
        0.85 - row * r * 1.45,
        r,
        r,
        coloured(skin, lit(skin.colour, rng.range(0.8, 1.1))),
      );
    }
    pen.line(
      track([
        [0, -0.4],
        [0.05, -0.85],
      ]),
      [96, 80, 44],
      0.06,
    );
    return;
  }
  if (form === 'long' || form === 'curved' || form === 'root') {
    const bend = form === 'curved' ? rng.range(0.3, 0.55) : rng.normal() * 0.06;
    const w = look.between('width', 0.22, 0.5);
    const points: Point[] = [
      [-0.85, 0.1 - bend],
      [-0.3, 0.25 + bend * 0.6],
      [0.3, 0.25 + bend * 0.6],
      [0.85, 0.1 - bend],
    ];
    pen.limb(points, w, form === 'root' ? w * 0.15 : w * 0.8, skin);
    if (form === 'root')
      for (let i = 0; i < 5; i++)
        leaf(pen, -0.85, 0.1, 0.4, 0.05, Math.PI + (i - 2) * 0.3 - 0.3, lit(green, rng.range(0.8, 1.3)));
    else pen.fill(oval(-0.88, 0.08 - bend, 0.06, 0.08), look.dark.colour);
    return;
  }
  if (form === 'leafy') {
    for (let i = 0; i < 12; i++) {
      const a = (i * 2 * Math.PI) / 12 + rng.normal() * 0.1;
      const d = 0.5 - (i % 3) * 0.14;
      pen.ellipse(
        Math.cos(a) * d,
        0.25 + Math.sin(a) * d * 0.8,
        0.42,
        0.3,
        { ...coloured(look.main, lit(look.main.colour, rng.range(0.7, 1.2))), texture: 'cracks', grain: 0.4 },
        a,
      );
    }
    return;
  }
  const rx = look.between('wide', 0.62, 0.9);
  const ry = look.between('tall', 0.6, 0.9);
  const cy = 1 - ry;
  const path =
    form === 'pear'
      ? smooth([
          [0, -0.75],
          [0.3, -0.3],
          [0.62, 0.4],
          [0, 1],
          [-0.62, 0.4],
          [-0.3, -0.3],
        ])
      : oval(0, cy, rx, ry);
  pen.part(path, [0, cy, rx, ry], skin);
  if (cut) {
    const flesh = blend(look.second.colour, [250, 240, 210], 0.45);
    pen.part(oval(0.06, cy, rx * 0.84, ry * 0.86), [0, cy, rx, ry], { colour: flesh, texture: 'cloudy', grain: 0.25 });
    const seeds = 5 + Math.floor(look.t('seeds') * 6);
    for (let i = 0; i < seeds; i++) {
      const a = (i * 2 * Math.PI) / seeds;
      pen.fill(
        oval(0.06 + Math.cos(a) * rx * 0.4, cy + Math.sin(a) * ry * 0.4, 0.05, 0.09, a + 1.57),
        look.dark.colour,
      );
    }
    return;
  }
  if (look.t('segments') > 0.6)
    for (const u of [-0.5, 0, 0.5])
      pen.line(
        smooth([
          [0, cy - ry],
          [u * rx * 1.3, cy],
          [0, cy + ry],
        ]),
        lit(skin.colour, 0.7),
        0.04,
        0.6,
      );
  const top = form === 'pear' ? -0.75 : cy - ry;
  pen.line(
    track([
      [0, top + 0.08],
      [0.06, top - 0.16],
    ]),
    [92, 70, 40],
    0.07,
  );
  if (look.t('leaf') > 0.4) leaf(pen, 0.04, top - 0.08, 0.42, 0.11, -0.35, green);
};

/** Things on a plate or in a bowl. */
export const dish: Plan = (pen, look) => {
  const { rng } = look;
  const flat = look.view === 'top' ? 0.95 : rng.range(0.42, 0.62);
  const china = {
    colour: look.choose('china', [
      [238, 236, 230],
      [220, 214, 200],
      [70, 92, 120],
      [60, 58, 58],
    ] as readonly Rgb[]),
    gloss: 0.4,
  };
  const cy = 0.4;
  pen.ellipse(0, cy + 0.05, 0.98, 0.98 * flat, coloured(china, lit(china.colour, 0.7)));
  pen.ellipse(0, cy, 0.97, 0.95 * flat, china);
  pen.ellipse(0, cy, 0.76, 0.74 * flat, coloured(china, lit(china.colour, 0.92)));
  const n = 8 + Math.floor(look.t('pieces') * 26);
  const size = look.between('piece', 0.08, 0.3);
  const colours = [look.main.colour, look.second.colour, look.third.colour];
  const texture = look.choose('food texture', ['cloudy', 'pebbles', 'fine', 'leaves', 'fur'] as const);
  const long = look.between('stretch', 0.3, 1);
  if (look.t('sauce') > 0.4)
    pen.ellipse(0, cy, 0.66, 0.62 * flat, { colour: look.third.colour, texture: 'cloudy', grain: 0.4, gloss: 0.4 });
  for (let i = 0; i < n; i++) {
    const a = rng.range(0, 6.3);
    const d = Math.sqrt(rng.uniform()) * 0.55;
    const c = jitter(rng.chance(0.65) ? colours[0] : rng.pick(colours), rng, 0.5);
    const lift = (1 - d) * look.between('heap', 0, 0.4);
    pen.ellipse(
      Math.cos(a) * d,
      cy + Math.sin(a) * d * flat - lift,
      size,
      size * long,
      { colour: c, texture, grain: 0.5, density: 2, gloss: 0.2 },
      rng.range(0, 3),
    );
  }
  if (look.t('garnish') > 0.5)
    for (let i = 0; i < 3; i++) leaf(pen, rng.normal() * 0.15, cy - 0.15, 0.3, 0.09, rng.range(0, 6), [76, 130, 52]);
};

/** Cakes, loaves, pies, sandwiches: layers. */
export const bakery: Plan = (pen, look) => {
  const { rng } = look;
  const crust = { ...look.main, texture: 'pebbles' as const, grain: 0.45, density: 1.6 };
  const form = look.choose('form', ['loaf', 'layers', 'ring', 'slice', 'bun', 'muffin'] as const);
  const filling = coloured(look.second, look.second.colour);
  if (form === 'ring') {
    pen.ellipse(0, 0.4, 0.85, 0.58, crust);
    pen.inside(oval(0, 0.4, 0.85, 0.58), () => pen.ellipse(0, 0.32, 0.76, 0.46, { ...filling, gloss: 0.5 }));
    pen.ellipse(0, 0.36, 0.28, 0.17, { colour: lit(crust.colour, 0.4) });
    for (let i = 0; i < 16; i++) {
      const a = rng.range(0, 6.3);
      pen.fill(oval(Math.cos(a) * 0.55, 0.33 + Math.sin(a) * 0.33, 0.04, 0.02, a), jitter(look.third.colour, rng, 1));
    }
  } else if (form === 'layers') {
    const n = 2 + Math.floor(look.t('layers') * 3);
    for (let i = 0; i < n; i++) {
      const y = 0.85 - (i * 1.2) / n;
      pen.box(-0.75, y - 1.2 / n, 1.5, 1.2 / n, i % 2 ? filling : crust, 0.05);
      pen.fill(oval(0, y - 1.2 / n, 0.75, 0.1), lit((i % 2 ? filling : crust).colour, 1.1));
    }
    pen.ellipse(0, -0.35, 0.75, 0.2, { ...filling, gloss: 0.3 });
    if (look.t('topping') > 0.3)
      for (let i = 0; i < 5; i++) pen.ellipse(-0.5 + i * 0.25, -0.42, 0.1, 0.1, { ...look.third, gloss: 0.6 });
  } else if (form === 'slice') {
    pen.polygon(
      [
        [-0.9, 0.1],
        [0.8, -0.3],
        [0.85, 0.4],
        [-0.9, 0.75],
      ],
      crust,
    );
    pen.polygon(
      [
        [-0.9, 0.32],
        [0.82, -0.02],
        [0.83, 0.14],
        [-0.9, 0.5],
      ],
      filling,
    );
    pen.polygon(
      [
        [-0.9, 0.1],
        [0.1, -0.55],
        [0.8, -0.3],
      ],
      { ...coloured(look.third, look.third.colour), texture: 'cloudy', grain: 0.4 },
    );
  } else if (form === 'muffin') {
    pen.polygon(
      [
        [-0.55, 0.2],
        [0.55, 0.2],
        [0.4, 1],
        [-0.4, 1],
      ],
      { colour: look.third.colour, texture: 'stripes', grain: 0.6, density: 1.2 },
    );
    for (const [x, r] of [
      [-0.35, 0.36],
      [0.35, 0.36],
      [0, 0.48],
    ] as const)
      pen.ellipse(x, 0.02, r, r * 0.9, crust);
    pen.ellipse(0, -0.35, 0.3, 0.24, filling);
  } else {
    const h = form === 'bun' ? 0.55 : look.between('height', 0.35, 0.6);
    pen.blob(
      [
        [-0.95, 0.6],
        [-0.7, 0.6 - h * 1.3],
        [0, 0.55 - h * 1.6],
        [0.7, 0.6 - h * 1.3],
        [0.95, 0.6],
        [0.7, 0.92],
        [-0.7, 0.92],
      ],
      crust,
    );
    if (form === 'bun') {
      pen.box(-0.92, 0.5, 1.84, 0.12, filling, 0.05);
      pen.box(-0.88, 0.58, 1.76, 0.1, look.third, 0.05);
    } else
      for (let i = 0; i < 4; i++)
        pen.line(
          track([
            [-0.5 + i * 0.3, 0],
            [-0.35 + i * 0.3, 0.4],
          ]),
          lit(crust.colour, 1.3),
          0.06,
          0.7,
        );
  }
};

/** Glasses, cups and bottles with something in them. */
export const drink: Plan = (pen, look) => {
  const glass = look.choose('vessel', ['tumbler', 'stem', 'mug', 'bottle'] as const);
  const liquid = { ...look.main, gloss: 0.5, grain: 0.1 };
  const w = look.between('width', 0.35, 0.6);
  const full = look.rng.range(0.1, 0.4);
  if (glass === 'stem') {
    pen.fill(oval(0, 0.95, 0.4, 0.08), [206, 212, 216], 0.7);
    pen.fill(
      poly([
        [-0.04, 0.2],
        [0.04, 0.2],
        [0.04, 0.95],
        [-0.04, 0.95],
      ]),
      [206, 212, 216],
      0.7,
    );
    pen.blob(
      [
        [-w, -0.8],
        [w, -0.8],
        [w * 0.8, 0],
        [0, 0.28],
        [-w * 0.8, 0],
      ],
      { colour: [222, 228, 232], clear: 0.5, gloss: 0.6 },
    );
    pen.blob(
      [
        [-w * 0.92, -0.7 + full],
        [w * 0.92, -0.7 + full],
        [w * 0.7, 0],
        [0, 0.24],
        [-w * 0.7, 0],
      ],
      liquid,
    );
  } else if (glass === 'bottle') {
    const body = { ...look.main, clear: 0.1, gloss: 0.7 };
    pen.box(-0.13, -1, 0.26, 0.6, body, 0.04);
    pen.blob(
      [
        [-0.14, -0.5],
        [0.14, -0.5],
        [w * 0.8, -0.1],
        [w * 0.8, 1],
        [-w * 0.8, 1],
        [-w * 0.8, -0.1],
      ],
      body,
    );
    pen.box(-w * 0.75, 0.15, w * 1.5, 0.5, { ...look.second });
  } else {
    if (glass === 'mug') pen.line(oval(w + 0.12, 0.3, 0.22, 0.3), look.second.colour, 0.12);
    const side = glass === 'mug' ? look.second : { colour: [224, 230, 234] as Rgb, clear: 0.5, gloss: 0.6 };
    pen.polygon(
      [
        [-w, -0.5],
        [w, -0.5],
        [w * 0.85, 1],
        [-w * 0.85, 1],
      ],
      side,
    );
    if (glass === 'tumbler')
      pen.polygon(
        [
          [-w * 0.93, -0.5 + full],
          [w * 0.93, -0.5 + full],
          [w * 0.8, 0.95],
          [-w * 0.8, 0.95],
        ],
        liquid,
      );
    pen.ellipse(0, -0.5 + (glass === 'mug' ? 0 : full), w * 0.93, 0.12, coloured(liquid, lit(liquid.colour, 1.15)));
    if (look.t('ice') > 0.6)
      for (const x of [-0.2, 0.15])
        pen.box(x, -0.55 + full, 0.2, 0.2, { colour: [236, 242, 246], clear: 0.3, gloss: 0.7 }, 0.03);
  }
};
