import type { Rng } from '../rng.js';

/** A draw of the symmetric beta distribution with both parameters `alpha` > 0, in 0…1. */
export function beta(alpha: number, rng: Rng): number {
  const [x, y] = [gamma(alpha, rng), gamma(alpha, rng)];
  // For tiny parameters both may be too small to be told from 0.
  return x + y > 0 ? x / (x + y) : rng.chance(0.5) ? 1 : 0;
}

/** Marsaglia & Tsang 2000; below 1 by a power of a uniform number from above it. */
function gamma(shape: number, rng: Rng): number {
  if (shape < 1) return gamma(shape + 1, rng) * (1 - rng.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = rng.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - rng.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
