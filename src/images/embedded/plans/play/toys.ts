import { Path2D } from '@napi-rs/canvas';
import { lit } from '../../colour.js';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  contrast,
  disc,
  flat,
  lying,
  print,
  rectangle,
  shade,
  shape,
  slab,
  smoothed,
  stroke,
  TIMBER,
  WHITE,
  wordsOf,
} from '../sketch.js';
import { paint } from './paints.js';

/** A toy car: chubby, with big wheels. */
const toyCar: Plan = (pen, look) => {
  const s = smoothed(look, 0.6);
  shape(pen, 'M-.5.1Q-.44-.5-.2-.52H.24Q.46-.5.56.1Z', shade(s, 1.1));
  flat(pen, 'M-.36.04Q-.34-.36-.16-.38H-.02V.04Z', [190, 220, 236]);
  flat(pen, 'M.06.04V-.38H.2Q.34-.36.42.04Z', [190, 220, 236]);
  shape(pen, 'M-.95.66V.3Q-.94.06-.7.04H.62Q.95.06.98.4V.66Q.98.72.9.72H-.88Q-.95.72-.95.66Z', s);
  flat(pen, rectangle(-0.95, 0.34, 1.92, 0.1), contrast(s, look.second.colour), 0.9);
  shape(pen, disc(0.9, 0.3, 0.08), { colour: [250, 226, 130], gloss: 0.5 });
  for (const x of [-0.52, 0.54]) {
    shape(pen, disc(x, 0.7, 0.29), BLACK);
    shape(pen, disc(x, 0.7, 0.15), look.told.colour ? WHITE : paint(look, 1));
  }
};

/** A toy engine with a funnel and a wagon. */
const toyTrain: Plan = (pen, look) => {
  const s = smoothed(look, 0.5);
  for (let i = 0; i < 2; i++)
    stroke(pen, disc(0.5 - i * 0.24, -0.78 - i * 0.12, 0.1 + i * 0.05), [236, 236, 236], 0.06, 0.7);
  shape(pen, rectangle(-0.98, 0.1, 0.62, 0.54, 0.05), look.told.colour ? shade(s, 0.75) : paint(look, 1));
  for (const x of [-0.84, -0.66, -0.48]) shape(pen, disc(x, 0.1, 0.12), paint(look, 2));
  shape(pen, rectangle(-0.36, 0.5, 0.12, 0.08), BLACK);
  shape(pen, 'M.4-.3L.36-.62H.64L.6-.3Z', BLACK);
  shape(pen, rectangle(0.06, -0.14, 0.82, 0.5, 0.22), s);
  shape(pen, rectangle(-0.24, -0.5, 0.44, 0.9, 0.04), look.told.colour ? shade(s, 0.8) : paint(look, 3));
  flat(pen, rectangle(-0.14, -0.36, 0.24, 0.28, 0.03), [196, 222, 236]);
  shape(pen, 'M-.32-.6H.28V-.46H-.32Z', shade(s, 0.6));
  shape(pen, rectangle(-0.26, 0.36, 1.18, 0.26, 0.05), shade(s, 0.7));
  shape(pen, 'M.9.44L1 .74H.8Z', BLACK);
  for (const [x, r] of [
    [-0.82, 0.15],
    [-0.52, 0.15],
    [-0.04, 0.22],
    [0.38, 0.17],
    [0.72, 0.17],
  ] as const) {
    shape(pen, disc(x, 0.96 - r, r), { colour: [210, 60, 50], gloss: 0.4 });
    shape(pen, disc(x, 0.96 - r, r * 0.35), WHITE);
  }
};

