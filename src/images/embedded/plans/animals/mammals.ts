import { blend, lit } from '../../colour.js';
import { oval, type Pen, type Point, poly, smooth } from '../../pen.js';
import { coloured, type Look, type Plan } from '../../plan.js';
import { marks } from '../marks.js';

function ears(pen: Pen, look: Look, x: number, y: number, r: number, front: boolean): void {
  const size = r * look.between('ear size', 0.35, 1.25);
  const kind = look.choose('ear kind', ['pointed', 'round', 'long', 'floppy'] as const);
  for (const side of front ? [-1, 1] : [-0.35, 0.25]) {
    const ex = x + side * r * 0.75;
    const ey = y - r * 0.72;
    const shade = coloured(look.main, lit(look.main.colour, side < 0 && !front ? 0.75 : 1));
    if (kind === 'pointed') {
      pen.polygon(
        [
          [ex - size * 0.4, ey + size * 0.35],
          [ex + side * size * 0.2, ey - size * 0.8],
          [ex + size * 0.4, ey + size * 0.35],
        ],
        shade,
      );
      pen.fill(
        poly([
          [ex - size * 0.2, ey + size * 0.25],
          [ex + side * size * 0.15, ey - size * 0.45],
          [ex + size * 0.2, ey + size * 0.25],
        ]),
        look.third.colour,
        0.7,
      );
    } else if (kind === 'round') pen.ellipse(ex, ey, size * 0.5, size * 0.5, shade);
    else if (kind === 'long') pen.ellipse(ex, ey - size * 0.5, size * 0.24, size * 0.95, shade, side * 0.25);
    else
      pen.ellipse(
        ex + side * size * 0.25,
        ey + size * 0.5,
        size * 0.32,
        size * 0.75,
        coloured(shade, lit(shade.colour, 0.75)),
        -side * 0.4,
      );
  }
}

function headgear(pen: Pen, look: Look, x: number, y: number, r: number, front: boolean): void {
  if (look.t('horns') < 0.72) return;
  const length = r * look.between('horn length', 0.8, 2.4);
  const bone = {
    ...look.third,
    colour: blend([222, 206, 170], look.dark.colour, look.t('horn dark')),
    texture: undefined,
  };
  for (const side of front ? [-1, 1] : [-0.2, 0.3]) {
    const bx = x + side * r * 0.5;
    const by = y - r * 0.75;
    const lean = front ? side : -0.4 + side;
    const tip: Point = [bx + lean * length * 0.5, by - length];
    pen.limb([[bx, by], [bx + lean * length * 0.45, by - length * 0.5], tip], r * 0.26, r * 0.07, bone);
    if (look.t('antlers') > 0.5)
      for (const k of [0.45, 0.75]) {
        const px = bx + lean * length * 0.45 * k * 1.4;
        const py = by - length * k;
        pen.limb(
          [
            [px, py],
            [px + lean * length * 0.4, py - length * 0.25],
          ],
          r * 0.14,
          r * 0.05,
          bone,
        );
      }
  }
}

/** A head in profile (snout to the right) or from the front. */
function head(pen: Pen, look: Look, x: number, y: number, r: number, front: boolean): void {
  const snout = look.between('snout', 0.25, 1.35);
  const skin = coloured(look.main, look.t('face') > 0.75 ? look.second.colour : look.main.colour);
  ears(pen, look, x, y, r, front);
  headgear(pen, look, x, y, r, front);
  const muzzle = coloured(
    look.main,
    look.t('muzzle') > 0.5 ? lit(look.second.colour, 1.1) : lit(look.main.colour, 0.9),
  );
  if (front) {
    const long = 1 + snout * 0.35;
    pen.ellipse(x, y, r * 0.92, r * long, skin);
    pen.inside(oval(x, y, r * 0.92, r * long), () => {
      if (look.pattern === 'stripes' || look.pattern === 'patches') marks(pen, look, x, y - r * 0.4, r, r * 0.5);
    });
    pen.ellipse(x, y + r * (0.45 + snout * 0.25), r * (0.5 - snout * 0.08), r * 0.38, muzzle);
    pen.fill(oval(x, y + r * (0.3 + snout * 0.25), r * 0.2, r * 0.14), look.dark.colour);
    for (const s of [-1, 1]) pen.eye(x + s * r * 0.4, y - r * 0.1, r * 0.15, [30, 24, 16]);
    return;
  }
  pen.ellipse(x, y, r, r * 0.88, skin);
  pen.blob(
    [
      [x + r * 0.4, y - r * 0.35],
      [x + r * (0.8 + snout), y - r * 0.02],
      [x + r * (0.85 + snout), y + r * 0.35],
      [x + r * 0.3, y + r * 0.65],
    ],
    muzzle,
  );
  pen.fill(oval(x + r * (0.85 + snout), y + r * 0.06, r * 0.16, r * 0.14), look.dark.colour);
  pen.eye(x + r * 0.4, y - r * 0.18, r * 0.14, [26, 20, 14]);
}

