import { Path2D } from '@napi-rs/canvas';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import {
  BLACK,
  disc,
  flat,
  lying,
  own,
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

const brass = (look: Look): Surface =>
  own(
    look,
    look.choose('brass', [
      [214, 170, 70],
      [226, 186, 92],
      [196, 198, 204],
    ] as const),
    { gloss: 0.75 },
  );

/** A drum from aside: shell, heads, cords or lugs, sticks. */
const drum =
  (kind: 'snare' | 'bongo'): Plan =>
  (pen, look) => {
    const s = smoothed(look, 0.4);
    if (kind === 'bongo') {
      for (const [x, w, h] of [
        [-0.36, 0.36, 1],
        [0.42, 0.44, 1.1],
      ] as const) {
        const path = shape(
          pen,
          `M${x - w} ${0.98 - h}L${x - w * 0.7} .92Q${x} 1.02 ${x + w * 0.7} .92L${x + w} ${0.98 - h}Z`,
          look.told.colour ? s : { ...TIMBER, colour: [150, 84, 44] },
        );
        print(pen, look, path, 1, true);
        shape(pen, disc(x, 0.98 - h, w, w * 0.34), { colour: [238, 226, 200] });
        stroke(pen, disc(x, 0.98 - h, w, w * 0.34), STEEL.colour, 0.05);
      }
      return;
    }
    const w = look.between('wide', 0.7, 0.85);
    const y = -0.2 + 0.2 * look.t('low');
    const b = look.between('deep', 0.72, 0.85);
    const path = shape(pen, `M${-w} ${y}V${b}Q0 ${b + 0.34} ${w} ${b}V${y}Z`, s);
    print(pen, look, path, 1, true);
    for (let i = -3; i <= 3; i++) {
      const x = Math.sin(i * 0.45) * w * 1.02;
      const dip = Math.cos(i * 0.45) * 0.2;
      if (look.t('cords') > 0.5 && i < 3) {
        const x2 = Math.sin((i + 1) * 0.45) * w * 1.02;
        stroke(
          pen,
          `M${x} ${y + dip}L${(x + x2) / 2} ${b + dip * 0.8}L${x2} ${y + Math.cos((i + 1) * 0.45) * 0.2}`,
          [240, 234, 220],
          0.035,
        );
      } else stroke(pen, `M${x} ${y + dip}V${b + dip * 0.7}`, STEEL.colour, 0.05);
    }
    const hoop = look.told.colour ? STEEL : look.t('cords') > 0.5 ? { colour: [212, 168, 72] as const } : STEEL;
    pen.line(new Path2D(`M${-w} ${b}Q0 ${b + 0.36} ${w} ${b}`), hoop.colour, 0.09);
    shape(pen, disc(0, y, w, w * 0.3), { colour: [244, 240, 228] });
    stroke(pen, disc(0, y, w, w * 0.3), hoop.colour, 0.08);
    for (const side of [-1, 1]) {
      const lift = look.rng.range(0, 0.2);
      tube(pen, `M${side * 0.14} ${y - 0.04}L${side * 0.8} ${y - 0.6 - lift}`, { colour: [206, 166, 112] }, 0.07);
      shape(pen, disc(side * 0.14, y - 0.04, 0.06), { colour: [206, 166, 112] });
    }
  };

/** A set of drums and cymbals. */
const drumKit: Plan = (pen, look) => {
  const s = smoothed(look, 0.5);
  const skin: Surface = { colour: [242, 238, 226] };
  for (const [x, y] of [
    [-0.8, -0.62],
    [0.78, -0.7],
  ] as const) {
    tube(pen, `M${x} ${y}L${x * 0.9} .95`, STEEL, 0.04);
    shape(pen, disc(x, y, 0.3, 0.09), { colour: [222, 184, 84], gloss: 0.7 });
  }
  for (const x of [-0.3, 0.3]) {
    shape(pen, `M${x - 0.26} -.42L${x - 0.24} -.08Q${x} .06 ${x + 0.24} -.08L${x + 0.26} -.42Z`, s);
    shape(pen, disc(x, -0.42, 0.26, 0.1), skin);
  }
  shape(pen, disc(0, 0.44, 0.52), shade(s, 0.8));
  shape(pen, disc(0, 0.44, 0.44), skin);
  shape(pen, disc(0, 0.44, 0.14), s);
  for (const x of [-0.72, 0.72]) {
    shape(pen, `M${x - 0.26} .26V.72Q${x} .86 ${x + 0.26} .72V.26Z`, s);
    shape(pen, disc(x, 0.26, 0.26, 0.09), skin);
    for (const k of [-0.2, 0.2]) stroke(pen, `M${x + k} .76V.98`, STEEL.colour, 0.04);
  }
};

/** A tambourine. */
const tambourine: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = look.told.colour ? smoothed(look) : TIMBER;
    shape(pen, disc(0, 0, 0.9, 0.84), s);
    shape(pen, disc(0, 0, 0.74, 0.68), { colour: [240, 232, 212] });
    for (let i = 0; i < 7; i++) {
      const [x, y] = [Math.cos(i * 0.8976) * 0.83, Math.sin(i * 0.8976) * 0.77];
      shape(pen, disc(x, y, 0.13, 0.1), { colour: [222, 184, 84], gloss: 0.7 });
      shape(pen, disc(x, y - 0.02, 0.05), shade(STEEL, 0.8));
    }
  });

