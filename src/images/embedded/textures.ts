import { type Canvas, type CanvasPattern, createCanvas, ImageData } from '@napi-rs/canvas';
import { Rng } from '../../rng.js';

/** Grey tiles around middle grey, laid over surfaces; made once a process, always the same. */
export type Texture =
  | 'cloudy'
  | 'fine'
  | 'fur'
  | 'wood'
  | 'cells'
  | 'scales'
  | 'weave'
  | 'bricks'
  | 'ripples'
  | 'leaves'
  | 'stripes'
  | 'feathers'
  | 'pebbles'
  | 'cracks';

export const TILE = 128;
const tiles = new Map<Texture, CanvasPattern>();

/** A pattern of 128 × 128 that repeats without seams (nearly so for leaves and pebbles). */
export function tile(name: Texture): CanvasPattern {
  let t = tiles.get(name);
  if (!t) {
    const canvas = toCanvas(MAKERS[name](Rng.of(0, 'texture', name)));
    t = canvas.getContext('2d').createPattern(canvas, 'repeat')!;
    tiles.set(name, t);
  }
  return t;
}

type Maker = (rng: Rng) => Float32Array;

const MAKERS: Readonly<Record<Texture, Maker>> = {
  // Amplitude falls as 1/f over the octaves, as in natural images.
  cloudy: (rng) => fractal(rng, [2, 4, 8, 16, 32, 64], [2, 2]),
  fine: (rng) => fractal(rng, [32, 64, 128], [1, 1], 0.9),
  fur: (rng) => fractal(rng, [4, 8, 16, 32], [4, 0.8], 0.85),
  wood: (rng) => {
    const warp = fractal(rng, [2, 4, 8], [0.5, 3]);
    return map((x, y, i) => Math.sin((y / TILE) * 40 + warp[i] * 5) * 0.6 + warp[i] * 0.5 + 0 * x);
  },
  cells: (rng) => cellular(rng, 40, (d1, d2) => (d2 - d1) * 0.12 - 0.5),
  scales: () =>
    map((x, y) => {
      const row = Math.floor(y / 8);
      const u = ((x + (row % 2) * 8) % 16) - 8;
      const v = (y % 8) - 1;
      return Math.hypot(u, v * 1.2) / 6 - 0.9;
    }),
  weave: () =>
    map((x, y) =>
      (Math.floor(x / 4) + Math.floor(y / 4)) % 2
        ? Math.sin((x / 4) * Math.PI) * 0.8
        : Math.sin((y / 4) * Math.PI) * 0.8,
    ),
  bricks: (rng) => {
    const tone = Array.from({ length: 64 }, () => rng.normal() * 0.4);
    return map((x, y) => {
      const row = Math.floor(y / 16);
      const u = (x + (row % 2) * 16) % TILE;
      const mortar = y % 16 < 2 || u % 32 < 2;
      return mortar ? 0.9 : tone[(row * 4 + Math.floor(u / 32)) % 64] - 0.2;
    });
  },
  ripples: (rng) => {
    const warp = fractal(rng, [3, 6, 12, 24], [0.4, 2.5]);
    return map((_, y, i) => Math.sin((y / TILE) * 2 * Math.PI * 9 + warp[i] * 4) * 0.7 + warp[i] * 0.4);
  },
  leaves: (rng) => deadLeaves(rng, 420, 3, 16, 2.2),
  stripes: (rng) => {
    const warp = fractal(rng, [2, 4, 8], [1, 1]);
    return map((x, _, i) => Math.tanh(3 * Math.sin((x / TILE) * 2 * Math.PI * 8 + warp[i] * 2.5)));
  },
  feathers: (rng) => {
    const warp = fractal(rng, [4, 8], [1, 1]);
    return map((x, y, i) => {
      const row = Math.floor(y / 16);
      const u = ((x + (row % 2) * 8) % 16) - 8;
      return ((y % 16) / 8 - 1) * 0.6 - Math.abs(u) * 0.06 + warp[i] * 0.4;
    });
  },
  pebbles: (rng) => deadLeaves(rng, 500, 2, 9, 1.2),
  cracks: (rng) => cellular(rng, 24, (d1, d2) => Math.min(1, (d2 - d1) * 0.35) - 0.6),
};

