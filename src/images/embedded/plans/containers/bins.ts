import { hsl, lit, type Rgb } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { Lathe } from '../lathe.js';
import { BLACK, cloth, disc, flat, own, rectangle, STEEL, shade, shape, stroke, TIMBER, tube } from '../sketch.js';

/** Plaited willow or straw. */
const wicker = (look: Look): Surface =>
  look.told.material
    ? look.main
    : {
        ...look.main,
        colour: look.told.colour
          ? look.main.colour
          : look.choose<Rgb>('willow', [
              [190, 146, 92],
              [214, 184, 130],
              [128, 86, 52],
            ]),
        texture: 'weave',
        grain: 0.75,
        density: 2.2,
        gloss: 0,
      };

/** A basket: plaited walls, a rim, a handle over it or two grips; something in it. */
export const basket: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const { rng } = look;
  const s = wicker(look);
  const arch = look.t('arch') > 0.45;
  const top = arch ? 0.2 : -0.1;
  const r = look.between('wide', 0.68, 0.86);
  if (arch) stroke(pen, `M${-r * 0.9} ${top}C${-r} -1.22 ${r} -1.22 ${r * 0.9} ${top}`, lit(s.colour, 0.5), 0.13);
  if (arch) stroke(pen, `M${-r * 0.9} ${top}C${-r} -1.22 ${r} -1.22 ${r * 0.9} ${top}`, s.colour, 0.085);
  else
    for (const k of [-1, 1])
      tube(
        pen,
        `M${k * r * 0.8} ${top}C${k * (r + 0.26)} ${top - 0.3} ${k * (r + 0.2)} ${top + 0.3} ${k * r * 0.94} ${top + 0.25}`,
        s,
        0.08,
      );
  if (rng.chance(0.45))
    for (let i = 0; i < 7; i++)
      pen.ellipse((i - 3) * r * 0.26, top - 0.04 - (i % 2) * 0.1, 0.17, 0.16, {
        colour: hsl(look.t('fill') * 0.35, 0.7, 0.5),
        gloss: 0.4,
      });
  const path = lathe.body(
    [
      [r, top],
      [r * 0.92, 0.6],
      [r * 0.76, 0.95],
    ],
    s,
    rng.chance(0.5) ? {} : { inside: { colour: lit(s.colour, 0.4) } },
  );
  pen.inside(path, () => {
    for (let i = 0; i < 5; i++) lathe.band(top + 0.14 + i * 0.17, r, lit(s.colour, 0.55), 0.02);
  });
  lathe.ring(top, r, lit(s.colour, 1.15), 0.09);
  lathe.ring(top, r, lit(s.colour, 0.6), 0.02);
};

/** A laundry basket or hamper: tall, full of holes or of cloth, clothes over its edge. */
export const laundryBasket: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const { rng } = look;
  const s: Surface =
    look.t('wicker') > 0.6
      ? wicker(look)
      : look.told.colour || look.told.material
        ? look.main
        : own(
            look,
            look.choose('plastic', [
              [238, 238, 236],
              [150, 180, 200],
              [206, 200, 190],
            ]),
            { gloss: 0.35 },
          );
  for (let i = 0; i < 5; i++)
    pen.ellipse(
      (i - 2) * 0.3,
      -0.42 - (i % 2) * 0.12,
      0.3,
      0.22,
      { colour: hsl(rng.uniform(), 0.4, 0.6), texture: 'weave', grain: 0.2 },
      rng.range(-0.5, 0.5),
    );
  const path = lathe.body(
    [
      [0.84, -0.35],
      [0.76, 0.3],
      [0.64, 0.95],
    ],
    s,
  );
  if (s.texture !== 'weave')
    pen.inside(path, () => {
      for (let row = 0; row < 4; row++)
        for (let i = -4; i <= 4; i++) {
          const a = i * 0.34;
          flat(
            pen,
            rectangle(
              Math.sin(a) * (0.8 - row * 0.04) - 0.04 * Math.cos(a),
              lathe.y(-0.02 + row * 0.24) + Math.cos(a) * 0.1,
              0.08 * Math.cos(a),
              0.15,
              0.03,
            ),
            lit(s.colour, 0.35),
          );
        }
    });
  if (rng.chance(0.6))
    shape(pen, 'M0.1 -0.36Q0.4 -0.5 0.6 -0.4L0.7 0.1Q0.5 0.26 0.38 0.12Q0.28 0.28 0.2 0.1Z', {
      colour: hsl(rng.uniform(), 0.45, 0.55),
      texture: 'weave',
      grain: 0.2,
    });
  lathe.band(-0.35, 0.85, lit(s.colour, 1.12), 0.1);
};

