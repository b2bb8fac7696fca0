import { Path2D } from '@napi-rs/canvas';
import type { Pen, Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import {
  BLACK,
  disc,
  flat,
  IRON,
  lying,
  own,
  rectangle,
  STEEL,
  shade,
  shape,
  slab,
  stroke,
  tube,
  wordsOf,
} from '../sketch.js';

const WOOD: readonly (readonly [number, number, number])[] = [
  [196, 130, 66],
  [150, 82, 40],
  [214, 164, 92],
  [112, 58, 32],
];
const wood = (look: Look): Surface =>
  own(look, look.choose('wood', WOOD), { texture: 'wood', grain: 0.25, gloss: 0.45 });
const EBONY: Surface = { colour: [40, 32, 30], gloss: 0.3 };

/** Strings from the head to the bridge. */
function strings(pen: Pen, n: number, w: number, from: number, to: number): void {
  for (let i = 0; i < n; i++) {
    const x = -w / 2 + (i * w) / (n - 1);
    stroke(pen, `M${x} ${from}L${x * 1.3} ${to}`, [232, 228, 216], 0.013);
  }
}

/** A guitar: acoustic, electric, or of a like family, standing or leaning. */
const guitar =
  (kind: 'acoustic' | 'electric' | 'ukulele' | 'banjo'): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const s = wood(look);
        const neck = { colour: [104, 66, 42] as const };
        if (kind === 'banjo') {
          shape(pen, disc(0, 0.48, 0.5), s);
          shape(pen, disc(0, 0.48, 0.42), { colour: [242, 236, 222] });
          for (let i = 0; i < 12; i++)
            flat(pen, disc(Math.cos(i * 0.5236) * 0.46, 0.48 + Math.sin(i * 0.5236) * 0.46, 0.03), STEEL.colour);
        } else if (kind === 'electric') {
          const e = { ...s, gloss: 0.7, texture: undefined };
          shape(
            pen,
            'M-.1.1Q-.16-.14-.34-.14Q-.5.0-.36.3Q-.46.5-.42.76Q-.3.98 0 .98Q.3.98.42.76Q.48.5.34.32Q.44.1.36 0Q.24-.1.1.14Z',
            e,
          );
          shape(pen, 'M-.24.34Q0 .2.26.4Q.34.7.16.8Q-.1.6-.24.34Z', { colour: [244, 240, 230] });
          for (const y of [0.3, 0.48, 0.64]) shape(pen, rectangle(-0.14, y, 0.28, 0.08, 0.02), BLACK);
          for (const [x, y] of [
            [0.24, 0.64],
            [0.16, 0.76],
          ] as const)
            shape(pen, disc(x, y, 0.05), STEEL);
        } else {
          const k = kind === 'ukulele' ? 0.84 : 1;
          pen.at(0, 0.98 * (1 - k), k, 0, () => {
            shape(
              pen,
              'M-.12-.1Q-.4-.14-.4.1Q-.4.26-.28.36Q-.5.48-.5.7Q-.46.98 0 .98Q.46.98.5.7Q.5.48.28.36Q.4.26.4.1Q.4-.14.12-.1Z',
              s,
            );
            pen.line(
              new Path2D(
                'M-.12-.06Q-.36-.1-.36.1Q-.36.24-.24.36Q-.46.48-.46.7Q-.42.94 0 .94Q.42.94.46.7Q.46.48.24.36Q.36.24.36.1Q.36-.1.12-.06',
              ),
              [236, 214, 170],
              0.02,
              0.9,
            );
            flat(pen, disc(0, 0.3, 0.16), [46, 28, 18]);
            stroke(pen, disc(0, 0.3, 0.18), [226, 196, 140], 0.025);
          });
          shape(pen, rectangle(-0.2, 0.66, 0.4, 0.08, 0.02), EBONY);
        }
        shape(pen, `M-.055-.72H.055L.07 ${kind === 'banjo' ? 0.1 : 0.16}H-.07Z`, neck);
        for (let i = 0; i < 8; i++) stroke(pen, `M-.06 ${-0.64 + i * 0.09}H.06`, [216, 210, 196], 0.014);
        shape(
          pen,
          kind === 'electric' ? 'M-.06-.7L-.12-.94Q0-1.04.12-.98L.06-.7Z' : 'M-.07-.7L-.12-.98H.12L.07-.7Z',
          kind === 'electric' ? s : EBONY,
        );
        for (const y of [-0.92, -0.84, -0.76]) for (const x of [-0.15, 0.15]) shape(pen, disc(x, y, 0.03), STEEL);
        strings(pen, kind === 'ukulele' || kind === 'banjo' ? 4 : 6, 0.08, -0.72, 0.7);
      },
      0.6,
    );

