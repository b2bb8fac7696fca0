import { blend, lit, type Rgb } from '../colour.js';
import { oval, type Pen, type Point, poly, rect, smooth, track } from '../pen.js';
import { coloured, type Look, type Plan } from '../plan.js';
import { marks } from './mammals.js';

/** Decorates a surface as the concept's pattern asks. */
function decorate(
  pen: Pen,
  look: Look,
  path: ReturnType<typeof smooth>,
  cx: number,
  cy: number,
  rx: number,
  ry: number,
): void {
  if (look.pattern === 'plain') return;
  pen.inside(path, () => marks(pen, look, cx, cy, rx, ry));
}

/** Chairs, sofas, tables, beds, cupboards. */
export const furniture: Plan = (pen, look) => {
  const s = look.main;
  const side = coloured(s, lit(s.colour, 0.65));
  const kind = look.choose('kind', ['chair', 'table', 'sofa', 'cabinet', 'bed', 'shelf'] as const);
  const leg = look.between('leg', 0.06, 0.15);
  const tall = look.between('tall', 0.5, 1);
  const skew = look.view === 'front' ? 0 : 0.22;
  if (kind === 'chair') {
    for (const [x, y] of [
      [-0.5, 0.88],
      [0.5 + skew, 0.85],
    ] as const)
      pen.box(x - leg / 2, 0.2, leg, y - 0.2, side);
    pen.polygon(
      [
        [-0.55, 0.15],
        [0.55, 0.15],
        [0.6 + skew, -0.02],
        [-0.45 + skew, -0.02],
      ],
      s,
    );
    const back = smooth([
      [-0.45 + skew, 0],
      [-0.45 + skew, -tall * 0.9],
      [0.05 + skew, -tall],
      [0.58 + skew, -tall * 0.9],
      [0.58 + skew, 0],
    ]);
    pen.part(
      back,
      [0.06 + skew, -tall / 2, 0.5, tall / 2],
      look.t('slats') > 0.5 ? { ...s, clear: 0.5 } : coloured(s, look.second.colour),
    );
    if (look.t('slats') > 0.5)
      for (let i = 0; i < 5; i++) pen.box(-0.42 + skew + i * 0.22, -tall * 0.95, 0.09, tall * 0.95, s);
    pen.box(-0.55, 0.13, 1.1, 0.12, side);
    for (const x of [-0.5, 0.5]) pen.box(x - leg / 2, 0.25, leg, 0.75, s);
  } else if (kind === 'table') {
    for (const x of [-0.65 + skew, 0.7 + skew]) pen.box(x, 0, leg, 0.8, side);
    pen.polygon(
      [
        [-0.95, 0.1],
        [0.8, 0.1],
        [0.95 + skew * 0.2, -0.22],
        [-0.75, -0.22],
      ],
      s,
    );
    pen.box(-0.95, 0.1, 1.75, 0.12, side);
    for (const x of [-0.88, 0.66]) pen.box(x, 0.2, leg, 0.8, s);
    if (look.t('drawer') > 0.5) pen.box(-0.5, 0.22, 0.8, 0.2, side);
  } else if (kind === 'sofa' || kind === 'bed') {
    const soft = { ...s, texture: s.texture ?? ('weave' as const), grain: 0.3 };
    pen.box(-0.9, -tall * 0.7, 1.8, tall * 0.7 + 0.4, coloured(soft, lit(s.colour, 0.85)), 0.14);
    const n = kind === 'bed' ? 1 : 2 + Math.floor(look.t('seats') * 2);
    for (let i = 0; i < n; i++)
      pen.box(
        -0.78 + (i * 1.56) / n,
        0.12,
        1.52 / n,
        0.34,
        coloured(soft, kind === 'bed' ? look.second.colour : lit(s.colour, 1.08)),
        0.1,
      );
    for (const x of [-1, 0.78]) pen.box(x, -0.1, 0.24, 0.85, soft, 0.1);
    pen.box(-0.9, 0.45, 1.8, 0.36, soft, 0.05);
    pen.box(-0.45, -0.12, 0.4, 0.32, look.third, 0.08);
    for (const x of [-0.85, 0.75]) pen.box(x, 0.8, 0.1, 0.2, look.dark);
  } else {
    const rows = 2 + Math.floor(look.t('rows') * 3);
    const cols = 1 + Math.floor(look.t('cols') * 2.5);
    const w = look.between('wide', 0.5, 0.85);
    pen.polygon(
      [
        [w, -0.95],
        [w + skew * 0.8, -0.85],
        [w + skew * 0.8, 0.9],
        [w, 1],
      ],
      side,
    );
    pen.box(-w, -0.95, 2 * w, 1.95, s, 0.03);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols; c++) {
        const x = -w + 0.08 + (c * (2 * w - 0.12)) / cols;
        const y = -0.87 + (r * 1.8) / rows;
        const bw = (2 * w - 0.16) / cols - 0.04;
        const bh = 1.75 / rows - 0.06;
        if (kind === 'shelf') {
          pen.fill(rect(x, y, bw, bh), lit(s.colour, 0.35));
          for (let k = 0; k < 4; k++)
            pen.box(x + (k * bw) / 4, y + bh * pen.rng.range(0.15, 0.5), bw / 5, bh * 0.5, {
              colour: pen.rng.pick([look.second.colour, look.third.colour, look.dark.colour]),
            });
        } else {
          pen.box(x, y, bw, bh, coloured(s, lit(s.colour, 1.12)), 0.02);
          pen.fill(oval(x + bw * 0.5, y + bh * 0.5, 0.05, 0.03), look.third.colour);
        }
      }
  }
};

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

