import { Path2D } from '@napi-rs/canvas';
import type { Surface } from '../../pen.js';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  BRASS,
  cloth,
  contrast,
  disc,
  flat,
  GLASS,
  IRON,
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
  WHITE,
  wordsOf,
} from '../sketch.js';

/** A round padded bed for a pet. */
const petBed: Plan = (pen, look) => {
  const s: Surface = { ...cloth(look), grain: 0.3 };
  const path = shape(pen, 'M-.98.3Q-.9-.16 0-.2Q.9-.16.98.3Q1.02.9.5.96H-.5Q-1.02.9-.98.3Z', s);
  print(pen, look, path);
  shape(pen, disc(0, 0.3, 0.7, 0.3), shade(s, 0.5));
  shape(
    pen,
    disc(0, 0.4, 0.66, 0.22),
    look.told.colour ? { ...WHITE, texture: 'fur', grain: 0.5 } : { ...look.second, texture: 'fur', grain: 0.5 },
  );
  shape(pen, 'M-.5.5Q0 .74.5.5Q.5.96 0 .98Q-.5.96-.5.5Z', shade(s, 1.05));
  flat(pen, 'M-.1.72q-.06-.1.04-.1t.06.06t.06-.06t.04.1q.04.1-.1.1t-.1-.1Z', contrast(s, WHITE.colour));
};

/** A lead with a snap hook, coiled. */
const leash: Plan = (pen, look) => {
  const s = cloth(look);
  tube(pen, 'M.7-.9Q1.02-.7.8-.3Q.5.1-.2.0Q-.9-.1-.8.4Q-.7.9 0 .8Q.6.7.3.4Q0 .2-.3.5', s, 0.1);
  tube(pen, 'M.7-.9Q.3-1.0.3-.7Q.36-.4.76-.36', s, 0.1);
  shape(pen, disc(-0.36, 0.58, 0.1), STEEL);
  tube(pen, 'M-.4.66Q-.66.74-.6.9Q-.5 1-.36.9L-.38.74', STEEL, 0.06);
};

/** A collar with a buckle and a tag. */
const collar: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.2, 0.2), () => {
    const s = { ...cloth(look), gloss: 0.1 };
    shape(pen, 'M-.8-.1Q-.8-.6 0-.6T.8-.1Q.7-.36 0-.38T-.8-.1Z', shade(s, 0.55));
    const path = shape(pen, 'M-.84-.16Q-.7.2 0 .22T.84-.16V.12Q.7.5 0 .52T-.84.12Z', s);
    print(pen, look, path, 0.6);
    if (look.pattern === 'plain')
      for (let i = -3; i <= 3; i++) shape(pen, disc(i * 0.2, 0.36 - Math.abs(i) * 0.035, 0.05), STEEL);
    tube(pen, rectangle(-0.62, -0.06, 0.26, 0.4, 0.05), STEEL, 0.06);
    stroke(pen, disc(0, 0.58, 0.08), STEEL.colour, 0.04);
    shape(pen, disc(0, 0.8, 0.18), BRASS);
    flat(pen, 'M-.08.8q-.02-.08.04-.08t.04.04t.04-.04t.04.08q0 .06-.08.06t-.08-.06Z', [90, 64, 30]);
  });

/** A food bowl with a bone on it. */
const petBowl: Plan = (pen, look) => {
  const s = smoothed(look, 0.5);
  shape(pen, disc(0, 0.02, 0.74, 0.24), shade(s, 1.2));
  shape(pen, disc(0, 0.06, 0.62, 0.17), { colour: [128, 84, 52], texture: 'pebbles', grain: 0.7, density: 3 });
  shape(pen, 'M-.74.04Q0 .44.74.04L.95.86Q0 1.06-.95.86Z', s);
  const ink = contrast(s, WHITE.colour);
  flat(pen, rectangle(-0.26, 0.52, 0.52, 0.14), ink);
  for (const x of [-0.28, 0.28]) for (const y of [0.52, 0.66]) flat(pen, disc(x, y, 0.11), ink);
};

