import type { Rng } from '../../rng.js';
import type { Pixels } from '../painter.js';

/** Normal deviates, drawn once: noise of a pixel is read from them at a random place. */
let deviates: Float32Array | undefined;

export interface Exposure {
  style: 'photo' | 'drawing' | 'painting' | 'render' | 'monochrome' | 'film';
}

/**
 * From painted RGBA to a photograph's RGB: exposure, contrast, white balance, vignette, softness, grain.
 * @param rgba [size, size, 4]
 */
export function expose(
  rgba: Uint8ClampedArray,
  size: number,
  rng: Rng,
  makeNoise: () => Rng,
  { style }: Exposure,
): Pixels {
  if (!deviates) {
    const noise = makeNoise();
    deviates = Float32Array.from({ length: 8192 }, () => noise.normal());
  }
  const gain = Math.exp(rng.normal() * 0.14);
  const contrast = Math.exp(rng.normal() * 0.12);
  const warm = rng.normal() * 0.05;
  const tint = rng.normal() * 0.02;
  const saturation = style === 'monochrome' ? 0 : style === 'film' ? 0.7 : Math.exp(rng.normal() * 0.15);
  const gains = [gain * (1 + warm), gain * (1 + tint), gain * (1 - warm)];
  const grain = style === 'render' ? 0.5 : style === 'film' ? 9 : 1 + 4 * rng.uniform() ** 3;
  const vignette = rng.chance(0.5) ? rng.range(0, 0.35) : 0;
  const soft = style === 'photo' && rng.chance(0.5) ? rng.range(0.1, 0.5) : 0;
  const n = size * size;
  const out = new Uint8Array(n * 3);
  let at = rng.int(8192);
  const half = size / 2;
  const middle = 118;
  for (let y = 0, i = 0; y < size; y++)
    for (let x = 0; x < size; x++, i++) {
      let r = rgba[i * 4];
      let g = rgba[i * 4 + 1];
      let b = rgba[i * 4 + 2];
      if (soft > 0) {
        const right = x + 1 < size ? i + 1 : i;
        const below = y + 1 < size ? i + size : i;
        r += soft * ((rgba[right * 4] + rgba[below * 4]) / 2 - r);
        g += soft * ((rgba[right * 4 + 1] + rgba[below * 4 + 1]) / 2 - g);
        b += soft * ((rgba[right * 4 + 2] + rgba[below * 4 + 2]) / 2 - b);
      }
      const luma = 0.299 * r + 0.587 * g + 0.114 * b;
      const dx = (x - half) / half;
      const dy = (y - half) / half;
      const fall = 1 - vignette * 0.5 * (dx * dx + dy * dy);
      const tone = (v: number, k: number) => {
        const coloured = luma + (v - luma) * saturation;
        return (middle + (coloured * gains[k] - middle) * contrast) * fall;
      };
      at = (at + 1) & 8191;
      const shared = deviates[at] * grain;
      const p = i * 3;
      out[p] = clip(tone(r, 0) + shared);
      out[p + 1] = clip(tone(g, 1) + shared + deviates[(at * 7) & 8191] * grain * 0.4);
      out[p + 2] = clip(tone(b, 2) + shared + deviates[(at * 13) & 8191] * grain * 0.4);
    }
  return { width: size, height: size, data: out };
}

function clip(v: number): number {
  return v <= 0 ? 0 : v >= 255 ? 255 : (v + 0.5) | 0;
}
