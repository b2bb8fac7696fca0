import { hsl } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { BLACK, shade } from '../sketch.js';
import { timber } from './timber.js';

/** Books, and a vase or box between them, on a board from x0 to x1 at height y. */
function books(j: Joinery, look: Look, x0: number, x1: number, y: number, room: number, z: number): void {
  const { rng } = look;
  let x = x0 + 0.01;
  const end = x0 + (x1 - x0) * rng.range(0.55, 1);
  while (x < end) {
    const w = rng.range(0.03, 0.07);
    if (x + w > x1) break;
    j.box([x, y, z - 0.16], [x + w, y + room * rng.range(0.6, 0.9), z], {
      colour: hsl(rng.uniform(), rng.range(0.15, 0.65), rng.range(0.25, 0.65)),
    });
    x += w + 0.004;
  }
  if (x1 - x > 0.14) {
    const s: Surface = { colour: hsl(rng.uniform(), 0.3, 0.6), gloss: 0.3 };
    j.drum([(x + x1) / 2, y, z - 0.08], room * 0.55, 0.05, 0.03, s);
  }
}

/** A bookcase: sides, back, boards, books on them. */
export const bookcase: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s = timber(look);
  const w = look.between('wide', 0.7, 1.05);
  const rows = 3 + Math.floor(look.t('rows') * 2.99);
  const room = 0.36;
  const h = rows * room + 0.1;
  const d = 0.3;
  j.box([-w / 2, 0, -d / 2], [w / 2, h, -d / 2 + 0.02], shade(s, 0.55));
  for (const x of [-w / 2, w / 2 - 0.035]) j.box([x, 0, -d / 2 + 0.02], [x + 0.035, h, d / 2], s);
  for (let i = 0; i <= rows; i++)
    j.box([-w / 2 + 0.035, 0.04 + i * room, -d / 2 + 0.02], [w / 2 - 0.035, 0.07 + i * room, d / 2], s);
  for (let i = 0; i < rows; i++)
    books(j, look, -w / 2 + 0.05, w / 2 - 0.05, 0.075 + i * room, room - 0.05, d / 2 - 0.05);
  j.draw();
};

/** Open shelves on posts, with boxes and pots. */
export const shelvingUnit: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const { rng } = look;
  const s = timber(look);
  const post = look.t('metal posts') > 0.4 ? BLACK : s;
  const [w, d] = [look.between('wide', 0.8, 1.1), 0.36];
  const rows = 3 + Math.floor(look.t('rows') * 2.5);
  const room = 0.38;
  const h = (rows - 1) * room + 0.2;
  for (const x of [-w / 2 + 0.02, w / 2 - 0.02])
    for (const z of [-d / 2 + 0.02, d / 2 - 0.02]) {
      for (let i = 0; i < rows; i++)
        j.block([x, i ? 0.14 + (i - 1) * room : 0, z], [0.035, i ? room - 0.03 : 0.11, 0.035], post);
    }
  for (let i = 0; i < rows; i++) {
    const y = 0.11 + i * room;
    j.block([0, y, 0], [w, 0.03, d], s);
    if (i === rows - 1 && h > 1 && rng.chance(0.5)) continue;
    for (let x = -w / 2 + 0.12; x < w / 2 - 0.15; x += 0.24)
      if (rng.chance(0.7)) {
        const c = { colour: hsl(rng.uniform(), 0.35, rng.range(0.35, 0.7)) };
        if (rng.chance(0.5)) j.block([x + 0.05, y + 0.031, 0], [0.17, rng.range(0.1, 0.24), 0.2], c);
        else j.drum([x + 0.05, y + 0.031, 0], rng.range(0.12, 0.24), 0.07, 0.06, c);
      }
  }
  j.draw();
};

/** A shelf on the wall: one or two boards on brackets. */
export const wallShelf: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s = timber(look);
  const w = look.between('wide', 0.9, 1.2);
  const n = look.t('boards') > 0.5 ? 2 : 1;
  for (let i = 0; i < n; i++) {
    const y = 0.2 + i * 0.45;
    for (const x of [-w * 0.36, w * 0.36]) {
      j.box([x - 0.015, y - 0.17, -0.125], [x + 0.015, y, -0.105], BLACK);
      j.rod(
        [
          [x, y - 0.15, -0.09],
          [x, y - 0.02, 0.05],
        ],
        0.02,
        BLACK,
      );
    }
    j.block([0, y, 0], [w, 0.04, 0.26], s);
    books(j, look, -w * (0.3 + 0.15 * look.t('at')), w * 0.45, y + 0.045, 0.3, 0.06);
  }
  j.draw();
};

/** A shoe rack or luggage rack: low, tiers of bars. */
export const shoeRack: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.1);
  const s = timber(look);
  const w = 0.9;
  for (let i = 0; i < 2 + Math.floor(look.t('rows') * 1.99); i++) {
    const y = 0.1 + i * 0.26;
    for (let k = 0; k < 4; k++)
      j.rod(
        [
          [-w / 2, y, -0.12 + k * 0.08],
          [w / 2, y, -0.12 + k * 0.08],
        ],
        0.022,
        s,
      );
    for (const x of [-w / 2, w / 2]) for (const z of [-0.14, 0.14]) j.block([x, y - 0.1, z], [0.03, 0.26, 0.03], s);
    for (let x = -0.34; x < 0.36; x += 0.24) {
      const c: Surface = { colour: hsl(look.rng.uniform(), 0.4, look.rng.range(0.2, 0.6)), gloss: 0.2 };
      for (const dx of [0, 0.1]) {
        j.block([x + dx, y + 0.02, 0.06], [0.075, 0.045, 0.16], c, { soft: 0.3 });
        j.block([x + dx, y + 0.02, -0.06], [0.075, 0.09, 0.08], c, { soft: 0.3 });
      }
    }
  }
  j.draw();
};
