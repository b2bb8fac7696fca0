import type { Family } from './family.js';
import { common, HF_NAMES } from './hf-names.js';
import { type Layout, lay } from './layout.js';
import { IMAGENET, preprocessingFor } from './preprocess.js';

const NAMES: Layout = {
  ...HF_NAMES,
  registers: ['embeddings.register_tokens'],
  block: {
    ...HF_NAMES.block,
    ...{ norm1: 'norm1', norm2: 'norm2' },
    fc1: ['mlp.fc1', 'mlp.weights_in', ['mlp.gate_proj', 'mlp.up_proj']],
    fc2: ['mlp.fc2', 'mlp.weights_out', 'mlp.down_proj'],
    ...{ scale1: ['layer_scale1.lambda1'], scale2: ['layer_scale2.lambda1'] },
  },
};

/** Hugging Face's DINOv2, without registers (plain resampling of positions) and with them (antialiased). */
export const hfDinov2: Family = {
  name: 'Hugging Face DINOv2',
  is: (f) =>
    f.tensors.has('embeddings.patch_embeddings.projection.weight') && f.tensors.has('encoder.layer.0.norm1.weight'),
  read(f) {
    const hasRegisters = f.tensors.has('embeddings.register_tokens');
    const { vit, sources, headsFrom, notes } = lay(f, NAMES, {
      ...common(f, 1e-6),
      resampling: hasRegisters ? 'antialias' : 'plain',
    });
    const size = vit.imageSize === 518 ? 224 : vit.imageSize;
    const usual = { size, crop: 'shortest', over: 256 / 224, ...IMAGENET } as const;
    const told = preprocessingFor(f.configs, usual, 'DINOv2');
    return { ...{ vit, sources, headsFrom }, ...told, notes: [...notes, ...told.notes] };
  },
};
