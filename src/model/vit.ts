import { type DType, ops, type RowOrder, type Tensor } from '../graph/index.js';
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
  /** [tokens·batch, dim] after the last norm, rows in the order asked for; of each sample CLS comes first. */
  tokens: Tensor;
  /** [batch, dim] after the last norm. */
  cls: Tensor;
  /** [patches·batch, dim] after the last norm, rows in the order asked for. */
  patches: Tensor;
  /** Each block's input and output, in their order: what may be computed again in the backward pass instead of being kept. */
  blocks: { input: Tensor; output: Tensor }[];
}

export interface VitOptions {
  /** [patches, batch, 1] (samples first: [batch, patches, 1]): 1 where a patch's embedding is replaced by the mask token before positions are added (iBOT). */
  mask?: Tensor;
  /** [depth, 2, batch] factor of each residual branch: 0 or 1/(1−p); absent: none is dropped. */
  dropPath?: Tensor;
  /**
   * The order of the activations' rows. Default (token, sample), which frees ONNX Runtime's attention on a CPU of transposes;
   * (sample, token) leaves the batch the outer axis, which may then be open, or split over devices.
   */
  order?: RowOrder;
  /** How activations and the operands of matrix products are stored; default f32. */
  precision?: DType;
}

/**
 * The backbone.
 * @param images [batch, 3, size, size], any size that the patch divides; position embeddings are resampled to it
 */
export function vit(c: VitConfig, p: Parameters, images: Tensor, o: VitOptions = {}): VitOutput {
  const { order = 'token', precision = 'f32' } = o;
  const [batch, channels, size] = images.shape;
  const { dim, patch } = c;
  const side = size / patch;
  const n = side * side;
  /** The two axes of what has a row a token and sample, and where tokens are. */
  const rows = (tokens: number, samples: number) => (order === 'token' ? [tokens, samples] : [samples, tokens]);
  const axis = order === 'token' ? 0 : 1;
  const cut = ops.reshape(ops.cast(images, precision), [batch, channels, side, patch, side, patch]);
  const pixels = ops.reshape(ops.transpose(cut, order === 'token' ? [2, 4, 0, 1, 3, 5] : [0, 2, 4, 1, 3, 5]), [
    n * batch,
    channels * patch * patch,
  ]);
  const weight = ops.reshape(p('backbone.patch_embed.proj.weight'), [dim, channels * patch * patch]);
  const patches = ops.linear(pixels, ops.cast(weight, precision), p('backbone.patch_embed.proj.bias'));
  let embedded = ops.reshape(patches, [...rows(n, batch), dim]);
  if (o.mask) {
    const token = p('backbone.mask_token');
    embedded = ops.add(ops.mul(embedded, ops.offset(ops.neg(o.mask), 1)), ops.mul(o.mask, token));
  }

  const stored = c.imageSize / patch;
  const position = ops.reshape(p('backbone.pos_embed'), [stored * stored + 1, dim]);
  let patchPosition = ops.slice(position, 0, 1, stored * stored);
  if (side !== stored) {
    const weights = ops.constant(positionResampling(stored, side), [n, stored * stored]);
    patchPosition = ops.gemm(weights, patchPosition);
  }
  const cls = ops.add(ops.reshape(p('backbone.cls_token'), [1, dim]), ops.slice(position, 0, 0, 1));
  const first = ops.broadcast(ops.reshape(cls, [1, 1, dim]), [...rows(1, batch), dim]);
  const placed = ops.add(embedded, ops.reshape(patchPosition, [...rows(n, 1), dim]));
  let x = ops.concat([ops.cast(first, precision), ops.cast(placed, precision)], axis);
  x = ops.reshape(x, [(n + 1) * batch, dim]);
  const blocks: VitOutput['blocks'] = [];
  for (let i = 0; i < c.depth; i++) {
    const output = block(c, p, i, x, { tokens: n + 1, batch, order, precision, dropPath: o.dropPath });
    blocks.push({ input: x, output });
    x = output;
  }
  x = norm(p, 'backbone.norm', x);
  const part = (start: number, length: number) =>
    ops.reshape(ops.slice(ops.reshape(x, [...rows(n + 1, batch), dim]), axis, start, length), [length * batch, dim]);
  return { tokens: x, cls: part(0, 1), patches: part(1, n), blocks };
}

interface BlockOptions extends Pick<VitOptions, 'dropPath'> {
  tokens: number;
  batch: number;
  order: RowOrder;
  precision: DType;
}

/** One pre-norm block. x [tokens·batch, dim] */
function block(c: VitConfig, p: Parameters, i: number, x: Tensor, o: BlockOptions): Tensor {
  const { tokens, batch, order, precision } = o;
  const name = `backbone.blocks.${i}`;
  const axes = order === 'token' ? [tokens, batch] : [batch, tokens];
  const residual = (branch: Tensor, which: 0 | 1): Tensor => {
    if (!o.dropPath) return ops.add(x, branch);
    const factor = ops.slice(ops.slice(o.dropPath, 0, i, 1), 1, which, 1);
    const keep = ops.reshape(factor, order === 'token' ? [1, batch, 1] : [batch, 1, 1]);
    const kept = ops.mul(ops.reshape(branch, [...axes, c.dim]), keep);
    return ops.add(x, ops.cast(ops.reshape(kept, x.shape), precision));
  };
  const linear = (layer: string, y: Tensor) =>
    ops.linear(y, ops.cast(p(`${name}.${layer}.weight`), precision), p(`${name}.${layer}.bias`));

  const y = norm(p, `${name}.norm1`, x);
  const weight = ops.cast(p(`${name}.attn.qkv.weight`), precision);
  const bias = p(`${name}.attn.qkv.bias`);
  // Slicing the weight is cheaper than slicing the activations.
  const [q, k, v] = [0, 1, 2].map((j) => {
    const part = ops.linear(y, ops.slice(weight, 0, j * c.dim, c.dim), ops.slice(bias, 0, j * c.dim, c.dim));
    return ops.reshape(part, [...axes, c.heads, c.dim / c.heads]);
  });
  const attended = ops.attention(q, k, v, 1 / Math.sqrt(c.dim / c.heads), order);
  x = residual(linear('attn.proj', ops.reshape(attended, x.shape)), 0);
  return residual(linear('mlp.fc2', ops.gelu(linear('mlp.fc1', norm(p, `${name}.norm2`, x)))), 1);
}

function norm(p: Parameters, name: string, x: Tensor): Tensor {
  return ops.layerNorm(x, p(`${name}.weight`), p(`${name}.bias`), EPS);
}
