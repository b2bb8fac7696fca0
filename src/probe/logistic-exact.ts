import type { Target } from './logistic-fit.js';

/**
 * Mean cross entropy and its gradient, all in float64.
 * @param x [rows, dim] @param p weights [dim, outputs], then the bias [outputs]
 * @returns `spread`: the mean of p·(1 − p)
 */
export function exactLoss(
  x: Float64Array,
  dim: number,
  target: Target,
  outputs: number,
  p: Float64Array,
): { value: number; gradient: Float64Array; spread: number } {
  const rows = x.length / dim;
  const biases = dim * outputs;
  // By output, so that all inner loops run along a row.
  const w = Array.from({ length: outputs }, (_, c) => Float64Array.from({ length: dim }, (_, j) => p[j * outputs + c]));
  const dw = w.map(() => new Float64Array(dim));
  const gradient = new Float64Array(p.length);
  const z = new Float64Array(outputs);
  let value = 0;
  let spread = 0;
  for (let i = 0; i < rows; i++) {
    const row = x.subarray(i * dim, (i + 1) * dim);
    for (let c = 0; c < outputs; c++) z[c] = p[biases + c] + product(row, w[c]);
    // From here on z holds the residual: probability less target, over rows.
    value += target.of === 'classes' && outputs > 1 ? ofClasses(z, target.labels[i]) : ofLabels(z, target, i);
    for (let c = 0; c < outputs; c++) {
      const size = Math.abs(z[c]);
      spread += size * (1 - size);
      const by = z[c] / rows;
      gradient[biases + c] += by;
      const to = dw[c];
      for (let j = 0; j < dim; j++) to[j] += by * row[j];
    }
  }
  for (let c = 0; c < outputs; c++) for (let j = 0; j < dim; j++) gradient[j * outputs + c] = dw[c][j];
  return { value: value / rows, gradient, spread: Math.max(1e-300, spread / rows / outputs) };
}

function product(a: Float64Array, b: Float64Array): number {
  let [p, q] = [0, 0];
  let j = 0;
  for (; j + 1 < a.length; j += 2) {
    p += a[j] * b[j];
    q += a[j + 1] * b[j + 1];
  }
  return j < a.length ? p + q + a[j] * b[j] : p + q;
}

/** Turns logits into residuals. @returns the cross entropy */
function ofClasses(z: Float64Array, label: number): number {
  let most = z[0];
  for (const v of z) if (v > most) most = v;
  const own = z[label] - most;
  let others = 0;
  for (let c = 0; c < z.length; c++) {
    z[c] = Math.exp(z[c] - most);
    if (c !== label) others += z[c];
  }
  const all = others + z[label];
  const missing = others / all;
  for (let c = 0; c < z.length; c++) z[c] = c === label ? -missing : z[c] / all;
  // Where the right class is nearly sure, its logarithm is known best by what the others have.
  return missing < 0.5 ? -Math.log1p(-missing) : Math.log(all) - own;
}

function ofLabels(z: Float64Array, target: Target, row: number): number {
  let sum = 0;
  for (let c = 0; c < z.length; c++) {
    const there = target.of === 'labels' ? target.present[row * z.length + c] === 1 : target.labels[row] === 1;
    const margin = there ? z[c] : -z[c];
    const missing = 1 / (1 + Math.exp(margin));
    sum += margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
    z[c] = there ? -missing : missing;
  }
  return sum;
}
