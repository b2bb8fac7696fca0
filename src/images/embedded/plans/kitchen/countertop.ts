import { lit, type Rgb } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { Lathe } from '../lathe.js';
import { BLACK, disc, flat, GLASS, own, rectangle, STEEL, shade, shape, stroke, tube } from '../sketch.js';

const CASES: readonly Rgb[] = [
  [184, 187, 192],
  [46, 48, 52],
  [234, 232, 226],
  [186, 48, 42],
  [150, 196, 190],
];
const caseOf = (look: Look): Surface => own(look, look.choose('case', CASES), { gloss: 0.5 });

/** A toaster: a rounded case, two slots above, toast in them now and then, a lever at the end. */
export const toaster: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.12);
  const s = caseOf(look);
  const toast = look.rng.chance(0.6);
  const up = look.rng.range(0.1, 0.2);
  for (const x of [-0.42, 0.42]) for (const z of [-0.2, 0.2]) j.block([x, 0, z], [0.1, 0.04, 0.1], BLACK);
  j.box([-0.55, 0.04, -0.3], [0.55, 0.12, 0.3], BLACK);
  j.box([-0.54, 0.12, -0.29], [0.54, 0.72, 0.29], s, { soft: 1 });
  for (const z of [-0.12, 0.12]) {
    j.box([-0.42, 0.721, z - 0.055], [0.42, 0.74, z + 0.055], { colour: [32, 30, 30] });
    if (toast)
      j.box(
        [-0.34, 0.741, z - 0.03],
        [0.34, 0.741 + up, z + 0.03],
        { colour: [206, 150, 84], texture: 'pebbles', grain: 0.35 },
        { soft: 0.3 },
      );
  }
  j.box([0.56, 0.2, -0.015], [0.565, 0.6, 0.015], { colour: [30, 30, 32] });
  j.box([0.565, 0.48, -0.08], [0.63, 0.56, 0.08], BLACK);
  j.at([0.2, 0.2, 0.3], [0.5, 0.4, 0.31], (to, k) =>
    pen.ellipse(...to([0.38, 0.28, 0.3]), 0.055 * k, 0.055 * k, shade(STEEL, 0.9)),
  );
  j.draw();
};

/** A blender: a jug of glass with a lid on a foot with a knob; fruit in it now and then. */
export const blender: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = caseOf(look);
  tube(
    pen,
    'M0.36 -0.6H0.66Q0.76 -0.58 0.74 -0.4L0.64 0Q0.6 0.12 0.46 0.1L0.34 0.08',
    GLASS.clear ? { colour: [190, 206, 212], gloss: 0.6 } : GLASS,
    0.1,
  );
  const juice = look.choose<Rgb>('juice', [
    [226, 92, 120],
    [140, 186, 70],
    [244, 170, 60],
    [150, 90, 160],
  ]);
  if (look.rng.chance(0.7))
    lathe.body(
      [
        [0.42, look.rng.range(-0.45, -0.05)],
        [0.3, 0.34],
      ],
      { colour: juice, texture: 'cloudy', grain: 0.3 },
      { angular: true, inside: { colour: lit(juice, 1.2) } },
    );
  lathe.body(
    [
      [0.48, -0.74],
      [0.3, 0.38],
    ],
    { colour: [208, 224, 230], clear: 0.6, gloss: 0.9 },
    { angular: true },
  );
  lathe.body(
    [
      [0.2, -0.94],
      [0.22, -0.84],
      [0.5, -0.82],
      [0.5, -0.72],
    ],
    BLACK,
    { angular: true, inside: false },
  );
  lathe.body(
    [
      [0.34, 0.36],
      [0.5, 0.6],
      [0.56, 0.97],
    ],
    s,
    { inside: { colour: [40, 40, 44] } },
  );
  pen.ellipse(0, lathe.y(0.8), 0.12, 0.12, STEEL);
  stroke(pen, `M0 ${lathe.y(0.8)}V${lathe.y(0.7)}`, [30, 30, 32], 0.04);
};

