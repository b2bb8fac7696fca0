import { hsl } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { Lathe } from '../lathe.js';
import { BLACK, disc, flat, own, rectangle, STEEL, shade, shape, stroke, TIMBER, tube } from '../sketch.js';

/** A cutting board: a thick board with a hole or handle; lies or stands. */
export const cuttingBoard: Plan = (pen, look) => {
  const s: Surface =
    look.told.colour || look.told.material
      ? look.main
      : look.choose<Surface>('wood', [
          TIMBER,
          { ...TIMBER, colour: [206, 160, 104] },
          { ...TIMBER, colour: [128, 84, 52] },
        ]);
  pen.at(0, 0, look.view === 'side' || look.view === 'quarter' ? [1, 0.8] : 1, look.rng.range(-0.4, 0.4), () => {
    const d =
      look.t('handle') > 0.5
        ? 'M-0.6 -0.42Q-0.6 -0.5 -0.5 -0.52H-0.2Q-0.12 -0.54 -0.12 -0.62V-0.9Q-0.1 -1 0 -1Q0.1 -1 0.12 -0.9V-0.62Q0.12 -0.54 0.2 -0.52H0.5Q0.6 -0.5 0.6 -0.42V0.86Q0.6 0.96 0.5 0.96H-0.5Q-0.6 0.96 -0.6 0.86Z'
        : rectangle(-0.66, -0.9, 1.32, 1.86, 0.12);
    pen.at(0.03, 0.06, 1, 0, () => shape(pen, d, shade(s, 0.55)));
    shape(pen, d, s);
    if (look.t('groove') > 0.5) stroke(pen, rectangle(-0.5, -0.38, 1, 1.24, 0.1), shade(s, 0.6).colour, 0.035);
    flat(pen, disc(0, look.t('handle') > 0.5 ? -0.88 : -0.76, 0.055), [40, 34, 30]);
  });
};

/** A knife block: a slanted block with the handles of knives. */
export const knifeBlock: Plan = (pen, look) => {
  const s: Surface =
    look.told.colour || look.told.material
      ? look.main
      : look.choose<Surface>('wood', [TIMBER, { ...TIMBER, colour: [96, 60, 40] }, BLACK]);
  const handle = s === BLACK ? STEEL : BLACK;
  pen.at(0.16, 0.3, 1, -0.42, () => {
    for (let r = 0; r < 2; r++)
      for (let i = 0; i < 3; i++) {
        const [x, y] = [-0.3 + i * 0.28 + r * 0.1, -0.5 - r * 0.16];
        shape(pen, rectangle(x - 0.075, y - 0.46 + i * 0.06, 0.15, 0.52, 0.06), handle);
        for (const k of [0.12, 0.28]) flat(pen, disc(x, y - 0.4 + i * 0.06 + k, 0.022), [206, 208, 212]);
      }
  });
  shape(pen, 'M-0.62 -0.3L0.22 -0.66L0.42 -0.56L-0.42 -0.16Z', shade(s, 1.2));
  shape(pen, 'M-0.42 -0.18L0.42 -0.56L0.78 0.98H-0.02Z', s);
  shape(pen, 'M-0.62 -0.3L-0.42 -0.18L-0.02 0.98L-0.4 0.9Z', shade(s, 0.62));
  for (const u of [0.2, 0.5, 0.8]) stroke(pen, `M${-0.58 + u * 0.84} ${-0.29 - u * 0.36}l0.16 0.1`, [24, 20, 18], 0.03);
};

