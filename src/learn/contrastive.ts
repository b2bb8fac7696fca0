import { ops, type Tensor } from '../graph/index.js';

/**
 * Multi-positive contrastive loss (paper, section 3.3, equations 1-3; momentum variant): cross entropy between q, the softmax over all
 * candidates of an anchor's similarity, and p, uniform over the candidates of the same caption. Mean over the anchors.
 * @param anchors [rows, dim] student predictions, normalised here
 * @param candidates [B, dim] teacher projections, normalised here
 * @param positives [rows, B] p of each anchor; rows sum to 1, zero where excluded
 * @param excluded [rows, B] −1e9 where a candidate is left out (the anchor's own image), else 0
 * @returns [1, 1]
 */
export function contrastive(
  anchors: Tensor,
  candidates: Tensor,
  positives: Tensor,
  excluded: Tensor | undefined,
  temperature: number,
): Tensor {
  let logits = ops.gemm(ops.l2Normalise(anchors), ops.l2Normalise(candidates), {
    transB: true,
    alpha: 1 / temperature,
  });
  if (excluded) logits = ops.add(logits, excluded);
  const logQ = ops.logSoftmax(logits);
  return ops.scale(ops.sum(ops.mul(positives, logQ), [0, 1]), -1 / anchors.shape[0]);
}

/**
 * p and the exclusions from caption labels, for anchors in `groups` blocks of B rows (1 for global crops, one block a local crop).
 * @param same leave out the candidate of the anchor's own image
 */
export function contrastTargets(
  labels: Int32Array,
  groups: number,
  same: boolean,
): { positives: Float32Array; excluded: Float32Array } {
  const b = labels.length;
  const positives = new Float32Array(groups * b * b);
  const excluded = new Float32Array(groups * b * b);
  for (let row = 0; row < groups * b; row++) {
    const image = row % b;
    let count = 0;
    for (let j = 0; j < b; j++) if (labels[j] === labels[image] && !(same && j === image)) count++;
    for (let j = 0; j < b; j++) {
      if (same && j === image) excluded[row * b + j] = -1e9;
      else if (labels[j] === labels[image]) positives[row * b + j] = 1 / count;
    }
  }
  return { positives, excluded };
}
