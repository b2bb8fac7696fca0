/** Γ(0.6)² / Γ(1.2), the normaliser of the Beta(0.6, 0.6) distribution. */
const BETA_FUNCTION = 1.4891922488128171 ** 2 / 0.9181687423997607;
const SHAPE = 0.6;

/** Quantile of the Beta(0.6, 0.6) distribution, p in [0, 1] (Lee et al. 2024, "Beta Sampling is All You Need"). */
export function betaQuantile(p: number): number {
  if (p <= 0 || p >= 1) return p <= 0 ? 0 : 1;
  if (p > 0.5) return 1 - betaQuantile(1 - p);
  let low = 0;
  let high = 0.5;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (cumulative(middle) < p) low = middle;
    else high = middle;
  }
}

/** The regularised incomplete beta function for x ≤ 1/2 by its continued fraction (Abramowitz & Stegun 26.5.8), evaluated with Lentz's method. */
function cumulative(x: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / (1 - ((SHAPE + SHAPE) * x) / (SHAPE + 1));
  let fraction = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (SHAPE - m) * x) / ((SHAPE + 2 * m - 1) * (SHAPE + 2 * m));
    const odd = (-(SHAPE + m) * (2 * SHAPE + m) * x) / ((SHAPE + 2 * m) * (SHAPE + 2 * m + 1));
    for (const term of [even, odd]) {
      d = 1 / (1 + term * d || tiny);
      c = 1 + term / c || tiny;
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return ((x * (1 - x)) ** SHAPE * fraction) / (SHAPE * BETA_FUNCTION);
}