/** A scratching tree with platforms. */
const catTree: Plan = (pen, look) => {
  const s = { ...cloth(look), texture: 'fur' as const, grain: 0.4 };
  const rope: Surface = { colour: [206, 174, 122], texture: 'fine', grain: 0.5 };
  for (const [x, a, b] of [
    [-0.4, -0.3, 0.9],
    [0.4, -0.75, 0.9],
  ] as const) {
    shape(pen, rectangle(x - 0.1, a, 0.2, b - a), rope);
    for (let y = a + 0.05; y < b; y += 0.08)
      stroke(pen, `M${x - 0.1} ${y + 0.03}L${x + 0.1} ${y}`, [150, 120, 76], 0.02);
  }
  shape(pen, rectangle(-0.9, 0.86, 1.8, 0.13, 0.05), s);
  shape(pen, rectangle(-0.02, 0.32, 0.84, 0.54, 0.06), s);
  flat(pen, disc(0.4, 0.62, 0.19, 0.2), [34, 30, 28]);
  shape(pen, 'M-.86-.32Q-.4-.16.1-.32V-.18Q-.4.0-.86-.18Z', s);
  shape(pen, 'M.02-.8Q.4-.62.8-.8V-.62Q.4-.46.02-.62Z', s);
  stroke(pen, 'M-.7-.2Q-.74.1-.7.3', [120, 120, 120], 0.02);
  shape(pen, disc(-0.7, 0.36, 0.1), look.told.colour ? BLACK : look.second);
};

/** A cage with a dome and a perch. */
const birdCage: Plan = (pen, look) => {
  const s = look.told.colour || look.told.material ? smoothed(look, 0.5) : BRASS;
  stroke(pen, disc(0, -0.92, 0.08), s.colour, 0.05);
  stroke(pen, 'M-.3.2H.3M-.2.2V-.4M.2.2V-.4', [150, 110, 70], 0.045);
  for (let i = -4; i <= 4; i++)
    stroke(pen, `M${i * 0.16} .86V-.2Q${i * 0.14} -.8 0-.84`, shade(s, i % 2 ? 0.8 : 1).colour, 0.035);
  for (const y of [-0.22, 0.32]) stroke(pen, `M-.66 ${y}Q0 ${y + 0.12} .66 ${y}`, s.colour, 0.045);
  shape(pen, 'M-.72.8Q0 .92.72.8V.94Q0 1.06-.72.94Z', s);
};

/** A tank of water with fish and plants. */
const aquarium: Plan = (pen, look) => {
  const frame = look.told.colour ? smoothed(look) : BLACK;
  const path = slab(pen, look, [-0.94, -0.5, 1.72, 1.42], 0.18, { colour: [120, 190, 220], gloss: 0.3 }, 0.02);
  pen.inside(path, () => {
    flat(pen, 'M-1 .7Q-.4.6 0 .7T1 .68V1H-1Z', [206, 180, 130]);
    for (const [x, h] of [
      [-0.7, 0.7],
      [-0.56, 0.5],
      [0.5, 0.6],
      [0.62, 0.8],
    ] as const)
      stroke(pen, `M${x} .76Q${x + 0.12} ${0.76 - h / 2} ${x} ${0.76 - h}`, [60, 140, 70], 0.08);
    for (let i = 0; i < 3; i++) {
      const [x, y] = [-0.4 + i * 0.36 + look.rng.normal() * 0.08, -0.14 + ((i * 2) % 3) * 0.26];
      pen.at(x, y, [look.rng.chance(0.5) ? 1 : -1, 1], 0, () => {
        flat(
          pen,
          'M-.18 0Q0-.16.16 0Q0 .16-.18 0ZM-.14 0L-.3-.1V.1Z',
          [
            [240, 130, 40],
            [246, 210, 60],
            [220, 70, 90],
          ][i] as [number, number, number],
        );
        flat(pen, disc(0.08, -0.02, 0.022), [20, 20, 20]);
      });
    }
    for (let i = 0; i < 5; i++)
      stroke(pen, disc(0.2 + look.rng.normal() * 0.04, -0.3 + i * 0.2, 0.03), [236, 246, 250], 0.015);
    flat(pen, rectangle(-1, -0.5, 2, 0.1), [214, 236, 244]);
  });
  stroke(pen, rectangle(-0.94, -0.5, 1.72, 1.42), frame.colour, 0.05);
  shape(pen, rectangle(-0.97, 0.88, 1.78, 0.1), frame);
  shape(pen, rectangle(-0.97, -0.58, 1.78, 0.1), frame);
};

