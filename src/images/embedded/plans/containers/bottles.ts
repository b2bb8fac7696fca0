import { lit, type Rgb } from '../../colour.js';
import type { Point, Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Lathe } from '../lathe.js';
import { BLACK, own, STEEL, shade, stroke } from '../sketch.js';

const GLASSES: readonly Rgb[] = [
  [46, 86, 52],
  [206, 226, 230],
  [112, 66, 30],
  [60, 110, 160],
];
/** Coloured or clear glass, else what the caption says. */
function glass(look: Look): Surface {
  if (look.told.material && look.told.material !== 'glass') return look.main;
  const tint = look.choose('glass', GLASSES);
  const colour = look.told.colour ? look.main.colour : tint;
  return { colour, gloss: 0.9, clear: tint === GLASSES[1] && !look.told.colour ? 0.6 : 0.12 };
}

function label(lathe: Lathe, look: Look, y0: number, y1: number, r: number): void {
  const paper: Surface = look.told.colour
    ? { colour: [240, 234, 216] }
    : look.choose<Surface>('label', [{ colour: [240, 234, 216] }, look.second, { colour: [252, 252, 250] }]);
  lathe.sleeve(y0, y1, r, paper);
  const ink = lit(look.third.colour, 0.8);
  const mid = (y0 + y1) / 2;
  lathe.band(mid - (y1 - y0) * 0.12, r, ink, (y1 - y0) * 0.22);
  for (const u of [0.72, 0.84]) lathe.band(y0 + (y1 - y0) * u, r * 0.96, [120, 112, 104], 0.025);
}

/** A bottle: long or short neck, shoulders, a label, a cork, cap or crown. */
const bottleOf =
  (forms: readonly ('wine' | 'beer' | 'soda' | 'apothecary')[]): Plan =>
  (pen, look) => {
    const lathe = new Lathe(pen, look);
    const s = glass(look);
    const form = look.choose('form', forms);
    const r = look.between('wide', 0.3, 0.38);
    const neck = { wine: 0.1, beer: 0.11, soda: 0.12, apothecary: 0.13 }[form];
    const shoulder = { wine: -0.2, beer: 0.05, soda: -0.15, apothecary: 0 }[form];
    const profile: Point[] =
      form === 'wine'
        ? [
            [neck, -0.96],
            [neck, -0.5],
            [neck * 1.3, -0.36],
            [r * 0.95, shoulder],
            [r, 0],
            [r, 0.96],
          ]
        : form === 'beer'
          ? [
              [neck, -0.96],
              [neck * 1.2, -0.5],
              [r * 0.9, shoulder - 0.05],
              [r, 0.2],
              [r, 0.96],
            ]
          : form === 'soda'
            ? [
                [neck, -0.9],
                [neck, -0.75],
                [r, -0.3],
                [r * 0.86, 0.1],
                [r, 0.5],
                [r * 0.92, 0.97],
              ]
            : [
                [neck, -0.6],
                [neck, -0.34],
                [r * 1.2, -0.1],
                [r * 1.3, 0.2],
                [r * 1.3, 0.96],
              ];
    if (s.clear && s.clear > 0.4 && look.rng.chance(0.7))
      lathe.body(
        [
          [r * 0.8, 0],
          [r * 0.92, 0.2],
          [r * 0.92, 0.93],
        ],
        {
          colour: look.choose<Rgb>('drink', [
            [190, 214, 230],
            [216, 130, 40],
            [120, 40, 60],
            [236, 200, 90],
          ]),
          clear: 0.1,
        },
      );
    lathe.body(profile, s, { print: true });
    if (look.t('labelled') > 0.25)
      label(lathe, look, form === 'apothecary' ? 0.25 : 0.22, 0.72, (form === 'apothecary' ? r * 1.3 : r) * 1.01);
    const top = profile[0][1];
    const cap = look.choose<Surface>('cap', [
      { colour: [186, 146, 96], texture: 'pebbles', grain: 0.4 },
      BLACK,
      look.third,
      STEEL,
    ]);
    if (form === 'wine')
      lathe.body(
        [
          [neck * 1.1, top - 0.02],
          [neck * 1.15, top + 0.3],
        ],
        look.t('foil') > 0.4 ? look.third : cap,
        { angular: true, inside: false },
      );
    else
      lathe.body(
        [
          [neck * 1.1, top - 0.1],
          [neck * 1.25, top + 0.03],
        ],
        cap,
        { angular: true, inside: false },
      );
  };
