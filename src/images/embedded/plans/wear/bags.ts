import type { Pen, Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import {
  BLACK,
  BRASS,
  cloth,
  contrast,
  disc,
  flat,
  folds,
  IRON,
  print,
  rectangle,
  STEEL,
  shade,
  shape,
  slab,
  smoothed,
  stroke,
  tube,
  wordsOf,
} from '../sketch.js';

/** Cloth or leather, as told or as the concept has it. */
const hide = (look: Look): Surface =>
  look.told.material
    ? look.main
    : look.t('leather') > 0.6
      ? { ...look.main, texture: 'cells', grain: 0.2, density: 2, gloss: 0.25 }
      : cloth(look);

/** A slider along a seam. */
function zip(pen: Pen, d: string, [x, y]: readonly [number, number]): void {
  stroke(pen, d, [52, 52, 56], 0.05);
  stroke(pen, d, [176, 178, 184], 0.02);
  shape(pen, rectangle(x - 0.03, y, 0.06, 0.16, 0.03), STEEL);
}

/** A backpack: straps behind, grab handle, front pocket. */
const backpack: Plan = (pen, look) => {
  const s = cloth(look, 0.25);
  const strap = shade(s, 0.65);
  if (look.view !== 'front') tube(pen, 'M-.5-.5Q-.98-.2-.9.3Q-.86.7-.55.85', strap, 0.15);
  tube(pen, 'M-.18-.8Q-.16-1 0-1Q.16-1 .18-.8', strap, 0.09);
  for (const x of [-1, 1])
    shape(pen, `M${x * 0.58} .2Q${x * 0.82} .2 ${x * 0.82} .5V.8Q${x * 0.8} .94 ${x * 0.58} .94Z`, shade(s, 0.75));
  const path = shape(pen, 'M-.66.1Q-.7-.85 0-.9Q.7-.85.66.1V.82Q.66 1 .46 1H-.46Q-.66 1-.66.82Z', s);
  print(pen, look, path);
  zip(pen, 'M-.56.12Q-.58-.66 0-.7Q.58-.66.56.12', [0.5, -0.2]);
  const pocket = shape(
    pen,
    'M-.48.3Q-.48.18-.36.18H.36Q.48.18.48.3V.8Q.48.92.36.92H-.36Q-.48.92-.48.8Z',
    look.t('two colours') > 0.55 && !look.told.colour ? look.second : shade(s, 0.88),
  );
  if (!(look.t('two colours') > 0.55)) print(pen, look, pocket, 1, true);
  zip(pen, 'M-.42.32H.42', [0.3, 0.34]);
  shape(pen, rectangle(-0.13, -0.32, 0.26, 0.18, 0.03), contrastSurface(s, look));
};

const contrastSurface = (s: Surface, look: Look): Surface => ({ colour: contrast(s, look.second.colour) });

/** A tote: open sack with two long handles. */
const tote: Plan = (pen, look) => {
  const s = cloth(look, 0.25);
  tube(pen, 'M-.36-.1Q-.4-.9-.02-.92Q.36-.9.3-.1', shade(s, 0.6), 0.11);
  shape(pen, 'M-.7-.14Q0-.24.7-.14L.6.1H-.6Z', shade(s, 0.5));
  const path = shape(pen, 'M-.72-.14Q0 0 .72-.14L.8.92Q0 1.06-.8.92Z', s);
  print(pen, look, path);
  folds(pen, path, s, ['M-.5.0Q-.44.5-.56.9', 'M.56.1Q.48.6.6.95']);
  if (look.t('print') > 0.45 && look.pattern === 'plain') shape(pen, disc(0, 0.42, 0.26), contrastSurface(s, look));
  tube(pen, 'M-.34.06Q-.4-.76-.04-.78Q.32-.76.34.06', s, 0.12);
};

/** A handbag: structured body, flap or clasp, short handle. */
const handbag: Plan = (pen, look) => {
  const s = { ...hide(look), gloss: 0.35 };
  tube(pen, `M-.42-.1Q-.44-.92 0-.92Q.44-.92.42-.1`, shade(s, 0.75), 0.12);
  const path = shape(pen, 'M-.68-.16Q0-.26.68-.16L.9.8Q.9.98.72.98H-.72Q-.9.98-.9.8Z', s);
  print(pen, look, path);
  if (look.t('flap') > 0.45) {
    shape(pen, 'M-.7-.18Q0-.28.7-.18L.76.2Q.4.5 0 .5Q-.4.5-.76.2Z', shade(s, 1.12));
    shape(pen, rectangle(-0.11, 0.36, 0.22, 0.2, 0.04), BRASS);
  } else {
    zip(pen, 'M-.66-.06Q0-.16.66-.06', [0.4, -0.08]);
    stroke(pen, 'M-.8.5Q0 .6.8.5', shade(s, 0.6).colour, 0.03);
    shape(pen, disc(0, 0.3, 0.11), BRASS);
  }
  for (const x of [-0.42, 0.42]) shape(pen, disc(x, -0.06, 0.08), BRASS);
};

/** A messenger or shoulder bag: wide flap, buckles, long strap. */
const messengerBag: Plan = (pen, look) => {
  const s = hide(look);
  tube(pen, 'M-.82.1Q-.7-1 0-.98Q.7-1 .82.1', shade(s, 0.6), 0.12);
  shape(pen, rectangle(-0.92, -0.16, 1.84, 1.12, 0.12), shade(s, 0.75));
  const path = shape(pen, 'M-.95-.1Q-.95-.24-.8-.24H.8Q.95-.24.95-.1V.5Q.95.62.8.62H-.8Q-.95.62-.95.5Z', s);
  print(pen, look, path);
  for (const x of [-0.5, 0.5]) {
    shape(pen, rectangle(x - 0.09, 0.2, 0.18, 0.62, 0.03), shade(s, 0.6));
    shape(pen, rectangle(x - 0.13, 0.5, 0.26, 0.18, 0.03), look.told.colour ? STEEL : BRASS);
  }
};

/** A duffel or sports bag: a lying barrel with two handles. */
const duffel: Plan = (pen, look) => {
  const s = cloth(look, 0.25);
  tube(pen, 'M-.42 0Q-.36-.62 0-.62Q.36-.62.42 0', shade(s, 0.55), 0.1);
  const path = shape(pen, 'M-.72-.22H.72Q1-.2 1 .36Q1 .94.72.96H-.72Q-1 .94-1 .36Q-1-.2-.72-.22Z', s);
  print(pen, look, path);
  shape(pen, 'M-.7-.22Q-1-.2-1 .36Q-1 .94-.7.96Q-.84.36-.7-.22Z', shade(s, 0.7));
  shape(pen, 'M.7-.22Q1-.2 1 .36Q1 .94.7.96Q.84.36.7-.22Z', shade(s, 0.7));
  zip(pen, 'M-.7-.1H.7', [0.5, -0.1]);
  for (const x of [-0.42, 0.42]) flat(pen, rectangle(x - 0.055, -0.18, 0.11, 1.13), shade(s, 0.55).colour);
  tube(pen, 'M-.42.1Q-.36-.44 0-.44Q.36-.44.42.1', shade(s, 0.55), 0.1);
  shape(pen, rectangle(-0.22, 0.3, 0.44, 0.3, 0.04), contrastSurface(s, look));
};

/** A suitcase on wheels with a pulled-out handle. */
const suitcase: Plan = (pen, look) => {
  const s = look.told.material ? look.main : smoothed(look, 0.45);
  if (look.t('old') > 0.72) {
    tube(pen, 'M-.26-.3V-.5Q-.26-.58-.18-.58H.14Q.24-.58.24-.5V-.3', shade(s, 0.5), 0.1);
    const path = slab(pen, look, [-0.94, -0.32, 1.76, 1.28], 0.16, s, 0.1);
    print(pen, look, path, 1, true);
    for (const x of [-0.58, 0.3]) shape(pen, rectangle(x, -0.32, 0.17, 1.28), shade(s, 0.6));
    for (const x of [-0.54, 0.34]) shape(pen, rectangle(x, -0.1, 0.1, 0.18, 0.02), BRASS);
    return;
  }
  const high = look.rng.range(-0.98, -0.86);
  tube(pen, `M-.26-.5V${high}H.2V-.5`, IRON, 0.07);
  for (const x of [-0.46, 0.4]) {
    shape(pen, disc(x, 0.92, 0.09), BLACK);
    shape(pen, rectangle(x - 0.07, 0.8, 0.14, 0.1), IRON);
  }
  const path = slab(pen, look, [-0.6, -0.56, 1.08, 1.42], 0.22, s, 0.16);
  print(pen, look, path, 1, true);
  if (look.pattern === 'plain' || !look.told.pattern)
    for (let i = 0; i < 5; i++) stroke(pen, `M${-0.42 + i * 0.18} -.46V.76`, shade(s, 0.68).colour, 0.045);
  shape(pen, rectangle(-0.2, -0.6, 0.28, 0.07, 0.03), BLACK);
};

/** A briefcase: rigid, two locks and a handle. */
const briefcase: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? { ...look.main, gloss: 0.35 }
      : look.choose('hide', [
          { colour: [104, 62, 36] as const, texture: 'cells' as const, grain: 0.2, gloss: 0.35 },
          { ...BLACK, texture: 'cells' as const, grain: 0.2 },
        ]);
  tube(pen, 'M-.3-.3V-.48Q-.3-.58-.2-.58H.14Q.24-.58.24-.48V-.3', shade(s, 0.6), 0.11);
  slab(pen, look, [-0.96, -0.34, 1.82, 1.3], 0.12, s, 0.1);
  flat(pen, 'M-.96.08Q-.04.3.86.08V.16Q-.04.38-.96.16Z', shade(s, 0.6).colour);
  for (const x of [-0.56, 0.34]) shape(pen, rectangle(x, -0.06, 0.16, 0.26, 0.03), BRASS);
};

