import { lit } from '../../colour.js';
import { rect } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { GLASS, paintwork, TYRE, wheel } from './bodywork.js';

/** Lorries, vans, fire engines, diggers: a cab and what is behind it. */
export const truck: Plan = (pen, look) => {
  const body = paintwork(look);
  const r = look.between('wheel', 0.14, 0.24);
  const floor = 1 - r * 1.2;
  const cab = look.between('cab', 0.34, 0.62);
  const load = look.between('load height', 0.55, 1.25);
  const kind = look.choose('load', ['box', 'flat', 'tank', 'tipper', 'van', 'arm'] as const);
  const cabTop = floor - look.between('cab height', 0.6, 0.95);
  if (look.view === 'front') {
    const w = look.between('front width', 0.55, 0.72);
    for (const s of [-1, 1]) pen.box(s * w * 0.8 - 0.12, 0.62, 0.24, 0.38, { colour: TYRE }, 0.05);
    pen.box(-w, -0.85, 2 * w, 1.65, body, 0.08);
    pen.box(-w * 0.85, -0.7, w * 1.7, 0.55, { colour: GLASS, gloss: 0.6 }, 0.05);
    pen.box(-w * 0.55, 0.1, w * 1.1, 0.34, { colour: [46, 46, 50] }, 0.03);
    for (const s of [-1, 1]) pen.ellipse(s * w * 0.78, 0.5, 0.1, 0.1, { colour: [248, 242, 208], gloss: 0.8 });
    return;
  }
  const x0 = 0.98 - cab;
  const cargo = {
    ...coloured(look.main, look.t('two tone') > 0.4 ? look.second.colour : look.main.colour),
    gloss: 0.2,
  };
  pen.box(-0.98, floor - 0.08, 1.94, 0.12, { colour: [54, 54, 58] });
  if (kind === 'box')
    pen.box(-0.98, floor - load, x0 + 0.93, load, { ...cargo, texture: 'stripes', grain: 0.15, density: 2 });
  else if (kind === 'van') pen.box(-0.98, cabTop, x0 + 1.1, floor - cabTop, body, 0.1);
  else if (kind === 'tank')
    pen.ellipse((x0 - 0.98) / 2, floor - load * 0.35, (x0 + 0.93) / 2, load * 0.38, { ...cargo, gloss: 0.7 });
  else if (kind === 'tipper')
    pen.polygon(
      [
        [-0.99, floor - load * 0.75],
        [x0 - 0.08, floor - load * 0.62],
        [x0 - 0.14, floor - 0.08],
        [-0.85, floor - 0.08],
      ],
      { ...cargo, texture: 'cloudy', grain: 0.4 },
    );
  else if (kind === 'arm') {
    pen.limb(
      [
        [-0.3, floor - 0.1],
        [-0.55, floor - load],
        [-0.95, floor - load * 0.4],
      ],
      0.16,
      0.1,
      cargo,
    );
    pen.polygon(
      [
        [-1, floor - load * 0.45],
        [-0.75, floor - load * 0.35],
        [-0.85, floor - 0.05],
        [-1, floor - 0.1],
      ],
      { colour: [80, 80, 84] },
    );
  } else
    for (let i = 0; i < 3; i++)
      pen.box(-0.95 + i * ((x0 + 0.9) / 3), floor - load * pen.rng.range(0.25, 0.6), (x0 + 0.75) / 3, load * 0.5, {
        ...look.third,
        texture: 'wood',
        grain: 0.4,
      });
  pen.polygon(
    [
      [x0, cabTop],
      [0.9, cabTop],
      [0.99, floor - 0.3],
      [0.99, floor],
      [x0, floor],
    ],
    body,
  );
  pen.polygon(
    [
      [x0 + cab * 0.3, cabTop + 0.08],
      [0.86, cabTop + 0.08],
      [0.94, floor - 0.38],
      [x0 + cab * 0.3, floor - 0.38],
    ],
    { colour: GLASS, gloss: 0.6 },
  );
  pen.fill(rect(x0 + 0.02, floor - 0.14, cab - 0.06, 0.08), lit(body.colour, 0.5));
  const axles = 2 + Math.floor(look.t('axles') * 2.4);
  for (let i = 0; i < axles - 1; i++) wheel(pen, look, -0.75 + i * (r * 2.15), 1 - r, r);
  wheel(pen, look, 0.98 - cab * 0.45, 1 - r, r);
};