/** Vases, pots, jugs, bottles, bowls, baskets: turned profiles. */
export const vessel: Plan = (pen, look) => {
  const n = 6;
  const profile = Array.from({ length: n }, (_, i) => look.between(`profile ${i}`, 0.18, 0.75));
  const h = look.between('tall', 0.55, 1);
  const top = 1 - 2 * h;
  const left: Point[] = profile.map((r, i) => [-r, top + (2 * h * i) / (n - 1)]);
  const right: Point[] = profile.map((r, i) => [r, top + (2 * h * i) / (n - 1)] as Point).reverse();
  if (look.t('handle') > 0.45) {
    pen.line(oval(profile[1] + 0.12, top + h * 0.8, 0.26, h * 0.45), look.main.colour, 0.1);
    if (look.t('handles') > 0.5)
      pen.line(oval(-profile[1] - 0.12, top + h * 0.8, 0.26, h * 0.45), look.main.colour, 0.1);
  }
  if (look.t('spout') > 0.7)
    pen.limb(
      [
        [-profile[2], top + h],
        [-profile[2] - 0.3, top + h * 0.7],
        [-profile[2] - 0.42, top + h * 0.3],
      ],
      0.26,
      0.1,
      look.main,
    );
  const path = poly([...left, ...right]);
  pen.part(path, [0, top + h, 0.6, h], {
    ...look.main,
    gloss: Math.max(look.main.gloss ?? 0, look.between('glaze', 0, 0.7)),
  });
  decorate(pen, look, path, 0, top + h, 0.6, h);
  if (look.t('bands') > 0.4)
    pen.inside(path, () => {
      for (let i = 0; i < 2; i++) pen.fill(rect(-1, top + h * (0.5 + i * 0.6), 2, 0.09), look.second.colour, 0.9);
    });
  pen.ellipse(0, top, profile[0], profile[0] * 0.28, coloured(look.main, lit(look.main.colour, 0.45)));
  if (look.t('lid') > 0.7) {
    pen.ellipse(0, top, profile[0] * 1.05, profile[0] * 0.35, look.second);
    pen.ellipse(0, top - 0.12, 0.1, 0.09, look.second);
  }
};