function tail(pen: Pen, look: Look, x: number, y: number, scale: number): void {
  const length = scale * look.between('tail', 0.15, 1.1);
  const up = look.rng.range(-0.6, 0.7) + look.t('tail up') - 0.5;
  const bushy = look.t('tail bush');
  const thick = scale * (0.06 + 0.2 * bushy * bushy);
  const points: Point[] = [
    [x, y],
    [x - length * 0.5, y - length * (up * 0.5) + 0.05],
    [x - length * 0.85, y - length * up],
  ];
  pen.limb(points, thick, thick * (bushy > 0.6 ? 0.9 : 0.35), coloured(look.main, lit(look.main.colour, 0.9)));
}

/** Four-legged mammals: dogs, cats, horses, deer, cattle, bears, elephants … by their proportions. */
export const quadruped: Plan = (pen, look) => {
  const { rng } = look;
  const legs = look.between('leg length', 0.28, 0.95);
  const thick = look.between('leg width', 0.09, 0.26);
  const length = look.between('body length', 0.55, 0.95);
  const depth = look.between('body depth', 0.24, 0.5);
  const headSize = look.between('head size', 0.17, 0.36);
  if (look.view === 'front') {
    const by = 1 - legs * 0.9 - depth;
    for (const s of [-1, 1])
      pen.limb(
        [
          [s * depth * 0.55, by],
          [s * depth * 0.6, 1],
        ],
        thick * 1.1,
        thick * 0.85,
        look.main,
      );
    pen.ellipse(0, by, depth * 0.95, depth * 1.15, look.main);
    pen.inside(oval(0, by, depth * 0.95, depth * 1.15), () => marks(pen, look, 0, by, depth, depth));
    head(pen, look, rng.normal() * 0.06, by - depth * 0.75 - headSize * 0.4, headSize * 1.35, true);
    return;
  }
  const short = look.view === 'quarter' ? 0.72 : 1;
  const l = length * short;
  const resting = rng.chance(0.12);
  const standing = resting ? 0.12 : legs;
  const by = 1 - standing - depth * 0.75;
  const far = coloured(look.main, lit(look.main.colour, 0.68));
  const stride = rng.range(-0.22, 0.22) * (look.acts.has('running') ? 2 : 1);
  if (!resting)
    for (const [x, swing] of [
      [-l * 0.62, stride],
      [l * 0.62, -stride],
    ] as const)
      pen.limb(
        [
          [x + 0.1, by],
          [x + 0.1 + swing * 0.4, by + legs * 0.55],
          [x + 0.08 + swing, 1 - 0.04],
        ],
        thick * 1.2,
        thick * 0.7,
        far,
      );
  tail(pen, look, -l * 0.95, by - depth * 0.35, 1);
  const back = look.between('back', -0.12, 0.18);
  const outline: Point[] = [
    [-l, by - depth * 0.2],
    [-l * 0.6, by - depth * 0.85],
    [0, by - depth * (0.8 + back)],
    [l * 0.7, by - depth * 0.9],
    [l, by - depth * 0.1],
    [l * 0.6, by + depth * 0.75],
    [0, by + depth * (0.72 + 0.25 * look.t('belly'))],
    [-l * 0.65, by + depth * 0.65],
  ];
  pen.blob(outline, look.main);
  pen.inside(smooth(outline), () => marks(pen, look, 0, by, l, depth));
  if (!resting)
    for (const [x, swing] of [
      [-l * 0.72, -stride],
      [l * 0.68, stride],
    ] as const)
      pen.limb(
        [
          [x, by + depth * 0.1],
          [x + swing * 0.5, by + depth * 0.4 + legs * 0.45],
          [x + swing, 1],
        ],
        thick * 1.5,
        thick * 0.75,
        look.main,
      );
  else pen.ellipse(l * 0.5, 0.95, l * 0.4, 0.08, look.main);
  // Neck and head; grazing animals hold it low now and then.
  const neck = look.between('neck', 0.05, 0.75);
  const low = rng.chance(look.t('grazes') * 0.4);
  const hx = l * 0.95 + neck * (low ? 0.45 : 0.3);
  const hy = by - depth * 0.5 + (low ? neck * 0.9 : -neck * 0.95) - headSize * 0.2;
  pen.limb(
    [
      [l * 0.62, by - depth * 0.1],
      [(l * 0.7 + hx) / 2, (by - depth * 0.5 + hy) / 2],
      [hx, hy],
    ],
    depth * 1.15,
    headSize * 1.15,
    look.main,
  );
  if (look.t('mane') > 0.7)
    pen.limb(
      [
        [l * 0.5, by - depth * 0.85],
        [(l * 0.5 + hx) / 2 - 0.05, (by + hy) / 2 - depth * 0.5],
        [hx - headSize * 0.6, hy - headSize * 0.5],
      ],
      0.16,
      0.14,
      look.dark,
    );
  head(pen, look, hx + headSize * 0.2, hy, headSize, look.view === 'quarter' && rng.chance(0.5));
};

