import { Path2D } from '@napi-rs/canvas';
import { lit } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { Lathe } from '../lathe.js';
import { BLACK, disc, flat, own, rectangle, STEEL, shade, shape, stroke, tube } from '../sketch.js';

/** A fan: blades behind a round grille, on a foot or a long pole. */
export const fan: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('case', [
      [236, 236, 234],
      [48, 50, 54],
      [150, 196, 190],
      [186, 189, 194],
    ]),
    { gloss: 0.45 },
  );
  const tall = look.t('pole') > 0.5;
  const r = tall ? 0.5 : 0.66;
  const y = tall ? -0.46 : -0.3;
  const squeeze = look.view === 'side' ? 0.75 : look.view === 'quarter' ? 0.9 : 1;
  tube(pen, `M0 ${y}V0.9`, s, tall ? 0.07 : 0.16);
  pen.ellipse(0, 0.93, tall ? 0.4 : 0.46, 0.09, shade(s, 0.75));
  pen.ellipse(0, 0.9, tall ? 0.38 : 0.44, 0.08, s);
  if (!tall) for (const x of [-0.16, 0, 0.16]) pen.ellipse(x, 0.88, 0.05, 0.03, BLACK);
  pen.at(0, y, [squeeze, 1], 0, () => {
    flat(pen, disc(0, 0, r), [200, 206, 212], 0.25);
    const spin = look.rng.range(0, 6);
    const blade: Surface =
      look.t('clear blades') > 0.5 ? { colour: [120, 170, 200], gloss: 0.5, clear: 0.15 } : shade(s, 0.8);
    const n = 3 + Math.floor(look.t('blades') * 2.9);
    for (let i = 0; i < n; i++)
      pen.at(0, 0, r, spin + (i * 2 * Math.PI) / n, () =>
        shape(pen, 'M0 -0.08C0.3 -0.5 0.8 -0.46 0.88 -0.1C0.84 0.1 0.4 0.06 0 0.08Z', blade),
      );
    for (let i = 0; i < 20; i++) {
      const a = (i * Math.PI) / 10;
      stroke(
        pen,
        `M${Math.cos(a) * 0.14} ${Math.sin(a) * 0.14}L${Math.cos(a) * r} ${Math.sin(a) * r}`,
        lit(s.colour, 0.6),
        0.014,
      );
    }
    for (const k of [1, 0.75, 0.5])
      pen.line(new Path2D(disc(0, 0, r * k)), k === 1 ? s.colour : lit(s.colour, 0.7), k === 1 ? 0.06 : 0.016);
    pen.ellipse(0, 0, 0.12, 0.12, s);
  });
};

/** A ceiling fan: blades around a hub that hangs, a lamp below. */
export const ceilingFan: Plan = (pen, look) => {
  const s: Surface = own(
    look,
    look.choose('blade', [
      [130, 88, 52],
      [236, 234, 228],
      [70, 48, 36],
    ]),
    { texture: 'wood', grain: 0.25, gloss: 0.2 },
  );
  stroke(pen, 'M0 -1V-0.2', [90, 92, 96], 0.07);
  shape(pen, 'M-0.16 -1H0.16L0.1 -0.88H-0.1Z', STEEL);
  const spin = look.rng.range(0, 1.2);
  for (let i = 0; i < 5; i++) {
    const a = spin + i * 1.2566;
    const [x, y] = [Math.cos(a), Math.sin(a) * 0.3];
    const [nx, ny] = [-Math.sin(a) * 0.14, Math.cos(a) * 0.06 + 0.03];
    pen.polygon(
      [
        [x * 0.2, y * 0.2],
        [x * 0.3 + nx, y * 0.3 + ny],
        [x * 0.98 + nx, y * 0.98 + ny],
        [x * 0.98 - nx, y * 0.98 - ny],
        [x * 0.3 - nx, y * 0.3 - ny],
      ],
      shade(s, 0.8 + 0.25 * Math.abs(Math.sin(a))),
    );
  }
  pen.ellipse(0, -0.04, 0.22, 0.17, STEEL);
  pen.ellipse(0, 0.2, 0.26, 0.18, { colour: [255, 246, 214], gloss: 0.4 });
};