/** Building blocks, stacked; interlocking bricks with studs. */
const blocks =
  (studs: boolean): Plan =>
  (pen, look) => {
    const at = studs
      ? ([
          [-0.9, 0.5, 0.9],
          [0.04, 0.5, 0.84],
          [-0.5, 0.06, 0.98],
          [-0.3, -0.38, 0.62],
        ] as const)
      : ([
          [-0.86, 0.42, 0.54],
          [-0.26, 0.42, 0.54],
          [0.34, 0.42, 0.54],
          [-0.56, -0.14, 0.54],
          [0.06, -0.14, 0.54],
          [-0.24, -0.7, 0.54],
        ] as const);
    at.forEach(([x, y, w], i) => {
      const first = i === 0 || (look.told.colour !== undefined && i % 2 === 0);
      const s = first ? smoothed(look, 0.4) : paint(look, i);
      const dx = look.rng.normal() * 0.03;
      const h = studs ? 0.44 : 0.54;
      if (studs)
        for (let k = 0; k < Math.round(w / 0.24); k++)
          shape(pen, rectangle(x + dx + 0.07 + k * 0.25, y - 0.1, 0.17, 0.14, 0.04), shade(s, 1.15));
      slab(pen, look, [x + dx, y, w, h], 0.12, s, 0.03);
      if (studs) return;
      const ink = contrast(s, [250, 248, 240]);
      const [cx, cy] = [x + dx + w / 2, y + h / 2];
      stroke(pen, rectangle(x + dx + 0.07, y + 0.07, w - 0.14, h - 0.14, 0.03), ink, 0.03);
      pen.at(cx, cy, 1, 0, () =>
        stroke(
          pen,
          [
            'M-.1.14L0-.14L.1.14M-.06.05H.06',
            'M-.1-.14V.14H.02Q.12.14.12.07T.02 0H-.1H0Q.1 0 .1-.07T0-.14Z',
            'M.11-.09Q-.1-.24-.1 0T.11.09',
          ][i % 3],
          ink,
          0.05,
        ),
      );
    });
  };

/** Pieces of a jigsaw puzzle. */
const puzzle: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const piece = (x: number, y: number, turn: number, s: { colour: readonly [number, number, number] }) =>
        pen.at(x, y, 0.52, turn, () =>
          shape(
            pen,
            'M-.8-.8H-.2Q-.12-.84-.2-.98Q-.26-1.24 0-1.24T.2-.98Q.12-.84.2-.8H.8V-.2Q.84-.12.98-.2Q1.24-.26 1.24 0T.98.2Q.84.12.8.2V.8H.2Q.12.76.2.64Q.26.4 0 .4T-.2.64Q-.12.76-.2.8H-.8V.2Q-.76.12-.64.2Q-.4.26-.4 0T-.64-.2Q-.76-.12-.8-.2Z',
            s,
          ),
        );
      piece(-0.42, 0.42, 0, smoothed(look, 0.2));
      piece(0.44, 0.4, 0, look.told.colour ? shade(smoothed(look), 1.3) : paint(look, 1));
      piece(-0.4, -0.43, 0, look.told.colour ? shade(smoothed(look), 0.7) : paint(look, 2));
      piece(0.56, -0.56, look.rng.range(0.2, 0.7), paint(look, 3));
    },
    0.4,
  );

/** A kite with its tail. */
export const kite: Plan = (pen, look) =>
  pen.at(0, -0.05, 1, look.rng.range(-0.4, 0.4), () => {
    const s = { ...look.main, texture: 'fine' as const, grain: 0.1, gloss: 0.1 };
    stroke(pen, 'M0 .4Q.3.6.1.75T.2 1', [120, 110, 100], 0.03);
    for (const [x, y] of [
      [0.16, 0.62],
      [0.13, 0.84],
    ] as const)
      for (const side of [-1, 1]) shape(pen, `M${x} ${y}l${side * 0.15} -.08v.16Z`, look.second);
    const path = shape(pen, 'M0-.98L.7-.3L0 .5L-.7-.3Z', s);
    const c = contrast(s, look.second.colour);
    print(pen, look, path, 1, true);
    if (!look.told.pattern) {
      flat(pen, 'M0-.98L.7-.3H0Z', c);
      flat(pen, 'M0 .5L-.7-.3H0Z', c);
    }
    stroke(pen, 'M0-.98V.5M-.7-.3H.7', [90, 70, 50], 0.035);
  });

