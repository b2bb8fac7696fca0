import type { Surface } from '../../pen.js';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  contrast,
  disc,
  flat,
  laid,
  lying,
  PAPER,
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

/** A board with squares and men on it: chess, draughts; or a track of coloured fields. */
const boardGame =
  (kind: 'chess' | 'track'): Plan =>
  (pen, look) =>
    laid(
      pen,
      look,
      () => {
        const s = look.told.material || look.told.colour ? smoothed(look) : TIMBER;
        shape(pen, rectangle(-0.92, -0.82, 1.84, 1.84, 0.04), shade(s, 0.55));
        shape(pen, rectangle(-0.92, -0.9, 1.84, 1.84, 0.04), kind === 'chess' ? shade(s, 0.8) : s);
        if (kind === 'chess') {
          for (let i = 0; i < 64; i++) {
            const [x, y] = [i % 8, Math.floor(i / 8)];
            flat(
              pen,
              rectangle(-0.8 + x * 0.2, -0.78 + y * 0.2, 0.2, 0.2),
              (x + y) % 2 ? shade(s, 0.45).colour : [240, 226, 196],
            );
          }
        } else {
          const fields = [
            [220, 60, 50],
            [240, 190, 50],
            [60, 130, 210],
            [70, 170, 90],
          ] as const;
          for (let i = 0; i < 32; i++) {
            const k = i % 8;
            const [x, y] = [
              [-0.86 + k * 0.215, -0.84],
              [0.64, -0.84 + k * 0.215],
              [0.64 - k * 0.215, 0.66],
              [-0.86, 0.66 - k * 0.215],
            ][Math.floor(i / 8)];
            flat(pen, rectangle(x, y, 0.19, 0.19), fields[i % 4]);
          }
          flat(pen, rectangle(-0.56, -0.54, 1.12, 1.1), PAPER, 0.9);
          flat(pen, disc(0, 0, 0.3), fields[1]);
        }
        for (let i = 0; i < 9; i++) {
          const [x, y] = [-0.7 + look.rng.int(8) * 0.2, -0.68 + look.rng.int(8) * 0.2];
          const man: Surface = i % 2 ? BLACK : { colour: [236, 220, 180], gloss: 0.4 };
          shape(
            pen,
            `M${x - 0.08} ${y}Q${x - 0.02} ${y - 0.14} ${x - 0.05} ${y - 0.3}H${x + 0.05}Q${x + 0.02} ${y - 0.14} ${x + 0.08} ${y}Z`,
            man,
          );
          shape(pen, disc(x, y - 0.34, 0.075, 0.09), man);
        }
      },
      0.72,
    );

/** A fan of playing cards. */
const cards: Plan = (pen, look) => {
  const red = look.rng.chance(0.5);
  const heart = 'M0 .2Q-.34-.06-.22-.2Q-.1-.3 0-.14Q.1-.3.22-.2Q.34-.06 0 .2Z';
  const spade = 'M0-.26Q.3.0.22.1Q.12.2.02.1L.08.24H-.08L-.02.1Q-.12.2-.22.1Q-.3 0 0-.26Z';
  for (let i = 0; i < 4; i++)
    pen.at(0, 0.9, 1, -0.45 + i * 0.3 + look.rng.normal() * 0.03, () => {
      const back = i < 1 && look.told.colour;
      shape(pen, rectangle(-0.42, -1.6, 0.84, 1.2, 0.08), back ? look.main : { colour: [250, 249, 244] });
      if (back) return;
      const c = i % 2 === (red ? 0 : 1) ? ([206, 40, 44] as const) : ([30, 30, 34] as const);
      const d = i % 2 === (red ? 0 : 1) ? heart : spade;
      pen.at(0, -1, 1, 0, () => flat(pen, d, c));
      pen.at(-0.3, -1.32, 0.4, 0, () => flat(pen, d, c));
      pen.at(-0.3, -1.48, 0.5, 0, () => stroke(pen, 'M-.08.12L0-.14L.08.12M-.05.04H.05', c, 0.06));
    });
};

/** Where the dots of one to six sit, in units of their distance. */
const FALLING = [
  [-1, -1],
  [1, 1],
] as const;
const CORNERS = [...FALLING, [-1, 1], [1, -1]] as const;
const MIDDLE = [[0, 0]] as const;
const SIDES = [
  [-1, 0],
  [1, 0],
] as const;
const DOTS: readonly (readonly (readonly [number, number])[])[] = [
  MIDDLE,
  FALLING,
  [...FALLING, ...MIDDLE],
  CORNERS,
  [...CORNERS, ...MIDDLE],
  [...CORNERS, ...SIDES],
];

