import { basename } from 'node:path';
import type { Backbone } from '../backbone.js';
import { preprocessingForm } from '../preprocessing.js';
import { epsOf } from '../vit-config.js';
import { optionsOf } from '../vit-options.js';
import type { TrainingFacts } from './card.js';
import type { Precision } from './state.js';

/** `config.json` as we read it again, with the sizes that Transformers.js reads; what is no plain ViT is said under `synclr.vit`. */
export function ownConfig(
  { vit: c, preprocessing, origin }: Backbone,
  precision: Precision = 'float32',
  { isFirst = false, facts }: { isFirst?: boolean; facts?: TrainingFacts } = {},
): Record<string, unknown> {
  const { mean, std, ...rest } = preprocessing;
  // In the form's order, whoever described them: the same encoder is the same bytes.
  const pictures = preprocessingForm.parse(rest);
  // Also said where only the sides are none of a plain ViT's.
  const options = optionsOf(c) ?? (c.imageSize % c.patch === 0 ? undefined : {});
  return {
    model_type: 'vit',
    architectures: ['ViTModel'],
    hidden_size: c.dim,
    num_hidden_layers: c.depth,
    num_attention_heads: c.heads,
    intermediate_size: Math.round(c.dim * c.mlpRatio),
    patch_size: c.patch,
    image_size: c.imageSize,
    num_channels: 3,
    qkv_bias: true,
    hidden_act: 'gelu',
    layer_norm_eps: epsOf(c),
    add_pooling_layer: false,
    torch_dtype: precision,
    synclr: {
      ...{ mean, std },
      ...(isFirst ? {} : { preprocessing: pictures }),
      ...(options && { vit: options }),
      origin: basename(origin),
      ...(facts && { training: facts }),
    },
  };
}

/** What Transformers.js still has to do: decode, turn as EXIF says, divide by 255. The graph does the rest, the same everywhere. */
export const PREPROCESSOR = {
  image_processor_type: 'ViTImageProcessor',
  feature_extractor_type: 'ViTFeatureExtractor',
  do_convert_rgb: false,
  do_resize: false,
  do_center_crop: false,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: false,
};