export const bottle = bottleOf(['wine', 'beer', 'soda', 'apothecary']);
export const wineBottle = bottleOf(['wine']);
export const beerBottle = bottleOf(['beer']);
export const plasticBottle = bottleOf(['soda']);
export const vial = bottleOf(['apothecary']);

/** A jar: wide mouth, a screw lid, something in it. */
export const jar: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const r = look.between('wide', 0.5, 0.62);
  const top = look.between('tall', -0.6, -0.1);
  const opaque = look.told.material !== undefined && look.told.material !== 'glass';
  const lid = look.choose<Surface>('lid', [
    STEEL,
    { colour: [200, 160, 80], gloss: 0.6 },
    { colour: [176, 130, 84], texture: 'wood', grain: 0.3 },
    look.second,
  ]);
  if (opaque)
    lathe.body(
      [
        [r * 0.8, top],
        [r, top + 0.25],
        [r, 0.85],
        [r * 0.9, 0.96],
      ],
      look.main,
      { print: true },
    );
  else {
    const inside = look.told.colour
      ? look.main.colour
      : look.choose<Rgb>('inside', [
          [190, 40, 50],
          [236, 180, 60],
          [222, 206, 170],
          [120, 140, 60],
          [90, 56, 34],
        ]);
    lathe.body(
      [
        [r * 0.92, top + look.rng.range(0.2, 0.45)],
        [r * 0.94, 0.9],
      ],
      {
        colour: inside,
        texture: look.choose('stuff', ['pebbles', 'cloudy', 'cells', 'fine'] as const),
        grain: 0.5,
        density: 2,
      },
      { angular: true, inside: { colour: lit(inside, 1.15) } },
    );
    lathe.body(
      [
        [r * 0.82, top],
        [r, top + 0.2],
        [r, 0.88],
        [r * 0.92, 0.96],
      ],
      { colour: [214, 230, 232], clear: 0.72, gloss: 0.9 },
    );
  }
  lathe.body(
    [
      [r * 0.84, top - 0.16],
      [r * 0.86, top + 0.03],
    ],
    lid,
    { angular: true, inside: false },
  );
  if (look.t('labelled') > 0.5) label(lathe, look, 0.2, 0.66, r * 1.01);
};

/** A can of food or drink: a metal cylinder with bead and label, a pull tab. */
export const can: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s: Surface = look.told.material ? look.main : { ...look.main, texture: undefined, gloss: 0.6 };
  const drink = look.t('drink') > 0.5;
  const r = drink ? 0.42 : 0.56;
  const top = drink ? -0.65 : -0.4;
  if (drink)
    lathe.body(
      [
        [r * 0.82, top - 0.1],
        [r, top],
        [r, 0.86],
        [r * 0.82, 0.97],
      ],
      s,
      { inside: { colour: [190, 193, 198], gloss: 0.6 }, print: true },
    );
  else {
    lathe.body(
      [
        [r, top - 0.06],
        [r, 0.97],
      ],
      STEEL,
      { angular: true, inside: { colour: [196, 199, 204], gloss: 0.6 } },
    );
    lathe.body(
      [
        [r * 0.99, top + 0.04],
        [r * 0.99, 0.88],
      ],
      s,
      { angular: true, inside: false, print: true },
    );
    lathe.disc(top - 0.06, r * 0.94, { colour: [196, 199, 204], gloss: 0.6 });
    lathe.ring(top - 0.06, r * 0.96, [232, 234, 238], 0.04);
  }
  lathe.ring(top - 0.06, r * 0.3, [120, 122, 128], 0.035);
  lathe.band((top + 0.9) / 2, r, look.second.colour, 0.22);
  lathe.band((top + 0.9) / 2 + 0.22, r, look.third.colour, 0.05);
};

