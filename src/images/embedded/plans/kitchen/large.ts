import { lit, type Rgb } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { BLACK, own, STEEL, shade } from '../sketch.js';

const WHITE_GOODS: readonly Rgb[] = [
  [238, 238, 236],
  [186, 189, 194],
  [58, 60, 64],
  [238, 238, 236],
];
const enamel = (look: Look): Surface => own(look, look.choose('case', WHITE_GOODS), { gloss: 0.5 });

/** A pane or panel on the front plane z. */
const pane = (j: Joinery, x0: number, y0: number, x1: number, y1: number, z: number, s: Surface) =>
  j.face(
    [
      [x0, y0, z],
      [x0, y1, z],
      [x1, y1, z],
      [x1, y0, z],
    ],
    s,
  );

/** A refrigerator: tall, one door above the other or two side by side, long handles. */
export const refrigerator: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s = enamel(look);
  const wide = look.t('double') > 0.6;
  const w = wide ? 0.92 : look.between('wide', 0.6, 0.7);
  const h = 1.78;
  const d = 0.62;
  j.box([-w / 2 + 0.02, 0, -d / 2], [w / 2 - 0.02, 0.06, d / 2 - 0.04], BLACK);
  j.box([-w / 2, 0.06, -d / 2], [w / 2, h, d / 2], shade(s, 0.9));
  const split = look.t('freezer below') > 0.5 ? 0.62 : 1.22;
  const door = (x0: number, y0: number, x1: number, y1: number, at: number) => {
    j.box([x0 + 0.008, y0 + 0.008, d / 2], [x1 - 0.008, y1 - 0.008, d / 2 + 0.06], s, { soft: 0.12 });
    j.rod(
      [
        [at, y0 + (y1 - y0) * 0.25, d / 2 + 0.1],
        [at, y0 + (y1 - y0) * 0.75, d / 2 + 0.1],
      ],
      0.035,
      STEEL,
    );
  };
  if (wide) {
    door(-w / 2, 0.07, -0.02, h, -0.08);
    door(-0.02, 0.07, w / 2, h, 0.04);
    pane(j, -0.36, 1, -0.16, 1.3, d / 2 + 0.062, { colour: [40, 44, 50], gloss: 0.4 });
  } else {
    door(-w / 2, 0.07, w / 2, split, -w / 2 + 0.08);
    door(-w / 2, split, w / 2, h, -w / 2 + 0.08);
    if (look.t('magnets') > 0.6)
      for (const [x, y, c] of [
        [0.02, 1.52, [220, 60, 50]],
        [0.14, 1.45, [60, 130, 200]],
        [0.06, 1.38, [240, 200, 60]],
      ] as [number, number, Rgb][])
        pane(j, x, y, x + 0.06, y + 0.06, d / 2 + 0.062, { colour: c });
  }
  j.draw();
};

