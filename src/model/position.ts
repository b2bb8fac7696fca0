/**
 * Weights that resample a square grid of position embeddings, [to², from²], row-major grids. Bicubic (a = −0.75, edges clamped,
 * align_corners false) with the scale (to + 0.1)/from: the offset that DINO's code introduced and later ViTs inherited.
 */
export function positionResampling(from: number, to: number): Float32Array {
  const axis = axisWeights(from, to);
  const out = new Float32Array(to * to * from * from);
  for (let y = 0; y < to; y++)
    for (let x = 0; x < to; x++)
      for (let v = 0; v < from; v++)
        for (let u = 0; u < from; u++)
          out[((y * to + x) * from + v) * from + u] = axis[y * from + v] * axis[x * from + u];
  return out;
}

/** [to, from] */
function axisWeights(from: number, to: number): Float64Array {
  const scale = from / (to + 0.1);
  const weights = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale - 0.5;
    const first = Math.floor(centre) - 1;
    for (let j = first; j < first + 4; j++) {
      const at = Math.min(Math.max(j, 0), from - 1);
      weights[i * from + at] += cubic(centre - j);
    }
  }
  return weights;
}

/** Keys' cubic convolution kernel with a = −0.75. */
function cubic(x: number): number {
  const a = -0.75;
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}
