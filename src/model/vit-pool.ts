import { ops, type Tensor } from '../graph/index.js';
import type { Parameters } from './vit.js';
import type { Rows } from './vit-attention.js';
import { epsOf, type VitConfig } from './vit-config.js';
import { between } from './vit-mlp.js';

/** The mean of a sample's patches, and its norm where it has one. patches [patches·batch, dim] → [batch, dim] */
export function meanOfPatches(c: VitConfig, p: Parameters, patches: Tensor, { batch, order }: Rows): Tensor {
  const n = patches.shape[0] / batch;
  const split = ops.reshape(patches, order === 'token' ? [n, batch, c.dim] : [batch, n, c.dim]);
  const mean = ops.mean(split, [order === 'token' ? 0 : 1], false);
  if (!c.poolNorm) return mean;
  return ops.layerNorm(mean, p('backbone.fc_norm.weight'), p('backbone.fc_norm.bias'), epsOf(c));
}

/**
 * What a learned query attends to among a sample's patches, with an MLP after it (Lee et al. 2019; Zhai et al. 2022, SigLIP's head).
 * patches [patches·batch, dim] → [batch, dim]
 */
export function attentionPooled(
  c: VitConfig,
  p: Parameters,
  patches: Tensor,
  { batch, order, precision }: Rows,
): Tensor {
  const { dim, heads } = c;
  const name = 'backbone.attn_pool';
  const width = dim / heads;
  const linear = (layer: string, y: Tensor) =>
    ops.linear(y, ops.cast(p(`${name}.${layer}.weight`), precision), p(`${name}.${layer}.bias`));
  const n = patches.shape[0] / batch;
  const axes = order === 'token' ? [n, batch] : [batch, n];
  const one = ops.reshape(linear('q', ops.cast(ops.reshape(p(`${name}.latent`), [1, dim]), precision)), [1, 1, dim]);
  const q = ops.broadcast(ops.reshape(one, [1, 1, heads, width]), [
    ...(order === 'token' ? [1, batch] : [batch, 1]),
    heads,
    width,
  ]);
  const weight = ops.cast(p(`${name}.kv.weight`), precision);
  const bias = p(`${name}.kv.bias`);
  const [k, v] = [0, 1].map((j) => {
    const part = ops.linear(patches, ops.slice(weight, 0, j * dim, dim), ops.slice(bias, 0, j * dim, dim));
    return ops.reshape(part, [...axes, heads, width]);
  });
  const attended = ops.attention(q, k, v, 1 / Math.sqrt(width), order);
  const y = linear('proj', ops.reshape(attended, [batch, dim]));
  const normal = ops.layerNorm(y, p(`${name}.norm.weight`), p(`${name}.norm.bias`), epsOf(c));
  return ops.add(y, linear('mlp.fc2', between(c, linear('mlp.fc1', normal), precision)));
}
