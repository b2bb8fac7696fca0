import { lit } from '../../colour.js';
import { oval, type Point, poly } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { marks } from '../marks.js';

/** Lizards, crocodiles, salamanders, dinosaurs on four short legs. */
export const reptile: Plan = (pen, look) => {
  const { rng } = look;
  const skin = { ...look.main, texture: 'scales' as const, grain: 0.5, density: 1.6 };
  const thick = look.between('thick', 0.14, 0.32);
  const y = 1 - look.between('leg length', 0.14, 0.4) - thick * 0.5;
  const wave = rng.range(-0.15, 0.15);
  for (const x of [-0.25, 0.35])
    pen.limb(
      [
        [x, y],
        [x - 0.16, y + 0.14],
        [x - 0.05, 0.98],
      ],
      0.12,
      0.06,
      coloured(skin, lit(skin.colour, 0.7)),
    );
  const spine: Point[] = [
    [-1, y + 0.12 + wave],
    [-0.6, y + wave * 0.8],
    [-0.2, y - 0.02],
    [0.3, y - 0.04],
    [0.6, y - 0.1],
  ];
  pen.limb(spine, 0.03, thick, skin);
  pen.ellipse(0.1, y, 0.45, thick * 0.62, skin);
  pen.inside(oval(0.1, y, 0.45, thick * 0.62), () => marks(pen, look, 0.1, y, 0.45, thick * 0.6));
  if (look.t('spikes') > 0.6)
    for (let i = 0; i < 7; i++)
      pen.fill(
        poly([
          [-0.5 + i * 0.16, y - thick * 0.4],
          [-0.44 + i * 0.16, y - thick * 0.85],
          [-0.38 + i * 0.16, y - thick * 0.4],
        ]),
        look.second.colour,
      );
  for (const x of [-0.2, 0.4])
    pen.limb(
      [
        [x, y],
        [x + 0.14, y + 0.14],
        [x + 0.06, 1],
      ],
      0.14,
      0.07,
      skin,
    );
  const snout = look.between('snout', 0.2, 0.5);
  pen.blob(
    [
      [0.5, y - 0.2],
      [0.72, y - 0.22],
      [0.65 + snout, y - 0.06],
      [0.65 + snout, y + 0.03],
      [0.55, y + 0.08],
    ],
    skin,
  );
  pen.eye(0.68, y - 0.13, 0.045);
};
