import { ops, type Tensor } from '../../graph/index.js';
import { crossEntropy } from './targets.js';

/**
 * Cross entropy with label smoothing (Szegedy et al. 2016): the target is 1 − s on the class, and s/K on each of the K classes. Mean over the rows
 * whose class is known; 0 where none is.
 * @param logits [rows, K]
 * @param classes [rows] as floats, −1 unknown
 * @returns [1, 1]
 */
export function smoothedCrossEntropy(logits: Tensor, classes: Tensor, smoothing: number): Tensor {
  const [rows, k] = logits.shape;
  const down = ops.reshape(classes, [rows, 1]);
  const range = ops.constant(
    Float32Array.from({ length: k }, (_, i) => i),
    [1, k],
  );
  const targets = ops.offset(ops.scale(ops.equal(down, range), 1 - smoothing), smoothing / k);
  const known = ops.greater(down, ops.filled(-0.5, [1, 1]));
  const sum = ops.sum(ops.mul(crossEntropy(targets, logits), known), [0]);
  return ops.div(sum, ops.maximum(ops.sum(known, [0]), ops.filled(1, [1, 1])));
}

/** Share of the rows of known class whose largest logit is their class's, [1, 1]; ties count as right. */
export function accuracyOf(logits: Tensor, classes: Tensor): Tensor {
  const [rows, k] = logits.shape;
  const down = ops.reshape(classes, [rows, 1]);
  const range = ops.constant(
    Float32Array.from({ length: k }, (_, i) => i),
    [1, k],
  );
  const own = ops.sum(ops.mul(logits, ops.equal(down, range)), [1]);
  const larger = ops.sum(ops.greater(logits, own), [1]);
  const known = ops.greater(down, ops.filled(-0.5, [1, 1]));
  const right = ops.sum(ops.mul(ops.equal(larger, ops.filled(0, [1, 1])), known), [0]);
  return ops.div(right, ops.maximum(ops.sum(known, [0]), ops.filled(1, [1, 1])));
}