/** A pushchair: seat, hood, wheels, handle. */
const stroller: Plan = (pen, look) => {
  const s = { ...cloth(look), texture: 'fine' as const, grain: 0.15 };
  tube(pen, 'M-.96-.5L-.7-.5L.4.72M-.2-.06L-.5.74M.56.1L.1.5', IRON, 0.06);
  shape(pen, rectangle(-1, -0.56, 0.24, 0.11, 0.05), BLACK);
  const path = shape(pen, 'M-.44.0Q-.5-.86.34-.86L.26-.04Z', s);
  print(pen, look, path);
  stroke(pen, 'M-.3-.02Q-.3-.6.32-.84M-.1-.02Q0-.5.34-.84', shade(s, 0.5).colour, 0.03);
  shape(pen, 'M-.44 0H.26Q.3.26.66.2L.8.32Q.6.5.1.46Q-.4.44-.44 0Z', shade(s, 0.8));
  tube(pen, 'M.3-.02Q.5-.2.64 0', BLACK, 0.06);
  for (const [x, r] of [
    [-0.5, 0.25],
    [0.48, 0.22],
  ] as const) {
    shape(pen, disc(x, 0.98 - r, r), BLACK);
    shape(pen, disc(x, 0.98 - r, r * 0.6), STEEL);
    shape(pen, disc(x, 0.98 - r, r * 0.2), BLACK);
  }
};

/** A child's seat for the car: shell, cushion, belts. */
const carSeat: Plan = (pen, look) => {
  const s = cloth(look);
  shape(pen, 'M-.7-.5Q-.6-.98 0-.98Q.6-.98.7-.5L.76.4Q.94.5.9.86Q.86.98.7.98H-.7Q-.86.98-.9.86Q-.94.5-.76.4Z', BLACK);
  const path = shape(pen, 'M-.5-.5Q-.44-.86 0-.86Q.44-.86.5-.5L.5.3Q.76.44.7.78H-.7Q-.76.44-.5.3Z', s);
  print(pen, look, path);
  for (const side of [-1, 1]) {
    shape(pen, `M${side * 0.34} -.7Q${side * 0.64} -.6 ${side * 0.58} -.1L${side * 0.42} -.1Z`, shade(s, 0.75));
    stroke(pen, `M${side * 0.2} -.56L${side * 0.1} .34`, [46, 46, 50], 0.1);
  }
  shape(pen, 'M-.5.34Q0 .5.5.34Q.7.6.66.78H-.66Q-.7.6-.5.34Z', shade(s, 0.85));
  stroke(pen, 'M0 .4V.66', [46, 46, 50], 0.1);
  shape(pen, disc(0, 0.36, 0.11), { colour: [206, 50, 44] });
};

/** A feeding bottle. */
const babyBottle: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.4, 0.4), () => {
    const s = smoothed(look, 0.4);
    shape(pen, 'M-.07-.96Q0-1.02.07-.96L.1-.74Q.26-.7.28-.56H-.28Q-.26-.7-.1-.74Z', {
      colour: [226, 190, 140],
      clear: 0.1,
    });
    const path = shape(
      pen,
      'M-.3-.4H.3Q.42-.3.42-.1Q.3.2.42.5V.86Q.42 1 .28 1H-.28Q-.42 1-.42.86V.5Q-.3.2-.42-.1Q-.42-.3-.3-.4Z',
      { ...GLASS, clear: 0.2 },
    );
    pen.inside(path, () => flat(pen, rectangle(-0.5, 0.0, 1, 1.1), [250, 248, 240]));
    stroke(
      pen,
      'M-.3-.4H.3Q.42-.3.42-.1Q.3.2.42.5V.86Q.42 1 .28 1H-.28Q-.42 1-.42.86V.5Q-.3.2-.42-.1Q-.42-.3-.3-.4Z',
      [130, 150, 160],
      0.025,
    );
    for (let i = 0; i < 6; i++) stroke(pen, `M.36 ${0 + i * 0.15}H${i % 2 ? 0.22 : 0.12}`, s.colour, 0.03);
    shape(pen, disc(-0.1, 0.5, 0.14), s);
    shape(pen, rectangle(-0.34, -0.58, 0.68, 0.22, 0.05), s);
  });

