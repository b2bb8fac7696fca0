import { Path2D } from '@napi-rs/canvas';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  contrast,
  disc,
  flat,
  IRON,
  lying,
  print,
  rectangle,
  STEEL,
  shade,
  shape,
  smoothed,
  stroke,
  TIMBER,
  tube,
  WHITE,
  wordsOf,
} from '../sketch.js';

/** A bat: of baseball, or flat of cricket, or a paddle of table tennis. */
const bat =
  (kind: 'baseball' | 'cricket' | 'paddle' | 'club' | 'stick'): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const s =
          look.told.colour || look.told.material
            ? smoothed(look, 0.4)
            : look.choose('bat', [TIMBER, TIMBER, smoothed(look, 0.5)]);
        if (kind === 'baseball') {
          shape(pen, 'M-.18-.9Q0-1.06.18-.9Q.2-.3.07.4V.9H-.07V.4Q-.2-.3-.18-.9Z', s);
          shape(pen, rectangle(-0.08, 0.5, 0.16, 0.42), BLACK);
          shape(pen, disc(0, 0.94, 0.13, 0.06), s);
        } else if (kind === 'cricket') {
          shape(pen, 'M-.22-.98H.22V.2Q.2.36.06.42V.98H-.06V.42Q-.2.36-.22.2Z', s);
          shape(pen, rectangle(-0.07, 0.44, 0.14, 0.54, 0.03), look.told.colour ? BLACK : look.second);
          stroke(pen, 'M0-.9V.2', shade(s, 0.7).colour, 0.03);
        } else if (kind === 'paddle') {
          shape(pen, 'M-.13.4H.13L.15.98H-.15Z', TIMBER);
          shape(
            pen,
            'M-.16.5Q-.66.2-.66-.3Q-.62-.95 0-.97Q.62-.95.66-.3Q.66.2.16.5Z',
            look.told.colour
              ? look.main
              : look.choose('rubber', [{ colour: [200, 44, 44] as const }, smoothed(look, 0.1), BLACK]),
          );
          shape(pen, 'M-.2.48Q0 .26.2.48L.14.6H-.14Z', TIMBER);
        } else if (kind === 'club') {
          tube(pen, 'M0-.6L.1.8', STEEL, 0.06);
          shape(pen, 'M-.07-1H.07L.06-.5H-.05Z', BLACK);
          shape(pen, 'M.04.7Q.1.66.16.72L.2.82Q.6.8.62.96Q.4 1.04.06.98Z', look.told.colour ? smoothed(look) : STEEL);
        } else {
          shape(pen, 'M-.05-1H.06L.12.5Q.14.7.3.74L.8.78V.92H.2Q0 .9-.02.6Z', s);
          for (let i = 0; i < 4; i++) stroke(pen, `M-.05 ${-0.9 + i * 0.1}H.07`, BLACK.colour, 0.04);
          shape(pen, 'M.4.76L.8.78V.92L.4.92Z', BLACK);
        }
      },
      0.7,
    );

/** A racket with strings. */
const racket: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.5);
      const slim = look.t('slim') > 0.6;
      const [rx, ry] = slim ? [0.34, 0.42] : [0.44, 0.54];
      const y = -0.98 + ry + 0.05;
      pen.fill(new Path2D(disc(0, y, rx, ry)), [250, 250, 244], 0.35);
      for (let i = -4; i <= 4; i++) {
        const k = i / 5;
        const [w, h] = [Math.sqrt(1 - k * k) * rx, Math.sqrt(1 - k * k) * ry];
        stroke(pen, `M${k * rx} ${y - h}V${y + h}M${-w} ${y + k * ry}H${w}`, [120, 122, 120], 0.018);
      }
      tube(pen, disc(0, y, rx, ry), s, 0.1);
      if (!slim) tube(pen, `M${-rx * 0.6} ${y + ry * 0.8}L0 .42L${rx * 0.6} ${y + ry * 0.8}`, s, 0.08);
      tube(pen, `M0 ${slim ? y + ry : 0.34}V.6`, s, slim ? 0.06 : 0.1);
      shape(pen, 'M-.07.5H.07L.09.98H-.09Z', look.told.colour ? BLACK : look.second);
      for (let i = 0; i < 4; i++) stroke(pen, `M-.08 ${0.58 + i * 0.1}L.08 ${0.64 + i * 0.1}`, [30, 30, 34], 0.02);
    },
    0.8,
  );

