import { Path2D } from '@napi-rs/canvas';
import { lit } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { BLACK, disc, flat, own, rectangle, STEEL, shade, shape, stroke, tube } from '../sketch.js';

const CHROME: Surface = { ...STEEL, gloss: 0.9 };
const porcelain = (look: Look): Surface => own(look, [244, 244, 242], { gloss: 0.6 });

/** A bathtub: a long rounded tub, on claws or a plinth, with taps; foam or water in it now and then. */
export const bathtub: Plan = (pen, look) => {
  const s = porcelain(look);
  const claw = look.t('claws') > 0.4;
  const f = look.view === 'top' ? 0.3 : look.rng.range(0.12, 0.2);
  const y = -0.05;
  tube(pen, `M-0.84 ${y}V-0.46Q-0.84 -0.62 -0.68 -0.62Q-0.56 -0.6 -0.56 -0.46`, CHROME, 0.07);
  for (const x of [-0.94, -0.74]) pen.ellipse(x, y - 0.16, 0.055, 0.055, CHROME);
  if (claw)
    for (const x of [-0.62, 0.6])
      shape(
        pen,
        `M${x - 0.08} 0.72H${x + 0.08}L${x + 0.13} 0.98H${x - 0.06}L${x - 0.02} 0.86Z`,
        look.t('brass') > 0.5 ? { colour: [196, 156, 72], gloss: 0.6 } : CHROME,
      );
  if (claw) shape(pen, `M-0.96 ${y}H0.98C0.98 0.5 0.86 0.86 0.6 0.88H-0.58C-0.84 0.86 -0.96 0.5 -0.96 ${y}Z`, s);
  else shape(pen, rectangle(-0.97, y, 1.95, 1.02, 0.06), s);
  pen.ellipse(0, y, 0.98, f, shade(s, 1.05));
  pen.line(oval(0, y, 0.98, f), lit(s.colour, 0.75), 0.02);
  pen.ellipse(0, y + 0.012, 0.88, f * 0.8, shade(s, 0.72));
  const fill = look.rng.uniform();
  if (fill < 0.6) {
    pen.ellipse(0, y + 0.04, 0.84, f * 0.66, { colour: [150, 200, 220], gloss: 0.5 });
    if (fill < 0.35)
      for (let i = 0; i < 14; i++)
        pen.ellipse(
          look.rng.range(-0.75, 0.75),
          y + look.rng.range(-0.1, 0.04),
          look.rng.range(0.07, 0.14),
          look.rng.range(0.06, 0.1),
          { colour: [250, 252, 254], gloss: 0.3 },
        );
  }
};

/** A washbasin: on a pedestal or a wall, with a tap; a kitchen sink is a box of steel in a counter. */
export const sink: Plan = (pen, look) => {
  const s = porcelain(look);
  tube(pen, 'M0 -0.28V-0.62Q0 -0.8 0.12 -0.8Q0.24 -0.8 0.24 -0.6V-0.5', CHROME, 0.09);
  for (const x of [-0.3, 0.42]) {
    pen.ellipse(x, -0.34, 0.08, 0.06, CHROME);
    tube(pen, `M${x} -0.36V-0.46`, CHROME, 0.05);
  }
  if (look.t('pedestal') > 0.35) {
    shape(pen, 'M-0.24 0.2H0.24L0.18 0.86L0.3 0.98H-0.3L-0.18 0.86Z', shade(s, 0.88));
    shape(pen, 'M-0.9 -0.22H0.9C0.9 0.16 0.6 0.36 0.3 0.4H-0.3C-0.6 0.36 -0.9 0.16 -0.9 -0.22Z', s);
    pen.ellipse(0, -0.22, 0.92, 0.17, shade(s, 1.05));
    pen.line(oval(0, -0.22, 0.92, 0.17), lit(s.colour, 0.75), 0.02);
    pen.ellipse(0.04, -0.19, 0.68, 0.105, shade(s, 0.72));
  } else {
    const wood: Surface = { colour: look.told.colour ? look.main.colour : [150, 104, 64], texture: 'wood', grain: 0.3 };
    shape(pen, rectangle(-0.86, 0.1, 1.72, 0.88, 0.03), wood);
    for (const x of [-0.42, 0.42]) {
      shape(pen, rectangle(x - 0.38, 0.2, 0.76, 0.7, 0.02), shade(wood, 1.12));
      shape(pen, rectangle(x > 0 ? x - 0.3 : x + 0.24, 0.44, 0.05, 0.2, 0.02), CHROME);
    }
    shape(pen, 'M-0.96 -0.26H0.96L0.98 0.12H-0.98Z', s);
    pen.ellipse(0.06, -0.1, 0.62, 0.12, shade(s, 0.68));
    pen.ellipse(0.06, -0.06, 0.08, 0.03, CHROME);
  }
};

