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
  tube,
  WHITE,
  wordsOf,
} from '../sketch.js';

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
  ['skateboard, longboard, penny board', skateboard],
  ['surfboard, paddleboard, bodyboard, stand-up paddle board', surfboard],
  ['skis, ski, cross-country skis, ski poles, water ski', skis],
  ['snowboard, wakeboard', snowboard],
  ['roller skate, roller skates, inline skates, rollerblade, rollerblades', skate(false)],
  ['ice skate, ice skates, skate, figure skates', skate(true), { category: 'artefact' }],
  ['tent, camping tent, pup tent, mountain tent', tent],
  ['fishing rod, fishing pole, fly rod', fishingRod],
]);