/** A xylophone with mallets. */
const xylophone: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.3, 0.3), () => {
    const colours = [
      [214, 56, 50],
      [238, 140, 44],
      [246, 212, 70],
      [84, 170, 84],
      [64, 150, 210],
      [70, 90, 180],
      [140, 76, 170],
    ] as const;
    for (const k of [-1, 1])
      shape(pen, `M-.95 ${k * 0.42 - 0.06}L.95 ${k * 0.2 - 0.06}V${k * 0.2 + 0.06}L-.95 ${k * 0.42 + 0.06}Z`, TIMBER);
    colours.forEach((c, i) => {
      const h = 0.72 - i * 0.07;
      const s =
        look.told.colour || look.told.material ? shade(look.main, 0.8 + (i % 2) * 0.3) : { colour: c, gloss: 0.4 };
      shape(pen, rectangle(-0.92 + i * 0.27, -h, 0.2, 2 * h, 0.05), s);
      for (const y of [-h + 0.14, h - 0.14]) flat(pen, disc(-0.82 + i * 0.27, y, 0.035), [236, 236, 236]);
    });
    tube(pen, 'M-.6.9L.3-.1', { colour: [206, 166, 112] }, 0.05);
    shape(pen, disc(0.34, -0.14, 0.11), { colour: [206, 50, 60], gloss: 0.4 });
  });

/** A trumpet: bell, loops, three valves. */
const trumpet: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.4, 0.3), () => {
    const s = brass(look);
    tube(pen, 'M-.9-.12H.5', s, 0.09);
    tube(pen, 'M.4-.12Q.62-.1.6.12T.34.34H-.3Q-.52.34-.52.12T-.3-.12', s, 0.09);
    shape(pen, 'M.2-.18Q.7-.2.96-.52Q1.02-.12.96.28Q.7-.04.2-.06Z', s);
    shape(pen, disc(0.96, -0.12, 0.06, 0.4), shade(s, 0.55));
    for (const x of [-0.2, -0.03, 0.14]) {
      shape(pen, rectangle(x - 0.07, -0.24, 0.14, 0.66, 0.05), shade(s, 0.9));
      stroke(pen, `M${x} -.24V-.38`, STEEL.colour, 0.04);
      shape(pen, disc(x, -0.4, 0.07, 0.035), STEEL);
    }
    shape(pen, 'M-1-.2L-.86-.16V-.08L-1-.04Z', shade(STEEL, 1.1));
  });

