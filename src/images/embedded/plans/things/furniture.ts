import { lit } from '../../colour.js';
import { oval, rect, smooth } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';

/** Chairs, sofas, tables, beds, cupboards. */
export const furniture: Plan = (pen, look) => {
  const s = look.main;
  const side = coloured(s, lit(s.colour, 0.65));
  const kind = look.choose('kind', ['chair', 'table', 'sofa', 'cabinet', 'bed', 'shelf'] as const);
  const leg = look.between('leg', 0.06, 0.15);
  const tall = look.between('tall', 0.5, 1);
  const skew = look.view === 'front' ? 0 : 0.22;
  if (kind === 'chair') {
    for (const [x, y] of [
      [-0.5, 0.88],
      [0.5 + skew, 0.85],
    ] as const)
      pen.box(x - leg / 2, 0.2, leg, y - 0.2, side);
    pen.polygon(
      [
        [-0.55, 0.15],
        [0.55, 0.15],
        [0.6 + skew, -0.02],
        [-0.45 + skew, -0.02],
      ],
      s,
    );
    const back = smooth([
      [-0.45 + skew, 0],
      [-0.45 + skew, -tall * 0.9],
      [0.05 + skew, -tall],
      [0.58 + skew, -tall * 0.9],
      [0.58 + skew, 0],
    ]);
    pen.part(
      back,
      [0.06 + skew, -tall / 2, 0.5, tall / 2],
      look.t('slats') > 0.5 ? { ...s, clear: 0.5 } : coloured(s, look.second.colour),
    );
    if (look.t('slats') > 0.5)
      for (let i = 0; i < 5; i++) pen.box(-0.42 + skew + i * 0.22, -tall * 0.95, 0.09, tall * 0.95, s);
    pen.box(-0.55, 0.13, 1.1, 0.12, side);
    for (const x of [-0.5, 0.5]) pen.box(x - leg / 2, 0.25, leg, 0.75, s);
  } else if (kind === 'table') {
    for (const x of [-0.65 + skew, 0.7 + skew]) pen.box(x, 0, leg, 0.8, side);
    pen.polygon(
      [
        [-0.95, 0.1],
        [0.8, 0.1],
        [0.95 + skew * 0.2, -0.22],
        [-0.75, -0.22],
      ],
      s,
    );
    pen.box(-0.95, 0.1, 1.75, 0.12, side);
    for (const x of [-0.88, 0.66]) pen.box(x, 0.2, leg, 0.8, s);
    if (look.t('drawer') > 0.5) pen.box(-0.5, 0.22, 0.8, 0.2, side);
  } else if (kind === 'sofa' || kind === 'bed') {
    const soft = { ...s, texture: s.texture ?? ('weave' as const), grain: 0.3 };
    pen.box(-0.9, -tall * 0.7, 1.8, tall * 0.7 + 0.4, coloured(soft, lit(s.colour, 0.85)), 0.14);
    const n = kind === 'bed' ? 1 : 2 + Math.floor(look.t('seats') * 2);
    for (let i = 0; i < n; i++)
      pen.box(
        -0.78 + (i * 1.56) / n,
        0.12,
        1.52 / n,
        0.34,
        coloured(soft, kind === 'bed' ? look.second.colour : lit(s.colour, 1.08)),
        0.1,
      );
    for (const x of [-1, 0.78]) pen.box(x, -0.1, 0.24, 0.85, soft, 0.1);
    pen.box(-0.9, 0.45, 1.8, 0.36, soft, 0.05);
    pen.box(-0.45, -0.12, 0.4, 0.32, look.third, 0.08);
    for (const x of [-0.85, 0.75]) pen.box(x, 0.8, 0.1, 0.2, look.dark);
  } else {
    const rows = 2 + Math.floor(look.t('rows') * 3);
    const cols = 1 + Math.floor(look.t('cols') * 2.5);
    const w = look.between('wide', 0.5, 0.85);
    pen.polygon(
      [
        [w, -0.95],
        [w + skew * 0.8, -0.85],
        [w + skew * 0.8, 0.9],
        [w, 1],
      ],
      side,
    );
    pen.box(-w, -0.95, 2 * w, 1.95, s, 0.03);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols; c++) {
        const x = -w + 0.08 + (c * (2 * w - 0.12)) / cols;
        const y = -0.87 + (r * 1.8) / rows;
        const bw = (2 * w - 0.16) / cols - 0.04;
        const bh = 1.75 / rows - 0.06;
        if (kind === 'shelf') {
          pen.fill(rect(x, y, bw, bh), lit(s.colour, 0.35));
          for (let k = 0; k < 4; k++)
            pen.box(x + (k * bw) / 4, y + bh * pen.rng.range(0.15, 0.5), bw / 5, bh * 0.5, {
              colour: pen.rng.pick([look.second.colour, look.third.colour, look.dark.colour]),
            });
        } else {
          pen.box(x, y, bw, bh, coloured(s, lit(s.colour, 1.12)), 0.02);
          pen.fill(oval(x + bw * 0.5, y + bh * 0.5, 0.05, 0.03), look.third.colour);
        }
      }
  }
};
