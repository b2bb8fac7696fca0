/** Which bin a confidence on a border belongs to: the lower one (Guo et al. 2017), or the upper one (torchmetrics). */
export const BORDERS = ['lower', 'upper'] as const;
export type Border = (typeof BORDERS)[number];

/** Pictures of like confidence. */
export interface Bin {
  count: number;
  /** Mean confidence, and share that is right; NaN for an empty bin. */
  confidence: number;
  accuracy: number;
}

/**
 * Pictures by confidence, in bins of equal width.
 * @param confidence [n] 0…1, of the class that is predicted @param right [n] 0 or 1
 */
export function bins(
  confidence: ArrayLike<number>,
  right: ArrayLike<number>,
  count = 15,
  border: Border = 'lower',
): Bin[] {
  const sums = Array.from({ length: count }, () => ({ count: 0, confidence: 0, accuracy: 0 }));
  for (let i = 0; i < right.length; i++) {
    const c = confidence[i];
    // Compared with the borders themselves, so that what lies on one is told by what it is.
    let b = Math.min(count - 1, Math.floor(c * count));
    while (b > 0 && (border === 'lower' ? c <= b / count : c < b / count)) b--;
    while (b < count - 1 && (border === 'lower' ? c > (b + 1) / count : c >= (b + 1) / count)) b++;
    sums[b].count++;
    sums[b].confidence += c;
    sums[b].accuracy += right[i];
  }
  return sums.map((s) => ({ count: s.count, confidence: s.confidence / s.count, accuracy: s.accuracy / s.count }));
}

/** Expected and largest calibration error over bins (Naeini et al. 2015; Guo et al. 2017), 0…1. */
export function calibrationErrors(of: readonly Bin[]): { ece: number; mce: number } {
  const n = of.reduce((sum, b) => sum + b.count, 0);
  let [ece, mce] = [0, 0];
  for (const b of of) {
    if (b.count === 0) continue;
    const gap = Math.abs(b.accuracy - b.confidence);
    ece += (gap * b.count) / n;
    mce = Math.max(mce, gap);
  }
  return { ece, mce };
}

/** How far probabilities can be trusted. */
export interface Calibration {
  ece: number;
  mce: number;
  /** Mean −log of the right class' probability, nats. */
  nll: number;
  /** Mean over pictures of the summed squared distance from the right answer (Brier 1950), 0…2. */
  brier: number;
}

/** @param probabilities [n, classes] @param labels [n] */
export function calibration(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  { count = 15, border = 'lower' as Border } = {},
): Calibration {
  const n = labels.length;
  const confidence = new Float64Array(n);
  const right = new Uint8Array(n);
  let [nll, brier] = [0, 0];
  for (let i = 0; i < n; i++) {
    let best = 0;
    for (let c = 0; c < classes; c++) {
      const p = probabilities[i * classes + c];
      if (p > probabilities[i * classes + best]) best = c;
      brier += (p - (c === labels[i] ? 1 : 0)) ** 2 / n;
    }
    confidence[i] = probabilities[i * classes + best];
    right[i] = best === labels[i] ? 1 : 0;
    nll -= Math.log(probabilities[i * classes + labels[i]]) / n;
  }
  return { ...calibrationErrors(bins(confidence, right, count, border)), nll, brier };
}

/** Rows of logits as probabilities. @param y [n, classes] */
export function softmaxRows(y: ArrayLike<number>, classes: number): Float64Array {
  const out = new Float64Array(y.length);
  for (let at = 0; at < y.length; at += classes) {
    let most = y[at];
    for (let c = 1; c < classes; c++) most = Math.max(most, y[at + c]);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += out[at + c] = Math.exp(y[at + c] - most);
    for (let c = 0; c < classes; c++) out[at + c] /= sum;
  }
  return out;
}