/** Hammers, knives, brushes, rackets, guns, spoons: a handle and a head. */
export const tool: Plan = (pen, look) => {
  const handle =
    look.t('wooden') > 0.5 ? { colour: [150, 104, 62] as Rgb, texture: 'wood' as const, grain: 0.5 } : look.second;
  const metal = { ...look.main, gloss: Math.max(0.4, look.main.gloss ?? 0) };
  const w = look.between('handle', 0.08, 0.22);
  const joint = look.between('joint', -0.45, 0.25);
  const kind = look.choose('head', ['blade', 'block', 'fork', 'disc', 'brush', 'hook', 'barrel', 'ring'] as const);
  const lay = () => {
    pen.box(-w / 2, joint, w, 1 - joint, handle, w / 2);
    const size = look.between('size', 0.25, 0.6);
    if (kind === 'blade')
      pen.blob(
        [
          [-w * 0.4, joint],
          [-size * 0.4, -0.4],
          [0, -1],
          [size * 0.25, -0.6],
          [w * 0.4, joint],
        ],
        metal,
      );
    else if (kind === 'block')
      pen.box(-size, joint - 0.34, size * 2 - look.between('uneven', 0, 0.4), 0.4, metal, 0.05);
    else if (kind === 'fork') {
      pen.box(-size * 0.6, joint - 0.12, size * 1.2, 0.14, metal);
      const prongs = 2 + Math.floor(look.t('prongs') * 4);
      for (let i = 0; i < prongs; i++)
        pen.box(-size * 0.6 + (i * size * 1.1) / (prongs - 1 || 1), joint - 0.65, 0.07, 0.6, metal, 0.03);
    } else if (kind === 'disc') {
      pen.ellipse(0, joint - size * 0.8, size * 0.8, size, metal);
      if (look.t('strings') > 0.5)
        pen.texture(
          oval(0, joint - size * 0.8, size * 0.7, size * 0.9),
          [0, joint - size * 0.8, size, size],
          'weave',
          0.8,
          2,
        );
    } else if (kind === 'brush')
      pen.polygon(
        [
          [-size * 0.5, joint],
          [size * 0.5, joint],
          [size * 0.7, joint - 0.6],
          [-size * 0.7, joint - 0.6],
        ],
        { ...look.third, texture: 'fur', grain: 0.9, density: 1 },
      );
    else if (kind === 'hook')
      pen.line(
        smoothOpen([
          [0, joint],
          [0, joint - 0.5],
          [size * 0.6, joint - 0.65],
          [size * 0.8, joint - 0.3],
        ]),
        metal.colour,
        w,
      );
    else if (kind === 'ring') pen.line(oval(0, joint - size * 0.7, size * 0.6, size * 0.6), metal.colour, w * 1.1);
    else {
      pen.box(-0.12, -1, 0.24, joint + 1.05, metal, 0.05);
      pen.polygon(
        [
          [0.1, joint],
          [0.45, joint + 0.1],
          [0.4, joint + 0.35],
          [0.1, joint + 0.25],
        ],
        handle,
      );
    }
  };
  pen.at(0, 0, 1, look.rng.range(-0.9, 0.9) + (look.t('lying') > 0.5 ? 1.2 : 0), lay);
};

function smoothOpen(points: readonly Point[]): ReturnType<typeof track> {
  return track(
    points.flatMap((p, i) => {
      const q = points[Math.min(points.length - 1, i + 1)];
      return [p, [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2] as Point];
    }),
  );
}

