import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UserError } from '../errors.js';
import { DamagedFile } from './damaged.js';

/** IDX, the format of MNIST: bytes in an array of up to four axes. */

/** Packed files are held in memory, up to so many bytes. */
const MOST_UNPACKED = 2 ** 28;
const BYTES = 0x08;

export interface IdxArray {
  shape: readonly number[];
  /** Bytes of the file, and its time. */
  size: number;
  modified: number;
  /** A stretch of the array's bytes. @throws DamagedFile where there are fewer */
  read(at: number, length: number): Promise<Uint8Array>;
}

/**
 * Opens an IDX file of bytes; one that gzip packed is unpacked in memory.
 * @throws DamagedFile where its header is odd or it has other bytes than its header says; UserError for other types,
 * and packed ones that are large
 */
export async function openIdx(path: string, handle: FileHandle): Promise<IdxArray> {
  const { size, mtimeMs } = await handle.stat();
  const head = Buffer.alloc(4);
  const { bytesRead } = await handle.read(head, 0, 4, 0);
  let held: Buffer | undefined;
  if (bytesRead >= 2 && head[0] === 0x1f && head[1] === 0x8b) {
    if (size > MOST_UNPACKED) throw tooLarge(path);
    const packed = Buffer.alloc(size);
    await readAll(path, handle, packed, 0);
    held = await promisify(gunzip)(packed, { maxOutputLength: MOST_UNPACKED }).catch((e: NodeJS.ErrnoException) => {
      if (e.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(path);
      throw new DamagedFile(`${path}: cannot be unpacked (${e.message}): fetch it again`);
    });
  }
  const total = held?.length ?? size;
  const read = async (at: number, length: number): Promise<Uint8Array> => {
    if (at + length > total) throw new DamagedFile(`${path}: cut off`);
    if (held) return held.subarray(at, at + length);
    const out = Buffer.allocUnsafe(length);
    await readAll(path, handle, out, at);
    return out;
  };
  const first = Buffer.from(await read(0, 4));
  const axes = first[3];
  if (first.readUInt16BE(0) !== 0 || axes < 1 || axes > 4)
    throw new DamagedFile(`${path}: not an IDX file (it begins with ${first.toString('hex')})`);
  if (first[2] !== BYTES)
    throw new UserError(`${path}: IDX with samples of type 0x${first[2].toString(16)}; bytes (0x08) are read`);
  const sides = Buffer.from(await read(4, 4 * axes));
  const shape = Array.from({ length: axes }, (_, k) => sides.readUInt32BE(4 * k));
  const from = 4 + 4 * axes;
  const needed = shape.reduce((n, side) => n * side, 1);
  if (needed !== total - from)
    throw new DamagedFile(
      `${path}: [${shape.join(', ')}] needs ${needed} bytes, there are ${total - from}: cut off, or changed`,
    );
  return {
    shape,
    size,
    modified: mtimeMs,
    read: (at, length) => {
      if (at + length > needed) throw new DamagedFile(`${path}: cut off`);
      return read(from + at, length);
    },
  };
}

async function readAll(path: string, handle: FileHandle, into: Buffer, at: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) throw new DamagedFile(`${path}: cut off at byte ${at + done}`);
    done += bytesRead;
  }
}

const tooLarge = (path: string): UserError =>
  new UserError(`${path}: unpacks to more than ${MOST_UNPACKED / 2 ** 20} MiB: unpack it first (gunzip)`);
