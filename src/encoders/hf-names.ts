import { UserError } from '../errors.js';
import type { Activation } from '../model/activation.js';
import type { HuggingFaceConfig, VisionConfig } from './configs.js';
import type { Found } from './family.js';
import type { Layout, Options } from './layout.js';

/** Queries, keys and values of Hugging Face's ViTs. */
const APART = {
  weight: ['query', 'key', 'value'].map((n) => `attention.attention.${n}.weight`) as [string, string, string],
  bias: ['query', 'key', 'value'].map((n) => `attention.attention.${n}.bias`) as [string, string, string],
};

/** Hugging Face's names of what its first ViTs share: ViT, DeiT, MAE, MSN, DINOv2, BEiT, data2vec. */
export const HF_NAMES = {
  patch: 'embeddings.patch_embeddings.projection',
  cls: ['embeddings.cls_token'],
  dist: 'embeddings.distillation_token',
  positions: 'embeddings.position_embeddings',
  mask: ['embeddings.mask_token'],
  blocks: 'encoder.layer.',
  block: {
    ...{ norm1: 'layernorm_before', norm2: 'layernorm_after', proj: 'attention.output.dense', apart: APART },
    ...{ fc1: ['intermediate.dense'], fc2: ['output.dense'] },
  },
  norm: 'layernorm',
} satisfies Layout;

/** The activation that a description names; undefined: exact GELU. @throws UserError for one that is not run here */
export function activationOf(name: string | undefined, where: string): Options['activation'] {
  switch (name) {
    case undefined:
    case 'gelu':
      return undefined;
    case 'silu':
      return 'silu';
    case 'quick_gelu':
      return 'quick_gelu';
    case 'gelu_pytorch_tanh':
    case 'gelu_new':
    case 'gelu_fast':
    case 'gelu_tanh':
      return 'gelu_tanh';
    default:
      throw new UserError(
        `${where}: the activation "${name}" is not run here: gelu, quick_gelu and gelu_pytorch_tanh are`,
      );
  }
}

/** The activation of a text tower. @throws UserError for one that is not run here */
export function textActivationOf(name: string, where: string): Activation {
  const form = activationOf(name, where) ?? 'gelu';
  if (form === 'silu' || form === 'swiglu')
    throw new UserError(`${where}: the activation "${name}" of the text tower is not run here`);
  return form;
}

/** The description of the image tower: that of an image-text model holds one of its own. */
export function visionConfigOf(c: HuggingFaceConfig | undefined): VisionConfig | undefined {
  return c?.vision_config ?? c;
}

/** What of a description is common to all families. @param eps where none is said */
export function common(f: Found, eps: number): Options {
  const c = visionConfigOf(f.configs.huggingFace);
  if (c && f.configs.huggingFace) refuseOther(f, c);
  return {
    eps: c?.layer_norm_eps ?? eps,
    activation: activationOf(c?.hidden_act, f.where),
    heads: c?.num_attention_heads,
    imageSize: c?.image_size,
    resampling: 'plain',
  };
}

/** A description beside a file may be that of another one. */
function refuseOther(f: Found, c: VisionConfig): void {
  const weight = [...f.tensors].find(([name]) =>
    /(^|\.)embeddings\.patch_embeddings?\.(projection\.)?weight$/.test(name),
  );
  const width = weight?.[1].shape[0];
  if (c.hidden_size !== undefined && width !== undefined && c.hidden_size !== width)
    throw new UserError(
      `${f.where}: config.json beside it is of another model: hidden_size is ${c.hidden_size}, the weights’ ${width}`,
    );
}
