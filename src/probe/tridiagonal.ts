import { dot } from './lbfgs.js';

/** Reflectors that are one pass. */
const FOUR = 4;

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
 * Householder's reduction (Golub & Van Loan, algorithm 8.3.1): 4/3·size³ operations for T and as many for Q. Every step's update and the next one's
 * product share one pass over the lower triangle.
 * @param a [size, size] symmetric, row-major; its lower triangle is used up
 */
export function tridiagonal(a: Float64Array, size: number): Tridiagonal {
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(Math.max(0, size - 1));
  const reflectors: { v: Float64Array; beta: number }[] = [];
  let v = new Float64Array(size);
  let w = new Float64Array(size);
  let next = new Float64Array(size);
  let product = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    // Column k as the last step leaves it.
    for (let i = k; i < size; i++) a[i * size + k] -= v[i] * w[k] + w[i] * v[k];
    diagonal[k] = a[k * size + k];
    if (k === size - 1) break;
    next.fill(0);
    let tail = 0;
    for (let i = k + 2; i < size; i++) tail += a[i * size + k] ** 2;
    const first = a[(k + 1) * size + k];
    let beta = 0;
    beside[k] = first;
    if (tail > 0) {
      const length = Math.sqrt(first * first + tail);
      beside[k] = first > 0 ? -length : length;
      for (let i = k + 2; i < size; i++) next[i] = a[i * size + k];
      next[k + 1] = first - beside[k];
      beta = 2 / (next[k + 1] ** 2 + tail);
    }
    reflectors.push({ v: next.slice(), beta });
    product.fill(0);
    for (let i = k + 1; i < size; i++) {
      const row = a.subarray(i * size, i * size + i + 1);
      const [vi, wi, ni] = [v[i], w[i], next[i]];
      let sum = 0;
      for (let j = k + 1; j < i; j++) {
        const value = row[j] - vi * w[j] - wi * v[j];
        row[j] = value;
        sum += value * next[j];
        product[j] += value * ni;
      }
      row[i] -= 2 * vi * wi;
      product[i] += sum + row[i] * ni;
    }
    // w = β·A·v − β²/2·(vᵀ·A·v)·v, so that A − v·wᵀ − w·vᵀ is the reflected matrix.
    let vav = 0;
    for (let i = k + 1; i < size; i++) vav += next[i] * product[i];
    const back = 0.5 * beta * beta * vav;
    for (let i = 0; i < size; i++) product[i] = beta * product[i] - back * next[i];
    [v, next] = [next, v];
    [w, product] = [product, w];
  }
  return { size, diagonal, beside, q: accumulated(reflectors, size) };
}

/**
 * The product of reflectors I − β·v·vᵀ, the last one first, so that what it touches stays small as long as it can. Four of them are one pass, as
 * I − V·T·Vᵀ (Golub & Van Loan, section 5.1.7): the matrix is read a quarter as often.
 */
function accumulated(reflectors: readonly { v: Float64Array; beta: number }[], size: number): Float64Array {
  const q = new Float64Array(size * size);
  for (let i = 0; i < size; i++) q[i * size + i] = 1;
  const sums = Array.from({ length: FOUR }, () => new Float64Array(size));
  const none = { v: new Float64Array(size), beta: 0 };
  for (let end = reflectors.length; end > 0; end -= FOUR) {
    const first = Math.max(0, end - FOUR);
    const four = Array.from({ length: FOUR }, (_, i) => (first + i < end ? reflectors[first + i] : none));
    const [a, b, c, d] = four.map((r) => r.v);
    const [sa, sb, sc, sd] = sums;
    for (const s of sums) s.fill(0);
    for (let i = first + 1; i < size; i++) {
      const row = q.subarray(i * size, (i + 1) * size);
      const [ai, bi, ci, di] = [a[i], b[i], c[i], d[i]];
      for (let j = first + 1; j < size; j++) {
        const value = row[j];
        sa[j] += ai * value;
        sb[j] += bi * value;
        sc[j] += ci * value;
        sd[j] += di * value;
      }
    }
    // What the one behind has changed of the sums of those before it: sums become T·Vᵀ·Q, row by row from the last.
    for (let k = FOUR - 1; k >= 0; k--) {
      for (let m = k + 1; m < FOUR; m++) {
        const shared = dot(four[k].v, four[m].v);
        for (let j = 0; j < size; j++) sums[k][j] -= shared * sums[m][j];
      }
      for (let j = 0; j < size; j++) sums[k][j] *= four[k].beta;
    }
    for (let i = first + 1; i < size; i++) {
      const row = q.subarray(i * size, (i + 1) * size);
      const [ai, bi, ci, di] = [a[i], b[i], c[i], d[i]];
      for (let j = first + 1; j < size; j++) row[j] -= ai * sa[j] + bi * sb[j] + ci * sc[j] + di * sd[j];
    }
  }
  return q;
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