/** Baking trays and tins: flat with a rim, with hollows for muffins, high and long for a loaf, round for a cake. */
const tin =
  (kind: 'sheet' | 'muffin' | 'loaf'): Plan =>
  (pen, look) => {
    const j = new Joinery(pen, look, false, 0.25);
    const s = own(
      look,
      look.choose('tin', [
        [92, 95, 102],
        [176, 180, 186],
        [56, 58, 62],
      ]),
      { gloss: 0.5, texture: 'fine', grain: 0.1 },
    );
    const [w, d, h] = kind === 'loaf' ? [1.2, 0.55, 0.42] : [1.4, 0.95, kind === 'muffin' ? 0.16 : 0.1];
    const t = 0.035;
    j.box([-w / 2, 0, -d / 2], [w / 2, kind === 'muffin' ? h : 0.03, d / 2], shade(s, 0.9));
    if (kind === 'muffin') {
      j.at([-w / 2, h + 0.001, -d / 2], [w / 2, h + 0.01, d / 2], (to, k) => {
        for (const z of [-0.29, 0, 0.29])
          for (const x of [-0.5, -0.167, 0.167, 0.5]) {
            const [u, v] = to([x, h, z]);
            const [, v2] = to([x, h, z + 0.12]);
            pen.ellipse(u, v, 0.135 * k, v2 - v, shade(s, 1.25));
            pen.ellipse(u, v + 0.01, 0.115 * k, (v2 - v) * 0.84, shade(s, 0.45));
          }
      });
    } else {
      j.box([-w / 2, 0.03, -d / 2], [w / 2, h, -d / 2 + t], s);
      j.box([-w / 2, 0.03, -d / 2 + t], [-w / 2 + t, h, d / 2 - t], s);
      j.box([w / 2 - t, 0.03, -d / 2 + t], [w / 2, h, d / 2 - t], s);
      j.box([-w / 2, 0.03, d / 2 - t], [w / 2, h, d / 2], s);
      if (kind === 'sheet' && look.rng.chance(0.5))
        j.at([-w / 2 + t, 0.031, -d / 2 + t], [w / 2 - t, 0.04, d / 2 - t], (to, k) => {
          for (const z of [-0.28, 0, 0.28])
            for (const x of [-0.45, -0.15, 0.15, 0.45]) {
              const [u, v] = to([x, 0.03, z]);
              pen.ellipse(u, v, 0.1 * k, 0.05 * k, { colour: [198, 146, 84], texture: 'pebbles', grain: 0.5 });
            }
        });
    }
    j.draw();
  };
export const bakingTray = tin('sheet');
export const muffinTin = tin('muffin');
export const loafTin = tin('loaf');

export const cakeTin: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('tin', [
      [92, 95, 102],
      [176, 180, 186],
    ]),
    { gloss: 0.5 },
  );
  lathe.body(
    [
      [0.88, 0.25],
      [0.84, 0.94],
    ],
    s,
    { angular: true, inside: { colour: [70, 72, 78] } },
  );
  lathe.ring(0.25, 0.89, [206, 208, 212], 0.05);
  shape(pen, rectangle(0.5, lathe.y(0.46), 0.26, 0.24, 0.03), STEEL);
};

/** A mill for pepper or salt: a turned body with a head and a knob. */
export const mill: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s: Surface =
    look.told.colour || look.told.material
      ? look.main
      : look.choose<Surface>('wood', [
          TIMBER,
          { ...TIMBER, colour: [110, 66, 40] },
          { colour: [40, 40, 44], gloss: 0.5 },
          STEEL,
        ]);
  const body = look.t('waist');
  lathe.body(
    [
      [0.28, -0.34],
      [0.22 + body * 0.06, 0],
      [0.2, 0.25],
      [0.34, 0.7],
      [0.36, 0.97],
    ],
    s,
    { inside: false },
  );
  lathe.body(
    [
      [0.1, -0.78],
      [0.3, -0.62],
      [0.28, -0.36],
    ],
    s,
    { inside: false },
  );
  lathe.body(
    [
      [0.06, -0.9],
      [0.08, -0.78],
    ],
    STEEL,
    { inside: false },
  );
  pen.ellipse(0, lathe.y(-0.92), 0.1, 0.08, STEEL);
  lathe.band(-0.35, 0.28, shade(s, 0.5).colour, 0.04);
};

