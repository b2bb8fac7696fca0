import { type DType, ops, type RowOrder, type Tensor } from '../graph/index.js';
import { relativeIndex, relativeResampling, rotaryAngles } from './position.js';
import type { Parameters } from './vit.js';
import { gridOf, prefixOf, type VitConfig } from './vit-config.js';

/** How activations lie: a row a token and sample. */
export interface Rows {
  tokens: number;
  batch: number;
  order: RowOrder;
  precision: DType;
}

interface AttentionOptions extends Rows {
  /** [heads, tokens, tokens], added to the scores. */
  bias?: Tensor;
  /** What is done to queries and keys, each of the shape [axes, heads, width]. */
  rotate: (x: Tensor) => Tensor;
}

/** Attention of all tokens of a sample to each other, before its output layer. y [tokens·batch, dim] */
export function attend(c: VitConfig, p: Parameters, name: string, y: Tensor, o: AttentionOptions): Tensor {
  const { tokens, batch, order, precision } = o;
  const axes = order === 'token' ? [tokens, batch] : [batch, tokens];
  const width = c.dim / c.heads;
  const weight = ops.cast(p(`${name}.qkv.weight`), precision);
  const bias = p(`${name}.qkv.bias`);
  // Slicing the weight is cheaper than slicing the activations.
  const [q, k, v] = [0, 1, 2].map((j) => {
    const part = ops.linear(y, ops.slice(weight, 0, j * c.dim, c.dim), ops.slice(bias, 0, j * c.dim, c.dim));
    return ops.reshape(part, [...axes, c.heads, width]);
  });
  const attended = ops.attention(o.rotate(q), o.rotate(k), v, 1 / Math.sqrt(width), order, o.bias);
  return ops.reshape(attended, y.shape);
}

/**
 * The weights that attention gives one query's tokens, [batch, heads, tokens]; rows lie sample by sample.
 * @param query number of the token that asks
 */
export function attentionOf(
  c: VitConfig,
  p: Parameters,
  name: string,
  y: Tensor,
  { tokens, batch, bias, rotate }: AttentionOptions,
  query: number,
): Tensor {
  const width = c.dim / c.heads;
  const weight = p(`${name}.qkv.weight`);
  const added = p(`${name}.qkv.bias`);
  const [q, k] = [0, 1].map((j) => {
    const part = ops.linear(y, ops.slice(weight, 0, j * c.dim, c.dim), ops.slice(added, 0, j * c.dim, c.dim));
    return rotate(ops.reshape(part, [batch, tokens, c.heads, width]));
  });
  const products = ops.sum(ops.mul(k, ops.slice(q, 1, query, 1)), [3], false);
  const scores = ops.scale(ops.transpose(products, [0, 2, 1]), 1 / Math.sqrt(width));
  if (!bias) return ops.softmax(scores);
  const own = ops.reshape(ops.slice(bias, 1, query, 1), [1, c.heads, tokens]);
  return ops.softmax(ops.add(scores, own));
}

/** Rotates queries or keys of the patches by their places; of the tokens before them none. */
export function rotation(c: VitConfig, grid: readonly [number, number], rows: Rows): (x: Tensor) => Tensor {
  if (!c.rotary) return (x) => x;
  const [n, width] = [grid[0] * grid[1], c.dim / c.heads];
  const angles = rotaryAngles(grid, width, c.rotary.base);
  const shape = rows.order === 'token' ? [n, 1, 1, width] : [1, n, 1, width];
  const [cos, sin] = [ops.constant(angles.cos, shape), ops.constant(angles.sin, shape)];
  const axis = rows.order === 'token' ? 0 : 1;
  const before = prefixOf(c).length;
  return (x) => {
    const patches = ops.slice(x, axis, before, n);
    const [low, high] = [ops.slice(patches, 3, 0, width / 2), ops.slice(patches, 3, width / 2, width / 2)];
    const turned = ops.concat([ops.neg(high), low], 3);
    const rotated = ops.cast(ops.add(ops.mul(patches, cos), ops.mul(turned, sin)), rows.precision);
    return before > 0 ? ops.concat([ops.slice(x, axis, 0, before), rotated], axis) : rotated;
  };
}

/** The biases of relative positions of a block, [heads, tokens, tokens]. */
export function relativeBias(
  c: VitConfig,
  p: Parameters,
  grid: readonly [number, number],
): (block: number) => Tensor | undefined {
  if (!c.relative) return () => undefined;
  const tokens = 1 + grid[0] * grid[1];
  const index = ops.constant(relativeIndex(grid), [tokens * tokens]);
  const from = gridOf(c);
  const spread = (name: string): Tensor => {
    const rows = ops.takeRows(resampledTable(p(name), from, grid), index, { repeated: true });
    return ops.transpose(ops.reshape(rows, [tokens, tokens, c.heads]), [2, 0, 1]);
  };
  const shared = c.relative === 'layers' ? undefined : spread('backbone.rel_pos_bias.relative_position_bias_table');
  if (c.relative === 'shared') return () => shared;
  return (i) => {
    const own = spread(`backbone.blocks.${i}.attn.relative_position_bias_table`);
    return shared ? ops.add(own, shared) : own;
  };
}

/** A table for another grid; its last three rows, of CLS, stay. */
function resampledTable(table: Tensor, from: readonly [number, number], to: readonly [number, number]): Tensor {
  if (from.join() === to.join()) return table;
  const count = table.shape[0] - 3;
  const weights = relativeResampling(from, to);
  const patches = ops.gemm(ops.constant(weights, [weights.length / count, count]), ops.slice(table, 0, 0, count));
  return ops.concat([patches, ops.slice(table, 0, count, 3)], 0);
}
