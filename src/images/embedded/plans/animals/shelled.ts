import { oval, smooth, track } from '../../pen.js';
import type { Plan } from '../../plan.js';

/** Turtles, snails, crabs and other bearers of shells. */
export const shelled: Plan = (pen, look) => {
  const skin = { ...look.second, texture: 'scales' as const, grain: 0.4 };
  const shell = {
    ...look.main,
    texture: look.choose('shell', ['cells', 'cracks', 'stripes', 'cloudy'] as const),
    grain: 0.7,
    density: 1.1,
    gloss: 0.3,
  };
  const kind = look.choose('shell kind', ['dome', 'spiral', 'crab'] as const);
  if (kind === 'crab') {
    for (const s of [-1, 1]) {
      for (let i = 0; i < 3; i++)
        pen.limb(
          [
            [s * 0.4, 0.45 + i * 0.1],
            [s * (0.75 + i * 0.06), 0.3 + i * 0.14],
            [s * (0.85 + i * 0.03), 0.9],
          ],
          0.1,
          0.05,
          skin,
        );
      pen.limb(
        [
          [s * 0.4, 0.3],
          [s * 0.8, 0],
          [s * 0.65, -0.35],
        ],
        0.16,
        0.2,
        shell,
      );
      pen.polygon(
        [
          [s * 0.55, -0.3],
          [s * 0.5, -0.65],
          [s * 0.66, -0.4],
          [s * 0.8, -0.62],
          [s * 0.78, -0.28],
        ],
        shell,
      );
    }
    pen.ellipse(0, 0.4, 0.55, 0.36, shell);
    for (const s of [-1, 1]) pen.eye(s * 0.15, 0.02, 0.06);
    return;
  }
  if (kind === 'spiral') {
    pen.limb(
      [
        [-0.9, 0.95],
        [0, 0.88],
        [0.6, 0.85],
        [0.85, 0.5],
      ],
      0.12,
      0.22,
      skin,
    );
    for (const s of [0, 0.1])
      pen.line(
        track([
          [0.85, 0.45],
          [0.92 + s, 0.12],
        ]),
        skin.colour,
        0.04,
      );
    pen.ellipse(-0.1, 0.3, 0.62, 0.58, shell);
    for (const [r, a] of [
      [0.42, 0.05],
      [0.26, 0.08],
      [0.12, 0.1],
    ] as const)
      pen.line(oval(-0.1 + a, 0.3 + a * 0.5, r, r * 0.92), look.dark.colour, 0.05, 0.6);
    return;
  }
  for (const x of [-0.55, 0.45])
    pen.limb(
      [
        [x, 0.55],
        [x + 0.12, 1],
      ],
      0.26,
      0.2,
      skin,
    );
  pen.limb(
    [
      [0.55, 0.5],
      [0.8, 0.35],
      [0.92, 0.15],
    ],
    0.24,
    0.28,
    skin,
  );
  pen.eye(0.97, 0.1, 0.05);
  const high = look.between('dome', 0.5, 0.85);
  pen.part(
    smooth([
      [-0.85, 0.68],
      [-0.6, 0.68 - high * 0.8],
      [0, 0.68 - high],
      [0.6, 0.68 - high * 0.75],
      [0.82, 0.68],
      [0, 0.78],
    ]),
    [0, 0.4, 0.85, high * 0.6],
    shell,
  );
};
