import { DamagedFile } from './damaged.js';
import { fromHalf } from './half.js';
import type { SafeTensor } from './safetensors.js';

/** Types whose numbers can be had as float32. */
const WIDENED = ['F32', 'F16', 'BF16', 'F64'];

export const isFloat = (dtype: string): boolean => WIDENED.includes(dtype);

/** A tensor's numbers as float32: halves exactly, doubles rounded; undefined for other types. */
export function floatsOf({ dtype, data }: SafeTensor): Float32Array | undefined {
  if (dtype === 'F32') return data as Float32Array;
  if (dtype === 'F16') return fromHalf(data as Uint16Array);
  if (dtype === 'F64') return Float32Array.from(data as Float64Array);
  if (dtype !== 'BF16') return undefined;
  // The upper half of a float's bits.
  return new Float32Array(Uint32Array.from(data as Uint16Array, (bits) => bits << 16).buffer);
}

/** @throws DamagedFile naming the tensor and the first number in it that is NaN or infinite */
export function refuseNotFinite(file: string, name: string, x: Float32Array): void {
  for (let i = 0; i < x.length; i++)
    if (!Number.isFinite(x[i])) throw new DamagedFile(`${file}: ${name} holds ${x[i]} (number ${i} of ${x.length})`);
}