/** A radiator or heater: ribs on feet, or a case with a grille that glows. */
export const heater: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s = own(
    look,
    look.choose('case', [
      [238, 236, 230],
      [60, 62, 66],
      [238, 236, 230],
    ]),
    { gloss: 0.45 },
  );
  if (look.t('ribs') > 0.4) {
    const n = 8;
    for (let i = 0; i < n; i++) {
      const x = -0.62 + i * 0.165;
      j.box([x, 0.12, -0.14], [x + 0.12, 0.98, 0.14], s, { soft: 0.35 });
      if (i < n - 1)
        for (const y of [0.22, 0.82]) j.box([x + 0.12, y, -0.05], [x + 0.165, y + 0.07, 0.05], shade(s, 0.8));
    }
    for (const x of [-0.56, 0.55]) j.block([x, 0, 0], [0.1, 0.12, 0.34], BLACK);
    j.block([0.76, 0.2, 0], [0.1, 0.12, 0.12], BLACK);
  } else {
    for (const x of [-0.5, 0.5]) j.block([x, 0, 0], [0.12, 0.06, 0.36], BLACK);
    j.box([-0.7, 0.06, -0.14], [0.7, 0.85, 0.14], s);
    j.face(
      [
        [-0.6, 0.16, 0.141],
        [-0.6, 0.75, 0.141],
        [0.42, 0.75, 0.141],
        [0.42, 0.16, 0.141],
      ],
      { colour: [58, 44, 40] },
    );
    for (let i = 0; i < 4; i++)
      j.face(
        [
          [-0.56, 0.24 + i * 0.13, 0.142],
          [-0.56, 0.29 + i * 0.13, 0.142],
          [0.38, 0.29 + i * 0.13, 0.142],
          [0.38, 0.24 + i * 0.13, 0.142],
        ],
        { colour: [246, 110 - i * 8, 50] },
      );
    for (let i = 0; i < 11; i++)
      j.rod(
        [
          [-0.55 + i * 0.09, 0.16, 0.16],
          [-0.55 + i * 0.09, 0.75, 0.16],
        ],
        0.012,
        STEEL,
      );
    j.block([0.56, 0.6, 0.16], [0.1, 0.1, 0.04], BLACK);
  }
  j.draw();
};

/** An air purifier: a tower with a grille of slots and a lit ring above. */
export const airPurifier: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('case', [
      [240, 240, 238],
      [60, 62, 68],
      [206, 208, 210],
    ]),
    { gloss: 0.4 },
  );
  const r = look.between('wide', 0.42, 0.56);
  const path = lathe.body(
    [
      [r * 0.92, -0.8],
      [r, -0.6],
      [r, 0.9],
      [r * 0.92, 0.96],
    ],
    s,
    { inside: { colour: [64, 66, 72] } },
  );
  pen.inside(path, () => {
    for (let row = 0; row < 9; row++)
      for (let i = -6; i <= 6; i++) {
        const a = i * 0.22;
        flat(
          pen,
          disc(Math.sin(a) * r, lathe.y(0.02 + row * 0.095) + Math.cos(a) * r * lathe.flat, 0.026 * Math.cos(a), 0.026),
          lit(s.colour, 0.45),
        );
      }
  });
  lathe.ring(-0.8, r * 0.6, [120, 210, 240], 0.035);
  lathe.band(-0.24, r, lit(s.colour, 0.7), 0.02);
};

