import { UserError } from '../errors.js';
import type { Family, Found } from './family.js';
import type { Options } from './layout.js';
import { HALF, preprocessingFor } from './preprocess.js';
import { hasTimmNames, readTimmNames } from './timm-names.js';

/** SigLIP's later sizes in timm have the tanh form of GELU, the first ones the exact one (timm, vision_transformer.py). */
const TANH = /siglip/;
const TANH_SIZES = /_(patch32_siglip(_gap)?_256|large_patch16_siglip(_gap)?_512|so400m_patch16|giantopt)/;

/** timm's vision transformers: model.safetensors or pytorch_model.bin with config.json, as timm writes them to the hub. */
export const timm: Family = {
  name: 'timm',
  is: (f) => hasTimmNames(f) && (f.configs.timm !== undefined || timmInOpenClip(f) !== undefined),
  read(f) {
    const { timm: config } = f.configs;
    const architecture = config?.architecture ?? timmInOpenClip(f)!;
    const isDinov3 = /dinov3|_lingbot/.test(architecture);
    if (
      /rope|eva02|naflex|_rpn_|relpos|_sapiens2|_pe_(core|lang|spatial)|_radio_|^aimv2|^beit3|^test_vit3$/.test(
        architecture,
      ) &&
      !isDinov3
    )
      throw new UserError(`${f.where}: timm’s ${architecture} is not run here`);
    const pool = config?.model_args?.global_pool ?? config?.global_pool;
    if (pool !== undefined && !['', 'token', 'avg', 'map'].includes(pool))
      throw new UserError(`${f.where}: pooling "${pool}" is not run here: token, avg and map are`);
    if (config?.model_args?.pool_include_prefix)
      throw new UserError(`${f.where}: a mean that includes CLS (pool_include_prefix) is not run here`);
    if (pool === 'token' && f.tensors.has('fc_norm.weight'))
      throw new UserError(`${f.where}: a norm of CLS alone (fc_norm) is not run here`);
    for (const key of ['norm_layer', 'block_fn', 'mlp_layer', 'attn_layer', 'embed_layer', 'norm_layer_cl'])
      if (config?.model_args?.[key] !== undefined && !/^layer_?norm$/i.test(String(config.model_args[key])))
        throw new UserError(`${f.where}: ${key} “${String(config.model_args[key])}” of timm is not run here`);
    const isClip = /_clip_|_clip$/.test(architecture) && !/^eva_/.test(architecture);
    const sides = config?.model_args?.img_size ?? config?.pretrained_cfg?.input_size?.slice(1);
    const options: Options = {
      eps: isClip || isDinov3 ? 1e-5 : 1e-6,
      activation: activationOf(f, architecture),
      resampling: 'antialias',
      pool: pool === 'avg' ? 'mean' : undefined,
      heads: config?.model_args?.num_heads,
      imageSize: sides as Options['imageSize'],
      ...(isDinov3 && { rotary: { base: 100 } }),
    };
    const read = readTimmNames(f, options);
    const usual = { size: 224, crop: 'shortest', ...HALF } as const;
    const told = preprocessingFor(f.configs, usual, 'timm');
    return { ...read, ...told, notes: [...read.notes, ...told.notes] };
  },
};

/** open_clip's image tower may be one of timm's. */
function timmInOpenClip(f: Found): string | undefined {
  return f.configs.openClip?.model_cfg.vision_cfg.timm_model_name ?? undefined;
}

function activationOf(f: Found, architecture: string): Options['activation'] {
  const named = f.configs.timm?.model_args?.act_layer;
  if (named === 'quick_gelu' || named === 'gelu_tanh') return named;
  if (named === 'silu' || named === 'swish') return 'silu';
  if (named !== undefined && named !== 'gelu')
    throw new UserError(`${f.where}: the activation "${named}" is not run here`);
  if (named === undefined && /quickgelu/.test(architecture)) return 'quick_gelu';
  return named === undefined && TANH.test(architecture) && TANH_SIZES.test(architecture) ? 'gelu_tanh' : 'gelu';
}