/** A face filling the frame. */
export const face: Plan = (pen, look) => {
  const r = 0.62;
  pen.ellipse(0, 1.15, 0.85, 0.75, coloured(look.main, lit(look.main.colour, 0.85)));
  if (look.t('mane') > 0.75) pen.ellipse(0, 0, 0.95, 0.95, { ...look.dark, texture: 'fur', grain: 0.8 });
  head(pen, look, 0, 0, r, true);
};

/** Monkeys and apes: sitting, long arms. */
export const primate: Plan = (pen, look) => {
  const { rng } = look;
  const w = look.between('build', 0.3, 0.5);
  for (const s of [-1, 1])
    pen.limb(
      [
        [s * w * 0.6, 0.7],
        [s * (w + 0.25), 0.55],
        [s * (w + 0.1), 1],
      ],
      0.24,
      0.14,
      look.main,
    );
  tail(pen, look, -w, 0.75, 0.9);
  pen.blob(
    [
      [-w * 0.8, -0.1],
      [w * 0.8, -0.1],
      [w, 0.6],
      [0, 1],
      [-w, 0.6],
    ],
    look.main,
  );
  if (look.t('chest') > 0.5) pen.fill(oval(0, 0.45, w * 0.55, 0.38), look.second.colour, 0.85);
  for (const s of [-1, 1]) {
    const lift = rng.range(-0.4, 0.5);
    pen.limb(
      [
        [s * w * 0.85, 0],
        [s * (w + 0.28), 0.3 - lift * 0.4],
        [s * (w + 0.12), 0.7 - lift],
      ],
      0.2,
      0.13,
      look.main,
    );
  }
  const r = look.between('head size', 0.26, 0.38);
  const y = -0.3 - r * 0.4;
  for (const s of [-1, 1]) pen.ellipse(s * r, y, r * 0.32, r * 0.4, look.second);
  pen.ellipse(0, y, r, r * 1.05, look.main);
  pen.ellipse(0, y + r * 0.2, r * 0.68, r * 0.72, coloured(look.second, lit(look.second.colour, 1.05)));
  for (const s of [-1, 1]) pen.eye(s * r * 0.28, y + r * 0.02, r * 0.12);
  pen.fill(oval(0, y + r * 0.52, r * 0.3, r * 0.1), look.dark.colour, 0.8);
};

/** People: standing figures in clothes. */
export const person: Plan = (pen, look) => {
  const { rng } = look;
  const skin = look.choose('skin', [
    [236, 196, 168],
    [198, 146, 108],
    [136, 92, 64],
    [92, 62, 46],
  ] as const);
  const flesh = { colour: skin, texture: undefined };
  const cloth = { ...look.main, texture: 'weave' as const, grain: 0.25, density: 3 };
  const stride = rng.range(0, 0.2);
  for (const s of [-1, 1])
    pen.limb(
      [
        [s * 0.12, 0.2],
        [s * (0.14 + stride * 0.5), 0.6],
        [s * (0.14 + stride), 1],
      ],
      0.2,
      0.14,
      look.second,
    );
  pen.blob(
    [
      [-0.3, -0.45],
      [0.3, -0.45],
      [0.26, 0.3],
      [-0.26, 0.3],
    ],
    cloth,
  );
  for (const s of [-1, 1]) {
    const lift = rng.range(-0.5, 0.3);
    pen.limb(
      [
        [s * 0.28, -0.38],
        [s * (0.4 + rng.range(0, 0.1)), -0.05 + lift * 0.3],
        [s * 0.42, 0.25 + lift],
      ],
      0.15,
      0.1,
      cloth,
    );
    pen.ellipse(s * 0.42, 0.27 + lift, 0.06, 0.06, flesh);
  }
  pen.ellipse(0, -0.72, 0.19, 0.23, flesh);
  pen.fill(oval(0, -0.86, 0.2, 0.13), look.dark.colour);
  for (const s of [-1, 1]) pen.fill(oval(s * 0.07, -0.72, 0.022, 0.022), [20, 20, 20]);
};
