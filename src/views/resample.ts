import type { Rgb } from './image.js';
import { type Taps, tapsOf } from './taps.js';

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
 * Cuts a box out and resizes it to width × height: bicubic (a = −0.5) with the kernel widened when shrinking, as PIL
 * does; edges are those of the box.
 * @returns planar [3, height, width] in 0…1, clamped; `out` when given
 */
export function cropResize(
  image: Rgb,
  box: Box,
  width: number,
  height = width,
  out: Float32Array = new Float32Array(3 * width * height),
): Float32Array {
  const { width: stride, data } = image;
  const horizontal = cached(box.width, width, box.x);
  const vertical = cached(box.height, height, box.y);
  const y0 = Math.round(box.y);
  const h = Math.round(box.y + box.height) - y0;
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

function cached(from: number, to: number, start: number): Taps {
  const key = `${from}:${to}:${start}`;
  let known = taps.get(key);
  if (!known) {
    // Photos of many sizes have many.
    if (taps.size >= MOST_TAPS) taps.clear();
    taps.set(key, (known = tapsOf(from, to, start)));
  }
  return known;
}
