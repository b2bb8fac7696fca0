import type { Family, Found } from './family.js';
import { common, HF_NAMES } from './hf-names.js';
import { lay } from './layout.js';
import { HALF, IMAGENET, preprocessingFor } from './preprocess.js';

const isOf = (f: Found, ...types: string[]) => types.includes(f.configs.huggingFace?.model_type ?? '');

/** Hugging Face's ViT, DeiT, ViTMAE and ViTMSN: one form under one set of names. */
export const hfVit: Family = {
  name: 'Hugging Face ViT',
  is: (f) =>
    f.tensors.has('embeddings.patch_embeddings.projection.weight') &&
    f.tensors.has('encoder.layer.0.layernorm_before.weight') &&
    !f.tensors.has('encoder.layer.0.lambda_1'),
  read(f) {
    const { vit, sources, headsFrom, notes } = lay(f, HF_NAMES, common(f, 1e-12));
    const isMae = isOf(f, 'vit_mae') || [...f.all.keys()].some((n) => n.startsWith('decoder.decoder_'));
    const isDeit = vit.dist || isOf(f, 'deit');
    const own = isMae || isDeit || isOf(f, 'vit_msn') ? IMAGENET : HALF;
    const usual = isDeit
      ? ({ size: vit.imageSize, crop: 'shortest', over: 256 / 224, ...own } as const)
      : ({ size: vit.imageSize, crop: 'squash', kernel: isMae ? 'bicubic' : 'bilinear', ...own } as const);
    const told = preprocessingFor(f.configs, usual, isMae ? 'ViTMAE' : isDeit ? 'DeiT' : 'ViT');
    const pooler = f.tensors.has('pooler.dense.weight')
      ? { weight: 'pooler.dense.weight', bias: 'pooler.dense.bias' }
      : undefined;
    return { ...{ vit, sources, headsFrom }, ...told, notes: [...notes, ...told.notes], after: { pooler } };
  },
};
