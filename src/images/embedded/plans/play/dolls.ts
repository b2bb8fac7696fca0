import type { Plan } from '../../plan.js';
import {
  BLACK,
  cloth,
  disc,
  flat,
  own,
  print,
  rectangle,
  shade,
  shape,
  slab,
  smoothed,
  stroke,
  TIMBER,
  tube,
  wordsOf,
} from '../sketch.js';
import { paint } from './paints.js';

/** A teddy bear, sitting; other plush animals by their ears. */
const teddy =
  (ears: 'round' | 'long'): Plan =>
  (pen, look) => {
    const s = own(
      look,
      look.choose('fur', [
        [168, 116, 66],
        [206, 166, 114],
        [120, 80, 50],
        [226, 214, 194],
      ] as const),
      { texture: 'fur', grain: 0.5, gloss: 0 },
    );
    const pale = shade(s, 1.35);
    const lift = () => look.rng.range(-0.3, 0.2);
    for (const side of [-1, 1] as const) {
      pen.at(side * 0.4, 0.08, [side, 1], lift() * side, () =>
        shape(pen, 'M-.1-.1Q.3-.06.46.3Q.5.5.34.5Q.1.4-.14.14Z', shade(s, 0.9)),
      );
      if (ears === 'round') {
        shape(pen, disc(side * 0.38, -0.82, 0.19), s);
        shape(pen, disc(side * 0.38, -0.81, 0.11), pale);
      } else {
        shape(pen, disc(side * 0.2, -0.86, 0.11, 0.3), s);
        flat(pen, disc(side * 0.2, -0.86, 0.05, 0.2), [236, 176, 176]);
      }
    }
    shape(pen, disc(0, 0.36, 0.5, 0.56), s);
    shape(pen, disc(0, 0.42, 0.3, 0.36), pale);
    for (const side of [-1, 1]) {
      shape(pen, disc(side * 0.46, 0.78, 0.3, 0.22), s);
      shape(pen, disc(side * 0.56, 0.8, 0.16), pale);
    }
    shape(pen, disc(0, -0.46, 0.48, 0.42), s);
    shape(pen, disc(0, -0.32, 0.22, 0.17), pale);
    shape(pen, disc(0, -0.4, 0.09, 0.06), BLACK);
    stroke(pen, 'M0-.36V-.3Q-.06-.22-.12-.26M0-.3Q.06-.22.12-.26', [40, 34, 30], 0.03);
    for (const x of [-0.2, 0.2]) pen.eye(x, -0.54, 0.06);
    if (look.t('bow') > 0.4)
      for (const side of [-1, 1])
        shape(pen, `M0-.04L${side * 0.24} -.14V.1Z`, look.told.colour ? { colour: [196, 40, 50] } : look.third);
  };

/** A doll with hair and frock. */
const doll: Plan = (pen, look) => {
  const skin = {
    colour: look.choose('skin', [
      [238, 200, 170],
      [206, 154, 114],
      [128, 84, 58],
    ] as const),
  };
  const hair = {
    colour: look.choose('hair', [
      [92, 56, 34],
      [226, 186, 90],
      [180, 80, 40],
      [36, 30, 30],
    ] as const),
    texture: 'fur' as const,
    grain: 0.4,
  };
  shape(pen, 'M-.42-.5Q-.5-1 0-1Q.5-1 .42-.5Q.5-.1.4.1H-.4Q-.5-.1-.42-.5Z', hair);
  for (const side of [-1, 1]) {
    tube(pen, `M${side * 0.16} .6V.92`, skin, 0.16);
    shape(pen, disc(side * 0.2, 0.94, 0.14, 0.06), look.second);
    tube(pen, `M${side * 0.26} -.02Q${side * 0.5} .16 ${side * 0.54} ${look.rng.range(0.2, 0.42)}`, skin, 0.14);
  }
  const frock = shape(pen, 'M-.24-.12H.24Q.3.1.62.7Q0 .86-.62.7Q-.3.1-.24-.12Z', cloth(look));
  print(pen, look, frock);
  shape(pen, disc(0, -0.5, 0.35, 0.36), skin);
  shape(pen, 'M-.36-.5Q-.4-.92 0-.92Q.4-.92.36-.5Q.2-.7 0-.72Q-.2-.7-.36-.5Z', hair);
  for (const x of [-0.13, 0.13]) pen.eye(x, -0.46, 0.06, [50, 80, 130]);
  stroke(pen, 'M-.09-.3Q0-.24.09-.3', [190, 60, 60], 0.035);
  for (const x of [-0.22, 0.22]) flat(pen, disc(x, -0.36, 0.06), [236, 130, 130], 0.5);
};