/** A paper or gift bag with cord handles. */
const paperBag: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? smoothed(look, 0.05)
      : look.choose('paper', [
          { colour: [198, 158, 106] as const, texture: 'fine' as const, grain: 0.2 },
          smoothed(look, 0.05),
        ]);
  tube(pen, 'M-.3-.3Q-.26-.9 0-.9Q.26-.9.24-.3', shade(s, 0.6), 0.06);
  const path = slab(pen, look, [-0.66, -0.4, 1.2, 1.38], 0.24, s, 0.0);
  print(pen, look, path);
  tube(pen, 'M-.36-.3Q-.32-.78-.06-.78Q.2-.78.22-.3', shade(s, 0.7), 0.06);
};

/** A lunch bag or cool bag: box of cloth with a zipped lid. */
const lunchBag: Plan = (pen, look) => {
  const s = cloth(look, 0.25);
  tube(pen, 'M-.34-.2Q-.34-.76-.04-.76Q.26-.76.26-.2', shade(s, 0.6), 0.12);
  const path = slab(pen, look, [-0.76, -0.28, 1.36, 1.24], 0.26, s, 0.14);
  print(pen, look, path);
  zip(pen, 'M-.72-.04H.56', [0.36, -0.04]);
  const pocket = shape(pen, rectangle(-0.56, 0.3, 0.96, 0.5, 0.08), shade(s, 0.85));
  print(pen, look, pocket, 1, true);
  shape(pen, rectangle(-0.26, 0.4, 0.36, 0.16, 0.03), contrastSurface(s, look));
};

