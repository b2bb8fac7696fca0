import type { Pen } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import {
  contrast,
  disc,
  flat,
  INK,
  lying,
  PAPER,
  print,
  rectangle,
  STEEL,
  shade,
  shape,
  smoothed,
  stroke,
  TIMBER,
  wordsOf,
} from '../sketch.js';

/** Lines of writing. */
function text(pen: Pen, look: Look, x: number, y: number, w: number, lines: number, step: number, colour = INK): void {
  for (let i = 0; i < lines; i++)
    flat(
      pen,
      rectangle(x, y + i * step, w * (i === lines - 1 ? 0.55 : look.rng.range(0.8, 1)), step * 0.34),
      colour,
      0.75,
    );
}

const cover = (look: Look) => smoothed(look, 0.15);

/** A book: upright with its pages to the right, or lying open. */
const book: Plan = (pen, look) => {
  const s = cover(look);
  if (look.rng.chance(0.3)) {
    shape(pen, 'M-1-.36L0-.26L1-.36V.62L0 .74L-1 .62Z', shade(s, 0.8));
    shape(pen, 'M-.95-.42Q-.4-.56 0-.36V.66Q-.4.46-.95.58Z', { colour: PAPER });
    shape(pen, 'M.95-.42Q.4-.56 0-.36V.66Q.4.46.95.58Z', { colour: [236, 231, 218] });
    text(pen, look, -0.84, -0.3, 0.7, 7, 0.11);
    text(pen, look, 0.14, -0.3, 0.7, 7, 0.11);
    return;
  }
  lying(
    pen,
    look,
    () => {
      const w = look.between('wide', 0.58, 0.72);
      const d = look.view === 'front' ? 0.06 : look.between('thick', 0.12, 0.26);
      shape(pen, `M${-w} -.86L${-w + d} -.98H${w + d - 0.04}V.82L${w} .96Z`, shade(s, 0.6));
      shape(pen, `M${-w + 0.06} -.84L${-w + d + 0.04} -.95H${w + d - 0.07}V.8L${w - 0.02} .9Z`, { colour: PAPER });
      for (let i = 1; i < 4; i++)
        stroke(pen, `M${w + (d * i) / 5} ${-0.84 - 0.02 * i}V${0.9 - i * 0.02}`, [200, 192, 176], 0.012);
      const path = shape(pen, rectangle(-w, -0.86, 2 * w, 1.82, 0.03), s);
      print(pen, look, path, 1, true);
      flat(pen, rectangle(-w, -0.86, 0.14, 1.82), shade(s, 0.65).colour, 0.85);
      const ink = contrast(s, look.second.colour);
      flat(pen, rectangle(-w + 0.26, -0.62, 2 * w - 0.42, 0.14), ink);
      flat(pen, rectangle(-w + 0.36, -0.42, 2 * w - 0.62, 0.08), ink);
      if (look.t('picture') > 0.4) shape(pen, disc(0.06, 0.18, w * 0.46), { colour: look.third.colour });
      flat(pen, rectangle(-w + 0.36, 0.72, 2 * w - 0.62, 0.07), ink);
    },
    0.35,
  );
};

/** A ring-bound notebook, or one with an elastic band. */
const notebook: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = cover(look);
      const w = 0.66;
      shape(pen, rectangle(-w + 0.06, -0.88, 2 * w, 1.86, 0.05), { colour: PAPER });
      const path = shape(pen, rectangle(-w, -0.94, 2 * w, 1.86, 0.06), s);
      print(pen, look, path);
      if (look.t('rings') > 0.4) {
        for (let i = 0; i < 11; i++) {
          flat(pen, disc(-w + 0.1, -0.82 + i * 0.16, 0.035), [40, 40, 44]);
          stroke(pen, `M${-w + 0.1} ${-0.82 + i * 0.16}H${-w - 0.08}`, [176, 178, 184], 0.04);
        }
      } else stroke(pen, `M${w - 0.16} -.94V.92`, shade(s, 0.45).colour, 0.06);
      shape(pen, rectangle(-0.32, -0.6, 0.72, 0.42, 0.04), { colour: PAPER });
      text(pen, look, -0.22, -0.5, 0.5, 2, 0.14);
    },
    0.5,
  );

/** A lever-arch file: spine with a hole and a label. */
const binder: Plan = (pen, look) => {
  const s = cover(look);
  shape(pen, 'M-.12-.86L.62-.98H.9V.88L.5 1H-.12Z', shade(s, 0.75));
  shape(pen, 'M-.06-.82L.6-.93H.84V.84L.48.93Z', { colour: PAPER });
  const path = shape(pen, 'M-.14-.88L.66-1V.84L-.14 1Z', s);
  print(pen, look, path, 1, true);
  shape(pen, rectangle(-0.68, -0.88, 0.56, 1.88, 0.04), shade(s, 0.85));
  shape(pen, rectangle(-0.58, -0.72, 0.36, 0.84, 0.02), { colour: PAPER });
  text(pen, look, -0.52, -0.6, 0.24, 4, 0.15);
  shape(pen, disc(-0.4, 0.58, 0.14), STEEL);
  flat(pen, disc(-0.4, 0.58, 0.1), [30, 30, 34]);
};

/** A folder with a tab and sheets in it. */
const folder: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour
        ? cover(look)
        : look.choose('card', [
            { colour: [232, 198, 120] as const, texture: 'fine' as const, grain: 0.2 },
            cover(look),
          ]);
      shape(pen, 'M-.9-.52Q-.9-.7-.78-.7H-.3L-.16-.54H.82Q.92-.54.92-.44V.66H-.9Z', shade(s, 0.75));
      pen.at(0, 0, 1, -0.03, () => shape(pen, 'M-.78-.46H.78V.5H-.78Z', { colour: PAPER }));
      text(pen, look, -0.66, -0.4, 1.2, 2, 0.1);
      shape(pen, 'M-.98-.2H.98L.9.72Q.88.78.8.78H-.8Q-.88.78-.9.72Z', s);
    },
    0.35,
  );

