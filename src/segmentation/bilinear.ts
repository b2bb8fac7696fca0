import { linearTaps } from './windows.js';

/** Bilinear resampling of an axis as a matrix (align_corners false). @returns [to, from] */
export function bilinearWeights(from: number, to: number): Float32Array {
  const { low, high, part } = linearTaps(from, to);
  const out = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    out[i * from + low[i]] += 1 - part[i];
    out[i * from + high[i]] += part[i];
  }
  return out;
}
