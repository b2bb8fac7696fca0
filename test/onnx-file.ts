import { ProtoWriter } from '../src/formats/protobuf.js';

/** Element types of the ONNX standard (TensorProto.DataType). */
export const TYPES = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const;
export type ElementType = keyof typeof TYPES;

/** How a value of a graph looks from outside: another name, element type and shape ([] for a scalar of a [1] inside). */
export interface Face {
  inner: string;
  name: string;
  type: ElementType;
  dims: readonly (number | string)[];
}

/**
 * Rewrites a model of `toOnnx` as other exporters would have written it: inputs and outputs under other names, types and shapes (cast at
 * the border), weights in a file of their own.
 * @param innerTypes types that the graph itself has, by inner name; default float32
 */
export function disguise(
  model: Uint8Array,
  inputs: readonly Face[],
  outputs: readonly Face[],
  innerTypes: Readonly<Record<string, ElementType>> = {},
  dataFile?: string,
): { model: Uint8Array; data: Uint8Array } {
  const data: Uint8Array[] = [];
  const out = new ProtoWriter();
  for (const f of fields(model)) {
    if (f.field !== 7) copy(out, f);
    else out.message(7, graph(f.bytes!, inputs, outputs, innerTypes, dataFile, data));
  }
  return { model: out.finish(), data: Buffer.concat(data) };
}

function graph(
  bytes: Uint8Array,
  inputs: readonly Face[],
  outputs: readonly Face[],
  innerTypes: Readonly<Record<string, ElementType>>,
  dataFile: string | undefined,
  data: Uint8Array[],
): ProtoWriter {
  const g = new ProtoWriter();
  const typeOf = (face: Face) => innerTypes[face.inner] ?? 'float32';
  // Everything is at least one value inside.
  g.message(5, new ProtoWriter().varint(1, 1).varint(2, TYPES.int64).string(8, 'border:one').bytes(9, int64(-1)));
  for (const f of inputs) {
    const scalar = f.dims.length === 0;
    g.message(1, cast(f.name, scalar ? `border:${f.name}` : f.inner, typeOf(f)));
    if (scalar) g.message(1, node('Reshape', [`border:${f.name}`, 'border:one'], f.inner));
  }
  let offset = 0;
  for (const f of fields(bytes)) {
    if (f.field === 11 || f.field === 12) continue;
    if (f.field !== 5 || !dataFile) {
      copy(g, f);
      continue;
    }
    const raw = fields(f.bytes!).find((t) => t.field === 9)?.bytes;
    if (!raw || raw.length < 128) {
      copy(g, f);
      continue;
    }
    const t = new ProtoWriter();
    for (const part of fields(f.bytes!)) if (part.field !== 9) copy(t, part);
    for (const [key, value] of [
      ['location', dataFile],
      ['offset', String(offset)],
      ['length', String(raw.length)],
    ])
      t.message(13, new ProtoWriter().string(1, key).string(2, value));
    g.message(5, t.varint(14, 1));
    data.push(raw);
    offset += raw.length;
  }
  for (const f of outputs) g.message(1, cast(f.inner, f.name, f.type));
  for (const f of inputs) g.message(11, valueInfo(f));
  for (const f of outputs) g.message(12, valueInfo(f));
  return g;
}

function node(type: string, inputs: readonly string[], output: string): ProtoWriter {
  const n = new ProtoWriter();
  for (const i of inputs) n.string(1, i);
  return n.string(2, output).string(4, type);
}

function cast(from: string, to: string, type: ElementType): ProtoWriter {
  return node('Cast', [from], to).message(5, new ProtoWriter().string(1, 'to').varint(3, TYPES[type]).varint(20, 2));
}

function valueInfo({ name, type, dims }: Face): ProtoWriter {
  const shape = new ProtoWriter();
  for (const d of dims)
    shape.message(1, typeof d === 'number' ? new ProtoWriter().varint(1, d) : new ProtoWriter().string(2, d));
  const tensor = new ProtoWriter().varint(1, TYPES[type]).message(2, shape);
  return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, tensor));
}

function int64(value: number): Uint8Array {
  return new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
}

interface Field {
  field: number;
  wire: number;
  bytes?: Uint8Array;
  value?: bigint;
}

/** The fields of a protobuf message, in order. */
function fields(message: Uint8Array): Field[] {
  const out: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    const [field, wire] = [tag >> 3, tag & 7];
    if (wire === 0) out.push({ field, wire, value: varint() });
    else {
      const length = wire === 2 ? Number(varint()) : 4;
      out.push({ field, wire, bytes: message.subarray(at, at + length) });
      at += length;
    }
  }
  return out;
}

function copy(to: ProtoWriter, f: Field): void {
  if (f.wire === 0) to.varint(f.field, f.value!);
  else if (f.wire === 2) to.bytes(f.field, f.bytes!);
  else to.float(f.field, new DataView(f.bytes!.buffer, f.bytes!.byteOffset).getFloat32(0, true));
}
