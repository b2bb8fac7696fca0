import { lit } from '../../colour.js';
import type { Pen, Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import {
  cloth,
  contrast,
  disc,
  flat,
  folds,
  laid,
  lying,
  print,
  rectangle,
  shade,
  shape,
  stroke,
  TIMBER,
  wordsOf,
} from '../sketch.js';

/** The woven figure of a carpet inside its border. */
function figure(pen: Pen, look: Look, s: Surface, w: number, h: number): void {
  const c = contrast(s, look.second.colour);
  const kind = look.choose('figure', ['border', 'medallion', 'diamonds', 'zigzag'] as const);
  stroke(pen, rectangle(-w + 0.1, -h + 0.1, 2 * w - 0.2, 2 * h - 0.2), c, 0.07);
  if (kind === 'medallion') {
    shape(pen, `M0 ${-h * 0.6}L${w * 0.5} 0L0 ${h * 0.6}L${-w * 0.5} 0Z`, { colour: c });
    shape(pen, disc(0, 0, w * 0.2, h * 0.24), { colour: look.third.colour });
    for (const [x, y] of [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ] as const)
      flat(pen, disc(x * w * 0.66, y * h * 0.6, 0.1), look.third.colour);
  } else if (kind === 'diamonds') {
    for (let i = -2; i <= 2; i++)
      for (let j = -1; j <= 1; j++)
        flat(
          pen,
          `M${i * w * 0.32} ${j * h * 0.5 - h * 0.2}l${w * 0.13} ${h * 0.2}l${-w * 0.13} ${h * 0.2}l${-w * 0.13} ${-h * 0.2}Z`,
          (i + j) % 2 ? c : look.third.colour,
        );
  } else if (kind === 'zigzag') {
    for (let j = -2; j <= 2; j++)
      stroke(
        pen,
        `M${-w + 0.2} ${j * h * 0.3}${'l.12-.1l.12.1'.repeat(Math.floor((2 * w - 0.4) / 0.24))}`,
        j % 2 ? look.third.colour : c,
        0.05,
      );
  }
}

/** A rug on the floor, seen from in front; round or with fringes. */
const rug: Plan = (pen, look) =>
  pen.at(0, 0.25, 1, look.rng.range(-0.06, 0.06), () =>
    laid(
      pen,
      look,
      () => {
        const s: Surface = look.told.material
          ? look.main
          : { ...cloth(look), texture: 'fur', grain: 0.35, density: 2.5 };
        if (look.t('round') > 0.85) {
          shape(pen, disc(0, 0.04, 0.95), shade(s, 0.6));
          const path = shape(pen, disc(0, 0, 0.95), s);
          print(pen, look, path, 1.3, true);
          for (const r of [0.74, 0.45]) stroke(pen, disc(0, 0, r), contrast(s, look.second.colour), 0.07);
          return;
        }
        for (let i = 0; i < 18; i++) {
          const y = -0.66 + i * 0.078;
          stroke(
            pen,
            `M-.86 ${y}l-.13 ${look.rng.normal() * 0.02}M.86 ${y}l.13 ${look.rng.normal() * 0.02}`,
            [226, 216, 194],
            0.035,
          );
        }
        shape(pen, rectangle(-0.88, -0.66, 1.76, 1.4), shade(s, 0.6));
        const path = shape(pen, rectangle(-0.88, -0.7, 1.76, 1.4), s);
        if (look.told.pattern) print(pen, look, path, 1.2);
        else figure(pen, look, s, 0.88, 0.7);
      },
      0.72,
    ),
  );

/** A mat at the door or the bath. */
const mat =
  (kind: 'door' | 'bath'): Plan =>
  (pen, look) =>
    pen.at(0, 0.3, 1, look.rng.range(-0.06, 0.06), () =>
      laid(
        pen,
        look,
        () => {
          const s: Surface =
            kind === 'door' && !look.told.colour
              ? { colour: [158, 122, 76], texture: 'fur', grain: 0.6, density: 2.5 }
              : { ...look.main, texture: kind === 'bath' ? 'pebbles' : 'fur', grain: 0.5, density: 2, gloss: 0 };
          shape(pen, rectangle(-0.95, -0.56, 1.9, 1.2, 0.06), shade(s, 0.55));
          const path = shape(pen, rectangle(-0.95, -0.62, 1.9, 1.2, kind === 'bath' ? 0.14 : 0.05), s);
          print(pen, look, path, 1.2, true);
          stroke(pen, rectangle(-0.84, -0.51, 1.68, 0.98, 0.05), contrast(s, [40, 32, 26]), 0.06);
          if (kind === 'door') {
            const ink = contrast(s, [40, 32, 26]);
            // HI, in strokes: the same in a mirror.
            for (const d of ['M-.34-.26V.22M-.04-.26V.22M-.34-.02H-.04', 'M.28-.26V.22']) stroke(pen, d, ink, 0.1);
          } else for (let i = 0; i < 5; i++) stroke(pen, `M-.7 ${-0.34 + i * 0.16}H.7`, lit(s.colour, 1.25), 0.05, 0.6);
        },
        0.6,
      ),
    );

/** A cloth over a table: top edge and hanging folds. */
const tablecloth: Plan = (pen, look) => {
  const s = cloth(look, 0.15);
  for (const x of [-0.66, 0.6]) shape(pen, rectangle(x, 0.4, 0.08, 0.58), TIMBER);
  const hem = 'M-.95-.1L-1 .6Q-.85.7-.72.56Q-.5.74-.3.58Q-.1.74.1.58Q.3.74.5.58Q.7.74.84.58L1 .62L.95-.1Z';
  const path = shape(pen, hem, s);
  print(pen, look, path);
  folds(pen, path, s, ['M-.72.0V.6', 'M-.3 0V.6', 'M.1 0V.6', 'M.5 0V.6', 'M.84 0V.6']);
  const top = shape(pen, 'M-.95-.1L-.68-.55H.68L.95-.1Z', shade(s, 1.15));
  print(pen, look, top);
  stroke(
    pen,
    'M-.99.54Q-.85.64-.72.5Q-.5.68-.3.52Q-.1.68.1.52Q.3.68.5.52Q.7.68.84.52L.99.56',
    contrast(s, look.second.colour),
    0.05,
  );
};

/** A napkin, folded to a triangle or in a ring. */
const napkin: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = cloth(look, 0.15);
      if (look.t('ring') > 0.5) {
        for (const side of [-1, 1]) {
          const path = shape(
            pen,
            `M0 0L${side * 0.95} -.6Q${side} 0 ${side * 0.95} .6Z`,
            shade(s, side > 0 ? 1 : 0.85),
          );
          print(pen, look, path);
          folds(pen, path, s, [`M0 0L${side * 0.9} -.25`, `M0 0L${side * 0.9} .3`]);
        }
        shape(pen, rectangle(-0.14, -0.2, 0.28, 0.4, 0.06), { colour: [206, 168, 84], gloss: 0.6 });
        return;
      }
      shape(pen, 'M-.8-.7H.8V.8H-.8Z', shade(s, 0.8));
      const path = shape(pen, 'M-.8-.8H.75V.75L-.8.75Z', s);
      print(pen, look, path);
      shape(pen, 'M-.8-.8H.75L-.8.75Z', shade(s, 1.12));
      stroke(pen, 'M-.72-.72H.58L-.72.58Z', contrast(s, look.second.colour), 0.03);
    },
    0.4,
  );

