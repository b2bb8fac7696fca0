import { ops, type Tensor } from '../graph/index.js';
import type { ParameterSpec } from './parameters.js';
import { positionResampling } from './position.js';

/** A vision transformer's sizes (Dosovitskiy et al. 2021; timm's names). */
export interface VitConfig {
  dim: number;
  depth: number;
  heads: number;
  patch: number;
  /** Side at which the position embedding is stored, pixels. */
  imageSize: number;
  mlpRatio: number;
}

/** Gives the graph node of a parameter. */
export type Parameters = (name: string) => Tensor;

const EPS = 1e-6;

export function vitParameters(c: VitConfig): ParameterSpec[] {
  const { dim, depth, patch } = c;
  const hidden = Math.round(dim * c.mlpRatio);
  const tokens = (c.imageSize / patch) ** 2 + 1;
  const zeros = { fill: 0 };
  const weight = { normal: 0.02 };
  const specs: ParameterSpec[] = [
    { name: 'cls_token', shape: [1, 1, dim], init: { normal: 0.02 } },
    { name: 'pos_embed', shape: [1, tokens, dim], init: weight },
    { name: 'mask_token', shape: [1, 1, dim], init: weight },
    {
      name: 'patch_embed.proj.weight',
      shape: [dim, 3, patch, patch],
      init: { uniform: Math.sqrt(6 / (3 * patch * patch + dim)) },
    },
    { name: 'patch_embed.proj.bias', shape: [dim], init: zeros },
  ];
  for (let i = 0; i < depth; i++) {
    const add = (name: string, shape: number[], init: ParameterSpec['init']) =>
      specs.push({ name: `blocks.${i}.${name}`, shape, init });
    const affine = (name: string) => {
      add(`${name}.weight`, [dim], { fill: 1 });
      add(`${name}.bias`, [dim], zeros);
    };
    const linear = (name: string, out: number, into: number) => {
      // Glorot & Bengio's scale: 0.02, usual for wide ViTs, starves a narrow one for hundreds of steps.
      add(`${name}.weight`, [out, into], { normal: Math.sqrt(2 / (out + into)) });
      add(`${name}.bias`, [out], zeros);
    };
    affine('norm1');
    linear('attn.qkv', 3 * dim, dim);
    linear('attn.proj', dim, dim);
    affine('norm2');
    linear('mlp.fc1', hidden, dim);
    linear('mlp.fc2', dim, hidden);
  }
  specs.push(
    { name: 'norm.weight', shape: [dim], init: { fill: 1 } },
    { name: 'norm.bias', shape: [dim], init: zeros },
  );
  return specs.map((s) => ({ ...s, name: `backbone.${s.name}` }));
}

export interface VitOutput {
  /** [tokens·batch, dim] after the last norm; row = token·batch + sample, CLS first. */
  tokens: Tensor;
  /** [batch, dim] after the last norm. */
  cls: Tensor;
  /** [patches·batch, dim] after the last norm; row = patch·batch + sample. */
  patches: Tensor;
}

/**
 * The backbone. Rows of the activations are (token, sample), which makes attention free of transposes and the CLS tokens one slice.
 * @param images [batch, 3, size, size], any size that the patch divides; position embeddings are resampled to it
 * @param mask [patches, batch, 1] 1 where a patch's embedding is replaced by the mask token before positions are added (iBOT)
 * @param dynamic build the CLS rows without stating the batch, for graphs whose batch is left open
 * @param dropPath [depth, 2, batch] factor of each residual branch: 0 or 1/(1−p); absent: none is dropped
 */
