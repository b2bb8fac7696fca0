import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { DamagedFile } from '../formats/damaged.js';

/** Bytes before the numbers in the files that we write, whatever their shape. */
export const HEADER_BYTES = 128;

/** Most numbers a vector has here: sums of products in 32 bits, and no encoder comes near. */
const MOST_DIM = 65_536;

/** A NumPy file of vectors, open for reading. */
export interface Vectors {
  path: string;
  fd: number;
  rows: number;
  dim: number;
  /** Where the numbers begin, bytes. */
  start: number;
}

/**
 * Reads the header of a NumPy file (numpy.lib.format, versions 1 to 3) and holds it against the file's size.
 * @param handle stays the caller's, and open
 * @throws DamagedFile where it is no matrix of little-endian float32, row after row, or has another size
 */
export async function openVectors(path: string, handle: FileHandle): Promise<Vectors> {
  const head = Buffer.alloc(4096);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  const found = parseHeader(head.subarray(0, bytesRead));
  if (!found) throw new DamagedFile(`${path} is no NumPy file of float32 vectors, [photos, dim]`);
  const { size } = await handle.stat();
  const { rows, dim, start } = found;
  if (dim < 1 || dim > MOST_DIM) throw new DamagedFile(`${path}: vectors of ${dim} numbers are none of an encoder`);
  if (size !== start + 4 * rows * dim)
    throw new DamagedFile(
      `${path}: its header says ${rows} vectors of ${dim} numbers, which are ${start + 4 * rows * dim} bytes, but it has ${size}`,
    );
  return { path, fd: handle.fd, ...found };
}

function parseHeader(head: Buffer): { rows: number; dim: number; start: number } | undefined {
  if (head.length < 12 || head.toString('latin1', 0, 6) !== '\x93NUMPY') return undefined;
  const [major] = head.subarray(6, 7);
  if (major < 1 || major > 3) return undefined;
  const begin = major === 1 ? 10 : 12;
  const length = major === 1 ? head.readUInt16LE(8) : head.readUInt32LE(8);
  if (begin + length > head.length) return undefined;
  const dict = head.toString('latin1', begin, begin + length);
  const descr = /'descr':\s*'(<f4)'/.exec(dict);
  const shape = /'shape':\s*\(\s*(\d{1,15}),\s*(\d{1,15}),?\s*\)/.exec(dict);
  if (!descr || !shape || !/'fortran_order':\s*False/.test(dict)) return undefined;
  return { rows: Number(shape[1]), dim: Number(shape[2]), start: begin + length };
}

/**
 * Reads rows, at once.
 * @param into [count, dim], at least
 * @throws UserError where the file ends before them
 */
export function readRows(v: Vectors, from: number, count: number, into: Float32Array): Float32Array {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, 4 * count * v.dim);
  for (let at = 0; at < bytes.length; ) {
    // The operating system takes no more than 2 GiB at a time.
    const piece = Math.min(bytes.length - at, 2 ** 26);
    const n = readSync(v.fd, bytes, at, piece, v.start + 4 * from * v.dim + at);
    if (n === 0) throw new DamagedFile(`${v.path} ends before its ${v.rows} vectors do`);
    at += n;
  }
  return into;
}

/**
 * @param x [n, dim] @param first number of the first row
 * @throws UserError naming the first vector that is not finite or not of length 1
 */
export function requireUnit(path: string, x: Float32Array, dim: number, first = 0): void {
  for (let at = 0; at < x.length; at += dim) {
    let squares = 0;
    for (let j = at; j < at + dim; j++) squares += x[j] * x[j];
    if (Math.abs(squares - 1) <= 1e-3) continue;
    throw new UserError(
      `${path}: vector ${first + at / dim} has length ${Math.sqrt(squares)}, not 1: the file was changed or damaged, make the index anew (synclr index --rebuild)`,
    );
  }
}