/** Musical instruments: bodies with necks, drums, horns, keyboards. */
export const instrument: Plan = (pen, look) => {
  const wood = { ...look.main, texture: look.main.texture ?? ('wood' as const), grain: 0.4, gloss: 0.5 };
  const kind = look.choose('family', ['strings', 'strings', 'drum', 'horn', 'keys', 'pipe'] as const);
  const tilt = look.rng.range(-0.5, 0.5);
  pen.at(0, 0, 1, tilt, () => {
    if (kind === 'strings') {
      const a = look.between('upper', 0.3, 0.46);
      const b = look.between('lower', 0.4, 0.62);
      pen.box(-0.07, -1, 0.14, 1.1, look.dark);
      pen.box(-0.12, -1, 0.24, 0.2, wood, 0.04);
      pen.blob(
        [
          [0, -0.15],
          [a, 0.02],
          [a * 0.68, 0.36],
          [b, 0.72],
          [0, 1],
          [-b, 0.72],
          [-a * 0.68, 0.36],
          [-a, 0.02],
        ],
        wood,
      );
      pen.fill(oval(0, 0.42, 0.14, 0.14), [26, 18, 14]);
      for (const x of [-0.04, 0, 0.04])
        pen.line(
          track([
            [x, -0.95],
            [x, 0.8],
          ]),
          [226, 220, 204],
          0.014,
        );
      pen.box(-0.18, 0.72, 0.36, 0.06, look.dark);
    } else if (kind === 'drum') {
      const w = look.between('wide', 0.55, 0.85);
      const h = look.between('high', 0.5, 1.1);
      pen.box(-w, 1 - h, 2 * w, h * 0.9, look.main);
      for (let i = 0; i < 5; i++)
        pen.line(
          track([
            [-w + i * w * 0.5, 1 - h],
            [-w + (i + 0.5) * w * 0.5, 0.9],
          ]),
          look.second.colour,
          0.04,
        );
      pen.ellipse(0, 1 - h, w, w * 0.32, { colour: [236, 230, 214] });
      pen.line(oval(0, 1 - h, w, w * 0.32), look.third.colour, 0.06);
    } else if (kind === 'horn' || kind === 'pipe') {
      const brass = { colour: kind === 'horn' ? ([206, 166, 70] as Rgb) : look.main.colour, gloss: 0.7 };
      const bell = look.between('bell', 0.2, 0.5);
      pen.limb(
        [
          [-0.95, 0.05],
          [0.2, 0],
          [0.6, 0],
        ],
        0.07,
        0.16,
        brass,
      );
      pen.polygon(
        [
          [0.5, -0.06],
          [0.98, -bell],
          [0.98, bell],
          [0.5, 0.06],
        ],
        brass,
      );
      pen.ellipse(0.98, 0, 0.07, bell, coloured(brass, lit(brass.colour, 0.5)));
      if (kind === 'horn') pen.line(oval(-0.05, 0.2, 0.35, 0.2), brass.colour, 0.08);
      for (let i = 0; i < 3 + Math.floor(look.t('valves') * 4); i++)
        pen.box(-0.4 + i * 0.16, -0.22, 0.07, 0.24, look.second, 0.02);
    } else {
      pen.box(-0.95, -0.15, 1.9, 0.6, wood, 0.05);
      pen.box(-0.88, 0.1, 1.76, 0.26, { colour: [240, 238, 230] });
      for (let i = 0; i < 12; i++) pen.fill(rect(-0.83 + i * 0.145, 0.1, 0.06, 0.15), [22, 22, 24]);
      if (look.t('grand') > 0.5)
        pen.polygon(
          [
            [-0.9, -0.15],
            [-0.6, -0.85],
            [0.9, -0.65],
            [0.95, -0.15],
          ],
          coloured(wood, lit(wood.colour, 0.8)),
        );
      for (const x of [-0.8, 0.7]) pen.box(x, 0.45, 0.1, 0.55, look.dark);
    }
  });
};

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

/** Shoes and boots. */
export const shoe: Plan = (pen, look) => {
  const boot = look.between('shaft', 0, 0.9);
  const heel = look.between('heel', 0.02, 0.4);
  const s = { ...look.main, gloss: Math.max(0.25, look.main.gloss ?? 0) };
  pen.blob(
    [
      [-0.85, 0.75 - heel],
      [-0.85, -0.1 - boot],
      [-0.25, -0.15 - boot],
      [-0.1, 0.2 - heel * 0.3],
      [0.6, 0.42],
      [0.95, 0.68],
      [0.9, 0.86],
      [-0.3, 0.86 - heel * 0.5],
    ],
    s,
  );
  pen.polygon(
    [
      [-0.88, 0.8 - heel],
      [-0.5, 0.8 - heel * 0.6],
      [0.3, 0.86],
      [0.95, 0.84],
      [0.95, 0.98],
      [-0.15, 0.98],
      [-0.5, 0.9],
      [-0.55, 0.98],
      [-0.85, 0.98],
    ],
    look.second,
  );
  if (look.t('laces') > 0.4)
    for (let i = 0; i < 4; i++)
      pen.line(
        track([
          [-0.2 + i * 0.16, 0.1 + i * 0.1 - boot * 0.3],
          [0, 0 + i * 0.13 - boot * 0.3],
        ]),
        look.third.colour,
        0.05,
      );
  if (look.t('stripe') > 0.5)
    pen.line(
      track([
        [-0.4, 0.7],
        [0.1, 0.3],
      ]),
      look.third.colour,
      0.1,
    );
};

