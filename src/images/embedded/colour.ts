import type { Rng } from '../../rng.js';

/** sRGB, 0…255. */
export type Rgb = readonly [number, number, number];

export function css([r, g, b]: Rgb, alpha = 1): string {
  const c = (v: number) => Math.max(0, Math.min(255, Math.round(v)));
  return alpha >= 1 ? `rgb(${c(r)},${c(g)},${c(b)})` : `rgba(${c(r)},${c(g)},${c(b)},${alpha.toFixed(3)})`;
}

export function blend(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** Brighter (by > 1) or darker. */
export function lit([r, g, b]: Rgb, by: number): Rgb {
  return by <= 1 ? [r * by, g * by, b * by] : blend([r, g, b], [255, 252, 244], Math.min(1, (by - 1) * 0.9));
}

/** A neighbour of a colour: a little other in hue, saturation and lightness. @param amount 0.1 subtle … 1 strong */
export function jitter(c: Rgb, rng: Rng, amount: number): Rgb {
  const shift = rng.normal() * 22 * amount;
  return [
    c[0] + shift + rng.normal() * 14 * amount,
    c[1] + shift + rng.normal() * 14 * amount,
    c[2] + shift + rng.normal() * 14 * amount,
  ];
}

/** @param h 0…1 @param s 0…1 @param l 0…1 */
export function hsl(h: number, s: number, l: number): Rgb {
  const f = (n: number) => {
    const k = (n + h * 12) % 12;
    return 255 * (l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [f(0), f(8), f(4)];
}
