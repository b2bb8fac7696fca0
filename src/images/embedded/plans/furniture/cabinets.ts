import { lit, type Rgb } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { BLACK, BRASS, STEEL, shade } from '../sketch.js';
import { frame, timber } from './timber.js';

/** A front of drawers or doors on the case between two corners, on the plane z. */
function front(
  j: Joinery,
  look: Look,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  z: number,
  s: Surface,
  kind: 'drawer' | 'door left' | 'door right',
): void {
  const g = 0.012;
  j.box([x0 + g, y0 + g, z], [x1 - g, y1 - g, z + 0.02], shade(s, 1.05));
  const knob = look.choose('knob', [BLACK, STEEL, BRASS]);
  const w = x1 - x0;
  if (kind === 'drawer') {
    const y = (y0 + y1) / 2;
    const n = w > 0.6 && look.t('knobs') > 0.5 ? 2 : 1;
    const long = look.t('handles') > 0.5 ? 0.12 : 0.035;
    for (let i = 0; i < n; i++) j.block([x0 + (w * (i + 0.5)) / n, y - 0.012, z + 0.03], [long, 0.028, 0.02], knob);
  } else {
    const x = kind === 'door left' ? x1 - 0.05 : x0 + 0.05;
    j.block([x, (y0 + y1) / 2 - 0.06, z + 0.03], [0.024, 0.12, 0.02], knob);
  }
}

/** A chest of drawers: a case with rows of drawers. */
const drawers =
  (w: readonly [number, number], h: readonly [number, number], rows: readonly [number, number], cols: number): Plan =>
  (pen, look) => {
    const j = new Joinery(pen, look);
    const s = timber(look);
    const [ww, hh] = [look.between('wide', ...w), look.between('high', ...h)];
    const d = Math.min(0.45, ww * 0.9);
    const foot = look.between('foot', 0.05, 0.16);
    const legsOf = frame(look, s);
    for (const x of [-ww / 2 + 0.04, ww / 2 - 0.04])
      for (const z of [-d / 2 + 0.04, d / 2 - 0.04]) j.block([x, 0, z], [0.05, foot, 0.05], legsOf);
    j.box([-ww / 2, foot, -d / 2], [ww / 2, hh, d / 2], s);
    j.box([-ww / 2 - 0.02, hh, -d / 2], [ww / 2 + 0.02, hh + 0.03, d / 2 + 0.03], shade(s, 1.05));
    const open = rows[0] === 1 && look.t('open') > 0.5;
    const n = Math.round(look.between('rows', ...rows));
    for (let r = 0; r < n; r++)
      for (let c = 0; c < cols; c++) {
        const at = (k: number) => foot + 0.02 + (k * (hh - foot - 0.04)) / n;
        const box = [
          -ww / 2 + 0.02 + (c * (ww - 0.04)) / cols,
          at(r),
          -ww / 2 + 0.02 + ((c + 1) * (ww - 0.04)) / cols,
          at(r + 1),
        ] as const;
        if (open && r === 0 && n > 1)
          j.box([box[0], box[1], d / 2], [box[2], box[3], d / 2 + 0.004], { colour: lit(s.colour, 0.35) });
        else front(j, look, box, d / 2, s, 'drawer');
      }
    j.draw();
  };

export const nightstand = drawers([0.42, 0.52], [0.5, 0.6], [1, 3], 1);
export const dresser = drawers([0.95, 1.25], [0.72, 0.85], [3, 4], 2);
export const chestOfDrawers = drawers([0.7, 0.85], [0.85, 1.1], [4, 5], 1);

