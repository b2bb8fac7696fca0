import { lit } from '../../colour.js';
import type { Surface } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { BLACK, cloth, shade } from '../sketch.js';
import { frame, legs, timber } from './timber.js';

/** A dining chair: four legs, a seat, an upright back of slats, rungs or one piece. */
export const chair: Plan = (pen, look) => {
  const j = new Joinery(pen, look, true);
  const wood = timber(look);
  const w = look.between('wide', 0.44, 0.54);
  const h = look.between('seat', 0.42, 0.48);
  const top = h + look.between('back', 0.42, 0.62);
  const thick = look.between('leg', 0.035, 0.06);
  const padded = look.t('padded') > 0.5;
  const splay = look.t('splay') > 0.6 ? 0.06 : 0;
  legs(j, wood, w - thick, w - thick, h - 0.05, thick, splay);
  const seat = padded ? cloth(look) : wood;
  j.block([0, h - 0.05, 0], [w, 0.05, w], wood);
  if (padded) j.block([0, h, 0.02], [w * 0.96, 0.06, w * 0.9], seat, { soft: 0.5, print: true });
  const z = -w / 2 + thick / 2;
  const back = look.choose('back kind', ['slats', 'rungs', 'panel', 'spindles'] as const);
  for (const x of [-w / 2 + thick / 2, w / 2 - thick / 2])
    j.box([x - thick / 2, h, z - 0.02], [x + thick / 2, top, z + 0.02], wood);
  const inner = w - 2 * thick;
  if (back === 'panel')
    j.box([-inner / 2, h + 0.12, z - 0.02], [inner / 2, top, z + 0.02], padded ? seat : wood, { print: padded });
  else {
    j.box([-inner / 2, top - 0.09, z - 0.02], [inner / 2, top, z + 0.02], wood);
    const n = back === 'rungs' ? 3 : back === 'slats' ? 4 : 6;
    for (let i = 0; i < n; i++)
      if (back === 'rungs') {
        const y = h + 0.1 + (i * (top - h - 0.2)) / n;
        j.box([-inner / 2, y, z - 0.015], [inner / 2, y + 0.06, z + 0.015], wood);
      } else {
        const t = back === 'slats' ? 0.045 : 0.018;
        const x = ((i + 0.5) / n - 0.5) * inner;
        j.box([x - t / 2, h, z - 0.012], [x + t / 2, top - 0.09, z + 0.012], wood);
      }
  }
  j.draw();
};

/** A stool: a seat without a back; a bar stool is as high as a table and has a ring for the feet. */
const stoolOf =
  (high: boolean): Plan =>
  (pen, look) => {
    const j = new Joinery(pen, look);
    const wood = timber(look);
    const legsOf = frame(look, wood);
    const h = high ? look.between('high', 0.72, 0.85) : look.between('low', 0.38, 0.48);
    const r = high ? look.between('seat', 0.17, 0.22) : look.between('seat', 0.19, 0.25);
    const pedestal = high && look.t('pedestal') > 0.55;
    if (pedestal) {
      j.drum([0, 0, 0], 0.03, r * 1.15, r * 1.05, legsOf);
      j.drum([0, 0.03, 0], h - 0.09, 0.035, 0.03, legsOf);
    } else {
      for (let i = 0; i < 4; i++) {
        const [x, z] = [i & 1 ? 1 : -1, i & 2 ? 1 : -1];
        const at = (y: number): [number, number, number] => {
          const d = r * (0.55 + 0.5 * (1 - y / h));
          return [x * d, y, z * d];
        };
        j.rod([at(h - 0.05), at(0.02)], 0.04, legsOf);
      }
      const y = h * 0.35;
      const d = r * (0.55 + 0.5 * 0.65);
      const ring = [
        [-d, d],
        [d, d],
        [d, -d],
        [-d, -d],
      ] as const;
      ring.forEach(([x, z], i) => {
        const [u, v] = ring[(i + 1) % 4];
        j.rod(
          [
            [x, y, z],
            [u, y, v],
          ],
          0.026,
          legsOf,
        );
      });
    }
    const padded = look.t('padded') > 0.5 || look.told.material === 'leather';
    const seat = padded ? { ...cloth(look), gloss: 0.2 } : wood;
    if (look.t('square') > 0.7)
      j.block([0, h - 0.05, 0], [r * 1.9, padded ? 0.09 : 0.05, r * 1.9], seat, { soft: padded ? 0.6 : 0 });
    else j.drum([0, h - 0.05, 0], padded ? 0.09 : 0.05, r, r, seat);
    j.draw();
  };

