import { Path2D } from '@napi-rs/canvas';
import type { Pen, Surface } from '../../pen.js';
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
  slab,
  smoothed,
  stroke,
  TIMBER,
  tube,
  wordsOf,
} from '../sketch.js';

/** A loudspeaker's cone. */
function cone(pen: Pen, x: number, y: number, r: number, rim: Surface = IRON): void {
  shape(pen, disc(x, y, r), rim);
  shape(pen, disc(x, y, r * 0.84), { colour: [34, 34, 38] });
  pen.line(new Path2D(disc(x, y, r * 0.62)), [70, 70, 76], r * 0.06);
  shape(pen, disc(x, y, r * 0.3), { colour: [72, 74, 80], gloss: 0.5 });
}

/** Headphones: padded band and two cups. */
const headphones: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.3, 0.3), () => {
    const s = smoothed(look, 0.4);
    const turn = look.view === 'front' ? 1 : 0.82;
    tube(
      pen,
      `M${-0.72 * turn} .3V-.1Q${-0.72 * turn} -.9 0-.9Q${0.72 * turn} -.9 ${0.72 * turn} -.1V.3`,
      look.told.colour ? shade(s, 0.8) : BLACK,
      0.14,
    );
    stroke(pen, `M${-0.42 * turn} -.72Q0-.98 ${0.42 * turn} -.72`, s.colour, 0.16);
    for (const side of [-1, 1]) {
      const x = side * 0.72 * turn;
      shape(pen, rectangle(x - (side > 0 ? 0.3 : 0), -0.08, 0.3, 0.92, 0.14), BLACK);
      shape(pen, rectangle(x - (side > 0 ? 0.06 : 0.22), -0.14, 0.28, 1.04, 0.14), s);
      flat(pen, rectangle(x - (side > 0 ? -0.1 : 0.2), 0.1, 0.1, 0.5, 0.05), contrast(s, look.second.colour), 0.8);
    }
  });

/** Two earbuds with stems, and their case or cable. */
const earbuds: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? smoothed(look, 0.5)
      : look.choose('bud', [{ colour: [242, 242, 240] as const, gloss: 0.5 }, BLACK, smoothed(look, 0.5)]);
  const wired = look.t('wired') > 0.6;
  if (wired) {
    tube(pen, 'M-.5 0Q-.5.7-.1.8Q.1.9.1 1', s, 0.05);
    tube(pen, 'M.5 0Q.55.7.1.8', s, 0.05);
  } else {
    shape(pen, rectangle(-0.5, 0.3, 1, 0.7, 0.28), s);
    stroke(pen, 'M-.5.52Q0 .56.5.52', shade(s, 0.5).colour, 0.03);
    flat(pen, disc(0, 0.66, 0.03), [80, 220, 120]);
  }
  for (const side of [-1, 1] as const)
    pen.at(side * 0.45, -0.35, [side, 1], look.rng.range(-0.25, 0.25), () => {
      shape(pen, 'M-.02-.1H.14L.16.52Q.1.6.02.52Z', s);
      shape(pen, disc(0.02, -0.22, 0.3, 0.27), s);
      shape(pen, 'M-.2-.4Q-.5-.42-.46-.2Q-.42 0-.16-.04Z', wired ? shade(s, 0.7) : { colour: [206, 206, 206] });
      flat(pen, disc(0.08, -0.22, 0.09, 0.12), [56, 56, 60], 0.85);
    });
};

/** A loudspeaker box with two cones. */
const speaker: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material ? smoothed(look) : look.choose('case', [BLACK, TIMBER, smoothed(look)]);
  slab(pen, look, [-0.55, -0.92, 0.98, 1.9], 0.24, s, 0.04);
  cone(pen, -0.06, -0.5, 0.25);
  cone(pen, -0.06, 0.34, 0.42);
  flat(pen, rectangle(-0.2, 0.84, 0.28, 0.06), [180, 182, 186]);
};

/** A small wireless speaker: a cloth-covered can or bar. */
const portableSpeaker: Plan = (pen, look) => {
  const s = smoothed(look, 0.15);
  const mesh = { ...s, texture: 'weave' as const, grain: 0.5, density: 3 };
  if (look.t('bar') > 0.55) {
    const path = shape(pen, rectangle(-0.98, 0.05, 1.96, 0.9, 0.42), mesh);
    print(pen, look, path, 1, true);
    for (const x of [-0.98, 0.76]) shape(pen, rectangle(x, 0.1, 0.22, 0.8, 0.11), shade(s, 0.6));
    flat(pen, rectangle(-0.2, 0.4, 0.4, 0.14, 0.03), contrast(s, [240, 240, 240]));
    return;
  }
  const path = shape(pen, 'M-.52-.7Q0-.86.52-.7V.86Q0 1.08-.52.86Z', mesh);
  print(pen, look, path, 1, true);
  shape(pen, disc(0, -0.7, 0.52, 0.16), shade(s, 0.7));
  pen.line(new Path2D(disc(0, -0.7, 0.36, 0.1)), [90, 210, 240], 0.035);
  shape(pen, rectangle(-0.12, 0.2, 0.24, 0.12, 0.03), BLACK);
};

/** A microphone: wire-mesh ball on a grip; or on a table stand. */
const microphone: Plan = (pen, look) => {
  const s = look.told.colour || look.told.material ? smoothed(look, 0.4) : BLACK;
  const mesh = { ...STEEL, texture: 'weave' as const, grain: 0.9, density: 3 };
  if (look.t('stand') > 0.6) {
    tube(pen, 'M0 .3V.9', IRON, 0.08);
    shape(pen, 'M-.5.9Q0 .8.5.9L.52.99H-.52Z', s);
    tube(pen, 'M-.4-.3Q-.42.36 0 .36Q.42.36.4-.3', IRON, 0.08);
    shape(pen, rectangle(-0.3, -0.95, 0.6, 1.15, 0.3), mesh);
    shape(pen, rectangle(-0.31, -0.34, 0.62, 0.12, 0.03), s);
    return;
  }
  lying(
    pen,
    look,
    () => {
      shape(pen, 'M-.2-.35H.2L.13.85Q0 1-.13.85Z', s);
      shape(pen, rectangle(-0.06, -0.06, 0.12, 0.22, 0.04), { colour: [200, 200, 204] });
      shape(pen, disc(0, -0.62, 0.33, 0.36), mesh);
      shape(pen, rectangle(-0.3, -0.46, 0.6, 0.14, 0.06), shade(s, 0.8));
    },
    0.7,
  );
};

export const WORDS = wordsOf([
  [
    'headphones, headphone, earphone, headset, gaming headset, over-ear headphones, ear protectors, earmuffs',
    headphones,
  ],
  ['earbuds, earbud, wireless earbuds, earphones, airpods, earpiece, earplugs, hearing aid', earbuds],
  [
    'speaker, loudspeaker, stereo speaker, subwoofer, bookshelf speaker, stereo, amplifier, sound system',
    speaker,
    { category: 'artefact' },
  ],
  ['bluetooth speaker, portable speaker, smart speaker, wireless speaker, soundbar', portableSpeaker],
  ['microphone, mike, mic, condenser microphone', microphone],
]);