/** An oven or cooker: four plates or flames above, a row of knobs, a window in the door. */
export const oven: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.08);
  const s = enamel(look);
  const [w, h, d] = [0.72, 0.88, 0.6];
  j.box([-w / 2 + 0.03, 0, -d / 2], [w / 2 - 0.03, 0.08, d / 2 - 0.05], BLACK);
  j.box([-w / 2, 0.08, -d / 2], [w / 2, h, d / 2], s);
  if (look.t('hood') > 0.5) j.box([-w / 2, h + 0.03, -d / 2], [w / 2, h + 0.16, -d / 2 + 0.03], s);
  j.box(
    [-w / 2, h, -d / 2],
    [w / 2, h + 0.025, d / 2 + 0.02],
    look.t('ceramic') > 0.5 ? { colour: [34, 35, 40], gloss: 0.6 } : shade(s, 0.95),
  );
  for (const [x, z] of [
    [-0.17, -0.12],
    [0.17, -0.12],
    [-0.17, 0.15],
    [0.17, 0.15],
  ] as const)
    j.drum(
      [x, h + 0.026, z],
      0.012,
      0.1,
      0.1,
      look.t('flames') > 0.5
        ? { colour: [60, 62, 66] }
        : { colour: look.rng.chance(0.2) ? [220, 80, 40] : [52, 52, 56] },
    );
  for (let i = 0; i < 5; i++)
    j.at([-0.3 + i * 0.14, h - 0.12, d / 2 + 0.001], [-0.24 + i * 0.14, h - 0.04, d / 2 + 0.03], (to, k) =>
      pen.ellipse(...to([-0.28 + i * 0.14, h - 0.075, d / 2 + 0.02]), 0.036 * k, 0.036 * k, i === 2 ? STEEL : BLACK),
    );
  j.box([-w / 2 + 0.03, 0.26, d / 2], [w / 2 - 0.03, h - 0.15, d / 2 + 0.025], shade(s, 1.03));
  pane(j, -w / 2 + 0.1, 0.34, w / 2 - 0.1, h - 0.27, d / 2 + 0.026, {
    colour: look.rng.chance(0.3) ? [210, 150, 60] : [34, 36, 42],
    gloss: 0.7,
  });
  j.rod(
    [
      [-w / 2 + 0.08, h - 0.2, d / 2 + 0.06],
      [w / 2 - 0.08, h - 0.2, d / 2 + 0.06],
    ],
    0.03,
    STEEL,
  );
  j.box([-w / 2 + 0.03, 0.1, d / 2], [w / 2 - 0.03, 0.24, d / 2 + 0.025], shade(s, 0.97));
  j.draw();
};

/** A hob: a plate with rings. */
export const cooktop: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.3);
  j.box(
    [-0.7, 0, -0.5],
    [0.7, 0.06, 0.5],
    own(
      look,
      look.choose('plate', [
        [32, 33, 38],
        [186, 189, 194],
      ]),
      { gloss: 0.6 },
    ),
  );
  for (const [x, z, r] of [
    [-0.36, -0.2, 0.2],
    [0.3, -0.2, 0.16],
    [-0.36, 0.22, 0.16],
    [0.3, 0.22, 0.2],
  ] as const) {
    j.drum([x, 0.061, z], 0.015, r, r, { colour: [66, 66, 70] });
    j.drum([x, 0.077, z], 0.01, r * 0.6, r * 0.6, { colour: look.rng.chance(0.3) ? [226, 84, 40] : [44, 44, 48] });
  }
  for (let i = 0; i < 4; i++) j.drum([0.6, 0.061, -0.3 + i * 0.2], 0.05, 0.05, 0.045, STEEL);
  j.draw();
};

/** A dishwasher: a low case, a panel of keys above, a handle; open it shows plates. */
export const dishwasher: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.05);
  const s = enamel(look);
  const [w, h, d] = [0.7, 0.86, 0.6];
  j.box([-w / 2, 0, -d / 2], [w / 2, h, d / 2], s);
  const open = look.t('open') > 0.35;
  if (open) {
    pane(j, -w / 2 + 0.04, 0.1, w / 2 - 0.04, h - 0.06, d / 2 + 0.001, { colour: [92, 96, 102] });
    for (const y of [0.3, 0.56]) {
      j.box([-w / 2 + 0.06, y - 0.02, d / 2 + 0.002], [w / 2 - 0.06, y, d / 2 + (y < 0.5 ? 0.26 : 0.1)], {
        colour: [176, 180, 186],
      });
      for (let i = 0; i < 6; i++) {
        const x = -w / 2 + 0.12 + i * 0.092;
        j.at([x, y, d / 2 + 0.03], [x + 0.03, y + 0.2, d / 2 + 0.09], (to, k) =>
          pen.ellipse(...to([x, y + 0.09, d / 2 + 0.06]), 0.035 * k, 0.095 * k, {
            colour: i % 2 ? [246, 244, 238] : [150, 180, 210],
          }),
        );
      }
    }
    j.box([-w / 2, 0.02, d / 2 + 0.002], [w / 2, 0.08, d / 2 + 0.6], shade(s, 0.95));
    pane(j, -w / 2, h - 0.06, w / 2, h, d / 2 + 0.002, shade(s, 0.85));
  } else {
    j.box([-w / 2 + 0.01, 0.1, d / 2], [w / 2 - 0.01, h - 0.14, d / 2 + 0.03], s);
    j.box(
      [-w / 2 + 0.01, h - 0.13, d / 2],
      [w / 2 - 0.01, h - 0.01, d / 2 + 0.03],
      look.t('dark panel') > 0.4 ? BLACK : shade(s, 0.85),
    );
    j.rod(
      [
        [-w / 2 + 0.1, h - 0.19, d / 2 + 0.06],
        [w / 2 - 0.1, h - 0.19, d / 2 + 0.06],
      ],
      0.03,
      STEEL,
    );
    for (let i = 0; i < 5; i++)
      pane(j, -0.1 + i * 0.07, h - 0.09, -0.06 + i * 0.07, h - 0.05, d / 2 + 0.031, {
        colour: i ? [206, 208, 212] : [100, 220, 140],
      });
  }
  j.draw();
};

