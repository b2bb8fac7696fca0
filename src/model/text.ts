import { type DType, ops, type RowOrder, type Tensor } from '../graph/index.js';
import { type Activation, activate } from './activation.js';
import type { ParameterSpec } from './parameters.js';
import type { Parameters } from './vit.js';

/**
 * Which token's row stands for the text: the one with the largest id, as CLIP has it, whose end token is the last word of its vocabulary; the
 * first end token, as Hugging Face's port of CLIP has it; or the last of the context, as SigLIP has it.
 */
export const TEXT_POOLS = ['argmax', 'first end', 'last'] as const;
export type TextPool = (typeof TEXT_POOLS)[number];

/**
 * A text transformer's sizes and forms (Radford et al. 2021, arXiv 2103.00020, section 2.4): CLIP's is causal with quick GELU, and pooled at the
 * end token; SigLIP's (Zhai et al. 2023, arXiv 2303.15343) looks both ways, has the tanh form, is pooled at its last token and projected with
 * a bias.
 */
export interface TextConfig {
  width: number;
  depth: number;
  heads: number;
  /** Words of the vocabulary, with all that mark a start, an end or the padding. */
  vocabulary: number;
  /** Tokens of a text; shorter ones are padded to it. */
  context: number;
  mlpRatio: number;
  activation: Activation;
  /** Of all norms; 1e-5 in CLIP, 1e-6 in SigLIP. */
  eps: number;
  /** A token sees none that follow it. */
  causal: boolean;
  pooled: TextPool;
  /** Id of the end token; needed where `pooled` is `first end`. */
  end?: number;
  /** Id that fills a text up; default 0. */
  pad?: number;
  /** Width of the projection, shared with images. */
  out: number;
  /** The projection has a bias. */
  projectionBias?: boolean;
}

/** The paper's text transformer (table 19 there and section 2.4: 63 million parameters, 12 blocks of 512, 8 heads, 77 tokens). */
export const CLIP_TEXT: Readonly<TextConfig> = {
  width: 512,
  depth: 12,
  heads: 8,
  vocabulary: 49_408,
  context: 77,
  mlpRatio: 4,
  activation: 'quick_gelu',
  eps: 1e-5,
  causal: true,
  pooled: 'argmax',
  out: 512,
};

/**
 * The tower's parameters, beginning as CLIP's published code has them: embeddings of words 0.02, of positions 0.01; 1/√width into attention,
 * 1/√(2·width) into the MLP, 1/√(2·depth·width) out of both, 1/√width for the projection; biases 0, but those of the MLP uniform within 1/√inputs.
 * (Normal distributions are cut at two deviations, as all of ours.)
 */
export function textParameters(c: TextConfig): ParameterSpec[] {
  const { width, depth } = c;
  const hidden = textHidden(c);
  const zeros = { fill: 0 };
  const into = 1 / Math.sqrt(width);
  const outOf = into / Math.sqrt(2 * depth);
  const specs: ParameterSpec[] = [
    { name: 'token_embedding.weight', shape: [c.vocabulary, width], init: { normal: 0.02 } },
    { name: 'positional_embedding', shape: [c.context, width], init: { normal: 0.01 } },
  ];
  const affine = (name: string) => {
    specs.push({ name: `${name}.weight`, shape: [width], init: { fill: 1 } });
    specs.push({ name: `${name}.bias`, shape: [width], init: zeros });
  };
  const linear = (name: string, shape: [number, number], normal: number, bias: ParameterSpec['init']) => {
    specs.push({ name: `${name}.weight`, shape, init: { normal } });
    specs.push({ name: `${name}.bias`, shape: [shape[0]], init: bias });
  };
  for (let i = 0; i < depth; i++) {
    const block = `blocks.${i}`;
    affine(`${block}.norm1`);
    linear(`${block}.attn.qkv`, [3 * width, width], into, zeros);
    linear(`${block}.attn.proj`, [width, width], outOf, zeros);
    affine(`${block}.norm2`);
    linear(`${block}.mlp.fc1`, [hidden, width], 1 / Math.sqrt(2 * width), { uniform: 1 / Math.sqrt(width) });
    linear(`${block}.mlp.fc2`, [width, hidden], outOf, { uniform: 1 / Math.sqrt(hidden) });
  }
  affine('norm');
  specs.push({ name: 'projection.weight', shape: [c.out, width], init: { normal: into } });
  if (c.projectionBias) specs.push({ name: 'projection.bias', shape: [c.out], init: zeros });
  return specs.map((s) => ({ ...s, name: `text.${s.name}` }));
}

/** Width inside the MLP. */
export const textHidden = (c: Pick<TextConfig, 'width' | 'mlpRatio'>): number => Math.round(c.width * c.mlpRatio);

/** Stands in for −∞ in scores: after the softmax it is 0, and unlike −∞ it takes no row with it. */
const NEVER = -1e9;

export interface TextOptions {
  /** Order of the rows of activations, and of `tokens` and `ends`; default (token, sample). */
  order?: RowOrder;
  /** How activations and the operands of matrix products are stored; default f32. */
  precision?: DType;
}

export interface TextOutput {
  /** [rows, out]: the pooled token after the last norm, projected; not normalised. */
  features: Tensor;
  /** [context·rows, width] after the last norm, in the order asked for. */
  tokens: Tensor;
  /** Each block's input and output: what may be computed again in the backward pass instead of being kept. */
  blocks: { input: Tensor; output: Tensor }[];
}

/**
 * The text tower.
 * @param tokens i64 [rows·context], ids of words, in the order of `o.order` (`sample`: one text after the other)
 * @param ends i64 [rows], for each text the row of its pooled token among `tokens`: `placed` gives both from texts' ids
 * @returns [rows, out], not normalised
 */
