import { hsl, lit, type Rgb } from '../colour.js';
import { oval, type Pen, type Point, smooth, track } from '../pen.js';
import { coloured, type Look, type Plan } from '../plan.js';

function foliage(look: Look): Rgb {
  return hsl(look.between('green', 0.2, 0.38), look.between('lush', 0.25, 0.6), look.between('light', 0.2, 0.42));
}

/** A leaf from (x, y) along an angle. */
export function leaf(pen: Pen, x: number, y: number, length: number, width: number, turn: number, colour: Rgb): void {
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const at = (u: number, v: number): Point => [x + u * c - v * s, y + u * s + v * c];
  const points = [at(0, 0), at(length * 0.4, -width), at(length, 0), at(length * 0.4, width)];
  pen.blob(points, { colour });
  pen.line(track([at(0, 0), at(length * 0.9, 0)]), lit(colour, 0.7), width * 0.12, 0.6);
}

/** Trees: a trunk and a crown of its kind (round, cone, palm, weeping, bare). */
export const tree: Plan = (pen, look) => {
  const { rng } = look;
  const kind = look.choose('crown', ['round', 'cone', 'palm', 'column', 'spreading'] as const);
  const bark = {
    colour: look.choose('bark', [
      [96, 70, 48],
      [120, 112, 104],
      [70, 52, 40],
      [196, 190, 178],
    ] as readonly Rgb[]),
    texture: 'wood' as const,
    grain: 0.6,
  };
  const green = look.main.colour;
  const trunk = look.between('trunk', 0.07, 0.18);
  const lean = rng.normal() * 0.06;
  const top = kind === 'palm' ? -0.5 : -0.1;
  pen.limb(
    [
      [0, 1],
      [lean, 0.3],
      [lean * 2, top],
    ],
    trunk * 1.5,
    trunk * 0.8,
    bark,
  );
  const leafy = (tone: number) => ({
    colour: lit(green, tone),
    texture: 'leaves' as const,
    grain: 0.75,
    density: look.between('leaf size', 1, 2.4),
  });
  if (kind === 'palm') {
    const n = 8;
    for (let i = 0; i < n; i++) {
      const a = Math.PI + (i * Math.PI) / (n - 1) + rng.normal() * 0.08;
      const droop = 0.35 + rng.uniform() * 0.2;
      pen.limb(
        [
          [lean * 2, -0.5],
          [lean * 2 + Math.cos(a) * 0.45, -0.5 + Math.sin(a) * 0.4],
          [lean * 2 + Math.cos(a) * 0.85, -0.45 + Math.sin(a) * 0.3 + droop],
        ],
        0.14,
        0.03,
        leafy(rng.range(0.7, 1.15)),
      );
    }
    return;
  }
  if (kind === 'cone' || kind === 'column') {
    const w = kind === 'cone' ? look.between('crown width', 0.45, 0.75) : 0.3;
    for (let i = 0; i < 5; i++) {
      const y = 0.55 - i * 0.36;
      const half = w * (kind === 'cone' ? 1 - i * 0.19 : 1 - (i - 2) ** 2 * 0.12);
      pen.polygon(
        [
          [-half, y + rng.normal() * 0.03],
          [half, y + rng.normal() * 0.03],
          [half * 0.12, y - 0.55],
          [-half * 0.12, y - 0.55],
        ],
        leafy(0.75 + i * 0.08),
      );
    }
    return;
  }
  const w = kind === 'spreading' ? 0.9 : look.between('crown width', 0.55, 0.8);
  const h = kind === 'spreading' ? 0.4 : look.between('crown height', 0.5, 0.7);
  for (let i = 0; i < 7; i++) {
    const a = rng.range(0, 2 * Math.PI);
    const d = Math.sqrt(rng.uniform()) * 0.6;
    const r = rng.range(0.35, 0.6);
    pen.ellipse(
      lean * 2 + Math.cos(a) * d * w,
      -0.3 + Math.sin(a) * d * h,
      w * r,
      h * r * 1.1,
      leafy(rng.range(0.7, 1.15)),
    );
  }
  if (look.t('fruit') > 0.7)
    for (let i = 0; i < 14; i++)
      pen.fill(oval(rng.normal() * w * 0.4, -0.3 + rng.normal() * h * 0.4, 0.045, 0.045), look.second.colour);
};

