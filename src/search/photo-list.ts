import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { DamagedFile } from '../formats/damaged.js';
import { checked, decodeText, parseJson } from '../formats/json.js';
import { requirePlainFile } from '../formats/plain-file.js';

/** One line of `photos.jsonl`; its number, from 0, is that of the vector. */
export interface PhotoRow {
  /** Path below the folder of photos, with `/`. */
  file: string;
  bytes: number;
  /** Milliseconds since 1970. */
  modified: number;
  /** Of the content. */
  sha256: string;
}

/** Whether a path stays below the folder that it is relative to. */
const staysBelow = (file: string): boolean =>
  !/^[/\\]|^[a-z]:|\0/i.test(file) && file.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const rowSchema: z.ZodType<PhotoRow> = z.object({
  file: z.string().refine(staysBelow, 'expected a path below the folder of photos'),
  bytes: z.number().nonnegative(),
  modified: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256'),
});

/** Most bytes of a list: ten million photos with long paths. */
const MOST_BYTES = 2 ** 32 - 1;

/**
 * The photos of an index, in the order of their paths. Lines are parsed when they are asked for: of a million photos a search shows twenty.
 */
export class PhotoList {
  readonly path: string;
  readonly length: number;
  private readonly text: Buffer;
  /** Where each line begins, and the end. */
  private readonly starts: Float64Array;

  private constructor(path: string, text: Buffer, starts: Float64Array) {
    this.path = path;
    this.text = text;
    this.starts = starts;
    this.length = starts.length - 1;
  }

  /** @throws DamagedFile where it has not so many lines; the file system's error where it cannot be read */
  static async read(path: string, count: number): Promise<PhotoList> {
    const { size } = await requirePlainFile(path);
    if (size > MOST_BYTES) throw new DamagedFile(`${path}: ${size} bytes are more than a list of photos has`);
    const text = Buffer.allocUnsafe(size);
    let at = 0;
    for await (const part of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      if (at + part.length > size) throw new DamagedFile(`${path} grew while it was read: search again`);
      at += part.copy(text, at);
    }
    const starts = new Float64Array(Math.min(count, size) + 1);
    let line = 0;
    for (let end = text.indexOf(10); end >= 0 && line < count; end = text.indexOf(10, end + 1))
      starts[++line] = end + 1;
    if (line !== count || starts[line] !== at)
      throw new DamagedFile(`${path} has not the ${count} lines that index.json says: make the index anew (--rebuild)`);
    return new PhotoList(path, text, starts);
  }

  /** @throws UserError naming the line that is no photo */
  row(i: number): PhotoRow {
    const name = `${this.path}: line ${i + 1}`;
    const bytes = this.text.subarray(this.starts[i], this.starts[i + 1]);
    return checked(parseJson(decodeText(bytes, name), name), rowSchema, name);
  }

  /** The rows below a folder, which are neighbours. @param folder with `/`, relative to the photos */
  within(folder: string): { from: number; to: number } {
    const prefix = `${folder.replace(/(?<!\/)\/+$/, '').replace(/^\.\/|^\.$/, '')}/`;
    if (prefix === '/') return { from: 0, to: this.length };
    // '0' is what follows '/' in the order of paths.
    return { from: this.first(prefix), to: this.first(`${prefix.slice(0, -1)}0`) };
  }

  /** First row whose path is not before `path`. */
  private first(path: string): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.row(middle).file < path) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