/** A bucket: a tapered pail, a handle of wire that hangs or stands. */
export const bucket: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('pail', [
      [176, 182, 188],
      [60, 110, 180],
      [200, 60, 50],
      [90, 150, 80],
    ]),
    { gloss: 0.45 },
  );
  const up = look.rng.chance(0.6);
  const top = -0.2;
  const bail = up
    ? `M-0.7 ${lathe.y(top)}C-0.74 -1.2 0.74 -1.2 0.7 ${lathe.y(top)}`
    : `M-0.7 ${lathe.y(top)}C-0.8 0.5 0.8 0.5 0.7 ${lathe.y(top)}`;
  if (up) tube(pen, bail, STEEL, 0.045);
  lathe.body(
    [
      [0.74, top],
      [0.52, 0.95],
    ],
    s,
    { angular: true, print: true },
  );
  lathe.ring(top, 0.75, lit(s.colour, 1.25), 0.05);
  for (const y of [0.05, 0.7]) lathe.band(y, 0.74 - (y - top) * 0.19, lit(s.colour, 0.65), 0.025);
  if (!up) tube(pen, bail, STEEL, 0.045);
  tube(pen, up ? 'M-0.16 -0.8H0.16' : 'M-0.16 0.31H0.16', TIMBER, 0.09);
  if (look.rng.chance(0.3)) lathe.disc(top + 0.08, 0.66, { colour: [120, 170, 200], gloss: 0.5 });
};

/** A barrel: bulging staves between iron hoops. */
export const barrel: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s: Surface =
    look.told.colour || look.told.material
      ? look.main
      : {
          ...TIMBER,
          colour: look.choose<Rgb>('oak', [
            [150, 104, 62],
            [120, 80, 48],
            [180, 134, 84],
          ]),
        };
  const path = lathe.body(
    [
      [0.56, -0.85],
      [0.7, -0.4],
      [0.74, 0.05],
      [0.7, 0.5],
      [0.56, 0.93],
    ],
    { ...s, texture: undefined },
    { inside: { colour: lit(s.colour, 0.85), texture: 'wood', grain: 0.4 } },
  );
  pen.inside(path, () => {
    for (let i = -4; i <= 4; i++) {
      const x = Math.sin(i * 0.33) * 0.74;
      stroke(pen, `M${x * 0.76} -0.85Q${x * 1.1} 0.05 ${x * 0.76} 1`, lit(s.colour, 0.45), 0.022, 0.8);
    }
  });
  for (const [y, r] of [
    [-0.72, 0.61],
    [-0.42, 0.7],
    [0.42, 0.71],
    [0.76, 0.62],
  ] as const)
    lathe.band(y, r, [74, 74, 78], 0.085);
  pen.ellipse(0, lathe.y(0.05) + 0.74 * lathe.flat, 0.05, 0.05, { colour: [60, 44, 32] });
};

