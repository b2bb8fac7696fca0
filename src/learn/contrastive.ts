import { ops, type Tensor } from '../graph/index.js';

export interface ContrastiveOptions {
  temperature: number;
  /** Leave out the candidate of the anchor's own image. */
  leaveOwnOut: boolean;
}

/**
 * Multi-positive contrastive loss (paper, section 3.3, equations 1-3; momentum variant): cross entropy between q, the softmax over all
 * candidates of an anchor's similarity, and p, uniform over the candidates of the same caption. Mean over the anchors; one without
 * positives has nothing to be pulled to.
 * @param anchors [blocks·B, dim] student predictions, normalised here: blocks of B rows in the order of the images (one of the global crops, or one a local crop)
 * @param candidates [B, dim] teacher projections, normalised here
 * @param labels [B] the caption of each image, a number
 * @returns [1, 1]
 */
export function contrastive(anchors: Tensor, candidates: Tensor, labels: Tensor, o: ContrastiveOptions): Tensor {
  const rows = anchors.shape[0];
  const b = candidates.shape[0];
  let logits = ops.gemm(unit(anchors), unit(candidates), { transB: true, alpha: 1 / o.temperature });
  const across = ops.reshape(labels, [1, b]);
  const down = ops.reshape(ops.broadcast(ops.reshape(labels, [1, b, 1]), [rows / b, b, 1]), [rows, 1]);
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

const unit = (x: Tensor): Tensor => ops.l2Normalise(ops.cast(x, 'f32'));

/** 0, 1, … in turn below `below`. */
const numbers = (length: number, below: number, shape: number[]): Tensor =>
  ops.constant(
    Float32Array.from({ length }, (_, i) => i % below),
    shape,
  );