/** Balls, globes, wheels, coins, clocks: round things. */
export const round: Plan = (pen, look) => {
  const r = 0.88;
  const path = oval(0, 0.1, r, r);
  pen.part(path, [0, 0.1, r, r], { ...look.main, gloss: look.between('shine', 0.1, 0.8) });
  decorate(pen, look, path, 0, 0.1, r, r);
  const kind = look.choose('marking', ['seams', 'panels', 'dial', 'ring', 'none'] as const);
  const turn = look.rng.range(0, 6);
  if (kind === 'seams')
    for (const k of [-1, 1])
      pen.inside(path, () =>
        pen.line(oval(k * 0.85, 0.1 + Math.sin(turn) * 0.2, 0.55, 0.9, turn), look.second.colour, 0.06),
      );
  else if (kind === 'panels')
    pen.inside(path, () => {
      for (let i = 0; i < 6; i++)
        pen.ellipse(Math.cos(turn + i) * 0.62, 0.1 + Math.sin(turn + i) * 0.62, 0.24, 0.24, look.second);
      pen.ellipse(0, 0.1, 0.24, 0.24, look.second);
    });
  else if (kind === 'dial') {
    pen.ellipse(0, 0.1, r * 0.82, r * 0.82, { colour: [238, 234, 222] });
    for (let i = 0; i < 12; i++)
      pen.fill(oval(Math.cos(i * 0.5236) * 0.6, 0.1 + Math.sin(i * 0.5236) * 0.6, 0.04, 0.04), look.dark.colour);
    for (const [a, l] of [
      [turn, 0.5],
      [turn * 2.3, 0.35],
    ] as const)
      pen.line(
        track([
          [0, 0.1],
          [Math.cos(a) * l, 0.1 + Math.sin(a) * l],
        ]),
        look.dark.colour,
        0.07,
      );
  } else if (kind === 'ring') {
    pen.ellipse(0, 0.1, r * 0.55, r * 0.55, look.second);
    pen.ellipse(0, 0.1, r * 0.28, r * 0.28, look.third);
  }
};

/** Lamps, signs, poles, umbrellas, fountains: something on a stand. */
export const stand: Plan = (pen, look) => {
  const w = look.between('pole', 0.04, 0.12);
  const top = look.between('top', -0.55, 0.1);
  pen.box(-w / 2, top, w, 1 - top, look.dark);
  pen.ellipse(0, 0.95, look.between('base', 0.15, 0.45), 0.08, look.dark);
  const kind = look.choose('head', ['shade', 'sign', 'dome', 'globe', 'fan'] as const);
  const r = look.between('size', 0.35, 0.75);
  if (kind === 'shade') {
    pen.polygon(
      [
        [-r * 0.5, top - 0.6],
        [r * 0.5, top - 0.6],
        [r, top + 0.1],
        [-r, top + 0.1],
      ],
      look.main,
    );
    pen.fill(oval(0, top + 0.12, r * 0.8, 0.09), [255, 240, 190], 0.9);
  } else if (kind === 'sign') {
    pen.box(-r, top - 0.55, 2 * r, 0.75, look.main, look.between('round', 0, 0.4));
    pen.box(-r * 0.7, top - 0.35, 1.4 * r, 0.3, look.second);
  } else if (kind === 'dome') {
    pen.part(
      smooth([
        [-0.95, top + 0.15],
        [-0.6, top - 0.45],
        [0, top - 0.65],
        [0.6, top - 0.45],
        [0.95, top + 0.15],
        [0, top],
      ]),
      [0, top - 0.2, 0.9, 0.4],
      look.main,
    );
    for (const x of [-0.5, 0, 0.5])
      pen.line(
        track([
          [0, top - 0.65],
          [x, top + 0.05],
        ]),
        look.second.colour,
        0.04,
      );
  } else if (kind === 'globe') pen.ellipse(0, top - r * 0.5, r * 0.75, r * 0.75, { ...look.main, gloss: 0.7 });
  else
    for (let i = 0; i < 4; i++)
      pen.ellipse(
        Math.cos(i * 1.571 + 0.6) * r * 0.5,
        top - r * 0.3 + Math.sin(i * 1.571 + 0.6) * r * 0.5,
        r * 0.5,
        r * 0.2,
        look.main,
        i * 1.571 + 0.6,
      );
};

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

