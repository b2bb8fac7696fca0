/** Weights are integers: 1 is 2^BITS. */
const BITS: i32 = 14;
const HALF: i32 = 1 << (BITS - 1);

/** RGBA → RGB, both interleaved. */
export function dropAlpha(rgba: usize, rgb: usize, pixels: i32): void {
  const end = rgba + ((<usize>pixels) << 2);
  while (rgba < end) {
    // Four bytes too many are overwritten by the next four pixels; the last ones lie in the room behind the image.
    v128.store(
      rgb,
      i8x16.swizzle(v128.load(rgba), i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -128, -128, -128, -128)),
    );
    rgba += 16;
    rgb += 12;
  }
}

/**
 * Planar [3, stride…] bytes → interleaved RGB. @param plane distance of the planes @param stride distance of their rows
 */
export function interleave(planes: usize, plane: i32, stride: i32, width: i32, height: i32, rgb: usize): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x += 4) {
      const from = planes + y * stride + x;
      const rg = i8x16.shuffle(
        v128.load32_zero(from),
        v128.load32_zero(from + plane),
        0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 0, 0, 0, 0,
      );
      v128.store(
        rgb + (y * width + x) * 3,
        i8x16.shuffle(
          rg,
          v128.load32_zero(from + 2 * plane),
          0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 31, 31, 31, 31,
        ),
      );
    }
  }
}

/** Taps k and k + 1 of one output pixel: three sums, red, green and blue. */
// @ts-ignore: decorator
@inline
function dots(from: usize, weights: usize, count: i32): v128 {
  let sums = i32x4.splat(HALF);
  const pairs = i8x16(0, -128, 3, -128, 1, -128, 4, -128, 2, -128, 5, -128, -128, -128, -128, -128);
  const next = i8x16(6, -128, 9, -128, 7, -128, 10, -128, 8, -128, 11, -128, -128, -128, -128, -128);
  let k = count;
  while (k > 2) {
    const four = v128.load(from);
    sums = i32x4.add(sums, i32x4.dot_i16x8_s(i8x16.swizzle(four, pairs), v128.load32_splat(weights)));
    sums = i32x4.add(sums, i32x4.dot_i16x8_s(i8x16.swizzle(four, next), v128.load32_splat(weights, 4)));
    from += 12;
    weights += 8;
    k -= 4;
  }
  if (k > 0)
    sums = i32x4.add(sums, i32x4.dot_i16x8_s(i8x16.swizzle(v128.load(from), pairs), v128.load32_splat(weights)));
  return i32x4.shr_s(sums, BITS);
}

/**
 * Resamples rows: interleaved RGB → rows of three planes side by side, each `out` bytes wide, rounded and clamped to
 * bytes as PIL does.
 * @param from first byte of the box @param stride bytes of a row of the image @param rows of the box
 * @param offsets i32 [out]: first tap of an output pixel, bytes from the row's start @param weights i16 [out, count]
 * @param count taps, even
 * @param out pixels, a multiple of four
 */
export function horizontal(
  from: usize,
  stride: i32,
  rows: i32,
  offsets: usize,
  weights: usize,
  count: i32,
  to: usize,
  out: i32,
): void {
  const step = count << 1;
  for (let y = 0; y < rows; y++) {
    let w = weights;
    let o = offsets;
    const end = to + out;
    while (to < end) {
      const a = dots(from + load<i32>(o), w, count);
      const b = dots(from + load<i32>(o, 4), w + step, count);
      w += step << 1;
      const c = dots(from + load<i32>(o, 8), w, count);
      const d = dots(from + load<i32>(o, 12), w + step, count);
      w += step << 1;
      o += 16;
      const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
      const planes = i8x16.swizzle(bytes, i8x16(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
      v128.store32_lane(to, planes, 0);
      v128.store32_lane(to + out, planes, 1);
      v128.store32_lane(to + 2 * out, planes, 2);
      to += 4;
    }
    to += 2 * out;
    from += stride;
  }
}

/**
 * Resamples columns of what `horizontal` wrote: planes of bytes [3, rows, width].
 * @param stride bytes of a row of three planes, each stride/3 wide @param firsts i32 [rows]: first row read @param
 * weights i16 [rows, count]
 * @param plane distance of the planes written @param line distance of their rows
 */
export function vertical(
  from: usize,
  stride: i32,
  firsts: usize,
  weights: usize,
  count: i32,
  to: usize,
  plane: i32,
  line: i32,
  width: i32,
  rows: i32,
): void {
  const third = stride / 3;
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < rows; y++) {
      const top = from + c * third + load<i32>(firsts + (y << 2)) * stride;
      const row = to + c * plane + y * line;
      const last = weights + ((y + 1) * count << 1);
      for (let x = 0; x < width; x += 16) {
        let p = top + x;
        let s0 = i32x4.splat(HALF);
        let s1 = s0;
        let s2 = s0;
        let s3 = s0;
        for (let w = weights + (y * count << 1); w < last; w += 4) {
          const both = v128.load32_splat(w);
          const a = v128.load(p);
          p += stride;
          const b = v128.load(p);
          p += stride;
          const low = i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
          const high = i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
          s0 = i32x4.add(s0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), both));
          s1 = i32x4.add(s1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), both));
          s2 = i32x4.add(s2, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), both));
          s3 = i32x4.add(s3, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), both));
        }
        v128.store(
          row + x,
          i8x16.narrow_i16x8_u(
            i16x8.narrow_i32x4_s(i32x4.shr_s(s0, BITS), i32x4.shr_s(s1, BITS)),
            i16x8.narrow_i32x4_s(i32x4.shr_s(s2, BITS), i32x4.shr_s(s3, BITS)),
          ),
        );
      }
    }
  }
}