/** A food processor: a wide bowl with a feed tube on a foot. */
export const foodProcessor: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = caseOf(look);
  tube(
    pen,
    'M0.5 -0.3H0.8Q0.9 -0.26 0.88 -0.1V0.16Q0.86 0.28 0.7 0.28H0.5',
    { colour: [196, 210, 216], gloss: 0.5 },
    0.1,
  );
  lathe.body(
    [
      [0.56, -0.05],
      [0.54, 0.38],
    ],
    { colour: [220, 120, 60], texture: 'pebbles', grain: 0.6 },
    { angular: true },
  );
  lathe.body(
    [
      [0.64, -0.42],
      [0.58, 0.42],
    ],
    { colour: [208, 224, 230], clear: 0.6, gloss: 0.9 },
    { angular: true },
  );
  lathe.body(
    [
      [0.06, -0.5],
      [0.07, 0.4],
    ],
    { colour: [236, 236, 232] },
  );
  lathe.body(
    [
      [0.5, -0.56],
      [0.68, -0.44],
      [0.66, -0.36],
    ],
    { colour: [212, 226, 230], clear: 0.3, gloss: 0.8 },
    { inside: false },
  );
  lathe.body(
    [
      [0.2, -0.98],
      [0.2, -0.5],
    ],
    { colour: [206, 222, 228], clear: 0.3, gloss: 0.8 },
    { angular: true, x: 0.24 },
  );
  lathe.body(
    [
      [0.62, 0.42],
      [0.72, 0.6],
      [0.74, 0.97],
    ],
    s,
    { inside: false },
  );
  for (const x of [-0.2, 0.04, 0.28]) pen.ellipse(x, lathe.y(0.82), 0.09, 0.06, x ? STEEL : BLACK);
};

/** A stand mixer: a foot, a column, a rounded head that reaches over a bowl, a beater. */
export const standMixer: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('case', [
      [190, 40, 42],
      [150, 196, 190],
      [236, 230, 216],
      [60, 62, 68],
      [120, 150, 190],
    ]),
    { gloss: 0.6 },
  );
  shape(pen, 'M-0.86 0.98Q-0.9 0.84 -0.74 0.82L0.6 0.84Q0.86 0.86 0.84 0.98Z', s);
  shape(pen, 'M-0.78 0.86C-0.66 0.4 -0.74 0 -0.62 -0.24H-0.16C-0.2 0.1 -0.34 0.4 -0.26 0.86Z', shade(s, 0.85));
  tube(pen, 'M0.3 -0.22V0.14', STEEL, 0.1);
  stroke(pen, 'M0.3 0.1C0.06 0.2 0.1 0.6 0.3 0.66C0.5 0.6 0.54 0.2 0.3 0.1M0.3 0.1V0.66', [196, 198, 202], 0.05);
  tube(pen, 'M0.74 0.36C0.98 0.3 0.96 0.62 0.7 0.62', STEEL, 0.06);
  shape(pen, 'M-0.2 0.28H0.8C0.8 0.6 0.66 0.82 0.5 0.86H0.1C-0.06 0.82 -0.2 0.6 -0.2 0.28Z', { ...STEEL, gloss: 0.9 });
  pen.ellipse(0.3, 0.28, 0.5, 0.07, { colour: [110, 114, 120] });
  shape(
    pen,
    'M-0.82 -0.5C-0.86 -0.86 -0.5 -0.9 -0.1 -0.9C0.4 -0.9 0.74 -0.8 0.8 -0.56C0.84 -0.3 0.6 -0.2 0.3 -0.18H-0.5C-0.72 -0.18 -0.8 -0.3 -0.82 -0.5Z',
    s,
  );
  stroke(pen, 'M-0.78 -0.5L0.78 -0.54', STEEL.colour, 0.06);
  pen.ellipse(0.79, -0.56, 0.06, 0.12, { ...STEEL, gloss: 0.9 });
  pen.ellipse(-0.42, -0.32, 0.06, 0.06, BLACK);
};

