import { UserError } from '../errors.js';
import type { Found, Reading } from './family.js';
import { type Layout, lay, type Options } from './layout.js';

/**
 * timm's names of a vision transformer, which most research code shares, and what DINOv2 (w12, w3, register_tokens), DINOv3 (w1, w2, w3,
 * storage_tokens), iBOT (masked_embed), BEiT and CaiT (gamma_1, q_bias, relative positions) call the same.
 */
export const TIMM_NAMES: Layout = {
  patch: 'patch_embed.proj',
  cls: ['cls_token'],
  dist: 'dist_token',
  registers: ['reg_token', 'register_tokens', 'storage_tokens'],
  positions: 'pos_embed',
  mask: ['mask_token', 'masked_embed'],
  normBefore: 'norm_pre',
  blocks: 'blocks.',
  block: {
    norm1: 'norm1',
    fused: 'attn.qkv',
    apart: {
      weight: ['attn.q_proj.weight', 'attn.k_proj.weight', 'attn.v_proj.weight'],
      bias: ['attn.q_bias', 'attn.k_bias', 'attn.v_bias'],
    },
    proj: 'attn.proj',
    norm2: 'norm2',
    fc1: ['mlp.fc1', 'mlp.w12', ['mlp.w1', 'mlp.w2']],
    fc2: ['mlp.fc2', 'mlp.w3'],
    scale1: ['ls1.gamma', 'gamma_1'],
    scale2: ['ls2.gamma', 'gamma_2'],
    table: 'attn.relative_position_bias_table',
    ignored: /^attn\.(relative_position_index|qkv\.bias_mask)$/,
  },
  sharedTable: 'rel_pos_bias.relative_position_bias_table',
  norm: 'norm',
  poolNorm: 'fc_norm',
  pool: {
    ...{ latent: 'attn_pool.latent', q: 'attn_pool.q', kv: 'attn_pool.kv', proj: 'attn_pool.proj' },
    ...{ norm: 'attn_pool.norm', fc1: 'attn_pool.mlp.fc1', fc2: 'attn_pool.mlp.fc2' },
  },
};

const GATED: Layout = {
  ...TIMM_NAMES,
  block: { ...TIMM_NAMES.block, fc1: [...TIMM_NAMES.block.fc1, ['mlp.fc1_g', 'mlp.fc1_x']] },
};

/** Whether an encoder has timm's names. */
export const hasTimmNames = (f: Pick<Found, 'tensors'>): boolean =>
  f.tensors.has('patch_embed.proj.weight') && f.tensors.has('blocks.0.norm1.weight');

/** An encoder in timm's names, with its classifiers. A norm of the pooled mean says that the mean is the feature. */
export function readTimmNames(f: Found, o: Options): Omit<Reading, 'preprocessing' | 'preprocessingFrom'> {
  const gate = 'blocks.0.mlp.fc1_g.weight';
  // Timm’s DINOv3 has gate and value apart, as EVA-02 has, whose rotary positions are others and stored as little.
  if (f.tensors.has(gate) && !o.rotary)
    throw new UserError(
      `${f.where}: ${f.prefix}${gate} belongs to EVA-02 or another architecture that is not run here`,
    );
  if (f.configs.timm === undefined) refuseUnsaid(f);
  const pool = o.pool ?? (f.tensors.has('fc_norm.weight') ? 'mean' : undefined);
  const { vit, sources, headsFrom, notes } = lay(f, o.rotary ? GATED : TIMM_NAMES, { ...o, pool });
  const linear = (name: string) =>
    f.tensors.get(`${name}.weight`)?.shape[1] === vit.dim
      ? { weight: `${name}.weight`, bias: f.tensors.has(`${name}.bias`) ? `${name}.bias` : undefined }
      : undefined;
  const [classifier, classifierDist] = [linear('head'), linear('head_dist')];
  return { vit, sources, headsFrom, notes, after: { classifier, classifierDist } };
}

/** EVA-02 has BEiT's biases without its tables; its rotary positions come on top of the stored ones and leave no trace. */
function refuseUnsaid(f: Found): void {
  const hasTables = [...f.tensors.keys()].some((n) => n.endsWith('relative_position_bias_table'));
  if (f.tensors.has('pos_embed') && f.tensors.has('blocks.0.attn.q_bias') && !hasTables)
    throw new UserError(
      `${f.where}: its biases are those of EVA or EVA-02, whose positions nothing in the weights tells apart; a config.json of timm’s beside it would`,
    );
}
