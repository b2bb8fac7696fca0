/** Mean and inverse standard deviation of every coordinate. */
export interface Statistics {
  dim: number;
  mean: Float64Array;
  /** 0 where a coordinate is constant and nothing was added to its variance. */
  inverse: Float64Array;
}

/** BatchNorm's epsilon, which keeps constant coordinates at 0. */
const EPS = 1e-5;

/**
 * Of the population: squares are divided by n.
 * @param x [n, dim]
 * @param eps added to the variance; with 0 constant coordinates, which the authors' formula would divide by zero, become 0
 */
export function statistics(x: Float32Array, dim: number, eps = EPS): Statistics {
  const n = x.length / dim;
  const mean = new Float64Array(dim);
  const inverse = new Float64Array(dim);
  for (let i = 0; i < x.length; ) for (let j = 0; j < dim; j++, i++) mean[j] += x[i];
  for (let j = 0; j < dim; j++) mean[j] /= n;
  for (let i = 0; i < x.length; )
    for (let j = 0; j < dim; j++, i++) {
      const d = x[i] - mean[j];
      inverse[j] += d * d;
    }
  for (let j = 0; j < dim; j++) {
    const variance = inverse[j] / n;
    // A sum of many equal floats rounds: what is left of it is no variance.
    const isConstant = eps === 0 && variance <= (mean[j] * 1e-12) ** 2;
    inverse[j] = isConstant ? 0 : 1 / Math.sqrt(variance + eps);
  }
  return { dim, mean, inverse };
}

/** A copy with mean 0 and variance 1 in every coordinate of the data that the statistics are of. */
export function standardised(x: Float32Array, { dim, mean, inverse }: Statistics): Float32Array {
  const out = new Float32Array(x.length);
  for (let i = 0; i < x.length; ) for (let j = 0; j < dim; j++, i++) out[i] = (x[i] - mean[j]) * inverse[j];
  return out;
}
