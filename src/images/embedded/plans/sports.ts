import { Path2D } from '@napi-rs/canvas';
import type { Plan } from '../plan.js';
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
} from './sketch.js';

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

/** A skateboard from the side or askew. */
const skateboard: Plan = (pen, look) =>
  pen.at(0, 0.3, 1, look.rng.range(-0.3, 0.3), () => {
    const s = smoothed(look, 0.4);
    for (const x of [-0.5, 0.5]) {
      shape(pen, `M${x - 0.14} .1H${x + 0.14}L${x + 0.06} .32H${x - 0.06}Z`, STEEL);
      for (const [dx, dy] of [
        [0.1, -0.05],
        [-0.06, 0.02],
      ] as const) {
        shape(pen, disc(x + dx, 0.36 + dy, 0.15), look.told.colour ? WHITE : look.second);
        shape(pen, disc(x + dx, 0.36 + dy, 0.06), IRON);
      }
    }
    if (look.view === 'side') shape(pen, 'M-1-.16Q-.94-.2-.8-.02H.8Q.94-.2 1-.16Q1 .06.78.12H-.78Q-1 .06-1-.16Z', s);
    else {
      shape(pen, 'M-.8-.26H.78Q1.02-.22 1 .0Q.96.2.74.2H-.84Q-1-.0-.98-.1Q-.96-.26-.8-.26Z', s);
      flat(pen, 'M-.78-.24H.76Q.98-.2.96-.06Q.92.1.72.12H-.8Q-.94-.02-.94-.1Q-.92-.24-.78-.24Z', [44, 44, 48]);
      for (const x of [-0.55, 0.5])
        for (const [dx, dy] of [
          [0, -0.1],
          [0.1, -0.1],
          [0, 0],
          [0.1, 0],
        ] as const)
          flat(pen, disc(x + dx, dy, 0.02), [190, 190, 194]);
    }
  });

/** A surfboard, standing; or a pair of skis, a snowboard. */
const surfboard: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.6);
      const path = shape(pen, 'M0-1Q.34-.6.34 0Q.32.6.16.98Q0 .92-.16.98Q-.32.6-.34 0Q-.34-.6 0-1Z', s);
      print(pen, look, path, 1, true);
      pen.inside(path, () => {
        const c = contrast(s, look.second.colour);
        if (look.t('stripe') > 0.5)
          for (const y of [-0.3, -0.14]) flat(pen, `M-.5 ${y + 0.2}L.5 ${y - 0.2}V${y - 0.08}L-.5 ${y + 0.32}Z`, c);
        else flat(pen, 'M-.5.3Q0 .0.5.3V.5Q0 .2-.5.5Z', c);
      });
      stroke(pen, 'M0-.95V.92', shade(s, 0.55).colour, 0.03);
      shape(pen, 'M0 .6L-.05.86H.05Z', BLACK);
    },
    0.4,
  );

const skis: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.6);
      for (const x of [-0.44, 0.44]) {
        stroke(pen, `M${x} -.66V.9`, [120, 124, 130], 0.035);
        stroke(pen, `M${x} -.7V-.5`, BLACK.colour, 0.08);
        stroke(pen, disc(x, 0.8, 0.09, 0.03), BLACK.colour, 0.025);
      }
      for (const x of [-0.14, 0.14]) {
        shape(pen, `M${x - 0.1} .98V-.7Q${x - 0.1} -1 ${x} -1Q${x + 0.1} -1 ${x + 0.1} -.7V.98Z`, s);
        flat(pen, rectangle(x - 0.09, -0.5, 0.18, 0.2), contrast(s, look.second.colour));
        shape(pen, rectangle(x - 0.08, 0.02, 0.16, 0.2, 0.03), BLACK);
        shape(pen, rectangle(x - 0.08, 0.36, 0.16, 0.14, 0.03), BLACK);
      }
    },
    0.3,
  );

const snowboard: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.5);
      const path = shape(pen, 'M-.3-.7Q-.3-1 0-1T.3-.7Q.22 0 .3.7Q.3 1 0 1T-.3.7Q-.22 0-.3-.7Z', s);
      print(pen, look, path, 1, true);
      for (const y of [-0.36, 0.36]) shape(pen, rectangle(-0.2, y - 0.1, 0.4, 0.2, 0.06), BLACK);
    },
    0.5,
  );

