import type { Rgb } from './image.js';
import { type Kernel, someTaps, type Taps, tapsOf } from './taps.js';

/** Part of an image, in pixels; fractions allowed. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const MOST_TAPS = 256;
const taps = new Map<string, Taps>();

/**
 * Cuts a box out and resizes it to width × height, with the kernel widened when shrinking, as PIL does; edges are those of the box.
 * @returns planar [3, height, width] in 0…1, clamped; `out` when given
 */
export function cropResize(
  image: Rgb,
  box: Box,
  width: number,
  height = width,
  out: Float32Array = new Float32Array(3 * width * height),
  kernel: Kernel = 'bicubic',
): Float32Array {
  const [horizontal, vertical] = [cached(box.width, width, box.x, kernel), cached(box.height, height, box.y, kernel)];
  const y0 = Math.round(box.y);
  return resampled(image, horizontal, vertical, [y0, Math.round(box.y + box.height) - y0], out);
}

/**
 * Resizes an image to width × height and cuts a square of `size` out of the middle; of an odd rest the larger part is at the right and bottom,
 * or half of it is rounded to the even number.
 * @returns planar [3, size, size] in 0…1, clamped
 */
export function resizeCrop(
  image: Rgb,
  width: number,
  height: number,
  size: number,
  kernel: Kernel,
  rounding?: 'even',
): Float32Array {
  const middle = (all: number) => {
    const down = Math.floor((all - size) / 2);
    return rounding === 'even' && (all - size) % 4 === 3 ? down + 1 : down;
  };
  const across = someTaps(cached(image.width, width, 0, kernel), middle(width), size);
  const down = someTaps(cached(image.height, height, 0, kernel), middle(height), size);
  const first = down.first[0];
  const rows = [first, down.first[size - 1] + down.count - first] as const;
  return resampled(image, across, down, rows, new Float32Array(3 * size * size));
}

/**
 * Resizes an image to width × height, of which only a part is computed.
 * @param part in pixels of the resized image; whole numbers
 * @returns planar [3, part.height, part.width] in 0…1, clamped
 */
export function resizePart(image: Rgb, width: number, height: number, part: Box, kernel: Kernel): Float32Array {
  const across = someTaps(cached(image.width, width, 0, kernel), part.x, part.width);
  const down = someTaps(cached(image.height, height, 0, kernel), part.y, part.height);
  const first = down.first[0];
  const rows = [first, down.first[part.height - 1] + down.count - first] as const;
  return resampled(image, across, down, rows, new Float32Array(3 * part.width * part.height));
}

/** @param read the first row that is needed, and how many */
function resampled(
  image: Rgb,
  horizontal: Taps,
  vertical: Taps,
  read: readonly [y0: number, h: number],
  out: Float32Array,
): Float32Array {
  const { width: stride, data } = image;
  const [y0, h] = read;
  const [width, height] = [horizontal.first.length, vertical.first.length];
  const rows = scratch(h * width * 3);
  const n = horizontal.count;
  for (let y = 0; y < h; y++) {
    const row = (y0 + y) * stride * 3;
    for (let x = 0; x < width; x++) {
      const at = row + horizontal.first[x] * 3;
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0; k < n; k++) {
        const weight = horizontal.weights[x * n + k];
        const i = at + k * 3;
        r += weight * data[i];
        g += weight * data[i + 1];
        b += weight * data[i + 2];
      }
      const o = (y * width + x) * 3;
      rows[o] = r;
      rows[o + 1] = g;
      rows[o + 2] = b;
    }
  }
  const m = vertical.count;
  const plane = width * height;
  const line = width * 3;
  for (let y = 0; y < height; y++) {
    const base = (vertical.first[y] - y0) * line;
    for (let i = 0; i < line; i++) {
      let sum = 0;
      for (let k = 0; k < m; k++) sum += vertical.weights[y * m + k] * rows[base + k * line + i];
      const v = sum / 255;
      const x = (i / 3) | 0;
      out[(i - x * 3) * plane + y * width + x] = Math.min(1, Math.max(0, v));
    }
  }
  return out;
}

let scratchBuffer = new Float32Array(0);
function scratch(length: number): Float32Array {
  if (scratchBuffer.length < length) scratchBuffer = new Float32Array(length);
  return scratchBuffer;
}

function cached(from: number, to: number, start: number, kernel: Kernel): Taps {
  const key = `${from}:${to}:${start}:${kernel}`;
  let known = taps.get(key);
  if (!known) {
    // Photos of many sizes have many.
    if (taps.size >= MOST_TAPS) taps.clear();
    taps.set(key, (known = tapsOf(from, to, start, kernel)));
  }
  return known;
}