/** A dummy: shield, teat, ring. */
const pacifier: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.5, 0.5), () => {
    const s = smoothed(look, 0.4);
    shape(pen, 'M-.16-.2Q-.1-.5-.24-.7Q-.2-.98 0-.98Q.2-.98.24-.7Q.1-.5.16-.2Z', {
      colour: [230, 186, 128],
      gloss: 0.4,
      clear: 0.1,
    });
    pen.line(new Path2D(disc(0, 0.6, 0.34, 0.34)), shade(s, 0.6).colour, 0.17);
    pen.line(new Path2D(disc(0, 0.6, 0.34, 0.34)), s.colour, 0.12);
    shape(pen, 'M-.85-.12Q-.8-.36-.4-.28Q0-.14.4-.28Q.8-.36.85-.12Q.86.28.4.3Q0 .2-.4.3Q-.86.28-.85-.12Z', s);
    for (const x of [-0.58, 0.58]) flat(pen, disc(x, 0, 0.09), shade(s, 0.45).colour);
    shape(pen, disc(0, 0.06, 0.24), shade(s, 1.2));
  });

/** A high chair with a tray. */
const highChair: Plan = (pen, look) => {
  const s = smoothed(look, 0.3);
  const legs = look.t('wooden') > 0.4 ? TIMBER : WHITE;
  for (const [a, b] of [
    [-0.3, -0.6],
    [0.3, 0.6],
  ] as const)
    tube(pen, `M${a} .3L${b} 1`, shade(legs, 0.8), 0.08);
  tube(pen, 'M-.46.72H.46', legs, 0.07);
  const path = shape(pen, 'M-.36-.96Q0-1.02.36-.96L.42.0H-.42Z', s);
  print(pen, look, path, 1, true);
  shape(pen, 'M-.46 0H.46L.5.24H-.5Z', shade(s, 0.7));
  shape(pen, 'M-.7-.14Q0-.24.7-.14L.78.06Q0 .16-.78.06Z', WHITE);
  for (const side of [-1, 1]) tube(pen, `M${side * 0.42} .22L${side * 0.68} 1`, legs, 0.09);
};

export const WORDS = wordsOf([
  ['dog bed, pet bed, cat bed, cat basket', petBed],
  ['leash, dog leash, dog lead, lead, tether, rein', leash, { category: 'artefact' }],
  ['collar, dog collar, cat collar, pet collar', collar, { category: 'artefact' }],
  ['pet bowl, dog bowl, food bowl, cat bowl, dog food bowl', petBowl],
  ['cat tree, scratching post, cat tower, cat scratcher', catTree],
  ['bird cage, birdcage, cage, hamster cage, aviary', birdCage, { category: 'artefact' }],
  ['aquarium, fish tank, fishbowl, terrarium', aquarium, { category: 'artefact' }],
  ['stroller, pushchair, baby carriage, pram, baby buggy, buggy, perambulator, carrycot', stroller],
  ['car seat, child seat, baby seat, booster seat, infant carrier', carSeat],
  ['baby bottle, feeding bottle, nursing bottle, sippy cup', babyBottle],
  ['pacifier, dummy, soother, baby pacifier, teething ring, teether', pacifier, { category: 'artefact' }],
  ['high chair, highchair, feeding chair, baby chair', highChair],
]);
