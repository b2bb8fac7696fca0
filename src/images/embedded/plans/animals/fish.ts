import { lit } from '../../colour.js';
import { oval, type Point, smooth } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { marks } from '../marks.js';

/** Fish, whales, dolphins, sharks, rays of light on them. */
export const fish: Plan = (pen, look) => {
  const { rng } = look;
  const l = 0.78;
  const h = look.between('depth', 0.16, 0.55);
  const skin = {
    ...look.main,
    texture: look.t('scaly') > 0.4 ? ('scales' as const) : ('cloudy' as const),
    grain: 0.35,
    density: 2,
    gloss: 0.35,
  };
  const fin = {
    ...coloured(skin, look.t('fins') > 0.5 ? look.second.colour : lit(look.main.colour, 0.8)),
    texture: undefined,
    clear: 0.15,
  };
  const sway = rng.range(-0.12, 0.12);
  const fork = look.between('fork', 0.1, 0.45);
  const tailH = look.between('tail', 0.22, 0.55);
  pen.polygon(
    [
      [-l * 0.75, 0],
      [-1, -tailH + sway],
      [-1 + fork * 0.5, sway],
      [-1, tailH + sway],
    ],
    fin,
  );
  const dorsal = look.between('dorsal', 0.06, 0.4);
  const dx = look.between('dorsal at', -0.3, 0.2);
  pen.polygon(
    [
      [dx + 0.35, -h * 0.7],
      [dx - 0.05, -h - dorsal],
      [dx - look.between('dorsal long', 0.15, 0.5), -h * 0.75],
    ],
    fin,
  );
  if (look.t('anal') > 0.4)
    pen.polygon(
      [
        [-0.05, h * 0.75],
        [-0.35, h + dorsal * 0.7],
        [-0.45, h * 0.55],
      ],
      fin,
    );
  const outline: Point[] = [
    [l, -0.02],
    [l * 0.55, -h * 0.8],
    [0, -h],
    [-l * 0.6, -h * 0.35],
    [-l * 0.85, sway * 0.6],
    [-l * 0.6, h * 0.35],
    [0, h * 0.95],
    [l * 0.6, h * 0.7],
  ];
  const body = smooth(outline);
  pen.part(body, [0, 0, l, h], skin);
  pen.inside(body, () => {
    pen.fill(oval(0, h, l, h * 0.7), lit(look.second.colour, 1.25), 0.55);
    if (look.pattern !== 'plain' && look.pattern !== 'belly') marks(pen, look, 0, 0, l, h);
  });
  pen.polygon(
    [
      [l * 0.35, 0.05],
      [0.02, h * 0.75 + 0.12],
      [0.12, 0.08],
    ],
    fin,
  );
  pen.line(
    smooth([
      [l * 0.5, -h * 0.5],
      [l * 0.42, 0],
      [l * 0.5, h * 0.5],
      [l * 0.45, 0],
    ]),
    look.dark.colour,
    0.02,
    0.5,
  );
  pen.eye(l * 0.68, -h * 0.18, Math.max(0.045, h * 0.15));
};