/** A violin, or its larger kin, with a bow. */
const violin =
  (large: boolean): Plan =>
  (pen, look) =>
    pen.at(0, 0, 1, large ? look.rng.range(-0.15, 0.15) : look.rng.range(-0.8, 0.8), () => {
      const s = own(
        look,
        look.choose('varnish', [
          [150, 74, 34],
          [176, 96, 44],
          [120, 54, 28],
        ] as const),
        { texture: 'wood', grain: 0.2, gloss: 0.6 },
      );
      if (large) tube(pen, 'M0 .9V1.06', STEEL, 0.05);
      shape(
        pen,
        'M-.1-.12Q-.36-.16-.37.06Q-.36.18-.3.22Q-.2.34-.3.48Q-.44.54-.44.72Q-.4.96 0 .94Q.4.96.44.72Q.44.54.3.48Q.2.34.3.22Q.36.18.37.06Q.36-.16.1-.12Z',
        s,
      );
      for (const side of [-1, 1])
        stroke(pen, `M${side * 0.15} .24Q${side * 0.09} .3 ${side * 0.16} .4T${side * 0.18} .54`, [34, 20, 14], 0.035);
      shape(pen, 'M-.05-.78H.05L.08.3H-.08Z', EBONY);
      shape(pen, 'M-.06.62H.06L.09.88H-.09Z', EBONY);
      shape(pen, rectangle(-0.13, 0.44, 0.26, 0.05), { colour: [226, 196, 146] });
      strings(pen, 4, 0.07, -0.76, 0.64);
      shape(pen, 'M-.07-.76Q-.08-1 0-1Q.1-1 .09-.9Q.06-.84.02-.9', s);
      for (const [y, side] of [
        [-0.86, -1],
        [-0.8, 1],
      ] as const)
        tube(pen, `M0 ${y}H${side * 0.18}`, EBONY, 0.045);
      if (look.rng.chance(0.5) && !large) {
        tube(pen, 'M.7-.9L.6.9', { colour: [120, 60, 30] }, 0.04);
        stroke(pen, 'M.78-.86L.68.84', [240, 236, 224], 0.025);
      }
    });

/** A harp. */
const harp: Plan = (pen, look) => {
  const s = own(look, [206, 160, 70], { gloss: 0.6 });
  for (let i = 0; i < 11; i++)
    stroke(
      pen,
      `M${-0.46 + i * 0.1} ${-0.7 + Math.sin(i * 0.5) * 0.1}L${-0.4 + i * 0.1} ${0.8 - i * 0.13}`,
      [236, 230, 214],
      0.02,
    );
  tube(pen, 'M-.56-.8V.86', s, 0.15);
  tube(pen, 'M-.5.86L.72-.5', s, 0.18);
  tube(pen, 'M-.58-.84Q-.3-.98-.1-.7T.4-.6T.74-.54', s, 0.14);
  shape(pen, rectangle(-0.76, 0.84, 0.5, 0.14, 0.04), s);
};

/** A row of keys, white and black. */
function keyRow(pen: Pen, x: number, y: number, w: number, h: number, n: number): void {
  shape(pen, rectangle(x, y, w, h), { colour: [246, 244, 236] });
  for (let i = 1; i < n; i++) stroke(pen, `M${x + (i * w) / n} ${y}v${h}`, [120, 118, 112], 0.012);
  for (let i = 1; i < n; i++)
    if (i % 7 !== 3 && i % 7 !== 0)
      flat(pen, rectangle(x + (i * w) / n - w / n / 3.4, y, (w / n) * 0.58, h * 0.62), [24, 24, 28]);
}

