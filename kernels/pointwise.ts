/** Luma weights of ITU-R 601, as PIL's grayscale has them. */
const R: f32 = 0.299;
const G: f32 = 0.587;
const B: f32 = 0.114;

/** What a step of `pointwise` does; 32 bytes each: kind i32, then three f32. */
const END: i32 = 0;
/** x ← clamp(keep·x + add + luma·L): brightness, contrast, saturation, grayscale. */
const BLEND: i32 = 1;
/** The hue of HSV is turned by `sixths` of a circle, −3…3. */
const HUE: i32 = 2;
/** x ← 1 − x from one half on. */
const SOLARISE: i32 = 3;
const STEP: usize = 16;

let sumR: f64 = 0;
let sumG: f64 = 0;
let sumB: f64 = 0;

// @ts-ignore: decorator
@inline
function clamp(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(1));
}

/**
 * One channel of HSV → RGB: min + chroma·(a ± |hue − middle|, within 0…1); red has −1 + |hue − 3|, green 2 − |hue − 2|,
 * blue 2 − |hue − 4|.
 */
// @ts-ignore: decorator
@inline
function channel(share: v128, min: v128, chroma: v128): v128 {
  return f32x4.add(min, f32x4.mul(chroma, clamp(share)));
}

// @ts-ignore: decorator
@inline
function away(hue: v128, from: f32): v128 {
  return f32x4.abs(f32x4.sub(hue, f32x4.splat(from)));
}

// @ts-ignore: decorator
@inline
function lumaOf(r: v128, g: v128, b: v128): v128 {
  return f32x4.add(
    f32x4.add(f32x4.mul(r, f32x4.splat(R)), f32x4.mul(g, f32x4.splat(G))),
    f32x4.mul(b, f32x4.splat(B)),
  );
}

/** Hue of HSV, turned, in sixths of a circle, 0…6. */
// @ts-ignore: decorator
@inline
function hueOf(r: v128, g: v128, b: v128, max: v128, chroma: v128, sixths: v128): v128 {
  const isR = f32x4.eq(max, r);
  const isG = f32x4.eq(max, g);
  const over = v128.bitselect(f32x4.sub(g, b), v128.bitselect(f32x4.sub(b, r), f32x4.sub(r, g), isG), isR);
  const base = v128.andnot(v128.bitselect(f32x4.splat(2), f32x4.splat(4), isG), isR);
  // Grey has no hue; any number will do, since it is multiplied by a chroma of zero.
  const turned = f32x4.add(f32x4.add(f32x4.div(over, f32x4.pmax(chroma, f32x4.splat(1e-9))), base), sixths);
  const six = f32x4.splat(6);
  const least = f32x4.add(turned, v128.and(f32x4.lt(turned, f32x4.splat(0)), six));
  return f32x4.sub(least, v128.and(f32x4.ge(least, six), six));
}

// @ts-ignore: decorator
@inline
function solarised(x: v128): v128 {
  return v128.bitselect(f32x4.sub(f32x4.splat(1), x), x, f32x4.ge(x, f32x4.splat(0.5)));
}

// @ts-ignore: decorator
@inline
function bytes(from: usize): v128 {
  return f32x4.mul(
    f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)))),
    f32x4.splat(1.0 / 255.0),
  );
}

// @ts-ignore: decorator
@inline
function total(x: v128): f64 {
  const high = i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  const pairs = f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(high));
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/**
 * Runs steps on every pixel of three planes, bytes or f32, and writes f32 planes: (x − mean)·scale at the end of all
 * steps. `from` may be `to` where both are f32.
 * @param pixels of a plane; what is written is rounded up to a multiple of eight
 * @param plane distance of the planes read, bytes @param out distance of the planes written, bytes
 * @param ends f32 [6]: −mean·scale of the three channels, then scale
 * @param to 0: nothing is written
 * @param sums whether the mean luma after all steps is asked for @returns it, or 0
 */
