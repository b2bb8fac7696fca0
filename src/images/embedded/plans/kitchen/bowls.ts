import { Path2D } from '@napi-rs/canvas';
import { lit } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Lathe } from '../lathe.js';
import { BLACK, disc, flat, own, print, rectangle, STEEL, shade, shape, stroke, tube } from '../sketch.js';

const pottery = (look: Look): Surface => ({
  ...look.main,
  texture: look.told.material ? look.main.texture : undefined,
  gloss: 0.45,
});

/** A bowl, open to above. */
export const bowl: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = pottery(look);
  const top = look.between('deep', 0.05, 0.4);
  lathe.body(
    [
      [0.9, top],
      [0.82, top + 0.25],
      [0.45, 0.88],
      [0.4, 0.96],
    ],
    s,
    { print: true, inside: { colour: lit(look.t('inside') > 0.6 ? look.second.colour : s.colour, 0.82) } },
  );
  if (look.t('rim') > 0.5) lathe.ring(top, 0.9, look.second.colour, 0.04);
};

/** A mixing bowl of steel or glass, with a spout or a whisk in it now and then. */
export const mixingBowl: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('metal', [
      [190, 194, 198],
      [226, 232, 234],
      [236, 226, 206],
    ]),
    { gloss: 0.7 },
  );
  if (look.rng.chance(0.5)) tube(pen, 'M0.1 0.2L0.86 -0.85', { colour: [176, 128, 80] }, 0.09);
  lathe.body(
    [
      [0.94, 0],
      [0.84, 0.4],
      [0.42, 0.92],
      [0.36, 0.97],
    ],
    s,
    { inside: { colour: lit(s.colour, 0.78), gloss: 0.3 } },
  );
  lathe.ring(0, 0.95, lit(s.colour, 1.3), 0.05);
  if (look.rng.chance(0.5)) lathe.disc(0.12, 0.66, { colour: [246, 226, 176], texture: 'cloudy', grain: 0.3 });
};

/** A plate: rim and well. */
export const plate: Plan = (pen, look) => {
  const { view, rng } = look;
  const s = pottery(look);
  const standing = view === 'front' || view === 'top';
  const f = standing ? rng.range(0.85, 1) : rng.range(0.3, 0.45);
  const cy = standing ? 0.02 : 0.5;
  if (!standing) pen.ellipse(0, cy + 0.08, 0.94, 0.94 * f, shade(s, 0.6));
  const path = shape(pen, disc(0, cy, 0.96, 0.96 * f), s);
  print(pen, look, path, 1, true);
  if (look.t('rim') > 0.5) pen.line(ring(0.88, f, cy), look.second.colour, 0.05);
  pen.ellipse(0, cy + 0.02 * f, 0.64, 0.62 * f, shade(s, 0.9));
  pen.ellipse(0, cy + 0.04 * f, 0.6, 0.58 * f, shade(s, 1.04));
};
const ring = (r: number, f: number, cy: number) => ovalPath(0, cy, r, r * f);

/** A colander: a bowl full of holes, two handles, a foot. */
export const colander: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('metal', [
      [188, 192, 196],
      [206, 60, 50],
      [236, 234, 226],
      [90, 160, 150],
    ]),
    { gloss: 0.5 },
  );
  for (const k of [-1, 1])
    tube(
      pen,
      `M${k * 0.74} ${lathe.y(0.06)}C${k * 1.04} ${lathe.y(-0.04)} ${k * 1.04} ${lathe.y(0.26)} ${k * 0.7} ${lathe.y(0.22)}`,
      shade(s, 0.85),
      0.08,
    );
  lathe.body(
    [
      [0.34, 0.86],
      [0.42, 0.97],
    ],
    shade(s, 0.8),
  );
  const body = lathe.body(
    [
      [0.8, 0],
      [0.74, 0.4],
      [0.36, 0.88],
    ],
    s,
    { inside: { colour: lit(s.colour, 0.62) } },
  );
  const hole = lit(s.colour, 0.28);
  pen.inside(body, () => {
    for (let row = 0; row < 4; row++)
      for (let i = 0; i < 13; i++) {
        const a = ((i + (row % 2) / 2) / 12 - 0.5) * 3;
        const r = [0.76, 0.71, 0.62, 0.5][row];
        const x = Math.sin(a) * r;
        const y = lathe.y(0.24 + row * 0.16) + Math.cos(a) * r * lathe.flat;
        flat(pen, disc(x, y, 0.034 * Math.max(0.3, Math.cos(a)), 0.036), hole);
      }
  });
  lathe.ring(0, 0.81, lit(s.colour, 1.3), 0.05);
};

