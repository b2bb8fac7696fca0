import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../errors.js';
import type { Rgb } from '../views/image.js';
import type { ListedSplit } from './kind.js';

/** A file of pictures one behind the other, all of the same size and without coding. */
export interface RecordFile {
  /** What messages and keys call it: its path within the data set. */
  name: string;
  /** Bytes and time of the file: part of the key. */
  size: number;
  modified: number;
  /** Pictures in it. */
  count: number;
  /** The bytes of picture k. @throws UserError where the file ends before */
  record(k: number): Promise<Uint8Array>;
}

/** Pictures of such files. Memory: labels. */
export class RecordSplit implements ListedSplit {
  readonly length: number;
  readonly labels: Int32Array;
  private readonly files: readonly RecordFile[];
  private readonly firsts: readonly number[];
  private readonly asRgb: (record: Uint8Array) => Rgb;

  /** @param labels [n] over all files, in order */
  constructor(files: readonly RecordFile[], labels: Int32Array, asRgb: (record: Uint8Array) => Rgb) {
    this.files = files;
    this.labels = labels;
    this.asRgb = asRgb;
    const firsts = [0];
    for (const { count } of files) firsts.push(firsts.at(-1)! + count);
    this.firsts = firsts;
    this.length = firsts.at(-1)!;
  }

  nameOf(i: number): string {
    const f = this.fileOf(i);
    return `${this.files[f].name}: ${i - this.firsts[f]}`;
  }

  async read(i: number): Promise<Rgb> {
    const f = this.fileOf(i);
    return this.asRgb(await this.files[f].record(i - this.firsts[f]));
  }

  digest(add: (text: string) => void): void {
    for (const { name, size, modified, count } of this.files) add(JSON.stringify([name, size, modified, count]));
    add(this.labels.join());
  }

  private fileOf(i: number): number {
    return this.firsts.findIndex((first, f) => i >= first && i < this.firsts[f + 1]);
  }
}

/** Files that stay open, and are closed together. */
export class OpenFiles {
  private readonly handles: FileHandle[] = [];

  async open(path: string): Promise<FileHandle> {
    const handle = await open(path, 'r');
    this.handles.push(handle);
    return handle;
  }

  async close(): Promise<void> {
    await Promise.all(this.handles.splice(0).map((h) => h.close()));
  }
}

/** A stretch of an open file. @throws UserError where it ends before */
export async function readStretch(handle: FileHandle, path: string, at: number, length: number): Promise<Uint8Array> {
  const out = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(out, done, length - done, at + done);
    if (bytesRead === 0) throw new UserError(`${path}: cut off at byte ${at + done}, or changed while it was read`);
    done += bytesRead;
  }
  return out;
}

/** Three planes of a square, one behind the other, as interleaved pixels. */
export function planesToRgb(side: number): (record: Uint8Array) => Rgb {
  const n = side * side;
  return (record) => {
    const data = new Uint8Array(3 * n);
    for (let c = 0; c < 3; c++) for (let i = 0; i < n; i++) data[3 * i + c] = record[c * n + i];
    return { width: side, height: side, data };
  };
}

/** Grey samples as pixels. */
export function greyToRgb(width: number, height: number): (record: Uint8Array) => Rgb {
  return (record) => {
    const data = new Uint8Array(3 * width * height);
    for (let i = 0; i < record.length; i++) data.fill(record[i], 3 * i, 3 * i + 3);
    return { width, height, data };
  };
}
