/**
 * Half precision (IEEE 754 binary16) as ONNX Runtime takes and gives it in Node: 16-bit patterns in a Uint16Array.
 */

/** Values of all 65,536 patterns, made when first needed. */
let values: Float32Array | undefined;

/** Nearest halves, ties to even; beyond 65,504 infinity, as IEEE 754 rounds. */
export function toHalf(from: Float32Array, to = new Uint16Array(from.length)): Uint16Array {
  const bits = new Uint32Array(from.buffer, from.byteOffset, from.length);
  for (let i = 0; i < bits.length; i++) to[i] = pattern(bits[i]);
  return to;
}

/** Exact: every half is a float. */
export function fromHalf(from: Uint16Array, to = new Float32Array(from.length)): Float32Array {
  values ??= Float32Array.from({ length: 0x10000 }, (_, i) => value(i));
  for (let i = 0; i < from.length; i++) to[i] = values[from[i]];
  return to;
}

/** The half nearest to a float, both as bits. A float has 8 bits of exponent (bias 127) and 23 of fraction, a half 5 (bias 15) and 10. */
function pattern(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // From 65,520 on, half way to the next power of two, everything is infinite.
  if (size >= 0x477ff000) return sign | 0x7c00;
  // From 2⁻¹⁴ on: exponent moved by 112, then 13 bits rounded off.
  if (size >= 0x38800000) return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  // Up to 2⁻²⁵, half of the smallest, everything is zero.
  if (size <= 0x33000000) return sign;
  // Subnormal: a whole number of 2⁻²⁴.
  const fraction = (size & 0x7fffff) | 0x800000;
  const shift = 126 - (size >>> 23);
  const whole = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (whole + (rest > middle || (rest === middle && (whole & 1) === 1) ? 1 : 0));
}

function value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