/** A letter: the flap's folds, stamp and address, or its back. */
const envelope: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s =
        look.told.colour || look.told.material
          ? look.main
          : look.choose('paper', [
              { colour: PAPER },
              { colour: [206, 168, 116] as const, texture: 'fine' as const, grain: 0.2 },
            ]);
      const path = shape(pen, rectangle(-0.98, -0.6, 1.96, 1.24, 0.04), s);
      print(pen, look, path, 1, true);
      if (look.rng.chance(0.65)) {
        stroke(pen, 'M-.96.62L-.2-.02M.96.62L.2-.02', shade(s, 0.6).colour, 0.03);
        shape(pen, 'M-.98-.6H.98L.06.16Q0 .2-.06.16Z', shade(s, 0.9));
        if (look.t('seal') > 0.6) shape(pen, disc(0, 0.1, 0.14), { colour: [178, 34, 40], gloss: 0.4 });
      } else {
        shape(pen, rectangle(0.62, -0.5, 0.26, 0.32), { colour: look.third.colour });
        text(pen, look, -0.3, 0.02, 0.8, 3, 0.16, contrast(s, INK));
        text(pen, look, -0.88, -0.48, 0.4, 2, 0.1, contrast(s, INK));
      }
    },
    0.4,
  );

/** Sticky notes: a pad with a curled corner. */
const stickyNotes: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour
        ? { ...look.main, texture: undefined, gloss: 0 }
        : {
            colour: look.choose('note', [
              [250, 226, 92],
              [250, 226, 92],
              [250, 160, 190],
              [140, 220, 150],
            ] as const),
          };
      for (let i = 4; i > 0; i--) shape(pen, rectangle(-0.8 + i * 0.02, -0.76 + i * 0.035, 1.6, 1.56), shade(s, 0.85));
      shape(pen, 'M-.8-.78H.8V.4L.4.8H-.8Z', s);
      shape(pen, 'M.8.4Q.52.36.46.42Q.42.5.4.8Q.64.7.8.4Z', shade(s, 0.75));
      flat(pen, rectangle(-0.8, -0.78, 1.6, 0.2), shade(s, 0.88).colour, 0.7);
      for (let i = 0; i < 3; i++)
        stroke(pen, `M-.55 ${-0.3 + i * 0.28}q.15-.1.3 0t.3 0t.${i === 2 ? 1 : 3} 0`, [50, 60, 110], 0.045);
    },
    0.35,
  );

/** A clipboard with a sheet. */
const clipboard: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s =
        look.told.colour || look.told.material ? smoothed(look) : look.choose('board', [TIMBER, smoothed(look)]);
      shape(pen, rectangle(-0.7, -0.86, 1.4, 1.84, 0.08), s);
      shape(pen, rectangle(-0.58, -0.66, 1.16, 1.54, 0.01), { colour: [250, 249, 244] });
      text(pen, look, -0.46, -0.44, 0.92, 9, 0.14);
      shape(pen, 'M-.34-.62V-.78Q-.3-.84-.14-.86Q-.14-1 0-1Q.14-1 .14-.86Q.3-.84.34-.78V-.62Z', STEEL);
      flat(pen, disc(0, -0.86, 0.06), [70, 70, 74]);
    },
    0.4,
  );

/** A sheet or a stack of paper, a letter, a newspaper with its picture. */
const sheet: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour ? look.main : { colour: PAPER };
      for (let i = 3; i > 0; i--) shape(pen, rectangle(-0.66 + i * 0.02, -0.92 + i * 0.03, 1.34, 1.86), shade(s, 0.88));
      shape(pen, rectangle(-0.68, -0.94, 1.34, 1.86), s);
      const ink = contrast(s, INK);
      flat(pen, rectangle(-0.54, -0.8, 1.06, 0.16), ink, 0.9);
      if (look.t('news') > 0.5) {
        flat(pen, rectangle(-0.54, -0.52, 0.62, 0.5), [120, 124, 128]);
        text(pen, look, 0.16, -0.5, 0.36, 6, 0.09, ink);
        text(pen, look, -0.54, 0.1, 0.48, 8, 0.09, ink);
        text(pen, look, 0.04, 0.1, 0.48, 8, 0.09, ink);
      } else text(pen, look, -0.54, -0.5, 1.06, 11, 0.125, ink);
    },
    0.4,
  );

export const WORDS = wordsOf([
  [
    'book, hardcover, hardback, novel, paperback, textbook, dictionary, cookbook, album, diary, photo album, comic book, atlas, volume',
    book,
  ],
  ['publication', book, { as: 'book' }],
  [
    'notebook, journal, planner, sketchbook, notepad, notepad paper, exercise book, spiral notebook, organizer book, address book, passport, sketch pad',
    notebook,
  ],
  ['binder, ring-binder, ring binder, loose-leaf binder, lever arch file', binder],
  ['folder, file folder, manila folder, portfolio, document folder', folder],
  ['envelope, letter, window envelope, greeting card, postcard, parcel envelope', envelope, { category: 'artefact' }],
  ['sticky notes, sticky note, post-it, post-it note, adhesive notes, memo pad', stickyNotes],
  ['clipboard, clip board', clipboard],
  ['paper, sheet of paper, newspaper, document, magazine, printer paper, stationery, writing paper, card stock', sheet],
]);