export const stool = stoolOf(false);
export const barStool = stoolOf(true);

/** A bench: a long seat of boards, for a garden or park with back and arms. */
export const bench: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const wood = timber(look);
  const metal = look.t('iron') > 0.5 ? BLACK : wood;
  const w = look.between('long', 1.2, 1.7);
  const h = 0.45;
  const d = 0.42;
  for (const x of [-w / 2 + 0.1, w / 2 - 0.1]) {
    for (const z of [-d / 2 + 0.03, d / 2 - 0.03]) j.block([x, 0, z], [0.06, h - 0.04, 0.06], metal);
    j.block([x, h - 0.12, 0], [0.05, 0.06, d - 0.12], metal);
  }
  for (let i = 0; i < 4; i++)
    j.box([-w / 2, h - 0.04, -d / 2 + i * (d / 4)], [w / 2, h, -d / 2 + (i + 0.82) * (d / 4)], wood);
  if (look.t('back') > 0.35) {
    for (const x of [-w / 2 + 0.1, w / 2 - 0.1])
      j.box([x - 0.03, h, -d / 2 - 0.05], [x + 0.03, h + 0.45, -d / 2 - 0.01], metal);
    for (let i = 0; i < 3; i++)
      j.box([-w / 2, h + 0.1 + i * 0.13, -d / 2 - 0.01], [w / 2, h + 0.19 + i * 0.13, -d / 2 + 0.02], wood);
    if (look.t('arms') > 0.5)
      for (const x of [-w / 2 + 0.1, w / 2 - 0.1]) {
        j.box([x - 0.03, h, d / 2 - 0.08], [x + 0.03, h + 0.2, d / 2 - 0.03], metal);
        j.box([x - 0.04, h + 0.2, -d / 2 + 0.02], [x + 0.04, h + 0.24, d / 2], metal);
      }
  }
  j.draw();
};

/** A rocking chair: a chair with arms on two curved runners. */
export const rockingChair: Plan = (pen, look) => {
  const j = new Joinery(pen, look, true);
  const wood = timber(look);
  const w = 0.52;
  const h = 0.42;
  for (const x of [-w / 2, w / 2]) {
    j.rod(
      [-0.5, -0.35, -0.18, 0, 0.18, 0.35, 0.48].map((z) => [x, 0.03 + z * z * 0.5, z] as const),
      0.05,
      wood,
    );
    for (const z of [-0.2, 0.2])
      j.rod(
        [
          [x, 0.06, z],
          [x, h, z],
        ],
        0.04,
        wood,
      );
    j.rod(
      [
        [x, h, 0.2],
        [x, h + 0.22, 0.21],
      ],
      0.035,
      wood,
    );
    j.rod(
      [
        [x, h + 0.24, 0.26],
        [x, h + 0.25, -0.22],
      ],
      0.05,
      wood,
    );
    j.rod(
      [
        [x, h, -0.24],
        [x, h + 0.72, -0.4],
      ],
      0.045,
      wood,
    );
  }
  j.block([0, h - 0.02, 0], [w - 0.04, 0.045, 0.46], look.t('padded') > 0.5 ? cloth(look) : wood);
  for (let i = 0; i < 5; i++) {
    const x = (i - 2) * 0.09;
    j.rod(
      [
        [x, h + 0.03, -0.25],
        [x, h + 0.62, -0.385],
      ],
      0.022,
      wood,
    );
  }
  j.rod(
    [
      [-w / 2, h + 0.66, -0.395],
      [w / 2, h + 0.66, -0.395],
    ],
    0.09,
    wood,
  );
  j.draw();
};

