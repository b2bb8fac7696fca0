import { lit } from '../../colour.js';
import { oval, poly, type smooth, track } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { marks } from '../marks.js';

/** Shirts, coats, trousers, dresses, hats, bags. */
export const clothing: Plan = (pen, look) => {
  const { rng } = look;
  const cloth = {
    ...look.main,
    texture: look.main.texture ?? ('weave' as const),
    grain: 0.35,
    density: look.between('weave', 1, 3),
  };
  const kind = look.choose('garment', ['shirt', 'trousers', 'dress', 'hat', 'bag', 'scarf'] as const);
  const folds = (path: ReturnType<typeof smooth>) =>
    pen.inside(path, () => {
      marks(pen, look, 0, 0.1, 0.6, 0.7);
      for (let i = 0; i < 5; i++) {
        const x = rng.normal() * 0.35;
        pen.line(
          track([
            [x, -0.7],
            [x + rng.normal() * 0.12, 1],
          ]),
          lit(cloth.colour, 0.6),
          0.05,
          0.35,
        );
      }
    });
  if (kind === 'shirt' || kind === 'dress') {
    const long = kind === 'dress' ? 1 : look.between('long', 0.55, 0.9);
    const sleeve = look.between('sleeve', 0.2, 0.85);
    const flare = kind === 'dress' ? look.between('flare', 0.5, 0.8) : 0.46;
    for (const s of [-1, 1])
      pen.limb(
        [
          [s * 0.42, -0.62],
          [s * 0.68, -0.62 + sleeve * 0.5],
          [s * (0.72 + rng.normal() * 0.04), -0.62 + sleeve],
        ],
        0.34,
        0.22,
        coloured(cloth, lit(cloth.colour, 0.85)),
      );
    const path = poly([
      [-0.5, -0.8],
      [-0.18, -0.88],
      [0, -0.74],
      [0.18, -0.88],
      [0.5, -0.8],
      [0.42, -0.1],
      [flare, long],
      [-flare, long],
      [-0.42, -0.1],
    ]);
    pen.part(path, [0, 0.05, 0.5, 0.85], cloth);
    folds(path);
    if (look.t('buttons') > 0.5)
      for (let i = 0; i < 5; i++) pen.fill(oval(0, -0.55 + i * 0.28, 0.035, 0.035), look.second.colour);
    if (look.t('collar') > 0.5)
      pen.polygon(
        [
          [-0.2, -0.88],
          [0, -0.62],
          [0.2, -0.88],
          [0, -0.76],
        ],
        look.second,
      );
  } else if (kind === 'trousers') {
    const w = look.between('leg', 0.3, 0.46);
    for (const s of [-1, 1]) {
      const path = poly([
        [0, -0.85],
        [s * 0.5, -0.85],
        [s * 0.55, 0.98],
        [s * (0.55 - w), 0.98],
        [0, -0.2],
      ]);
      pen.part(path, [s * 0.3, 0, 0.3, 0.95], coloured(cloth, lit(cloth.colour, s < 0 ? 0.9 : 1.05)));
      folds(path);
    }
    pen.box(-0.5, -0.95, 1, 0.14, look.second);
  } else if (kind === 'hat') {
    const brim = look.between('brim', 0.5, 0.98);
    const h = look.between('crown', 0.5, 1.1);
    pen.ellipse(0, 0.6, brim, 0.2, coloured(cloth, lit(cloth.colour, 0.8)));
    pen.blob(
      [
        [-0.52, 0.55],
        [-0.45, 0.5 - h],
        [0, 0.42 - h],
        [0.45, 0.5 - h],
        [0.52, 0.55],
      ],
      cloth,
    );
    pen.box(-0.52, 0.36, 1.04, 0.16, look.second);
  } else if (kind === 'bag') {
    pen.line(oval(0, -0.35, 0.38, look.between('strap', 0.3, 0.6)), look.second.colour, 0.1);
    pen.box(-0.72, -0.35, 1.44, 1.25, cloth, look.between('round', 0.05, 0.4));
    pen.box(-0.72, -0.35, 1.44, 0.5, coloured(cloth, lit(cloth.colour, 0.85)), 0.1);
    pen.box(-0.12, 0.05, 0.24, 0.16, look.third, 0.03);
  } else {
    pen.limb(
      [
        [-0.6, -0.9],
        [-0.3, 0],
        [-0.4, 0.95],
      ],
      0.42,
      0.5,
      cloth,
    );
    pen.limb(
      [
        [0.3, -0.8],
        [-0.1, -0.3],
        [0.5, 0.5],
        [0.4, 0.98],
      ],
      0.42,
      0.5,
      coloured(cloth, look.second.colour),
    );
  }
};
