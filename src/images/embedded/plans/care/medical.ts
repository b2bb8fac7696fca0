import { Path2D } from '@napi-rs/canvas';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  cloth,
  contrast,
  disc,
  flat,
  GLASS,
  IRON,
  lying,
  own,
  print,
  rectangle,
  STEEL,
  shade,
  shape,
  slab,
  smoothed,
  stroke,
  tube,
  WHITE,
  wordsOf,
} from '../sketch.js';

/** A thermometer: digital stick or glass with a red thread. */
const thermometer: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour ? smoothed(look, 0.4) : WHITE;
      if (look.t('glass') > 0.5) {
        shape(pen, rectangle(-0.17, -0.98, 0.34, 1.7, 0.17), s);
        for (let i = 0; i < 11; i++) stroke(pen, `M.15 ${-0.8 + i * 0.12}H${i % 2 ? 0.08 : 0.03}`, [60, 60, 64], 0.02);
        const level = look.rng.range(-0.5, 0.2);
        stroke(pen, `M-.03 ${level}V.7`, [206, 40, 40], 0.08);
        shape(pen, disc(-0.02, 0.78, 0.2), { colour: [206, 40, 40], gloss: 0.6 });
        return;
      }
      shape(pen, 'M-.05.4H.05L.03.98H-.03Z', STEEL);
      shape(pen, 'M-.2-.9Q0-1.04.2-.9V.2Q.16.46.06.5H-.06Q-.16.46-.2.2Z', s);
      shape(pen, rectangle(-0.13, -0.56, 0.26, 0.5, 0.04), { colour: [176, 204, 180] });
      for (const y of [-0.46, -0.32, -0.18])
        stroke(pen, `M-.05 ${y - 0.04}H.05M0 ${y - 0.04}V${y + 0.05}`, [40, 50, 44], 0.025);
      shape(pen, disc(0, -0.76, 0.08), look.told.colour ? WHITE : look.second);
    },
    0.7,
  );

/** A syringe. */
const syringe: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const push = look.rng.range(0, 0.3);
      stroke(pen, 'M0-1V-.6', [180, 184, 190], 0.03);
      shape(pen, 'M-.06-.66H.06L.1-.5H-.1Z', look.told.colour ? smoothed(look) : { colour: [90, 150, 200] });
      shape(pen, `M-.05 ${0.1 + push}H.05V${0.76 + push * 0.7}H-.05Z`, WHITE);
      shape(pen, rectangle(-0.22, 0.74 + push * 0.7, 0.44, 0.08, 0.03), WHITE);
      flat(pen, rectangle(-0.17, -0.46, 0.34, 0.5 + push), look.told.colour ? look.main.colour : [120, 190, 220], 0.9);
      shape(pen, rectangle(-0.18, -0.5, 0.36, 1.02, 0.03), { ...GLASS, clear: 0.6 });
      shape(pen, rectangle(-0.17, 0.02 + push, 0.34, 0.1), BLACK);
      shape(pen, rectangle(-0.36, 0.48, 0.72, 0.07, 0.03), WHITE);
      for (let i = 0; i < 7; i++) stroke(pen, `M.18 ${-0.4 + i * 0.12}H${i % 2 ? 0.1 : 0.04}`, [60, 70, 80], 0.02);
    },
    0.9,
  );

/** A stethoscope. */
const stethoscope: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.3, 0.3), () => {
    const s = smoothed(look, 0.4);
    tube(pen, 'M-.46-.9Q-.7-.3-.3.1Q0 .3.3.1Q.7-.3.46-.9', STEEL, 0.07);
    tube(pen, 'M-.36.0Q0 .36.36 0M0 .2V.5Q0 .94.4.9T.66.5', s, 0.12);
    for (const x of [-0.46, 0.46]) shape(pen, disc(x, -0.92, 0.09), BLACK);
    shape(pen, disc(0.66, 0.36, 0.25), STEEL);
    shape(pen, disc(0.66, 0.36, 0.16), { colour: [226, 228, 230] });
  });

