import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SafeTensor, writeSafetensors } from '../src/formats/safetensors.js';
import { type VitConfig, vitParameters } from '../src/model/vit.js';
import { Rng } from '../src/rng.js';
import { randomParameters, type Values } from './small-step.js';

/** An encoder as somebody else might write it: random weights by our names, written by others'. */
export interface Foreign {
  vit: VitConfig;
  parameters: Values;
}

export function foreign(c: Partial<VitConfig>, seed: number): Foreign {
  const vit: VitConfig = { dim: 24, depth: 2, heads: 3, patch: 8, imageSize: 32, mlpRatio: 2, ...c };
  return { vit, parameters: randomParameters(vitParameters(vit), Rng.of(seed, 'foreign')) };
}

export type Tensors = Map<string, SafeTensor>;

/** Tensors under timm's names, behind a prefix. */
export function timmTensors({ vit, parameters }: Foreign, prefix = ''): Tensors {
  const out: Tensors = new Map();
  for (const { name, shape } of vitParameters(vit))
    if (name !== 'backbone.mask_token')
      out.set(name.replace('backbone.', prefix), { dtype: 'F32', shape: [...shape], data: parameters.get(name)! });
  return out;
}

/** Tensors under Hugging Face's names of a ViT, queries, keys and values apart. */
export function hfVitTensors({ vit, parameters }: Foreign, prefix = ''): Tensors {
  const { dim } = vit;
  const out: Tensors = new Map();
  const put = (name: string, shape: number[], data: Float32Array) =>
    out.set(prefix + name, { dtype: 'F32', shape, data });
  const layer = (theirs: string, ours: string, shape: number[]) => {
    put(`${theirs}.weight`, shape, parameters.get(`backbone.${ours}.weight`)!);
    put(`${theirs}.bias`, [shape[0]], parameters.get(`backbone.${ours}.bias`)!);
  };
  const positions = parameters.get('backbone.pos_embed')!;
  put('embeddings.cls_token', [1, 1, dim], parameters.get('backbone.cls_token')!);
  put('embeddings.position_embeddings', [1, positions.length / dim, dim], positions);
  layer('embeddings.patch_embeddings.projection', 'patch_embed.proj', [dim, 3, vit.patch, vit.patch]);
  for (let i = 0; i < vit.depth; i++) {
    const [theirs, ours] = [`encoder.layer.${i}`, `blocks.${i}`];
    const hidden = Math.round(dim * vit.mlpRatio);
    layer(`${theirs}.layernorm_before`, `${ours}.norm1`, [dim]);
    layer(`${theirs}.layernorm_after`, `${ours}.norm2`, [dim]);
    ['query', 'key', 'value'].forEach((name, j) => {
      const [w, b] = ['weight', 'bias'].map((part) => parameters.get(`backbone.${ours}.attn.qkv.${part}`)!);
      put(`${theirs}.attention.attention.${name}.weight`, [dim, dim], w.slice(j * dim * dim, (j + 1) * dim * dim));
      put(`${theirs}.attention.attention.${name}.bias`, [dim], b.slice(j * dim, (j + 1) * dim));
    });
    layer(`${theirs}.attention.output.dense`, `${ours}.attn.proj`, [dim, dim]);
    layer(`${theirs}.intermediate.dense`, `${ours}.mlp.fc1`, [hidden, dim]);
    layer(`${theirs}.output.dense`, `${ours}.mlp.fc2`, [dim, hidden]);
  }
  layer('layernorm', 'norm', [dim]);
  return out;
}

/** Hugging Face's config.json of such a ViT. */
export const hfVitConfig = ({ vit }: Foreign, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ model_type: 'vit', hidden_size: vit.dim, num_hidden_layers: vit.depth, num_attention_heads: vit.heads },
  ...{ image_size: vit.imageSize, patch_size: vit.patch, layer_norm_eps: vit.eps ?? 1e-6, hidden_act: 'gelu' },
  ...more,
});

/** Writes a folder of an encoder. @returns the folder */
export async function writeForeign(
  dir: string,
  tensors: Tensors,
  beside: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  mkdirSync(dir, { recursive: true });
  await writeSafetensors(join(dir, 'model.safetensors'), tensors);
  for (const [name, value] of Object.entries(beside)) writeFileSync(join(dir, name), JSON.stringify(value));
  return dir;
}
