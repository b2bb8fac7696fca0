import { lit } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { BLACK, disc, flat, own, rectangle, STEEL, shade, shape, stroke, tube } from '../sketch.js';

/** A vacuum cleaner: a body on wheels with hose and tube, or an upright one. */
export const vacuum: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('case', [
      [196, 48, 44],
      [60, 110, 170],
      [90, 94, 102],
      [120, 70, 150],
    ]),
    { gloss: 0.55 },
  );
  if (look.t('upright') > 0.55) {
    const lean = look.rng.range(-0.1, 0.2);
    tube(pen, `M${0.16 + lean} -0.86L-0.02 0.6`, { colour: [150, 152, 158], gloss: 0.5 }, 0.08);
    tube(pen, `M${0.16 + lean} -0.86Q${0.24 + lean} -1 ${0.4 + lean} -0.94`, BLACK, 0.1);
    shape(pen, `M${-0.2 + lean * 0.6} -0.42H${0.26 + lean * 0.6}L0.22 0.62H-0.3Z`, s);
    shape(pen, `M${-0.12 + lean * 0.5} -0.2H${0.2 + lean * 0.5}L0.16 0.34H-0.18Z`, {
      colour: [206, 220, 226],
      gloss: 0.8,
      clear: 0.2,
    });
    shape(pen, 'M-0.5 0.66Q-0.52 0.56 -0.4 0.56H0.4Q0.62 0.6 0.7 0.96H-0.6Z', shade(s, 0.8));
    shape(pen, 'M0.1 0.84H0.7V0.98H0.1Z', BLACK);
    pen.ellipse(-0.36, 0.88, 0.13, 0.13, BLACK);
    return;
  }
  const x = look.rng.range(-0.05, 0.1);
  tube(
    pen,
    `M-0.3 0.5C-0.1 -0.2 -0.3 -0.86 0.1 -0.9C0.3 -0.92 0.36 -0.84 ${0.42 + x} -0.7`,
    { colour: [60, 62, 68], gloss: 0.2 },
    0.11,
  );
  for (let i = 0; i < 10; i++) stroke(pen, `M${-0.22 + i * 0.012} ${0.3 - i * 0.1}h0.06`, [120, 122, 128], 0.02);
  tube(pen, `M${0.38 + x} -0.76L0.8 0.84`, STEEL, 0.08);
  tube(pen, `M${0.3 + x} -0.84L${0.46 + x} -0.6`, BLACK, 0.12);
  shape(pen, 'M0.6 0.84H0.98L1 0.98H0.52Z', BLACK);
  shape(
    pen,
    'M-0.98 0.72C-1 0.34 -0.76 0.2 -0.5 0.22C-0.16 0.22 0.08 0.4 0.12 0.72Q0.1 0.86 -0.04 0.88H-0.86Q-0.96 0.86 -0.98 0.72Z',
    s,
  );
  shape(pen, 'M-0.8 0.3Q-0.5 0.14 -0.2 0.3L-0.3 0.42Q-0.5 0.34 -0.7 0.42Z', shade(s, 0.65));
  pen.ellipse(-0.62, 0.76, 0.22, 0.22, BLACK);
  pen.ellipse(-0.62, 0.76, 0.1, 0.1, shade(s, 0.9));
  pen.ellipse(-0.06, 0.9, 0.09, 0.09, BLACK);
};

/** A robot vacuum: a flat disc with a bumper and a button. */
export const robotVacuum: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('case', [
      [48, 50, 56],
      [232, 232, 230],
    ]),
    { gloss: 0.5 },
  );
  const f = look.view === 'top' ? 0.9 : look.rng.range(0.34, 0.46);
  const y = 0.55;
  pen.ellipse(0, y + 0.2, 0.94, 0.94 * f, BLACK);
  shape(
    pen,
    `M-0.94 ${y}A0.94 ${0.94 * f} 0 0 0 0.94 ${y}V${y + 0.16}A0.94 ${0.94 * f} 0 0 1 -0.94 ${y + 0.16}Z`,
    shade(s, 0.65),
  );
  pen.ellipse(0, y, 0.94, 0.94 * f, s);
  pen.ellipse(0, y - 0.02, 0.78, 0.78 * f, shade(s, 1.15));
  pen.ellipse(0, y - 0.34 * f, 0.2, 0.2 * f, shade(s, 0.6));
  pen.ellipse(0, y + 0.3 * f, 0.11, 0.11 * f, { colour: [110, 210, 240] });
};

