import { crc32 } from 'node:zlib';

/**
 * Codes: what is scanned instead of the vectors, a quarter of their size. A row x is stored as ŷ = scale · c of
 * y = x − mean, c signed bytes, with the length of what that leaves out, residual = ‖y − ŷ‖. With q̂ the query in 16-bit
 * integers,
 *
 *     |q·x − (q·mean + q̂·ŷ)| = |q̂·(y − ŷ) + (q − q̂)·y| ≤ ‖q̂‖ · residual + ‖q − q̂‖ · ‖y‖
 *
 * by the Cauchy-Schwarz inequality: the integer product says within which bounds the score lies, whatever the vectors.
 * It holds for any mean; one near the vectors' own makes y short and the bounds narrow, for features that all point one
 * way above all.
 */

/** Rows of a block, except the last one: 6 MB at 768 numbers a row. */
export const BLOCK_ROWS = 8192;

/** Length of a row of codes: whole vectors of the kernel. */
export const strideOf = (dim: number): number => Math.ceil(dim / 32) * 32;

/** How a block of so many rows lies in memory and in the file, bytes. */
export function blockLayout(rows: number, stride: number) {
  const scales = rows * stride;
  const residuals = scales + 4 * rows;
  /** Longest y f32, then the checksum u32 of all before it. */
  const tail = Math.ceil((residuals + 4 * rows) / 16) * 16;
  return { scales, residuals, tail, bytes: tail + 16 };
}

/** The next float32 that is not smaller; x ≥ 0. */
const roundUp = (x: number): number => (x === 0 ? 0 : Math.fround(x * (1 + 2 ** -22) + 1e-38));

/**
 * @param vectors [rows, dim] @param mean [dim]
 * @returns a block: codes i8 [rows, stride], scales f32 [rows], residuals f32 [rows], tail; see {@link blockLayout}
 */
export function encodeBlock(vectors: Float32Array, mean: Float32Array): Uint8Array {
  const dim = mean.length;
  const stride = strideOf(dim);
  const rows = vectors.length / dim;
  const layout = blockLayout(rows, stride);
  const block = new Uint8Array(layout.bytes);
  const codes = new Int8Array(block.buffer, 0, layout.scales);
  const scales = new Float32Array(block.buffer, layout.scales, rows);
  const residuals = new Float32Array(block.buffer, layout.residuals, rows);
  const y = new Float64Array(dim);
  let longest = 0;
  for (let i = 0; i < rows; i++) {
    let most = 0;
    let squares = 0;
    for (let j = 0; j < dim; j++) {
      const v = vectors[i * dim + j] - mean[j];
      y[j] = v;
      squares += v * v;
      if (v > most) most = v;
      else if (-v > most) most = -v;
    }
    // Below, float32 has no 24 digits left: such a row is its mean.
    const scale = most < 1e-30 ? 0 : Math.fround(most / 127);
    const inverse = scale === 0 ? 0 : 1 / scale;
    let left = 0;
    for (let j = 0, to = i * stride; j < dim; j++, to++) {
      const by = y[j] * inverse;
      const code = (by + (by < 0 ? -0.5 : 0.5)) | 0;
      codes[to] = code;
      const miss = y[j] - scale * code;
      left += miss * miss;
    }
    scales[i] = scale;
    residuals[i] = roundUp(Math.sqrt(left));
    longest = Math.max(longest, Math.sqrt(squares));
  }
  const tail = new DataView(block.buffer, layout.tail);
  tail.setFloat32(0, roundUp(longest), true);
  tail.setUint32(4, crc32(block.subarray(0, layout.tail + 4)), true);
  return block;
}

/** What a block's tail says. @returns undefined where the block is damaged */
export function readTail(block: Uint8Array, rows: number, stride: number): { longest: number } | undefined {
  const { tail } = blockLayout(rows, stride);
  const view = new DataView(block.buffer, block.byteOffset + tail);
  return view.getUint32(4, true) === crc32(block.subarray(0, tail + 4))
    ? { longest: view.getFloat32(0, true) }
    : undefined;
}

/** A query as the scan takes it. */
export interface QueryCodes {
  /** i16 [stride]; q̂ = unit · these. */
  numbers: Int16Array;
  unit: number;
  /** ‖q̂‖, or a little more. */
  norm: number;
  /** ‖q − q̂‖, or a little more. */
  rest: number;
  /** q · mean. */
  offset: number;
}

/** Sums of products of a row's codes with a query's numbers, and all their parts, must fit into 32 bits. */
const MOST_SUM = (2 ** 31 - 1) / 127;

/** @param query [dim], not zero @param mean [dim] */
export function encodeQuery(query: Float32Array, mean: Float32Array): QueryCodes {
  const dim = query.length;
  let most = 0;
  let sum = 0;
  let offset = 0;
  for (let j = 0; j < dim; j++) {
    most = Math.max(most, Math.abs(query[j]));
    sum += Math.abs(query[j]);
    offset += query[j] * mean[j];
  }
  // Rounding adds at most one half a number.
  const unit = Math.max(most / 32767, sum / (MOST_SUM - dim));
  const numbers = new Int16Array(strideOf(dim));
  let squares = 0;
  let left = 0;
  for (let j = 0; j < dim; j++) {
    const n = Math.round(query[j] / unit);
    numbers[j] = n;
    squares += (unit * n) ** 2;
    left += (query[j] - unit * n) ** 2;
  }
  return { numbers, unit, norm: roundUp(Math.sqrt(squares)), rest: roundUp(Math.sqrt(left)), offset };
}