/** A trombone, a French horn or a tuba, after their coils. */
const horn =
  (kind: 'trombone' | 'horn'): Plan =>
  (pen, look) =>
    pen.at(0, 0, 1, look.rng.range(-0.3, 0.2), () => {
      const s = brass(look);
      if (kind === 'trombone') {
        tube(pen, 'M-.3-.2H-.86Q-1-.2-1 0T-.86.2H.9Q1.02.2 1 .3T.9.42H-.5', s, 0.07);
        shape(pen, 'M-.4-.26H.3Q.7-.3.9-.62Q.98-.2.9.14Q.7-.1.3-.14H-.4Z', s);
        shape(pen, disc(0.9, -0.22, 0.07, 0.38), shade(s, 0.55));
        tube(pen, 'M-.4-.2V.42M-.1-.16V.2', s, 0.05);
        return;
      }
      for (const r of [0.56, 0.42, 0.28]) tube(pen, disc(-0.2, -0.1, r, r * 0.94), s, 0.09);
      tube(pen, 'M-.7-.3L-.9-.76', s, 0.07);
      shape(pen, 'M-.2.4Q.1.4.3.1L.98.3Q.9.9.3.98Q.3.6-.2.52Z', s);
      shape(pen, disc(0.64, 0.64, 0.42, 0.26), shade(s, 0.5));
      for (const [x, y] of [
        [-0.3, -0.1],
        [-0.14, -0.1],
        [0.02, -0.1],
      ] as const)
        shape(pen, disc(x, y, 0.07), STEEL);
    });

/** A saxophone: curved body, bell up, keys. */
const saxophone: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.25, 0.25), () => {
    const s = brass(look);
    tube(pen, 'M-.86-.62L-.6-.8Q-.4-.94-.3-.78', s, 0.08);
    shape(pen, 'M-.98-.56L-.8-.74L-.72-.66L-.88-.48Z', BLACK);
    shape(pen, 'M-.36-.8L-.24-.84L.0.5Q.1.76.26.72Q.38.66.38.3L.3-.1L.94-.34Q.8.0.78.4Q.76.98.24.99Q-.14.98-.22.6Z', s);
    shape(pen, disc(0.62, -0.22, 0.34, 0.1), shade(s, 0.5));
    for (let i = 0; i < 6; i++) {
      const y = -0.6 + i * 0.19;
      shape(pen, disc(-0.22 + i * 0.045, y, 0.075), shade(s, 1.25));
      flat(pen, disc(-0.22 + i * 0.045, y, 0.03), [250, 244, 226]);
    }
    stroke(pen, 'M-.08-.5L.14.5M.5.1L.56.6', shade(s, 0.55).colour, 0.035);
    shape(pen, disc(0.46, 0.36, 0.1), shade(s, 1.2));
  });

/** A flute, clarinet or recorder: a tube with holes and keys. */
const flute =
  (kind: 'flute' | 'clarinet' | 'recorder'): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const s =
          kind === 'flute'
            ? own(look, [204, 208, 214], { gloss: 0.8 })
            : kind === 'clarinet'
              ? own(look, [36, 34, 38], { gloss: 0.5 })
              : look.told.colour
                ? smoothed(look)
                : { ...TIMBER, gloss: 0.3 };
        if (kind === 'recorder') shape(pen, 'M-.1-1H.06L.13-.6V.8L.18 1H-.18L-.13.8V-.6Z', s);
        else if (kind === 'clarinet') shape(pen, 'M-.05-1H.05L.1-.74V.6Q.12.86.26 1H-.26Q-.12.86-.1.6V-.74Z', s);
        else shape(pen, rectangle(-0.09, -1, 0.18, 2, 0.05), s);
        if (kind === 'flute') {
          shape(pen, rectangle(-0.13, -0.84, 0.26, 0.18, 0.08), shade(s, 1.1));
          flat(pen, disc(0, -0.75, 0.055), [50, 50, 54]);
        }
        if (kind === 'recorder') {
          flat(pen, 'M-.05-.76H.05L.07-.62H-.07Z', [50, 34, 24]);
          for (const y of [-0.56, 0.68]) stroke(pen, `M-.13 ${y}H.13`, shade(s, 0.5).colour, 0.05);
          for (let i = 0; i < 7; i++) flat(pen, disc(0, -0.4 + i * 0.16, 0.04), [40, 26, 18]);
          return;
        }
        for (const y of [-0.56, 0.56]) shape(pen, rectangle(-0.12, y, 0.24, 0.07, 0.02), STEEL);
        stroke(pen, 'M.11-.4V.5', STEEL.colour, 0.035);
        for (let i = 0; i < 7; i++) {
          shape(pen, disc(i % 3 === 2 ? 0.08 : 0, -0.4 + i * 0.15, 0.075), kind === 'flute' ? shade(s, 1.15) : STEEL);
          flat(pen, disc(i % 3 === 2 ? 0.08 : 0, -0.4 + i * 0.15, 0.03), [90, 92, 98]);
        }
      },
      0.6,
      0.8,
    );

