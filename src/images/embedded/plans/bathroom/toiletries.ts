import { lit, type Rgb } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Lathe } from '../lathe.js';
import {
  BLACK,
  disc,
  flat,
  lying,
  own,
  rectangle,
  STEEL,
  shade,
  shape,
  smoothed,
  stroke,
  TIMBER,
  tube,
} from '../sketch.js';

const plastic = (look: Look): Surface => smoothed(look, 0.5);

/** A toothbrush: a long handle, a small head of bristles; the electric one is thick. */
export const toothbrush: Plan = (pen, look) => {
  const s = plastic(look);
  lying(
    pen,
    look,
    () => {
      if (look.t('electric') > 0.75) {
        shape(pen, 'M-0.95 -0.15Q-1 0 -0.95 0.15H0.06Q0.16 0.1 0.3 0.06V-0.06Q0.16 -0.1 0.06 -0.15Z', s);
        pen.ellipse(-0.3, 0, 0.09, 0.06, shade(s, 0.6));
        shape(pen, rectangle(0.28, -0.05, 0.6, 0.1, 0.04), { colour: [244, 244, 242] });
      } else
        shape(
          pen,
          'M-0.98 0Q-0.96 -0.085 -0.8 -0.085H-0.2Q0 -0.07 0.2 -0.04L0.5 -0.06H0.92Q1 -0.05 1 0.03Q0.98 0.07 0.9 0.07H0.5L0.2 0.05Q0 0.085 -0.2 0.085H-0.8Q-0.96 0.085 -0.98 0Z',
          s,
        );
      for (let i = 0; i < 7; i++)
        shape(
          pen,
          rectangle(0.55 + i * 0.056, -0.3 + (i % 2) * 0.03, 0.046, 0.26, 0.01),
          { colour: i > 1 && i < 5 ? lit(s.colour, 1.35) : [250, 250, 250] },
          0.3,
        );
      shape(pen, rectangle(-0.7, -0.05, 0.36, 0.1, 0.05), shade(s, 1.3), 0.2);
    },
    0.55,
  );
};

/** A soap or shampoo bottle with a pump. */
export const soapDispenser: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s: Surface =
    look.told.colour || look.told.material
      ? look.main
      : look.choose<Surface>('body', [
          { colour: [240, 238, 234], gloss: 0.5 },
          { colour: [150, 90, 40], gloss: 0.8, clear: 0.1 },
          plastic(look),
          { colour: [196, 216, 210], gloss: 0.6 },
        ]);
  const pump = look.t('pump') > 0.5 ? STEEL : BLACK;
  tube(pen, 'M0 -0.36V-0.68', pump, 0.075);
  shape(
    pen,
    'M-0.54 -0.82Q-0.56 -0.7 -0.5 -0.64L-0.42 -0.66L-0.4 -0.72H0.16Q0.2 -0.8 0.14 -0.86H-0.4Q-0.5 -0.88 -0.54 -0.82Z',
    pump,
  );
  const r = look.between('wide', 0.4, 0.54);
  lathe.body(
    [
      [0.17, -0.42],
      [0.18, -0.24],
    ],
    pump,
    { angular: true, inside: false },
  );
  lathe.body(
    [
      [0.2, -0.24],
      [r, 0],
      [r, 0.86],
      [r * 0.92, 0.96],
    ],
    s,
    { print: true, inside: false },
  );
  lathe.sleeve(0.24, 0.7, r * 1.01, look.t('label') > 0.5 ? { colour: [246, 244, 238] } : look.second);
  lathe.band(0.4, r * 1.015, look.third.colour, 0.07);
};

/** A flip-cap bottle of shampoo, lotion, detergent. */
export const shampoo: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = plastic(look);
  const r = look.between('wide', 0.4, 0.5);
  lathe.body(
    [
      [0.24, -0.9],
      [0.26, -0.58],
    ],
    shade(s, 0.7),
    { angular: true, inside: false },
  );
  lathe.body(
    [
      [0.3, -0.58],
      [r, -0.4],
      [r * 1.02, 0.4],
      [r * 0.9, 0.96],
    ],
    s,
    { print: true, inside: false },
  );
  lathe.sleeve(-0.15, 0.5, r * 1.015, { colour: [248, 246, 240] });
  lathe.band(0.02, r * 1.02, look.second.colour, 0.14);
  for (const y of [0.2, 0.32]) lathe.band(y, r * 0.98, [130, 130, 134], 0.03);
};

