import { lit, type Rgb } from '../../colour.js';
import type { Pen, Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Lathe } from '../lathe.js';
import { BLACK, flat, own, shade, shape, tube } from '../sketch.js';

const METALS: readonly Rgb[] = [
  [176, 180, 186],
  [44, 44, 48],
  [64, 66, 72],
  [190, 112, 70],
];

/** The metal of a pan or pot: steel, iron, copper, enamel of the caption's colour. */
export const cookware = (look: Look): Surface =>
  own(look, look.choose('metal', METALS), { texture: 'fine', grain: 0.1, gloss: 0.55 });

const grip = (look: Look): Surface =>
  look.choose<Surface>('grip', [
    BLACK,
    BLACK,
    { colour: [142, 96, 56], texture: 'wood', grain: 0.4 },
    { colour: [168, 172, 178], gloss: 0.6 },
  ]);

/** A handle that sticks out to the right of a vessel of radius r. */
function stick(pen: Pen, look: Look, r: number, y: number, rise: number): void {
  const s = grip(look);
  shape(pen, `M${r - 0.04} ${y - 0.04}L${r + 0.14} ${y - 0.05}L${r + 0.14} ${y + 0.05}L${r - 0.04} ${y + 0.07}Z`, {
    colour: [150, 152, 158],
    gloss: 0.6,
  });
  shape(
    pen,
    `M${r + 0.12} ${y - 0.06}L0.98 ${y - rise - 0.07}Q1.06 ${y - rise} 0.98 ${y - rise + 0.07}L${r + 0.12} ${y + 0.07}Z`,
    s,
  );
  flat(pen, `M0.9 ${y - rise}a0.03 0.03 0 1 1 0.06 0a0.03 0.03 0 1 1 -0.06 0`, [20, 20, 22], 0.6);
}

/** A frying pan: shallow, sloped walls, a long handle. */
export const fryingPan: Plan = (pen, look) => {
  pen.at(0, 0, 1, look.rng.normal() * 0.07, () => pan(pen, look));
};

function pan(pen: Pen, look: Look): void {
  const lathe = new Lathe(pen, look);
  const s = cookware(look);
  const egg = look.rng.chance(0.25);
  const deep = look.between('deep', 0.18, 0.3);
  // Always seen a little from above: from the side a pan is a line.
  const flatness = Math.max(lathe.flat, look.rng.range(0.28, 0.5));
  const [r, cx, cy] = [0.6, -0.36, 0.45];
  stick(pen, look, 0.2, cy - 0.02, look.between('rise', 0.05, 0.22));
  const ry = r * flatness;
  shape(
    pen,
    `M${cx - r} ${cy}A${r} ${ry} 0 0 1 ${cx + r} ${cy}L${cx + r * 0.78} ${cy + deep}A${r * 0.78} ${ry * 0.8} 0 0 1 ${cx - r * 0.78} ${cy + deep}Z`,
    s,
  );
  pen.ellipse(cx, cy, r, ry, shade(s, 1.2));
  pen.ellipse(cx, cy + 0.02, r * 0.93, ry * 0.9, shade(s, 0.62));
  pen.ellipse(cx, cy + deep * 0.35, r * 0.78, ry * 0.68, {
    colour: look.t('nonstick') > 0.4 ? [38, 38, 42] : lit(s.colour, 0.8),
    gloss: 0.3,
  });
  if (egg) {
    pen.blob(
      [
        [cx - 0.25, cy + 0.06],
        [cx, cy - 0.06],
        [cx + 0.26, cy + 0.05],
        [cx + 0.1, cy + 0.17],
        [cx - 0.15, cy + 0.17],
      ],
      { colour: [248, 246, 240] },
    );
    pen.ellipse(cx + 0.02, cy + 0.06, 0.1, 0.06, { colour: [246, 178, 40], gloss: 0.5 });
  }
}

