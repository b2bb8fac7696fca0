import { lit, type Rgb } from '../../colour.js';
import type { Point, Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Lathe } from '../lathe.js';
import { BLACK, flat, own, rectangle, STEEL, shade, shape, stroke, tube } from '../sketch.js';

const pottery = (look: Look): Surface => ({
  ...look.main,
  texture: look.told.material ? look.main.texture : undefined,
  gloss: 0.5,
});
/** Glass, tinted if the caption says a colour. */
export function glassy(look: Look): Surface {
  const colour: Rgb = look.told.colour ? look.main.colour : [208, 226, 232];
  if (look.told.material && look.told.material !== 'glass' && look.told.material !== 'crystal') return look.main;
  return { colour, gloss: 0.9, clear: look.told.colour ? 0.4 : 0.72 };
}
const DRINKS: readonly Rgb[] = [
  [72, 42, 26],
  [120, 72, 34],
  [196, 140, 84],
  [228, 206, 176],
];

/** A mug: a straight cup with a big handle. */
export const mug: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = pottery(look);
  const r = look.between('wide', 0.5, 0.6);
  const top = look.between('tall', -0.5, -0.15);
  const h = 0.95 - top;
  tube(
    pen,
    `M${r - 0.1} ${lathe.y(top + h * 0.2)}C${r + 0.46} ${lathe.y(top + h * 0.1)} ${r + 0.46} ${lathe.y(top + h * 0.85)} ${r - 0.1} ${lathe.y(top + h * 0.78)}`,
    shade(s, 0.92),
    0.13,
  );
  lathe.body(
    [
      [r, top],
      [r * look.between('taper', 0.85, 1), 0.88],
      [r * 0.84, 0.95],
    ],
    s,
    { print: true, angular: true, inside: { colour: lit(s.colour, 0.8) } },
  );
  if (look.rng.chance(0.6)) lathe.disc(top + 0.07, r * 0.86, { colour: look.choose('drink', DRINKS), gloss: 0.3 });
};

/** A cup on a saucer. */
export const cup: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = pottery(look);
  lathe.body(
    [
      [0.86, 0.84],
      [0.4, 0.96],
    ],
    shade(s, 0.97),
    { inside: { colour: lit(s.colour, 1.05) } },
  );
  const r = look.between('wide', 0.5, 0.6);
  tube(
    pen,
    `M${r - 0.08} ${lathe.y(0.2)}C${r + 0.4} ${lathe.y(0.12)} ${r + 0.3} ${lathe.y(0.62)} ${r - 0.2} ${lathe.y(0.58)}`,
    shade(s, 0.92),
    0.085,
  );
  lathe.body(
    [
      [r, 0.06],
      [r * 0.92, 0.4],
      [r * 0.5, 0.82],
      [r * 0.42, 0.88],
    ],
    s,
    { print: true, inside: { colour: lit(s.colour, 0.85) } },
  );
  if (look.rng.chance(0.7)) lathe.disc(0.12, r * 0.88, { colour: look.choose('drink', DRINKS), gloss: 0.3 });
  if (look.t('rim') > 0.5) lathe.ring(0.06, r, look.second.colour, 0.035);
};

/** A drinking glass without a stem. */
export const tumbler: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const top = look.between('tall', -0.75, -0.1);
  const r = look.between('wide', 0.4, 0.54);
  const level = top + (0.9 - top) * look.rng.range(0.2, 0.55);
  const drink = look.choose<Rgb>('drink', [
    [196, 224, 238],
    [240, 158, 50],
    [196, 60, 60],
    [206, 150, 70],
  ]);
  if (look.rng.chance(0.75))
    lathe.body(
      [
        [r * 0.93, level],
        [r * 0.78, 0.9],
      ],
      { colour: drink, clear: 0.25, gloss: 0.3 },
      { angular: true, inside: { colour: lit(drink, 1.15), clear: 0.2 } },
    );
  lathe.body(
    [
      [r, top],
      [r * 0.84, 0.96],
    ],
    glassy(look),
    { angular: true, print: true },
  );
  if (look.t('facets') > 0.6)
    for (const x of [-0.5, 0, 0.5])
      stroke(pen, `M${x * r * 1.5} ${lathe.y(0.1)}L${x * r * 1.3} ${lathe.y(0.92)}`, [240, 248, 252], 0.03, 0.5);
};