/** A bar of soap with a pressed mark and bubbles, or on a dish. */
export const soap: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('soap', [
      [244, 236, 214],
      [232, 180, 190],
      [190, 216, 180],
      [240, 240, 236],
    ]),
    { gloss: 0.5 },
  );
  shape(pen, 'M-0.96 0.6Q-0.9 0.96 -0.5 0.96H0.5Q0.9 0.96 0.96 0.6Q0.5 0.72 0 0.72Q-0.5 0.72 -0.96 0.6Z', look.second);
  pen.at(0, 0.28, 1, look.rng.range(-0.08, 0.08), () => {
    shape(pen, rectangle(-0.74, -0.16, 1.48, 0.52, 0.24), shade(s, 0.8));
    shape(pen, rectangle(-0.74, -0.3, 1.48, 0.52, 0.26), s);
    stroke(pen, rectangle(-0.46, -0.18, 0.92, 0.26, 0.13), lit(s.colour, 0.75), 0.035);
  });
  for (let i = 0; i < 7; i++) {
    const [x, y, r] = [look.rng.range(-0.7, 0.8), look.rng.range(-0.55, 0.1), look.rng.range(0.04, 0.13)];
    pen.ellipse(x, y, r, r, { colour: [214, 236, 246], clear: 0.35, gloss: 0.9 });
  }
};

/** A roll of toilet paper; a kitchen roll is taller. */
const rollOf =
  (tall: boolean): Plan =>
  (pen, look) => {
    const lathe = new Lathe(pen, look);
    const s = own(look, [244, 242, 238], { texture: 'fine', grain: 0.08, gloss: 0 });
    const [r, top] = tall ? [0.46, -0.85] : [0.66, -0.25];
    const flat1 = Math.max(0.2, lathe.flat);
    lathe.body(
      [
        [r, top],
        [r, 0.9],
      ],
      s,
      { angular: true, inside: false, print: true },
    );
    for (const k of [0.85, 0.7, 0.55]) lathe.ring(top, r * k, [214, 210, 204], 0.012);
    lathe.disc(top, r * 0.36, { colour: [170, 134, 96] });
    lathe.disc(top, r * 0.28, { colour: [66, 52, 42] });
    shape(
      pen,
      `M${r} ${lathe.y(top)}Q${r + 0.1} ${lathe.y(top) + 0.1} ${r + 0.14} ${lathe.y(tall ? 0.4 : 0.8)}L${r - 0.22} ${lathe.y(tall ? 0.48 : 0.88) + r * flat1 * 0.5}V${lathe.y(top) + r * flat1 * 0.8}Z`,
      shade(s, 1.04),
      0.3,
    );
    if (tall) for (const y of [-0.4, 0, 0.4]) lathe.band(y, r, [206, 216, 226], 0.02);
  };
export const toiletPaper = rollOf(false);
export const kitchenRoll = rollOf(true);

/** A razor: a handle and a head across it. */
export const razor: Plan = (pen, look) => {
  const s = plastic(look);
  lying(
    pen,
    look,
    () => {
      shape(pen, 'M-0.09 -0.5Q0 -0.56 0.09 -0.5L0.13 0.2L0.1 0.94Q0 1.02 -0.1 0.94L-0.13 0.2Z', s);
      for (let i = 0; i < 6; i++) stroke(pen, `M-0.09 ${0.1 + i * 0.1}H0.09`, lit(s.colour, 0.5), 0.03);
      shape(pen, 'M-0.05 -0.7H0.05V-0.46H-0.05Z', STEEL);
      shape(pen, rectangle(-0.48, -0.96, 0.96, 0.3, 0.06), shade(s, 0.7));
      for (const y of [-0.9, -0.83, -0.76]) flat(pen, rectangle(-0.42, y, 0.84, 0.035), [214, 218, 222]);
    },
    0.5,
    0.3,
  );
};

/** A comb: a back and many teeth, a handle now and then. */
export const comb: Plan = (pen, look) => {
  const s: Surface =
    look.told.colour || look.told.material
      ? look.main
      : look.choose<Surface>('comb', [
          BLACK,
          { colour: [130, 76, 36], texture: 'cells', grain: 0.3, gloss: 0.5 },
          plastic(look),
          TIMBER,
        ]);
  lying(
    pen,
    look,
    () => {
      const handle = look.t('handle') > 0.6;
      const end = handle ? 0.2 : 0.96;
      shape(
        pen,
        handle
          ? 'M-0.98 -0.24Q-0.4 -0.36 0.2 -0.22L0.98 -0.14Q1.04 -0.02 0.96 0.04L0.2 0.02L-0.96 -0.02Z'
          : 'M-0.98 -0.24Q0 -0.36 0.98 -0.24L0.96 -0.02H-0.96Z',
        s,
      );
      const n = handle ? 20 : 30;
      for (let i = 0; i < n; i++) {
        const x = -0.95 + (i * (end + 0.92)) / (n - 1);
        const w = i < n / 2 ? 0.032 : 0.022;
        shape(pen, `M${x - w / 2} -0.06H${x + w / 2}L${x + w * 0.25} 0.36H${x - w * 0.25}Z`, s, 0);
      }
      shape(pen, rectangle(-0.98, -0.1, 0.07, 0.46, 0.02), s, 0.2);
    },
    0.5,
  );
};