/** An iron: a pointed sole, a handle over it, a dial. */
export const iron: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('case', [
      [70, 130, 190],
      [238, 238, 236],
      [170, 60, 120],
      [90, 170, 160],
    ]),
    { gloss: 0.5 },
  );
  stroke(pen, 'M-0.86 -0.1C-1.06 -0.4 -0.9 -0.8 -1.02 -0.98', [40, 40, 44], 0.05);
  shape(pen, 'M-0.9 0.72H0.98C0.7 0.1 0.3 -0.06 -0.1 -0.1H-0.4L-0.9 -0.06Z', s);
  shape(
    pen,
    'M-0.86 -0.06C-0.9 -0.6 -0.5 -0.66 -0.1 -0.64C0.3 -0.62 0.5 -0.4 0.62 0.1L0.36 0C0.26 -0.3 0.1 -0.42 -0.14 -0.42H-0.42Q-0.56 -0.4 -0.52 -0.08Z',
    shade(s, 0.75),
  );
  shape(pen, 'M-0.92 0.72H1C1.02 0.82 0.98 0.9 0.92 0.9H-0.92Z', { ...STEEL, gloss: 0.9 });
  pen.ellipse(-0.06, 0.34, 0.2, 0.17, { colour: [240, 240, 238] });
  stroke(pen, 'M-0.06 0.34L0.04 0.24', [200, 50, 40], 0.04);
  pen.ellipse(0.3, -0.56, 0.07, 0.05, { colour: [226, 80, 60] });
  shape(pen, 'M0.42 0.2Q0.64 0.3 0.76 0.5H0.5Z', { colour: [190, 220, 236], gloss: 0.6, clear: 0.2 });
};

/** An ironing board: a long padded top, pointed, on crossed legs. */
export const ironingBoard: Plan = (pen, look) => {
  const s: Surface = { ...look.main, texture: 'weave', grain: 0.15, density: 2 };
  for (const [a, b] of [
    [-0.55, 0.5],
    [0.5, -0.5],
  ]) {
    tube(pen, `M${a} -0.3L${b} 0.95`, STEEL, 0.06);
    tube(pen, `M${b - 0.2} 0.96H${b + 0.2}`, BLACK, 0.06);
  }
  shape(
    pen,
    'M-0.92 -0.44Q-0.98 -0.38 -0.92 -0.26H0.5Q0.86 -0.28 1 -0.42Q0.9 -0.6 0.5 -0.62H-0.8Q-0.9 -0.56 -0.92 -0.44Z',
    shade(s, 0.7),
  );
  const top = shape(
    pen,
    'M-0.92 -0.46Q-0.94 -0.6 -0.8 -0.64H0.5Q0.9 -0.64 1 -0.48Q0.86 -0.36 0.5 -0.34H-0.84Q-0.92 -0.36 -0.92 -0.46Z',
    s,
  );
  pen.inside(top, () => {
    for (let i = -6; i < 7; i++) {
      if (look.pattern === 'spots' || look.told.pattern)
        flat(pen, disc(i * 0.16, -0.5 + (i % 2) * 0.08, 0.035), look.second.colour);
      else if (look.t('stripe') > 0.5) flat(pen, rectangle(i * 0.16, -0.7, 0.06, 0.4), look.second.colour, 0.7);
    }
  });
};

/** A sewing machine: an arm over a bed, a wheel, a needle, a spool. */
export const sewingMachine: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('case', [
      [240, 238, 232],
      [40, 40, 44],
      [150, 196, 190],
      [206, 130, 140],
    ]),
    { gloss: 0.5 },
  );
  shape(pen, rectangle(0.18, -0.96, 0.16, 0.36, 0.04), look.third);
  shape(pen, rectangle(0.14, -0.98, 0.24, 0.05, 0.02), BLACK);
  pen.ellipse(0.9, -0.34, 0.1, 0.3, shade(s, 0.7));
  shape(
    pen,
    'M-0.9 -0.3Q-0.92 -0.62 -0.6 -0.64H0.6Q0.86 -0.62 0.86 -0.36V0.66H0.4V0.02Q0.4 -0.1 0.26 -0.1H-0.44V0.14H-0.86Q-0.9 0 -0.9 -0.3Z',
    s,
  );
  shape(pen, 'M-0.98 0.66Q-0.98 0.6 -0.9 0.6H0.9Q0.98 0.6 0.98 0.7V0.96H-0.98Z', shade(s, 0.92));
  stroke(pen, 'M-0.64 0.14V0.5', STEEL.colour, 0.06);
  stroke(pen, 'M-0.64 0.5V0.6', [70, 72, 76], 0.03);
  shape(pen, 'M-0.76 0.54H-0.5V0.6H-0.76Z', STEEL);
  stroke(pen, 'M0.26 -0.78Q-0.3 -0.9 -0.62 -0.56V0.2', look.third.colour, 0.018);
  pen.ellipse(0.62, -0.02, 0.12, 0.12, { colour: lit(s.colour, 0.7), gloss: 0.4 });
  pen.ellipse(0.62, 0.3, 0.09, 0.09, { colour: lit(s.colour, 0.7), gloss: 0.4 });
  flat(pen, 'M-0.98 0.62C-0.7 0.5 -0.3 0.66 0.1 0.6L0.2 0.72C-0.2 0.76 -0.7 0.66 -0.98 0.76Z', look.second.colour);
};