/** A salad spinner: a clear bowl with a basket and leaves in it, a lid with a crank or a button. */
export const saladSpinner: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const { rng } = look;
  const s = own(
    look,
    look.choose('lid', [
      [92, 168, 80],
      [240, 240, 238],
      [60, 140, 190],
      [214, 70, 60],
    ]),
    { gloss: 0.5 },
  );
  lathe.body(
    [
      [0.62, -0.2],
      [0.5, 0.85],
    ],
    { colour: [236, 240, 240] },
    { angular: true },
  );
  for (let i = 0; i < 14; i++)
    pen.ellipse(
      rng.range(-0.44, 0.44),
      lathe.y(rng.range(0, 0.75)),
      0.14,
      0.11,
      { colour: [rng.range(70, 140), rng.range(150, 190), rng.range(50, 80)], texture: 'leaves', grain: 0.4 },
      rng.range(0, 3),
    );
  for (let i = -5; i <= 5; i++)
    stroke(pen, `M${i * 0.112} ${lathe.y(-0.2)}L${i * 0.09} ${lathe.y(0.86)}`, [248, 250, 250], 0.02, 0.8);
  for (const y of [0.2, 0.5]) lathe.band(y, 0.57, [248, 250, 250], 0.02);
  lathe.body(
    [
      [0.78, -0.32],
      [0.76, 0.2],
      [0.56, 0.95],
    ],
    { colour: [210, 228, 232], clear: 0.68, gloss: 0.9 },
  );
  lathe.body(
    [
      [0.2, -0.52],
      [0.74, -0.42],
      [0.84, -0.28],
    ],
    s,
    { inside: false },
  );
  lathe.band(-0.28, 0.84, lit(s.colour, 0.75), 0.06);
  if (look.t('crank') > 0.4) {
    const a = rng.range(0, 6);
    const [x, y] = [Math.cos(a) * 0.4, lathe.y(-0.56) + Math.sin(a) * 0.4 * lathe.flat];
    tube(pen, `M0 ${lathe.y(-0.56)}L${x} ${y}`, shade(s, 0.75), 0.12);
    tube(pen, `M${x} ${y}V${y - 0.18}`, { colour: [242, 242, 240] }, 0.11);
  } else
    lathe.body(
      [
        [0.16, -0.7],
        [0.18, -0.52],
      ],
      { colour: [242, 242, 240] },
      { inside: false },
    );
};

/** A measuring cup or jug with marks and a spout. */
export const measuringCup: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const tint = look.told.colour || look.told.material;
  const level = look.rng.range(0, 0.5);
  tube(
    pen,
    `M0.4 ${lathe.y(-0.36)}H0.74Q0.9 ${lathe.y(-0.34)} 0.88 ${lathe.y(-0.1)}V${lathe.y(0.4)}Q0.86 ${lathe.y(0.62)} 0.66 ${lathe.y(0.62)}H0.4`,
    tint ? shade(look.main, 0.9) : { colour: [206, 222, 226], gloss: 0.5 },
    0.11,
  );
  lathe.body(
    [
      [0.52, level],
      [0.46, 0.92],
    ],
    {
      colour: look.choose('liquid', [
        [236, 232, 220],
        [150, 196, 226],
        [240, 176, 70],
      ]),
      clear: 0.1,
    },
    { angular: true, inside: { colour: [248, 246, 238] } },
  );
  lathe.body(
    [
      [0.58, -0.55],
      [0.48, 0.96],
    ],
    tint ? { ...look.main, clear: 0.3, gloss: 0.6 } : { colour: [210, 226, 230], clear: 0.6, gloss: 0.9 },
    { angular: true },
  );
  shape(pen, `M-0.5 ${lathe.y(-0.6)}L-0.76 ${lathe.y(-0.66)}L-0.54 ${lathe.y(-0.3)}Z`, {
    colour: [206, 222, 226],
    clear: 0.3,
    gloss: 0.5,
  });
  for (let i = 0; i < 7; i++)
    stroke(pen, `M-0.2 ${lathe.y(-0.3 + i * 0.17)}h${i % 2 ? 0.16 : 0.3}`, [196, 40, 40], 0.035);
};

