import type { Family, Found } from './family.js';
import { common, HF_NAMES } from './hf-names.js';
import { type Layout, lay } from './layout.js';
import { HALF, IMAGENET, preprocessingFor } from './preprocess.js';

const NAMES: Layout = {
  ...HF_NAMES,
  block: {
    ...HF_NAMES.block,
    ...{ scale1: ['lambda_1'], scale2: ['lambda_2'] },
    table: 'attention.attention.relative_position_bias.relative_position_bias_table',
    ignored: /relative_position_index$/,
  },
  sharedTable: 'encoder.relative_position_bias.relative_position_bias_table',
  poolNorm: 'pooler.layernorm',
};

/** Without layer scale nothing but the description tells it from a ViT. */
const isNamed = (f: Found) => ['beit', 'data2vec-vision'].includes(f.configs.huggingFace?.model_type ?? '');

/** Hugging Face's BEiT and Data2Vec-vision: relative positions, keys without bias; with mean pooling no norm after the last block but one of the mean. */
export const hfBeit: Family = {
  name: 'Hugging Face BEiT',
  is: (f) =>
    f.tensors.has('embeddings.patch_embeddings.projection.weight') &&
    f.tensors.has('encoder.layer.0.layernorm_before.weight') &&
    (f.tensors.has('encoder.layer.0.lambda_1') || isNamed(f)),
  read(f) {
    const isData2vec =
      f.configs.huggingFace?.model_type === 'data2vec-vision' || /(^|\.)data2vec_vision\.$/.test(f.prefix);
    const isMean = f.tensors.has('pooler.layernorm.weight');
    const { vit, sources, headsFrom, notes } = lay(f, NAMES, {
      ...common(f, 1e-12),
      placeless: isNamed(f),
      pool: isMean ? 'mean' : undefined,
    });
    const usual = { size: vit.imageSize, crop: 'squash', ...(isData2vec ? IMAGENET : HALF) } as const;
    const told = preprocessingFor(f.configs, usual, isData2vec ? 'Data2Vec-vision' : 'BEiT');
    return { ...{ vit, sources, headsFrom }, ...told, notes: [...notes, ...told.notes] };
  },
};
