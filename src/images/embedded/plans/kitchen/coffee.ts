import { lit } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { Lathe } from '../lathe.js';
import { BLACK, disc, flat, GLASS, own, rectangle, STEEL, shade, shape, stroke, tube } from '../sketch.js';

const COFFEE = [62, 38, 24] as const;
const CLEAR: Surface = { ...GLASS, clear: 0.72, gloss: 0.9 };
const coffee: Surface = { colour: [...COFFEE], gloss: 0.4 };

/** A French press: a glass cylinder in a metal cage, a plunger through the lid, a handle. */
export const frenchPress: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('metal', [
      [176, 180, 186],
      [40, 40, 44],
      [190, 118, 76],
    ]),
    { gloss: 0.6 },
  );
  const grip: Surface = look.told.colour ? look.main : BLACK;
  tube(pen, 'M0.4 -0.42H0.72Q0.86 -0.4 0.86 -0.2V0.4Q0.86 0.6 0.68 0.6H0.4', grip, 0.12);
  const level = look.rng.range(-0.15, 0.25);
  lathe.body(
    [
      [0.43, level],
      [0.43, 0.9],
    ],
    coffee,
    { angular: true, inside: { colour: [120, 78, 48] } },
  );
  lathe.body(
    [
      [0.45, -0.5],
      [0.45, 0.92],
    ],
    CLEAR,
    { angular: true },
  );
  for (const y of [-0.42, 0.2, 0.86]) lathe.band(y, 0.46, s.colour, 0.07);
  for (const x of [-0.4, -0.14, 0.14, 0.4]) tube(pen, `M${x} ${lathe.y(-0.44)}V${lathe.y(0.9) + 0.02}`, s, 0.05);
  lathe.body(
    [
      [0.46, 0.9],
      [0.5, 0.98],
    ],
    s,
    { inside: false },
  );
  shape(pen, 'M-0.42 -0.52L-0.62 -0.6L-0.44 -0.4Z', s);
  lathe.body(
    [
      [0.14, -0.7],
      [0.42, -0.62],
      [0.48, -0.5],
    ],
    s,
    { inside: false },
  );
  tube(pen, `M0 ${look.rng.range(-0.95, -0.82)}V-0.7`, STEEL, 0.04);
  pen.ellipse(0, -0.92, 0.09, 0.08, grip);
};

/** A drip coffee maker: a tank behind, a filter above, a glass jug with coffee on a plate. */
export const coffeeMaker: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('case', [
      [44, 45, 50],
      [206, 206, 204],
      [176, 180, 184],
      [178, 50, 44],
    ]),
    { gloss: 0.4 },
  );
  const skew = look.view === 'front' ? 0 : 0.12;
  shape(pen, `M0.74 -0.9L${0.74 + skew} -0.98V0.9L0.74 0.98Z`, shade(s, 0.55));
  shape(pen, `M-0.74 -0.9L${-0.74 + skew} -0.98H${0.74 + skew}L0.74 -0.9Z`, shade(s, 1.25));
  shape(pen, rectangle(-0.74, -0.9, 1.48, 0.62, 0.06), s);
  shape(pen, rectangle(-0.74, -0.3, 0.4, 1.28), shade(s, 0.75));
  shape(pen, rectangle(-0.35, -0.3, 1.09, 1.1), { colour: lit(s.colour, 0.4) });
  shape(pen, rectangle(-0.74, 0.76, 1.48, 0.22, 0.05), s);
  shape(pen, 'M-0.02 -0.3H0.5L0.4 -0.12H0.08Z', shade(s, 0.8));
  const jug = shape(
    pen,
    'M0.02 0H0.46C0.5 0.14 0.64 0.3 0.64 0.48C0.64 0.64 0.56 0.74 0.5 0.76H-0.02C-0.1 0.74 -0.16 0.64 -0.16 0.48C-0.16 0.3 -0.02 0.14 0.02 0Z',
    { colour: [200, 216, 222], gloss: 0.6, clear: 0.2 },
  );
  pen.inside(jug, () => flat(pen, rectangle(-0.3, look.rng.range(0.2, 0.45), 1.1, 0.8), [...COFFEE]));
  shape(pen, 'M-0.02 -0.06H0.5V0.02H-0.02Z', BLACK);
  tube(pen, 'M0.58 0.16C0.76 0.1 0.8 0.3 0.78 0.44Q0.74 0.6 0.62 0.58', BLACK, 0.07);
  shape(pen, rectangle(-0.62, -0.78, 0.4, 0.24, 0.02), { colour: [26, 36, 40], gloss: 0.3 });
  flat(pen, rectangle(-0.56, -0.72, 0.28, 0.1), [130, 220, 200]);
  for (const x of [0.1, 0.3, 0.5]) pen.ellipse(x, -0.66, 0.055, 0.055, STEEL);
};

