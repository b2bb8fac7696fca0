import { UserError } from '../../errors.js';
import type { Backbone } from '../backbone.js';
import type { Preprocessing } from '../preprocessing.js';
import { type VitConfig, vitParameters } from '../vit.js';
import { epsOf, gridOf, hiddenOf, poolOf, prefixPositionsOf } from '../vit-config.js';
import { isZero, type Precision, type State, stored } from './state.js';

/**
 * An encoder as `AutoModel.from_pretrained` reads it: which of Hugging Face's architectures it is, its config.json and the weights under that
 * one's names (transformers, models/vit, dinov2, dinov2_with_registers, clip).
 */
export interface ForHuggingFace {
  config: Record<string, unknown>;
  state: State;
  /** Where the feature stands in what the model gives. */
  feature: string;
}

const cannot = (what: string) =>
  new UserError(`no model of Hugging Face that is written here has ${what}: export it as safetensors or timm`);

/** @throws UserError naming what none of the architectures has */
export function forHuggingFace(b: Backbone, precision?: Precision): ForHuggingFace {
  const { vit: c } = b;
  if (c.rotary) throw cannot('rotary positions');
  if (c.relative) throw cannot('relative positions');
  if (c.positions === false) throw cannot('no positions');
  if (c.cls === false) throw cannot('no CLS token');
  if (c.dist) throw cannot('a distillation token');
  if (poolOf(c) !== 'cls') throw cannot('another feature than CLS');
  if (c.norm === false) throw cannot('no norm after the last block');
  if (prefixPositionsOf(c) !== 1) throw cannot('a CLS token without a position');
  const [rows, columns] = gridOf(c);
  if (rows !== columns) throw cannot('positions of a grid that is no square');
  if (c.normBefore) return clip(b, precision);
  return c.layerScale || c.registers || c.activation === 'swiglu' ? dinov2(b, precision) : plain(b, precision);
}

/** What all descriptions share. */
function common(c: VitConfig, precision: Precision = 'float32'): Record<string, unknown> {
  const activation = { quick_gelu: 'quick_gelu', gelu_tanh: 'gelu_pytorch_tanh', gelu: 'gelu', swiglu: 'gelu' };
  return {
    hidden_size: c.dim,
    num_hidden_layers: c.depth,
    num_attention_heads: c.heads,
    image_size: gridOf(c)[0] * c.patch,
    patch_size: c.patch,
    num_channels: 3,
    hidden_act: activation[c.activation ?? 'gelu'],
    layer_norm_eps: epsOf(c),
    torch_dtype: precision,
  };
}

/** Ours → theirs; rows of the fused projection become three layers. */
function renamed(b: Backbone, precision: Precision | undefined, name: (ours: string) => string | undefined): State {
  const { vit, parameters } = b;
  const state: State = new Map();
  for (const { name: ours, shape } of vitParameters(vit)) {
    const data = parameters.get(ours)!;
    const qkv = /^backbone\.blocks\.(\d+)\.attn\.qkv\.(weight|bias)$/.exec(ours);
    if (qkv) {
      const part = data.length / 3;
      for (const [i, which] of ['query', 'key', 'value'].entries()) {
        const their = name(`blocks.${qkv[1]}.${which}.${qkv[2]}`)!;
        state.set(their, stored(data.slice(i * part, (i + 1) * part), [vit.dim, ...shape.slice(1)], precision));
      }
      continue;
    }
    const their = name(ours.replace(/^backbone\./, ''));
    if (their !== undefined) state.set(their, stored(data, shape, precision));
  }
  return state;
}

/** Names of a table, and of blocks by what follows `blocks.N.`. */
function naming(
  names: Readonly<Record<string, string>>,
  blocks: string,
  inBlocks: Readonly<Record<string, string>>,
): (ours: string) => string | undefined {
  return (ours) => {
    const block = /^blocks\.(\d+)\.(.+?)(\.weight|\.bias)?$/.exec(ours);
    if (block) {
      const layer = inBlocks[block[2]];
      return layer === undefined ? undefined : `${blocks}.${block[1]}.${layer}${block[3] ?? ''}`;
    }
    const end = /\.(weight|bias)$/.exec(ours)?.[0] ?? '';
    const found = names[ours.slice(0, ours.length - end.length)];
    return found === undefined ? undefined : `${found}${end}`;
  };
}