/** A hand mixer: a case with a handle above, two beaters below. */
export const handMixer: Plan = (pen, look) => {
  const s = caseOf(look);
  pen.at(0, 0, 1, look.rng.range(-0.3, 0.2), () => {
    for (const x of [0.24, 0.56]) {
      tube(pen, `M${x} -0.14V0.3`, STEEL, 0.05);
      for (const w of [0.14, 0.05])
        stroke(
          pen,
          `M${x} 0.24C${x - w * 1.6} 0.4 ${x - w * 1.6} 0.8 ${x} 0.94C${x + w * 1.6} 0.8 ${x + w * 1.6} 0.4 ${x} 0.24`,
          [176, 180, 186],
          0.04,
        );
    }
    tube(pen, 'M-0.7 -0.3C-0.86 -0.86 -0.5 -0.86 -0.1 -0.86H0.3Q0.56 -0.84 0.6 -0.5', s, 0.17);
    shape(
      pen,
      'M-0.9 -0.34Q-0.92 -0.5 -0.76 -0.52H0.6Q0.86 -0.5 0.86 -0.3Q0.84 -0.1 0.66 -0.08H0.1Q-0.2 -0.02 -0.8 -0.12Q-0.9 -0.18 -0.9 -0.34Z',
      shade(s, 1.02),
    );
    for (let i = 0; i < 5; i++) stroke(pen, `M${-0.76 + i * 0.07} -0.42V-0.22`, lit(s.colour, 0.4), 0.025);
    pen.ellipse(0.1, -0.84, 0.09, 0.06, { colour: [206, 60, 50] });
  });
};

/** A stick blender. */
export const stickBlender: Plan = (pen, look) => {
  const s = caseOf(look);
  pen.at(0, 0, 1, look.rng.range(-0.5, 0.5), () => {
    shape(pen, 'M-0.16 -0.98Q0 -1.04 0.16 -0.98L0.2 -0.5L0.12 -0.02H-0.12L-0.2 -0.5Z', s);
    pen.ellipse(0, -0.7, 0.07, 0.1, BLACK);
    shape(pen, 'M-0.085 -0.02H0.085L0.07 0.62H-0.07Z', { ...STEEL, gloss: 0.8 });
    shape(pen, 'M-0.07 0.6H0.07C0.24 0.66 0.27 0.8 0.27 0.96H-0.27C-0.27 0.8 -0.24 0.66 -0.07 0.6Z', {
      ...STEEL,
      gloss: 0.8,
    });
    for (const x of [-0.15, 0, 0.15]) flat(pen, rectangle(x - 0.035, 0.84, 0.07, 0.12, 0.03), [40, 40, 44]);
  });
};

/** A juicer for citrus: a cone on a saucer with a spout. */
export const juicer: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = caseOf(look);
  lathe.body(
    [
      [0.56, 0.2],
      [0.5, 0.96],
    ],
    s,
    { angular: true },
  );
  shape(pen, `M-0.5 ${lathe.y(0.2)}L-0.9 ${lathe.y(0.34)}L-0.52 ${lathe.y(0.44)}Z`, shade(s, 0.8));
  lathe.body(
    [
      [0.72, 0.02],
      [0.62, 0.24],
    ],
    shade(s, 1.1),
    { inside: { colour: [246, 200, 90] } },
  );
  lathe.body(
    [
      [0.03, -0.66],
      [0.24, -0.46],
      [0.38, 0.02],
    ],
    { colour: [244, 242, 236], gloss: 0.4 },
    { inside: false },
  );
  for (const x of [-0.55, 0, 0.55])
    stroke(
      pen,
      `M${x * 0.12} ${lathe.y(-0.6)}Q${x * 0.5} ${lathe.y(-0.3)} ${x * 0.6} ${lathe.y(0.02)}`,
      [190, 188, 180],
      0.03,
    );
};

