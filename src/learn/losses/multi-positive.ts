import { ops, type Tensor } from '../../graph/index.js';

export interface ContrastiveOptions {
  temperature: number;
  /** Leave out the candidate of the anchor's own image. */
  leaveOwnOut: boolean;
}

/**
 * Multi-positive contrastive loss (SynCLR, section 3.3, equations 1-3; StableRep, section 3): cross entropy between q, the softmax over all
 * candidates of an anchor's similarity, and p, uniform over the candidates of the same label. Mean over the anchors; one without
 * positives has nothing to be pulled to, and adds 0.
 * @param anchors [blocks·B, dim], normalised here: blocks of B rows in the order of the candidates (one of the global crops, or one a local crop)
 * @param candidates [B, dim], normalised here; the anchors themselves where there is no teacher
 * @param labels [B] the label of each candidate, a number
 * @returns [1, 1]
 */
export function contrastive(anchors: Tensor, candidates: Tensor, labels: Tensor, o: ContrastiveOptions): Tensor {
  const rows = anchors.shape[0];
  const b = candidates.shape[0];
  let logits = ops.gemm(unit(anchors), unit(candidates), { transB: true, alpha: 1 / o.temperature });
  const across = ops.reshape(labels, [1, b]);
  const down =
    rows < b
      ? ops.slice(ops.reshape(labels, [b, 1]), 0, 0, rows)
      : ops.reshape(ops.broadcast(ops.reshape(labels, [1, b, 1]), [rows / b, b, 1]), [rows, 1]);
  let positive = ops.equal(down, across);
  if (o.leaveOwnOut) {
    const own = ops.equal(numbers(rows, b, [rows, 1]), numbers(b, b, [1, b]));
    positive = ops.mul(positive, ops.offset(ops.neg(own), 1));
    logits = ops.add(logits, ops.scale(own, -1e9));
  }
  const count = ops.maximum(ops.sum(positive, [1]), ops.filled(1, [1, 1]));
  const of = ops.div(ops.sum(ops.mul(positive, ops.logSoftmax(logits)), [1]), count);
  return ops.scale(ops.sum(of, [0]), -1 / rows);
}

/** Rows of length 1, in float32. */
export const unit = (x: Tensor): Tensor => ops.l2Normalise(ops.cast(x, 'f32'));

/** 0, 1, … in turn below `below`. */
const numbers = (length: number, below: number, shape: number[]): Tensor =>
  ops.constant(
    Float32Array.from({ length }, (_, i) => i % below),
    shape,
  );
