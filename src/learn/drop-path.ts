import type { Rng } from '../rng.js';

/**
 * Drop path's rate of each block: from 0 to the largest in a line (Huang et al. 2016), the same for both branches. A single block is the
 * first one, whose rate is 0, as timm and mmsegmentation have it.
 * @param largest 0…1
 */
export const dropPathRates = (largest: number, depth: number): number[] =>
  Array.from({ length: depth }, (_, i) => (depth === 1 ? 0 : (largest * i) / (depth - 1)));

/** Keep factors of residual branches: 0, or 1 over what is kept. @returns [depth, 2, batch] */
export function drawDropPath(rates: readonly number[], batch: number, rng: Rng): Float32Array {
  const out = new Float32Array(rates.length * 2 * batch);
  for (let i = 0; i < out.length; i++) {
    const p = rates[Math.floor(i / (2 * batch))];
    out[i] = rng.chance(p) ? 0 : 1 / (1 - p);
  }
  return out;
}
