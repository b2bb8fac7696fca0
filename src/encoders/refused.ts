import type { WeightsFile } from '../formats/weights-file.js';
import { type Configs, isRun } from './configs.js';

/** Architectures that are not run here, by what descriptions call them (a beginning, after punctuation). */
const BY_TYPE: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^convnext/, 'ConvNeXt'],
  [/^(swin|donut-swin|maskformer-swin)/, 'Swin Transformer'],
  [/^(resnet|resnext|resnetv2|seresnet|wide_resnet|ecaresnet|tv_resnet|bit$|rn50|rn101)/, 'ResNet'],
  [/^regnet/, 'RegNet'],
  [/^(tf_)?efficientnet/, 'EfficientNet'],
  [/^(tf_)?mobilenet/, 'MobileNet'],
  [/^mobilevit/, 'MobileViT'],
  [/^levit/, 'LeViT'],
  [/^pvt/, 'Pyramid Vision Transformer'],
  [/^(segformer|mit_b)/, 'SegFormer'],
  [/^cvt/, 'CvT'],
  [/^(dinat|nat)$/, 'Neighborhood Attention Transformer'],
  [/^focalnet/, 'FocalNet'],
  [/^(poolformer|metaformer|caformer|convformer)/, 'MetaFormer'],
  [/^(sam|sam2|sam_)/, 'Segment Anything'],
  [/^hiera/, 'Hiera'],
  [/^(maxvit|maxxvit|coatnet)/, 'MaxViT'],
  [/^mixer|^gmlp|^resmlp/, 'MLP-Mixer'],
  [/^(cait|xcit|tnt|twins|crossvit|visformer|volo|coat_|convit|pit_)/, 'a relative of ViT with blocks of another kind'],
  [/^vitamin/, 'ViTamin'],
  [/^siglip2_vision_model$|^siglip2$/, 'SigLIP 2 of flexible sizes (NaFlex)'],
  [/^(vitdet|yolos|dpt|zoedepth|detr)/, 'a detector or a dense predictor'],
  [/^(densenet|vgg|inception|nfnet|ghostnet|repvgg|hrnet|dla)/, 'a convolutional network'],
];

/** The same by tensors that nothing else has. */
const BY_NAME: readonly (readonly [pattern: RegExp, name: string])[] = [
  [
    /(^|\.)(stages\.\d+\.blocks\.\d+\.conv_dw|stages\.\d+\.\d+\.dwconv|stages\.\d+\.layers\.\d+\.dwconv)\.weight$/,
    'ConvNeXt',
  ],
  [
    /(^|\.)layers\.\d+\.blocks\.\d+\.(attn|attention\.self)\.(relative_position_bias_table|logit_scale)$/,
    'Swin Transformer',
  ],
  [/(^|\.)layer1\.0\.conv1\.weight$|(^|\.)encoder\.stages\.0\.layers\.0\.layer\.0\.convolution\.weight$/, 'ResNet'],
  [/(^|\.)s1\.b1\.conv1\.conv\.weight$/, 'RegNet'],
  [/(^|\.)blocks\.0\.0\.(conv_dw|conv_pw|conv_exp)\.weight$/, 'EfficientNet or MobileNet'],
  [/(^|\.)stages\.0\.blocks\.0\.conv\.(conv1_1x1|pre_norm)/, 'MaxViT'],
  [/(^|\.)image_encoder\.neck\.0\.weight$|(^|\.)neck\.conv1\.weight$/, 'Segment Anything'],
  [/(^|\.)pos_embed_spatial$|(^|\.)blocks\.0\.attn\.Wqkv/, 'Hiera'],
  [/(^|\.)blocks\.0\.mlp_tokens\.fc1\.weight$/, 'MLP-Mixer'],
  [/(^|\.)blocks_token_only\.0\./, 'CaiT'],
  [/(^|\.)cls_attn_blocks\.0\./, 'XCiT'],
  [/(^|\.)features\.denseblock1\.|(^|\.)features\.0\.weight$/, 'a convolutional network (DenseNet, VGG)'],
  [/(^|\.)patch_embed\.backbone\./, 'a ViT behind a convolutional network'],
  [/(^|\.)stages\.0\.blocks\.0\.attn\.(pool|norm)_?[qkv]/, 'MViT'],
  [/(^|\.)levels\.0\.transformer_encoder\./, 'NesT'],
  [/(^|\.)patch_embed\.conv1\.bn\.weight$/, 'TinyViT'],
  [/(^|\.)pixel_pos$/, 'TNT'],
  [/(^|\.)network\.0\.0\.attn\./, 'VOLO'],
  [/(^|\.)encoder\.stages\.0\.layers\.0\.attn\./, 'Hiera'],
  [/(^|\.)conv_stem\.convolution\.weight$/, 'MobileViT or MobileNet'],
  [/(^|\.)encoder\.layer\.0\.attention\.qkv\.weight$/, 'a detector (ViTDet)'],
  [/(^|\.)embeddings\.detection_tokens$/, 'a detector (YOLOS)'],
  [/(^|\.)neck\.reassemble_stage\./, 'a dense predictor (DPT, Depth Anything)'],
  [/(^|\.)encoder\.layers\.0\.self_attn\.qkv\.weight$/, 'BLIP'],
  [/(^|\.)pre_layernorm\.weight$/, 'OWL-ViT'],
  [/(^|\.)text_embeddings\.word_embeddings\.weight$/, 'ViLT'],
  [/\.lora_[AB]\.|(^|\.)lora_(up|down)\./, 'a LoRA adapter without the encoder that it belongs to'],
  [/(^|\.)embeddings\.word_embeddings\.weight$/, 'a language model (BERT)'],
  [/(^|\.)model\.layers\.0\.self_attn\.q_proj\.weight$|(^|\.)h\.0\.attn\.c_attn\.weight$/, 'a language model'],
  [/(^|\.)(unet|down_blocks)\.0\.|(^|\.)input_blocks\.0\./, 'a diffusion model'],
];

/** The name of what a file holds, where that is known and not run here. */
export function refusedArchitecture(file: WeightsFile, { huggingFace, timm, openClip }: Configs): string | undefined {
  const vision = openClip?.model_cfg.vision_cfg;
  const isBlocks = Array.isArray((vision as { layers?: unknown } | undefined)?.layers);
  if (isBlocks) return 'a CLIP whose image tower is a ResNet';
  const types = [
    huggingFace?.model_type,
    huggingFace?.vision_config?.model_type,
    timm?.architecture,
    vision?.timm_model_name,
  ];
  for (const type of types) {
    const found = type && BY_TYPE.find(([pattern]) => pattern.test(type));
    if (found) return `${found[1]} (${type})`;
  }
  if (huggingFace && !isRun(huggingFace)) return `Hugging Face’s ${huggingFace.model_type}`;
  for (const tensors of file.groups.values())
    for (const name of tensors.keys()) {
      const found = BY_NAME.find(([pattern]) => pattern.test(name));
      if (found && (!isTower(name) || found[1] === 'ViLT')) return found[1];
    }
  return undefined;
}

/** Text towers of image-text models look like language models. */
const isTower = (name: string): boolean => /(^|\.)text/.test(name);

/** What a description beside the weights calls the architecture. */
export function nameOfArchitecture({ huggingFace, timm, openClip }: Configs): string | undefined {
  return (
    (timm && `timm’s ${timm.architecture}`) ??
    (openClip?.model_cfg.vision_cfg.timm_model_name && `timm’s ${openClip.model_cfg.vision_cfg.timm_model_name}`) ??
    (huggingFace && `Hugging Face’s ${huggingFace.model_type}`)
  );
}
