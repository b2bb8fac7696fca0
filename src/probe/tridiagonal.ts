import { Wasm } from '../wasm.js';
import { KERNELS, type ProbeKernels } from './kernels.js';

/** A symmetric matrix A as Q·T·Qᵀ with T tridiagonal. */
export interface Tridiagonal {
  size: number;
  /** [size] of T. */
  diagonal: Float64Array;
  /** [size − 1] beside T's diagonal. */
  beside: Float64Array;
  /** Q, orthogonal, [size, size] row-major. */
  q: Float64Array;
}

/**
 * Householder's reduction (Golub & Van Loan, algorithm 8.3.1): 4/3·size³ operations for T and as many for Q, in float64.
 * @param a [size, size] symmetric, row-major
 */
export function tridiagonal(a: ArrayLike<number>, size: number): Tridiagonal {
  // Of its own, so that its memory, 16 bytes a number, is given back.
  const wasm = new Wasm<ProbeKernels>(KERNELS);
  const numbers = (name: string, count: number) => wasm.region(name, 8 * count);
  const matrix = numbers('a', size * size);
  const q = numbers('q', size * size);
  const diagonal = numbers('diagonal', size);
  const beside = numbers('beside', size);
  const betas = numbers('betas', size);
  const work = numbers('work', 8 * size);
  wasm.doubles(matrix, size * size).set(a);
  wasm.run.reduce(matrix, size, diagonal, beside, betas, work);
  wasm.run.accumulate(matrix, size, betas, q, work);
  return {
    size,
    diagonal: wasm.doubles(diagonal, size).slice(),
    beside: wasm.doubles(beside, Math.max(0, size - 1)).slice(),
    q: wasm.doubles(q, size * size).slice(),
  };
}

/**
 * Solves (scale·T + shift·I)·y = x for many right sides at once, in place, where the matrix is positive definite but for rounding.
 * @param x [size, columns] row-major
 */
export function solveShifted(t: Tridiagonal, scale: number, shift: number, x: Float64Array, columns: number): void {
  const { size, diagonal, beside } = t;
  const pivots = new Float64Array(size);
  const factors = new Float64Array(size);
  const least = Number.MIN_VALUE + 1e-6 * shift;
  for (let i = 0; i < size; i++) {
    const over = i > 0 ? scale * beside[i - 1] : 0;
    if (i > 0) factors[i] = over / pivots[i - 1];
    pivots[i] = Math.max(least, scale * diagonal[i] + shift - factors[i] * over);
    const by = factors[i];
    if (i > 0) for (let c = i * columns; c < (i + 1) * columns; c++) x[c] -= by * x[c - columns];
  }
  for (let i = size - 1; i >= 0; i--) {
    const by = 1 / pivots[i];
    const back = i + 1 < size ? factors[i + 1] : 0;
    if (i + 1 === size) for (let c = i * columns; c < (i + 1) * columns; c++) x[c] *= by;
    else for (let c = i * columns; c < (i + 1) * columns; c++) x[c] = x[c] * by - back * x[c + columns];
  }
}
