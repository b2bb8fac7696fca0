/** Writes the protobuf wire format (varints, floats, bytes, nested messages): ONNX models and options of XLA are made of it. */
export class ProtoWriter {
  private readonly parts: Uint8Array[] = [];

  varint(field: number, value: number | bigint): this {
    this.parts.push(varint(BigInt(field << 3)), varint(BigInt.asUintN(64, BigInt(value))));
    return this;
  }

  float(field: number, value: number): this {
    this.parts.push(varint(BigInt((field << 3) | 5)), new Uint8Array(new Float32Array([value]).buffer));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.parts.push(varint(BigInt((field << 3) | 2)), varint(BigInt(value.byteLength)), value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, value: ProtoWriter): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    return this.parts.length === 1 ? this.parts[0] : Buffer.concat(this.parts);
  }
}

/** A number of the wire format: seven bits a byte, the lowest first. */
export function varint(value: bigint): Uint8Array {
  const out: number[] = [];
  do {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    out.push(value > 0n ? low | 0x80 : low);
  } while (value > 0n);
  return Uint8Array.from(out);
}

/** One field of a message: a number (varint or fixed), or the bytes of a string, a message or packed numbers. */
export interface ProtoField {
  field: number;
  value: bigint | Uint8Array;
}

/** Reads a message of the wire format, field by field. @throws Error where it is none, or cut off */
export function* readProto(bytes: Uint8Array): Generator<ProtoField> {
  const cursor = { at: 0 };
  while (cursor.at < bytes.length) {
    const key = readVarint(bytes, cursor);
    const field = Number(key >> 3n);
    switch (Number(key & 7n)) {
      case 0:
        yield { field, value: readVarint(bytes, cursor) };
        break;
      case 1:
        yield { field, value: fixed(bytes, cursor, 8) };
        break;
      case 2: {
        const length = Number(readVarint(bytes, cursor));
        yield { field, value: take(bytes, cursor, length) };
        break;
      }
      case 5:
        yield { field, value: fixed(bytes, cursor, 4) };
        break;
      default:
        throw new Error('not a protobuf message');
    }
  }
}

/** Numbers one after the other, as repeated fields of them are packed. */
export function* readVarints(bytes: Uint8Array): Generator<bigint> {
  const cursor = { at: 0 };
  while (cursor.at < bytes.length) yield readVarint(bytes, cursor);
}

function readVarint(bytes: Uint8Array, cursor: { at: number }): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    if (cursor.at >= bytes.length) break;
    const byte = bytes[cursor.at++];
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw new Error('a protobuf number is cut off');
}

function take(bytes: Uint8Array, cursor: { at: number }, length: number): Uint8Array {
  const end = cursor.at + length;
  if (end > bytes.length) throw new Error('a protobuf message is cut off');
  const part = bytes.subarray(cursor.at, end);
  cursor.at = end;
  return part;
}

function fixed(bytes: Uint8Array, cursor: { at: number }, length: number): bigint {
  return take(bytes, cursor, length).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