/** Salt and pepper shakers: little bodies with holes in a metal cap. */
export const shaker: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const pair = look.t('pair') > 0.5;
  const glass: Surface =
    look.told.colour || look.told.material
      ? { ...look.main, gloss: 0.5 }
      : { colour: [212, 226, 230], clear: 0.4, gloss: 0.8 };
  for (const [x, what] of (pair
    ? [
        [-0.46, [238, 238, 236]],
        [0.46, [66, 58, 52]],
      ]
    : [[0, [240, 240, 238]]]) as [number, [number, number, number]][]) {
    if (glass.clear)
      lathe.body(
        [
          [0.32, 0.3],
          [0.36, 0.92],
        ],
        { colour: what, texture: 'fine', grain: 0.4 },
        { x, angular: true },
      );
    lathe.body(
      [
        [0.28, -0.34],
        [0.36, 0.2],
        [0.4, 0.96],
      ],
      glass,
      { x },
    );
    lathe.body(
      [
        [0.2, -0.74],
        [0.32, -0.56],
        [0.32, -0.32],
      ],
      STEEL,
      { x, inside: false },
    );
    for (let i = 0; i < 5; i++)
      flat(
        pen,
        disc(x + Math.cos(i * 1.26) * 0.1, lathe.y(-0.74) + Math.sin(i * 1.26) * 0.1 * lathe.flat, 0.022),
        [40, 40, 44],
      );
  }
};

/** A spice rack: two or three boards of small jars with coloured spices. */
export const spiceRack: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s: Surface =
    look.told.colour || look.told.material ? look.main : look.choose<Surface>('rack', [TIMBER, BLACK, TIMBER]);
  const rows = 2 + Math.floor(look.t('rows') * 1.99);
  const w = 1.1;
  for (const x of [-w / 2 - 0.03, w / 2]) j.box([x, 0, -0.1], [x + 0.03, rows * 0.42, 0.1], s);
  for (let r = 0; r < rows; r++) {
    const y = r * 0.42;
    j.box([-w / 2, y, -0.1], [w / 2, y + 0.03, 0.1], s);
    j.box([-w / 2, y + 0.1, 0.1], [w / 2, y + 0.13, 0.115], s);
    for (let i = 0; i < 6; i++) {
      const x = -w / 2 + 0.1 + i * 0.18;
      const c: Surface = {
        colour: hsl(look.rng.range(0.02, 0.2), 0.65, look.rng.range(0.25, 0.55)),
        gloss: 0.4,
        texture: 'fine',
        grain: 0.3,
      };
      j.drum([x, y + 0.031, 0], 0.2, 0.07, 0.07, c);
      j.drum([x, y + 0.232, 0], 0.06, 0.072, 0.072, look.t('lids') > 0.5 ? BLACK : STEEL);
    }
  }
  j.draw();
};

/** A dish rack: wires that hold plates on edge, cutlery in a cup, a tray below. */
export const dishRack: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.08);
  const s = own(
    look,
    look.choose('wire', [
      [186, 190, 196],
      [44, 44, 48],
      [240, 240, 238],
    ]),
    { gloss: 0.5 },
  );
  j.box([-0.7, 0, -0.42], [0.7, 0.05, 0.42], look.t('tray') > 0.5 ? look.second : shade(s, 0.8));
  const w = 0.035;
  for (const y of [0.14, 0.4])
    j.rod(
      [
        [-0.68, y, 0.4],
        [0.68, y, 0.4],
      ],
      w,
      s,
    );
  for (const y of [0.14, 0.4])
    j.rod(
      [
        [-0.68, y, -0.4],
        [0.68, y, -0.4],
      ],
      w,
      s,
    );
  for (const x of [-0.68, 0.68])
    for (const y of [0.14, 0.4])
      j.rod(
        [
          [x, y, -0.38],
          [x, y, 0.38],
        ],
        w,
        s,
      );
  for (let i = 0; i <= 8; i++)
    for (const z of [-0.4, 0.4])
      j.rod(
        [
          [-0.66 + i * 0.165, 0.06, z],
          [-0.66 + i * 0.165, 0.39, z],
        ],
        w * 0.7,
        s,
      );
  const n = 3 + look.rng.int(4);
  for (let i = 0; i < n; i++) {
    const x = -0.5 + i * 0.13;
    j.at([x, 0.12, -0.3], [x + 0.03, 0.72, 0.3], (to, k) => {
      const [u, v] = to([x, 0.42, 0]);
      pen.ellipse(u, v, 0.16 * k, 0.3 * k, { colour: [244, 242, 236], gloss: 0.3 });
      pen.ellipse(u + 0.02, v, 0.1 * k, 0.2 * k, { colour: [226, 224, 218] });
    });
  }
  j.drum([0.5, 0.07, 0], 0.34, 0.13, 0.15, look.second);
  for (const [x, z] of [
    [0.46, 0.02],
    [0.54, -0.03],
  ] as const)
    j.rod(
      [
        [x, 0.42, z],
        [x + 0.03, 0.72, z],
      ],
      0.04,
      STEEL,
    );
  j.draw();
};

