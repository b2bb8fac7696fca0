/** Householder's reduction of a symmetric matrix, of `src/probe/tridiagonal.ts`, which says what it is for. */

/**
 * A symmetric matrix becomes tridiagonal. Every step's update and the next one's product share one pass over the lower triangle, two rows at
 * a time.
 * @param a f64 [size, size]: its lower triangle is used up; row k gets reflector k, I − β·v·vᵀ, right of the diagonal
 * @param diagonal f64 [size] @param beside f64 [size] @param betas f64 [size]
 * @param work f64 [4, size], zeros
 */
export function reduce(a: usize, size: i32, diagonal: usize, beside: usize, betas: usize, work: usize): void {
  const line = (<usize>size) << 3;
  let v = work;
  let w = work + line;
  let next = w + line;
  let product = next + line;
  for (let k = 0; k < size; k++) {
    // Column k as the last step leaves it.
    const column = a + ((<usize>k) << 3);
    const vk = at(v, k);
    const wk = at(w, k);
    for (let i = k; i < size; i++) {
      const to = column + (<usize>i) * line;
      store<f64>(to, load<f64>(to) - at(v, i) * wk - at(w, i) * vk);
    }
    put(diagonal, k, load<f64>(column + (<usize>k) * line));
    if (k === size - 1) break;
    const first = load<f64>(column + (<usize>(k + 1)) * line);
    let tail: f64 = 0;
    for (let i = k + 2; i < size; i++) {
      const value = load<f64>(column + (<usize>i) * line);
      put(next, i, value);
      tail += value * value;
    }
    let beta: f64 = 0;
    let along = first;
    put(next, k + 1, 0);
    if (tail > 0) {
      const length = Math.sqrt(first * first + tail);
      along = first > 0 ? -length : length;
      put(next, k + 1, first - along);
      beta = 2 / ((first - along) * (first - along) + tail);
    } else memory.fill(next + ((<usize>(k + 2)) << 3), 0, (<usize>(size - k - 2)) << 3);
    put(beside, k, along);
    put(betas, k, beta);
    memory.fill(product, 0, line);
    pass(a, size, k + 1, v, w, next, product);
    // w = β·A·v − β²/2·(vᵀ·A·v)·v, so that A − v·wᵀ − w·vᵀ is the reflected matrix.
    let vav: f64 = 0;
    for (let i = k + 1; i < size; i++) vav += at(next, i) * at(product, i);
    const back = 0.5 * beta * beta * vav;
    for (let i = k + 1; i < size; i++) put(product, i, beta * at(product, i) - back * at(next, i));
    memory.copy(a + (<usize>k) * line + ((<usize>(k + 1)) << 3), next + ((<usize>(k + 1)) << 3), (<usize>(size - k - 1)) << 3);
    let kept = v;
    v = next;
    next = kept;
    kept = w;
    w = product;
    product = kept;
  }
}

