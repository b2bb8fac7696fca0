import type { VitConfig } from '../model/vit.js';

/** Operations and memory of what learners are put together from. */

/** Operations of a forward pass over one crop; a multiply-add is two. @param side pixels */
export function cropOperations({ dim, depth, patch, mlpRatio }: VitConfig, side: number): number {
  const t = (side / patch) ** 2 + 1;
  return 2 * depth * (t * dim * dim * (4 + 2 * mlpRatio) + 2 * t * t * dim) + 2 * t * dim * 3 * patch * patch;
}

/** Operations of a row through linear layers of these widths. */
export const mlpOperations = (widths: readonly number[]): number =>
  2 * widths.slice(1).reduce((sum, width, i) => sum + widths[i] * width, 0);

/** Numbers of one crop that a forward pass keeps for its backward pass, roughly: 18 rows of the width a token and block, and attention. */
export function cropActivations({ dim, depth, heads, patch, mlpRatio }: VitConfig, side: number): number {
  const t = (side / patch) ** 2 + 1;
  return depth * (t * dim * (10 + 2 * mlpRatio) + 2 * heads * t * t);
}
