import { UserError } from '../errors.js';
import { isObject } from '../formats/json.js';
import type { Family, Found, Reading } from './family.js';
import { type Layout, lay, type Options } from './layout.js';
import { OPENAI, preprocessingFor } from './preprocess.js';
import { layText } from './text-names.js';

const BLOCK = {
  ...{ norm1: 'ln_1', norm2: 'ln_2', proj: 'attn.out_proj' },
  fused: { weight: 'attn.in_proj_weight', bias: 'attn.in_proj_bias' },
} as const;

const NAMES: Layout = {
  patch: 'conv1',
  cls: ['class_embedding'],
  positions: 'positional_embedding',
  normBefore: 'ln_pre',
  blocks: 'transformer.resblocks.',
  block: { ...BLOCK, fc1: ['mlp.c_fc'], fc2: ['mlp.c_proj'], scale1: ['ls_1.gamma'], scale2: ['ls_2.gamma'] },
  norm: 'ln_post',
};

/** open_clip's and OpenAI's CLIP: names of OpenAI's code, projections that are multiplied from the right. */
export const openClip: Family = {
  name: 'open_clip',
  is: (f) => f.tensors.has('conv1.weight') && f.tensors.has('transformer.resblocks.0.ln_1.weight'),
  read(f) {
    const model = f.configs.openClip?.model_cfg;
    const vision = model?.vision_cfg;
    const isQuick = model ? model.quick_gelu === true : true;
    for (const key of ['attentional_pool', 'qk_norm', 'scaled_cosine_attn', 'scale_heads', 'scale_fc'])
      if (vision?.[key]) throw new UserError(`${f.where}: ${key} of open_clip’s image tower is not run here`);
    const width = f.tensors.get('conv1.weight')!.shape[0];
    const isMean = vision?.pool_type === 'avg';
    const o: Options = {
      eps: epsOf(vision?.norm_kwargs) ?? 1e-5,
      activation: formOf(isQuick, vision?.act_kwargs),
      resampling: 'plain',
      ...(vision && { heads: Math.round(width / (vision.head_width ?? 64)), headsFrom: 'open_clip_config.json' }),
      imageSize: vision?.image_size,
      pool: isMean ? 'mean' : undefined,
    };
    const names: Layout =
      isMean && vision?.final_ln_after_pool ? { ...NAMES, norm: undefined, poolNorm: 'ln_post' } : NAMES;
    const { vit, sources, headsFrom, notes } = lay(f, names, o);
    const usual = { size: vit.imageSize, crop: 'shortest', middle: 'even', ...OPENAI } as const;
    const told = preprocessingFor({ ...f.configs, huggingFace: undefined }, usual, 'CLIP');
    const pair = pairOf(f, isQuick);
    if (!pair?.text && [...f.all.keys()].some((name) => /(^|\.)token_embedding\.weight$/.test(name)))
      notes.push('its text tower is of a kind that is not run here, and is left aside');
    if (!model) notes.push('no open_clip_config.json beside it: taken for OpenAI’s CLIP, with quick GELU');
    return { ...{ vit, sources, headsFrom }, ...told, notes: [...notes, ...told.notes], pair };
  },
};

function pairOf(f: Found, isQuick: boolean): Reading['pair'] {
  const stem = f.prefix.replace(/visual\.$/, '');
  const text = f.configs.openClip?.model_cfg.text_cfg;
  // A tower of its own class has its names one step further in.
  const at = f.all.has(`${stem}text.token_embedding.weight`) ? `${stem}text.` : stem;
  const pool = typeof text?.pool_type === 'string' ? text.pool_type : 'argmax';
  const isKnown = !text?.hf_model_name && (pool === 'argmax' || pool === 'last');
  const width = f.all.get(`${at}token_embedding.weight`)?.shape[1] ?? 64;
  const projection = f.all.has(`${at}text_projection`)
    ? { weight: { name: `${at}text_projection`, turned: true as const } }
    : { weight: `${at}text_projection.weight`, bias: `${at}text_projection.bias` };
  const tower =
    isKnown && at !== f.prefix
      ? layText(
          f,
          {
            ...{ words: `${at}token_embedding.weight`, positions: `${at}positional_embedding` },
            ...{ blocks: `${at}transformer.resblocks.`, norm1: 'ln_1', norm2: 'ln_2', proj: 'attn.out_proj' },
            fused: ['attn.in_proj_weight', 'attn.in_proj_bias'],
            ...{ fc1: 'mlp.c_fc', fc2: 'mlp.c_proj', norm: `${at}ln_final`, projection },
          },
          {
            heads: text?.heads ?? Math.max(1, Math.round(width / 64)),
            activation: formOf(isQuick, text?.act_kwargs),
            eps: epsOf(text?.norm_kwargs) ?? 1e-5,
            causal: text?.no_causal_mask !== true,
            pooled: pool === 'last' ? 'last' : 'argmax',
            ...(typeof text?.pad_id === 'number' && { pad: text.pad_id }),
          },
        )
      : undefined;
  const own = `${f.prefix}proj`;
  if (!f.all.has(own) && !tower) return undefined;
  return {
    ...(f.all.has(own) && { projection: { name: own, turned: true } }),
    ...{ text: tower, logitScale: `${stem}logit_scale`, logitBias: `${stem}logit_bias` },
  };
}

/** CLIPA's towers have the tanh form. */
function formOf(isQuick: boolean, kwargs: unknown): 'gelu' | 'quick_gelu' | 'gelu_tanh' {
  if (isQuick) return 'quick_gelu';
  return isObject(kwargs) && kwargs.approximate === 'tanh' ? 'gelu_tanh' : 'gelu';
}

const epsOf = (kwargs: unknown): number | undefined =>
  isObject(kwargs) && typeof kwargs.eps === 'number' ? kwargs.eps : undefined;
