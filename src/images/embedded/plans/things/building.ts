import { lit } from '../../colour.js';
import { oval, rect } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';

/** Houses, towers, churches, bridges, barns. */
export const building: Plan = (pen, look) => {
  const { rng } = look;
  const wall = {
    ...look.main,
    texture: look.choose('wall', ['bricks', 'cloudy', 'wood', 'cracks', 'fine'] as const),
    grain: look.between('rough', 0.2, 0.6),
    density: 1.2,
    gloss: 0,
  };
  const kind = look.choose('kind', ['house', 'tower', 'temple', 'block', 'bridge', 'barn'] as const);
  const glass = lit([70, 84, 98], rng.range(0.7, 1.5));
  const grid = (x: number, y: number, w: number, h: number, nx: number, ny: number) => {
    for (let i = 0; i < nx; i++)
      for (let j = 0; j < ny; j++)
        pen.fill(rect(x + ((i + 0.22) * w) / nx, y + ((j + 0.2) * h) / ny, (w / nx) * 0.56, (h / ny) * 0.6), glass);
  };
  if (kind === 'bridge') {
    const arches = 2 + Math.floor(look.t('arches') * 3);
    pen.box(-1, 0.1, 2, 0.7, wall);
    for (let i = 0; i < arches; i++)
      pen.fill(oval(-1 + ((i + 0.5) * 2) / arches, 0.85, 0.75 / arches, 0.5), [96, 112, 124]);
    pen.box(-1, 0.02, 2, 0.12, look.second);
    return;
  }
  const w = kind === 'tower' ? look.between('slim', 0.22, 0.42) : look.between('wide', 0.6, 0.95);
  const top =
    kind === 'tower' || kind === 'block' ? look.between('tall', -0.85, -0.4) : look.between('low', -0.15, 0.25);
  const side = look.view === 'front' ? 0 : look.between('side', 0.15, 0.4);
  if (side)
    pen.polygon(
      [
        [w - side, top],
        [w + side * 0.4, top + 0.1],
        [w + side * 0.4, 0.95],
        [w - side, 1],
      ],
      coloured(wall, lit(wall.colour, 0.6)),
    );
  pen.box(-w, top, 2 * w - side, 1 - top, wall);
  grid(
    -w,
    top + 0.1,
    2 * w - side,
    0.72 - top,
    2 + Math.floor(look.t('columns') * 4),
    kind === 'block' || kind === 'tower' ? 4 + Math.floor(look.t('floors') * 4) : 1 + Math.floor(look.t('floors') * 2),
  );
  const roof = { ...look.second, texture: 'scales' as const, grain: 0.4, density: 2 };
  if (kind === 'temple') {
    for (let i = 0; i < 5; i++)
      pen.box(-w + (i * 2 * w) / 5 + 0.03, top + 0.1, 0.13, 0.9 - top, { colour: lit(wall.colour, 1.15) });
    pen.polygon(
      [
        [-w - 0.1, top],
        [0, top - 0.5],
        [w + 0.1, top],
      ],
      wall,
    );
  } else if (kind !== 'block') {
    const h = look.between('roof', 0.25, 0.75);
    if (look.t('dome') > 0.75) pen.ellipse(-side / 2, top, w - side / 2, h, roof);
    else
      pen.polygon(
        [
          [-w - 0.08, top + 0.02],
          [-side / 2, top - h],
          [w - side + 0.08, top + 0.02],
        ],
        roof,
      );
  }
  pen.box(-0.12 - side / 2, 0.68, 0.24, 0.32, look.third);
};
