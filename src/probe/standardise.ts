/** Mean and inverse standard deviation of every coordinate. */
export interface Statistics {
  dim: number;
  mean: Float64Array;
  inverse: Float64Array;
}

/** BatchNorm's epsilon, which keeps constant coordinates at 0. */
const EPS = 1e-5;

/** @param x [n, dim] */
export function statistics(x: Float32Array, dim: number): Statistics {
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
  for (let j = 0; j < dim; j++) inverse[j] = 1 / Math.sqrt(inverse[j] / n + EPS);
  return { dim, mean, inverse };
}

/** A copy with mean 0 and variance 1 in every coordinate of the data that the statistics are of. */
export function standardised(x: Float32Array, { dim, mean, inverse }: Statistics): Float32Array {
  const out = new Float32Array(x.length);
  for (let i = 0; i < x.length; ) for (let j = 0; j < dim; j++, i++) out[i] = (x[i] - mean[j]) * inverse[j];
  return out;
}