/** A harmonica. */
const harmonica: Plan = (pen, look) =>
  pen.at(0, 0.1, 1, look.rng.range(-0.3, 0.3), () => {
    const s = own(look, [206, 210, 216], { gloss: 0.8 });
    shape(pen, rectangle(-0.9, 0.02, 1.8, 0.3, 0.04), TIMBER);
    for (let i = 0; i < 10; i++) flat(pen, rectangle(-0.8 + i * 0.163, 0.08, 0.11, 0.17), [30, 24, 20]);
    shape(pen, 'M-.98.04Q-.98-.36-.8-.38H.8Q.98-.36.98.04Z', s);
    shape(pen, 'M-.98.3H.98Q.98.5.8.52H-.8Q-.98.5-.98.3Z', shade(s, 0.8));
    stroke(pen, 'M-.7-.26H.7V-.06H-.7Z', shade(s, 0.55).colour, 0.03);
    for (let i = 0; i < 6; i++) stroke(pen, `M${-0.5 + i * 0.2} -.2v.08`, shade(s, 0.5).colour, 0.035);
  });

/** A bell; a whistle. */
const bell: Plan = (pen, look) => {
  const s = own(look, [210, 166, 70], { gloss: 0.7 });
  pen.at(0, -0.6, 1, look.rng.range(-0.25, 0.25), () => {
    shape(pen, 'M-.09-.38Q0-.44.09-.38L.07.02H-.07Z', TIMBER);
    shape(pen, disc(0, 1.36, 0.15), shade(s, 0.6));
    shape(pen, 'M-.3.14Q-.24-.06 0-.06Q.24-.06.3.14Q.34.9.72 1.26Q0 1.42-.72 1.26Q-.34.9-.3.14Z', s);
    pen.line(new Path2D('M-.58 1.1Q0 1.24.58 1.1'), shade(s, 0.6).colour, 0.05);
  });
};

const whistle: Plan = (pen, look) =>
  pen.at(0, 0.1, 1, look.rng.range(-0.3, 0.3), () => {
    const s = smoothed(look, 0.6);
    stroke(pen, 'M-.6-.2Q-.9-.9-.3-.9T.3-.6', [40, 40, 44], 0.06);
    shape(pen, 'M-.3-.4H.95V.0H.2Q.3.7-.3.72Q-.86.66-.86.14Q-.84-.36-.3-.4Z', s);
    flat(pen, 'M.06-.4H.34L.16-.12H.02Z', [30, 30, 34]);
    shape(pen, disc(-0.3, 0.16, 0.26), shade(s, 0.75));
    shape(pen, disc(-0.62, -0.28, 0.1), STEEL);
  });

export const WORDS = wordsOf([
  [
    'drum, snare drum, bass drum, percussion instrument, drums, kettledrum, membranophone',
    drum('snare'),
    { category: 'artefact' },
  ],
  ['bongo, bongos, conga, tom-tom, djembe, bongo drum', drum('bongo'), { category: 'artefact' }],
  ['drum kit, drum set, drum kits, cymbal, cymbals', drumKit],
  ['tambourine, gong', tambourine],
  ['xylophone, marimba, glockenspiel, vibraphone', xylophone],
  ['trumpet, cornet, bugle, brass, flugelhorn, brass instrument', trumpet, { category: 'artefact' }],
  ['trombone', horn('trombone')],
  ['french horn, horn, tuba, sousaphone', horn('horn'), { category: 'artefact' }],
  ['saxophone, sax', saxophone],
  ['flute, fife, piccolo, wind instrument', flute('flute')],
  ['clarinet, oboe, bassoon, woodwind, english horn', flute('clarinet')],
  ['recorder, panpipe, pipe, tin whistle', flute('recorder'), { category: 'artefact' }],
  ['harmonica, mouth organ', harmonica],
  ['bell, hand bell, handbell, jingle bell, cowbell, dinner bell', bell, { category: 'artefact' }],
  ['whistle, referee whistle, sports whistle', whistle, { category: 'artefact' }],
]);