/** An air fryer: an egg of plastic with a drawer and its handle. */
export const airFryer: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('case', [
      [44, 45, 50],
      [232, 230, 226],
      [150, 190, 184],
    ]),
    { gloss: 0.55 },
  );
  lathe.body(
    [
      [0.3, -0.94],
      [0.62, -0.75],
      [0.78, 0],
      [0.8, 0.6],
      [0.62, 0.97],
    ],
    s,
    { inside: false },
  );
  flat(pen, disc(0, lathe.y(-0.5), 0.24, 0.16), [24, 26, 30]);
  flat(pen, rectangle(-0.12, lathe.y(-0.55), 0.24, 0.1), [240, 120, 80]);
  const front = shape(pen, 'M-0.6 0.06Q0 0.22 0.6 0.06L0.54 0.74Q0 0.9 -0.54 0.74Z', shade(s, 0.85));
  pen.line(front, lit(s.colour, 0.35), 0.03);
  shape(pen, 'M-0.09 0.22H0.09L0.13 0.66Q0 0.74 -0.13 0.66Z', BLACK);
  shape(pen, rectangle(-0.2, 0.56, 0.4, 0.15, 0.07), shade(BLACK, 1.6));
};

/** A microwave oven: a wide case, a dark window in the door, a column of keys. */
export const microwave: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s = own(
    look,
    look.choose('case', [
      [190, 193, 197],
      [46, 48, 52],
      [236, 234, 230],
    ]),
    { gloss: 0.45 },
  );
  for (const x of [-0.6, 0.6]) j.block([x, 0, 0.2], [0.1, 0.04, 0.1], BLACK);
  j.box([-0.75, 0.04, -0.4], [0.75, 0.86, 0.4], s);
  j.box([-0.72, 0.08, 0.4], [0.36, 0.82, 0.43], shade(s, 0.9));
  j.face(
    [
      [-0.62, 0.18, 0.431],
      [-0.62, 0.72, 0.431],
      [0.24, 0.72, 0.431],
      [0.24, 0.18, 0.431],
    ],
    { colour: look.rng.chance(0.3) ? [220, 180, 90] : [30, 33, 38], gloss: 0.7 },
  );
  j.rod(
    [
      [0.31, 0.2, 0.47],
      [0.31, 0.7, 0.47],
    ],
    0.045,
    STEEL,
  );
  j.face(
    [
      [0.42, 0.66, 0.401],
      [0.42, 0.78, 0.401],
      [0.7, 0.78, 0.401],
      [0.7, 0.66, 0.401],
    ],
    { colour: [22, 40, 40] },
  );
  j.face(
    [
      [0.48, 0.69, 0.402],
      [0.48, 0.75, 0.402],
      [0.64, 0.75, 0.402],
      [0.64, 0.69, 0.402],
    ],
    { colour: [110, 230, 190] },
  );
  for (let r = 0; r < 4; r++)
    for (let c = 0; c < 3; c++) {
      const [x, y] = [0.43 + c * 0.095, 0.2 + r * 0.11];
      j.face(
        [
          [x, y, 0.401],
          [x, y + 0.075, 0.401],
          [x + 0.07, y + 0.075, 0.401],
          [x + 0.07, y, 0.401],
        ],
        { colour: lit(s.colour, s.colour[0] > 120 ? 0.5 : 2.4) },
      );
    }
  j.draw();
};

/** A waffle iron, sandwich maker or electric grill: two plates on a hinge. */
export const waffleIron: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = caseOf(look);
  lathe.body(
    [
      [0.7, 0.5],
      [0.74, 0.7],
      [0.6, 0.94],
    ],
    s,
    { inside: { colour: [50, 50, 54] } },
  );
  const plate = shape(pen, disc(0, lathe.y(0.48), 0.62, 0.62 * lathe.flat), { colour: [222, 170, 96] });
  pen.inside(plate, () => {
    for (let i = -5; i <= 5; i++)
      stroke(pen, `M${i * 0.14} 0V1M-1 ${lathe.y(0.48) + i * 0.05}H1`, [150, 100, 50], 0.02);
  });
  pen.at(-0.05, -0.28, 1, -0.1, () => {
    shape(pen, disc(0, 0, 0.7, 0.6), s);
    const grid = shape(pen, disc(0, 0.02, 0.58, 0.49), { colour: [54, 54, 58] });
    pen.inside(grid, () => {
      for (let i = -4; i <= 4; i++) stroke(pen, `M${i * 0.15} -0.6V0.6M-0.7 ${i * 0.13}H0.7`, [98, 98, 104], 0.035);
    });
    shape(pen, rectangle(-0.16, -0.74, 0.32, 0.2, 0.06), BLACK);
  });
};
