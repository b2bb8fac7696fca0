import { ProtoWriter } from '../../formats/protobuf.js';
import type { DType, Shape } from '../../graph/tensor.js';

/** Messages of the ONNX standard (onnx.proto), as far as they are written here. */

/** Element types (TensorProto.DataType). */
export const FLOAT = 1;
const UINT8 = 2;
const INT64 = 7;
const FLOAT16 = 10;
export const BOOL = 9;

/** A number, numbers, or the graph of a branch. */
export type AttrValue = number | string | { float: number } | readonly number[] | ProtoWriter;

/** Axes of k times the open batch have a name in place of a size. */
export const namedShape = (shape: Shape): (number | string)[] =>
  shape.map((n) => (n >= 0 ? n : n === -1 ? 'batch' : `${-n}*batch`));

export function valueInfo(name: string, dtype: DType, shape: readonly (number | string)[]): ProtoWriter {
  const dims = new ProtoWriter();
  for (const n of shape)
    dims.message(1, typeof n === 'string' ? new ProtoWriter().string(2, n) : new ProtoWriter().varint(1, n));
  const type = new ProtoWriter().varint(1, elementType(dtype)).message(2, dims);
  return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, type));
}

export function elementType(dtype: DType): number {
  return dtype === 'i64' ? INT64 : dtype === 'u8' ? UINT8 : FLOAT;
}

export function attribute(name: string, value: AttrValue): ProtoWriter {
  const a = new ProtoWriter().string(1, name);
  if (value instanceof ProtoWriter) return a.message(6, value).varint(20, 5);
  if (typeof value === 'number') return a.varint(3, value).varint(20, 2);
  if (typeof value === 'string') return a.string(4, value).varint(20, 3);
  if ('float' in value) return a.float(2, value.float).varint(20, 1);
  for (const v of value) a.varint(8, v);
  return a.varint(20, 7);
}

/** @param data halves as their bits */
export function tensorProto(name: string, shape: Shape, data: Float32Array | Uint16Array | BigInt64Array): ProtoWriter {
  const t = new ProtoWriter();
  for (const n of shape) t.varint(1, n);
  return t
    .varint(2, data instanceof BigInt64Array ? INT64 : data instanceof Uint16Array ? FLOAT16 : FLOAT)
    .string(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