/** An espresso machine: a metal case, a gauge, a filter holder with a handle, a cup under it, a steam pipe. */
export const espressoMachine: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s = own(
    look,
    look.choose('case', [
      [184, 187, 192],
      [190, 50, 42],
      [48, 50, 54],
      [226, 222, 210],
    ]),
    { gloss: 0.55, texture: 'fine', grain: 0.08 },
  );
  j.box([-0.5, 0, -0.35], [0.5, 0.12, 0.42], shade(s, 0.85));
  j.box([-0.42, 0.125, -0.02], [0.42, 0.14, 0.4], { colour: [60, 62, 66] });
  j.box([-0.5, 0.12, -0.35], [0.5, 0.66, -0.05], s);
  j.box([-0.5, 0.66, -0.35], [0.5, 0.98, 0.3], s);
  for (const x of [-0.3, -0.1, 0.12])
    j.drum([x, 0.985, -0.1], 0.11, 0.07, 0.09, { colour: [244, 242, 236], gloss: 0.4 });
  j.at([-0.5, 0.7, 0.301], [0.5, 0.95, 0.31], (to, k) => {
    const [gx, gy] = to([0.28, 0.83, 0.3]);
    pen.ellipse(gx, gy, 0.1 * k, 0.1 * k, STEEL);
    pen.ellipse(gx, gy, 0.08 * k, 0.08 * k, { colour: [246, 244, 236] });
    stroke(pen, `M${gx} ${gy}L${gx - 0.04 * k} ${gy - 0.05 * k}`, [190, 40, 30], 0.025);
    for (const x of [-0.35, -0.24, -0.13]) pen.ellipse(...to([x, 0.83, 0.3]), 0.035 * k, 0.035 * k, BLACK);
  });
  j.drum([-0.06, 0.54, 0.14], 0.115, 0.11, 0.13, STEEL);
  j.rod(
    [
      [-0.06, 0.57, 0.28],
      [-0.1, 0.55, 0.62],
    ],
    0.075,
    look.t('wooden') > 0.5 ? { colour: [120, 76, 44] } : BLACK,
  );
  j.rod(
    [
      [0.4, 0.64, 0.2],
      [0.42, 0.4, 0.26],
      [0.44, 0.24, 0.3],
    ],
    0.03,
    STEEL,
  );
  j.drum([-0.06, 0.15, 0.16], 0.17, 0.08, 0.11, { colour: [244, 242, 236], gloss: 0.5 });
  j.draw();
};

/** A moka pot: two facetted cones joined at the waist, a knob, a black handle, a spout. */
export const mokaPot: Plan = (pen, look) => {
  const s = own(look, [188, 191, 196], { gloss: 0.6 });
  tube(pen, 'M0.34 -0.6H0.68Q0.82 -0.58 0.78 -0.4L0.66 0.06', BLACK, 0.13);
  const facets = (d: readonly [number, number, number, number]) => {
    const [top, y0, foot, y1] = d;
    const n = 5;
    for (let i = 0; i < n; i++) {
      const [a, b] = [(i / n) * 2 - 1, ((i + 1) / n) * 2 - 1].map((u) => Math.sin((u * Math.PI) / 2));
      shape(
        pen,
        `M${a * top} ${y0}L${b * top} ${y0}L${b * foot} ${y1}L${a * foot} ${y1}Z`,
        shade({ ...s, gloss: 0.3 }, [0.75, 1.15, 1, 0.85, 0.62][i]),
      );
    }
  };
  shape(pen, 'M-0.36 -0.66L-0.62 -0.68L-0.32 -0.36Z', shade(s, 0.8));
  facets([0.42, -0.68, 0.3, 0.12]);
  facets([0.38, 0.22, 0.52, 0.98]);
  shape(pen, rectangle(-0.38, 0.1, 0.76, 0.14, 0.03), shade(s, 0.8));
  shape(pen, 'M-0.42 -0.68L-0.1 -0.86H0.1L0.42 -0.68Z', shade(s, 1.1));
  pen.ellipse(0, -0.92, 0.08, 0.08, BLACK);
  pen.ellipse(-0.24, 0.56, 0.05, 0.05, { colour: [170, 130, 60], gloss: 0.5 });
};

