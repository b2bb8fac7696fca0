import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { cloth, shade } from '../sketch.js';
import { timber } from './timber.js';

const LINEN: Surface = { colour: [240, 238, 232], texture: 'weave', grain: 0.08 };

/** Mattress, pillows at the far end, a cover over the rest. The head is at −z. */
function bedding(j: Joinery, look: Look, w: number, y: number, long: number, pillows: number): void {
  const cover = cloth(look, 0.15);
  j.box([-w / 2, y, -long / 2], [w / 2, y + 0.16, long / 2], LINEN, { soft: 0.3 });
  for (let i = 0; i < pillows; i++) {
    const x = -w / 2 + ((i + 0.5) * w) / pillows;
    j.block([x, y + 0.17, -long / 2 + 0.22], [(w / pillows) * 0.84, 0.11, 0.32], shade(LINEN, 0.97), { soft: 1 });
  }
  const top = -long / 2 + look.between('turned down', 0.45, 0.7);
  j.box([-w / 2 - 0.02, y + 0.165, top], [w / 2 + 0.02, y + 0.21, long / 2 + 0.01], cover, { soft: 0.5, print: true });
  j.box([-w / 2 - 0.02, y + 0.215, top], [w / 2 + 0.02, y + 0.235, top + 0.16], shade(cover, 1.25), { soft: 0.3 });
  j.box([-w / 2 - 0.02, y - 0.06, long / 2 + 0.012], [w / 2 + 0.02, y + 0.16, long / 2 + 0.03], shade(cover, 0.92), {
    print: true,
  });
}

/** A bed: headboard, frame, mattress, pillows, cover. */
export const bed: Plan = (pen, look) => {
  const j = new Joinery(pen, look, true, 0.16);
  const s = timber(look);
  const single = look.t('single') > 0.7;
  const w = single ? 0.95 : look.between('wide', 1.4, 1.75);
  const long = 2;
  const y = look.between('high', 0.3, 0.4);
  for (const x of [-w / 2 + 0.05, w / 2 - 0.05])
    for (const z of [-long / 2 + 0.05, long / 2 - 0.05]) j.block([x, 0, z], [0.08, y - 0.14, 0.08], s);
  j.box([-w / 2 - 0.04, y - 0.14, -long / 2], [w / 2 + 0.04, y - 0.002, long / 2 - 0.02], s);
  const head = y + look.between('headboard', 0.45, 0.75);
  j.box(
    [-w / 2 - 0.05, 0, -long / 2 - 0.08],
    [w / 2 + 0.05, head, -long / 2 - 0.002],
    look.t('upholstered') > 0.6 ? shade(cloth(look), 0.8) : s,
    { soft: look.t('upholstered') > 0.6 ? 0.6 : 0 },
  );
  bedding(j, look, w, y, long - 0.04, single ? 1 : 2);
  j.draw();
};

/** A bunk bed: two beds, one above the other, and a ladder. */
export const bunkBed: Plan = (pen, look) => {
  const j = new Joinery(pen, look, true, 0.02);
  const s = timber(look);
  const [w, long] = [0.9, 1.7];
  const levels = [0.3, 1.15];
  for (const x of [-long / 2, long / 2])
    for (const z of [-w / 2, w / 2])
      for (const [a, b] of [
        [0, 0.2],
        [0.2, 0.3],
        [0.3, 1.05],
        [1.05, 1.15],
        [1.15, 1.6],
      ])
        j.block([x, a, z], [0.08, b - a, 0.08], s);
  for (const y of levels) {
    j.box([-long / 2 + 0.04, y - 0.1, -w / 2], [long / 2 - 0.04, y, w / 2], s);
    j.box([-long / 2 + 0.05, y, -w / 2 + 0.04], [long / 2 - 0.05, y + 0.13, w / 2 - 0.02], cloth(look, 0.15), {
      soft: 0.3,
      print: true,
    });
    j.block([-long / 2 + 0.24, y + 0.135, 0], [0.3, 0.1, w * 0.7], LINEN, { soft: 0.9 });
    for (const x of [-long / 2, long / 2])
      j.box([x - 0.02, y + 0.25, -w / 2 + 0.05], [x + 0.02, y + 0.36, w / 2 - 0.05], s);
  }
  for (const y of [1.34, 1.48])
    j.box([-long / 2 + 0.04, y, w / 2 - 0.015], [long / 2 - 0.4, y + 0.07, w / 2 + 0.015], s);
  const x = long / 2 - 0.3;
  for (const dx of [-0.14, 0.14]) j.box([x + dx - 0.02, 0, w / 2 + 0.08], [x + dx + 0.02, 1.5, w / 2 + 0.12], s);
  for (let i = 0; i < 5; i++)
    j.box([x - 0.12, 0.2 + i * 0.24, w / 2 + 0.085], [x + 0.12, 0.24 + i * 0.24, w / 2 + 0.115], shade(s, 0.85));
  j.draw();
};

/** A crib: a small mattress between walls of bars. */
export const crib: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.12);
  const s = timber(look);
  const [w, d] = [1.1, 0.62];
  const [low, top] = [0.34, 0.86];
  for (const x of [-w / 2, w / 2]) for (const z of [-d / 2, d / 2]) j.block([x, 0, z], [0.06, top + 0.06, 0.06], s);
  j.box([-w / 2 + 0.03, low - 0.06, -d / 2 + 0.03], [w / 2 - 0.03, low, d / 2 - 0.03], s);
  j.box([-w / 2 + 0.04, low, -d / 2 + 0.04], [w / 2 - 0.04, low + 0.12, d / 2 - 0.04], cloth(look, 0.1), {
    soft: 0.3,
    print: true,
  });
  for (const z of [-d / 2, d / 2]) {
    for (const y of [low - 0.08, top - 0.02])
      j.box([-w / 2 + 0.03, y, z - 0.018], [w / 2 - 0.03, y + 0.055, z + 0.018], s);
    for (let i = 1; i < 10; i++) {
      const x = -w / 2 + (i * w) / 10;
      j.box([x - 0.012, low - 0.025, z - 0.012], [x + 0.012, top - 0.02, z + 0.012], s);
    }
  }
  for (const x of [-w / 2, w / 2]) {
    j.box([x - 0.018, top - 0.02, -d / 2 + 0.03], [x + 0.018, top + 0.035, d / 2 - 0.03], s);
    for (let i = 1; i < 5; i++) {
      const z = -d / 2 + (i * d) / 5;
      j.box([x - 0.012, low, z - 0.012], [x + 0.012, top - 0.02, z + 0.012], s);
    }
  }
  j.draw();
};

/** A mattress: a thick slab of quilted cloth with a band around it. */
export const mattress: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.2);
  const side = look.told.colour ? look.main : { ...LINEN, colour: [186, 194, 206] as const };
  j.box([-0.75, 0, -0.95], [0.75, 0.22, 0.95], side, { soft: 0.3, print: true });
  j.box([-0.74, 0.222, -0.94], [0.74, 0.26, 0.94], LINEN, { soft: 0.5 });
  j.at([-0.75, 0.3, -0.95], [0.75, 0.31, 0.95], (to, k) => {
    for (let x = -0.6; x < 0.7; x += 0.24)
      for (let z = -0.8; z < 0.9; z += 0.26) {
        const [u, v] = to([x, 0.26, z]);
        pen.ellipse(u, v, 0.02 * k, 0.011 * k, { colour: [176, 174, 168] });
      }
  });
  j.draw();
};
