import { lit, type Rgb } from '../../colour.js';
import { oval, smooth, track } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { marks } from '../marks.js';

/** Birds: perched, standing, or in flight. */
export const bird: Plan = (pen, look) => {
  const { rng } = look;
  const legs = look.between('leg length', 0.12, 0.75);
  const neck = look.between('neck', 0.02, 0.6);
  const plump = look.between('plump', 0.3, 0.52);
  const beak = look.between('beak', 0.14, 0.55);
  const r = look.between('head size', 0.16, 0.27);
  const feathers = { ...look.main, texture: 'feathers' as const, grain: 0.35, density: 1.4 };
  const wing = coloured(feathers, look.t('wing') > 0.4 ? look.second.colour : lit(look.main.colour, 0.8));
  const bill = {
    colour: look.choose('bill', [
      [232, 160, 40],
      [60, 56, 54],
      [204, 84, 50],
      [220, 200, 120],
    ] as readonly Rgb[]),
    gloss: 0.3,
  };
  const flying = look.acts.has('flying') || rng.chance(0.2);
  const y = flying ? 0 : 1 - legs - plump * 0.8;
  const length = look.between('body', 0.5, 0.72);
  const tailLength = look.between('tail', 0.25, 0.8);
  if (flying) {
    const lift = rng.range(-0.9, 0.6);
    const span = look.between('span', 0.75, 1.15);
    pen.polygon(
      [
        [-0.2, 0],
        [0.25, -0.02],
        [-0.1 - lift * 0.1, -span * (0.5 - lift * 0.5)],
        [-0.4, -span * (0.6 - lift * 0.5)],
      ],
      coloured(wing, lit(wing.colour, 0.7)),
    );
    pen.polygon(
      [
        [-length * 0.7, -0.05],
        [-length - tailLength, -0.12],
        [-length - tailLength, 0.12],
        [-length * 0.7, 0.1],
      ],
      wing,
    );
    pen.ellipse(0, 0, length, plump * 0.55, feathers);
    pen.limb(
      [
        [length * 0.7, -0.05],
        [length * 0.9 + neck * 0.6, -0.12 - neck * 0.1],
      ],
      plump * 0.6,
      r * 1.1,
      feathers,
    );
    pen.blob(
      [
        [-0.3, 0.02],
        [0.3, 0],
        [0.05 - lift * 0.2, span * (0.2 + lift * 0.6)],
        [-0.45, span * (0.35 + lift * 0.7)],
      ],
      wing,
    );
  } else {
    for (const s of [-0.06, 0.1])
      pen.line(
        track([
          [s, y + plump * 0.5],
          [s + 0.02, 1],
          [s + 0.14, 1],
        ]),
        bill.colour,
        0.05,
      );
    pen.polygon(
      [
        [-length * 0.6, y - 0.02],
        [-length - tailLength * 0.7, y + tailLength * (look.t('tail up') - 0.35)],
        [-length - tailLength * 0.6, y + 0.14 + tailLength * (look.t('tail up') - 0.35)],
        [-length * 0.5, y + 0.2],
      ],
      wing,
    );
    const body = smooth([
      [-length, y + 0.02],
      [-0.1, y - plump * 0.8],
      [length * 0.75, y - plump * 0.55],
      [length * 0.8, y + plump * 0.3],
      [0, y + plump * 0.9],
      [-length * 0.7, y + plump * 0.45],
    ]);
    pen.part(body, [0, y, length, plump], feathers);
    pen.inside(body, () => {
      if (look.t('breast') > 0.45)
        pen.fill(oval(length * 0.55, y + plump * 0.25, length * 0.5, plump * 0.75), look.third.colour, 0.9);
      if (look.pattern === 'spots' || look.pattern === 'stripes') marks(pen, look, 0, y, length, plump);
    });
    pen.blob(
      [
        [length * 0.35, y - plump * 0.45],
        [-length * 0.2, y - plump * 0.4],
        [-length * 1.05, y + plump * 0.25],
        [-0.05, y + plump * 0.45],
      ],
      wing,
    );
    if (neck > 0.12)
      pen.limb(
        [
          [length * 0.6, y - plump * 0.3],
          [length * 0.85, y - plump * 0.5 - neck * 0.5],
          [length * 0.75 + neck * 0.15, y - plump * 0.5 - neck],
        ],
        plump * 0.7,
        r * 1.2,
        feathers,
      );
  }
  const hx = flying ? length * 0.9 + neck * 0.6 : length * 0.72 + neck * 0.15;
  const hy = flying ? -0.12 - neck * 0.1 : y - plump * 0.6 - neck;
  const crown = coloured(feathers, look.t('crown') > 0.6 ? look.third.colour : look.main.colour);
  if (look.t('crest') > 0.75)
    pen.polygon(
      [
        [hx - r * 0.2, hy - r * 0.7],
        [hx - r * 1.4, hy - r * 1.5],
        [hx + r * 0.3, hy - r * 0.9],
      ],
      crown,
    );
  const hooked = look.t('hook') > 0.6 ? 0.14 : 0.02;
  pen.polygon(
    [
      [hx + r * 0.6, hy - r * 0.3],
      [hx + r * 0.8 + beak, hy + hooked],
      [hx + r * 0.6, hy + r * 0.35],
    ],
    bill,
  );
  pen.ellipse(hx, hy, r, r * 0.92, crown);
  pen.eye(hx + r * 0.35, hy - r * 0.15, r * 0.19);
};