/** A kitchen sink: a steel bowl in a counter with a tall tap. */
export const kitchenSink: Plan = (pen, look) => {
  const s = own(look, [186, 190, 195], { gloss: 0.7 });
  tube(pen, 'M0 0.14V-0.56C0 -0.94 0.46 -0.94 0.46 -0.56V-0.42', CHROME, 0.1);
  tube(pen, 'M0.08 0.08L0.32 -0.06', CHROME, 0.06);
  shape(pen, 'M-0.84 0.12H0.84L0.98 0.62H-0.98Z', s);
  shape(pen, 'M-0.7 0.2H-0.04V0.54H-0.78Z', shade(s, 0.55));
  shape(pen, 'M0.04 0.2H0.7L0.78 0.54H0.04Z', shade(s, 0.6));
  for (const x of [-0.4, 0.4]) pen.ellipse(x, 0.44, 0.08, 0.035, BLACK);
  shape(pen, rectangle(-0.98, 0.62, 1.96, 0.36, 0.02), { colour: [150, 108, 70], texture: 'wood', grain: 0.3 });
};

/** A tap. */
export const faucet: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('metal', [
      [186, 190, 196],
      [196, 156, 72],
      [44, 44, 48],
    ]),
    { gloss: 0.8 },
  );
  pen.ellipse(-0.3, 0.92, 0.36, 0.09, shade(s, 0.8));
  tube(pen, 'M-0.3 0.9V-0.3C-0.3 -0.98 0.62 -0.98 0.62 -0.3V0.02', s, 0.24);
  shape(pen, rectangle(0.47, -0.04, 0.3, 0.14, 0.04), shade(s, 0.8));
  if (look.t('lever') > 0.5) tube(pen, 'M-0.24 0.3L0.2 0.1', s, 0.12);
  else
    for (const x of [-0.78, 0.2]) {
      shape(pen, rectangle(x - 0.09, 0.62, 0.18, 0.32, 0.04), s);
      tube(pen, `M${x - 0.2} 0.54H${x + 0.2}M${x} 0.4V0.66`, s, 0.11);
    }
  if (look.rng.chance(0.5)) pen.ellipse(0.62, 0.34, 0.06, 0.1, { colour: [150, 200, 230], gloss: 0.8 });
};

/** A toilet: bowl, seat, lid up or down, a tank behind. */
export const toilet: Plan = (pen, look) => {
  const s = porcelain(look);
  const front = look.view === 'front' || look.view === 'top';
  if (front) {
    shape(pen, rectangle(-0.56, -0.98, 1.12, 0.66, 0.08), shade(s, 0.92));
    shape(pen, rectangle(-0.6, -0.99, 1.2, 0.14, 0.05), s);
    pen.ellipse(0.3, -0.98, 0.08, 0.035, CHROME);
    shape(pen, 'M-0.34 0.4H0.34L0.26 0.98H-0.26Z', shade(s, 0.85));
    shape(pen, 'M-0.54 0.05C-0.54 0.44 -0.3 0.64 0 0.64C0.3 0.64 0.54 0.44 0.54 0.05Z', shade(s, 0.95));
    pen.ellipse(0, 0.05, 0.56, 0.36, s);
    pen.line(oval(0, 0.05, 0.56, 0.36), lit(s.colour, 0.7), 0.025);
    pen.ellipse(0, 0.07, 0.38, 0.24, shade(s, 0.62));
    pen.ellipse(0, 0.12, 0.26, 0.14, { colour: [150, 190, 210] });
    return;
  }
  shape(pen, rectangle(-0.9, -0.72, 0.44, 0.86, 0.05), shade(s, 0.95));
  shape(pen, rectangle(-0.94, -0.8, 0.52, 0.12, 0.04), s);
  shape(pen, rectangle(-0.5, -0.6, 0.1, 0.06, 0.02), CHROME);
  shape(pen, 'M-0.6 0.12H0.86C0.84 0.44 0.5 0.56 0.34 0.62L0.4 0.98H-0.5L-0.44 0.6Q-0.6 0.4 -0.6 0.12Z', s);
  if (look.t('lid up') > 0.5)
    shape(pen, 'M-0.48 0.08C-0.6 -0.3 -0.5 -0.72 -0.36 -0.74Q-0.26 -0.7 -0.32 -0.3L-0.36 0.08Z', shade(s, 1.05));
  shape(pen, 'M-0.52 0.02H0.74Q0.96 0.02 0.94 0.12Q0.92 0.18 0.8 0.18H-0.52Z', shade(s, 0.8));
  if (look.t('lid up') <= 0.5) shape(pen, 'M-0.5 -0.08H0.68Q0.92 -0.06 0.92 0.02H-0.5Z', shade(s, 1.02));
  stroke(pen, 'M0.3 0.62Q0.1 0.7 0.14 0.96', lit(s.colour, 0.75), 0.03);
};