/** Stones, shells, lumps. */
export const stone: Plan = (pen, look) => {
  const { rng } = look;
  const n = 9;
  const points: Point[] = Array.from({ length: n }, (_, i) => {
    const a = (i * 2 * Math.PI) / n;
    const r = 0.7 + 0.3 * look.t(`lump ${i}`) + rng.normal() * 0.05;
    return [Math.cos(a) * r, 0.25 + Math.sin(a) * r * look.between('flat', 0.5, 0.9)];
  });
  pen.blob(points, {
    ...look.main,
    texture: look.choose('grain', ['cracks', 'cloudy', 'pebbles', 'cells'] as const),
    grain: 0.8,
  });
  if (look.t('facets') > 0.6)
    for (let i = 0; i < 4; i++)
      pen.fill(
        poly([points[i * 2], points[(i * 2 + 1) % n], [0, 0.2]]),
        lit(look.main.colour, rng.range(0.6, 1.5)),
        0.35,
      );
};

/** Anything else: a body of its own outline with parts of its own in its own places, the same for the same word. */
export const thing: Plan = (pen, look) => {
  const n = 5 + Math.floor(look.t('corners') * 5);
  const mirrored = look.t('mirrored') > 0.35;
  const soft = look.t('soft') > 0.5;
  const outline: Point[] = Array.from({ length: n }, (_, i) => {
    const a = -Math.PI / 2 + ((i + 0.5) * (mirrored ? Math.PI : 2 * Math.PI)) / n;
    const r = look.between(`radius ${i}`, 0.35, 0.95);
    return [Math.cos(a) * r, 0.1 + Math.sin(a) * r];
  });
  const all = mirrored ? [...outline, ...outline.map(([x, y]) => [-x, y] as Point).reverse()] : outline;
  const parts = 2 + Math.floor(look.t('parts') * 4);
  const satellites = (front: boolean) => {
    for (let i = 0; i < parts; i++) {
      if (look.t(`part ${i} front`) > 0.5 !== front) continue;
      const a = look.t(`part ${i} at`) * 2 * Math.PI;
      const d = look.between(`part ${i} far`, 0.2, 0.75);
      const s = [look.second, look.third, look.dark][Math.floor(look.t(`part ${i} paint`) * 3)];
      const rx = look.between(`part ${i} wide`, 0.08, 0.38);
      const ry = look.between(`part ${i} high`, 0.08, 0.38);
      for (const m of mirrored ? [1, -1] : [1]) {
        const [x, y] = [Math.cos(a) * d * m, 0.1 + Math.sin(a) * d];
        if (look.t(`part ${i} shape`) > 0.5) pen.ellipse(x, y, rx, ry, s);
        else pen.box(x - rx, y - ry, 2 * rx, 2 * ry, s, 0.04);
      }
    }
  };
  satellites(false);
  const path = soft ? smooth(all) : poly(all);
  pen.part(path, [0, 0.1, 0.8, 0.8], look.main);
  decorate(pen, look, path, 0, 0.1, 0.7, 0.7);
  satellites(true);
};
