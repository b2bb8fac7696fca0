import { lit } from '../../colour.js';
import type { Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { BLACK, GLASS, shade } from '../sketch.js';
import { frame, legs, timber } from './timber.js';

interface Form {
  w: readonly [number, number];
  d: readonly [number, number];
  h: readonly [number, number];
  /** How often round. */
  round?: number;
  shelf?: boolean;
}

/** A top on legs or on one foot. */
const tableOf =
  (form: Form): Plan =>
  (pen, look) => {
    const j = new Joinery(pen, look, false, 0.05);
    const wood = timber(look);
    const w = look.between('wide', ...form.w);
    const d = look.between('deep', ...form.d);
    const h = look.between('high', ...form.h);
    const under = frame(look, wood);
    const top =
      look.told.material === 'glass' || (form.shelf && !look.told.colour && look.t('glass') > 0.8) ? GLASS : wood;
    const thick = look.between('thick', 0.035, 0.06);
    const leg = look.between('leg', 0.04, 0.075);
    if (look.t('round') < (form.round ?? 0.2)) {
      const r = Math.min(w, d * 1.25) / 2;
      if (look.t('pedestal') > 0.5) {
        j.drum([0, 0, 0], 0.04, r * 0.5, r * 0.42, under);
        j.drum([0, 0.04, 0], h - 0.04 - thick, 0.05, 0.04, under);
      } else legs(j, under, r * 1.0, r * 1.0, h - thick, leg * 0.8, r * 0.14);
      j.drum([0, h - thick, 0], thick, r, r, top);
    } else {
      const splay = look.t('splay') > 0.65 ? 0.06 : 0;
      const inset = splay + leg / 2 + look.between('inset', 0, 0.06);
      legs(j, under, w - 2 * inset, d - 2 * inset, h - thick, leg, splay);
      if (form.shelf && look.t('shelf') > 0.4 && splay === 0)
        j.block([0, h * 0.28, 0], [w - 2 * inset - leg, 0.03, d - 2 * inset - leg], wood);
      if (look.t('apron') > 0.4 && splay === 0) {
        const z = d / 2 - inset;
        j.box(
          [-w / 2 + inset + leg / 2, h - thick - 0.09, z - 0.02],
          [w / 2 - inset - leg / 2, h - thick, z + 0.02],
          shade(wood, 0.9),
        );
      }
      j.block([0, h - thick, 0], [w, thick, d], top);
    }
    j.draw();
  };

export const table = tableOf({ w: [1.1, 1.5], d: [0.7, 0.9], h: [0.7, 0.78] });
export const diningTable = tableOf({ w: [1.5, 1.9], d: [0.8, 0.95], h: [0.72, 0.78] });
export const coffeeTable = tableOf({ w: [0.9, 1.2], d: [0.55, 0.75], h: [0.36, 0.46], shelf: true, round: 0.35 });
export const sideTable = tableOf({ w: [0.42, 0.52], d: [0.42, 0.5], h: [0.52, 0.64], shelf: true, round: 0.45 });
export const consoleTable = tableOf({ w: [1.1, 1.4], d: [0.3, 0.36], h: [0.78, 0.86], shelf: true, round: 0 });

/** A desk: a top, drawers on one side, legs on the other. */
export const desk: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.05);
  const wood = timber(look);
  const under = frame(look, wood);
  const w = look.between('wide', 1.15, 1.5);
  const d = 0.62;
  const h = 0.75;
  const pedestal = 0.36;
  j.box([w / 2 - pedestal - 0.04, 0.04, -d / 2 + 0.04], [w / 2 - 0.04, h - 0.05, d / 2 - 0.05], shade(wood, 0.95));
  const rows = 2 + Math.floor(look.t('rows') * 2.4);
  for (let i = 0; i < rows; i++) {
    const y0 = 0.08 + (i * (h - 0.16)) / rows;
    const y1 = 0.06 + ((i + 1) * (h - 0.16)) / rows;
    j.box([w / 2 - pedestal - 0.01, y0, d / 2 - 0.05], [w / 2 - 0.07, y1, d / 2 - 0.03], wood);
    j.block([w / 2 - 0.04 - pedestal / 2, (y0 + y1) / 2 - 0.01, d / 2 - 0.015], [0.1, 0.022, 0.02], BLACK);
  }
  for (const z of [-d / 2 + 0.06, d / 2 - 0.06]) j.block([-w / 2 + 0.06, 0, z], [0.05, h - 0.05, 0.05], under);
  j.box([-w / 2 + 0.09, h - 0.3, -d / 2 + 0.03], [w / 2 - pedestal - 0.05, h - 0.05, -d / 2 + 0.05], shade(wood, 0.8));
  j.block([0, h - 0.05, 0], [w, 0.05, d], wood);
  j.draw();
};

/** A standing desk: a top on two telescopic columns with long feet, and the buttons that move it. */
export const standingDesk: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.02);
  const wood = timber(look);
  const metal = look.choose('metal', [
    BLACK,
    { colour: [222, 224, 226] as const, gloss: 0.4 },
    { colour: [150, 152, 156] as const, gloss: 0.4 },
  ]);
  const w = look.between('wide', 1.3, 1.5);
  const h = look.rng.range(0.98, 1.15);
  for (const x of [-w * 0.34, w * 0.34]) {
    j.block([x, 0, 0], [0.09, 0.05, 0.66], metal);
    j.block([x, 0.05, 0], [0.1, h * 0.52, 0.08], metal);
    j.block([x, 0.05 + h * 0.52, 0], [0.07, h * 0.48 - 0.14, 0.055], shade(metal, 1.2));
    j.block([x, h - 0.09, 0], [0.07, 0.045, 0.56], metal);
  }
  j.block([0, h - 0.09, 0], [w * 0.6, 0.045, 0.06], metal);
  j.block([0, h - 0.045, 0], [w, 0.045, 0.68], wood);
  j.block([w * 0.32, h - 0.08, 0.36], [0.14, 0.03, 0.02], BLACK);
  j.block([0, h, -0.26], [0.12, 0.008, 0.05], { colour: lit(wood.colour, 0.4) });
  j.draw();
};
