import type { Settings } from '../config/schema.js';
import type { Rng } from '../rng.js';
import type { Rgb } from './image.js';
import { type Box, cropResize } from './resample.js';

type Views = Settings['views'];

/** Luma weights of ITU-R 601, as PIL's grayscale has them. */
const R = 0.299;
const G = 0.587;
const B = 0.114;

/**
 * One augmented crop (BYOL's augmentations, plus StableRep's random downsampling): [3, size, size], normalised, written to `out`.
 * Order: downsample, crop, flip, colour jitter, grayscale, blur, solarise, normalise.
 */
export function augment(
  image: Rgb,
  v: Views,
  size: number,
  scale: readonly [number, number],
  rng: Rng,
  out: Float32Array,
): void {
  const source = rng.chance(v.downsample.probability) ? shrink(image, rng.range(...v.downsample.scale)) : image;
  cropResize(source, randomBox(source.width, source.height, scale, v.aspect, rng), size, size, out);
  if (rng.chance(v.flip)) flip(out, size);
  if (rng.chance(v.jitter.probability)) colourJitter(out, v.jitter, rng);
  if (rng.chance(v.grayscale)) grayscale(out);
  if (rng.chance(v.blur.probability)) gaussianBlur(out, size, (rng.range(...v.blur.sigma) * size) / 224);
  if (rng.chance(v.solarise)) solarise(out);
  normalise(out, v.mean, v.std);
}

/** torchvision's RandomResizedCrop: an area and a log-uniform aspect that fit, ten tries, else the largest central crop. */
export function randomBox(
  width: number,
  height: number,
  scale: readonly [number, number],
  aspect: readonly [number, number],
  rng: Rng,
): Box {
  const [low, high] = aspect.map(Math.log);
  for (let i = 0; i < 10; i++) {
    const area = width * height * rng.range(...(scale as [number, number]));
    const ratio = Math.exp(rng.range(low, high));
    const w = Math.round(Math.sqrt(area * ratio));
    const h = Math.round(Math.sqrt(area / ratio));
    if (w > 0 && h > 0 && w <= width && h <= height)
      return { x: rng.int(width - w + 1), y: rng.int(height - h + 1), width: w, height: h };
  }
  const ratio = Math.min(Math.max(width / height, aspect[0]), aspect[1]);
  const w = Math.min(width, Math.round(height * ratio));
  const h = Math.min(height, Math.round(width / ratio));
  return { x: (width - w) >> 1, y: (height - h) >> 1, width: w, height: h };
}

/** Makes the whole image smaller by a factor. */
export function shrink(image: Rgb, factor: number): Rgb {
  const width = Math.max(1, Math.round(image.width * factor));
  const height = Math.max(1, Math.round(image.height * factor));
  if (width === image.width && height === image.height) return image;
  const planar = cropResize(image, { x: 0, y: 0, width: image.width, height: image.height }, width, height);
  const n = width * height;
  const data = new Uint8Array(n * 3);
  for (let c = 0; c < 3; c++) for (let i = 0; i < n; i++) data[i * 3 + c] = planar[c * n + i] * 255 + 0.5;
  return { width, height, data };
}

export function flip(x: Float32Array, size: number): void {
  for (let row = 0; row < x.length; row += size) x.subarray(row, row + size).reverse();
}

/** torchvision's ColorJitter: brightness, contrast, saturation and hue by random amounts in random order, clamped after each. */
export function colourJitter(x: Float32Array, j: Views['jitter'], rng: Rng): void {
  const order = rng.shuffle([0, 1, 2, 3]);
  const factor = (amount: number) => rng.range(Math.max(0, 1 - amount), 1 + amount);
  const [b, c, s, h] = [factor(j.brightness), factor(j.contrast), factor(j.saturation), rng.range(-j.hue, j.hue)];
  for (const which of order) {
    if (which === 0) for (let i = 0; i < x.length; i++) x[i] = clamp(x[i] * b);
    else if (which === 1) contrast(x, c);
    else if (which === 2) saturate(x, s);
    else if (h !== 0) hue(x, h);
  }
}