/** Glasses on a stem: for wine, sparkling wine, cocktails. */
const stemmed =
  (bowl: (look: Look) => readonly Point[], drinks: readonly Rgb[], fill: number): Plan =>
  (pen, look) => {
    const lathe = new Lathe(pen, look);
    const s = glassy(look);
    const profile = bowl(look);
    const foot = profile[profile.length - 1][1];
    lathe.body(
      [
        [0.05, 0.9],
        [0.4, 0.97],
      ],
      { ...s, clear: 0.4 },
      { inside: false },
    );
    lathe.body(
      [
        [0.05, foot - 0.02],
        [0.035, 0.7],
        [0.07, 0.92],
      ],
      { ...s, clear: 0.25 },
    );
    if (look.rng.chance(0.75)) {
      const drink = look.choose('drink', drinks);
      const [y0, y1] = [profile[0][1], foot];
      const level = y0 + (y1 - y0) * fill;
      const inner = profile.filter((p) => p[1] > level + 0.03).map(([r, y]): Point => [r * 0.93, y - 0.01]);
      const above = profile.filter((p) => p[1] <= level + 0.03).at(-1)!;
      const next = profile.find((p) => p[1] > level + 0.03)!;
      const u = (level - above[1]) / (next[1] - above[1]);
      lathe.body(
        [[(above[0] + (next[0] - above[0]) * u) * 0.95, level], ...inner],
        { colour: drink, gloss: 0.3, clear: 0.1 },
        { inside: { colour: lit(drink, 1.25) } },
      );
    }
    lathe.body(profile, s);
  };

const WINES: readonly Rgb[] = [
  [116, 18, 36],
  [236, 216, 130],
  [232, 150, 140],
];
export const wineGlass = stemmed(
  (look) => [
    [look.between('rim', 0.34, 0.42), -0.95],
    [0.5, -0.55],
    [0.47, -0.2],
    [0.25, 0.08],
    [0.05, 0.16],
  ],
  WINES,
  0.48,
);
export const flute = stemmed(
  () => [
    [0.22, -1],
    [0.27, -0.5],
    [0.22, 0],
    [0.05, 0.26],
  ],
  [
    [244, 222, 140],
    [240, 190, 160],
  ],
  0.25,
);
export const cocktailGlass = stemmed(
  () => [
    [0.75, -0.7],
    [0.38, -0.28],
    [0.05, 0.12],
  ],
  [
    [232, 120, 60],
    [180, 214, 90],
    [226, 80, 110],
  ],
  0.2,
);
export const goblet = stemmed(
  (look) => [
    [0.46, -0.7],
    [0.5, -0.3],
    [look.between('round', 0.3, 0.42), 0.05],
    [0.08, 0.3],
  ],
  WINES,
  0.3,
);

/** A beer mug: thick glass, foam, a handle. */
export const beerMug: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const glass: Rgb = look.told.colour || look.told.material ? look.main.colour : [208, 222, 226];
  tube(
    pen,
    `M0.4 ${lathe.y(-0.4)}H0.68Q0.86 ${lathe.y(-0.4)} 0.86 ${lathe.y(-0.1)}V${lathe.y(0.4)}Q0.86 ${lathe.y(0.66)} 0.62 ${lathe.y(0.66)}H0.4`,
    { colour: glass, gloss: 0.6 },
    0.13,
  );
  lathe.body(
    [
      [0.48, -0.5],
      [0.48, 0.9],
    ],
    {
      colour: look.choose('beer', [
        [232, 164, 40],
        [150, 84, 30],
        [244, 196, 90],
      ]),
      gloss: 0.3,
    },
    { angular: true },
  );
  lathe.body(
    [
      [0.54, -0.6],
      [0.54, 0.96],
    ],
    { colour: glass, clear: look.told.colour ? 0.45 : 0.7, gloss: 0.9 },
    { angular: true },
  );
  for (const x of [-0.3, 0, 0.3]) stroke(pen, `M${x} ${lathe.y(-0.3)}V${lathe.y(0.8)}`, [250, 236, 190], 0.05, 0.5);
  for (let i = 0; i < 8; i++)
    pen.ellipse(-0.44 + i * 0.125, lathe.y(-0.6) + look.rng.range(-0.06, 0.05), 0.14, 0.13, {
      colour: [250, 246, 234],
    });
};