/** Flowers on stems: petals round a centre, bells, spikes. */
export const flower: Plan = (pen, look) => {
  const { rng } = look;
  const green = foliage(look);
  const many = look.view === 'top' || rng.chance(0.4) ? 1 : 2 + rng.int(3);
  const petals = 4 + Math.floor(look.t('petals') * 12);
  const form = look.choose('form', ['daisy', 'bell', 'spike', 'rose', 'tulip'] as const);
  for (let k = 0; k < many; k++) {
    const x = many === 1 ? rng.normal() * 0.1 : -0.6 + (1.2 * k) / (many - 1) + rng.normal() * 0.08;
    const r = many === 1 ? look.between('bloom', 0.4, 0.62) : look.between('bloom', 0.22, 0.4);
    const y = many === 1 ? -0.25 : rng.range(-0.6, 0);
    pen.limb(
      [
        [x * 0.5, 1],
        [x * 0.8, 0.5],
        [x, y],
      ],
      0.08,
      0.05,
      { colour: green },
    );
    for (const s of [-1, 1])
      leaf(
        pen,
        x * 0.7,
        0.65,
        look.between('leaf', 0.25, 0.55),
        look.between('leaf width', 0.06, 0.18),
        s > 0 ? -0.5 : -2.6,
        lit(green, rng.range(0.8, 1.2)),
      );
    const turn = rng.range(0, 6);
    if (form === 'daisy' || form === 'rose') {
      const layers = form === 'rose' ? 3 : 1;
      for (let layer = 0; layer < layers; layer++)
        for (let i = 0; i < petals; i++) {
          const a = turn + layer * 0.4 + (i * 2 * Math.PI) / petals;
          const d = r * (0.58 - layer * 0.17);
          const w = form === 'rose' ? r * 0.36 : (r * 2.2) / petals + r * 0.06;
          pen.ellipse(
            x + Math.cos(a) * d,
            y + Math.sin(a) * d,
            r * (0.45 - layer * 0.1),
            w,
            coloured(look.main, lit(look.main.colour, rng.range(0.85, 1.12))),
            a,
          );
        }
      pen.ellipse(x, y, r * look.between('centre', 0.15, 0.4), r * look.between('centre', 0.15, 0.4), {
        ...look.second,
        texture: 'pebbles',
        grain: 0.6,
        density: 4,
      });
    } else if (form === 'tulip')
      pen.blob(
        [
          [x - r * 0.7, y - r * 0.8],
          [x - r * 0.25, y - r * 0.3],
          [x, y - r],
          [x + r * 0.25, y - r * 0.3],
          [x + r * 0.7, y - r * 0.8],
          [x + r * 0.6, y + r * 0.6],
          [x, y + r],
          [x - r * 0.6, y + r * 0.6],
        ],
        look.main,
      );
    else {
      const n = form === 'spike' ? 9 : 5;
      for (let i = 0; i < n; i++) {
        const side = i % 2 ? 1 : -1;
        pen.ellipse(
          x + side * r * 0.28,
          y - r + (i * 2 * r) / n,
          r * (0.18 + i * 0.02),
          r * 0.3,
          coloured(look.main, lit(look.main.colour, rng.range(0.85, 1.15))),
          side * 0.5,
        );
      }
    }
  }
};