/** Tall or low cupboards with doors. */
const doored =
  (w: readonly [number, number], h: readonly [number, number], doors: number, glass = 0): Plan =>
  (pen, look) => {
    const j = new Joinery(pen, look);
    const s = timber(look);
    const [ww, hh] = [look.between('wide', ...w), look.between('high', ...h)];
    const d = Math.min(0.55, ww * 0.6);
    const foot = hh > 1.2 ? 0.06 : look.between('foot', 0.08, 0.2);
    for (const x of [-ww / 2 + 0.05, ww / 2 - 0.05])
      for (const z of [-d / 2 + 0.05, d / 2 - 0.05]) j.block([x, 0, z], [0.06, foot, 0.06], s);
    j.box([-ww / 2, foot, -d / 2], [ww / 2, hh, d / 2], s);
    j.box([-ww / 2 - 0.025, hh, -d / 2], [ww / 2 + 0.025, hh + 0.04, d / 2 + 0.035], shade(s, 0.95));
    const low = hh > 1.2 && look.t('drawer') > 0.4 ? foot + 0.28 : foot;
    if (low > foot)
      for (const x of [-1, 0])
        front(j, look, [x < 0 ? -ww / 2 : 0, foot + 0.01, x < 0 ? 0 : ww / 2, low], d / 2, s, 'drawer');
    for (let i = 0; i < doors; i++) {
      const [x0, x1] = [-ww / 2 + (i * ww) / doors, -ww / 2 + ((i + 1) * ww) / doors];
      front(j, look, [x0, low, x1, hh], d / 2, s, i % 2 ? 'door right' : 'door left');
      const [a, b, c, e] = [x0 + 0.07, low + 0.09, x1 - 0.07, hh - 0.08];
      const z = d / 2 + 0.021;
      if (glass)
        j.face(
          [
            [a, b, z],
            [a, e, z],
            [c, e, z],
            [c, b, z],
          ],
          { colour: [176, 200, 208], gloss: 0.9 },
        );
      else if (look.t('panels') > 0.4) {
        j.face(
          [
            [a, b, z],
            [a, (b + e) / 2 - 0.03, z],
            [c, (b + e) / 2 - 0.03, z],
            [c, b, z],
          ],
          shade(s, 0.92),
        );
        j.face(
          [
            [a, (b + e) / 2 + 0.03, z],
            [a, e, z],
            [c, e, z],
            [c, (b + e) / 2 + 0.03, z],
          ],
          shade(s, 0.92),
        );
      }
    }
    j.draw();
  };

export const wardrobe = doored([1.0, 1.25], [1.85, 2.1], 2);
export const sideboard = doored([1.3, 1.7], [0.68, 0.8], 3);
export const cupboard = doored([0.8, 0.95], [1.0, 1.3], 2);
export const displayCabinet = doored([0.8, 1.0], [1.6, 1.9], 2, 1);

/** A filing cabinet: a narrow metal case, deep drawers with a handle and a label each. */
export const filingCabinet: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s: Surface = look.told.material
    ? look.main
    : {
        ...look.main,
        colour: look.told.colour
          ? look.main.colour
          : lit(
              look.choose<Rgb>('steel', [
                [158, 164, 168],
                [206, 206, 200],
                [92, 98, 104],
                [150, 152, 132],
              ]),
              look.rng.range(0.9, 1.1),
            ),
        texture: 'fine',
        grain: 0.1,
        gloss: 0.4,
      };
  const n = 2 + Math.floor(look.t('drawers') * 2.99);
  const h = n * 0.32;
  j.box([-0.24, 0, -0.3], [0.24, h + 0.04, 0.28], s);
  const pulled = look.rng.chance(0.35) ? look.rng.int(n) : -1;
  for (let i = 0; i < n; i++) {
    const out = i === pulled ? 0.2 : 0;
    const [y0, y1] = [0.03 + i * 0.32, 0.31 + i * 0.32];
    if (out) {
      j.box([-0.2, y0, 0.281], [0.2, y1 - 0.06, 0.28 + out], shade(s, 0.75));
      for (let k = 0; k < 5; k++)
        j.box([-0.18, y1 - 0.06, 0.29 + k * 0.035], [0.18, y1 + 0.02, 0.3 + k * 0.035], {
          colour: k % 2 ? [214, 190, 130] : [232, 214, 168],
        });
    }
    j.box([-0.22, y0, 0.281 + out], [0.22, y1, 0.3 + out], shade(s, 1.05));
    j.block([0, y0 + 0.1, 0.31 + out], [0.16, 0.03, 0.02], STEEL);
    j.block([0, y0 + 0.18, 0.303 + out], [0.12, 0.05, 0.006], { colour: [240, 238, 228] });
  }
  j.draw();
};