/** A yo-yo and its string. */
const yoyo: Plan = (pen, look) => {
  stroke(pen, `M${look.rng.range(-0.2, 0.2)} -1Q.1-.4 0 .1`, [236, 232, 222], 0.035);
  const s = smoothed(look, 0.6);
  shape(pen, disc(0.12, 0.36, 0.58, 0.6), shade(s, 0.6));
  shape(pen, disc(-0.04, 0.36, 0.58, 0.6), s);
  shape(pen, disc(-0.04, 0.36, 0.36, 0.38), { colour: contrast(s, look.second.colour) });
  shape(pen, disc(-0.04, 0.36, 0.14), shade(s, 1.2));
};

/** A balloon on its string, or a bunch. */
const balloon: Plan = (pen, look) => {
  const n = look.rng.chance(0.3) ? 3 : 1;
  for (let i = n - 1; i >= 0; i--) {
    const [x, y, k] =
      n === 1
        ? [0, -0.3, 1]
        : (
            [
              [0, -0.1, 0.72],
              [-0.46, -0.44, 0.68],
              [0.46, -0.4, 0.68],
            ] as const
          )[i];
    stroke(pen, `M${x} ${y + 0.8 * k}Q${x * 0.5 + look.rng.range(-0.2, 0.2)} .7 0 1`, [120, 116, 112], 0.025);
    const s = i === 0 || look.told.colour ? { ...smoothed(look, 0.7), clear: 0.04 } : paint(look, i);
    pen.at(x, y, k, 0, () => {
      const p = shape(pen, 'M0 .68Q-.6.2-.6-.14Q-.58-.7 0-.7Q.58-.7.6-.14Q.6.2 0 .68Z', s);
      print(pen, look, p, 1, true);
      shape(pen, 'M0 .66L-.1.8H.1Z', shade(s, 0.8));
      flat(pen, disc(-0.26, -0.36, 0.1, 0.16), [255, 255, 255], 0.6);
    });
  }
};

/** A spinning top. */
const spinningTop: Plan = (pen, look) =>
  pen.at(0, 0.1, 1, look.rng.range(-0.3, 0.3), () => {
    const s = smoothed(look, 0.5);
    shape(pen, 'M-.06-.95H.06V-.4H-.06Z', TIMBER);
    const path = shape(pen, 'M-.2-.46H.2Q.8-.3.86.0Q.6.5 0 .9Q-.6.5-.86 0Q-.8-.3-.2-.46Z', s);
    pen.inside(path, () => {
      for (const [y, c] of [
        [-0.2, 1],
        [0.02, 2],
        [0.3, 3],
      ] as const)
        pen.line(
          new Path2D(`M-1 ${y}Q0 ${y + 0.24} 1 ${y}`),
          look.told.colour ? lit(s.colour, c % 2 ? 1.5 : 0.6) : paint(look, c).colour,
          0.1,
        );
    });
  });

export const WORDS = wordsOf([
  ['toy car, model car, toy truck, pedal car, matchbox car', toyCar],
  ['toy train, model train, wooden train, train set', toyTrain],
  ['building blocks, building block, alphabet blocks, toy blocks, wooden blocks', blocks(false)],
  ['lego, building bricks, construction bricks, construction set, toy bricks', blocks(true)],
  ['puzzle, jigsaw puzzle, jigsaw, puzzle piece', puzzle],
  ['kite', kite, { category: 'artefact' }],
  ['toy kite, kite toy', kite],
  ['yo-yo, yoyo', yoyo],
  ['balloon, party balloon, balloons', balloon],
  ['spinning top, whirligig, pinwheel toy', spinningTop],
]);
