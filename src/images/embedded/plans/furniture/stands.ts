import { hsl } from '../../colour.js';
import type { Point } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { BRASS, flat, rectangle, STEEL, shade, shape, stroke, tube } from '../sketch.js';
import { frame, timber } from './timber.js';

/** A coat rack: a pole on spread feet with hooks all around, a coat or a hat on it now and then. */
export const coatRack: Plan = (pen, look) => {
  const { rng } = look;
  const s = frame(look, timber(look));
  for (const [x, y] of [
    [-0.42, 0.97],
    [0.42, 0.97],
    [-0.16, 1],
    [0.18, 1],
  ])
    tube(pen, `M0 ${0.74}Q${x * 0.5} ${0.8} ${x} ${y}`, s, 0.07);
  tube(pen, 'M0 -0.92V0.8', s, 0.085);
  pen.ellipse(0, -0.94, 0.07, 0.06, s);
  const hooks = 5 + Math.floor(look.t('hooks') * 3);
  for (let i = 0; i < hooks; i++) {
    const a = (i * Math.PI * 2) / hooks + 0.4;
    const [x, y] = [Math.cos(a) * 0.38, -0.78 + Math.sin(a) * 0.06];
    tube(pen, `M0 -0.66Q${x * 0.8} ${y + 0.16} ${x} ${y - 0.1}`, s, 0.05);
    pen.ellipse(x, y - 0.11, 0.035, 0.035, s);
  }
  if (rng.chance(0.5)) {
    const c = { colour: hsl(rng.uniform(), 0.4, 0.4), texture: 'weave' as const, grain: 0.25 };
    const side = rng.chance(0.5) ? 1 : -1;
    pen.at(side * 0.3, 0, [side, 1], 0, () =>
      shape(pen, 'M0 -0.75C0.16 -0.7 0.26 -0.5 0.28 -0.2L0.34 0.42H-0.16L-0.1 -0.2C-0.1 -0.5 -0.1 -0.7 0 -0.75Z', c),
    );
  }
  if (rng.chance(0.4)) {
    const c = { colour: hsl(rng.uniform(), 0.3, 0.3) };
    pen.ellipse(-0.3, -0.84, 0.24, 0.06, c);
    pen.ellipse(-0.3, -0.92, 0.14, 0.11, c);
  }
};

/** A mirror: a frame around a pane that reflects a room's light; oval, round, arched or tall on the floor. */
export const mirror: Plan = (pen, look) => {
  const kind = look.choose('mirror', ['round', 'arched', 'tall', 'oval'] as const);
  const s = look.told.colour || look.told.material ? look.main : look.choose('frame', [timber(look), BRASS, STEEL]);
  const w = look.view === 'quarter' || look.view === 'side' ? 0.85 : 1;
  const t = look.between('frame wide', 0.07, 0.14);
  const outline = (i: number): string => {
    if (kind === 'round') return circle(0, 0.05, 0.9 - i, 0.9 - i);
    if (kind === 'oval') return circle(0, 0, 0.66 - i, 0.97 - i);
    if (kind === 'arched')
      return `M${-0.58 + i} ${1 - i}V-0.4A${0.58 - i} ${0.56 - i} 0 0 1 ${0.58 - i} -0.4V${1 - i}Z`;
    return rectangle(-0.5 + i, -1 + i, 1 - 2 * i, 2 - 2 * i, 0.04);
  };
  pen.at(0, 0, [w, 1], 0, () => {
    shape(pen, outline(0), s);
    const pane = shape(pen, outline(t), { colour: [190, 210, 220], gloss: 0.2 });
    const h = look.rng.uniform();
    pen.inside(pane, () => {
      flat(pen, rectangle(-1, -1, 2, 1.5), hsl(h, 0.14, 0.74));
      flat(pen, rectangle(-1, 0.45, 2, 0.6), hsl(0.08, 0.25, 0.5));
      flat(pen, rectangle(-0.1 - 0.3 * h, -0.45, 0.34, 0.5), [226, 238, 246]);
      for (const x of [-0.5, -0.2, 0.35])
        flat(pen, `M${x} 1L${x + 0.85} -1H${x + 1}L${x + 0.15} 1Z`, [255, 255, 255], 0.3);
    });
    stroke(pen, outline(t), shade(s, 0.5).colour, 0.02, 0.8);
  });
};

const circle = (x: number, y: number, rx: number, ry: number) =>
  `M${x - rx} ${y}A${rx} ${ry} 0 1 1 ${x + rx} ${y}A${rx} ${ry} 0 1 1 ${x - rx} ${y}Z`;

/** A folding screen: panels at angles. */
export const screen: Plan = (pen, look) => {
  const s = timber(look);
  const n = 3;
  for (let i = 0; i < n; i++) {
    const up = i % 2 ? 0.09 : 0;
    const [x0, x1] = [-0.96 + (i * 1.92) / n, -0.96 + ((i + 1) * 1.92) / n];
    const [a, b] = i % 2 ? [up, 0] : [0, 0.09];
    const quad = (m: number): Point[] => [
      [x0 + m, -0.9 - a + m],
      [x1 - m, -0.9 - b + m],
      [x1 - m, 1 - b - m],
      [x0 + m, 1 - a - m],
    ];
    pen.polygon(quad(0), shade(s, i % 2 ? 0.8 : 1));
    pen.polygon(quad(0.06), look.told.colour ? look.main : { colour: [238, 230, 210], texture: 'fine', grain: 0.2 });
    for (let k = 1; k < 4; k++) stroke(pen, `M${x0} ${-0.9 + k * 0.46}H${x1}`, s.colour, 0.025);
  }
};

/** A tripod stand, easel or music stand: three legs and a plate. */
export const easel: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s = timber(look);
  j.rod(
    [
      [0, 1.7, -0.05],
      [0, 0, -0.5],
    ],
    0.05,
    s,
  );
  for (const x of [-1, 1])
    j.rod(
      [
        [x * 0.06, 1.7, 0],
        [x * 0.42, 0, 0.14],
      ],
      0.055,
      s,
    );
  j.box([-0.36, 0.6, 0.1], [0.36, 0.65, 0.18], s);
  j.box([-0.42, 0.66, 0.1], [0.42, 1.35, 0.13], { colour: [244, 242, 234], texture: 'weave', grain: 0.15 });
  j.draw();
};
