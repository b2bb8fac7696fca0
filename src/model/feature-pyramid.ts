import { UserError } from '../errors.js';
import { ops, type RowOrder, type Tensor } from '../graph/index.js';
import { type MapMode, norm, normParameters, normStatistics } from './map-layers.js';
import type { ParameterSpec } from './parameters.js';
import type { Parameters } from './vit.js';

/**
 * Feature maps of four sizes from a plain ViT, whose blocks all have one (as BEiT and MAE are segmented; mmsegmentation's Feature2Pyramid): ×4 by
 * two transposed convolutions with batch norm and GELU between, ×2 by one, ×1 as it is, ×½ by the largest of two by two.
 */

/** Which blocks' outputs the four levels are made of, finest first: 3, 5, 7, 11 of 12; 7, 11, 15, 23 of 24. */
export function pyramidBlocks(depth: number): [number, number, number, number] {
  const at = (sixths: number) => Math.max(0, Math.round((depth * sixths) / 6) - 1);
  return [at(2), at(3), at(4), at(6)];
}

/** Where the rows of a block's output lie. */
export interface TokenRows {
  order: RowOrder;
  batch: number;
  /** Tokens before the patches: CLS, registers. */
  prefix: number;
  /** Rows and columns of patches. */
  grid: readonly [number, number];
}

/** The patches of a block's output [tokens·batch, dim] as maps [batch, dim, rows, columns]. */
export function tokenMaps(rows: Tensor, o: TokenRows): Tensor {
  const { order, batch, prefix, grid } = o;
  const [patches, dim] = [grid[0] * grid[1], rows.shape[1]];
  const axis = order === 'token' ? 0 : 1;
  const axes = order === 'token' ? [prefix + patches, batch] : [batch, prefix + patches];
  const cut = ops.slice(ops.reshape(rows, [...axes, dim]), axis, prefix, patches);
  return order === 'token'
    ? ops.transpose(ops.reshape(cut, [...grid, batch, dim]), [2, 3, 0, 1])
    : ops.transpose(ops.reshape(cut, [batch, ...grid, dim]), [0, 3, 1, 2]);
}

export function pyramidParameters(dim: number): ParameterSpec[] {
  // PyTorch's own beginning of a transposed convolution.
  const bound = { uniform: 1 / Math.sqrt(4 * dim) };
  const doubling = (name: string): ParameterSpec[] => [
    { name: `neck.${name}.weight`, shape: [dim, dim, 2, 2], init: bound },
    { name: `neck.${name}.bias`, shape: [dim], init: bound },
  ];
  return [
    ...doubling('upsample_4x.0'),
    ...normParameters('neck.upsample_4x.1', dim),
    ...doubling('upsample_4x.3'),
    ...doubling('upsample_2x.0'),
  ];
}

export const pyramidStatistics = (dim: number): ParameterSpec[] => normStatistics('neck.upsample_4x.1', dim);

/**
 * Four levels, finest first: [n, dim, 4h, 4w], [n, dim, 2h, 2w], [n, dim, h, w], [n, dim, ⌊h/2⌋, ⌊w/2⌋].
 * @param maps four of [n, dim, h, w]: the patches of four blocks' outputs, without the final norm
 * @throws UserError where a map is so small that it has no half
 */
export function featurePyramid(p: Parameters, maps: readonly Tensor[], mode: MapMode): Tensor[] {
  const [, , height, width] = maps[3].shape;
  if (Math.min(height, width) < 2)
    throw new UserError(`a feature pyramid of ${height} × ${width} patches: it needs at least 2 × 2 (larger images)`);
  const { precision = 'f32' } = mode;
  const stored = maps.map((x) => ops.cast(x, precision));
  const doubled = (name: string, x: Tensor) => {
    const y = ops.convTranspose2d(x, ops.cast(p(`neck.${name}.weight`), precision), undefined, { stride: 2 });
    const bias = ops.reshape(p(`neck.${name}.bias`), [1, y.shape[1], 1, 1]);
    return ops.cast(ops.add(y, bias), precision);
  };
  const first = ops.gelu(norm(p, 'neck.upsample_4x.1', doubled('upsample_4x.0', stored[0]), mode));
  return [doubled('upsample_4x.3', first), doubled('upsample_2x.0', stored[1]), stored[2], ops.maxPool2d(stored[3], 2)];
}
