/**
 * What the mean per class does with a class that no picture shows. The paper's code divides 0 by 0 there.
 * - `left-out`: it is no part of the mean (scikit-learn's balanced accuracy); the default.
 * - `nan`: the mean is NaN where such a class was predicted, as the authors' formula gives it.
 * - `zero`: it counts as 0 where it was predicted (torchmetrics' macro average).
 */
export const ABSENT = ['left-out', 'nan', 'zero'] as const;
export type Absent = (typeof ABSENT)[number];

/** @returns [classes, classes] how many pictures of each class (rows) were taken for which (columns) */
export function confusion(predictions: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Int32Array {
  const out = new Int32Array(classes * classes);
  for (let i = 0; i < labels.length; i++) out[labels[i] * classes + predictions[i]]++;
  return out;
}

/** @param matrix [classes, classes] as of {@link confusion} @returns 0…1 */
export function top1Of(matrix: ArrayLike<number>, classes: number): number {
  let right = 0;
  let all = 0;
  for (let i = 0; i < matrix.length; i++) all += matrix[i];
  for (let c = 0; c < classes; c++) right += matrix[c * classes + c];
  return right / all;
}

/** @returns [classes] share of each class' pictures that is right; NaN where it has none */
export function perClass(matrix: ArrayLike<number>, classes: number): Float64Array {
  return Float64Array.from({ length: classes }, (_, c) => {
    let all = 0;
    for (let p = 0; p < classes; p++) all += matrix[c * classes + p];
    return matrix[c * classes + c] / all;
  });
}

/** Mean of {@link perClass}, 0…1. Classes that are neither shown nor predicted never count. */
export function meanPerClass(matrix: ArrayLike<number>, classes: number, absent: Absent = 'left-out'): number {
  const shares = perClass(matrix, classes);
  let sum = 0;
  let counted = 0;
  for (let c = 0; c < classes; c++) {
    if (Number.isNaN(shares[c])) {
      let predicted = 0;
      for (let t = 0; t < classes; t++) predicted += matrix[t * classes + c];
      if (predicted === 0 || absent === 'left-out') continue;
      if (absent === 'nan') return Number.NaN;
    } else sum += shares[c];
    counted++;
  }
  return sum / counted;
}

/**
 * Whether the right class is among the k of largest score; of equal scores the lower class is the larger.
 * @param scores [n, classes] @returns [n] 0 or 1
 */
export function inTop(k: number, scores: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Uint8Array {
  return Uint8Array.from({ length: labels.length }, (_, i) => {
    const own = scores[i * classes + labels[i]];
    let before = 0;
    for (let c = 0; c < classes; c++) {
      const s = scores[i * classes + c];
      if (s > own || (s === own && c < labels[i])) before++;
    }
    return before < k ? 1 : 0;
  });
}

/** Mean, 0 where there is nothing. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return values.length > 0 ? sum / values.length : 0;
}
