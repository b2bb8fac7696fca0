import type { ParameterSpec } from './parameters.js';
import { gridOf, hiddenOf, poolOf, prefixOf, prefixPositionsOf, type VitConfig } from './vit-config.js';

/** A plain ViT's parameters, and those of its options; `backbone.` and timm's names. */
export function vitParameters(c: VitConfig): ParameterSpec[] {
  const { dim, depth, patch } = c;
  const hidden = hiddenOf(c);
  const zeros = { fill: 0 };
  const weight = { normal: 0.02 };
  const specs: ParameterSpec[] = [];
  const add = (name: string, shape: number[], init: ParameterSpec['init']) => specs.push({ name, shape, init });
  const affine = (name: string) => {
    add(`${name}.weight`, [dim], { fill: 1 });
    add(`${name}.bias`, [dim], zeros);
  };
  const linear = (name: string, out: number, into: number) => {
    // Glorot & Bengio's scale: 0.02, usual for wide ViTs, starves a narrow one for hundreds of steps.
    add(`${name}.weight`, [out, into], { normal: Math.sqrt(2 / (out + into)) });
    add(`${name}.bias`, [out], zeros);
  };
  const prefix = prefixOf(c);
  const [rows, columns] = gridOf(c);
  if (prefix.cls > 0) add('cls_token', [1, 1, dim], weight);
  if (prefix.dist > 0) add('dist_token', [1, 1, dim], weight);
  if (prefix.registers > 0) add('reg_token', [1, prefix.registers, dim], weight);
  if (c.positions !== false) add('pos_embed', [1, prefixPositionsOf(c) + rows * columns, dim], weight);
  add('mask_token', [1, 1, dim], weight);
  add('patch_embed.proj.weight', [dim, 3, patch, patch], {
    uniform: Math.sqrt(6 / (3 * patch * patch + dim)),
  });
  add('patch_embed.proj.bias', [dim], zeros);
  if (c.normBefore) affine('norm_pre');
  const table = [(2 * rows - 1) * (2 * columns - 1) + 3, c.heads];
  const isShared = c.relative === 'shared' || c.relative === 'both';
  const isOwn = c.relative === 'layers' || c.relative === 'both';
  if (isShared) add('rel_pos_bias.relative_position_bias_table', table, zeros);
  for (let i = 0; i < depth; i++) {
    const block = `blocks.${i}`;
    affine(`${block}.norm1`);
    linear(`${block}.attn.qkv`, 3 * dim, dim);
    if (isOwn) add(`${block}.attn.relative_position_bias_table`, table, zeros);
    linear(`${block}.attn.proj`, dim, dim);
    if (c.layerScale) add(`${block}.ls1.gamma`, [dim], { fill: 1 });
    affine(`${block}.norm2`);
    linear(`${block}.mlp.fc1`, c.activation === 'swiglu' ? 2 * hidden : hidden, dim);
    linear(`${block}.mlp.fc2`, dim, hidden);
    if (c.layerScale) add(`${block}.ls2.gamma`, [dim], { fill: 1 });
  }
  if (c.norm !== false) affine('norm');
  if (poolOf(c) === 'mean' && c.poolNorm) affine('fc_norm');
  if (poolOf(c) === 'attention') {
    const inner = Math.round(dim * (c.poolMlpRatio ?? c.mlpRatio));
    add('attn_pool.latent', [1, 1, dim], weight);
    linear('attn_pool.q', dim, dim);
    linear('attn_pool.kv', 2 * dim, dim);
    linear('attn_pool.proj', dim, dim);
    affine('attn_pool.norm');
    linear('attn_pool.mlp.fc1', inner, dim);
    linear('attn_pool.mlp.fc2', dim, inner);
  }
  return specs.map((s) => ({ ...s, name: `backbone.${s.name}` }));
}