/** Bushes, ferns, herbs, grasses, seaweed. */
export const shrub: Plan = (pen, look) => {
  const { rng } = look;
  const green = look.main.colour;
  const n = 9 + Math.floor(look.t('dense') * 14);
  const narrow = look.between('leaf width', 0.025, 0.13);
  const length = look.between('leaf length', 0.25, 0.85);
  const upright = look.t('upright');
  for (let i = 0; i < n; i++) {
    const a = -Math.PI / 2 + (i / (n - 1) - 0.5) * (2.8 - 1.8 * upright) + rng.normal() * 0.12;
    const reach = upright > 0.6 ? length + 0.7 : length + 0.25;
    const bx = (i / (n - 1) - 0.5) * 0.6;
    if (look.t('fronds') > 0.6) {
      const tip: Point = [bx + Math.cos(a) * reach, 0.9 + Math.sin(a) * reach];
      pen.line(track([[bx, 0.98], tip]), lit(green, 0.7), 0.03);
      for (let k = 1; k < 6; k++)
        for (const s of [-1, 1])
          leaf(
            pen,
            bx + ((tip[0] - bx) * k) / 6,
            0.98 + ((tip[1] - 0.98) * k) / 6,
            0.24 * (1 - k / 8),
            narrow * 0.6,
            a + s * 0.9,
            lit(green, rng.range(0.8, 1.2)),
          );
    } else leaf(pen, bx, 0.98, reach, narrow, a, lit(green, rng.range(0.65, 1.25)));
  }
  if (look.t('berries') > 0.6)
    for (let i = 0; i < 8; i++)
      pen.ellipse(rng.normal() * 0.4, 0.3 + rng.normal() * 0.3, 0.07, 0.07, { ...look.second, gloss: 0.5 });
};

/** Cacti and succulents. */
export const cactus: Plan = (pen, look) => {
  const { rng } = look;
  const skin = { ...look.main, texture: 'stripes' as const, grain: 0.5, density: look.between('ribs', 0.8, 2) };
  if (look.t('round') > 0.55) {
    pen.ellipse(0, 0.45, 0.6, 0.55, skin);
    for (let i = 0; i < 26; i++)
      pen.fill(oval(rng.normal() * 0.28, 0.45 + rng.normal() * 0.26, 0.02, 0.02), [238, 232, 204]);
    if (look.t('bloom') > 0.5) pen.ellipse(0.05, -0.12, 0.16, 0.12, look.second);
    return;
  }
  const w = look.between('width', 0.2, 0.36);
  for (const s of [-1, 1]) {
    const y = rng.range(0, 0.4);
    pen.limb(
      [
        [0, y + 0.2],
        [s * 0.5, y + 0.15],
        [s * 0.55, y - look.between('arm', 0.3, 0.7)],
      ],
      w * 0.7,
      w * 0.65,
      skin,
    );
  }
  pen.box(-w / 2, -0.85, w, 1.85, skin, w / 2);
};

/** Mushrooms. */
export const fungus: Plan = (pen, look) => {
  const { rng } = look;
  const n = 1 + rng.int(3);
  for (let k = 0; k < n; k++) {
    const x = n === 1 ? 0 : -0.5 + k * 0.5;
    const s = n === 1 ? 1 : rng.range(0.5, 0.8);
    const cap = look.between('cap', 0.4, 0.75) * s;
    const h = look.between('stem', 0.5, 1.2) * s;
    pen.limb(
      [
        [x, 1],
        [x + rng.normal() * 0.05, 1 - h * 0.5],
        [x, 1 - h],
      ],
      0.26 * s,
      0.2 * s,
      { colour: lit(look.second.colour, 1.2), texture: 'fur', grain: 0.3 },
    );
    const path = smooth([
      [x - cap, 1 - h],
      [x - cap * 0.8, 1 - h - cap * look.between('dome', 0.4, 0.9)],
      [x, 1 - h - cap * look.between('dome', 0.55, 1.1)],
      [x + cap * 0.8, 1 - h - cap * look.between('dome', 0.4, 0.9)],
      [x + cap, 1 - h],
      [x, 1 - h + 0.1 * s],
    ]);
    pen.part(path, [x, 1 - h - cap * 0.4, cap, cap * 0.6], { ...look.main, gloss: 0.25 });
    if (look.t('dots') > 0.55)
      pen.inside(path, () => {
        for (let i = 0; i < 8; i++)
          pen.fill(
            oval(x + rng.normal() * cap * 0.5, 1 - h - cap * 0.45 + rng.normal() * cap * 0.25, cap * 0.11, cap * 0.09),
            [244, 240, 228],
          );
      });
  }
};