/** A rubber duck. */
const rubberDuck: Plan = (pen, look) => {
  const s = own(look, [248, 208, 50], { gloss: 0.6 });
  shape(pen, 'M-.95.1Q-.8.28-.5.2Q-.2.0.1.16Q.5.2.7.2Q.98.4.7.78Q.4.98-.1.98Q-.7.96-.86.6Q-.98.4-.95.1Z', s);
  shape(pen, 'M-.5.46Q-.2.2.26.44Q.2.8-.2.74Q-.44.68-.5.46Z', shade(s, 1.15));
  shape(pen, disc(0.4, -0.3, 0.48, 0.46), s);
  shape(pen, 'M.78-.36Q1.04-.4 1-.22Q1.04-.06.76-.1Q.7-.22.78-.36Z', { colour: [238, 120, 40], gloss: 0.4 });
  pen.eye(0.54, -0.42, 0.09);
};

/** A rocking horse. */
const rockingHorse: Plan = (pen, look) => {
  const s = look.told.colour ? smoothed(look, 0.4) : look.choose('wood', [TIMBER, smoothed(look, 0.4)]);
  for (const x of [-0.5, 0.3]) tube(pen, `M${x} .3L${x - 0.14} .86`, shade(s, 0.8), 0.14);
  for (const x of [-0.4, 0.4]) tube(pen, `M${x} .3L${x + 0.12} .86`, s, 0.14);
  tube(pen, 'M-.95.66Q0 1.14.95.66', look.told.colour ? TIMBER : { colour: [190, 50, 44] }, 0.13);
  stroke(pen, 'M-.6-.04Q-.95.0-.9.44', [230, 214, 170], 0.13);
  shape(
    pen,
    'M-.66.1Q-.6-.16-.3-.1H.1Q.14-.5.4-.7L.44-.86L.56-.74L.92-.42Q.92-.26.76-.28L.56-.36Q.58.1.5.34Q0 .46-.5.38Q-.66.3-.66.1Z',
    s,
  );
  stroke(pen, 'M.4-.74Q.2-.5.16-.12', [230, 214, 170], 0.12);
  shape(pen, 'M-.34-.12H.08Q.1.2-.12.24Q-.34.2-.34-.12Z', { colour: [190, 50, 44] });
  pen.eye(0.6, -0.54, 0.05);
  tube(pen, 'M.3-.36H.56', TIMBER, 0.07);
};

/** A robot. */
const robot: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? smoothed(look, 0.5)
      : look.choose('tin', [{ colour: [160, 166, 176] as const, gloss: 0.5 }, smoothed(look, 0.5)]);
  stroke(pen, 'M0-.7V-.92', [80, 80, 84], 0.04);
  shape(pen, disc(0, -0.93, 0.06), { colour: [220, 60, 50], gloss: 0.5 });
  for (const side of [-1, 1]) {
    tube(pen, `M${side * 0.44} -.04Q${side * 0.8} .0 ${side * 0.78} ${look.rng.range(-0.3, 0.4)}`, shade(s, 0.8), 0.15);
    shape(pen, rectangle(side * 0.26 - 0.14, 0.5, 0.28, 0.4), shade(s, 0.8));
    shape(pen, rectangle(side * 0.28 - 0.2, 0.86, 0.4, 0.13, 0.05), shade(s, 0.6));
  }
  slab(pen, look, [-0.46, -0.16, 0.88, 0.72], 0.1, s, 0.06);
  slab(pen, look, [-0.38, -0.72, 0.72, 0.5], 0.1, shade(s, 1.1), 0.1);
  for (const x of [-0.18, 0.14]) shape(pen, disc(x, -0.52, 0.1), { colour: [250, 226, 90], gloss: 0.6 });
  for (let i = 0; i < 4; i++) flat(pen, rectangle(-0.2 + i * 0.1, -0.36, 0.06, 0.08), BLACK.colour);
  for (let i = 0; i < 3; i++) shape(pen, disc(-0.24 + i * 0.22, 0.1, 0.07), paint(look, i));
};

export const WORDS = wordsOf([
  [
    'teddy bear, teddy, stuffed animal, plush toy, plush, soft toy, stuffed toy, cuddly toy, plaything, toy',
    teddy('round'),
  ],
  ['stuffed rabbit, plush bunny, plush rabbit, toy rabbit', teddy('long')],
  ['doll, rag doll, baby doll, puppet, marionette, barbie, fashion doll', doll],
  ['rubber duck, rubber ducky, bath duck, bath toy', rubberDuck],
  ['rocking horse, hobbyhorse, hobby horse', rockingHorse],
  ['robot, toy robot, action figure, automaton', robot],
]);