/** A kitchen scale: a flat case with a display, or a dial under a bowl. */
export const kitchenScale: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('case', [
      [236, 236, 232],
      [60, 62, 66],
      [196, 60, 50],
      [150, 196, 190],
    ]),
    { gloss: 0.45 },
  );
  if (look.t('dial') > 0.45) {
    lathe.body(
      [
        [0.8, -0.5],
        [0.66, -0.24],
        [0.36, -0.14],
      ],
      STEEL,
      { inside: { colour: [150, 154, 160] } },
    );
    shape(pen, 'M-0.5 -0.16H0.5L0.68 0.98H-0.68Z', s);
    pen.ellipse(0, 0.46, 0.44, 0.44, { colour: [248, 246, 238] });
    for (let i = 0; i < 20; i++) {
      const a = i * 0.314;
      stroke(
        pen,
        `M${Math.cos(a) * 0.34} ${0.46 + Math.sin(a) * 0.34}L${Math.cos(a) * 0.4} ${0.46 + Math.sin(a) * 0.4}`,
        [50, 50, 54],
        0.025,
      );
    }
    const a = look.rng.range(-2.6, 1);
    stroke(pen, `M0 0.46L${Math.cos(a) * 0.34} ${0.46 + Math.sin(a) * 0.34}`, [200, 40, 34], 0.05);
    return;
  }
  shape(pen, 'M-0.7 0.2H0.7L0.96 0.8H-0.96Z', shade(s, 1.1));
  shape(pen, rectangle(-0.96, 0.79, 1.92, 0.16, 0.06), shade(s, 0.75));
  pen.ellipse(0, 0.38, 0.6, 0.18, { colour: [214, 218, 222], gloss: 0.7 });
  shape(pen, 'M-0.28 0.62H0.28L0.32 0.74H-0.32Z', { colour: [150, 176, 150] });
  for (const x of [-0.56, 0.56]) pen.ellipse(x, 0.69, 0.07, 0.035, BLACK);
};

/** A kitchen timer: a round case with a dial of minutes and a pointer. */
export const kitchenTimer: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('case', [
      [226, 60, 50],
      [240, 238, 232],
      [80, 160, 120],
      [60, 62, 66],
    ]),
    { gloss: 0.55 },
  );
  shape(pen, disc(0, 0.12, 0.86, 0.86), s);
  pen.ellipse(0, 0.12, 0.66, 0.66, { colour: [248, 246, 240] });
  for (let i = 0; i < 12; i++) {
    const a = i * 0.5236;
    stroke(
      pen,
      `M${Math.cos(a) * 0.52} ${0.12 + Math.sin(a) * 0.52}L${Math.cos(a) * 0.62} ${0.12 + Math.sin(a) * 0.62}`,
      [46, 46, 50],
      i % 3 ? 0.03 : 0.06,
    );
  }
  const a = look.rng.range(-1.4, 3);
  flat(
    pen,
    `M0 0.12L0 -0.36A0.48 0.48 0 ${a > 1.57 ? 1 : 0} 1 ${Math.cos(a) * 0.48} ${0.12 + Math.sin(a) * 0.48}Z`,
    [226, 60, 50],
    0.75,
  );
  pen.at(0, 0.12, 1, a + Math.PI / 2, () =>
    shape(pen, 'M-0.13 0.3L-0.06 -0.42Q0 -0.5 0.06 -0.42L0.13 0.3Q0 0.4 -0.13 0.3Z', shade(s, 0.8)),
  );
  tube(pen, 'M-0.2 -0.84H0.2', shade(s, 0.7), 0.12);
};
