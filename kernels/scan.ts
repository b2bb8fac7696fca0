/**
 * The scan of `src/search`, compiled by `scripts/kernels.js` to search/scan.wasm: integer dot products of codes (rows of
 * signed bytes) with queries (16-bit integers), and which of them may count. Everything is an address in the imported
 * memory, which `src/search/shard.ts` lays out. Rows and queries are `stride` long, a multiple of 32, padded with zeros.
 * Queries are so scaled that no sum of products leaves 32 bits.
 */

// @ts-ignore: decorator
@inline
function total(x: v128): i32 {
  const pairs = i32x4.add(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/** 32 codes times 32 numbers of the query. */
// @ts-ignore: decorator
@inline
function products(row: usize, query: usize): v128 {
  const a = i32x4.dot_i16x8_s(v128.load8x8_s(row), v128.load(query));
  const b = i32x4.dot_i16x8_s(v128.load8x8_s(row, 8), v128.load(query, 16));
  const c = i32x4.dot_i16x8_s(v128.load8x8_s(row, 16), v128.load(query, 32));
  const d = i32x4.dot_i16x8_s(v128.load8x8_s(row, 24), v128.load(query, 48));
  return i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
}

/**
 * Rows whose score may reach `least`: unit · scale · (codes · query) + norm · residual ≥ least.
 * @param scales f32 [rows] @param residuals f32 [rows] @param query i16 [stride]
 * @param out gets 24 bytes for each: the estimate f64, its reach f64, the row i32; room for all rows
 * @returns how many
 */
export function scan(
  codes: usize,
  stride: i32,
  scales: usize,
  residuals: usize,
  rows: i32,
  query: usize,
  unit: f64,
  norm: f64,
  least: f64,
  out: usize,
): i32 {
  const end = query + ((<usize>stride) << 1);
  const first = out;
  for (let i = 0; i < rows; i++) {
    let sum = i32x4.splat(0);
    for (let q = query; q < end; q += 64) {
      sum = i32x4.add(sum, products(codes, q));
      codes += 32;
    }
    const estimate = unit * <f64>load<f32>(scales + ((<usize>i) << 2)) * <f64>total(sum);
    const reach = norm * <f64>load<f32>(residuals + ((<usize>i) << 2));
    if (estimate + reach >= least) {
      store<f64>(out, estimate);
      store<f64>(out, reach, 8);
      store<i32>(out, i, 16);
      out += 24;
    }
  }
  return <i32>((out - first) / 24);
}

/**
 * Of four queries at once, all pairs of a row and a query that may reach the query's `least`.
 * @param queries i16 [4, stride] @param terms f64 [4, 3]: unit, norm and least of each
 * @param out gets 8 bytes for each: row i32, query i32; room for 4 · rows
 * @returns how many
 */
export function pairs(
  codes: usize,
  stride: i32,
  scales: usize,
  residuals: usize,
  rows: i32,
  queries: usize,
  terms: usize,
  out: usize,
): i32 {
  const bytes = (<usize>stride) << 1;
  const end = queries + bytes;
  const first = out;
  for (let i = 0; i < rows; i++) {
    let a = i32x4.splat(0);
    let b = i32x4.splat(0);
    let c = i32x4.splat(0);
    let d = i32x4.splat(0);
    for (let q = queries; q < end; q += 16) {
      const row = v128.load8x8_s(codes);
      const second = q + bytes;
      const third = second + bytes;
      a = i32x4.add(a, i32x4.dot_i16x8_s(row, v128.load(q)));
      b = i32x4.add(b, i32x4.dot_i16x8_s(row, v128.load(second)));
      c = i32x4.add(c, i32x4.dot_i16x8_s(row, v128.load(third)));
      d = i32x4.add(d, i32x4.dot_i16x8_s(row, v128.load(third + bytes)));
      codes += 8;
    }
    const scale = <f64>load<f32>(scales + ((<usize>i) << 2));
    const residual = <f64>load<f32>(residuals + ((<usize>i) << 2));
    out = kept(out, terms, scale, residual, total(a), i, 0);
    out = kept(out, terms + 24, scale, residual, total(b), i, 1);
    out = kept(out, terms + 48, scale, residual, total(c), i, 2);
    out = kept(out, terms + 72, scale, residual, total(d), i, 3);
  }
  return <i32>((out - first) >> 3);
}

// @ts-ignore: decorator
@inline
function kept(out: usize, terms: usize, scale: f64, residual: f64, dot: i32, row: i32, query: i32): usize {
  const most = load<f64>(terms) * scale * <f64>dot + load<f64>(terms, 8) * residual;
  if (most < load<f64>(terms, 16)) return out;
  store<i32>(out, row);
  store<i32>(out, query, 4);
  return out + 8;
}
