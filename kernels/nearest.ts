/** What `src/probe/knn.ts` does beside its matrix products. */

/**
 * 1 / length of every row; 0 where that is 0.
 * @param x f32 [rows, dim] @param out f32 [rows]
 */
export function inverseNorms(x: usize, dim: i32, rows: i32, out: usize): void {
  const whole = dim & ~3;
  for (let r = 0; r < rows; r++) {
    let even = f64x2.splat(0);
    let odd = f64x2.splat(0);
    for (let j = 0; j < whole; j += 4) {
      const v = v128.load(x);
      const low = f64x2.promote_low_f32x4(v);
      const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
      even = f64x2.add(even, f64x2.mul(low, low));
      odd = f64x2.add(odd, f64x2.mul(high, high));
      x += 16;
    }
    const both = f64x2.add(even, odd);
    let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
    for (let j = whole; j < dim; j++) {
      const v = <f64>load<f32>(x);
      sum += v * v;
      x += 4;
    }
    // Lengths below the smallest that have an inverse in 32 bits count as that one.
    const inverse = sum > 0 ? <f32>Math.min(1 / Math.sqrt(sum), f32.MAX_VALUE) : <f32>0;
    store<f32>(out + ((<usize>r) << 2), inverse);
  }
}

/**
 * Merges rows of products, each times its column's factor, into the sorted k largest so far of every row.
 * @param s f32 [rows, stride] products, of which the first `count` columns count
 * @param factors f32 [count] @param base number of the first column
 * @param index i32 [rows, k] @param value f32 [rows, k], largest first; of equals the one that came first
 */
export function keepLargest(
  s: usize,
  rows: i32,
  stride: i32,
  count: i32,
  factors: usize,
  base: i32,
  index: usize,
  value: usize,
  k: i32,
): void {
  const whole = count & ~7;
  for (let r = 0; r < rows; r++) {
    const row = s + (<usize>r) * ((<usize>stride) << 2);
    let least = load<f32>(value + (((<usize>k) - 1) << 2));
    let leasts = f32x4.splat(least);
    for (let j = 0; j < whole; j += 8) {
      const at = (<usize>j) << 2;
      const a = f32x4.mul(v128.load(row + at), v128.load(factors + at));
      const b = f32x4.mul(v128.load(row + at, 16), v128.load(factors + at, 16));
      if (v128.any_true(v128.or(f32x4.gt(a, leasts), f32x4.gt(b, leasts)))) {
        least = merge(row, factors, j, j + 8, base, index, value, k, least);
        leasts = f32x4.splat(least);
      }
    }
    merge(row, factors, whole, count, base, index, value, k, least);
    index += (<usize>k) << 2;
    value += (<usize>k) << 2;
  }
}

function merge(
  row: usize,
  factors: usize,
  from: i32,
  to: i32,
  base: i32,
  index: usize,
  value: usize,
  k: i32,
  least: f32,
): f32 {
  const last = ((<usize>k) - 1) << 2;
  for (let j = from; j < to; j++) {
    const at = (<usize>j) << 2;
    const v = load<f32>(row + at) * load<f32>(factors + at);
    if (!(v > least)) continue;
    let p = last;
    while (p > 0 && load<f32>(value + p - 4) < v) {
      store<f32>(value + p, load<f32>(value + p - 4));
      store<i32>(index + p, load<i32>(index + p - 4));
      p -= 4;
    }
    store<f32>(value + p, v);
    store<i32>(index + p, base + j);
    least = load<f32>(value + last);
  }
  return least;
}
