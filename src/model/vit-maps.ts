import { ops, type Tensor } from '../graph/index.js';
import { type Parameters, vit } from './vit.js';
import { attentionOf, relativeBias, rotation } from './vit-attention.js';
import { epsOf, prefixOf, type VitConfig } from './vit-config.js';

/**
 * What the CLS token of the last block attends to, head by head: the weights softmax(q·kᵀ) that its output is the mean of values by (DINO,
 * figure 1). What comes after the last block's queries and keys is not computed.
 * @param images [batch, 3, height, width]
 * @returns [batch, heads, tokens]: of all tokens, CLS first, each row summing to 1; patches are the last of them, row by row
 */
export function clsAttention(c: VitConfig, p: Parameters, images: Tensor): Tensor {
  const prefix = prefixOf(c);
  if (prefix.cls === 0) throw new Error('internal: attention of CLS of a ViT that has none');
  const [batch, , height, width] = images.shape;
  const grid = [Math.floor(height / c.patch), Math.floor(width / c.patch)] as const;
  const rows = { tokens: prefix.length + grid[0] * grid[1], batch, order: 'sample', precision: 'f32' } as const;
  const { blocks } = vit(c, p, images, { order: 'sample' });
  const last = c.depth - 1;
  const name = `backbone.blocks.${last}`;
  const y = ops.layerNorm(blocks[last].input, p(`${name}.norm1.weight`), p(`${name}.norm1.bias`), epsOf(c));
  const positions = { bias: relativeBias(c, p, grid)(last), rotate: rotation(c, grid, rows) };
  return attentionOf(c, p, `${name}.attn`, y, { ...rows, ...positions }, 0);
}
