import type { Pixels } from './painter.js';

/** Values of a channel that differ by no more than this are the same to the eye. */
const SAME = 6;
/** Of an image that shows something, at least this share differs from its commonest colour. */
const LEAST_DIFFERENT = 0.004;

/**
 * Whether an image shows nothing: one colour, or nearly. That is what a diffusion model gives when its numbers overflow (black), when a
 * safety filter has replaced its output, or when a server's decoder fails.
 */
export function isBlank({ width, height, data }: Pixels): boolean {
  const n = width * height;
  const middle = [median(data, 0, n), median(data, 1, n), median(data, 2, n)];
  let different = 0;
  const enough = Math.max(1, Math.ceil(n * LEAST_DIFFERENT));
  for (let i = 0; i < 3 * n; i += 3) {
    const far =
      Math.abs(data[i] - middle[0]) > SAME ||
      Math.abs(data[i + 1] - middle[1]) > SAME ||
      Math.abs(data[i + 2] - middle[2]) > SAME;
    if (far && ++different >= enough) return false;
  }
  return true;
}

/** Median of a channel, by counting. */
function median(data: Uint8Array, channel: number, n: number): number {
  const counts = new Uint32Array(256);
  for (let i = channel; i < 3 * n; i += 3) counts[data[i]]++;
  let below = 0;
  for (let value = 0; ; value++) {
    below += counts[value];
    if (2 * below >= n) return value;
  }
}