/** A dumbbell or a barbell. */
const dumbbell =
  (long: boolean): Plan =>
  (pen, look) =>
    pen.at(0, 0.2, 1, look.rng.range(-0.4, 0.4), () => {
      const s =
        look.told.colour || look.told.material
          ? smoothed(look, 0.4)
          : look.choose('weight', [BLACK, IRON, smoothed(look, 0.4)]);
      shape(pen, rectangle(long ? -1 : -0.4, -0.07, long ? 2 : 0.8, 0.14, 0.03), STEEL);
      if (long) {
        for (const side of [-1, 1])
          for (const [x, h] of [
            [0.62, 0.5],
            [0.78, 0.36],
          ] as const)
            shape(pen, rectangle(side * x - 0.06, -h, 0.14, 2 * h, 0.05), x < 0.7 ? s : shade(s, 0.8));
        return;
      }
      for (let i = 0; i < 6; i++) stroke(pen, `M${-0.22 + i * 0.09} -.07V.07`, [110, 112, 118], 0.02);
      for (const side of [-1, 1]) {
        if (look.t('hexagonal') > 0.5)
          shape(
            pen,
            `M${side * 0.32} -.3L${side * 0.42} -.42H${side * 0.86}L${side * 0.96} -.3V.3L${side * 0.86} .42H${side * 0.42}L${side * 0.32} .3Z`,
            s,
          );
        else
          for (const [x, h] of [
            [0.36, 0.46],
            [0.56, 0.38],
            [0.76, 0.28],
          ] as const)
            shape(
              pen,
              rectangle(side * x + (side < 0 ? -0.19 : 0), -h, 0.19, 2 * h, 0.05),
              shade(s, x > 0.5 ? 0.85 : 1),
            );
      }
    });

/** A kettlebell. */
const kettlebell: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material ? smoothed(look, 0.4) : look.choose('weight', [BLACK, smoothed(look, 0.4)]);
  tube(pen, 'M-.36.1Q-.6-.8-.3-.82H.3Q.6-.8.36.1', s, 0.22);
  shape(pen, 'M-.5-.06Q0-.26.5-.06Q.8.2.72.6Q.62.98.4.99H-.4Q-.62.98-.72.6Q-.8.2-.5-.06Z', s);
  shape(pen, disc(0, 0.42, 0.3), look.told.colour ? WHITE : look.second);
  stroke(
    pen,
    'M-.14.3V.54M0 .54Q.2.5.16.34T-.02.36',
    contrast(look.told.colour ? WHITE : look.second, [30, 30, 34]),
    0.06,
  );
};

/** A rolled-up mat, its end unrolled. */
const yogaMat: Plan = (pen, look) =>
  pen.at(0, 0.2, 1, look.rng.range(-0.2, 0.2), () => {
    const s = { ...smoothed(look, 0.1), texture: 'fine' as const, grain: 0.25 };
    shape(pen, 'M-.5.2L.6.2L.98.74L-.36.76Z', shade(s, 1.15));
    const path = shape(pen, 'M-.78-.36H.6Q.8-.2.8.0T.6.36H-.78Z', s);
    print(pen, look, path, 1, true);
    shape(pen, disc(-0.74, 0, 0.24, 0.37), shade(s, 0.8));
    stroke(pen, 'M-.74 0Q-.7-.1-.66.02T-.78.14T-.88-.06T-.7-.24T-.58.06T-.76.3', shade(s, 0.45).colour, 0.035);
    for (const x of [-0.2, 0.3]) flat(pen, rectangle(x, -0.36, 0.08, 0.72), contrast(s, [40, 40, 44]), 0.8);
  });

/** A jump rope: two handles and a loop. */
const jumpRope: Plan = (pen, look) => {
  const s = smoothed(look, 0.4);
  tube(pen, 'M-.5-.4Q-1.2.9 0 .9T.5-.4', { colour: [70, 70, 76] }, 0.06);
  tube(pen, 'M-.5-.4Q-.3.3.1.5T.5-.4', look.told.colour ? shade(s, 0.8) : look.second, 0.06);
  for (const side of [-1, 1])
    pen.at(side * 0.5, -0.6, 1, side * look.rng.range(0, 0.4), () => {
      shape(pen, 'M-.1-.4Q0-.46.1-.4L.08.24H-.08Z', s);
      for (let i = 0; i < 3; i++) stroke(pen, `M-.09 ${-0.26 + i * 0.12}H.09`, shade(s, 0.5).colour, 0.03);
    });
};

export const WORDS = wordsOf([
  ['bat, baseball bat, wooden bat, softball bat', bat('baseball'), { category: 'artefact' }],
  ['cricket bat, oar, paddle', bat('cricket')],
  ['table tennis racket, ping-pong paddle, table-tennis bat, ping pong paddle, table tennis bat', bat('paddle')],
  ['golf club, driver, putter, iron, wedge club', bat('club'), { category: 'artefact' }],
  ['hockey stick, ice hockey stick, crosse', bat('stick')],
  ['racket, tennis racket, badminton racket, squash racket, racquet', racket],
  ['dumbbell, hand weight, dumbbells, weight', dumbbell(false)],
  ['barbell, weight bar', dumbbell(true)],
  ['kettlebell', kettlebell],
  ['yoga mat, exercise mat, foam roller, gym mat, camping mat', yogaMat],
  ['jump rope, skipping rope, resistance band', jumpRope],
]);