const EMBEDDINGS = {
  cls_token: 'embeddings.cls_token',
  pos_embed: 'embeddings.position_embeddings',
  'patch_embed.proj': 'embeddings.patch_embeddings.projection',
  norm: 'layernorm',
};
const ATTENTION = {
  query: 'attention.attention.query',
  key: 'attention.attention.key',
  value: 'attention.attention.value',
  'attn.proj': 'attention.output.dense',
};

const PLAIN = naming(EMBEDDINGS, 'encoder.layer', {
  ...ATTENTION,
  norm1: 'layernorm_before',
  norm2: 'layernorm_after',
  'mlp.fc1': 'intermediate.dense',
  'mlp.fc2': 'output.dense',
});

/**
 * ViTModel. It has a layer behind CLS, which would be drawn at random where the file had none: the identity is written, so that `pooler_output`
 * is tanh(CLS), the same each time.
 */
function plain(b: Backbone, precision?: Precision): ForHuggingFace {
  const { vit: c } = b;
  const state = renamed(b, precision, PLAIN);
  const identity = Float32Array.from({ length: c.dim ** 2 }, (_, i) => (i % (c.dim + 1) === 0 ? 1 : 0));
  state.set('pooler.dense.weight', stored(identity, [c.dim, c.dim], precision));
  state.set('pooler.dense.bias', stored(new Float32Array(c.dim), [c.dim], precision));
  const config = {
    ...{ model_type: 'vit', architectures: ['ViTModel'], ...common(c, precision) },
    ...{ intermediate_size: hiddenOf(c), qkv_bias: true },
    ...{ pooler_output_size: c.dim, pooler_act: 'tanh' },
  };
  return { config, state, feature: 'last_hidden_state[:, 0]' };
}

/** Dinov2Model and Dinov2WithRegistersModel: layer scale (ones where there is none), registers without a position, SwiGLU. */
function dinov2(own: Backbone, precision?: Precision): ForHuggingFace {
  const { backbone: b, ratio } = widened(own);
  const { vit: c } = b;
  const isGated = c.activation === 'swiglu';
  const name = naming({ ...EMBEDDINGS, reg_token: 'embeddings.register_tokens' }, 'encoder.layer', {
    ...ATTENTION,
    norm1: 'norm1',
    norm2: 'norm2',
    'mlp.fc1': isGated ? 'mlp.weights_in' : 'mlp.fc1',
    'mlp.fc2': isGated ? 'mlp.weights_out' : 'mlp.fc2',
    'ls1.gamma': 'layer_scale1.lambda1',
    'ls2.gamma': 'layer_scale2.lambda1',
  });
  const state = renamed(b, precision, name);
  if (!c.layerScale)
    for (let i = 0; i < c.depth; i++)
      for (const k of [1, 2])
        state.set(
          `encoder.layer.${i}.layer_scale${k}.lambda1`,
          stored(new Float32Array(c.dim).fill(1), [c.dim], precision),
        );
  // Only training masks tokens, and the model has a parameter for it.
  const mask = b.parameters.get('backbone.mask_token') ?? new Float32Array(c.dim);
  state.set('embeddings.mask_token', stored(mask, [1, c.dim], precision));
  const type = c.registers ? 'dinov2_with_registers' : 'dinov2';
  const config = {
    ...{ model_type: type, architectures: [c.registers ? 'Dinov2WithRegistersModel' : 'Dinov2Model'] },
    ...{ ...common(c, precision), qkv_bias: true, use_swiglu_ffn: isGated },
    mlp_ratio: ratio,
    ...(c.registers && { num_register_tokens: c.registers }),
  };
  return { config, state, feature: 'last_hidden_state[:, 0], and pooler_output' };
}

/**
 * The MLP's width follows from a whole ratio: a little wider than that of the encoder, mostly. Units whose weights are zero give zero, whatever
 * the activation, so that wider is the same.
 */
