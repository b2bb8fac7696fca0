/** Rows of length 1, in place; one of zeros stays. */
export function unitRows(x: Float32Array, dim: number): Float32Array {
  for (let at = 0; at < x.length; at += dim) {
    let sum = 0;
    for (let i = at; i < at + dim; i++) sum += x[i] * x[i];
    const by = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let i = at; i < at + dim; i++) x[i] *= by;
  }
  return x;
}