/** A crutch, a walking stick. */
const crutch =
  (kind: 'crutch' | 'cane'): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const s =
          look.told.colour || look.told.material
            ? smoothed(look, 0.4)
            : kind === 'cane'
              ? { colour: [126, 78, 44] as const, texture: 'wood' as const, grain: 0.3 }
              : STEEL;
        if (kind === 'cane') {
          tube(pen, 'M0 .92V-.6Q0-.94.24-.94T.46-.66', s, 0.13);
          shape(pen, rectangle(-0.07, 0.86, 0.14, 0.13, 0.03), BLACK);
          return;
        }
        tube(pen, 'M-.22-.86L-.08.36V.7M.22-.86L.08.36V.7', s, 0.07);
        tube(pen, 'M0 .3V.92', s, 0.08);
        shape(pen, 'M-.34-.86Q0-.78.34-.86Q.36-1 .3-.99Q0-.92-.3-.99Q-.36-1-.34-.86Z', { colour: [120, 120, 124] });
        shape(pen, rectangle(-0.2, -0.22, 0.4, 0.1, 0.05), BLACK);
        shape(pen, rectangle(-0.08, 0.88, 0.16, 0.11, 0.03), BLACK);
      },
      0.4,
    );

/** A sticking plaster, or a roll of bandage. */
const bandage: Plan = (pen, look) => {
  const s = own(look, [226, 182, 142], {});
  if (look.t('roll') > 0.6) {
    const c = look.told.colour
      ? cloth(look)
      : { colour: [240, 236, 226] as const, texture: 'weave' as const, grain: 0.4, density: 3 };
    shape(pen, 'M-.2.3H.9Q1 .6.94.9H-.2Z', shade(c, 0.95));
    shape(pen, 'M-.76-.3Q-.76-.5 0-.5T.6-.3V.7Q.6.9-.1.9T-.76.7Z', c);
    shape(pen, disc(-0.08, -0.3, 0.68, 0.24), shade(c, 1.1));
    for (const r of [0.5, 0.32, 0.16])
      pen.line(new Path2D(disc(-0.08, -0.3, r, r * 0.36)), shade(c, 0.6).colour, 0.025);
    return;
  }
  lying(
    pen,
    look,
    () => {
      const path = shape(pen, rectangle(-0.95, -0.34, 1.9, 0.68, 0.34), s);
      print(pen, look, path, 1, true);
      shape(pen, rectangle(-0.32, -0.32, 0.64, 0.64, 0.04), shade(s, 1.3));
      for (let i = 0; i < 9; i++)
        flat(pen, disc(-0.18 + (i % 3) * 0.18, -0.18 + Math.floor(i / 3) * 0.18, 0.035), shade(s, 0.7).colour);
      for (const x of [-0.62, 0.62]) for (const y of [-0.1, 0.1]) flat(pen, disc(x, y, 0.035), shade(s, 0.7).colour);
    },
    0.8,
  );
};

/** A pill bottle with its label, pills beside it. */
const pillBottle: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('bottle', [
      [226, 128, 40],
      [240, 240, 236],
    ] as const),
    { gloss: 0.5, clear: 0.08 },
  );
  shape(pen, rectangle(-0.46, -0.6, 0.92, 1.58, 0.1), s);
  shape(pen, rectangle(-0.46, -0.14, 0.92, 0.8), { colour: [250, 249, 244] });
  flat(pen, rectangle(-0.46, -0.14, 0.92, 0.18), look.told.colour ? [60, 110, 180] : look.second.colour);
  for (let i = 0; i < 4; i++) flat(pen, rectangle(-0.36, 0.14 + i * 0.12, i % 2 ? 0.5 : 0.7, 0.045), [90, 94, 100]);
  shape(pen, rectangle(-0.54, -0.94, 1.08, 0.36, 0.06), WHITE);
  for (let i = 0; i < 11; i++) stroke(pen, `M${-0.48 + i * 0.096} -.88V-.64`, [190, 190, 190], 0.025);
  for (const [x, y, turn] of [
    [0.72, 0.9, 0.3],
    [0.86, 0.7, 1],
    [-0.74, 0.92, -0.4],
  ] as const)
    pen.at(x, y, 1, turn, () => {
      shape(pen, rectangle(-0.15, -0.07, 0.3, 0.14, 0.07), WHITE);
      shape(pen, 'M0-.07H-.08Q-.15-.07-.15 0T-.08.07H0Z', { colour: [214, 60, 60], gloss: 0.5 });
    });
};

