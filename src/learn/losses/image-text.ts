import { ops, type Tensor } from '../../graph/index.js';
import { unit } from './multi-positive.js';

/** Bounds of the logarithm of CLIP's scale: scales of 1 … 100 (CLIP, section 2.5; StableRep's code clamps it so after every update). */
export const LOG_SCALE_BOUNDS = [0, 4.6052] as const;

/** What the logarithm begins at: a temperature of 0.07. */
export const LOG_SCALE_START = Math.log(1 / 0.07);

/**
 * Contrastive loss between images and texts (CLIP, section 2.3; StableRep, section 3.3): the mean of the cross entropies from images to texts and
 * from texts to images, each with uniform targets over all of the same label: CLIP's has one image a text, StableRep's n.
 * @param images [I, dim], normalised here
 * @param texts [T, dim], normalised here
 * @param imageLabels [I] numbers; an image and a text of one label belong together
 * @param textLabels [T]
 * @param logScale [1, 1] logarithm of what cosines are multiplied with
 * @returns [1, 1]
 */
export function imageText(
  images: Tensor,
  texts: Tensor,
  imageLabels: Tensor,
  textLabels: Tensor,
  logScale: Tensor,
): Tensor {
  const [i, t] = [images.shape[0], texts.shape[0]];
  const cosines = ops.gemm(unit(images), unit(texts), { transB: true });
  const logits = ops.mul(cosines, ops.exp(logScale));
  const same = ops.equal(ops.reshape(imageLabels, [i, 1]), ops.reshape(textLabels, [1, t]));
  const towards = [
    uniformCrossEntropy(logits, same),
    uniformCrossEntropy(ops.transpose(logits, [1, 0]), ops.transpose(same, [1, 0])),
  ];
  return ops.scale(ops.add(towards[0], towards[1]), 0.5);
}

/** Mean over the rows of the cross entropy with uniform targets over the positives; a row without any adds 0. */
function uniformCrossEntropy(logits: Tensor, positive: Tensor): Tensor {
  const count = ops.maximum(ops.sum(positive, [1]), ops.filled(1, [1, 1]));
  const of = ops.div(ops.sum(ops.mul(positive, ops.logSoftmax(logits)), [1]), count);
  return ops.scale(ops.sum(of, [0]), -1 / logits.shape[0]);
}