/** A wok: a deep bowl with a round bottom, a handle and a loop. */
export const wok: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('iron', [
      [52, 52, 56],
      [92, 94, 100],
      [70, 60, 54],
    ]),
    { texture: 'fine', grain: 0.15, gloss: 0.35 },
  );
  const f = Math.max(lathe.flat, 0.28);
  const [r, cx, cy] = [0.68, -0.28, 0.2];
  const long: Surface = { colour: [148, 102, 60], texture: 'wood', grain: 0.4 };
  tube(
    pen,
    `M${cx - r + 0.03} ${cy + 0.04}C${cx - r - 0.16} ${cy - 0.06} ${cx - r - 0.16} ${cy + 0.2} ${cx - r + 0.06} ${cy + 0.16}`,
    BLACK,
    0.05,
  );
  shape(pen, `M${cx + r - 0.06} ${cy}L1 ${cy - 0.3}L1.02 ${cy - 0.2}L${cx + r - 0.04} ${cy + 0.1}Z`, long);
  shape(
    pen,
    `M${cx - r} ${cy}A${r} ${r * f} 0 0 1 ${cx + r} ${cy}C${cx + r * 0.95} ${cy + 0.45} ${cx + 0.34} ${cy + 0.72} ${cx} ${cy + 0.72}C${cx - 0.34} ${cy + 0.72} ${cx - r * 0.95} ${cy + 0.45} ${cx - r} ${cy}Z`,
    s,
  );
  pen.ellipse(cx, cy, r, r * f, shade(s, 1.3));
  pen.ellipse(cx, cy + 0.02, r * 0.95, r * f * 0.92, shade(s, 0.6));
  pen.ellipse(cx + 0.05, cy + 0.06, r * 0.5, r * f * 0.5, { ...shade(s, 0.85), gloss: 0.5 });
};

/** A saucepan: as a pot, with one long handle. */
export const saucepan: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = cookware(look);
  pen.at(-0.3, 0, 1, 0, () => {
    stick(pen, look, 0.56, lathe.y(0.32), 0.06);
  });
  lathe.body(
    [
      [0.6, 0.2],
      [0.6, 0.86],
      [0.55, 0.94],
    ],
    s,
    { x: -0.34, angular: true },
  );
  if (look.t('lid') > 0.5) lid(pen, look, lathe, 0.2, 0.62, s, -0.34);
};

function lid(pen: Pen, look: Look, lathe: Lathe, y: number, r: number, s: Surface, x = 0): void {
  const glass = look.t('glass lid') > 0.5;
  const cover: Surface = glass ? { colour: [206, 220, 226], gloss: 0.8, clear: 0.3 } : s;
  lathe.body(
    [
      [0.08, y - 0.2],
      [r * 0.7, y - 0.12],
      [r, y],
    ],
    cover,
    { x, inside: false },
  );
  lathe.band(y, r, lit(s.colour, 1.2), 0.035, x);
  const knob = grip(look);
  pen.ellipse(x, lathe.y(y - 0.22), 0.05, 0.06, knob);
  pen.ellipse(x, lathe.y(y - 0.28), 0.11, 0.05, knob);
}

/** A cooking pot with two handles and a lid; a Dutch oven is of enamelled iron. */
export const pot: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = cookware(look);
  const top = look.between('tall', -0.15, 0.3);
  for (const k of [-1, 1])
    tube(
      pen,
      `M${k * 0.66} ${lathe.y(top + 0.14)}C${k * 0.98} ${lathe.y(top + 0.08)} ${k * 0.98} ${lathe.y(top + 0.32)} ${k * 0.66} ${lathe.y(top + 0.28)}`,
      look.t('own grips') > 0.5 ? BLACK : shade(s, 0.8),
      0.08,
    );
  lathe.body(
    [
      [0.72, top],
      [0.72, 0.82],
      [0.66, 0.94],
    ],
    s,
    { angular: true, print: true },
  );
  if (look.rng.chance(0.75)) lid(pen, look, lathe, top, 0.74, s);
  else lathe.disc(top + 0.06, 0.62, { colour: [196, 92, 44], texture: 'pebbles', grain: 0.4 });
};

/** A pot with locks, valve and a screen: pressure cooker, rice or slow cooker. */
export const cooker: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('case', [
      [214, 214, 212],
      [48, 50, 54],
      [176, 180, 186],
      [196, 62, 52],
    ]),
    { gloss: 0.5 },
  );
  for (const k of [-1, 1]) shape(pen, `M${k * 0.66} ${lathe.y(0.14)}h${k * 0.2}v0.16h${-k * 0.2}Z`, BLACK);
  lathe.body(
    [
      [0.72, -0.05],
      [0.76, 0.5],
      [0.64, 0.94],
    ],
    s,
  );
  lathe.body(
    [
      [0.2, -0.42],
      [0.6, -0.3],
      [0.74, -0.04],
    ],
    look.t('dark lid') > 0.4 ? BLACK : shade(s, 1.05),
    { inside: false },
  );
  pen.ellipse(0, lathe.y(-0.46), 0.14, 0.07, BLACK);
  shape(pen, `M-0.26 ${lathe.y(0.3)}h0.52v0.34q-0.26 0.06 -0.52 0Z`, { colour: [32, 34, 38], gloss: 0.4 });
  flat(pen, `M-0.16 ${lathe.y(0.36)}h0.32v0.1h-0.32Z`, [120, 214, 190]);
  for (const x of [-0.12, 0, 0.12]) pen.ellipse(x, lathe.y(0.56), 0.035, 0.03, { colour: [206, 208, 210] });
};
