import { Path2D } from '@napi-rs/canvas';
import { lit } from '../../colour.js';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  BRASS,
  contrast,
  disc,
  display,
  flat,
  LEATHER,
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
  wordsOf,
} from '../sketch.js';

/** A belt, coiled or stretched, with its buckle. */
const belt: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? { ...look.main, gloss: 0.3 }
      : look.choose('hide', [LEATHER, { ...BLACK, texture: 'cells' as const, grain: 0.2 }, smoothed(look, 0.3)]);
  const metal = look.t('brass') > 0.5 ? BRASS : STEEL;
  pen.at(0, 0, 1, look.rng.range(-0.25, 0.25), () => {
    shape(
      pen,
      'M-.8.1Q-.8-.5 0-.5Q.86-.5.86.06Q.86.3.6.4L.56.16Q.66.06.6 0Q.4-.28 0-.28Q-.56-.28-.6.06Z',
      shade(s, 0.6),
    );
    shape(pen, 'M-.82.06Q-.7.5 0 .54Q.7.5.98.24V.54Q.7.8 0 .84Q-.76.8-.84.34Z', s);
    for (let i = 0; i < 4; i++) flat(pen, disc(0.2 + i * 0.14, 0.66 - i * 0.03, 0.03), [24, 22, 20]);
    stroke(pen, 'M-.74.42Q-.4.72 0 .76T.8.6', shade(s, 1.5).colour, 0.02, 0.7);
    tube(pen, rectangle(-0.42, 0.38, 0.46, 0.52, 0.08), metal, 0.09);
    tube(pen, 'M-.4.64H.06', metal, 0.06);
  });
};

/** An umbrella, open, or folded and tied. */
const umbrella: Plan = (pen, look) => {
  const s = {
    ...look.main,
    texture: look.told.material ? look.main.texture : ('fine' as const),
    grain: 0.12,
    gloss: 0.15,
  };
  if (look.rng.chance(0.2)) {
    lying(
      pen,
      look,
      () => {
        shape(pen, 'M-.02-1H.02V-.8H-.02Z', STEEL);
        const path = shape(pen, 'M0-.86Q.26-.2.18.46Q0 .56-.18.46Q-.26-.2 0-.86Z', s);
        print(pen, look, path);
        stroke(pen, 'M.02-.7Q.12-.2.04.46M-.08-.5Q-.12 0-.1.46', shade(s, 0.6).colour, 0.03);
        tube(pen, 'M0 .5V.86Q0 1 .14 1Q.26 1 .26.86', TIMBER, 0.09);
      },
      0.7,
    );
    return;
  }
  pen.at(0, 0, 1, look.rng.range(-0.35, 0.35), () => {
    tube(pen, 'M0-.8V.78Q0 .98.16.98Q.3.98.3.82', look.told.colour ? BLACK : TIMBER, 0.075);
    stroke(pen, 'M0-.98V-.86', [60, 60, 64], 0.05);
    const d =
      'M-.98.06Q-.94-.84 0-.88Q.94-.84.98.06Q.82-.1.66.04Q.5-.12.33.04Q.16-.12 0 .04Q-.16-.12-.33.04Q-.5-.12-.66.04Q-.82-.1-.98.06Z';
    const path = shape(pen, d, s);
    print(pen, look, path);
    pen.inside(path, () => {
      if (look.pattern === 'plain' && look.t('panels') > 0.6)
        flat(pen, 'M-.33.2Q-.3-.6 0-.9Q.3-.6.33.2Z', contrast(s, look.second.colour), 0.9);
      flat(pen, 'M.33.1Q.4-.5 0-.9Q1-.8 1 .1Z', shade(s, 0.6).colour, 0.25);
      stroke(
        pen,
        'M0-.88Q-.6-.5-.66.04M0-.88Q-.3-.4-.33.04M0-.88Q.3-.4.33.04M0-.88Q.6-.5.66.04',
        shade(s, 0.55).colour,
        0.025,
      );
    });
  });
};

/** Glasses, their lenses clear or dark. */
const glasses =
  (dark: boolean): Plan =>
  (pen, look) =>
    pen.at(0, 0.1, 1, look.rng.range(-0.25, 0.25), () => {
      const s =
        look.told.colour || look.told.material
          ? smoothed(look, 0.5)
          : look.choose('frame', [BLACK, BRASS, { colour: [110, 66, 36] as const, gloss: 0.5 }, smoothed(look, 0.5)]);
      const glass = dark
        ? { colour: look.told.colour ? lit(s.colour, 0.4) : ([40, 40, 48] as const), gloss: 0.7, clear: 0.08 }
        : { colour: [214, 230, 236] as const, gloss: 0.6, clear: 0.45 };
      const w = look.between('frame width', 0.08, 0.13);
      for (const side of [-1, 1])
        stroke(
          pen,
          `M${side * 0.92} -.12L${side * 0.8} -.5Q${side * 0.74} -.6 ${side * 0.6} -.56`,
          shade(s, 0.6).colour,
          w * 0.8,
        );
      const form = look.choose('form', ['round', 'square', 'aviator', 'cat'] as const);
      for (const side of [-1, 1] as const)
        pen.at(side * 0.5, 0, [side, 1], 0, () => {
          const d =
            form === 'round'
              ? disc(0, 0.08, 0.4, 0.38)
              : form === 'square'
                ? rectangle(-0.4, -0.22, 0.82, 0.58, 0.14)
                : form === 'aviator'
                  ? 'M-.36-.22H.3Q.48-.2.42.06Q.3.46 0 .46Q-.3.46-.38.06Q-.46-.2-.36-.22Z'
                  : 'M-.38-.12Q.1-.24.48-.3Q.46.34.06.38Q-.34.38-.38-.12Z';
          const path = shape(pen, d, glass, 0);
          pen.inside(path, () => flat(pen, 'M-.3-.4L.1-.4L-.2.5H-.5Z', [255, 255, 255], dark ? 0.25 : 0.4));
          pen.line(path, s.colour, w);
          pen.line(path, shade(s, 0.5).colour, w * 0.25, 0.5);
        });
      stroke(pen, form === 'aviator' ? 'M-.13-.14Q0-.2.13-.14M-.2-.22H.2' : 'M-.13 0Q0-.12.13 0', s.colour, w);
    });

