import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { fillFileAtomic } from '../files/write.js';
import { DamagedFile } from './damaged.js';
import {
  bytesOf,
  isKnown,
  parseHeader,
  type SafeData,
  type SafeDType,
  type SafeEntry,
  type SafeHeader,
  viewOf,
} from './safetensors-header.js';

/** The safetensors format: u64 header length, JSON header, raw little-endian tensors (https://github.com/huggingface/safetensors). */

export type { SafeData, SafeDType, SafeHeader } from './safetensors-header.js';

export interface SafeTensor {
  dtype: SafeDType;
  shape: number[];
  /** Row-major; types that JavaScript has no array for (F16, BF16, F8 …) as their bits, BOOL as 0 and 1. */
  data: SafeData;
}

/** Largest header that the format's own library reads, bytes. */
const MAX_HEADER = 100_000_000;
/** Most bytes a single read or write is asked for: a call takes at most 2 GiB. */
const PIECE = 1 << 26;
/** Bytes read at once of what is only hashed. */
const SCRATCH = 1 << 20;

/**
 * Key in the metadata of a sealed file: SHA-256 of all of the file's bytes, where these 64 digits themselves count as zeros. So it
 * covers the header too, and is found out while the tensors are written.
 */
export const CHECKSUM = 'synclr.sha256';
const NO_DIGITS = '0'.repeat(64);

const bad = (file: string, what: string) => new DamagedFile(`${file}: not a valid safetensors file: ${what}`);

/**
 * Reads a file's header alone and checks all of it: types, shapes, and that the tensors fill the file without gap or overlap.
 * @throws UserError naming the file and the tensor that is wrong
 */
export async function readSafetensorsHeader(file: string): Promise<SafeHeader> {
  const handle = await openForReading(file);
  try {
    return (await readHeader(handle, file)).header;
  } finally {
    await handle.close();
  }
}

/**
 * Reads tensors into memory of their own, in the order of their bytes. Of a sealed file all bytes are read and compared with its checksum,
 * whatever is chosen.
 * @param choose which, and whether the file is of use at all: what it throws is thrown, unless the file is damaged; default all
 * @throws UserError as `readSafetensorsHeader`; a DamagedFile where the checksum does not agree
 */
export async function readSafetensors(
  file: string,
  choose: (header: SafeHeader) => Iterable<string> = (h) => h.tensors.keys(),
): Promise<{ metadata: Record<string, string>; tensors: Map<string, SafeTensor> }> {
  const handle = await openForReading(file);
  try {
    const { header, bytes } = await readHeader(handle, file);
    const seal = header.metadata[CHECKSUM] === undefined ? undefined : new Seal(header.metadata[CHECKSUM], bytes);
    const wanted = new Set<string>();
    let refusal: unknown;
    try {
      for (const name of choose(header)) {
        const dtype = header.tensors.get(name)?.dtype;
        if (dtype !== undefined && !isKnown(dtype))
          throw new UserError(`${file}: tensor ${name} has the type ${dtype}, which is not known here`);
        wanted.add(name);
      }
    } catch (e) {
      if (!seal) throw e;
      // A flipped bit may be all that it does not like.
      refusal = e;
      wanted.clear();
    }
    const tensors = new Map<string, SafeTensor>();
    for (const [name, entry] of header.tensors) {
      const cutOff = () => bad(file, `cut off in tensor ${name}`);
      if (wanted.has(name)) {
        const data = memoryFor(file, name, entry);
        await readFully(handle, data, entry.start, cutOff);
        seal?.add(data);
        const dtype = entry.dtype as SafeDType;
        tensors.set(name, { dtype, shape: entry.shape, data: viewOf(dtype, data.buffer) });
      } else if (seal) {
        const piece = new Uint8Array(Math.min(SCRATCH, entry.end - entry.start));
        for (let at = entry.start; at < entry.end; ) {
          const part = piece.subarray(0, Math.min(SCRATCH, entry.end - at));
          await readFully(handle, part, at, cutOff);
          seal.add(part);
          at += part.length;
        }
      }
    }
    if (seal && !seal.agrees())
      throw new DamagedFile(`${file}: damaged: its bytes do not agree with the checksum in its header`);
    if (refusal) throw refusal;
    return { metadata: header.metadata, tensors };
  } finally {
    await handle.close();
  }
}

/** The checksum that a file says it has, and the one that it has. */
class Seal {
  private readonly hash = createHash('sha256');
  private readonly said: string;

