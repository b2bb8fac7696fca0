import { dirname, join } from 'node:path';
import { z } from 'zod';
import { codeOf } from '../errors.js';
import { checked, isObject, readJson } from '../formats/json.js';

const count = z.int().positive();
const triple = z.tuple([z.number(), z.number(), z.number()]);
const above = z.number().positive();
/** Of each channel, or of all. */
const mean = z.union([triple, z.number()]).nullish();
const std = z.union([z.tuple([above, above, above]), above]).nullish();
/** A side, or height and width. */
const sides = z.union([count, z.tuple([count, count])]);

/** What of a vision model's config.json is used, in Hugging Face's form. */
const visionConfig = z.looseObject({
  model_type: z.string().optional(),
  hidden_size: count.optional(),
  num_hidden_layers: count.optional(),
  num_attention_heads: count.optional(),
  intermediate_size: count.optional(),
  image_size: sides.optional(),
  patch_size: sides.optional(),
  hidden_act: z.string().optional(),
  layer_norm_eps: z.number().positive().optional(),
  rope_theta: z.number().positive().optional(),
  use_mean_pooling: z.boolean().optional(),
});

const textConfig = z.looseObject({
  num_attention_heads: count.optional(),
  hidden_act: z.string().optional(),
  layer_norm_eps: z.number().positive().optional(),
  eos_token_id: z.int().nullish(),
  pad_token_id: z.int().nullish(),
});

export const huggingFace = visionConfig.extend({
  model_type: z.string(),
  vision_config: visionConfig.optional(),
  text_config: textConfig.optional(),
});

/** How pictures come to timm's models. */
const timmPictures = z.looseObject({
  input_size: z.tuple([count, count, count]).nullish(),
  fixed_input_size: z.boolean().nullish(),
  interpolation: z.string().nullish(),
  crop_pct: above.nullish(),
  crop_mode: z.string().nullish(),
  ...{ mean, std },
});

/** timm's config.json. */
export const timm = timmPictures.extend({
  architecture: z.string(),
  global_pool: z.string().optional(),
  model_args: z
    .looseObject({
      num_heads: count.optional(),
      img_size: sides.optional(),
      act_layer: z.string().optional(),
      global_pool: z.string().optional(),
    })
    .optional(),
  pretrained_cfg: timmPictures.optional(),
});

/** open_clip_config.json. */
export const openClip = z.looseObject({
  model_cfg: z.looseObject({
    embed_dim: count.optional(),
    quick_gelu: z.boolean().optional(),
    vision_cfg: z.looseObject({
      image_size: sides.optional(),
      head_width: count.optional(),
      timm_model_name: z.string().nullish(),
    }),
    text_cfg: z.looseObject({ heads: count.optional(), hf_model_name: z.string().nullish() }).optional(),
  }),
  preprocess_cfg: z
    .looseObject({
      ...{ mean, std },
      size: sides.nullish(),
      interpolation: z.string().nullish(),
      resize_mode: z.string().nullish(),
    })
    .optional(),
});

const flag = z.boolean().nullish();
const rectangle = { height: count.nullish(), width: count.nullish() };

/** preprocessor_config.json. */
export const preprocessor = z.looseObject({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  image_mean: mean,
  image_std: std,
  resample: z.int().nullish(),
  do_resize: flag,
  do_center_crop: flag,
  do_rescale: flag,
  rescale_factor: above.nullish(),
  do_normalize: flag,
  size: z.union([count, z.looseObject({ ...rectangle, shortest_edge: count.nullish() })]).nullish(),
  crop_size: z.union([count, z.looseObject(rectangle)]).nullish(),
});

export type HuggingFaceConfig = z.infer<typeof huggingFace>;
export type VisionConfig = z.infer<typeof visionConfig>;
export type TimmConfig = z.infer<typeof timm>;
export type OpenClipConfig = z.infer<typeof openClip>;
export type PreprocessorConfig = z.infer<typeof preprocessor>;

/** What Hugging Face calls the architectures that are run here. */
const RUN_TYPES: readonly string[] = [
  ...['vit', 'deit', 'vit_mae', 'vit_msn', 'dinov2', 'dinov2_with_registers', 'dinov3_vit', 'beit', 'data2vec-vision'],
  ...['clip', 'clip_vision_model', 'siglip', 'siglip_vision_model'],
];

/** Whether a description is of an architecture that is run here; an image-text model's by its image tower. */
export function isRun(config: Record<string, unknown>): boolean {
  const types = [config.model_type, isObject(config.vision_config) ? config.vision_config.model_type : undefined];
  return types.every((type) => type === undefined || RUN_TYPES.includes(String(type)));
}

/** The descriptions that lie beside a file of weights. */
export interface Configs {
  huggingFace?: HuggingFaceConfig;
  timm?: TimmConfig;
  openClip?: OpenClipConfig;
  preprocessor?: PreprocessorConfig;
}

/** Reads what lies beside a file. Files of those names that describe no model are left alone. @throws UserError where one is damaged */
export async function readConfigs(file: string): Promise<Configs> {
  const folder = dirname(file);
  const read = async (name: string): Promise<Record<string, unknown> | undefined> => {
    try {
      const value = await readJson(join(folder, name));
      return isObject(value) ? value : undefined;
    } catch (e) {
      if (codeOf(e) === 'ENOENT') return undefined;
      throw e;
    }
  };
  const as = <T>(value: Record<string, unknown> | undefined, form: z.ZodType<T>, name: string): T | undefined =>
    value && checked(value, form, join(folder, name));
  const config = await read('config.json');
  const clip = await read('open_clip_config.json');
  const processors = await read('processor_config.json');
  const isTimm = typeof config?.architecture === 'string';
  const isHuggingFace = typeof config?.model_type === 'string' && !isTimm;
  return {
    // What is not run here is refused by its name, whatever form its description has.
    huggingFace: !isHuggingFace
      ? undefined
      : isRun(config!)
        ? as(config, huggingFace, 'config.json')
        : { model_type: String(config!.model_type) },
    timm: isTimm ? as(config, timm, 'config.json') : undefined,
    openClip: isObject(clip?.model_cfg) ? as(clip, openClip, 'open_clip_config.json') : undefined,
    // Later versions write both of an image-text model's processors to one file, and read that one first.
    preprocessor: isObject(processors?.image_processor)
      ? as(processors.image_processor, preprocessor, 'processor_config.json')
      : as(await read('preprocessor_config.json'), preprocessor, 'preprocessor_config.json'),
  };
}