/** A wrist watch: dial or display between two straps. */
const watch =
  (smart: boolean): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const strap =
          look.told.colour || look.told.material
            ? { ...look.main, gloss: 0.25 }
            : look.choose('strap', smart ? [BLACK, smoothed(look)] : [LEATHER, STEEL, BLACK, smoothed(look)]);
        const s = look.told.material ? look.main : look.choose('case', [STEEL, BRASS, STEEL, BLACK]);
        shape(pen, 'M-.26-.98H.26L.34-.4H-.34Z', strap);
        shape(pen, 'M-.34.4H.34L.24.98Q0 1.04-.24.98Z', strap);
        for (let i = 0; i < 4; i++) flat(pen, disc(0, 0.6 + i * 0.1, 0.03), [30, 28, 26]);
        if (strap === STEEL)
          for (let i = 0; i < 5; i++)
            stroke(pen, `M-.3 ${-0.9 + i * 0.11}H.3M-.3 ${0.5 + i * 0.11}H.3`, [110, 112, 118], 0.025);
        shape(pen, rectangle(0.48, -0.08, 0.12, 0.16, 0.03), s);
        if (smart) {
          shape(pen, rectangle(-0.5, -0.56, 1, 1.12, 0.26), look.told.material ? s : BLACK);
          display(pen, look, -0.4, -0.46, 0.8, 0.92, 0.18);
          return;
        }
        shape(pen, disc(0, 0, 0.54), s);
        const face = look.choose('face', [
          [244, 242, 234],
          [30, 32, 40],
          [40, 60, 110],
        ] as const);
        shape(pen, disc(0, 0, 0.44), { colour: face });
        const ink = contrast({ colour: face }, [40, 40, 44]);
        for (let i = 0; i < 12; i++)
          flat(pen, disc(Math.cos(i * 0.5236) * 0.36, Math.sin(i * 0.5236) * 0.36, i % 3 ? 0.022 : 0.04), ink);
        const a = look.rng.range(0, 6.28);
        stroke(pen, `M0 0L${Math.cos(a) * 0.22} ${Math.sin(a) * 0.22}`, ink, 0.055);
        stroke(pen, `M0 0L${Math.cos(a * 12) * 0.33} ${Math.sin(a * 12) * 0.33}`, ink, 0.035);
        flat(pen, disc(0, 0, 0.04), [200, 50, 40]);
      },
      0.6,
    );

/** A folding fan. */
const handFan: Plan = (pen, look) =>
  pen.at(0, 0.7, 1, look.rng.range(-0.3, 0.3), () => {
    const s = smoothed(look, 0.1);
    const path = shape(pen, 'M0 0L-1.0-.75A1.25 1.25 0 0 1 1.0-.75Z', s);
    print(pen, look, path);
    pen.inside(path, () => {
      for (let i = -7; i <= 7; i++)
        stroke(pen, `M0 0L${Math.sin(i * 0.13) * 1.3} ${-Math.cos(i * 0.13) * 1.3}`, shade(s, 0.6).colour, 0.025);
      pen.line(new Path2D(disc(0, 0, 0.5)), shade(s, 0.55).colour, 0.05);
    });
    shape(pen, disc(0, 0, 0.07), BRASS);
  });

export const WORDS = wordsOf([
  ['belt, waist belt, leather belt, sash belt, cummerbund, waistband', belt, { category: 'artefact' }],
  ['umbrella, parasol, sunshade, beach umbrella, golf umbrella', umbrella],
  ['sunglasses, dark glasses, shades, sunglass', glasses(true)],
  [
    'eyeglasses, spectacles, glasses, reading glasses, specs, eyeglass, goggles, safety glasses, bifocals',
    glasses(false),
  ],
  [
    'wristwatch, wrist watch, watch, analog watch, digital watch, stopwatch, pocket watch',
    watch(false),
    { category: 'artefact' },
  ],
  ['smart watch, smartwatch, fitness tracker, fitness band, activity tracker', watch(true)],
  ['hand fan, folding fan, paper fan', handFan],
]);
