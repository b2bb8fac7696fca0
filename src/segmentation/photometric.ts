import type { Rng } from '../rng.js';

/** What happens to the colours of a crop. */
export interface Photometric {
  /** Added, of 0…1; 0: nothing. */
  brightness: number;
  /** Factor. */
  contrast: number;
  /** Whether contrast comes before saturation and hue, or after them. */
  contrastFirst: boolean;
  /** Factor of HSV's saturation. */
  saturation: number;
  /** By which HSV's hue is turned, degrees. */
  hue: number;
}

/**
 * Draws as mmsegmentation's PhotoMetricDistortion does: each change with probability ½; brightness ± 32 of 255, contrast and saturation × 0.5 to
 * 1.5, hue by an even number of degrees from −36 to 34 (its bytes have hues in steps of two).
 */
export function drawPhotometric(rng: Rng): Photometric {
  const brightness = rng.chance(0.5) ? rng.range(-32, 32) / 255 : 0;
  const contrastFirst = rng.chance(0.5);
  const contrast = rng.chance(0.5) ? rng.range(0.5, 1.5) : 1;
  const saturation = rng.chance(0.5) ? rng.range(0.5, 1.5) : 1;
  const hue = rng.chance(0.5) ? 2 * (rng.int(36) - 18) : 0;
  return { brightness, contrast, contrastFirst, saturation, hue };
}

/** Changes a crop in place, clamped after every change. @param x planar RGB [3, pixels] in 0…1 */
export function applyPhotometric(x: Float32Array, p: Photometric): void {
  if (p.brightness !== 0) linear(x, 1, p.brightness);
  if (p.contrastFirst && p.contrast !== 1) linear(x, p.contrast, 0);
  if (p.saturation !== 1 || p.hue !== 0) turned(x, p.saturation, p.hue / 60);
  if (!p.contrastFirst && p.contrast !== 1) linear(x, p.contrast, 0);
}

function linear(x: Float32Array, by: number, add: number): void {
  for (let i = 0; i < x.length; i++) x[i] = Math.min(1, Math.max(0, x[i] * by + add));
}

/** Saturation and hue in HSV. @param turn sixths of a circle */
function turned(x: Float32Array, saturation: number, turn: number): void {
  const n = x.length / 3;
  for (let i = 0; i < n; i++) {
    const [r, g, b] = [x[i], x[n + i], x[2 * n + i]];
    const most = Math.max(r, g, b);
    const spread = most - Math.min(r, g, b);
    if (spread === 0) continue;
    const sixth = most === r ? (g - b) / spread : most === g ? 2 + (b - r) / spread : 4 + (r - g) / spread;
    const hue = (sixth + turn + 12) % 6;
    const chroma = Math.min(1, (spread / most) * saturation) * most;
    const low = most - chroma;
    for (let c = 0; c < 3; c++) {
      // Distance of the hue from the channel's own, 0 to 3 sixths: full up to one, none from two on.
      const d = Math.abs(((hue - 2 * c + 9) % 6) - 3);
      x[c * n + i] = low + chroma * Math.min(1, Math.max(0, 2 - d));
    }
  }
}
