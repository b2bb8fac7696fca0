import { ops, type RowOrder, type Tensor } from '../graph/index.js';
import { placed, type TextConfig, textHidden, textParameters, textTransformer } from '../model/text.js';
import type { Parameters, VitOutput } from '../model/vit.js';
import type { Feeds, GraphOptions } from '../runtime/training.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { BatchInput } from './graph-parts.js';
import { type Health, similarities } from './health.js';
import type { LearnedParameter } from './learner.js';
import { imageText, LOG_SCALE_RANGE } from './losses/image-text.js';

/** The text side of learners that compare images with captions: parameters, graphs, what a batch feeds, cost. */

/** The tower, the projection of images, and the scale of similarities, which is neither decayed nor let out of its range. @param dim width of images */
export function textSideParameters(c: TextConfig, dim: number, temperature: number): LearnedParameter[] {
  const plain = { averaged: false, decayed: false };
  const tower = textParameters(c).map((s) => ({ ...s, averaged: false, decayed: s.shape.length >= 2 }));
  return [
    ...tower,
    {
      name: 'image_projection.weight',
      shape: [c.out, dim],
      init: { normal: dim ** -0.5 },
      averaged: false,
      decayed: true,
    },
    { name: 'logit_scale', shape: [1], init: { fill: Math.log(1 / temperature) }, ...plain, clamp: LOG_SCALE_RANGE },
  ];
}

export interface TextSideGraph {
  /** [1, 1] */
  loss: Tensor;
  /** [1, 1]: what similarities are divided by. */
  temperature: Tensor;
  /** [B, out] and [T, out], f32, not normalised. */
  images: Tensor;
  texts: Tensor;
  blocks: VitOutput['blocks'];
}

/**
 * The loss between images and their captions.
 * @param cls [B, dim] @param labels [B] the caption of each image @param count captions of the batch
 */
export function textSide(
  c: TextConfig,
  p: Parameters,
  { cls, labels, count }: { cls: Tensor; labels: Tensor; count: number },
  o: GraphOptions,
  batch: BatchInput,
): TextSideGraph {
  const tokens = batch('tokens', [count * c.context], 'i64');
  const ends = batch('ends', [count], 'i64');
  const tower = textTransformer(c, p, tokens, ends, o);
  const images = ops.cast(ops.linear(cls, ops.cast(p('image_projection.weight'), o.precision)), 'f32');
  const texts = ops.cast(tower.features, 'f32');
  const scale = p('logit_scale');
  return {
    loss: imageText(images, texts, labels, scale),
    temperature: ops.reshape(ops.exp(ops.neg(scale)), [1, 1]),
    ...{ images, texts, blocks: tower.blocks },
  };
}

/** Axes of its inputs along which captions lie. */
export const TEXT_AXES: Readonly<Record<string, number>> = { tokens: 0, ends: 0 };

/** Captions as the graph takes them. @param tokenizer absent where only sizes are asked for */
export function textFeeds(
  c: TextConfig,
  tokenizer: Tokenizer | undefined,
  texts: readonly string[],
  order: RowOrder,
): Feeds {
  if (!tokenizer) throw new Error('internal: captions without a vocabulary');
  return { ...placed(c, tokenizer.tokens(texts, c.context).ids, order) };
}

/** Operations of a forward pass over one caption; a multiply-add is two. */
export function textOperations(c: TextConfig): number {
  const { width, depth, context, out } = c;
  const block = context * width * (4 * width + 2 * textHidden(c)) + 2 * context * context * width;
  return 2 * (depth * block + width * out);
}

/** Numbers of one caption that a forward pass keeps for its backward pass, roughly. */
export function textActivations(c: TextConfig): number {
  const { width, depth, heads, context } = c;
  return depth * (context * (10 * width + 5 * textHidden(c)) + 2 * heads * context * context);
}

/**
 * Mean cosine of images with their captions and with those of others, over the first rows.
 * @param images [B, dim] @param texts [T, dim] @param labels [B] the caption of each image
 */
export function pairHealth(
  images: Float32Array,
  texts: Float32Array,
  dim: number,
  labels: Int32Array,
): Pick<Health, 'positive_similarity' | 'negative_similarity'> {
  return similarities(images, texts, dim, (i, t) => labels[i] === t);
}
