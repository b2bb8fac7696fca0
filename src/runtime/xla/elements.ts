import type { ElementType, ValueType } from './program.js';

/** What may be fed: numbers in the array type of the element type, or one that is converted (`toElements`). */
export type Data = Float32Array | Uint8Array | Uint16Array | Int32Array | BigInt64Array;

/** Number of elements of a shape. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Data as a program's element type has it, in memory that is not written to any more; itself where nothing is to be
 * converted.
 * @param data of `f32` Float32Array; of `bf16` Float32Array, which is rounded to nearest even, or the patterns as
 * Uint16Array; of `u8` Uint8Array; of `i32` and `i64` Int32Array or BigInt64Array
 * @throws Error for another kind or length of array, and for a whole number that an i32 does not hold
 */
export function toElements(data: Data, { shape, dtype }: ValueType, name: string): Data {
  const count = elementCount(shape);
  if (data.length !== count)
    throw new Error(`internal: ${name} has ${data.length} elements, [${shape}] needs ${count}`);
  if (dtype === 'f32' && data instanceof Float32Array) return data;
  if (dtype === 'u8' && data instanceof Uint8Array) return data;
  if (dtype === 'bf16' && data instanceof Uint16Array) return data;
  if (dtype === 'bf16' && data instanceof Float32Array) return toBfloat16(data);
  if (dtype === 'i64' && data instanceof BigInt64Array) return data;
  if (dtype === 'i64' && data instanceof Int32Array) return BigInt64Array.from(data, BigInt);
  if (dtype === 'i32' && data instanceof Int32Array) return data;
  if (dtype === 'i32' && data instanceof BigInt64Array) {
    const small = Int32Array.from(data, Number);
    if (small.some((v, i) => BigInt(v) !== data[i])) throw new Error(`internal: ${name} has numbers beyond 32 bits`);
    return small;
  }
  throw new Error(`internal: ${name} is ${dtype}, and was given as ${data.constructor.name}`);
}

/** New memory for elements, all zero. */
export function zeros(dtype: ElementType, count: number): Data {
  switch (dtype) {
    case 'f32':
      return new Float32Array(count);
    case 'bf16':
      return new Uint16Array(count);
    case 'u8':
      return new Uint8Array(count);
    case 'i32':
      return new Int32Array(count);
    case 'i64':
      return new BigInt64Array(count);
  }
}

/** Elements of any type as floats; itself where they are. */
export function toFloats(data: Data, dtype: ElementType): Float32Array {
  if (data instanceof Float32Array) return data;
  if (dtype === 'bf16') return fromBfloat16(data as Uint16Array);
  return data instanceof BigInt64Array ? Float32Array.from(data, Number) : Float32Array.from(data);
}

/** Nearest bfloat16 patterns, ties to even; what is no number stays none. */
export function toBfloat16(from: Float32Array): Uint16Array {
  const bits = new Uint32Array(from.buffer, from.byteOffset, from.length);
  const to = new Uint16Array(from.length);
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i];
    to[i] = (b & 0x7fffffff) > 0x7f800000 ? (b >>> 16) | 0x40 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
  return to;
}

/** Exact: every bfloat16 is the upper half of a float. */
export function fromBfloat16(from: Uint16Array): Float32Array {
  const to = new Uint32Array(from.length);
  for (let i = 0; i < from.length; i++) to[i] = from[i] << 16;
  return new Float32Array(to.buffer);
}

/**
 * Shape of the part that each of `devices` devices has of a value.
 * @throws Error where the axis cannot be split evenly
 */
export function partShape({ shape, split }: ValueType, devices: number, name: string): readonly number[] {
  if (split === undefined) return shape;
  if (shape[split] === undefined || shape[split] % devices !== 0)
    throw new Error(`internal: axis ${split} of ${name} [${shape}] cannot be split over ${devices} devices`);
  return shape.map((n, i) => (i === split ? n / devices : n));
}

/** How a split value lies in memory: `outer` runs, of which each device has `run` elements. */
function runs(shape: readonly number[], split: number, devices: number): { outer: number; run: number } {
  const outer = elementCount(shape.slice(0, split));
  return { outer, run: elementCount(shape.slice(split)) / devices };
}

/** Cuts a value into the parts of the devices; views where the axis is the major one. */
export function cut(data: Data, { shape, dtype, split }: ValueType, devices: number): Data[] {
  if (split === undefined) return Array.from({ length: devices }, () => data);
  const { outer, run } = runs(shape, split, devices);
  return Array.from({ length: devices }, (_, d) => {
    if (outer === 1) return data.subarray(d * run, (d + 1) * run);
    const part = zeros(dtype, outer * run);
    for (let o = 0; o < outer; o++) {
      const from = (o * devices + d) * run;
      part.set(data.subarray(from, from + run) as never, o * run);
    }
    return part;
  });
}

/** Puts the parts of the devices together again. */
export function join(parts: readonly Data[], { shape, dtype, split }: ValueType): Data {
  if (split === undefined || parts.length === 1) return parts[0];
  const { outer, run } = runs(shape, split, parts.length);
  const whole = zeros(dtype, elementCount(shape));
  parts.forEach((part, d) => {
    for (let o = 0; o < outer; o++)
      whole.set(part.subarray(o * run, (o + 1) * run) as never, (o * parts.length + d) * run);
  });
  return whole;
}