/** A trash can: with a pedal, a swing lid, a dome or of wire. */
const trashOf =
  (outdoor: boolean, open = false): Plan =>
  (pen, look) => {
    const lathe = new Lathe(pen, look);
    if (outdoor) {
      const j = new Joinery(pen, look, true);
      const s = own(
        look,
        look.choose('bin', [
          [52, 92, 60],
          [56, 60, 66],
          [46, 84, 150],
          [150, 116, 40],
        ]),
        { gloss: 0.3 },
      );
      for (const x of [-0.26, 0.26])
        j.at([x - 0.03, 0, -0.42], [x + 0.03, 0.16, -0.28], (to, k) =>
          pen.ellipse(...to([x, 0.08, -0.35]), 0.08 * k, 0.085 * k, BLACK),
        );
      j.box([-0.24, 0.06, -0.24], [0.24, 0.3, 0.24], shade(s, 0.9));
      j.box([-0.27, 0.3, -0.27], [0.27, 0.62, 0.27], s, { print: true });
      j.box([-0.3, 0.62, -0.3], [0.3, 0.9, 0.3], shade(s, 1.03), { print: true });
      j.box([-0.33, 0.9, -0.32], [0.33, 0.98, 0.36], shade(s, 0.8), { soft: 0.3 });
      j.rod(
        [
          [-0.25, 0.92, -0.38],
          [0.25, 0.92, -0.38],
        ],
        0.06,
        shade(s, 0.7),
      );
      j.face(
        [
          [-0.1, 0.64, 0.302],
          [-0.1, 0.82, 0.302],
          [0.1, 0.82, 0.302],
          [0.1, 0.64, 0.302],
        ],
        { colour: [236, 236, 230] },
      );
      j.draw();
      return;
    }
    const s = own(
      look,
      look.choose('bin', [
        [184, 187, 192],
        [52, 54, 58],
        [238, 236, 232],
        [176, 52, 46],
      ]),
      { gloss: 0.55 },
    );
    const r = look.between('wide', 0.42, 0.54);
    const kind = open ? 'open' : look.choose('lid', ['pedal', 'dome', 'open'] as const);
    const top = kind === 'open' ? -0.5 : -0.55;
    if (kind === 'open' && look.rng.chance(0.6))
      for (let i = 0; i < 5; i++)
        pen.ellipse((i - 2) * 0.2, top - 0.03 - (i % 2) * 0.08, 0.14, 0.12, {
          colour: [240, 238, 232],
          texture: 'cracks',
          grain: 0.4,
        });
    if (kind === 'pedal') shape(pen, rectangle(-0.12, 0.9, 0.24, 0.12, 0.03), BLACK);
    lathe.body(
      [
        [r, top],
        [r * (kind === 'open' ? 0.8 : 1), 0.95],
      ],
      s,
      { angular: true, print: true, inside: { colour: [40, 40, 44] } },
    );
    if (kind === 'pedal') {
      lathe.body(
        [
          [r * 0.5, top - 0.26],
          [r * 0.9, top - 0.16],
          [r * 1.02, top],
        ],
        shade(s, 0.9),
        { inside: false },
      );
      lathe.band(0.88, r * 1.01, [40, 40, 44], 0.12);
    } else if (kind === 'dome') {
      lathe.body(
        [
          [r * 0.3, top - 0.42],
          [r * 0.85, top - 0.26],
          [r * 1.03, top],
        ],
        shade(s, 0.85),
        { inside: false },
      );
      shape(
        pen,
        `M${-r * 0.6} ${top - 0.06}Q0 ${top + 0.1} ${r * 0.6} ${top - 0.06}L${r * 0.5} ${top - 0.24}Q0 ${top - 0.16} ${-r * 0.5} ${top - 0.24}Z`,
        { colour: [34, 34, 38] },
      );
    } else lathe.ring(top, r, lit(s.colour, 1.2), 0.05);
  };
export const trashCan = trashOf(false);
export const wasteBasket = trashOf(false, true);
export const wheelieBin = trashOf(true);

/** Flower pots and planters: a pot with a rim and soil, a plant in it. */
export const flowerPot: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const { rng } = look;
  const s = own(
    look,
    look.choose('clay', [
      [190, 104, 66],
      [200, 116, 76],
      [226, 222, 212],
      [96, 104, 108],
    ]),
    { texture: 'cloudy', grain: 0.2, gloss: 0.1 },
  );
  const top = 0.1;
  if (rng.chance(0.65)) {
    const n = 7;
    const green = hsl(0.22 + 0.16 * look.t('leaf'), 0.45, 0.34);
    for (let i = 0; i < n; i++) {
      const a = -Math.PI / 2 + (i - (n - 1) / 2) * 0.36 + rng.normal() * 0.08;
      const l = rng.range(0.65, 1);
      const [x, y] = [Math.cos(a) * l, top - 0.02 + Math.sin(a) * l];
      stroke(pen, `M0 ${top}Q${x * 0.2} ${y * 0.5} ${x} ${y}`, lit(green, 0.7), 0.03);
      pen.blob(
        [
          [x * 0.25, top + (y - top) * 0.3],
          [x * 0.6 - Math.sin(a) * 0.13, top + (y - top) * 0.65 + Math.cos(a) * 0.13],
          [x * 1.02, y],
          [x * 0.6 + Math.sin(a) * 0.13, top + (y - top) * 0.65 - Math.cos(a) * 0.13],
        ],
        { colour: lit(green, rng.range(0.8, 1.25)), texture: 'leaves', grain: 0.2 },
      );
    }
  }
  lathe.body(
    [
      [0.56, top + 0.16],
      [0.42, 0.95],
    ],
    s,
    { angular: true, print: true },
  );
  lathe.body(
    [
      [0.64, top],
      [0.62, top + 0.2],
    ],
    shade(s, 1.05),
    { angular: true, inside: { colour: [70, 50, 36], texture: 'pebbles', grain: 0.6 } },
  );
  if (look.t('saucer') > 0.5) lathe.band(0.95, 0.5, shade(s, 0.8).colour, 0.1);
};

