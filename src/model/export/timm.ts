import { UserError } from '../../errors.js';
import type { Backbone } from '../backbone.js';
import type { Preprocessing } from '../preprocessing.js';
import type { VitConfig } from '../vit.js';
import { epsOf, gridOf, hiddenOf, poolOf, prefixOf, prefixPositionsOf } from '../vit-config.js';
import { isZero, type Precision, ratioFor, type State, timmState } from './state.js';

/** An encoder for timm: which of its architectures, with which arguments, and the weights under its names (timm, vision_transformer.py). */
export interface ForTimm {
  architecture: string;
  /** Arguments of `timm.create_model` beside the name. */
  args: Record<string, unknown>;
  state: State;
}

const cannot = (what: string) => new UserError(`timm has no vision transformer with ${what}: export it as safetensors`);

/** @throws UserError naming what timm's vision transformers do not have */
export function forTimm(b: Backbone, precision?: Precision): ForTimm {
  const { vit: c } = b;
  if (c.rotary) throw cannot('rotary positions under these names');
  if (c.relative) throw cannot('relative positions under these names');
  if (c.normBefore && !isZero(b.parameters.get('backbone.patch_embed.proj.bias')!))
    throw cannot('a norm before the blocks and a bias of the patches');
  const state = timmState(placed(b), precision);
  if (c.normBefore) state.delete('patch_embed.proj.bias');
  return { architecture: architectureOf(c), args: argsOf(c), state };
}

/** Arguments that are no text or number (a norm's epsilon, the kind of MLP) come with an architecture; all sizes are given. */
function architectureOf(c: VitConfig): string {
  const eps = epsOf(c);
  if (eps !== 1e-6 && eps !== 1e-5) throw cannot(`norms of epsilon ${eps} that its names can ask for`);
  const isGated = c.activation === 'swiglu';
  if (eps === 1e-5 && (isGated || c.dist))
    throw cannot(`norms of epsilon ${eps} and ${isGated ? 'SwiGLU' : 'a distillation token'}`);
  if (isGated && c.dist) throw cannot('SwiGLU and a distillation token');
  if (c.dist) return 'deit_tiny_distilled_patch16_224';
  if (isGated) return 'vit_giant_patch14_dinov2';
  return eps === 1e-5 ? 'vit_base_patch16_clip_224' : 'vit_tiny_patch16_224';
}

function argsOf(c: VitConfig): Record<string, unknown> {
  const grid = gridOf(c);
  const sides = grid.map((count) => count * c.patch);
  const isGated = c.activation === 'swiglu';
  const pool = poolOf(c);
  if (pool === 'attention' && hiddenOf(c) !== Math.round(c.dim * (c.poolMlpRatio ?? c.mlpRatio)))
    throw cannot('an attention pool of another MLP width than its blocks');
  if (pool === 'mean' && c.poolNorm && c.norm !== false) throw cannot('a norm both before and after the mean');
  const isNormed = pool === 'mean' && c.poolNorm;
  const hidden = hiddenOf(c) * (isGated ? 2 : 1);
  return {
    img_size: sides[0] === sides[1] ? sides[0] : sides,
    patch_size: c.patch,
    embed_dim: c.dim,
    depth: c.depth,
    num_heads: c.heads,
    mlp_ratio: ratioFor(hidden, c.dim),
    num_classes: 0,
    global_pool: { cls: 'token', mean: 'avg', attention: 'map' }[pool],
    ...(c.dist ? {} : { class_token: c.cls !== false, reg_tokens: c.registers ?? 0, pre_norm: c.normBefore === true }),
    ...(c.dist ? {} : { pos_embed: c.positions === false ? 'none' : 'learn', no_embed_class: isPlacedLater(c) }),
    init_values: c.layerScale ? 1e-5 : null,
    ...(c.dist ? {} : { final_norm: c.norm !== false || isNormed === true, fc_norm: isNormed === true }),
    ...(isGated || c.activation === undefined || c.activation === 'gelu' ? {} : { act_layer: c.activation }),
  };
}

/** Whether positions are those of the patches alone: timm has them for all tokens, or for these. */
function isPlacedLater(c: VitConfig): boolean {
  const prefix = prefixOf(c);
  return prefix.length > 0 && prefixPositionsOf(c) !== prefix.length;
}

/** The same encoder with its tokens' positions where timm has them: added to the tokens themselves, or for DeiT zeros where there are none. */
function placed(b: Backbone): Backbone {
  const { vit: c } = b;
  const [prefix, count] = [prefixOf(c), prefixPositionsOf(c)];
  if (c.positions === false || prefix.length === 0 || count === prefix.length) return b;
  const { dim } = c;
  const parameters = new Map(b.parameters);
  const stored = parameters.get('backbone.pos_embed')!;
  if (c.dist) {
    const grown = new Float32Array(stored.length + (prefix.length - count) * dim);
    grown.set(stored.subarray(0, count * dim));
    grown.set(stored.subarray(count * dim), prefix.length * dim);
    parameters.set('backbone.pos_embed', grown);
    return { ...b, vit: { ...c, prefixPositions: prefix.length }, parameters };
  }
  parameters.set('backbone.pos_embed', stored.slice(count * dim));
  let at = 0;
  for (const [name, tokens] of [
    ['backbone.cls_token', prefix.cls],
    ['backbone.reg_token', prefix.registers],
  ] as const) {
    const token = parameters.get(name)?.slice();
    if (!token || tokens === 0) continue;
    for (let i = 0; i < token.length; i++) if (at * dim + i < count * dim) token[i] += stored[at * dim + i];
    parameters.set(name, token);
    at += tokens;
  }
  return { ...b, vit: { ...c, prefixPositions: 0 }, parameters };
}

/** `config.json` as timm's hub folders have it: `timm.create_model('local-dir:FOLDER')` reads it too. */
export function timmConfig({ architecture, args }: ForTimm, p: Preprocessing, dim: number): Record<string, unknown> {
  const { num_classes, ...model } = args;
  return {
    architecture,
    num_classes,
    num_features: dim,
    global_pool: model.global_pool,
    model_args: model,
    pretrained_cfg: {
      num_classes,
      input_size: [3, p.size, p.size],
      fixed_input_size: true,
      interpolation: p.kernel,
      // timm resizes to the whole part of size / crop_pct.
      crop_pct: p.size / ((p.resize ?? p.size) + (p.resize === undefined || p.resize === p.size ? 0 : 0.5)),
      crop_mode: p.crop === 'squash' ? 'squash' : 'center',
      mean: p.mean,
      std: p.std,
      first_conv: 'patch_embed.proj',
      classifier: 'head',
    },
  };
}