function widened(b: Backbone): { backbone: Backbone; ratio: number } {
  const { vit: c } = b;
  const isGated = c.activation === 'swiglu';
  // The gated one has two thirds of the ratio's width, rounded up to a multiple of 8.
  const widthOf = (ratio: number) =>
    isGated ? Math.floor((Math.floor((c.dim * ratio * 2) / 3) + 7) / 8) * 8 : c.dim * ratio;
  const hidden = hiddenOf(c);
  let ratio = 1;
  while (widthOf(ratio) < hidden) ratio++;
  const wide = widthOf(ratio);
  if (wide === hidden) return { backbone: b, ratio };
  const parameters = new Map(b.parameters);
  for (let i = 0; i < c.depth; i++)
    for (const name of ['mlp.fc1.weight', 'mlp.fc1.bias', 'mlp.fc2.weight']) {
      const ours = `backbone.blocks.${i}.${name}`;
      const data = b.parameters.get(ours)!;
      // Rows of fc1, of each half where there are two; columns of fc2.
      const pieces = name === 'mlp.fc2.weight' ? c.dim : isGated ? 2 : 1;
      const [from, to] = [data.length / pieces, (data.length / pieces / hidden) * wide];
      const grown = new Float32Array(pieces * to);
      for (let k = 0; k < pieces; k++) grown.set(data.subarray(k * from, (k + 1) * from), k * to);
      parameters.set(ours, grown);
    }
  return { backbone: { ...b, vit: { ...c, mlpRatio: wide / c.dim }, parameters }, ratio };
}

const CLIP = naming(
  {
    'patch_embed.proj': 'embeddings.patch_embedding',
    norm_pre: 'pre_layrnorm',
    norm: 'post_layernorm',
  },
  'encoder.layers',
  {
    ...{
      query: 'self_attn.q_proj',
      key: 'self_attn.k_proj',
      value: 'self_attn.v_proj',
      'attn.proj': 'self_attn.out_proj',
    },
    ...{ norm1: 'layer_norm1', norm2: 'layer_norm2', 'mlp.fc1': 'mlp.fc1', 'mlp.fc2': 'mlp.fc2' },
  },
);

/** CLIPVisionModel: a norm before the blocks, no bias of the patches; only CLS goes through the last norm. */
function clip(b: Backbone, precision?: Precision): ForHuggingFace {
  const { vit: c, parameters } = b;
  if (c.layerScale || c.registers || c.activation === 'swiglu')
    throw cannot('a norm before the blocks together with layer scale, registers or SwiGLU');
  if (!isZero(parameters.get('backbone.patch_embed.proj.bias')!))
    throw cannot('a norm before the blocks and a bias of the patches');
  const state = renamed(b, precision, CLIP);
  state.delete('embeddings.patch_embedding.bias');
  const named = new Map([...state].map(([name, t]) => [`vision_model.${name}`, t]));
  const positions = parameters.get('backbone.pos_embed')!;
  named.set(
    'vision_model.embeddings.class_embedding',
    stored(parameters.get('backbone.cls_token')!, [c.dim], precision),
  );
  named.set(
    'vision_model.embeddings.position_embedding.weight',
    stored(positions, [positions.length / c.dim, c.dim], precision),
  );
  const config = {
    ...{ model_type: 'clip_vision_model', architectures: ['CLIPVisionModel'], ...common(c, precision) },
    ...{ intermediate_size: hiddenOf(c), projection_dim: c.dim },
  };
  return { config, state: named, feature: 'pooler_output' };
}

/** `preprocessor_config.json`, as `AutoImageProcessor` reads it. */
export function huggingFacePreprocessor(p: Preprocessing): Record<string, unknown> {
  const { size, resize = size } = p;
  const square = { height: size, width: size };
  const isWhole = p.crop === 'squash' && resize === size;
  return {
    image_processor_type: isWhole ? 'ViTImageProcessor' : 'BitImageProcessor',
    do_convert_rgb: true,
    do_resize: true,
    size: isWhole ? square : p.crop === 'squash' ? { height: resize, width: resize } : { shortest_edge: resize },
    resample: p.kernel === 'bicubic' ? 3 : 2,
    ...(isWhole ? {} : { do_center_crop: true, crop_size: square }),
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: p.mean,
    image_std: p.std,
  };
}