  /** @param bytes of the header, its length before it */
  constructor(said: string, bytes: Buffer) {
    this.said = said;
    const at = /^[0-9a-f]{64}$/.test(said) ? bytes.indexOf(said) : -1;
    if (at < 0) this.hash.update(bytes);
    else
      this.hash
        .update(bytes.subarray(0, at))
        .update(NO_DIGITS)
        .update(bytes.subarray(at + NO_DIGITS.length));
  }

  add(data: Uint8Array): void {
    this.hash.update(data);
  }

  agrees(): boolean {
    return this.hash.digest('hex') === this.said;
  }
}

function memoryFor(file: string, name: string, { start, end }: SafeEntry): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(end - start);
  } catch {
    throw new UserError(`${file}: tensor ${name} of ${end - start} bytes does not fit into memory`);
  }
}

async function openForReading(file: string): Promise<FileHandle> {
  const cannot = (e: NodeJS.ErrnoException) => {
    throw new UserError(`${file}: ${e.code === 'ENOENT' ? 'no such file' : `cannot be read: ${e.code}`}`);
  };
  // Looked at first: opening a pipe would wait for whoever writes into it.
  if (!(await stat(file).catch(cannot)).isFile()) throw new UserError(`${file}: not a file`);
  return open(file, 'r').catch(cannot);
}

async function readFully(handle: FileHandle, into: Uint8Array, from: number, cutOff: () => UserError): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, Math.min(PIECE, into.length - done), from + done);
    if (bytesRead === 0) throw cutOff();
    done += bytesRead;
  }
}

/** @returns the header, and its bytes with the length before them */
async function readHeader(handle: FileHandle, file: string): Promise<{ header: SafeHeader; bytes: Buffer }> {
  const { size } = await handle.stat();
  if (size < 8) throw bad(file, `${size} bytes are too few`);
  const cutOff = () => bad(file, 'cut off in its header');
  const prefix = Buffer.alloc(8);
  await readFully(handle, prefix, 0, cutOff);
  const length = prefix.readBigUInt64LE();
  if (length > MAX_HEADER) throw bad(file, `its header would be ${length} bytes long`);
  if (length > size - 8) throw bad(file, `cut off: its header is ${length} bytes long, the file ${size}`);
  const bytes = Buffer.alloc(8 + Number(length));
  await readFully(handle, bytes, 0, cutOff);
  return { header: parseHeader(bytes.subarray(8), size, file), bytes };
}

/**
 * Writes a file whole or not at all: under a temporary name, synced, then renamed. The same tensors in the same order give the same
 * bytes; tensors go to disk one by one, without a second copy of the file in memory.
 * @param options sealed: with a checksum of all its bytes in the metadata, which `readSafetensors` compares
 * @throws UserError when the disk is full
 */
export async function writeSafetensors(
  file: string,
  tensors: Map<string, SafeTensor>,
  metadata: Record<string, string> = {},
  { sealed = false } = {},
): Promise<void> {
  const { [CHECKSUM]: _, ...said } = metadata;
  const all = sealed ? { [CHECKSUM]: NO_DIGITS, ...said } : said;
  // Written entry by entry: an object would put names that look like numbers first.
  const entries: string[] = [];
  if (Object.keys(all).length > 0) entries.push(`"__metadata__":${JSON.stringify(all)}`);
  let offset = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    const bytes = bytesOf(dtype, shape);
    if (name === '__metadata__' || bytes !== data.byteLength)
      throw new Error(`internal: tensor ${name}: ${data.byteLength} bytes for ${dtype} [${shape}]`);
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, offset + bytes] })}`);
    offset += bytes;
  }
  const json = Buffer.from(`{${entries.join(',')}}`, 'utf8');
  const head = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  head.writeBigUInt64LE(BigInt(head.length - 8));
  json.copy(head, 8);

  const hash = sealed ? createHash('sha256').update(head) : undefined;
  try {
    await fillFileAtomic(file, async (handle) => {
      await writeFully(handle, head);
      for (const { data } of tensors.values())
        await writeFully(handle, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), hash);
      if (hash) await handle.write(Buffer.from(hash.digest('hex')), 0, NO_DIGITS.length, head.indexOf(NO_DIGITS));
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

async function writeFully(
  handle: FileHandle,
  bytes: Uint8Array,
  hash?: { update(data: Uint8Array): unknown },
): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, Math.min(bytes.length - at, PIECE));
    hash?.update(bytes.subarray(at, at + bytesWritten));
    at += bytesWritten;
  }
}
