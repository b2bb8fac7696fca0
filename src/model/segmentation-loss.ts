import { ops, type Tensor } from '../graph/index.js';

export interface SegmentationLossOptions {
  /** Label of pixels that do not count; default 255. */
  ignore?: number;
  /**
   * What the sum over pixels is divided by: `all` pixels, ignored ones too, as mmsegmentation does, or the `valid` ones, as PyTorch and
   * transformers do (no number where all are ignored). Default `all`.
   */
  average?: 'all' | 'valid';
}

/**
 * Cross entropy of each pixel's class, [1, 1]. Logits are resized to the labels' size (bilinear, corners not aligned).
 * @param logits [n, classes, h, w] @param labels [n, height, width] class of each pixel: i64, bytes or floats
 */
export function segmentationLoss(logits: Tensor, labels: Tensor, o: SegmentationLossOptions = {}): Tensor {
  const [n, classes] = logits.shape;
  const [, height, width] = labels.shape;
  const { ignore = 255, average = 'all' } = o;
  const large = ops.resizeBilinear(logits, [height, width]);
  const log = ops.logSoftmax(large, 1);
  // Of the classes' numbers an ignored pixel has none, even where its label is the number of a class.
  const numbers = Array.from({ length: classes }, (_, i) => (i === ignore ? -1 : i));
  const each = ops.reshape(labels.dtype === 'u8' ? ops.cast(labels, 'f32') : labels, [n, 1, height, width]);
  const own = ops.equal(
    each,
    labels.dtype === 'i64'
      ? ops.constant(BigInt64Array.from(numbers, BigInt), [classes, 1, 1])
      : ops.constant(Float32Array.from(numbers), [classes, 1, 1]),
  );
  const sum = (x: Tensor) => ops.reshape(ops.sum(x, [0, 1, 2, 3]), [1, 1]);
  const total = ops.neg(sum(ops.mul(log, own)));
  if (average === 'all') return ops.scale(total, 1 / (n * height * width));
  const count = sum(own);
  // Of no pixel the loss is no number (0 / 0), but its gradient is 0, as in PyTorch: a crop of ignored pixels must not end a training.
  return ops.add(ops.div(total, ops.maximum(count, ops.filled(1, [1, 1]))), ops.offset(ops.div(count, count), -1));
}
