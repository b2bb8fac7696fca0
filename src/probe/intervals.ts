/** Both ends of a 95 % interval. */
export type Interval = [low: number, high: number];

/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959963985;

/**
 * Wilson's interval of a share.
 * @param share 0…1; @param n independent observations; may be a fraction (an effective number)
 */
export function wilson(share: number, n: number): Interval {
  const z2 = (Z * Z) / n;
  const middle = (share + z2 / 2) / (1 + z2);
  const half = (Z * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n))) / (1 + z2);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * Interval of the share of images that are classified rightly. Images of one caption resemble each other: where clusters are given, the
 * number of images is replaced by the number of independent ones that would scatter as much (Kish's effective sample size).
 * @param right [n] 0 or 1; @param clusters [n] which images belong together; absent: each is on its own
 */
export function shareInterval(right: Uint8Array, clusters?: Int32Array): Interval {
  const n = right.length;
  const share = right.reduce((sum, r) => sum + r, 0) / n;
  return wilson(share, clusters ? n / designEffect(Float64Array.from(right), clusters) : n);
}

/** How often two kinds of features are right on the same images, compared. */
export interface Paired {
  /** Share of the first less share of the second, −1…1. */
  difference: number;
  interval: Interval;
}

/**
 * Difference of two shares measured on the same images: Wald's interval with one observation added to either kind of disagreement (Bonett &
 * Price 2012), so that few disagreements prove nothing; widened where images of one cluster resemble each other.
 * @param a [n] 0 or 1, @param b likewise, of the same images in the same order
 */
export function pairedDifference(a: Uint8Array, b: Uint8Array, clusters?: Int32Array): Paired {
  const n = a.length;
  let onlyA = 0;
  let onlyB = 0;
  for (let i = 0; i < n; i++) {
    if (a[i] > b[i]) onlyA++;
    else if (b[i] > a[i]) onlyB++;
  }
  const p = (onlyA + 1) / (n + 2);
  const q = (onlyB + 1) / (n + 2);
  const effect = clusters
    ? designEffect(
        Float64Array.from(a, (x, i) => x - b[i]),
        clusters,
      )
    : 1;
  const half = Z * Math.sqrt((effect * (p + q - (p - q) ** 2)) / (n + 2));
  return {
    difference: (onlyA - onlyB) / n,
    interval: [Math.max(-1, p - q - half), Math.min(1, p - q + half)],
  };
}

/**
 * How many times larger the variance of a mean is than it would be if all values were independent (Kish 1965): the ratio estimator's
 * variance over clusters to that of a simple sample. At least 1; where all values are the same, the images of a cluster count as one.
 */
function designEffect(x: Float64Array, clusters: Int32Array): number {
  const n = x.length;
  const mean = x.reduce((sum, v) => sum + v, 0) / n;
  const residuals = new Map<number, number>();
  let simple = 0;
  for (let i = 0; i < n; i++) {
    residuals.set(clusters[i], (residuals.get(clusters[i]) ?? 0) + x[i] - mean);
    simple += (x[i] - mean) ** 2;
  }
  const m = residuals.size;
  if (m === n || m < 2) return m === n ? 1 : n;
  if (simple < 1e-9) return n / m;
  let between = 0;
  for (const r of residuals.values()) between += r * r;
  return Math.max(1, (between * (m / (m - 1))) / (simple * (n / (n - 1))));
}

/** Whether an interval of a difference lies above zero (1), below (−1), or holds it (0). */
export const signOf = ([low, high]: Interval): -1 | 0 | 1 => (low > 0 ? 1 : high < 0 ? -1 : 0);