/** A water bottle: a body with shoulders, a screw cap with a loop. */
export const waterBottle: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s: Surface = look.told.material ? look.main : { ...look.main, texture: undefined, gloss: 0.5 };
  const sport = look.t('sport') > 0.5;
  const cap = look.t('cap') > 0.5 ? BLACK : shade(s, 0.7);
  const r = look.between('wide', 0.32, 0.4);
  if (!sport) tube(pen, 'M-0.14 -0.84C-0.16 -1.06 0.16 -1.06 0.14 -0.84', cap, 0.06);
  lathe.body(
    [
      [0.2, -0.84],
      [0.22, -0.62],
    ],
    cap,
    { angular: true, inside: false },
  );
  if (sport)
    lathe.body(
      [
        [0.08, -0.98],
        [0.1, -0.84],
      ],
      { colour: [230, 230, 228] },
      { inside: false },
    );
  lathe.body(
    [
      [0.18, -0.62],
      [0.24, -0.5],
      [r, -0.28],
      [r, 0.9],
      [r * 0.92, 0.97],
    ],
    s,
    { print: true, inside: false },
  );
  if (look.t('band') > 0.5) lathe.band(0.6, r, look.second.colour, 0.1);
  if (look.t('logo') > 0.5) pen.ellipse(0, 0.2, 0.11, 0.11, { colour: lit(s.colour, 1.6) });
};

/** A thermos: a metal cylinder whose cap is a cup, often with a handle. */
export const thermos: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(
    look,
    look.choose('flask', [
      [58, 92, 70],
      [176, 180, 186],
      [46, 62, 96],
      [160, 44, 40],
    ]),
    { gloss: 0.5 },
  );
  if (look.t('handle') > 0.4) tube(pen, 'M0.34 -0.3H0.6Q0.7 -0.28 0.7 -0.1V0.4Q0.7 0.56 0.56 0.56H0.34', BLACK, 0.1);
  lathe.body(
    [
      [0.36, -0.4],
      [0.36, 0.88],
      [0.33, 0.97],
    ],
    s,
    { angular: true, inside: false, print: true },
  );
  lathe.body(
    [
      [0.28, -0.55],
      [0.36, -0.4],
    ],
    STEEL,
    { inside: false },
  );
  lathe.body(
    [
      [0.27, -0.97],
      [0.29, -0.54],
    ],
    look.t('steel cap') > 0.5 ? STEEL : shade(s, 0.7),
    { angular: true, inside: false },
  );
  for (const y of [-0.32, 0.82]) lathe.band(y, 0.36, STEEL.colour, 0.06);
};

/** A travel mug: tapered, a lid with a sip hole, a grip around. */
export const travelMug: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(look, look.main.colour, { gloss: 0.5 });
  lathe.body(
    [
      [0.46, -0.6],
      [0.34, 0.96],
    ],
    s,
    { angular: true, inside: false, print: true },
  );
  lathe.sleeve(-0.14, 0.34, 0.424, look.t('grip') > 0.5 ? look.second : BLACK, 0.39);
  lathe.body(
    [
      [0.4, -0.84],
      [0.5, -0.7],
      [0.5, -0.58],
    ],
    BLACK,
    { angular: true, inside: false },
  );
  flat(pen, rectangle(0.1, lathe.y(-0.86), 0.16, 0.05, 0.02), [10, 10, 12]);
};

/** A lunch box: a flat case with a lid, a handle and latches. */
export const lunchBox: Plan = (pen, look) => {
  const s: Surface = { ...look.main, texture: undefined, gloss: 0.4 };
  const skew = look.view === 'front' ? 0 : 0.2;
  tube(pen, 'M-0.3 -0.32V-0.5Q-0.3 -0.62 -0.18 -0.62H0.3Q0.42 -0.62 0.42 -0.5V-0.32', BLACK, 0.08);
  shape(pen, `M-0.86 -0.3L${-0.86 + skew} -0.46H${0.8 + skew}L0.86 -0.3Z`, shade(s, 1.25));
  if (skew) shape(pen, `M0.84 -0.3L${0.8 + skew} -0.46V0.72L0.84 0.96Z`, shade(s, 0.6));
  shape(pen, rectangle(-0.88, -0.3, 1.74, 1.26, 0.14), s);
  stroke(pen, 'M-0.88 0.1H0.86', lit(s.colour, 0.5), 0.04);
  for (const x of [-0.5, 0.4]) shape(pen, rectangle(x, -0.02, 0.16, 0.26, 0.03), look.second);
  if (look.t('badge') > 0.4) pen.ellipse(0, 0.52, 0.24, 0.24, look.third);
};