/** A hairbrush: a paddle or oval head of pins, a handle. */
export const hairbrush: Plan = (pen, look) => {
  const s: Surface =
    look.told.colour || look.told.material
      ? look.main
      : look.choose<Surface>('brush', [TIMBER, BLACK, plastic(look), { ...TIMBER, colour: [120, 76, 44] }]);
  lying(
    pen,
    look,
    () => {
      shape(pen, 'M-0.09 0.1L-0.1 0.9Q0 1.04 0.1 0.9L0.09 0.1Z', s);
      const wide = look.between('wide', 0.3, 0.44);
      shape(
        pen,
        `M-0.08 0.2C-0.2 0.16 ${-wide} 0.1 ${-wide} -0.4C${-wide} -0.8 ${-wide * 0.7} -0.98 0 -0.98C${wide * 0.7} -0.98 ${wide} -0.8 ${wide} -0.4C${wide} 0.1 0.2 0.16 0.08 0.2Z`,
        s,
      );
      const pad = shape(pen, disc(0, -0.42, wide * 0.78, 0.46), { colour: [206, 92, 92], gloss: 0.2 });
      pen.inside(pad, () => {
        for (let r = 0; r < 9; r++)
          for (let i = -4; i <= 4; i++) {
            const [x, y] = [(i + (r % 2) * 0.5) * 0.085, -0.8 + r * 0.095];
            stroke(pen, `M${x} ${y + 0.03}L${x + 0.01} ${y - 0.03}`, [40, 36, 36], 0.022);
            flat(pen, disc(x + 0.01, y - 0.035, 0.014), [250, 246, 240]);
          }
      });
    },
    0.5,
    0.3,
  );
};

/** A tube of toothpaste, cream or paint: crimped end, cap. */
export const tubeOfPaste: Plan = (pen, look) => {
  const s: Surface = look.told.colour
    ? plastic(look)
    : look.choose<Surface>('tube', [{ colour: [246, 246, 244], gloss: 0.5 }, plastic(look)]);
  lying(
    pen,
    look,
    () => {
      const body = shape(pen, 'M-0.98 -0.34L-0.9 -0.34Q0 -0.36 0.6 -0.2V0.2Q0 0.36 -0.9 0.34H-0.98Z', s);
      pen.inside(body, () => {
        flat(pen, 'M-0.98 -0.06Q-0.2 -0.3 0.7 -0.02V0.16Q-0.2 -0.06 -0.98 0.2Z', look.second.colour);
        flat(pen, rectangle(-0.6, -0.22, 0.7, 0.1, 0.03), lit(look.third.colour, 0.8));
      });
      for (let i = 0; i < 3; i++) stroke(pen, `M${-0.95 + i * 0.04} -0.32V0.32`, lit(s.colour, 0.65), 0.015);
      shape(pen, 'M0.58 -0.2H0.66L0.7 -0.12V0.12L0.66 0.2H0.58Z', shade(s, 0.85));
      shape(pen, 'M0.7 -0.15H0.96Q1 0 0.96 0.15H0.7Z', look.t('cap') > 0.5 ? look.second : { colour: [240, 240, 238] });
    },
    0.5,
  );
};

/** A sponge: holes all over, a scouring side. */
export const sponge: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose<Rgb>('sponge', [
      [244, 206, 80],
      [120, 180, 220],
      [240, 150, 160],
    ]),
    { gloss: 0 },
  );
  pen.at(0, 0.3, 1, look.rng.range(-0.2, 0.2), () => {
    shape(pen, 'M-0.86 -0.3L-0.66 -0.56H0.92L0.86 -0.3Z', shade(s, 1.2));
    shape(pen, 'M0.84 -0.3L0.94 -0.56V0.1L0.84 0.42Z', shade(s, 0.65));
    shape(pen, rectangle(-0.86, -0.3, 1.72, 0.52, 0.06), s);
    if (look.t('scourer') > 0.4)
      shape(pen, rectangle(-0.86, 0.2, 1.72, 0.2, 0.04), { colour: [60, 130, 80], texture: 'fur', grain: 0.6 });
    for (let i = 0; i < 22; i++)
      pen.ellipse(
        look.rng.range(-0.78, 0.76),
        look.rng.range(-0.24, 0.16),
        look.rng.range(0.02, 0.06),
        look.rng.range(0.015, 0.045),
        shade(s, 0.6),
      );
  });
};