/** A shower: a head on a pipe that rains; a cabin with glass walls now and then. */
export const shower: Plan = (pen, look) => {
  const s = own(look, CHROME.colour, { gloss: 0.8 });
  const cabin = look.t('cabin') > 0.5;
  if (cabin) {
    shape(pen, 'M-0.8 0.84H0.8L0.9 0.98H-0.9Z', { colour: [240, 240, 238], gloss: 0.3 });
    shape(pen, rectangle(-0.8, -0.98, 1.6, 1.84), {
      colour: [206, 216, 220],
      texture: 'bricks',
      grain: 0.35,
      density: 1.4,
    });
  }
  tube(pen, 'M-0.52 0.7V-0.78Q-0.5 -0.92 -0.36 -0.92H0.1Q0.22 -0.9 0.22 -0.74', s, 0.07);
  shape(pen, 'M0.16 -0.76H0.28L0.56 -0.52Q0.6 -0.44 0.5 -0.44H-0.06Q-0.16 -0.44 -0.12 -0.52Z', s);
  shape(pen, rectangle(-0.64, 0.1, 0.24, 0.16, 0.05), s);
  tube(pen, 'M-0.4 0.18H-0.22', s, 0.06);
  for (let i = 0; i < 9; i++)
    for (let k = 0; k < 5; k++) {
      const x = -0.04 + i * 0.064;
      const y = -0.38 + k * 0.25 + (i % 2) * 0.1;
      stroke(pen, `M${0.22 + (x - 0.22) * (1 + k * 0.12)} ${y}l${(x - 0.22) * 0.06} 0.12`, [130, 190, 230], 0.03, 0.85);
    }
  if (cabin) {
    shape(pen, rectangle(-0.8, -0.98, 1.6, 1.84), { colour: [200, 224, 232], clear: 0.78, gloss: 0.5 });
    for (const x of [-0.8, 0, 0.8]) stroke(pen, `M${x} -0.98V0.86`, [150, 154, 160], 0.045);
  }
};

function oval(x: number, y: number, rx: number, ry: number): Path2D {
  return new Path2D(disc(x, y, rx, ry));
}

/** A towel rail: bars, a towel over one. */
export const towelRail: Plan = (pen, look) => {
  const s = CHROME;
  for (const x of [-0.7, 0.7]) tube(pen, `M${x} -0.9V0.9`, s, 0.08);
  for (const y of [-0.7, -0.3, 0.1, 0.5]) tube(pen, `M-0.7 ${y}H0.7`, s, 0.06);
  const towel: Surface = { ...look.main, texture: 'weave', grain: 0.25, density: 2 };
  shape(pen, 'M-0.5 -0.34Q0 -0.4 0.4 -0.34L0.44 0.62Q0 0.68 -0.54 0.62Z', towel);
  flat(pen, 'M-0.53 0.44Q0 0.5 0.43 0.44V0.52Q0 0.58 -0.53 0.52Z', look.second.colour);
};
