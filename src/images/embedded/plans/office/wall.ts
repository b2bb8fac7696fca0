import { Path2D } from '@napi-rs/canvas';
import type { Plan } from '../../plan.js';
import {
  contrast,
  flat,
  lying,
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

/** A whiteboard on legs or on the wall. */
const whiteboard =
  (chalk: boolean): Plan =>
  (pen, look) => {
    const s = look.told.colour ? smoothed(look) : chalk ? TIMBER : STEEL;
    for (const x of [-0.6, 0.6]) {
      tube(pen, `M${x} .3V.94`, STEEL, 0.06);
      tube(pen, `M${x - 0.2} .97H${x + 0.2}`, STEEL, 0.06);
    }
    shape(pen, rectangle(-0.98, -0.86, 1.96, 1.28, 0.03), s);
    shape(
      pen,
      rectangle(-0.9, -0.78, 1.8, 1.12),
      chalk ? { colour: [44, 74, 60] } : { colour: [248, 249, 250], gloss: 0.3 },
    );
    const ink = chalk
      ? ([230, 232, 226] as const)
      : look.rng.pick([
          [40, 80, 190],
          [200, 40, 40],
          [30, 30, 34],
        ] as const);
    for (let i = 0; i < 3; i++)
      stroke(pen, `M-.7 ${-0.54 + i * 0.26}q.1-.12.2 0t.2 0t.2 0${i === 1 ? '' : 't.2 0'}`, ink, 0.035);
    stroke(pen, 'M.3.12V-.5M.3.12H.76M.34.02L.5-.18L.6-.1L.74-.42', chalk ? ink : [40, 140, 70], 0.035);
    shape(pen, rectangle(-0.5, 0.38, 1, 0.07), shade(s, 0.8));
    flat(pen, rectangle(-0.3, 0.34, 0.22, 0.05), [40, 80, 190]);
    flat(pen, rectangle(0, 0.34, 0.2, 0.05), [200, 40, 40]);
  };

/** A calendar: a month's grid under a coloured head. */
const calendar: Plan = (pen, look) => {
  const s = smoothed(look, 0.15);
  pen.at(0, 0, 1, look.rng.range(-0.12, 0.12), () => {
    slab(pen, look, [-0.85, -0.7, 1.64, 1.62], 0.08, { colour: [250, 249, 244] }, 0.04);
    shape(pen, rectangle(-0.85, -0.7, 1.64, 0.44, 0.04), s);
    flat(pen, rectangle(-0.4, -0.56, 0.74, 0.16, 0.03), contrast(s, [244, 244, 240]));
    for (let i = 0; i < 6; i++) stroke(pen, `M${-0.66 + i * 0.25} -.6V-.84`, [120, 122, 126], 0.06);
    const today = look.rng.int(28);
    for (let i = 0; i < 28; i++) {
      const [x, y] = [-0.76 + (i % 7) * 0.215, -0.14 + Math.floor(i / 7) * 0.25];
      flat(
        pen,
        rectangle(x, y, 0.16, 0.17, 0.02),
        i === today ? s.colour : i % 7 === 6 ? [232, 170, 164] : [206, 208, 210],
      );
    }
  });
};

/** A framed map or a sheet folded out. */
const map: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      shape(pen, 'M-.98-.5L-.33-.7L.33-.5L.98-.7V.6L.33.8L-.33.6L-.98.8Z', {
        colour: look.told.colour ? look.main.colour : [206, 224, 200],
      });
      flat(pen, 'M-.98.1Q-.5-.2-.1.1T.98 0V.3Q.5.5 0 .4T-.98.42Z', [120, 170, 210]);
      stroke(pen, 'M-.9.6Q-.4-.2.1-.1T.9-.5M-.6-.5L.3.7', [216, 90, 60], 0.05);
      flat(pen, 'M-.33-.7L.33-.5V.8L-.33.6Z', [40, 50, 40], 0.13);
      pen.fill(new Path2D('M.4-.1Q.24-.3.4-.42Q.58-.3.4-.1Z'), [210, 40, 40]);
    },
    0.3,
  );

export const WORDS = wordsOf([
  ['whiteboard, flip chart, bulletin board, notice board, cork board', whiteboard(false)],
  ['chalkboard, blackboard', whiteboard(true)],
  ['calendar, wall calendar, desk calendar', calendar],
  ['map, chart, road map', map, { category: 'artefact' }],
]);
