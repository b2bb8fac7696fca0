import { ops, type Tensor } from '../../graph/index.js';
import { unit } from './multi-positive.js';

/** Held after every update: a scale of 1 to 100 (section 2.5; the bound as published code has it, whose exponential is 100.003). */
export const LOG_SCALE_RANGE = [0, 4.6052] as const;

/**
 * Contrastive loss between images and captions, both ways: an image has its caption to find among all of the batch, a caption its images, with
 * equal weight (StableRep++: Tian et al. 2023, section 3.3). The mean of either direction, halved. Unlike an image among images, nothing is its
 * own pair.
 * @param images [B, dim] and @param texts [T, dim], normalised here
 * @param labels [B] the caption of each image, a number from 0 to T − 1; every caption has images
 * @param logScale [1] the logarithm of what similarities are multiplied by
 * @returns [1, 1]
 */
export function imageText(images: Tensor, texts: Tensor, labels: Tensor, logScale: Tensor): Tensor {
  const [b, t] = [images.shape[0], texts.shape[0]];
  const number = ops.constant(
    Float32Array.from({ length: t }, (_, i) => i),
    [1, t],
  );
  const positive = ops.equal(ops.reshape(labels, [b, 1]), number);
  const similar = ops.gemm(unit(images), unit(texts), { transB: true });
  const logits = ops.mul(similar, ops.reshape(ops.exp(logScale), [1, 1]));
  const toText = ops.sum(ops.mul(positive, ops.logSoftmax(logits)), [0, 1]);
  const columns = ops.transpose(positive, [1, 0]);
  const each = ops.mul(columns, ops.logSoftmax(ops.transpose(logits, [1, 0])));
  const toImage = ops.sum(ops.div(ops.sum(each, [1]), ops.sum(columns, [1])), [0]);
  return ops.add(ops.scale(toText, -0.5 / b), ops.scale(toImage, -0.5 / t));
}

/**
 * CLIP's symmetric loss (Radford et al. 2021, figure 3): one image a caption.
 * @param images [B, dim] and @param texts [B, dim], pairs in one order, normalised here
 * @param logScale [1] the logarithm of what similarities are multiplied by
 * @returns [1, 1]
 */
export function clip(images: Tensor, texts: Tensor, logScale: Tensor): Tensor {
  const b = images.shape[0];
  const labels = ops.constant(
    Float32Array.from({ length: b }, (_, i) => i),
    [b],
  );
  return imageText(images, texts, labels, logScale);
}