/** A humidifier or diffuser: a drop with steam out of its top. */
export const humidifier: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('tank', [
      [226, 236, 240],
      [150, 190, 214],
      [212, 180, 150],
    ]),
    { gloss: 0.6 },
  );
  for (let i = 0; i < 6; i++)
    pen.fill(
      new Path2D(disc(look.rng.normal() * 0.12 + i * 0.03, -0.5 - i * 0.1, 0.1 + i * 0.035, 0.09 + i * 0.02)),
      [248, 250, 252],
      0.5 - i * 0.05,
    );
  lathe.body(
    [
      [0.1, -0.38],
      [0.3, -0.1],
      [0.62, 0.45],
      [0.6, 0.76],
    ],
    s,
  );
  lathe.body(
    [
      [0.6, 0.74],
      [0.62, 0.9],
      [0.54, 0.97],
    ],
    look.t('wood foot') > 0.5 ? { colour: [166, 118, 70], texture: 'wood', grain: 0.3 } : shade(s, 0.75),
    { angular: true, inside: false },
  );
  pen.ellipse(0, lathe.y(0.86) + 0.58 * lathe.flat, 0.06, 0.05, { colour: [120, 220, 240] });
  shape(pen, `M-0.1 ${lathe.y(-0.38)}H0.1V${lathe.y(-0.46)}H-0.1Z`, BLACK);
};

/** A wall unit of air conditioning: a long case with flaps. */
export const airConditioner: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s = own(look, [242, 242, 240], { gloss: 0.4 });
  j.box([-1, 0, -0.2], [1, 0.62, 0.2], s, { soft: 0.3 });
  j.face(
    [
      [-0.9, 0.06, 0.21],
      [-0.9, 0.18, 0.21],
      [0.9, 0.18, 0.21],
      [0.9, 0.06, 0.21],
    ],
    { colour: [70, 74, 80] },
  );
  for (const y of [0.09, 0.13])
    j.rod(
      [
        [-0.88, y, 0.23],
        [0.88, y, 0.23],
      ],
      0.018,
      shade(s, 0.9),
    );
  j.face(
    [
      [0.6, 0.4, 0.212],
      [0.6, 0.48, 0.212],
      [0.82, 0.48, 0.212],
      [0.82, 0.4, 0.212],
    ],
    { colour: [120, 220, 200] },
  );
  j.draw();
};

/** A hair dryer: a barrel with a nozzle, a handle below. */
export const hairDryer: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('case', [
      [46, 48, 54],
      [206, 80, 120],
      [236, 234, 230],
      [130, 80, 150],
    ]),
    { gloss: 0.55 },
  );
  pen.at(0, 0, 1, look.rng.range(-0.3, 0.3), () => {
    stroke(pen, 'M-0.2 0.9C-0.3 1.06 -0.6 0.98 -0.7 0.8', [36, 36, 40], 0.05);
    shape(pen, 'M-0.46 -0.1H-0.06L0 0.84Q-0.12 0.94 -0.28 0.9Q-0.36 0.4 -0.46 -0.1Z', shade(s, 0.8));
    shape(
      pen,
      'M-0.9 -0.4C-0.92 -0.72 -0.6 -0.84 -0.3 -0.84C0.1 -0.84 0.4 -0.68 0.62 -0.62V-0.16C0.3 -0.1 -0.1 0.04 -0.36 0.04C-0.66 0.02 -0.9 -0.14 -0.9 -0.4Z',
      s,
    );
    shape(pen, 'M0.6 -0.64L0.98 -0.74V-0.06L0.6 -0.14Z', shade(BLACK, 1.3));
    pen.ellipse(-0.84, -0.4, 0.09, 0.28, shade(s, 0.55));
    for (const y of [-0.5, -0.4, -0.3]) stroke(pen, `M-0.88 ${y}h0.09`, [20, 20, 22], 0.025);
    for (const y of [0.16, 0.36]) shape(pen, rectangle(-0.14, y, 0.09, 0.14, 0.03), { colour: [206, 208, 212] });
    stroke(pen, 'M-0.6 -0.42H0.4', look.second.colour, 0.05);
  });
};
