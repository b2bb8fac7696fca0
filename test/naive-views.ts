import type { Rgb } from '../src/views/image.js';

/**
 * The views' pixel arithmetic in double precision, one sample at a time, as PIL and torchvision describe it. Shares
 * nothing with the kernels.
 */

const cubic = (t: number): number => {
  const d = Math.abs(t);
  return d < 1 ? 1.5 * d ** 3 - 2.5 * d ** 2 + 1 : d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
};

/** Output sample i of `to`, from n samples. */
function resampled(n: number, to: number, i: number, sample: (j: number) => number): number {
  const stretch = Math.max(1, n / to);
  const centre = ((i + 0.5) * n) / to;
  // PIL's limits: what lies further away than the kernel reaches has no weight, whole samples only.
  const first = Math.max(0, Math.floor(centre - 2 * stretch + 0.5));
  const end = Math.min(n, Math.floor(centre + 2 * stretch + 0.5));
  let sum = 0;
  let total = 0;
  for (let j = first; j < end; j++) {
    const w = cubic((j + 0.5 - centre) / stretch);
    sum += w * sample(j);
    total += w;
  }
  return sum / total;
}

const toByte = (v: number): number => Math.min(255, Math.max(0, Math.floor(v + 0.5)));

/** Cuts a box out and resizes it: rows first, then columns, rounded to bytes after each. @returns interleaved */
export function naiveResize(
  image: Rgb,
  box: { x: number; y: number; width: number; height: number },
  width: number,
  height: number,
): Rgb {
  const at = (y: number, x: number, c: number) => image.data[((box.y + y) * image.width + box.x + x) * 3 + c];
  const rows = Array.from({ length: box.height }, (_, y) =>
    Array.from({ length: width * 3 }, (_, i) =>
      toByte(resampled(box.width, width, Math.floor(i / 3), (j) => at(y, j, i % 3))),
    ),
  );
  const data = Uint8Array.from({ length: width * height * 3 }, (_, k) => {
    const [y, i] = [Math.floor(k / (width * 3)), k % (width * 3)];
    return toByte(resampled(box.height, height, y, (j) => rows[j][i]));
  });
  return { width, height, data };
}

/** Interleaved → planar. */
export function planes({ width, height, data }: Rgb): number[] {
  const n = width * height;
  return Array.from({ length: 3 * n }, (_, k) => data[(k % n) * 3 + Math.floor(k / n)]);
}

/** Left and right of square planes change places. */
export function mirrored(x: readonly number[], size: number): number[] {
  return x.map((_, k) => x[k - (k % size) + size - 1 - (k % size)]);
}

/** What is done to colours, by name. */
export interface Colours {
  jitter: readonly (readonly ['brightness' | 'contrast' | 'saturation' | 'hue', number])[];
  grey: boolean;
  /** Pixels; 0: none. */
  sigma: number;
  solarise: boolean;
  mean: readonly number[];
  std: readonly number[];
}

/** @param bytes [3, size, size] */
export function naiveColours(bytes: ArrayLike<number>, size: number, c: Colours): number[] {
  const n = size * size;
  let x = Array.from(bytes, (v) => v / 255);
  const luma = (i: number) => 0.299 * x[i] + 0.587 * x[n + i] + 0.114 * x[2 * n + i];
  const lumas = () => Array.from({ length: n }, (_, i) => luma(i));
  const blend = (other: readonly number[], f: number) => {
    x = x.map((v, k) => Math.min(1, Math.max(0, f * v + (1 - f) * other[k % n])));
  };
  for (const [what, amount] of c.jitter) {
    if (what === 'brightness') blend(new Array(n).fill(0), amount);
    if (what === 'saturation') blend(lumas(), amount);
    if (what === 'contrast') blend(new Array(n).fill(lumas().reduce((a, b) => a + b, 0) / n), amount);
    if (what === 'hue')
      for (let i = 0; i < n; i++) [x[i], x[n + i], x[2 * n + i]] = turned([x[i], x[n + i], x[2 * n + i]], amount);
  }
  if (c.grey) {
    const grey = lumas();
    x = x.map((_, k) => grey[k % n]);
  }
  if (c.sigma > 0) x = blurred(x, size, c.sigma);
  if (c.solarise) x = x.map((v) => (v >= 0.5 ? 1 - v : v));
  return x.map((v, k) => (v - c.mean[Math.floor(k / n)]) / c.std[Math.floor(k / n)]);
}

/** By the sectors of HSV. */
function turned([r, g, b]: number[], turn: number): [number, number, number] {
  const max = Math.max(r, g, b);
  const chroma = max - Math.min(r, g, b);
  if (chroma === 0) return [r, g, b];
  const h = max === r ? (g - b) / chroma : max === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
  const turnedHue = (((h + turn * 6) % 6) + 6) % 6;
  const sector = Math.floor(turnedHue);
  const f = turnedHue - sector;
  const [p, q, t] = [max - chroma, max - chroma * f, max - chroma * (1 - f)];
  return (
    [
      [max, t, p],
      [q, max, p],
      [p, max, t],
      [p, q, max],
      [t, p, max],
      [max, p, q],
    ] as [number, number, number][]
  )[sector];
}

/** A Gaussian cut at 3 sigma, as one sum over the square around each pixel; edges repeated. */
function blurred(x: readonly number[], size: number, sigma: number): number[] {
  const radius = Math.ceil(3 * sigma);
  const inside = (i: number) => Math.min(size - 1, Math.max(0, i));
  return x.map((_, k) => {
    const [plane, y, i] = [Math.floor(k / (size * size)), Math.floor(k / size) % size, k % size];
    let sum = 0;
    let total = 0;
    for (let v = -radius; v <= radius; v++)
      for (let u = -radius; u <= radius; u++) {
        const w = Math.exp(-(u * u + v * v) / (2 * sigma * sigma));
        sum += w * x[(plane * size + inside(y + v)) * size + inside(i + u)];
        total += w;
      }
    return sum / total;
  });
}
