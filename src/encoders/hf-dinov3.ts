import type { Family } from './family.js';
import { activationOf, common } from './hf-names.js';
import { type Layout, lay } from './layout.js';
import { IMAGENET, preprocessingFor } from './preprocess.js';

const names = (blocks: string): Layout => ({
  patch: 'embeddings.patch_embeddings',
  cls: ['embeddings.cls_token'],
  registers: ['embeddings.register_tokens'],
  mask: ['embeddings.mask_token'],
  blocks,
  block: {
    ...{ norm1: 'norm1', norm2: 'norm2', proj: 'attention.o_proj' },
    apart: {
      weight: ['attention.q_proj.weight', 'attention.k_proj.weight', 'attention.v_proj.weight'],
      bias: ['attention.q_proj.bias', 'attention.k_proj.bias', 'attention.v_proj.bias'],
    },
    fc1: [['mlp.gate_proj', 'mlp.up_proj'], 'mlp.up_proj'],
    fc2: ['mlp.down_proj'],
    ...{ scale1: ['layer_scale1.lambda1'], scale2: ['layer_scale2.lambda1'] },
  },
  norm: 'norm',
});
/** Before the number of a block. */
const BLOCKS = ['layer.', 'model.layer.', 'layers.', 'encoder.layer.'];

/** Hugging Face's DINOv3: rotary positions of the patches, no learned ones. */
export const hfDinov3: Family = {
  name: 'Hugging Face DINOv3',
  is: (f) =>
    f.tensors.has('embeddings.patch_embeddings.weight') &&
    BLOCKS.some((b) => f.tensors.has(`${b}0.attention.q_proj.weight`)),
  read(f) {
    const blocks = BLOCKS.find((b) => f.tensors.has(`${b}0.attention.q_proj.weight`))!;
    const gate = f.configs.huggingFace?.hidden_act;
    const base = f.configs.huggingFace?.rope_theta ?? 100;
    const { vit, sources, headsFrom, notes } = lay(f, names(blocks), {
      ...common(f, 1e-5),
      rotary: { base },
      // Its description names the gate's activation; the published ones say SiLU.
      ...(gate !== undefined && gate !== 'silu' && { gate: (activationOf(gate, f.where) ?? 'gelu') as 'gelu' }),
    });
    const usual = { size: vit.imageSize, crop: 'squash', kernel: 'bilinear', ...IMAGENET } as const;
    const told = preprocessingFor(f.configs, usual, 'DINOv3');
    const { resampling: _, ...plain } = vit;
    return { ...{ vit: plain, sources, headsFrom }, ...told, notes: [...notes, ...told.notes] };
  },
};
