import { lit } from '../../colour.js';
import { oval, type Point, smooth, track } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { marks } from '../marks.js';

/** Frogs, toads, and other squat things on bent legs. */
export const frog: Plan = (pen, look) => {
  const skin = {
    ...look.main,
    texture: look.t('warty') > 0.5 ? ('pebbles' as const) : ('cloudy' as const),
    grain: 0.45,
    gloss: 0.4,
  };
  const far = coloured(skin, lit(skin.colour, 0.7));
  const w = look.between('width', 0.55, 0.78);
  const front = look.view === 'front' || look.view === 'top';
  if (front) {
    for (const s of [-1, 1]) {
      pen.limb(
        [
          [s * w * 0.5, 0.5],
          [s * (w + 0.25), 0.35],
          [s * (w * 0.8), 0.9],
          [s * (w + 0.25), 0.97],
        ],
        0.26,
        0.1,
        far,
      );
      pen.limb(
        [
          [s * w * 0.4, 0.55],
          [s * w * 0.45, 1],
        ],
        0.16,
        0.12,
        skin,
      );
    }
    pen.ellipse(0, 0.45, w * 0.85, 0.5, skin);
    pen.inside(oval(0, 0.45, w * 0.85, 0.5), () => marks(pen, look, 0, 0.4, w * 0.8, 0.4));
    pen.ellipse(0, 0.02, w * 0.72, 0.36, skin);
    for (const s of [-1, 1]) {
      pen.ellipse(s * w * 0.45, -0.28, 0.17, 0.17, skin);
      pen.eye(s * w * 0.45, -0.29, 0.1, [30, 22, 8]);
    }
    pen.line(
      track([
        [-w * 0.5, 0.12],
        [0, 0.2],
        [w * 0.5, 0.12],
      ]),
      look.dark.colour,
      0.035,
      0.7,
    );
    return;
  }
  pen.limb(
    [
      [-0.45, 0.55],
      [-0.85, 0.4],
      [-0.45, 0.92],
      [-0.9, 0.97],
    ],
    0.34,
    0.1,
    far,
  );
  const outline: Point[] = [
    [-0.75, 0.62],
    [-0.5, 0.15],
    [0.1, -0.22],
    [0.55, -0.3],
    [0.85, -0.02],
    [0.62, 0.4],
    [0.1, 0.85],
    [-0.5, 0.88],
  ];
  pen.blob(outline, skin);
  pen.inside(smooth(outline), () => marks(pen, look, 0, 0.25, 0.7, 0.5));
  pen.fill(oval(0.45, 0.5, 0.35, 0.25), lit(look.second.colour, 1.2), 0.5);
  pen.limb(
    [
      [-0.3, 0.6],
      [-0.65, 0.45],
      [-0.25, 0.93],
      [-0.55, 1],
    ],
    0.36,
    0.11,
    skin,
  );
  pen.limb(
    [
      [0.3, 0.5],
      [0.42, 0.8],
      [0.4, 1],
      [0.6, 1],
    ],
    0.2,
    0.1,
    skin,
  );
  pen.ellipse(0.5, -0.34, 0.16, 0.16, skin);
  pen.eye(0.53, -0.35, 0.1, [34, 26, 8]);
  pen.line(
    track([
      [0.85, 0.02],
      [0.6, 0.1],
      [0.35, 0.05],
    ]),
    look.dark.colour,
    0.035,
    0.7,
  );
};