/** Lower triangle from row and column `from` on: A −= v·wᵀ + w·vᵀ, then product += A·next. */
function pass(a: usize, size: i32, from: i32, v: usize, w: usize, next: usize, product: usize): void {
  const line = (<usize>size) << 3;
  let i = from;
  for (; i + 1 < size; i += 2) {
    const row = a + (<usize>i) * line;
    const v0 = at(v, i);
    const w0 = at(w, i);
    const n0 = at(next, i);
    const v1 = at(v, i + 1);
    const w1 = at(w, i + 1);
    const n1 = at(next, i + 1);
    const va = f64x2.splat(v0);
    const wa = f64x2.splat(w0);
    const na = f64x2.splat(n0);
    const vb = f64x2.splat(v1);
    const wb = f64x2.splat(w1);
    const nb = f64x2.splat(n1);
    let sa = f64x2.splat(0);
    let sb = f64x2.splat(0);
    let j = from;
    for (; j + 1 < i; j += 2) {
      const by = (<usize>j) << 3;
      const vj = v128.load(v + by);
      const wj = v128.load(w + by);
      const nj = v128.load(next + by);
      const upper = row + by;
      const lower = upper + line;
      const x = f64x2.sub(f64x2.sub(v128.load(upper), f64x2.mul(va, wj)), f64x2.mul(wa, vj));
      const y = f64x2.sub(f64x2.sub(v128.load(lower), f64x2.mul(vb, wj)), f64x2.mul(wb, vj));
      v128.store(upper, x);
      v128.store(lower, y);
      sa = f64x2.add(sa, f64x2.mul(x, nj));
      sb = f64x2.add(sb, f64x2.mul(y, nj));
      const sum = f64x2.add(f64x2.mul(x, na), f64x2.mul(y, nb));
      v128.store(product + by, f64x2.add(v128.load(product + by), sum));
    }
    let s0 = f64x2.extract_lane(sa, 0) + f64x2.extract_lane(sa, 1);
    let s1 = f64x2.extract_lane(sb, 0) + f64x2.extract_lane(sb, 1);
    for (; j < i; j++) {
      s0 += entry(row, j, v0, w0, n0, v, w, next, product);
      s1 += entry(row + line, j, v1, w1, n1, v, w, next, product);
    }
    s1 += entry(row + line, i, v1, w1, n1, v, w, next, product);
    s0 += corner(row, i, v0, w0, n0);
    s1 += corner(row + line, i + 1, v1, w1, n1);
    put(product, i, at(product, i) + s0);
    put(product, i + 1, at(product, i + 1) + s1);
  }
  if (i < size) {
    const row = a + (<usize>i) * line;
    const vi = at(v, i);
    const wi = at(w, i);
    const ni = at(next, i);
    let sum: f64 = 0;
    for (let j = from; j < i; j++) sum += entry(row, j, vi, wi, ni, v, w, next, product);
    put(product, i, at(product, i) + sum + corner(row, i, vi, wi, ni));
  }
}

/** One number left of the diagonal. @returns its part of its row's product */
// @ts-ignore: decorator
@inline
function entry(
  row: usize,
  j: i32,
  vi: f64,
  wi: f64,
  ni: f64,
  v: usize,
  w: usize,
  next: usize,
  product: usize,
): f64 {
  const value = at(row, j) - vi * at(w, j) - wi * at(v, j);
  put(row, j, value);
  put(product, j, at(product, j) + value * ni);
  return value * at(next, j);
}

/** The one on the diagonal. */
// @ts-ignore: decorator
@inline
function corner(row: usize, i: i32, vi: f64, wi: f64, ni: f64): f64 {
  const value = at(row, i) - 2 * vi * wi;
  put(row, i, value);
  return value * ni;
}

/**
 * The product of reflectors, the last one first, so that what it touches stays small as long as it can. Four are one pass, as I − V·T·Vᵀ (Golub &
 * Van Loan, section 5.1.7): the matrix is read a quarter as often.
 * @param a f64 [size, size] and @param betas f64 [size] as {@link reduce} leaves them
 * @param q f64 [size, size], zeros @param work f64 [8, size]
 */
export function accumulate(a: usize, size: i32, betas: usize, q: usize, work: usize): void {
  const line = (<usize>size) << 3;
  const sums = work + 4 * line;
  for (let i = 0; i < size; i++) store<f64>(q + (<usize>i) * line + ((<usize>i) << 3), 1);
  for (let end = size - 1; end > 0; end -= 4) {
    const first = end > 4 ? end - 4 : 0;
    memory.fill(work, 0, 8 * line);
    for (let m = 0; m < end - first; m++) {
      const by = (<usize>(first + m + 1)) << 3;
      memory.copy(work + (<usize>m) * line + by, a + (<usize>(first + m)) * line + by, line - by);
    }
    gather(q, size, first + 1, work, sums);
    // What the one behind has changed of the sums of those before it: sums become T·Vᵀ·Q, row by row from the last.
    for (let m = end - first - 1; m >= 0; m--) {
      const own = sums + (<usize>m) * line;
      for (let b = m + 1; b < end - first; b++) {
        const shared = dot(work + (<usize>m) * line, work + (<usize>b) * line, size);
        const other = sums + (<usize>b) * line;
        for (let j = 0; j < size; j++) put(own, j, at(own, j) - shared * at(other, j));
      }
      const beta = at(betas, first + m);
      for (let j = 0; j < size; j++) put(own, j, beta * at(own, j));
    }
    subtract(q, size, first + 1, work, sums);
  }
}

