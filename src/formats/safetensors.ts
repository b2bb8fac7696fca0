import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { fillFileAtomic } from '../files/write.js';

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
  /** In the order of their bytes; `start` and `end` from the beginning of the file. */
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

/** Largest header that the format's own library reads, bytes. */
const MAX_HEADER = 100_000_000;
/** Most bytes a single read or write is asked for: a call takes at most 2 GiB. */
const PIECE = 1 << 26;

const bad = (file: string, what: string) => new UserError(`${file}: not a valid safetensors file: ${what}`);

/**
 * Reads a file's header alone and checks all of it: types, shapes, and that the tensors fill the file without gap or overlap.
 * @throws UserError naming the file and the tensor that is wrong
 */
export async function readSafetensorsHeader(file: string): Promise<SafeHeader> {
  const handle = await openForReading(file);
  try {
    return await readHeader(handle, file);
  } finally {
    await handle.close();
  }
}

/**
 * Reads tensors into memory of their own, in the order of their bytes.
 * @param wanted which; default all
 * @throws UserError as `readSafetensorsHeader`
 */
export async function readSafetensors(
  file: string,
  wanted: (name: string) => boolean = () => true,
): Promise<{ metadata: Record<string, string>; tensors: Map<string, SafeTensor> }> {
  const handle = await openForReading(file);
  try {
    const { metadata, tensors: entries } = await readHeader(handle, file);
    const tensors = new Map<string, SafeTensor>();
    for (const [name, { dtype, shape, start, end }] of entries) {
      if (!wanted(name)) continue;
      const bytes = new Uint8Array(end - start);
      await readFully(handle, bytes, start, () => bad(file, `cut off in tensor ${name}`));
      tensors.set(name, { dtype, shape, data: new views[dtype](bytes.buffer) as SafeData });
    }
    return { metadata, tensors };
  } finally {
    await handle.close();
  }
}

async function openForReading(file: string): Promise<FileHandle> {
  const handle = await open(file, 'r').catch((e: NodeJS.ErrnoException) => {
    throw new UserError(`${file}: ${e.code === 'ENOENT' ? 'no such file' : `cannot be read: ${e.code}`}`);
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new UserError(`${file}: not a file`);
}

async function readFully(handle: FileHandle, into: Uint8Array, from: number, cutOff: () => UserError): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, Math.min(PIECE, into.length - done), from + done);
    if (bytesRead === 0) throw cutOff();
    done += bytesRead;
  }
}

async function readHeader(handle: FileHandle, file: string): Promise<SafeHeader> {
  const { size } = await handle.stat();
  if (size < 8) throw bad(file, `${size} bytes are too few`);
  const cutOff = () => bad(file, 'cut off in its header');
  const prefix = Buffer.alloc(8);
  await readFully(handle, prefix, 0, cutOff);
  const length = prefix.readBigUInt64LE();
  if (length > MAX_HEADER) throw bad(file, `its header would be ${length} bytes long`);
  if (length > size - 8) throw bad(file, `cut off: its header is ${length} bytes long, the file ${size}`);
  const text = Buffer.alloc(Number(length));
  await readFully(handle, text, 8, cutOff);
  let json: unknown;
  try {
    json = JSON.parse(text.toString('utf8'));
  } catch {
    throw bad(file, 'its header is not JSON');
  }
  if (!isTree(json)) throw bad(file, 'its header is no JSON object');
  return checkHeader(json, 8 + text.length, size, (what) => bad(file, what));
}

const isTree = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

function checkHeader(
  json: Record<string, unknown>,
  base: number,
  size: number,
  wrong: (what: string) => UserError,
): SafeHeader {
  const { __metadata__: metadata = {}, ...entries } = json;
  if (!isTree(metadata) || !Object.values(metadata).every((v) => typeof v === 'string'))
    throw wrong('its metadata is no map of texts');
  const found = Object.entries(entries).map(([name, value]) => {
    if (!isTree(value)) throw wrong(`tensor ${name} is not described by an object`);
    const { dtype, shape, data_offsets: at } = value;
    if (typeof dtype !== 'string' || !Object.hasOwn(views, dtype))
      throw wrong(
        `tensor ${name} has the type ${JSON.stringify(dtype)}; readable are ${Object.keys(views).join(', ')}`,
      );
    if (!isSizes(shape)) throw wrong(`tensor ${name} has no shape`);
    if (!isSizes(at) || at.length !== 2 || at[0] > at[1]) throw wrong(`tensor ${name} has no data_offsets`);
    const bytes = shape.reduce((a, b) => a * b, 1) * views[dtype as SafeDType].BYTES_PER_ELEMENT;
    if (at[1] - at[0] !== bytes)
      throw wrong(`tensor ${name} has ${at[1] - at[0]} bytes; ${dtype} [${shape.join(', ')}] needs ${bytes}`);
    return { name, dtype: dtype as SafeDType, shape, start: base + at[0], end: base + at[1] };
  });
  // An empty tensor lies where the next one begins.
  found.sort((a, b) => a.start - b.start || a.end - b.end);
  let end = base;
  let before = 'the header';
  for (const t of found) {
    if (t.start < end) throw wrong(`tensor ${t.name} overlaps with ${before}`);
    if (t.start > end) throw wrong(`${t.start - end} bytes before tensor ${t.name} belong to none`);
    if (t.end > size) throw wrong(`cut off in tensor ${t.name}: it ends at byte ${t.end}, the file at ${size}`);
    end = t.end;
    before = t.name;
  }
  if (end < size) throw wrong(`${size - end} bytes after its last tensor`);
  const tensors: SafeHeader['tensors'] = new Map();
  for (const { name, ...rest } of found) tensors.set(name, rest);
  return { metadata: { ...metadata } as Record<string, string>, tensors };
}

const isSizes = (x: unknown): x is number[] =>
  Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);

/**
 * Writes a file whole or not at all: under a temporary name, synced, then renamed. The same tensors in the same order give the same
 * bytes; tensors go to disk one by one, without a second copy of the file in memory.
 * @throws UserError when the disk is full
 */
export async function writeSafetensors(
  file: string,
  tensors: Map<string, SafeTensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  // Written entry by entry: an object would put names that look like numbers first.
  const entries: string[] = [];
  if (Object.keys(metadata).length > 0) entries.push(`"__metadata__":${JSON.stringify(metadata)}`);
  let offset = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    const bytes = shape.reduce((a, b) => a * b, 1) * views[dtype].BYTES_PER_ELEMENT;
    if (name === '__metadata__' || bytes !== data.byteLength)
      throw new Error(`internal: tensor ${name}: ${data.byteLength} bytes for ${dtype} [${shape}]`);
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, offset + bytes] })}`);
    offset += bytes;
  }
  const json = Buffer.from(`{${entries.join(',')}}`, 'utf8');
  const head = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  head.writeBigUInt64LE(BigInt(head.length - 8));
  json.copy(head, 8);

  try {
    await fillFileAtomic(file, async (handle) => {
      await writeFully(handle, head);
      for (const { data } of tensors.values())
        await writeFully(handle, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new UserError(
        `no space left for ${file} (${Math.ceil((head.length + offset) / 2 ** 20)} MiB): free some and run the same command again`,
      );
    throw e;
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await handle.write(bytes, at, Math.min(bytes.length - at, PIECE))).bytesWritten;
}