export function vit(
  c: VitConfig,
  p: Parameters,
  images: Tensor,
  o: { mask?: Tensor; dropPath?: Tensor; dynamic?: boolean } = {},
): VitOutput {
  const [batch, channels, size] = images.shape;
  const { dim, patch } = c;
  const side = size / patch;
  const n = side * side;
  const pixels = ops.reshape(
    ops.transpose(ops.reshape(images, [batch, channels, side, patch, side, patch]), [2, 4, 0, 1, 3, 5]),
    [n * batch, channels * patch * patch],
  );
  const kernel = ops.reshape(p('backbone.patch_embed.proj.weight'), [dim, channels * patch * patch]);
  let embedded = ops.reshape(ops.linear(pixels, kernel, p('backbone.patch_embed.proj.bias')), [n, batch, dim]);
  if (o.mask) {
    const token = p('backbone.mask_token');
    embedded = ops.add(ops.mul(embedded, ops.offset(ops.neg(o.mask), 1)), ops.mul(o.mask, token));
  }

  const position = ops.reshape(p('backbone.pos_embed'), [(c.imageSize / patch) ** 2 + 1, dim]);
  const stored = c.imageSize / patch;
  let patchPosition = ops.slice(position, 0, 1, stored * stored);
  if (side !== stored) {
    const weights = ops.constant(positionResampling(stored, side), [n, stored * stored]);
    patchPosition = ops.gemm(weights, patchPosition);
  }
  const cls = ops.add(ops.reshape(p('backbone.cls_token'), [1, dim]), ops.slice(position, 0, 0, 1));
  const clsRow = ops.reshape(cls, [1, 1, dim]);
  let x = ops.concat(
    [
      o.dynamic ? ops.add(ops.scale(ops.slice(embedded, 0, 0, 1), 0), clsRow) : ops.broadcast(clsRow, [1, batch, dim]),
      ops.add(embedded, ops.reshape(patchPosition, [n, 1, dim])),
    ],
    0,
  );
  x = ops.reshape(x, [(n + 1) * batch, dim]);
  for (let i = 0; i < c.depth; i++) x = block(c, p, i, x, n + 1, batch, o.dropPath);
  x = norm(p, 'backbone.norm', x);
  return { tokens: x, cls: ops.slice(x, 0, 0, batch), patches: ops.slice(x, 0, batch, n * batch) };
}

/** One pre-norm block. x [tokens·batch, dim] */
function block(
  c: VitConfig,
  p: Parameters,
  i: number,
  x: Tensor,
  tokens: number,
  batch: number,
  dropPath?: Tensor,
): Tensor {
  const name = `backbone.blocks.${i}`;
  const residual = (branch: Tensor, which: 0 | 1): Tensor => {
    if (!dropPath) return ops.add(x, branch);
    const keep = ops.reshape(ops.slice(ops.slice(dropPath, 0, i, 1), 1, which, 1), [1, batch, 1]);
    const kept = ops.mul(ops.reshape(branch, [tokens, batch, c.dim]), keep);
    return ops.add(x, ops.reshape(kept, x.shape));
  };

  const y = norm(p, `${name}.norm1`, x);
  const weight = p(`${name}.attn.qkv.weight`);
  const bias = p(`${name}.attn.qkv.bias`);
  // Slicing the weight is cheaper than slicing the activations.
  const [q, k, v] = [0, 1, 2].map((j) => {
    const part = ops.linear(y, ops.slice(weight, 0, j * c.dim, c.dim), ops.slice(bias, 0, j * c.dim, c.dim));
    return ops.reshape(part, [tokens, batch, c.heads, c.dim / c.heads]);
  });
  const attended = ops.reshape(ops.attention(q, k, v, 1 / Math.sqrt(c.dim / c.heads)), x.shape);
  x = residual(linear(p, `${name}.attn.proj`, attended), 0);

  const z = linear(p, `${name}.mlp.fc1`, norm(p, `${name}.norm2`, x));
  return residual(linear(p, `${name}.mlp.fc2`, ops.gelu(z)), 1);
}

function linear(p: Parameters, name: string, x: Tensor): Tensor {
  return ops.linear(x, p(`${name}.weight`), p(`${name}.bias`));
}

function norm(p: Parameters, name: string, x: Tensor): Tensor {
  return ops.layerNorm(x, p(`${name}.weight`), p(`${name}.bias`), EPS);
}