/** sums[m] = v[m]ᵀ·Q of four vectors, rows and columns from `from` on. */
function gather(q: usize, size: i32, from: i32, v: usize, sums: usize): void {
  const line = (<usize>size) << 3;
  for (let i = from; i < size; i++) {
    const row = q + (<usize>i) * line;
    const a = at(v, i);
    const b = at(v + line, i);
    const c = at(v + 2 * line, i);
    const d = at(v + 3 * line, i);
    const aa = f64x2.splat(a);
    const bb = f64x2.splat(b);
    const cc = f64x2.splat(c);
    const dd = f64x2.splat(d);
    let j = from;
    for (; j + 1 < size; j += 2) {
      const by = (<usize>j) << 3;
      const x = v128.load(row + by);
      const to = sums + by;
      v128.store(to, f64x2.add(v128.load(to), f64x2.mul(aa, x)));
      v128.store(to + line, f64x2.add(v128.load(to + line), f64x2.mul(bb, x)));
      v128.store(to + 2 * line, f64x2.add(v128.load(to + 2 * line), f64x2.mul(cc, x)));
      v128.store(to + 3 * line, f64x2.add(v128.load(to + 3 * line), f64x2.mul(dd, x)));
    }
    for (; j < size; j++) {
      const x = at(row, j);
      put(sums, j, at(sums, j) + a * x);
      put(sums + line, j, at(sums + line, j) + b * x);
      put(sums + 2 * line, j, at(sums + 2 * line, j) + c * x);
      put(sums + 3 * line, j, at(sums + 3 * line, j) + d * x);
    }
  }
}

/** Q −= Σ v[m]·sums[m] of four, rows and columns from `from` on. */
function subtract(q: usize, size: i32, from: i32, v: usize, sums: usize): void {
  const line = (<usize>size) << 3;
  for (let i = from; i < size; i++) {
    const row = q + (<usize>i) * line;
    const a = at(v, i);
    const b = at(v + line, i);
    const c = at(v + 2 * line, i);
    const d = at(v + 3 * line, i);
    const aa = f64x2.splat(a);
    const bb = f64x2.splat(b);
    const cc = f64x2.splat(c);
    const dd = f64x2.splat(d);
    let j = from;
    for (; j + 1 < size; j += 2) {
      const by = (<usize>j) << 3;
      const here = sums + by;
      const ab = f64x2.add(f64x2.mul(aa, v128.load(here)), f64x2.mul(bb, v128.load(here + line)));
      const cd = f64x2.add(f64x2.mul(cc, v128.load(here + 2 * line)), f64x2.mul(dd, v128.load(here + 3 * line)));
      v128.store(row + by, f64x2.sub(v128.load(row + by), f64x2.add(ab, cd)));
    }
    for (; j < size; j++) {
      const ab = a * at(sums, j) + b * at(sums + line, j);
      put(row, j, at(row, j) - ab - c * at(sums + 2 * line, j) - d * at(sums + 3 * line, j));
    }
  }
}

function dot(a: usize, b: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += at(a, i) * at(b, i);
  return sum;
}

// @ts-ignore: decorator
@inline
function at(x: usize, i: i32): f64 {
  return load<f64>(x + ((<usize>i) << 3));
}

// @ts-ignore: decorator
@inline
function put(x: usize, i: i32, value: f64): void {
  store<f64>(x + ((<usize>i) << 3), value);
}