/** Measuring spoons on a ring. */
export const measuringSpoons: Plan = (pen, look) => {
  const s = own(look, [190, 194, 198], { gloss: 0.6 });
  for (let i = 0; i < 4; i++)
    pen.at(-0.1, -0.78, 1, (i - 1.5) * 0.36, () => {
      const r = 0.27 - i * 0.045;
      shape(pen, rectangle(-0.06, 0, 0.12, 1.15, 0.05), shade(s, 0.9));
      pen.ellipse(0, 1.2 + r * 0.6, r, r, s);
      pen.ellipse(0, 1.2 + r * 0.6, r * 0.78, r * 0.78, shade(s, 0.65));
    });
  pen.line(ovalPath(-0.1, -0.8, 0.14, 0.14), STEEL.colour, 0.05);
};

/** A sieve: a half ball of mesh with a handle. */
export const sieve: Plan = (pen, look) => {
  const s = own(look, STEEL.colour, { gloss: 0.5 });
  pen.at(0, 0.1, 1, look.rng.range(-0.35, 0.1), () => {
    shape(pen, rectangle(0.34, -0.3, 0.7, 0.13, 0.06), look.told.colour ? s : BLACK);
    const mesh = shape(pen, 'M-0.98 -0.24H0.42C0.42 0.2 0.1 0.62 -0.28 0.62C-0.66 0.62 -0.98 0.2 -0.98 -0.24Z', {
      colour: [200, 204, 208],
      texture: 'weave',
      grain: 0.8,
      density: 2.5,
      clear: 0.15,
    });
    pen.inside(mesh, () => {
      for (let i = -10; i < 10; i++)
        stroke(pen, `M${i * 0.13 - 0.28} -0.3l0.5 1M${i * 0.13 - 0.28} -0.3l-0.5 1`, [120, 124, 130], 0.012, 0.7);
    });
    pen.ellipse(-0.28, -0.24, 0.7, 0.11, shade(s, 0.55));
    pen.line(ovalPath(-0.28, -0.24, 0.7, 0.11), s.colour, 0.06);
  });
};

/** A tray for serving: a low rim and two handles. */
export const servingTray: Plan = (pen, look) => {
  const { view, rng } = look;
  const s: Surface =
    look.told.colour || look.told.material
      ? look.main
      : look.choose<Surface>('tray', [{ colour: [160, 110, 66], texture: 'wood', grain: 0.4 }, look.main, STEEL]);
  const high = view === 'top' ? 0.66 : rng.range(0.3, 0.42);
  const y = 0.4;
  shape(pen, rectangle(-0.98, y - high, 1.96, 2 * high, 0.18), shade(s, 0.85));
  const well = shape(pen, rectangle(-0.88, y - high * 0.8, 1.76, high * 1.55, 0.12), shade(s, 1.1));
  print(pen, look, well, 1, true);
  for (const x of [-0.93, 0.93])
    tube(pen, `M${x} ${y - 0.2}C${x * 0.93} ${y - 0.26} ${x * 0.93} ${y + 0.26} ${x} ${y + 0.2}`, shade(s, 0.5), 0.05);
};

function ovalPath(x: number, y: number, rx: number, ry: number) {
  return new Path2D(disc(x, y, rx, ry));
}
