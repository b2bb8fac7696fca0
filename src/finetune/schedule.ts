import type { Rng } from '../rng.js';

/** Rates over training and depth, as the authors' fine-tuning sets them. */
export interface RateSchedule {
  /** The largest rate. */
  peak: number;
  least: number;
  warmupEpochs: number;
  epochs: number;
}

/**
 * The rate at a fractional epoch: from 0 to the peak in a line, then half a cosine to the least. Layer-wise factors multiply all of it.
 * @param epoch from 0; the very first step has rate 0
 */
export function rateAt({ peak, least, warmupEpochs, epochs }: RateSchedule, epoch: number): number {
  if (epoch < warmupEpochs) return (peak * epoch) / warmupEpochs;
  const share = epochs > warmupEpochs ? Math.min(1, (epoch - warmupEpochs) / (epochs - warmupEpochs)) : 1;
  return least + (peak - least) * 0.5 * (1 + Math.cos(Math.PI * share));
}

/** Drop path's rate of each block: from 0 to the largest in a line (Huang et al. 2016), the same for both branches. */
export const dropPathRates = (largest: number, depth: number): number[] =>
  Array.from({ length: depth }, (_, i) => (depth === 1 ? 0 : (largest * i) / (depth - 1)));

/** Draws factors of residual branches: 0, or 1 over what is kept. @returns [depth, 2, batch] */
export function drawDropPath(rates: readonly number[], batch: number, rng: Rng): Float32Array {
  const out = new Float32Array(rates.length * 2 * batch);
  for (let i = 0; i < out.length; i++) {
    const p = rates[Math.floor(i / (2 * batch))];
    out[i] = rng.chance(p) ? 0 : 1 / (1 - p);
  }
  return out;
}