export function pointwise(
  from: usize,
  isBytes: bool,
  plane: i32,
  to: usize,
  out: i32,
  pixels: i32,
  steps: usize,
  ends: usize,
  sums: bool,
): f64 {
  const shift = isBytes ? 0 : 2;
  sumR = sumG = sumB = 0;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  for (let i = 0; i < pixels; i += 8) {
    const at = from + (i << shift);
    let r: v128, g: v128, b: v128, r2: v128, g2: v128, b2: v128;
    if (isBytes) {
      r = bytes(at);
      g = bytes(at + plane);
      b = bytes(at + 2 * plane);
      r2 = bytes(at + 4);
      g2 = bytes(at + plane + 4);
      b2 = bytes(at + 2 * plane + 4);
    } else {
      r = v128.load(at);
      g = v128.load(at + plane);
      b = v128.load(at + 2 * plane);
      r2 = v128.load(at, 16);
      g2 = v128.load(at + plane, 16);
      b2 = v128.load(at + 2 * plane, 16);
    }
    for (let s = steps, kind = load<i32>(s); kind != END; s += STEP, kind = load<i32>(s)) {
      if (kind == BLEND) {
        const keep = v128.load32_splat(s, 4);
        const add = v128.load32_splat(s, 8);
        const luma = v128.load32_splat(s, 12);
        const rest = f32x4.add(add, f32x4.mul(lumaOf(r, g, b), luma));
        const rest2 = f32x4.add(add, f32x4.mul(lumaOf(r2, g2, b2), luma));
        r = clamp(f32x4.add(f32x4.mul(r, keep), rest));
        g = clamp(f32x4.add(f32x4.mul(g, keep), rest));
        b = clamp(f32x4.add(f32x4.mul(b, keep), rest));
        r2 = clamp(f32x4.add(f32x4.mul(r2, keep), rest2));
        g2 = clamp(f32x4.add(f32x4.mul(g2, keep), rest2));
        b2 = clamp(f32x4.add(f32x4.mul(b2, keep), rest2));
      } else if (kind == HUE) {
        const sixths = v128.load32_splat(s, 4);
        const one = f32x4.splat(1);
        const two = f32x4.splat(2);
        let max = f32x4.pmax(f32x4.pmax(r, g), b);
        let min = f32x4.pmin(f32x4.pmin(r, g), b);
        let chroma = f32x4.sub(max, min);
        let hue = hueOf(r, g, b, max, chroma, sixths);
        r = channel(f32x4.sub(away(hue, 3), one), min, chroma);
        g = channel(f32x4.sub(two, away(hue, 2)), min, chroma);
        b = channel(f32x4.sub(two, away(hue, 4)), min, chroma);
        max = f32x4.pmax(f32x4.pmax(r2, g2), b2);
        min = f32x4.pmin(f32x4.pmin(r2, g2), b2);
        chroma = f32x4.sub(max, min);
        hue = hueOf(r2, g2, b2, max, chroma, sixths);
        r2 = channel(f32x4.sub(away(hue, 3), one), min, chroma);
        g2 = channel(f32x4.sub(two, away(hue, 2)), min, chroma);
        b2 = channel(f32x4.sub(two, away(hue, 4)), min, chroma);
      } else {
        r = solarised(r);
        g = solarised(g);
        b = solarised(b);
        r2 = solarised(r2);
        g2 = solarised(g2);
        b2 = solarised(b2);
      }
    }
    if (sums) {
      if (i + 8 > pixels) {
        const left = i32x4.splat(pixels - i);
        const inside = i32x4.lt_s(i32x4(0, 1, 2, 3), left);
        const inside2 = i32x4.lt_s(i32x4(4, 5, 6, 7), left);
        s0 = f32x4.add(s0, f32x4.add(v128.and(r, inside), v128.and(r2, inside2)));
        s1 = f32x4.add(s1, f32x4.add(v128.and(g, inside), v128.and(g2, inside2)));
        s2 = f32x4.add(s2, f32x4.add(v128.and(b, inside), v128.and(b2, inside2)));
      } else {
        s0 = f32x4.add(s0, f32x4.add(r, r2));
        s1 = f32x4.add(s1, f32x4.add(g, g2));
        s2 = f32x4.add(s2, f32x4.add(b, b2));
      }
      // Long sums in 32 bits would lose digits.
      if ((i & 255) == 248) {
        sumR += total(s0);
        sumG += total(s1);
        sumB += total(s2);
        s0 = s1 = s2 = f32x4.splat(0);
      }
    }
    if (to == 0) continue;
    const target = to + (i << 2);
    const scaleR = v128.load32_splat(ends, 12);
    const scaleG = v128.load32_splat(ends, 16);
    const scaleB = v128.load32_splat(ends, 20);
    const addR = v128.load32_splat(ends);
    const addG = v128.load32_splat(ends, 4);
    const addB = v128.load32_splat(ends, 8);
    v128.store(target, f32x4.add(f32x4.mul(r, scaleR), addR));
    v128.store(target, f32x4.add(f32x4.mul(r2, scaleR), addR), 16);
    v128.store(target + out, f32x4.add(f32x4.mul(g, scaleG), addG));
    v128.store(target + out, f32x4.add(f32x4.mul(g2, scaleG), addG), 16);
    v128.store(target + 2 * out, f32x4.add(f32x4.mul(b, scaleB), addB));
    v128.store(target + 2 * out, f32x4.add(f32x4.mul(b2, scaleB), addB), 16);
  }
  if (!sums) return 0;
  sumR += total(s0);
  sumG += total(s1);
  sumB += total(s2);
  return (<f64>R * sumR + <f64>G * sumG + <f64>B * sumB) / <f64>pixels;
}