const dice: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? smoothed(look, 0.5)
      : look.choose('die', [WHITE, WHITE, smoothed(look, 0.5)]);
  const ink = contrast(s, [30, 30, 34]);
  const die = (x: number, y: number, k: number, turn: number) =>
    pen.at(x, y, k, turn, () => {
      const q = { ...look, view: 'quarter' as const };
      slab(pen, q, [-0.6, -0.45, 1.1, 1.1], 0.4, s, 0.16);
      for (const [u, v] of DOTS[look.rng.int(6)]) flat(pen, disc(-0.05 + u * 0.3, 0.1 + v * 0.3, 0.1), ink);
      for (const [u, v] of DOTS[look.rng.int(6)])
        flat(pen, disc(0.14 + u * 0.26 - v * 0.08, -0.54 + v * 0.06, 0.09, 0.035), ink);
    });
  if (look.t('two') > 0.3) {
    die(0.42, -0.42, 0.62, look.rng.range(-0.3, 0.3));
    die(-0.34, 0.34, 0.74, look.rng.range(-0.3, 0.3));
  } else die(0, 0.1, 1, look.rng.range(-0.2, 0.2));
};

/** Dominoes. */
const dominoes: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour ? smoothed(look, 0.4) : { colour: [242, 238, 224] as const, gloss: 0.3 };
      for (const [x, y, turn] of [
        [-0.36, 0, 0.1],
        [0.42, 0.1, -0.25],
      ] as const)
        pen.at(x, y, 1, turn, () => {
          slab(pen, look, [-0.32, -0.7, 0.62, 1.3], 0.1, s, 0.08);
          stroke(pen, 'M-.26-.05H.24', [60, 56, 50], 0.035);
          for (const oy of [-0.38, 0.27])
            for (const [u, v] of DOTS[look.rng.int(4)])
              flat(pen, disc(u * 0.15, oy + v * 0.15, 0.055), contrast(s, [30, 30, 34]));
        });
    },
    0.4,
  );

/** A chessman. */
const chessman: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s =
        look.told.colour || look.told.material
          ? { ...look.main, gloss: 0.4 }
          : look.choose('man', [BLACK, { colour: [236, 218, 176] as const, gloss: 0.4 }]);
      shape(pen, 'M-.5 1Q-.54.86-.4.8Q-.2.4-.2 0H.2Q.2.4.4.8Q.54.86.5 1Z', s);
      shape(pen, disc(0, 0, 0.32, 0.09), shade(s, 1.15));
      if (look.t('king') > 0.5) {
        shape(pen, 'M-.18-.06Q-.36-.5-.24-.66H.24Q.36-.5.18-.06Z', s);
        stroke(pen, 'M0-.98V-.66M-.12-.86H.12', s.colour, 0.09);
      } else shape(pen, disc(0, -0.34, 0.33), s);
    },
    0.08,
  );

/** A dartboard or a target. */
const dartboard: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      shape(pen, disc(0, 0.03, 0.95), BLACK);
      for (let i = 0; i < 20; i++) {
        const [a, b] = [(i - 0.5) * 0.31416, (i + 0.5) * 0.31416];
        flat(
          pen,
          `M0 0L${Math.cos(a) * 0.76} ${Math.sin(a) * 0.76}L${Math.cos(b) * 0.76} ${Math.sin(b) * 0.76}Z`,
          i % 2 ? [236, 222, 190] : [34, 32, 32],
        );
      }
      for (const [r, w] of [
        [0.74, 0.06],
        [0.44, 0.05],
      ] as const)
        for (let i = 0; i < 20; i++) {
          const [a, b] = [(i - 0.5) * 0.31416, (i + 0.5) * 0.31416];
          stroke(
            pen,
            `M${Math.cos(a) * r} ${Math.sin(a) * r}L${Math.cos(b) * r} ${Math.sin(b) * r}`,
            look.told.colour ? look.main.colour : i % 2 ? [40, 120, 70] : [196, 40, 40],
            w,
          );
        }
      shape(pen, disc(0, 0, 0.12), { colour: [40, 120, 70] });
      shape(pen, disc(0, 0, 0.055), { colour: [206, 40, 40] });
    },
    0.1,
  );

export const WORDS = wordsOf([
  ['board game, monopoly, ludo, game board, parlor game, scrabble', boardGame('track')],
  ['chess set, chessboard, chess board, checkerboard, checkers, chess, draughts', boardGame('chess')],
  [
    'playing cards, playing card, card deck, deck of cards, pack of cards, card game, deck, card, tarot card',
    cards,
    { category: 'artefact' },
  ],
  ['dice, die, cube dice', dice, { category: 'artefact' }],
  ['dominoes, domino, mahjong tiles', dominoes],
  ['chess piece, chessman, chess king, pawn, bowling pin', chessman, { category: 'artefact' }],
  ['dartboard, dart board, target, darts', dartboard],
]);
