import { Path2D } from '@napi-rs/canvas';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  disc,
  flat,
  IRON,
  lying,
  print,
  rectangle,
  STEEL,
  shade,
  shape,
  slab,
  smoothed,
  stroke,
  TIMBER,
  tube,
  wordsOf,
} from '../sketch.js';

/** A portable radio with a dial, a grille and an aerial. */
const radio: Plan = (pen, look) => {
  const s = look.told.colour || look.t('wood') < 0.6 ? smoothed(look, 0.35) : TIMBER;
  stroke(pen, `M.6-.4L${look.rng.range(0.7, 0.98)} -1`, [150, 152, 156], 0.045);
  tube(pen, 'M-.7-.4Q-.7-.68-.5-.68H.3Q.5-.68.5-.4', BLACK, 0.09);
  const path = slab(pen, look, [-0.96, -0.42, 1.8, 1.4], 0.12, s, 0.14);
  print(pen, look, path, 1, true);
  shape(pen, disc(-0.42, 0.3, 0.44), BLACK);
  for (let i = -4; i <= 4; i++)
    stroke(
      pen,
      `M${-0.42 - Math.sqrt(0.16 - (i * 0.09) ** 2)} ${0.3 + i * 0.09}H${-0.42 + Math.sqrt(0.16 - (i * 0.09) ** 2)}`,
      [150, 150, 154],
      0.03,
    );
  shape(pen, rectangle(0.1, -0.24, 0.62, 0.34, 0.04), { colour: [240, 232, 200] });
  for (let i = 0; i < 8; i++) stroke(pen, `M${0.16 + i * 0.07} -.18V${i % 2 ? -0.08 : -0.12}`, [60, 50, 40], 0.015);
  stroke(pen, `M${look.rng.range(0.2, 0.6)} -.22V.08`, [210, 40, 30], 0.025);
  for (const x of [0.24, 0.58]) shape(pen, disc(x, 0.5, 0.16), look.told.colour ? STEEL : look.second);
};

/** A record player: plinth, black record, arm. */
const turntable: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material ? smoothed(look) : look.choose('plinth', [TIMBER, BLACK, smoothed(look)]);
  const f = look.view === 'top' || look.view === 'front' ? 0.8 : 0.55;
  const y = 0.2;
  shape(pen, `M-.95 ${y + f * 0.85}H.95V${y + f * 0.85 + 0.2}H-.95Z`, shade(s, 0.65));
  shape(pen, `M-.85 ${y - f * 0.85}H.85L.95 ${y + f * 0.85}H-.95Z`, s);
  shape(pen, disc(-0.18, y, 0.68, 0.68 * f), STEEL);
  shape(pen, disc(-0.18, y - 0.03, 0.66, 0.66 * f), { colour: [26, 26, 30], gloss: 0.5 });
  for (const r of [0.34, 0.44, 0.54]) pen.line(new Path2D(disc(-0.18, y - 0.03, r, r * f)), [70, 70, 76], 0.015);
  shape(pen, disc(-0.18, y - 0.03, 0.22, 0.22 * f), look.told.colour ? { colour: [220, 60, 44] } : look.third);
  flat(pen, disc(-0.18, y - 0.03, 0.03), [220, 220, 220]);
  shape(pen, disc(0.68, y - f * 0.6, 0.14, 0.12), IRON);
  tube(pen, `M.68 ${y - f * 0.6}L.62 ${y + f * 0.3}L.34 ${y + f * 0.42}`, STEEL, 0.06);
  shape(pen, disc(0.74, y + f * 0.66, 0.07), BLACK);
};

/** A vinyl record, or a disc of a laser player. */
const disk =
  (cd: boolean): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const f = look.view === 'front' || look.view === 'top' ? 1 : 0.8;
        shape(
          pen,
          disc(0, 0, 0.95, 0.95 * f),
          look.told.colour
            ? look.main
            : cd
              ? { colour: [206, 210, 220], gloss: 0.9 }
              : { colour: [28, 28, 32], gloss: 0.6 },
        );
        for (let i = 0; i < 5; i++)
          pen.line(
            new Path2D(disc(0, 0, 0.45 + i * 0.1, (0.45 + i * 0.1) * f)),
            cd ? [236, 220, 240] : [74, 74, 80],
            0.012,
          );
        shape(pen, disc(0, 0, cd ? 0.2 : 0.34, (cd ? 0.2 : 0.34) * f), cd ? { colour: [236, 236, 240] } : look.second);
        flat(pen, disc(0, 0, 0.06, 0.06 * f), [120, 120, 120]);
      },
      1.5,
    );

export const WORDS = wordsOf([
  [
    'radio, radio receiver, radio set, clock radio, transistor radio, walkie-talkie, tape recorder, cassette player, boom box',
    radio,
  ],
  ['turntable, record player, phonograph, gramophone', turntable],
  ['vinyl record, record, phonograph record, lp, record album, long-playing record', disk(false)],
  ['compact disc, cd, dvd, disk, compact disk, videodisk, disc', disk(true), { category: 'artefact' }],
]);