/** A piano: upright, or grand with its lid up. */
const piano: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? { ...look.main, gloss: 0.5 }
      : look.choose('case', [
          { colour: [32, 30, 34] as const, gloss: 0.7 },
          { colour: [104, 56, 34] as const, texture: 'wood' as const, grain: 0.25, gloss: 0.5 },
        ]);
  if (look.t('grand') > 0.5) {
    stroke(pen, 'M.3-.1L.5-.7', shade(s, 0.7).colour, 0.05);
    shape(pen, 'M-.86-.06Q-.8-.96-.1-.98Q.5-.96.98-.7Q.9-.2.6-.02Z', shade(s, 1.3));
    shape(pen, 'M-.92-.06H.7Q1-.04.98.14V.3H-.92Z', shade(s, 0.55));
    flat(pen, 'M-.8-.02H.62Q.9.0.88.1H-.8Z', [206, 160, 80]);
    for (const x of [-0.78, 0.3, 0.8]) shape(pen, `M${x} .3H${x + 0.14}L${x + 0.11} .96H${x + 0.03}Z`, s);
    shape(pen, rectangle(-0.96, 0.1, 1.96, 0.26, 0.03), s);
    keyRow(pen, -0.88, 0.14, 1.1, 0.14, 15);
    tube(pen, 'M-.1.36V.92', { colour: [196, 160, 80] }, 0.05);
    return;
  }
  slab(pen, look, [-0.9, -0.74, 1.66, 1.7], 0.16, s, 0.02);
  shape(pen, rectangle(-0.82, -0.64, 1.5, 0.6, 0.02), shade(s, 1.15));
  shape(pen, 'M-.94.04H.8V.24H-.94Z', shade(s, 0.7));
  keyRow(pen, -0.86, 0.02, 1.58, 0.18, 21);
  shape(pen, 'M-.96.2H.82V.3H-.96Z', s);
  for (const x of [-0.9, 0.64]) shape(pen, rectangle(x, 0.3, 0.12, 0.66), shade(s, 0.8));
  for (const x of [-0.18, -0.07, 0.04]) shape(pen, rectangle(x, 0.84, 0.06, 0.1), { colour: [206, 166, 84] });
  shape(pen, 'M-.36-.52H.22L.26-.14H-.4Z', { colour: [244, 241, 230] });
  for (let i = 0; i < 4; i++) stroke(pen, `M-.32 ${-0.44 + i * 0.08}H.2`, [90, 90, 92], 0.015);
};

/** An electric keyboard or synthesizer. */
const synthesizer: Plan = (pen, look) =>
  pen.at(0, 0.1, 1, look.rng.range(-0.12, 0.12), () => {
    const s = look.told.colour ? { ...look.main, gloss: 0.4 } : BLACK;
    if (look.t('stand') > 0.5) tube(pen, 'M-.6.2L.5.9M.6.2L-.5.9M-.7.9H-.3M.3.9H.7', IRON, 0.06);
    slab(pen, look, [-1, -0.3, 1.92, 0.62], 0.1, s, 0.05);
    keyRow(pen, -0.92, -0.06, 1.76, 0.34, 21);
    for (let i = 0; i < 7; i++)
      shape(pen, disc(-0.84 + i * 0.1, -0.18, 0.035), i % 3 ? STEEL : { colour: [220, 60, 50] });
    shape(pen, rectangle(0.0, -0.26, 0.34, 0.15, 0.02), { colour: [90, 200, 220] });
    for (let i = 0; i < 4; i++) stroke(pen, `M${0.5 + i * 0.1} -.26v.14`, [150, 150, 154], 0.03);
  });

/** An accordion: bellows between keys and buttons. */
const accordion: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.2, 0.2), () => {
    const s = own(look, [176, 36, 44], { gloss: 0.6 });
    for (let i = 0; i < 9; i++)
      shape(
        pen,
        `M${-0.38 + i * 0.09} ${-0.62 + (i % 2) * 0.05}h.1V${0.62 - (i % 2) * 0.05}h-.1Z`,
        i % 2 ? { colour: [40, 38, 40] } : shade(s, 0.8),
      );
    shape(pen, rectangle(-0.82, -0.7, 0.46, 1.4, 0.1), s);
    shape(pen, rectangle(0.42, -0.7, 0.46, 1.4, 0.1), s);
    shape(pen, rectangle(-0.98, -0.66, 0.3, 1.3), { colour: [246, 244, 236] });
    for (let i = 0; i < 10; i++) {
      stroke(pen, `M-.98 ${-0.66 + i * 0.13}h.3`, [110, 110, 110], 0.015);
      if (i % 3) flat(pen, rectangle(-0.84, -0.7 + i * 0.13, 0.16, 0.07), [24, 24, 26]);
    }
    for (let i = 0; i < 15; i++)
      shape(pen, disc(0.56 + (i % 3) * 0.12, -0.5 + Math.floor(i / 3) * 0.24, 0.04), { colour: [244, 242, 234] });
  });

export const WORDS = wordsOf([
  ['guitar, acoustic guitar, classical guitar, lute, mandolin', guitar('acoustic')],
  ['stringed instrument', guitar('acoustic'), { as: 'guitar' }],
  ['electric guitar, bass guitar, electric bass', guitar('electric')],
  ['ukulele', guitar('ukulele')],
  ['banjo', guitar('banjo')],
  ['violin, viola, fiddle, bowed stringed instrument', violin(false), { category: 'artefact' }],
  ['cello, double bass, violoncello, bass fiddle', violin(true)],
  ['harp, lyre', harp],
  ['piano, grand piano, upright piano, upright, harpsichord, pianoforte', piano],
  ['keyboard instrument', piano, { as: 'piano' }],
  ['synthesizer, electric piano, electronic keyboard, digital piano, musical keyboard, electric organ', synthesizer],
  ['accordion, concertina, squeeze box', accordion],
]);
