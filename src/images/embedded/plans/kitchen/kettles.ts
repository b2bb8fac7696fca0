import { lit } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Lathe } from '../lathe.js';
import { BLACK, shade, shape, tube } from '../sketch.js';
import { cookware } from './pans.js';

/** A kettle: wide foot, spout, a handle over the top; the electric one is tall with a handle behind and stands on a base. */
const kettleOf =
  (electric: (look: Look) => boolean): Plan =>
  (pen, look) => {
    const lathe = new Lathe(pen, look);
    const s = cookware(look);
    if (electric(look)) {
      shape(pen, 'M-0.5 -0.42C-0.62 -0.52 -0.74 -0.52 -0.8 -0.62L-0.52 -0.72Z', shade(s, 0.9));
      tube(pen, 'M0.34 -0.68C0.98 -0.72 0.9 0.1 0.78 0.42Q0.7 0.6 0.5 0.52', BLACK, 0.13);
      lathe.body(
        [
          [0.5, 0.86],
          [0.62, 0.92],
          [0.62, 0.97],
        ],
        BLACK,
        { inside: false },
      );
      lathe.body(
        [
          [0.44, -0.7],
          [0.5, 0],
          [0.6, 0.84],
        ],
        s,
      );
      lathe.body(
        [
          [0.14, -0.84],
          [0.4, -0.76],
          [0.46, -0.7],
        ],
        BLACK,
        { inside: false },
      );
      pen.ellipse(0, lathe.y(-0.86), 0.09, 0.05, BLACK);
      shape(pen, 'M-0.06 -0.3H0.06V0.5H-0.06Z', { colour: [150, 196, 220], gloss: 0.5, clear: 0.2 });
      return;
    }
    tube(
      pen,
      'M-0.42 -0.02C-0.6 -1.1 0.6 -1.1 0.42 -0.02',
      look.t('wooden handle') > 0.5 ? { colour: [136, 92, 54], texture: 'wood' } : BLACK,
      0.11,
    );
    shape(pen, 'M0.46 0.42C0.72 0.36 0.78 0.12 0.92 -0.04L1.02 0.02C0.98 0.3 0.86 0.62 0.5 0.72Z', shade(s, 0.92));
    lathe.body(
      [
        [0.26, -0.04],
        [0.52, 0.16],
        [0.72, 0.62],
        [0.7, 0.94],
      ],
      s,
    );
    lathe.body(
      [
        [0.06, -0.16],
        [0.24, -0.1],
        [0.29, -0.02],
      ],
      shade(s, 1.05),
      { inside: false },
    );
    pen.ellipse(0, lathe.y(-0.2), 0.08, 0.07, BLACK);
  };

export const electricKettle = kettleOf(() => true);
export const stoveKettle = kettleOf(() => false);
export const kettle = kettleOf((look) => look.t('electric') > 0.45);

/** A teapot: a round belly, a curved spout, a handle like an ear, a lid with a knob. */
export const teapot: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s: Surface = { ...look.main, texture: look.told.material ? look.main.texture : undefined, gloss: 0.6 };
  const tall = look.between('tall', -0.25, 0.15);
  tube(pen, `M-0.5 ${tall + 0.28}C-1.08 ${tall + 0.02} -1.12 0.72 -0.52 0.78`, shade(s, 0.9), 0.11);
  shape(
    pen,
    `M0.5 ${tall + 0.36}C0.78 ${tall + 0.4} 0.72 ${tall + 0.04} 0.94 ${tall - 0.02}L1.04 ${tall + 0.06}C0.92 ${tall + 0.2} 0.98 0.7 0.5 0.8Z`,
    shade(s, 0.95),
  );
  lathe.body(
    [
      [0.3, tall],
      [0.62, tall + 0.3],
      [0.68, 0.6],
      [0.4, 0.95],
    ],
    s,
    { print: true, inside: false },
  );
  lathe.body(
    [
      [0.05, tall - 0.2],
      [0.24, tall - 0.12],
      [0.32, tall + 0.02],
    ],
    shade(s, 1.05),
    { inside: false },
  );
  pen.ellipse(0, lathe.y(tall - 0.24), 0.085, 0.08, look.t('knob') > 0.6 ? look.second : shade(s, 0.9));
  if (look.t('rings') > 0.5) for (const y of [0.5, 0.62]) lathe.band(y, 0.67, look.second.colour, 0.035);
};

/** A carafe, decanter or pitcher of glass, or a jug of pottery. */
export const pitcher: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const glass = look.told.material ? false : look.told.colour ? false : look.t('glass') > 0.45;
  const s: Surface = glass
    ? { colour: [206, 224, 230], gloss: 0.8, clear: 0.5 }
    : { ...look.main, texture: look.told.material ? look.main.texture : undefined, gloss: 0.5 };
  tube(
    pen,
    'M0.3 -0.62C0.98 -0.72 0.94 0.3 0.48 0.42',
    glass ? { ...s, clear: 0, colour: lit(s.colour, 0.9) } : shade(s, 0.92),
    0.1,
  );
  if (glass)
    lathe.body(
      [
        [0.36, 0],
        [0.55, 0.45],
        [0.48, 0.9],
      ],
      { colour: look.t('juice') > 0.5 ? [244, 168, 60] : [186, 216, 232], clear: 0.15 },
      { inside: { colour: look.t('juice') > 0.5 ? [250, 186, 90] : [210, 230, 240] } },
    );
  lathe.body(
    [
      [0.36, -0.85],
      [0.3, -0.5],
      [0.5, 0.2],
      [0.56, 0.55],
      [0.42, 0.95],
    ],
    s,
    { print: true },
  );
  shape(pen, `M-0.34 ${lathe.y(-0.86)}C-0.46 -0.94 -0.56 -0.9 -0.6 -0.88C-0.52 -0.76 -0.4 -0.66 -0.31 -0.6Z`, s);
};
