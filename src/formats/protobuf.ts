/** Writes the protobuf wire format: just what an ONNX model needs (varints, floats, bytes, nested messages). */
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

function varint(value: bigint): Uint8Array {
  const out: number[] = [];
  do {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    out.push(value > 0n ? low | 0x80 : low);
  } while (value > 0n);
  return Uint8Array.from(out);
}
