import type { Family, Found, Reading } from './family.js';
import { common, textActivationOf } from './hf-names.js';
import { type Layout, lay } from './layout.js';
import { HALF, OPENAI, preprocessingFor } from './preprocess.js';
import { layText, type TextNames } from './text-names.js';

const NAMES: Layout = {
  patch: 'embeddings.patch_embedding',
  cls: ['embeddings.class_embedding'],
  positions: 'embeddings.position_embedding.weight',
  normBefore: 'pre_layrnorm',
  blocks: 'encoder.layers.',
  block: {
    ...{ norm1: 'layer_norm1', norm2: 'layer_norm2', proj: 'self_attn.out_proj' },
    apart: {
      weight: ['self_attn.q_proj.weight', 'self_attn.k_proj.weight', 'self_attn.v_proj.weight'],
      bias: ['self_attn.q_proj.bias', 'self_attn.k_proj.bias', 'self_attn.v_proj.bias'],
    },
    ...{ fc1: ['mlp.fc1'], fc2: ['mlp.fc2'] },
  },
  norm: 'post_layernorm',
  pool: {
    ...{ latent: 'head.probe', proj: 'head.attention.out_proj', norm: 'head.layernorm' },
    fused: { weight: 'head.attention.in_proj_weight', bias: 'head.attention.in_proj_bias' },
    ...{ fc1: 'head.mlp.fc1', fc2: 'head.mlp.fc2' },
  },
};

const hasNames = (f: Found) =>
  f.tensors.has('embeddings.patch_embedding.weight') && f.tensors.has('encoder.layers.0.layer_norm1.weight');

/** Before `vision_model.`, where the file has both towers. */
const stem = (f: Found) => f.prefix.replace(/vision_model\.$/, '');

const textNames = (f: Found, projection: TextNames['projection']): TextNames => {
  const at = `${stem(f)}text_model.`;
  return {
    ...{ words: `${at}embeddings.token_embedding.weight`, positions: `${at}embeddings.position_embedding.weight` },
    ...{ blocks: `${at}encoder.layers.`, norm1: 'layer_norm1', norm2: 'layer_norm2' },
    apart: ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
    ...{ proj: 'self_attn.out_proj', fc1: 'mlp.fc1', fc2: 'mlp.fc2', norm: `${at}final_layer_norm`, projection },
  };
};

function textHeads(f: Found): number {
  const width = f.all.get(`${stem(f)}text_model.embeddings.token_embedding.weight`)?.shape[1] ?? 64;
  return f.configs.huggingFace?.text_config?.num_attention_heads ?? Math.max(1, Math.round(width / 64));
}

/** Hugging Face's CLIP: both towers or the image's alone; quick GELU unless its description says otherwise. */
export const hfClip: Family = {
  name: 'Hugging Face CLIP',
  is: (f) => hasNames(f) && f.tensors.has('embeddings.class_embedding'),
  read(f) {
    const o = common(f, 1e-5);
    const { huggingFace: c } = f.configs;
    // The library's default, which descriptions that hold only what differs leave out.
    if (!(c?.vision_config ?? c)?.hidden_act) o.activation = 'quick_gelu';
    const { vit, sources, headsFrom, notes } = lay(f, NAMES, o);
    const usual = { size: vit.imageSize, crop: 'shortest', ...OPENAI } as const;
    const told = preprocessingFor(f.configs, usual, 'CLIP');
    const text = c?.text_config;
    const end = text?.eos_token_id;
    // 2 is what the first ports said, whose texts are pooled at the largest id all the same.
    const pooled = end === undefined || end === null || end === 2 ? 'argmax' : 'first end';
    const tower = layText(f, textNames(f, { weight: `${stem(f)}text_projection.weight` }), {
      heads: textHeads(f),
      activation: c ? textActivationOf(text?.hidden_act ?? 'quick_gelu', f.where) : 'quick_gelu',
      eps: text?.layer_norm_eps ?? 1e-5,
      causal: true,
      pooled,
      ...(pooled === 'first end' && { end: end! }),
      ...(text?.pad_token_id != null && { pad: text.pad_token_id }),
    });
    const projection = `${stem(f)}visual_projection.weight`;
    const pair: Reading['pair'] = f.all.has(projection)
      ? { projection, text: tower, logitScale: `${stem(f)}logit_scale` }
      : undefined;
    return { ...{ vit, sources, headsFrom }, ...told, notes: [...notes, ...told.notes], pair };
  },
};

/** Hugging Face's SigLIP: no CLS token, attention pooling, the tanh form of GELU; both towers or the image's alone. */
export const hfSiglip: Family = {
  name: 'Hugging Face SigLIP',
  is: (f) => hasNames(f) && !f.tensors.has('embeddings.class_embedding'),
  read(f) {
    const o = common(f, 1e-6);
    const { huggingFace: c } = f.configs;
    if (c === undefined || (c.vision_config ?? c).hidden_act === undefined) o.activation = 'gelu_tanh';
    const { vit, sources, headsFrom, notes } = lay(f, NAMES, o);
    const usual = { size: vit.imageSize, crop: 'squash', ...HALF } as const;
    const told = preprocessingFor(f.configs, usual, 'SigLIP');
    const text = c?.text_config;
    const head = `${stem(f)}text_model.head`;
    const tower = layText(f, textNames(f, { weight: `${head}.weight`, bias: `${head}.bias` }), {
      heads: textHeads(f),
      activation: textActivationOf(text?.hidden_act ?? 'gelu_pytorch_tanh', f.where),
      eps: text?.layer_norm_eps ?? 1e-6,
      ...{ causal: false, pooled: 'last' },
      pad: text?.pad_token_id ?? 1,
    });
    const pair: Reading['pair'] = tower && {
      text: tower,
      logitScale: `${stem(f)}logit_scale`,
      logitBias: `${stem(f)}logit_bias`,
    };
    return { ...{ vit, sources, headsFrom }, ...told, notes: [...notes, ...told.notes], pair };
  },
};