/** A wallet, open or shut, with notes and cards. */
const wallet: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? { ...look.main, gloss: 0.3 }
      : look.choose('hide', [
          { colour: [112, 66, 38] as const, texture: 'cells' as const, grain: 0.25, gloss: 0.3 },
          { ...BLACK, texture: 'cells' as const, grain: 0.2 },
          hide(look),
        ]);
  pen.at(0, 0.05, 1, look.rng.range(-0.3, 0.3), () => {
    shape(pen, 'M-.8-.56H.7V0H-.8Z', { colour: [150, 186, 140] });
    flat(pen, 'M-.7-.48H.6V-.4H-.7Z', [96, 136, 92]);
    shape(pen, 'M-.6-.38H.84V.1H-.6Z', { colour: [212, 170, 70] });
    shape(pen, 'M-.92-.34Q-.92-.46-.8-.46H-.7V.3H-.92Z', shade(s, 0.6));
    const path = shape(pen, 'M-.95-.22Q-.95-.32-.84-.32H.86Q.96-.32.96-.2V.56Q.96.68.84.68H-.84Q-.95.68-.95.56Z', s);
    print(pen, look, path, 1, true);
    stroke(pen, 'M-.86-.22H.86V.58H-.86Z', shade(s, 1.5).colour, 0.022, 0.8);
    shape(pen, 'M.96-.02H.6Q.46 0 .46.16Q.46.34.6.36H.96Z', shade(s, 0.8));
    shape(pen, disc(0.62, 0.17, 0.08), BRASS);
  });
};

/** A purse with a clasp frame. */
const purse: Plan = (pen, look) => {
  const s = hide(look);
  if (look.t('chain') > 0.4) tube(pen, 'M-.5-.24Q-.4-.96 0-.96Q.4-.96.5-.24', BRASS, 0.06);
  const path = shape(pen, 'M-.56-.24Q-1.1.9-.5.96Q0 1.02.5.96Q1.1.9.56-.24Z', s);
  print(pen, look, path);
  folds(pen, path, s, ['M-.36-.1Q-.5.3-.46.7', 'M0-.1V.6', 'M.36-.1Q.5.3.46.7']);
  tube(pen, 'M-.62-.16Q-.6-.34 0-.36Q.6-.34.62-.16', BRASS, 0.11);
  for (const x of [-0.06, 0.07]) shape(pen, disc(x, -0.44, 0.09), BRASS);
};

export const WORDS = wordsOf([
  ['backpack, rucksack, school bag, knapsack, daypack, schoolbag, hiking backpack', backpack],
  [
    'tote bag, bag, shopping bag, carryall, beach bag, canvas bag, tote, drawstring bag, laundry bag',
    tote,
    { category: 'artefact' },
  ],
  ['handbag, shoulder bag, pocketbook, evening bag, hobo bag', handbag],
  ['messenger bag, satchel, laptop bag, camera bag, crossbody bag, saddlebag, diaper bag', messengerBag],
  ['duffel bag, duffel, gym bag, sports bag, duffle bag, travel bag, overnighter, holdall, golf bag', duffel],
  [
    'suitcase, luggage, baggage, trolley case, carry-on luggage, trunk, travel suitcase, garment bag',
    suitcase,
    { category: 'artefact' },
  ],
  ['briefcase, attache case, portfolio case, dispatch case, instrument case', briefcase],
  ['paper bag, gift bag, sack, plastic bag, grocery bag, carrier bag', paperBag],
  ['lunch bag, cooler bag, lunch box bag, toiletry bag, cosmetic bag, makeup bag, washbag, cool bag', lunchBag],
  ['wallet, billfold, card holder, card case, notecase, passport holder', wallet],
  ['purse, clutch, clutch bag, coin purse, change purse, pouch, clutch purse', purse],
]);