export function textTower(c: TextConfig, p: Parameters, tokens: Tensor, ends: Tensor, o: TextOptions = {}): Tensor {
  return textTransformer(c, p, tokens, ends, o).features;
}

/** The text tower, with what lies within: see {@link textTower}. */
export function textTransformer(
  c: TextConfig,
  p: Parameters,
  tokens: Tensor,
  ends: Tensor,
  o: TextOptions = {},
): TextOutput {
  const { order = 'token', precision = 'f32' } = o;
  const [rows] = ends.shape;
  const axes = order === 'token' ? [c.context, rows] : [rows, c.context];
  const words = ops.takeRows(p('text.token_embedding.weight'), tokens, { repeated: true });
  const position = ops.reshape(
    p('text.positional_embedding'),
    order === 'token' ? [c.context, 1, c.width] : [1, c.context, c.width],
  );
  let x = ops.cast(ops.add(ops.reshape(words, [...axes, c.width]), position), precision);
  x = ops.reshape(x, [c.context * rows, c.width]);
  const mask = c.causal ? causalMask(c.context) : undefined;
  const blocks: TextOutput['blocks'] = [];
  for (let i = 0; i < c.depth; i++) {
    const output = block(c, p, `text.blocks.${i}`, x, { axes, order, precision, mask });
    blocks.push({ input: x, output });
    x = output;
  }
  x = norm(c, p, 'text.norm', x);
  const pooled = ops.takeRows(x, ends);
  const weight = ops.cast(p('text.projection.weight'), precision);
  const features = ops.linear(pooled, weight, c.projectionBias ? p('text.projection.bias') : undefined);
  return { features, tokens: x, blocks };
}

interface BlockOptions {
  axes: number[];
  order: RowOrder;
  precision: DType;
  mask: Tensor | undefined;
}

/** One pre-norm block. x [context·rows, width] */
function block(c: TextConfig, p: Parameters, name: string, x: Tensor, o: BlockOptions): Tensor {
  const { axes, order, precision, mask } = o;
  const linear = (layer: string, y: Tensor) =>
    ops.linear(y, ops.cast(p(`${name}.${layer}.weight`), precision), p(`${name}.${layer}.bias`));
  const y = norm(c, p, `${name}.norm1`, x);
  const weight = ops.cast(p(`${name}.attn.qkv.weight`), precision);
  const bias = p(`${name}.attn.qkv.bias`);
  const d = c.width / c.heads;
  // Slicing the weight is cheaper than slicing the activations.
  const [q, k, v] = [0, 1, 2].map((j) => {
    const part = ops.linear(y, ops.slice(weight, 0, j * c.width, c.width), ops.slice(bias, 0, j * c.width, c.width));
    return ops.reshape(part, [...axes, c.heads, d]);
  });
  const attended = ops.attention(q, k, v, 1 / Math.sqrt(d), order, mask);
  x = ops.add(x, linear('attn.proj', ops.reshape(attended, x.shape)));
  const inner = ops.cast(activate(linear('mlp.fc1', norm(c, p, `${name}.norm2`, x)), c.activation), precision);
  return ops.add(x, linear('mlp.fc2', inner));
}

const norm = (c: TextConfig, p: Parameters, name: string, x: Tensor): Tensor =>
  ops.layerNorm(x, p(`${name}.weight`), p(`${name}.bias`), c.eps);

/** [1, context, context]: a token sees itself and those before it. */
function causalMask(context: number): Tensor {
  const mask = new Float32Array(context * context);
  for (let t = 0; t < context; t++) mask.fill(NEVER, t * context + t + 1, (t + 1) * context);
  return ops.constant(mask, [1, context, context]);
}

/** Texts as the tower takes them. */
export interface PlacedTexts {
  /** [rows·context] in the order asked for. */
  tokens: BigInt64Array;
  /** [rows]: the row of each text's pooled token among `tokens`. */
  ends: BigInt64Array;
}

/**
 * Ids of padded texts, as the tower takes them.
 * @param ids [rows·context], one text after the other
 * @throws Error when their number is no multiple of the context, or an id is not in the vocabulary
 */
export function placed(c: TextConfig, ids: BigInt64Array, order: RowOrder = 'token'): PlacedTexts {
  const { context } = c;
  const rows = ids.length / context;
  if (!Number.isInteger(rows)) throw new Error(`internal: ${ids.length} ids of texts of ${context}`);
  const tokens = new BigInt64Array(ids.length);
  const ends = new BigInt64Array(rows);
  for (let row = 0; row < rows; row++) {
    const text = ids.subarray(row * context, (row + 1) * context);
    const at = (t: number) => (order === 'token' ? t * rows + row : row * context + t);
    text.forEach((id, t) => {
      if (id < 0n || id >= BigInt(c.vocabulary))
        throw new Error(`internal: word ${id} of a vocabulary of ${c.vocabulary}`);
      tokens[at(t)] = id;
    });
    ends[row] = BigInt(at(pooledAt(c, text)));
  }
  return { tokens, ends };
}

/** Where the pooled token is in a text of ids. */
function pooledAt(c: TextConfig, text: BigInt64Array): number {
  if (c.pooled === 'last') return text.length - 1;
  // As in the libraries: where there is no end token, the first stands for all.
  if (c.pooled === 'first end') return Math.max(0, text.indexOf(BigInt(c.end ?? -1)));
  let best = 0;
  text.forEach((id, t) => {
    if (id > text[best]) best = t;
  });
  return best;
}
