import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.js';

/** The safetensors format: u64 header length, JSON header, raw little-endian tensors (https://github.com/huggingface/safetensors). */

export type SafeDType = 'F32' | 'F64' | 'F16' | 'BF16' | 'I64' | 'I32' | 'BOOL' | 'U8';
export type SafeData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array;

export interface SafeTensor {
  dtype: SafeDType;
  shape: number[];
  /** Row-major; F16 and BF16 as their bits, BOOL as 0 and 1. */
  data: SafeData;
}

export interface SafeHeader {
  metadata: Record<string, string>;
  tensors: Map<string, { dtype: SafeDType; shape: number[]; start: number; end: number }>;
}

const views = {
  F32: Float32Array,
  F64: Float64Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  BOOL: Uint8Array,
  U8: Uint8Array,
} as const;

/** Reads a file's header alone. @throws UserError naming the file and the tensor that is wrong */
export async function readSafetensorsHeader(file: string): Promise<SafeHeader> {
  const bad = (what: string) => new UserError(`${file}: not a valid safetensors file: ${what}`);
  const handle = await open(file, 'r').catch(() => {
    throw new UserError(`${file}: no such file, or not readable`);
  });
  try {
    const { size } = await handle.stat();
    if (size < 8) throw bad(`${size} bytes are too few`);
    const prefix = Buffer.alloc(8);
    await handle.read(prefix, 0, 8, 0);
    const length = Number(prefix.readBigUInt64LE());
    if (length > size - 8 || length > 100_000_000) throw bad(`its header says ${length} bytes, the file has ${size}`);
    const text = Buffer.alloc(length);
    await handle.read(text, 0, length, 8);
    let json: Record<string, unknown>;
    try {
      json = JSON.parse(text.toString('utf8')) as Record<string, unknown>;
    } catch {
      throw bad('its header is not JSON');
    }
    return checkHeader(json, 8 + length, size, bad);
  } finally {
    await handle.close();
  }
}

function checkHeader(
  json: Record<string, unknown>,
  base: number,
  size: number,
  bad: (what: string) => UserError,
): SafeHeader {
  const header: SafeHeader = { metadata: {}, tensors: new Map() };
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') {
      header.metadata = value as Record<string, string>;
      continue;
    }
    const {
      dtype,
      shape,
      data_offsets: at,
    } = value as { dtype: SafeDType; shape: number[]; data_offsets: [number, number] };
    if (!(dtype in views)) throw bad(`tensor ${name} has the unknown type ${dtype}`);
    if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0))
      throw bad(`tensor ${name} has no shape`);
    const bytes = shape.reduce((a, b) => a * b, 1) * views[dtype].BYTES_PER_ELEMENT;
    if (!Array.isArray(at) || at[1] - at[0] !== bytes || at[0] < 0)
      throw bad(`tensor ${name} is not ${bytes} bytes long`);
    if (base + at[1] > size) throw bad(`cut off in tensor ${name}`);
    header.tensors.set(name, { dtype, shape, start: base + at[0], end: base + at[1] });
  }
  const sorted = [...header.tensors].sort((a, b) => a[1].start - b[1].start);
  sorted.forEach(([name, t], i) => {
    if (i > 0 && t.start < sorted[i - 1][1].end) throw bad(`tensors ${sorted[i - 1][0]} and ${name} overlap`);
  });
  return header;
}

/** Reads tensors into memory of their own. @param wanted which; default all @throws UserError as `readSafetensorsHeader` */
export async function readSafetensors(
  file: string,
  wanted: (name: string) => boolean = () => true,
): Promise<{ metadata: Record<string, string>; tensors: Map<string, SafeTensor> }> {
  const { metadata, tensors: entries } = await readSafetensorsHeader(file);
  const handle = await open(file, 'r');
  try {
    const tensors = new Map<string, SafeTensor>();
    for (const [name, { dtype, shape, start, end }] of entries) {
      if (!wanted(name)) continue;
      const bytes = new Uint8Array(end - start);
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
        if (bytesRead === 0) throw new UserError(`${file}: cut off in tensor ${name}`);
        done += bytesRead;
      }
      tensors.set(name, { dtype, shape, data: new views[dtype](bytes.buffer) as SafeData });
    }
    return { metadata, tensors };
  } finally {
    await handle.close();
  }
}

/** Writes a file whole or not at all: under a temporary name, synced, then renamed. The same tensors give the same bytes. */
export async function writeSafetensors(
  file: string,
  tensors: Map<string, SafeTensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const text = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(text);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}.tmp`);
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(prefix);
    await handle.writeFile(text);
    for (const { data } of tensors.values()) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      for (let at = 0; at < bytes.length; )
        at += (await handle.write(bytes, at, Math.min(bytes.length - at, 1 << 26))).bytesWritten;
    }
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (e) {
    await handle.close().catch(() => {});
    await rm(temporary, { force: true });
    throw e;
  }
}