/** Washing machine and dryer: a cube with a round glass door, a drawer and a dial. */
export const washingMachine: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0);
  const s = enamel(look);
  const [w, h, d] = [0.72, 0.92, 0.62];
  j.box([-w / 2, 0, -d / 2], [w / 2, h, d / 2], s);
  j.box([-w / 2 + 0.015, h - 0.15, d / 2], [w / 2 - 0.015, h - 0.015, d / 2 + 0.012], shade(s, 0.93));
  pane(j, -w / 2 + 0.04, h - 0.13, -w / 2 + 0.24, h - 0.035, d / 2 + 0.013, shade(s, 1.05));
  j.at([-0.4, 0.1, d / 2 + 0.013], [0.4, h, d / 2 + 0.02], (to, k) => {
    const [cx, cy] = to([0, h * 0.43, d / 2 + 0.02]);
    const [ex] = to([0.26, h * 0.43, d / 2 + 0.02]);
    const rx = ex - cx;
    const ry = 0.26 * k;
    pen.ellipse(cx, cy, rx, ry, look.t('chrome') > 0.5 ? STEEL : shade(s, 0.75));
    pen.ellipse(cx, cy, rx * 0.82, ry * 0.82, { colour: [52, 58, 66] });
    if (look.rng.chance(0.6)) {
      for (let i = 0; i < 5; i++)
        pen.ellipse(
          cx + look.rng.range(-0.35, 0.35) * rx,
          cy + look.rng.range(0.05, 0.45) * ry,
          rx * 0.3,
          ry * 0.22,
          { colour: [look.rng.range(60, 230), look.rng.range(60, 230), look.rng.range(60, 230)] },
          look.rng.range(-0.5, 0.5),
        );
    }
    pen.ellipse(cx, cy, rx * 0.72, ry * 0.72, { colour: [150, 180, 200], clear: 0.6, gloss: 0.9 });
    const [kx, ky] = to([0.06, h - 0.08, d / 2 + 0.02]);
    pen.ellipse(kx, ky, 0.045 * k, 0.045 * k, STEEL);
    for (let i = 0; i < 3; i++)
      pen.ellipse(...to([0.17 + i * 0.06, h - 0.08, d / 2 + 0.02]), 0.016 * k, 0.016 * k, {
        colour: i ? lit(s.colour, 0.5) : [80, 200, 120],
      });
  });
  j.draw();
};

/** A cooker hood: a pyramid with a chimney. */
export const rangeHood: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('hood', [
      [186, 190, 195],
      [50, 52, 56],
    ]),
    { gloss: 0.6 },
  );
  const j = new Joinery(pen, look);
  j.box([-0.18, 0.5, -0.18], [0.18, 1.2, 0.12], s);
  j.box([-0.6, 0.1, -0.35], [0.6, 0.24, 0.35], s);
  j.face(
    [
      [-0.6, 0.24, 0.35],
      [-0.18, 0.5, 0.12],
      [0.18, 0.5, 0.12],
      [0.6, 0.24, 0.35],
    ],
    shade(s, 0.95),
  );
  j.face(
    [
      [0.6, 0.24, 0.35],
      [0.18, 0.5, 0.12],
      [0.18, 0.5, -0.18],
      [0.6, 0.24, -0.35],
    ],
    shade(s, 0.7),
  );
  j.draw();
};