/** A table mat or place mat; a pot holder with a loop. */
const potHolder: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = cloth(look, 0.3);
      stroke(pen, 'M.7-.7Q1-1 .98-.7Q.98-.6.76-.62', shade(s, 0.6).colour, 0.07);
      const path = shape(pen, rectangle(-0.78, -0.78, 1.56, 1.56, 0.16), s);
      print(pen, look, path);
      for (let i = -3; i <= 3; i++)
        pen.inside(path, () =>
          stroke(
            pen,
            `M${-1 + i * 0.3} -1L${1 + i * 0.3} 1M${1 + i * 0.3} -1L${-1 + i * 0.3} 1`,
            shade(s, 0.65).colour,
            0.03,
          ),
        );
      stroke(
        pen,
        rectangle(-0.78, -0.78, 1.56, 1.56, 0.16),
        look.told.colour ? shade(s, 0.6).colour : look.second.colour,
        0.08,
      );
    },
    0.5,
  );

/** An oven mitt. */
const ovenMitt: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = cloth(look, 0.25);
      const path = shape(
        pen,
        'M-.42.6Q-.56-.5-.36-.78Q0-1.1.34-.78Q.46-.5.42-.04Q.6-.36.78-.28Q.96-.14.82.14Q.66.44.4.6Z',
        s,
      );
      print(pen, look, path);
      pen.inside(path, () => {
        for (let i = -4; i <= 5; i++)
          stroke(
            pen,
            `M${-1 + i * 0.26} -1L${1 + i * 0.26} 1M${1 + i * 0.26} -1L${-1 + i * 0.26} 1`,
            shade(s, 0.65).colour,
            0.025,
            0.8,
          );
      });
      stroke(pen, 'M.4.4Q.5.2.42-.04', shade(s, 0.5).colour, 0.04);
      shape(pen, rectangle(-0.5, 0.56, 0.98, 0.36, 0.06), look.told.colour ? shade(s, 0.6) : look.second);
      stroke(pen, 'M-.44.62Q-.8.62-.74.86Q-.66.96-.48.86', shade(s, 0.6).colour, 0.05);
    },
    0.4,
  );

export const WORDS = wordsOf([
  [
    'rug, area rug, carpet, oriental rug, persian rug, prayer rug, runner, hearth rug, floor cover, tapestry',
    rug,
    { category: 'artefact' },
  ],
  ['door mat, doormat, welcome mat, floor mat, mat, car mat', mat('door')],
  ['bath mat, bathmat, bath rug', mat('bath')],
  ['tablecloth, table linen, table runner, table cloth', tablecloth],
  ['napkin, serviette, table napkin, handkerchief, cloth napkin, bandana, bandanna', napkin],
  ['pot holder, potholder, placemat, place mat, trivet cloth, oven cloth', potHolder],
  ['oven mitt, oven glove, oven gloves, baseball glove, baseball mitt', ovenMitt],
]);
