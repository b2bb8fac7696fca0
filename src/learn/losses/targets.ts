import { ops, type Tensor } from '../../graph/index.js';

/**
 * Sinkhorn-Knopp targets (SwAV; iBOT and DINO as DINOv2 runs them): exp(logits), scaled so that every prototype gets the same
 * total weight and every row sums to 1. Only the two scaling vectors are iterated; the matrix is written once.
 * @param logits [rows, K] of the teacher, divided by its temperature
 * @returns [rows, K]
 */
export function sinkhornKnopp(logits: Tensor, iterations: number): Tensor {
  const [rows, k] = logits.shape;
  const e = ops.exp(logits);
  const one = ops.filled(1, [1, 1]);
  let u: Tensor = ops.filled(1, [1, rows]);
  let v: Tensor = ops.filled(1, [1, k]);
  for (let i = 0; i < iterations; i++) {
    v = ops.div(one, ops.scale(ops.gemm(u, e), k));
    u = ops.div(one, ops.scale(ops.gemm(v, e, { transB: true }), rows));
  }
  return ops.mul(ops.mul(e, v), ops.reshape(ops.scale(u, rows), [rows, 1]));
}

/** Centred and sharpened targets (DINO): softmax((logits − centre)/temperature). logits [rows, K] already divided, centre [1, K], temperature [1, 1] */
export function centred(logits: Tensor, temperature: Tensor, centre: Tensor): Tensor {
  return ops.softmax(ops.sub(logits, ops.div(centre, temperature)));
}

/** Cross entropy of each row between targets and softmax(logits), [rows, 1]. */
export function crossEntropy(targets: Tensor, logits: Tensor): Tensor {
  return ops.neg(ops.sum(ops.mul(targets, ops.logSoftmax(logits)), [-1]));
}

/** Rows of the targets that are looked at for the figures of health, so that they stay cheap. */
const LOOKED_AT = 256;

/**
 * What health is judged by (health.ts): the mean entropy of a target in nats, [1, 1], and the mean target, [1, K].
 * @param targets [rows, K]; rows sum to 1
 */
export function targetFigures(targets: Tensor): { entropy: Tensor; mean: Tensor } {
  const some = spread(targets, LOOKED_AT);
  const held = ops.greater(some, ops.filled(0, []));
  const logs = ops.log(ops.where(held, some, ops.filled(1, [])));
  return {
    entropy: ops.neg(ops.mean(ops.sum(ops.mul(some, logs), [1]), [0])),
    mean: ops.mean(some, [0]),
  };
}

/** Some rows, evenly spread where their number allows: of rows that lie on several devices each then gives some of its own. */
function spread(x: Tensor, count: number): Tensor {
  const [rows, columns] = x.shape;
  if (rows <= count || rows % count !== 0) return ops.slice(x, 0, 0, Math.min(count, rows));
  const groups = ops.reshape(x, [count, rows / count, columns]);
  return ops.reshape(ops.slice(groups, 1, 0, 1), [count, columns]);
}
