/**
 * What resizing and pooling do along one axis, as matrices [out, in] (row-major): both are linear, so a map is resized by one such product a
 * side, and its gradient is the product with the transposed matrix.
 */

/**
 * Bilinear resizing along an axis, without antialiasing, as PyTorch's `interpolate` to an explicit size does it: an entry lies between its two
 * neighbours, beyond the edge there is only the edge.
 * @param corners whether the first and last entries of both lie on each other (`align_corners`); else the sides of the entries do
 */
export function bilinearMatrix(from: number, to: number, corners = false): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const at = corners
      ? (i * (from - 1)) / Math.max(1, to - 1)
      : Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const first = Math.floor(at);
    const share = at - first;
    matrix[i * from + first] = 1 - share;
    if (share > 0) matrix[i * from + first + 1] = share;
  }
  return matrix;
}

/** Adaptive average pooling along an axis: entry i is the mean of ⌊i·from/to⌋ … ⌈(i+1)·from/to⌉ − 1, so neighbours may overlap. */
export function averagingMatrix(from: number, to: number): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const start = Math.floor((i * from) / to);
    const end = Math.ceil(((i + 1) * from) / to);
    matrix.fill(1 / (end - start), i * from + start, i * from + end);
  }
  return matrix;
}