/** A planter: a long box or trough with plants in a row. */
export const planter: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.1);
  const s: Surface =
    look.told.colour || look.told.material
      ? look.main
      : look.choose<Surface>('planter', [TIMBER, { colour: [190, 104, 66] }, { colour: [96, 100, 104] }]);
  const [w, h, d] = [1.3, 0.42, 0.42];
  j.box([-w / 2, 0, -d / 2], [w / 2, h, d / 2], s, { print: true });
  j.box([-w / 2 + 0.04, h, -d / 2 + 0.04], [w / 2 - 0.04, h + 0.01, d / 2 - 0.04], {
    colour: [70, 50, 36],
    texture: 'pebbles',
    grain: 0.5,
  });
  if (look.t('slats') > 0.4)
    for (const y of [0.14, 0.28]) j.box([-w / 2, y - 0.008, d / 2], [w / 2, y + 0.008, d / 2 + 0.004], shade(s, 0.5));
  const hue = look.t('bloom');
  for (let i = 0; i < 5; i++) {
    const x = -w / 2 + 0.16 + i * 0.24;
    j.at([x - 0.08, h + 0.011, -0.08], [x + 0.08, h + 0.4, 0.08], (to, k) => {
      const [u, v] = to([x, h + 0.01, 0]);
      for (let n = 0; n < 5; n++)
        pen.ellipse(
          u + (n - 2) * 0.04 * k,
          v - 0.12 * k - (n % 2) * 0.05 * k,
          0.05 * k,
          0.13 * k,
          { colour: [76, 124, 58] },
          (n - 2) * 0.35,
        );
      for (let n = 0; n < 3; n++)
        pen.ellipse(u + (n - 1) * 0.07 * k, v - 0.26 * k + (n % 2) * -0.05 * k, 0.05 * k, 0.05 * k, {
          colour: hsl(hue, 0.75, 0.6),
        });
    });
  }
  j.draw();
};

/** A watering can: a body, a long spout with a rose, a handle behind. */
export const wateringCan: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('can', [
      [92, 140, 96],
      [170, 178, 184],
      [60, 110, 170],
      [206, 150, 50],
    ]),
    { gloss: 0.4 },
  );
  tube(pen, 'M-0.2 -0.16C-0.3 -0.7 -1.04 -0.7 -0.96 0.1Q-0.92 0.5 -0.56 0.6', shade(s, 0.85), 0.1);
  shape(pen, 'M0.3 0.5L0.84 -0.42L0.94 -0.36L0.34 0.86Z', shade(s, 0.9));
  pen.at(0.89, -0.42, 1, 0.55, () => {
    shape(pen, 'M-0.06 0.08L-0.17 -0.14H0.17L0.06 0.08Z', shade(s, 0.8));
    pen.ellipse(0, -0.14, 0.18, 0.06, { colour: lit(s.colour, 1.3) });
    for (let i = -2; i <= 2; i++) flat(pen, disc(i * 0.06, -0.14, 0.015), [40, 44, 46]);
  });
  stroke(pen, 'M0.1 -0.1L0.62 0', lit(s.colour, 0.7), 0.05);
  shape(pen, 'M-0.58 0H0.3L0.42 0.98H-0.66Z', s);
  pen.ellipse(-0.14, 0, 0.44, 0.09, { colour: lit(s.colour, 0.45) });
  shape(pen, 'M-0.58 0C-0.5 -0.2 -0.2 -0.22 -0.12 -0.08L-0.14 0.06Q-0.4 0.1 -0.58 0Z', shade(s, 1.1));
  for (const y of [0.22, 0.82]) stroke(pen, `M${-0.6 - y * 0.04} ${y}H${0.32 + y * 0.1}`, lit(s.colour, 0.65), 0.03);
};

/** A cloth bin or hamper on a frame. */
export const clothBin: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = cloth(look);
  for (const k of [-1, 1])
    tube(pen, `M${k * 0.2} -0.5C${k * 0.2} -0.8 ${k * 0.5} -0.8 ${k * 0.5} -0.5`, shade(s, 0.6), 0.07);
  lathe.body(
    [
      [0.66, -0.5],
      [0.66, 0.3],
      [0.62, 0.95],
    ],
    s,
    { print: true },
  );
  lathe.band(-0.3, 0.67, lit(s.colour, 0.8), 0.03);
};
