import { type DType, ops, type RowOrder, type Tensor } from '../graph/index.js';
import { positionResampling } from './position.js';
import { attend, type Rows, relativeBias, rotation } from './vit-attention.js';
import { epsOf, gridOf, poolOf, prefixOf, prefixPositionsOf, type VitConfig } from './vit-config.js';
import { between } from './vit-mlp.js';
import { attentionPooled, meanOfPatches } from './vit-pool.js';

export type { VitConfig } from './vit-config.js';
export { vitParameters } from './vit-parameters.js';

/** Gives the graph node of a parameter. */
export type Parameters = (name: string) => Tensor;

export interface VitOutput {
  /**
   * [tokens·batch, dim] after the last norm, rows in the order asked for; of each sample CLS comes first, then the distillation token, the
   * registers, the patches.
   */
  tokens: Tensor;
  /** [batch, dim] the CLS token after the last norm; where there is none, the image's feature. */
  cls: Tensor;
  /** [batch, dim] what an image's feature is in this family: CLS, or what is pooled. */
  pooled: Tensor;
  /** [batch, dim] the distillation token after the last norm. */
  dist?: Tensor;
  /** [registers·batch, dim] after the last norm, rows in the order asked for. */
  registers?: Tensor;
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
 * @param images [batch, 3, height, width], any sides; what they have beyond whole patches is left out, positions are resampled to them
 */
export function vit(c: VitConfig, p: Parameters, images: Tensor, o: VitOptions = {}): VitOutput {
  const { order = 'token', precision = 'f32' } = o;
  const { dim } = c;
  const [batch, , height, width] = images.shape;
  const grid = [Math.floor(height / c.patch), Math.floor(width / c.patch)] as const;
  const n = grid[0] * grid[1];
  const prefix = prefixOf(c);
  const rows: Rows = { tokens: prefix.length + n, batch, order, precision };
  const axis = order === 'token' ? 0 : 1;
  let x = embedding(c, p, images, grid, o);
  if (c.normBefore) x = norm(c, p, 'backbone.norm_pre', x);
  const positions = { bias: relativeBias(c, p, grid), rotate: rotation(c, grid, rows) };
  const blocks: VitOutput['blocks'] = [];
  for (let i = 0; i < c.depth; i++) {
    const output = block(c, p, i, x, { ...rows, ...positions, dropPath: o.dropPath });
    blocks.push({ input: x, output });
    x = output;
  }
  if (c.norm !== false) x = norm(c, p, 'backbone.norm', x);
  const part = (start: number, length: number) =>
    ops.reshape(ops.slice(ops.reshape(x, [...axesOf(rows), dim]), axis, start, length), [length * batch, dim]);
  const cls = prefix.cls > 0 ? part(0, 1) : undefined;
  const patches = part(prefix.length, n);
  const pool = poolOf(c);
  const pooled =
    pool === 'cls' ? cls! : pool === 'mean' ? meanOfPatches(c, p, patches, rows) : attentionPooled(c, p, patches, rows);
  return {
    ...{ tokens: x, cls: cls ?? pooled, pooled, patches, blocks },
    ...(prefix.dist > 0 && { dist: part(prefix.cls, 1) }),
    ...(prefix.registers > 0 && { registers: part(prefix.cls + prefix.dist, prefix.registers) }),
  };
}

/** The axes of what has a row a token and sample. */
const axesOf = ({ tokens, batch, order }: Rows) => (order === 'token' ? [tokens, batch] : [batch, tokens]);

/** Tokens with their positions, [tokens·batch, dim]. */
function embedding(
  c: VitConfig,
  p: Parameters,
  images: Tensor,
  grid: readonly [number, number],
  { order = 'token', precision = 'f32', mask }: VitOptions,
): Tensor {
  const { dim, patch } = c;
  const [batch, channels, ...sides] = images.shape;
  const n = grid[0] * grid[1];
  const prefix = prefixOf(c);
  const rows = (tokens: number, samples: number) => (order === 'token' ? [tokens, samples] : [samples, tokens]);
  const axis = order === 'token' ? 0 : 1;
  const whole = grid.reduce((all, count, i) => ops.slice(all, 2 + i, 0, Math.min(count * patch, sides[i])), images);
  const cut = ops.reshape(ops.cast(whole, precision), [batch, channels, grid[0], patch, grid[1], patch]);
  const pixels = ops.reshape(ops.transpose(cut, order === 'token' ? [2, 4, 0, 1, 3, 5] : [0, 2, 4, 1, 3, 5]), [
    n * batch,
    channels * patch * patch,
  ]);
  const weight = ops.reshape(p('backbone.patch_embed.proj.weight'), [dim, channels * patch * patch]);
  const patches = ops.linear(pixels, ops.cast(weight, precision), p('backbone.patch_embed.proj.bias'));
  let embedded = ops.reshape(patches, [...rows(n, batch), dim]);
  if (mask) {
    const token = p('backbone.mask_token');
    embedded = ops.add(ops.mul(embedded, ops.offset(ops.neg(mask), 1)), ops.mul(mask, token));
  }

  const positions = learnedPositions(c, p, grid);
  const first: Tensor[] = [];
  const add = (name: string, count: number) => {
    const start = first.reduce((sum, t) => sum + t.shape[0], 0);
    let token = ops.reshape(p(name), [count, dim]);
    const placed = Math.min(count, Math.max(0, prefixPositionsOf(c) - start));
    if (positions && placed === count) token = ops.add(token, ops.slice(positions.stored, 0, start, count));
    else if (positions && placed > 0) throw new Error(`internal: positions of a part of ${name}`);
    first.push(token);
  };
  if (prefix.cls > 0) add('backbone.cls_token', 1);
  if (prefix.dist > 0) add('backbone.dist_token', 1);
  if (prefix.registers > 0) add('backbone.reg_token', prefix.registers);
  const before = first.map((t) => {
    const one = ops.reshape(t, [...rows(t.shape[0], 1), dim]);
    return ops.broadcast(one, [...rows(t.shape[0], batch), dim]);
  });
  const placed = positions ? ops.add(embedded, ops.reshape(positions.patches, [...rows(n, 1), dim])) : embedded;
  const parts = [...before, placed].map((t) => ops.cast(t, precision));
  const all = ops.concat(parts, axis);
  return ops.reshape(all, [(prefix.length + n) * batch, dim]);
}

/** The stored positions [prefix + stored grid, dim], and those of the patches of this grid. */
function learnedPositions(c: VitConfig, p: Parameters, grid: readonly [number, number]) {
  if (c.positions === false) return undefined;
  const from = gridOf(c);
  const count = from[0] * from[1];
  const prefix = prefixPositionsOf(c);
  const stored = ops.reshape(p('backbone.pos_embed'), [prefix + count, c.dim]);
  let patches = ops.slice(stored, 0, prefix, count);
  if (grid.join() !== from.join()) {
    const weights = ops.constant(positionResampling(from, grid, c.resampling), [grid[0] * grid[1], count]);
    patches = ops.gemm(weights, patches);
  }
  return { stored, patches };
}

interface BlockOptions extends Rows, Pick<VitOptions, 'dropPath'> {
  /** Of relative positions, by block. */
  bias: (block: number) => Tensor | undefined;
  rotate: (x: Tensor) => Tensor;
}

/** One pre-norm block. x [tokens·batch, dim] */
function block(c: VitConfig, p: Parameters, i: number, x: Tensor, o: BlockOptions): Tensor {
  const { batch, order, precision } = o;
  const name = `backbone.blocks.${i}`;
  const axes = axesOf(o);
  const residual = (branch: Tensor, which: 0 | 1): Tensor => {
    const scaled = c.layerScale ? ops.cast(ops.mul(branch, p(`${name}.ls${which + 1}.gamma`)), precision) : branch;
    if (!o.dropPath) return ops.add(x, scaled);
    const factor = ops.slice(ops.slice(o.dropPath, 0, i, 1), 1, which, 1);
    const keep = ops.reshape(factor, order === 'token' ? [1, batch, 1] : [batch, 1, 1]);
    const kept = ops.mul(ops.reshape(scaled, [...axes, c.dim]), keep);
    return ops.add(x, ops.cast(ops.reshape(kept, x.shape), precision));
  };
  const linear = (layer: string, y: Tensor) =>
    ops.linear(y, ops.cast(p(`${name}.${layer}.weight`), precision), p(`${name}.${layer}.bias`));

  const attended = attend(c, p, `${name}.attn`, norm(c, p, `${name}.norm1`, x), { ...o, bias: o.bias(i) });
  x = residual(linear('attn.proj', attended), 0);
  const hidden = between(c, linear('mlp.fc1', norm(c, p, `${name}.norm2`, x)), precision);
  return residual(linear('mlp.fc2', hidden), 1);
}

function norm(c: VitConfig, p: Parameters, name: string, x: Tensor): Tensor {
  return ops.layerNorm(x, p(`${name}.weight`), p(`${name}.bias`), epsOf(c));
}