/** Roller or ice skates: boot on wheels or a blade. */
const skate =
  (ice: boolean): Plan =>
  (pen, look) => {
    const s = look.told.colour ? smoothed(look) : look.choose('boot', [WHITE, BLACK, smoothed(look)]);
    shape(pen, 'M-.7.4Q-.76-.1-.66-.3L-.7-.92Q-.4-.84-.06-.92L-.04-.26Q.1-.0.5.06Q.82.14.82.44Z', s);
    for (let i = 0; i < 5; i++)
      stroke(pen, `M-.24 ${-0.7 + i * 0.14}L-.02 ${-0.76 + i * 0.16}`, contrast(s, [240, 240, 236]), 0.04);
    shape(pen, 'M-.74.4H.86V.52H-.74Z', IRON);
    if (ice) {
      tube(pen, 'M-.5.5V.82M.4.5V.82', STEEL, 0.09);
      shape(pen, 'M-.84.8H.8Q.98.78.98.7Q1.04.9.84.92H-.84Z', STEEL);
    } else
      for (let i = 0; i < 4; i++) {
        shape(pen, disc(-0.58 + i * 0.42, 0.78, 0.2), look.told.colour ? BLACK : look.second);
        shape(pen, disc(-0.58 + i * 0.42, 0.78, 0.07), STEEL);
      }
  };

/** A tent: ridge tent with an open flap, or a dome. */
const tent: Plan = (pen, look) => {
  const s = { ...smoothed(look, 0.05), texture: 'weave' as const, grain: 0.15 };
  const inside = [52, 44, 40] as const;
  if (look.t('dome') > 0.55) {
    const path = shape(pen, 'M-.98.92Q-.9-.5 0-.62Q.9-.5.98.92Z', s);
    print(pen, look, path, 1.2, true);
    stroke(pen, 'M-.98.92Q-.6-.6 0-.62Q.6-.6.98.92', shade(s, 0.5).colour, 0.05);
    flat(pen, 'M-.36.92Q-.34.0 0-.06Q.34 0 .36.92Z', inside);
    shape(pen, 'M-.36.92Q-.34.0 0-.06Q-.06.4-.16.92Z', shade(s, 0.8));
  } else {
    shape(pen, 'M-.3-.6L.62-.72L.98.8L.5.95Z', shade(s, 0.7));
    const path = shape(pen, 'M-.3-.6L.5.95H-.95Z', s);
    print(pen, look, path, 1.2, true);
    flat(pen, 'M-.3-.3L.1.95H-.56Z', inside);
    shape(pen, 'M-.3-.34L-.34.4L-.72.95H-.9Z', shade(s, 1.2));
    stroke(pen, 'M-.3-.66V-.5M-.3-.6L-1 .6', [200, 190, 170], 0.03);
  }
};

/** A fishing rod with reel and line. */
const fishingRod: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.15, 0.15), () => {
    stroke(pen, 'M.9-.9Q1 .0.86.6', [220, 220, 220], 0.02);
    tube(pen, 'M-.8.9Q.2 0 .9-.9', smoothed(look, 0.4), 0.055);
    tube(pen, 'M-.9.98L-.5.64', { colour: [196, 150, 96] }, 0.13);
    shape(pen, disc(-0.3, 0.62, 0.17), look.told.colour ? IRON : look.second);
    shape(pen, disc(-0.3, 0.62, 0.07), STEEL);
    stroke(pen, 'M.86.6Q.76.74.86.8Q.96.8.94.7', [120, 120, 124], 0.035);
    shape(pen, disc(0.88, 0.42, 0.07), { colour: [214, 50, 44] });
  });

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
  ['skateboard, longboard, penny board', skateboard],
  ['surfboard, paddleboard, bodyboard, stand-up paddle board', surfboard],
  ['skis, ski, cross-country skis, ski poles, water ski', skis],
  ['snowboard, wakeboard', snowboard],
  ['roller skate, roller skates, inline skates, rollerblade, rollerblades', skate(false)],
  ['ice skate, ice skates, skate, figure skates', skate(true), { category: 'artefact' }],
  ['tent, camping tent, pup tent, mountain tent', tent],
  ['fishing rod, fishing pole, fly rod', fishingRod],
]);