function map(f: (x: number, y: number, i: number) => number): Float32Array {
  const out = new Float32Array(TILE * TILE);
  for (let y = 0, i = 0; y < TILE; y++) for (let x = 0; x < TILE; x++, i++) out[i] = f(x, y, i);
  return out;
}

/** Sum of smooth lattice noises, amplitude falling with frequency. @param stretch frequency factor along x and y @param persistence exponent of 1/f */
function fractal(
  rng: Rng,
  frequencies: readonly number[],
  [sx, sy]: readonly [number, number],
  persistence = 1,
): Float32Array {
  const out = new Float32Array(TILE * TILE);
  for (const f of frequencies) {
    const nx = Math.max(1, Math.min(TILE, Math.round(f * sx)));
    const ny = Math.max(1, Math.min(TILE, Math.round(f * sy)));
    const lattice = Float32Array.from({ length: nx * ny }, () => rng.normal());
    const amplitude = 1 / f ** persistence;
    for (let y = 0, i = 0; y < TILE; y++)
      for (let x = 0; x < TILE; x++, i++)
        out[i] += amplitude * sample(lattice, nx, ny, (x / TILE) * nx, (y / TILE) * ny);
  }
  let squares = 0;
  for (const v of out) squares += v * v;
  const norm = Math.sqrt(squares / out.length);
  return out.map((v) => v / norm / 2);
}

function sample(lattice: Float32Array, nx: number, ny: number, x: number, y: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const u = smooth(x - x0);
  const v = smooth(y - y0);
  const at = (a: number, b: number) => lattice[(b % ny) * nx + (a % nx)];
  return (
    (at(x0, y0) * (1 - u) + at(x0 + 1, y0) * u) * (1 - v) + (at(x0, y0 + 1) * (1 - u) + at(x0 + 1, y0 + 1) * u) * v
  );
}

const smooth = (t: number): number => t * t * (3 - 2 * t);

/** From the distances to the nearest and the second nearest of random points. */
function cellular(rng: Rng, n: number, f: (d1: number, d2: number) => number): Float32Array {
  const points = Array.from({ length: n }, () => [rng.uniform() * TILE, rng.uniform() * TILE]);
  const wrapped = (d: number) => Math.min(Math.abs(d), TILE - Math.abs(d));
  return map((x, y) => {
    let d1 = 1e9;
    let d2 = 1e9;
    for (const [px, py] of points) {
      const d = Math.hypot(wrapped(x - px), wrapped(y - py));
      if (d < d1) [d1, d2] = [d, d1];
      else if (d < d2) d2 = d;
    }
    return f(d1, d2);
  });
}

/** Overlapping ellipses of random tone, sizes by a power law: the occlusion statistics of natural scenes. */
function deadLeaves(rng: Rng, n: number, small: number, large: number, aspect: number): Float32Array {
  const out = new Float32Array(TILE * TILE);
  for (let k = 0; k < n; k++) {
    const r = small / Math.sqrt(1 - rng.uniform() * (1 - (small / large) ** 2));
    const a = rng.range(0, Math.PI);
    const [cx, cy] = [rng.uniform() * TILE, rng.uniform() * TILE];
    const [c, s] = [Math.cos(a), Math.sin(a)];
    const tone = rng.normal() * 0.6;
    const reach = Math.ceil(r * aspect);
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) {
        const u = (dx * c + dy * s) / aspect;
        const v = -dx * s + dy * c;
        const d = (u * u + v * v) / (r * r);
        if (d > 1) continue;
        const x = (Math.floor(cx + dx) + TILE) % TILE;
        const y = (Math.floor(cy + dy) + TILE) % TILE;
        out[y * TILE + x] = tone + (v / r) * 0.3;
      }
  }
  return out;
}

function toCanvas(values: Float32Array): Canvas {
  const rgba = new Uint8ClampedArray(TILE * TILE * 4);
  values.forEach((v, i) => {
    rgba.fill(128 + v * 88, i * 4, i * 4 + 3);
    rgba[i * 4 + 3] = 255;
  });
  const canvas = createCanvas(TILE, TILE);
  canvas.getContext('2d').putImageData(new ImageData(rgba, TILE, TILE), 0, 0);
  return canvas;
}