/** Blends with the mean luma. */
export function contrast(x: Float32Array, factor: number): void {
  const n = x.length / 3;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += R * x[i] + G * x[n + i] + B * x[2 * n + i];
  const rest = (mean / n) * (1 - factor);
  for (let i = 0; i < x.length; i++) x[i] = clamp(x[i] * factor + rest);
}

/** Blends with the pixel's own luma. */
export function saturate(x: Float32Array, factor: number): void {
  const n = x.length / 3;
  for (let i = 0; i < n; i++) {
    const grey = (R * x[i] + G * x[n + i] + B * x[2 * n + i]) * (1 - factor);
    x[i] = clamp(x[i] * factor + grey);
    x[n + i] = clamp(x[n + i] * factor + grey);
    x[2 * n + i] = clamp(x[2 * n + i] * factor + grey);
  }
}

/** Turns the hue of HSV by `turn` of a full circle. */
export function hue(x: Float32Array, turn: number): void {
  const n = x.length / 3;
  for (let i = 0; i < n; i++) {
    const r = x[i];
    const g = x[n + i];
    const b = x[2 * n + i];
    const max = Math.max(r, g, b);
    const chroma = max - Math.min(r, g, b);
    if (chroma === 0) continue;
    let h = max === r ? (g - b) / chroma : max === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
    h = (h + turn * 6 + 12) % 6;
    const sector = Math.floor(h);
    const f = h - sector;
    const p = max - chroma;
    const q = max - chroma * f;
    const t = max - chroma * (1 - f);
    x[i] = sector === 0 || sector === 5 ? max : sector === 1 ? q : sector === 4 ? t : p;
    x[n + i] = sector === 1 || sector === 2 ? max : sector === 0 ? t : sector === 3 ? q : p;
    x[2 * n + i] = sector === 3 || sector === 4 ? max : sector === 2 ? t : sector === 5 ? q : p;
  }
}

export function grayscale(x: Float32Array): void {
  const n = x.length / 3;
  for (let i = 0; i < n; i++) {
    const grey = R * x[i] + G * x[n + i] + B * x[2 * n + i];
    x[i] = grey;
    x[n + i] = grey;
    x[2 * n + i] = grey;
  }
}

/** Separable Gaussian, cut at 3 sigma, edges repeated. @param sigma pixels */
export function gaussianBlur(x: Float32Array, size: number, sigma: number): void {
  const radius = Math.ceil(3 * sigma);
  if (sigma < 0.15 || radius === 0) return;
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const total = kernel.reduce((a, b) => a + b, 0);
  for (let i = 0; i < kernel.length; i++) kernel[i] /= total;
  const line = new Float32Array(size);
  const pass = (start: number, stride: number) => {
    for (let i = 0; i < size; i++) line[i] = x[start + i * stride];
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let k = -radius; k <= radius; k++) sum += kernel[k + radius] * line[Math.min(size - 1, Math.max(0, i + k))];
      x[start + i * stride] = sum;
    }
  };
  for (let plane = 0; plane < x.length; plane += size * size) {
    for (let y = 0; y < size; y++) pass(plane + y * size, 1);
    for (let column = 0; column < size; column++) pass(plane + column, size);
  }
}

/** Inverts what is brighter than one half. */
export function solarise(x: Float32Array): void {
  for (let i = 0; i < x.length; i++) if (x[i] >= 0.5) x[i] = 1 - x[i];
}

export function normalise(x: Float32Array, mean: readonly number[], std: readonly number[]): void {
  const n = x.length / 3;
  for (let c = 0; c < 3; c++) for (let i = c * n; i < (c + 1) * n; i++) x[i] = (x[i] - mean[c]) / std[c];
}

function clamp(v: number): number {
  return Math.min(1, Math.max(0, v));
}
