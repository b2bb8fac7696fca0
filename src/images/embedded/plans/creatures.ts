import { blend, lit, type Rgb } from '../colour.js';
import { oval, type Point, poly, smooth, track } from '../pen.js';
import { coloured, type Plan } from '../plan.js';
import { marks } from './mammals.js';

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

/** Beetles, bees, ants, spiders. */
export const insect: Plan = (pen, look) => {
  const { rng } = look;
  const hard = { ...look.main, gloss: 0.6, texture: 'fine' as const, grain: 0.3 };
  const legs = look.t('eight') > 0.75 ? 4 : 3;
  const reach = look.between('leg length', 0.35, 0.9);
  for (let i = 0; i < legs; i++)
    for (const s of [-1, 1]) {
      const x = -0.25 + (i * 0.6) / (legs - 1);
      pen.line(
        track([
          [x, s * 0.1],
          [x + (i - 1) * 0.16, s * reach * 0.6],
          [x + (i - 1) * 0.36 + rng.normal() * 0.04, s * reach],
        ]),
        look.dark.colour,
        0.05,
      );
    }
  const abdomen = look.between('abdomen', 0.28, 0.52);
  const w = look.between('width', 0.16, 0.4);
  pen.ellipse(-0.35, 0, abdomen, w, hard);
  pen.inside(oval(-0.35, 0, abdomen, w), () => marks(pen, look, -0.35, 0, abdomen, w));
  if (look.t('wings') > 0.5)
    for (const s of [-1, 1])
      pen.ellipse(-0.25, s * 0.32, 0.5, 0.17, { colour: [226, 232, 236], clear: 0.45, gloss: 0.5 }, s * -0.45);
  pen.ellipse(0.15, 0, 0.22, w * 0.8, coloured(hard, look.second.colour));
  pen.ellipse(0.48, 0, 0.16, 0.16, coloured(hard, look.dark.colour));
  for (const s of [-1, 1])
    pen.line(
      track([
        [0.58, s * 0.08],
        [0.8, s * 0.2],
        [0.95, s * 0.16],
      ]),
      look.dark.colour,
      0.03,
    );
};

/** Butterflies, moths, dragonflies. */
export const butterfly: Plan = (pen, look) => {
  const { rng } = look;
  const open = rng.range(0.45, 1);
  const wing = { ...look.main, texture: 'feathers' as const, grain: 0.3 };
  const slim = look.t('slim') > 0.7;
  for (const s of [-1, 1])
    for (const [tx, ty, w] of [
      [0.85, -0.62, 0.42],
      [0.68, 0.52, 0.36],
    ] as const) {
      const width = slim ? w * 0.35 : w;
      const points: Point[] = [
        [s * 0.03, ty * 0.1],
        [s * tx * open * 0.5, ty * 0.9 - width * 0.5],
        [s * tx * open, ty],
        [s * tx * open * 0.6, ty * 0.45 + width * 0.5],
      ];
      const path = smooth(points);
      pen.part(path, [s * tx * 0.5, ty * 0.5, tx * 0.5, 0.4], wing);
      pen.inside(path, () => {
        pen.fill(oval(s * tx * open * 0.9, ty, 0.22, 0.22), look.second.colour, 0.9);
        for (let i = 0; i < 3; i++)
          pen.fill(
            oval(s * tx * open * rng.range(0.3, 0.8), ty * rng.range(0.3, 1), 0.06, 0.06),
            look.third.colour,
            0.9,
          );
      });
      pen.line(path, look.dark.colour, 0.035, 0.8);
    }
  pen.ellipse(0, 0.02, 0.06, 0.42, look.dark);
  for (const s of [-1, 1])
    pen.line(
      track([
        [0, -0.38],
        [s * 0.2, -0.75],
      ]),
      look.dark.colour,
      0.025,
    );
};

/** Snakes, worms, eels, caterpillars. */
export const worm: Plan = (pen, look) => {
  const { rng } = look;
  const phase = rng.range(0, 6);
  const waves = look.between('waves', 0.8, 2.2);
  const thick = look.between('thick', 0.1, 0.3);
  const points: Point[] = Array.from({ length: 12 }, (_, i) => {
    const u = i / 11;
    return [-0.9 + 1.75 * u, 0.5 + 0.34 * Math.sin(phase + u * waves * 2 * Math.PI) * (1 - 0.3 * u)];
  });
  const skin = { ...look.main, texture: 'scales' as const, grain: 0.45, density: 2, gloss: 0.25 };
  pen.limb(points, thick * 0.35, thick, skin);
  if (look.pattern !== 'plain')
    for (let i = 1; i < 11; i += 1)
      pen.fill(oval(points[i][0], points[i][1], thick * 0.22, thick * 0.42), look.second.colour, 0.85);
  const [hx, hy] = points[11];
  pen.ellipse(hx, hy, thick * 0.75, thick * 0.55, skin);
  pen.eye(hx + thick * 0.25, hy - thick * 0.15, thick * 0.13);
};

/** Jellyfish, octopuses, sea anemones, starfish. */
export const medusa: Plan = (pen, look) => {
  const { rng } = look;
  const soft = { ...look.main, clear: look.t('clear') * 0.4, gloss: 0.5, texture: 'cloudy' as const, grain: 0.3 };
  if (look.t('star') > 0.66) {
    const arms = 5 + Math.floor(look.t('arms') * 3);
    const turn = rng.range(0, 6);
    const points: Point[] = Array.from({ length: arms * 2 }, (_, i) => {
      const r = i % 2 ? look.between('inner', 0.28, 0.5) : 0.92;
      const a = turn + (i * Math.PI) / arms;
      return [r * Math.cos(a), r * Math.sin(a)];
    });
    pen.blob(points, { ...look.main, texture: 'pebbles', grain: 0.6 });
    return;
  }
  const n = 5 + Math.floor(look.t('tentacles') * 5);
  for (let i = 0; i < n; i++) {
    const x = -0.5 + i / (n - 1);
    const sway = rng.normal() * 0.15;
    pen.limb(
      [
        [x, 0],
        [x + sway, 0.4],
        [x - sway, 0.7],
        [x + sway * 1.4, 1],
      ],
      0.13,
      0.03,
      coloured(soft, blend(look.main.colour, look.second.colour, 0.5)),
    );
  }
  pen.blob(
    [
      [-0.68, 0.1],
      [-0.5, -0.55],
      [0, -0.85],
      [0.5, -0.55],
      [0.68, 0.1],
      [0, 0.22],
    ],
    soft,
  );
  if (look.t('octopus') > 0.5) for (const s of [-1, 1]) pen.eye(s * 0.24, -0.2, 0.09);
};