/** A face mask with ear loops. */
const faceMask: Plan = (pen, look) =>
  pen.at(0, 0.05, 1, look.rng.range(-0.25, 0.25), () => {
    const s =
      look.told.colour || look.told.pattern
        ? cloth(look, 0.15)
        : {
            ...cloth(look, 0.15),
            colour: look.choose('mask', [
              [140, 190, 220],
              [240, 242, 242],
              [40, 40, 44],
            ] as const),
          };
    for (const side of [-1, 1])
      stroke(
        pen,
        `M${side * 0.62} -.4Q${side * 1.06} -.5 ${side * 0.98} .0Q${side * 1} .4 ${side * 0.6} .44`,
        [226, 226, 222],
        0.06,
      );
    const path = shape(
      pen,
      'M-.66-.46Q-.3-.52 0-.6Q.3-.52.66-.46Q.72 0 .62.46Q.3.66 0 .68Q-.3.66-.62.46Q-.72 0-.66-.46Z',
      s,
    );
    print(pen, look, path, 0.8);
    for (const y of [-0.2, 0.04, 0.28]) stroke(pen, `M-.66 ${y}Q0 ${y + 0.12} .66 ${y}`, shade(s, 0.6).colour, 0.04);
    stroke(pen, 'M-.2-.5Q0-.6.2-.5', shade(s, 0.5).colour, 0.05);
  });

/** A box with a cross on it. */
const firstAidKit: Plan = (pen, look) => {
  const s = own(look, [206, 44, 44], { gloss: 0.35 });
  tube(pen, 'M-.26-.4V-.58Q-.26-.68-.16-.68H.1Q.2-.68.2-.58V-.4', BLACK, 0.11);
  slab(pen, look, [-0.92, -0.44, 1.7, 1.4], 0.16, s, 0.12);
  const c = contrast(s, WHITE.colour);
  flat(pen, 'M-.17-.14H.03V.16H.33V.36H.03V.66H-.17V.36H-.47V.16H-.17Z', c);
};

/** A wheelchair. */
const wheelchair: Plan = (pen, look) => {
  const s = cloth(look);
  tube(pen, 'M-.6-.8H-.8M-.5-.9V.3H.3L.5.8H.7', IRON, 0.08);
  shape(pen, 'M-.6-.78H-.44L-.4.16H-.58Z', s);
  shape(pen, 'M-.5.1H.36Q.42.24.3.28H-.5Z', s);
  tube(pen, 'M-.5-.2H.2V.1', IRON, 0.07);
  stroke(pen, disc(-0.22, 0.44, 0.52), [34, 34, 38], 0.1);
  stroke(pen, disc(-0.22, 0.44, 0.42), [170, 172, 178], 0.03);
  for (let i = 0; i < 6; i++)
    stroke(
      pen,
      `M-.22.44L${-0.22 + Math.cos(i * 1.047) * 0.46} ${0.44 + Math.sin(i * 1.047) * 0.46}`,
      [170, 172, 178],
      0.02,
    );
  shape(pen, disc(0.44, 0.84, 0.14), BLACK);
};

/** A microscope. */
const microscope: Plan = (pen, look) => {
  const s = look.told.colour ? smoothed(look, 0.4) : look.choose('body', [WHITE, smoothed(look, 0.4)]);
  shape(pen, 'M-.7.84Q0 .76.7.84L.74.98H-.74Z', s);
  shape(pen, 'M-.5.84Q-.7.0-.2-.4L-.04-.26Q-.4.1-.24.84Z', s);
  shape(pen, rectangle(-0.26, 0.4, 0.8, 0.1, 0.03), BLACK);
  pen.at(0.1, -0.26, 1, 0.35, () => {
    shape(pen, rectangle(-0.12, -0.62, 0.24, 0.7, 0.04), s);
    shape(pen, rectangle(-0.1, -0.78, 0.2, 0.18, 0.03), BLACK);
    shape(pen, 'M-.16.06H.16L.1.3H-.1Z', BLACK);
    shape(pen, rectangle(-0.05, 0.3, 0.1, 0.22), STEEL);
  });
  shape(pen, disc(-0.44, 0.3, 0.13), IRON);
};

export const WORDS = wordsOf([
  ['thermometer, clinical thermometer, digital thermometer, fever thermometer', thermometer],
  ['syringe, hypodermic syringe, hypodermic needle, injection', syringe],
  ['stethoscope', stethoscope],
  ['crutch, crutches', crutch('crutch')],
  ['walking stick, cane, walking cane, walking sticks', crutch('cane'), { category: 'artefact' }],
  [
    'bandage, plaster, band aid, adhesive bandage, band-aid, elastic bandage, gauze bandage, dressing',
    bandage,
    { category: 'artefact' },
  ],
  ['pill bottle, medicine bottle, vitamin bottle, medicine, pill, tablet bottle', pillBottle, { category: 'artefact' }],
  ['face mask, surgical mask, mask, respirator, dust mask', faceMask, { category: 'artefact' }],
  ['first aid kit, first-aid kit, medical kit', firstAidKit],
  ['wheelchair', wheelchair],
  ['microscope', microscope],
]);
