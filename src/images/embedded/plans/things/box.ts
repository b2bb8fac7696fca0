import { blend, lit } from '../../colour.js';
import { oval, rect } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { decorate } from '../marks.js';

/** Appliances, computers, phones, cameras, books, boxes: a case with screens, knobs and labels. */
export const box: Plan = (pen, look) => {
  const { rng } = look;
  const s = { ...look.main, gloss: Math.max(look.main.gloss ?? 0, 0.2) };
  const w = look.between('wide', 0.42, 0.95);
  const h = look.between('high', 0.35, 0.95);
  const top = 1 - 2 * h;
  const depth = look.view === 'front' ? 0.03 : look.between('deep', 0.1, 0.4);
  const radius = look.between('round', 0, 0.2);
  pen.polygon(
    [
      [-w, top],
      [-w + depth, top - depth * 0.6],
      [w + depth, top - depth * 0.6],
      [w, top],
    ],
    coloured(s, lit(s.colour, 1.15)),
  );
  pen.polygon(
    [
      [w, top],
      [w + depth, top - depth * 0.6],
      [w + depth, 1 - depth * 0.6],
      [w, 1],
    ],
    coloured(s, lit(s.colour, 0.6)),
  );
  const front = rect(-w, top, 2 * w, 2 * h, radius);
  pen.part(front, [0, top + h, w, h], s);
  decorate(pen, look, front, 0, top + h, w, h);
  const face = look.choose('face', ['screen', 'lens', 'keys', 'door', 'label', 'grille'] as const);
  const m = 0.12 * w;
  if (face === 'screen') {
    pen.box(
      -w + m,
      top + m,
      2 * w - 2 * m,
      h * look.between('screen', 0.9, 1.7),
      { colour: blend([18, 24, 34], look.third.colour, 0.35 * rng.uniform()), gloss: 0.5 },
      0.03,
    );
    for (let i = 0; i < 4; i++) pen.fill(oval(-w * 0.6 + i * w * 0.4, 1 - m * 0.9, 0.04, 0.04), look.second.colour);
  } else if (face === 'lens') {
    const r = Math.min(w, h) * look.between('lens', 0.45, 0.8);
    pen.ellipse(0, top + h, r, r, look.dark);
    pen.ellipse(0, top + h, r * 0.72, r * 0.72, { colour: look.third.colour, gloss: 0.7 });
    pen.ellipse(0, top + h, r * 0.35, r * 0.35, { colour: [14, 16, 22], gloss: 0.9 });
  } else if (face === 'keys') {
    const rows = 3 + Math.floor(look.t('rows') * 2);
    const cols = 4 + Math.floor(look.t('cols') * 6);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols; c++)
        pen.box(
          -w + m + (c * 2 * (w - m)) / cols,
          top + h * 0.7 + (r * 1.2 * h) / rows,
          (1.6 * (w - m)) / cols,
          (0.9 * h) / rows,
          coloured(look.second, lit(look.second.colour, rng.range(0.9, 1.1))),
          0.02,
        );
    pen.box(-w + m, top + m, 2 * (w - m), h * 0.45, { colour: [150, 168, 140] });
  } else if (face === 'door') {
    pen.box(-w + m, top + h * 0.35, 2 * (w - m), h * 1.5, coloured(s, lit(s.colour, 0.85)), 0.05);
    pen.box(-w + 2 * m, top + h * 0.55, 2 * w - 4 * m, h * 0.9, { colour: [40, 46, 52], gloss: 0.6 }, 0.04);
    pen.box(-w + m, top + m * 0.5, 2 * (w - m), 0.08, look.third);
  } else if (face === 'label') {
    pen.box(-w * 0.7, top + h * 0.4, w * 1.4, h * 0.9, look.second, 0.03);
    for (let i = 0; i < 4; i++)
      pen.fill(rect(-w * 0.55, top + h * (0.55 + i * 0.17), w * rng.range(0.5, 1.1), 0.035), look.dark.colour, 0.7);
  } else
    for (let i = 0; i < 8; i++)
      pen.fill(rect(-w + m, top + m + i * ((2 * h - 2 * m) / 8), 2 * (w - m), (h * 0.9) / 8), lit(s.colour, 0.45));
};