/** An office chair: five castors on a star, a column, a padded seat, arms and a curved back. */
export const officeChair: Plan = (pen, look) => {
  const j = new Joinery(pen, look, true);
  const { rng } = look;
  const pad = look.told.material
    ? look.main
    : {
        ...cloth(look, 0.15),
        colour: look.told.colour
          ? look.main.colour
          : lit(
              look.choose('office', [[52, 54, 60], [40, 42, 48], look.main.colour, [96, 100, 108]]),
              rng.range(0.85, 1.15),
            ),
      };
  const shell = look.choose<Surface>('shell', [BLACK, BLACK, { colour: [206, 208, 212], gloss: 0.4 }]);
  const steel = { colour: [120, 122, 128] as const, gloss: 0.6 };
  const turn = rng.range(0, 1.25);
  const h = look.between('seat', 0.46, 0.54);
  const tips = Array.from({ length: 5 }, (_, i) => {
    const a = turn + (i * 2 * Math.PI) / 5;
    return [Math.cos(a) * 0.31, 0.09, Math.sin(a) * 0.31] as const;
  });
  for (const [x, y, z] of [...tips].sort((a, b) => a[2] - b[2])) {
    j.rod(
      [
        [0, 0.13, 0],
        [x, y, z],
      ],
      0.05,
      shell,
    );
    j.at([x - 0.04, 0, z - 0.04], [x + 0.04, 0.08, z + 0.04], (to, k) => {
      const [cx, cy] = to([x, 0.04, z]);
      pen.ellipse(cx, cy, 0.042 * k, 0.046 * k, BLACK);
    });
  }
  j.drum([0, 0.13, 0], h - 0.19, 0.03, 0.026, steel);
  j.block([0, h - 0.06, 0], [0.3, 0.05, 0.3], shell);
  const w = look.between('wide', 0.48, 0.54);
  j.block([0, h, 0.02], [w, 0.08, 0.48], pad, { soft: 0.7, print: true });
  const high = look.between('back', 0.48, 0.78);
  const z = -0.26;
  j.rod(
    [
      [0, h - 0.03, -0.12],
      [0, h - 0.02, z - 0.06],
      [0, h + 0.2, z - 0.07],
    ],
    0.06,
    shell,
  );
  j.box([-w * 0.44, h + 0.12, z - 0.05], [w * 0.44, h + high, z + 0.02], pad, { soft: 1, print: true });
  if (look.t('headrest') > 0.65)
    j.box([-0.13, h + high + 0.06, z - 0.04], [0.13, h + high + 0.2, z + 0.02], pad, { soft: 0.8 });
  if (look.t('arms') > 0.25)
    for (const x of [-w / 2 - 0.045, w / 2 + 0.045]) {
      j.box([x - 0.02, h - 0.04, -0.03], [x + 0.02, h + 0.19, 0.03], shell);
      j.box([x - 0.035, h + 0.19, -0.15], [x + 0.035, h + 0.225, 0.15], shade(shell, 1.3), { soft: 0.2 });
    }
  j.draw();
};

/** A folding or camping chair: crossed tubes and stretched cloth. */
export const foldingChair: Plan = (pen, look) => {
  const j = new Joinery(pen, look, true);
  const tube = { colour: [150, 153, 160] as const, gloss: 0.6 };
  const canvas = cloth(look);
  for (const x of [-0.27, 0.27]) {
    j.rod(
      [
        [x, 0, 0.26],
        [x, 0.42, -0.2],
        [x, 0.86, -0.3],
      ],
      0.032,
      tube,
    );
    j.rod(
      [
        [x * 0.94, 0, -0.26],
        [x * 0.94, 0.44, 0.22],
      ],
      0.032,
      coloured(tube, lit(tube.colour, 0.8)),
    );
  }
  j.block([0, 0.41, 0.01], [0.52, 0.03, 0.42], canvas, { print: true });
  j.box([-0.26, 0.58, -0.3], [0.26, 0.86, -0.26], canvas, { print: true });
  j.draw();
};