/** A coffee grinder: a hopper or crank above, a box or drum with a drawer. */
export const coffeeGrinder: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.05);
  const wood: Surface = own(look, [128, 82, 48], { texture: 'wood', grain: 0.4 });
  j.box([-0.36, 0, -0.36], [0.36, 0.07, 0.36], shade(wood, 0.8));
  j.box([-0.3, 0.07, -0.3], [0.3, 0.6, 0.3], wood);
  j.box([-0.2, 0.14, 0.301], [0.2, 0.36, 0.32], shade(wood, 1.1));
  j.block([0, 0.23, 0.33], [0.06, 0.05, 0.03], STEEL);
  j.drum([0, 0.6, 0], 0.22, 0.24, 0.3, STEEL);
  j.drum([0, 0.83, 0], 0.16, 0.05, 0.04, STEEL);
  const a = look.rng.range(-0.6, 0.6);
  j.rod(
    [
      [0, 1, 0],
      [Math.cos(a) * 0.5, 1.02, Math.sin(a) * 0.5],
    ],
    0.045,
    STEEL,
  );
  j.drum([Math.cos(a) * 0.5, 1.03, Math.sin(a) * 0.5], 0.16, 0.05, 0.07, BLACK);
  j.draw();
};

/** A coffee dripper: a cone with a filter on a glass jug. */
export const pourOver: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('dripper', [
      [240, 238, 232],
      [52, 52, 56],
      [186, 96, 70],
    ]),
    { gloss: 0.5 },
  );
  lathe.body(
    [
      [0.36, 0.5],
      [0.56, 0.75],
      [0.54, 0.96],
    ],
    coffee,
    { inside: { colour: [92, 58, 38] } },
  );
  lathe.body(
    [
      [0.24, 0.1],
      [0.3, 0.3],
      [0.6, 0.8],
      [0.52, 0.98],
    ],
    CLEAR,
  );
  tube(pen, 'M0.42 0.36C0.94 0.3 0.9 0.84 0.58 0.86', { ...CLEAR, clear: 0 }, 0.07);
  shape(pen, 'M-0.6 -0.74L-0.1 0.02H0.1L0.6 -0.74Z', { colour: [226, 206, 170] });
  lathe.body(
    [
      [0.56, -0.6],
      [0.14, 0.02],
    ],
    s,
    { angular: true, inside: { colour: [88, 58, 38], texture: 'pebbles', grain: 0.5 } },
  );
  lathe.body(
    [
      [0.4, 0.02],
      [0.42, 0.09],
    ],
    s,
    { inside: false },
  );
  tube(pen, 'M0.42 -0.42C0.84 -0.46 0.74 -0.06 0.32 -0.14', s, 0.08);
};

/** A coffee pot of metal, or the jug alone. */
export const coffeePot: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('pot', [
      [180, 184, 190],
      [70, 110, 150],
      [236, 232, 222],
    ]),
    { gloss: 0.55 },
  );
  tube(pen, 'M-0.3 -0.4C-0.96 -0.5 -0.96 0.4 -0.5 0.56', look.t('black') > 0.5 ? BLACK : shade(s, 0.85), 0.1);
  shape(pen, 'M0.36 -0.02C0.6 -0.1 0.62 -0.4 0.84 -0.5L0.9 -0.42C0.86 -0.1 0.7 0.3 0.44 0.4Z', shade(s, 0.9));
  lathe.body(
    [
      [0.3, -0.58],
      [0.38, 0],
      [0.6, 0.94],
    ],
    s,
    { print: true },
  );
  lathe.body(
    [
      [0.05, -0.8],
      [0.2, -0.72],
      [0.32, -0.58],
    ],
    shade(s, 1.05),
    { inside: false },
  );
  flat(pen, disc(0, -0.86, 0.07, 0.07), [40, 38, 38]);
};
