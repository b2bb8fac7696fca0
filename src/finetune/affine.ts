import { channels, type Planes } from './planes.js';

/** What RandAugment does to places, as PIL's bicubic affine transform: pixels from outside take the fill. All give a new picture. */

export type Colour = readonly [number, number, number];
/** x' = a·x + b·y + c, y' = d·x + e·y + f: where a pixel's centre comes from. */
type Matrix = readonly [number, number, number, number, number, number];

export function affine(p: Planes, [a, b, c, d, e, f]: Matrix, fill: Colour): Planes {
  const { width, height } = p;
  const out: Planes = { width, height, data: new Uint8Array(p.data.length) };
  const from = channels(p);
  const to = channels(out);
  for (const [k, channel] of to.entries()) channel.fill(fill[k]);
  const rows = new Float64Array(4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const u = a * (x + 0.5) + b * (y + 0.5) + c;
      const v = d * (x + 0.5) + e * (y + 0.5) + f;
      if (!(u >= 0 && u < width && v >= 0 && v < height)) continue;
      const left = Math.floor(u - 0.5);
      const top = Math.floor(v - 0.5);
      const [dx, dy] = [u - 0.5 - left, v - 0.5 - top];
      const column = (i: number) => Math.min(width - 1, Math.max(0, left - 1 + i));
      const [x0, x1, x2, x3] = [column(0), column(1), column(2), column(3)];
      for (let k = 0; k < 3; k++) {
        const channel = from[k];
        for (let j = 0; j < 4; j++) {
          const at = Math.min(height - 1, Math.max(0, top - 1 + j)) * width;
          rows[j] = cubic(channel[at + x0], channel[at + x1], channel[at + x2], channel[at + x3], dx);
        }
        to[k][y * width + x] = Math.min(255, Math.max(0, cubic(rows[0], rows[1], rows[2], rows[3], dy)));
      }
    }
  return out;
}

/** Cubic convolution with a = −1 between q and r. */
function cubic(p: number, q: number, r: number, s: number, at: number): number {
  return q + at * (r - p + at * (2 * (p - q) + r - s + at * (q - p + s - r)));
}

/** Counter-clockwise around the middle. */
export function rotate(p: Planes, degrees: number, fill: Colour): Planes {
  const angle = -(((degrees % 360) + 360) % 360) * (Math.PI / 180);
  const [cos, sin] = [rounded(Math.cos(angle)), rounded(Math.sin(angle))];
  const [cx, cy] = [p.width / 2, p.height / 2];
  return affine(p, [cos, sin, cx - cos * cx - sin * cy, -sin, cos, cy + sin * cx - cos * cy], fill);
}

/** To 15 digits, so that right angles are such. */
const rounded = (x: number): number => Math.round(x * 1e15) / 1e15;

export const shearX = (p: Planes, by: number, fill: Colour): Planes => affine(p, [1, by, 0, 0, 1, 0], fill);
export const shearY = (p: Planes, by: number, fill: Colour): Planes => affine(p, [1, 0, 0, by, 1, 0], fill);
/** @param by shares of the side */
export const translateX = (p: Planes, by: number, fill: Colour): Planes =>
  affine(p, [1, 0, by * p.width, 0, 1, 0], fill);
export const translateY = (p: Planes, by: number, fill: Colour): Planes =>
  affine(p, [1, 0, 0, 0, 1, by * p.height], fill);
