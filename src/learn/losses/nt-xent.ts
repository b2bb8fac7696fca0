import { ops, type Tensor } from '../../graph/index.js';
import { contrastive, unit } from './multi-positive.js';

/**
 * NT-Xent (SimCLR, section 2.1, equation 1): for each pair of one label, the cross entropy that picks its second out of itself and all rows of
 * other labels. Mean over the pairs, both ways round. Where every label has two rows, that is the multi-positive loss; where it has more, the
 * other positives are no candidates.
 * @param embeddings [rows, dim], normalised here
 * @param labels of the rows
 * @returns [1, 1]; 0 where there are no pairs
 */
export function ntXent(embeddings: Tensor, labels: ArrayLike<number>, temperature: number): Tensor {
  const rows = embeddings.shape[0];
  const counts = new Map<number, number>();
  for (let i = 0; i < rows; i++) counts.set(labels[i], (counts.get(labels[i]) ?? 0) + 1);
  if ([...counts.values()].every((n) => n === 2)) {
    const same = ops.constant(Float32Array.from(labels), [rows]);
    return contrastive(embeddings, embeddings, same, { temperature, leaveOwnOut: true });
  }
  const pairs: [number, number][] = [];
  for (let a = 0; a < rows; a++)
    for (let b = 0; b < rows; b++) if (a !== b && labels[a] === labels[b]) pairs.push([a, b]);
  if (pairs.length === 0) return ops.scale(ops.sum(embeddings, [0, 1]), 0);
  const x = unit(embeddings);
  const logits = ops.gemm(x, x, { transB: true, alpha: 1 / temperature });
  const index = ops.constant(
    BigInt64Array.from(pairs, ([a]) => BigInt(a)),
    [pairs.length],
  );
  const anchors = ops.takeRows(logits, index, { repeated: true });
  const chosen = new Float32Array(pairs.length * rows);
  const left = new Float32Array(pairs.length * rows);
  pairs.forEach(([a, b], p) => {
    for (let k = 0; k < rows; k++) {
      chosen[p * rows + k] = k === b ? 1 : 0;
      left[p * rows + k] = labels[k] === labels[a] ? -1e9 : 0;
    }
  });
  const shape = [pairs.length, rows];
  const own = ops.sum(ops.mul(anchors, ops.constant(chosen, shape)), [1]);
  const others = ops.add(ops.sub(anchors, own), ops.constant(left, shape));
  const all = ops.concat([ops.filled(0, [pairs.length, 1]), others], 1);
  const picked = ops.slice(ops.logSoftmax(all), 1, 0, 1);
  return ops.scale(ops.sum(picked, [0]), -1 / pairs.length);
}
