/**
 * Symmetric convolution of the rows of a plane, edges repeated. f32 [rows, width] → the same, not in place. Several
 * vectors at a time: what is written too much of a row is overwritten by the next one, and lies behind the plane after
 * the last.
 * @param line room for width + 2·radius + 8 numbers @param weights f32 [radius + 1], the middle one first
 */
export function blurRows(
  from: usize,
  to: usize,
  width: i32,
  rows: i32,
  weights: usize,
  radius: i32,
  line: usize,
): void {
  const reach = <usize>radius << 2;
  const start = line + reach;
  const bytes = <usize>width << 2;
  for (let y = 0; y < rows; y++) {
    memory.copy(start, from, bytes);
    const first = load<f32>(from);
    const last = load<f32>(from + bytes - 4);
    for (let k: usize = 0; k < reach; k += 4) {
      store<f32>(line + k, first);
      store<f32>(start + bytes + k, last);
    }
    for (let x: usize = 0; x < bytes; x += 32) {
      const at = start + x;
      const middle = v128.load32_splat(weights);
      let a = f32x4.mul(v128.load(at), middle);
      let b = f32x4.mul(v128.load(at, 16), middle);
      for (let k: usize = 4; k <= reach; k += 4) {
        const w = v128.load32_splat(weights + k);
        const left = at - k;
        const right = at + k;
        a = f32x4.add(a, f32x4.mul(f32x4.add(v128.load(left), v128.load(right)), w));
        b = f32x4.add(b, f32x4.mul(f32x4.add(v128.load(left, 16), v128.load(right, 16)), w));
      }
      v128.store(to + x, a);
      v128.store(to + x, b, 16);
    }
    from += bytes;
    to += bytes;
  }
}

// @ts-ignore: decorator
@inline
function ended(x: v128, solarise: bool, scale: f32, offset: f32): v128 {
  const value = solarise
    ? v128.bitselect(f32x4.sub(f32x4.splat(1), x), x, f32x4.ge(x, f32x4.splat(0.5)))
    : x;
  return f32x4.add(f32x4.mul(value, f32x4.splat(scale)), f32x4.splat(offset));
}

/** The same of the columns; then what is at least one half becomes 1 − x if asked, and x ← x·scale + offset. */
export function blurColumns(
  from: usize,
  to: usize,
  width: i32,
  rows: i32,
  weights: usize,
  radius: i32,
  solarise: bool,
  scale: f32,
  offset: f32,
): void {
  const bytes = <usize>width << 2;
  const bottom = rows - 1;
  for (let y = 0; y < rows; y++) {
    const row = from + <usize>y * bytes;
    for (let x: usize = 0; x < bytes; x += 64) {
      const middle = v128.load32_splat(weights);
      let a = f32x4.mul(v128.load(row + x), middle);
      let b = f32x4.mul(v128.load(row + x, 16), middle);
      let c = f32x4.mul(v128.load(row + x, 32), middle);
      let d = f32x4.mul(v128.load(row + x, 48), middle);
      for (let k = 1; k <= radius; k++) {
        const above = from + <usize>max(y - k, 0) * bytes + x;
        const below = from + <usize>min(y + k, bottom) * bytes + x;
        const w = v128.load32_splat(weights + (k << 2));
        a = f32x4.add(a, f32x4.mul(f32x4.add(v128.load(above), v128.load(below)), w));
        b = f32x4.add(b, f32x4.mul(f32x4.add(v128.load(above, 16), v128.load(below, 16)), w));
        c = f32x4.add(c, f32x4.mul(f32x4.add(v128.load(above, 32), v128.load(below, 32)), w));
        d = f32x4.add(d, f32x4.mul(f32x4.add(v128.load(above, 48), v128.load(below, 48)), w));
      }
      v128.store(to + x, ended(a, solarise, scale, offset));
      v128.store(to + x, ended(b, solarise, scale, offset), 16);
      v128.store(to + x, ended(c, solarise, scale, offset), 32);
      v128.store(to + x, ended(d, solarise, scale, offset), 48);
    }
    to += bytes;
  }
}