/** A vase: a turned body, flowers in it now and then. */
export const vase: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const { rng } = look;
  const s: Surface = {
    ...look.main,
    texture: look.told.material ? look.main.texture : undefined,
    gloss: Math.max(0.4, look.main.gloss ?? 0),
  };
  const form = look.choose('vase', ['belly', 'flute', 'amphora', 'column'] as const);
  const flowers = rng.chance(0.4);
  const top = flowers ? -0.2 : look.between('tall', -0.95, -0.6);
  const h = 0.96 - top;
  if (flowers)
    for (let i = 0; i < 6; i++) {
      const [x, y] = [(i - 2.5) * 0.22 + rng.normal() * 0.06, -0.72 + rng.normal() * 0.12];
      stroke(pen, `M0 ${top + 0.1}Q${x * 0.4} ${top - 0.1} ${x} ${y}`, [70, 110, 56], 0.035);
      for (let k = 0; k < 5; k++)
        pen.ellipse(x + Math.cos(k * 1.26) * 0.09, y + Math.sin(k * 1.26) * 0.09, 0.085, 0.085, look.third);
      pen.ellipse(x, y, 0.06, 0.06, { colour: [244, 206, 90] });
    }
  const w = look.between('wide', 0.4, 0.62);
  const at = (u: number) => top + h * u;
  const profile: Point[] =
    form === 'belly'
      ? [
          [0.24, top],
          [0.16, at(0.18)],
          [w, at(0.6)],
          [w * 0.6, at(0.94)],
          [w * 0.55, at(1)],
        ]
      : form === 'flute'
        ? [
            [w * 0.9, top],
            [w * 0.55, at(0.25)],
            [w * 0.42, at(0.6)],
            [w * 0.62, at(0.92)],
            [w * 0.6, at(1)],
          ]
        : form === 'amphora'
          ? [
              [0.22, top],
              [0.15, at(0.2)],
              [w * 0.9, at(0.42)],
              [w * 0.7, at(0.7)],
              [0.22, at(0.94)],
              [0.3, at(1)],
            ]
          : [
              [w * 0.7, top],
              [w * 0.74, at(0.5)],
              [w * 0.66, at(1)],
            ];
  if (form === 'amphora')
    for (const k of [-1, 1])
      stroke(
        pen,
        `M${k * 0.16} ${at(0.1)}C${k * 0.6} ${at(0.02)} ${k * 0.66} ${at(0.3)} ${k * w * 0.8} ${at(0.38)}`,
        shade(s, 0.8).colour,
        0.075,
      );
  lathe.body(profile, s, { print: true });
  if (look.t('bands') > 0.5) for (const u of [0.5, 0.62]) lathe.band(at(u), w * 0.82, look.second.colour, 0.04);
};

/** A tin or canister with a lid; a tube of cream is another plan. */
export const canister: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = own(look, look.main.colour, { gloss: 0.5 });
  const r = look.between('wide', 0.44, 0.58);
  lathe.body(
    [
      [r, -0.35],
      [r, 0.96],
    ],
    s,
    { angular: true, inside: false, print: true },
  );
  lathe.body(
    [
      [r * 0.96, -0.62],
      [r * 1.04, -0.56],
      [r * 1.04, -0.32],
    ],
    shade(s, 0.8),
    { angular: true, inside: false },
  );
  lathe.body(
    [
      [0.06, -0.76],
      [0.1, -0.62],
    ],
    shade(s, 0.6),
    { inside: false },
  );
  label(lathe, look, 0.1, 0.55, r * 1.01);
};
