import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { UserError } from '../errors.js';
import { makeFolder } from '../files/folders.js';
import { type FileKind, refuseForeignFile } from '../files/replace.js';
import { cutFile, fillFileAtomic, onFile } from '../files/write.js';
import { checked, decodeText, isObject, parseJson } from './json.js';
import { requirePlainFile } from './plain-file.js';

/** Longest line that is read, bytes: far more than any row of ours, and what memory a line takes is bounded by it. */
const MOST_LINE = 8 * 2 ** 20;

/** A whole line of a file and where it begins and ends (after its line feed), bytes. */
export interface Line {
  /** Undefined where it is too long to be read. */
  bytes: Buffer | undefined;
  number: number;
  start: number;
  end: number;
  /** It has no end, as a killed writer leaves the last one. */
  torn: boolean;
}

/**
 * The lines that end in a line feed; what follows the last one, as a killed writer leaves it, only comes where it is asked for.
 * @param options.torn also what follows the last line feed  @param options.most longest line that is read, bytes
 */
export async function* linesOf(file: string, { torn = false, most = MOST_LINE } = {}): AsyncGenerator<Line> {
  let rest: Buffer[] = [];
  let length = 0;
  let start = 0;
  let number = 0;
  const keep = (piece: Buffer) => {
    length += piece.length;
    if (length <= most) rest.push(piece);
    else rest = [];
  };
  await requirePlainFile(file);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, at));
      const end = start + length + 1;
      yield { bytes: length <= most ? Buffer.concat(rest) : undefined, number: ++number, start, end, torn: false };
      rest = [];
      length = 0;
      start = end;
      from = at + 1;
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  }
  if (torn && length > 0)
    yield {
      bytes: length <= most ? Buffer.concat(rest) : undefined,
      number: number + 1,
      start,
      end: start + length,
      torn: true,
    };
}

/**
 * A line's row, a JSON object; undefined of an empty line.
 * @throws UserError naming file and line
 */
export function rowOf(file: string, { bytes, number }: Line): Record<string, unknown> | undefined {
  const name = `${file}: line ${number}`;
  if (bytes === undefined) throw new UserError(`${name} is too long to be a row (more than ${MOST_LINE} bytes)`);
  const text = decodeText(bytes, name);
  if (text.trim() === '') return undefined;
  const row = parseJson(text, name);
  if (!isObject(row)) throw new UserError(`${name} is no JSON object`);
  return row;
}

/**
 * Rows of a JSON-lines file. Empty lines, and a last line without its end as a killed writer leaves it, are left out.
 * @param schema what each row must be
 * @throws UserError naming the line that is not JSON, or not of that form; the file system's error (ENOENT) for a missing file
 */
export async function readJsonl<T>(file: string, schema: z.ZodType<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const line of linesOf(file)) {
    const row = rowOf(file, line);
    if (row !== undefined) rows.push(checked(row, schema, `${file}: line ${line.number}`));
  }
  return rows;
}

/**
 * Keeps some rows of a JSON-lines file, byte for byte, and cuts off a torn last line. Does nothing where there is no file.
 * @throws UserError as `readJsonl`
 */
export async function truncateJsonl(file: string, keep: (row: Record<string, unknown>) => boolean): Promise<void> {
  const size = await stat(file).then(
    (s) => s.size,
    () => undefined,
  );
  if (size === undefined) return;
  const stays = (line: Line): boolean => {
    try {
      const row = rowOf(file, line);
      return row !== undefined && keep(row);
    } catch (e) {
      throw e instanceof UserError ? new UserError(`${e.message}; remove that line, or move the file away`) : e;
    }
  };
  // Usually the rows to go are the last ones, and a cut does it.
  let kept = 0;
  let dropped = false;
  let scattered = false;
  for await (const line of linesOf(file)) {
    if (!stays(line)) dropped = true;
    else if (dropped) scattered = true;
    else kept = line.end;
  }
  if (!scattered) {
    if (kept < size) await cutFile(file, kept);
    return;
  }
  await fillFileAtomic(file, async (out) => {
    for await (const line of linesOf(file)) {
      if (!stays(line)) continue;
      await out.appendFile(line.bytes!);
      await out.appendFile('\n');
    }
  });
}

/** Whether a file begins with a text, or is a part of one that does, as a killed writer leaves it. */
export const begins = (head: Buffer, text: string): boolean =>
  head.toString('latin1', 0, text.length) === text.slice(0, head.length);

/** Appends rows to a JSON-lines file, one write a row. */
export class JsonlWriter {
  private readonly file: string;
  private readonly handle: FileHandle;

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.handle = handle;
  }

  /**
   * Opens a file for appending, and makes it and its folder if need be; a torn last line is cut off.
   * @param kind what an existing file must be
   * @param keep which rows of an existing file stay (a resumed run drops what came after its checkpoint); default all
   */
  static async open(
    file: string,
    kind: FileKind,
    keep: (row: Record<string, unknown>) => boolean = () => true,
  ): Promise<JsonlWriter> {
    await makeFolder(dirname(file));
    await refuseForeignFile(file, kind);
    await truncateJsonl(file, keep);
    return new JsonlWriter(file, await open(file, 'a'));
  }

  async write(row: unknown): Promise<void> {
    await onFile(this.file, this.handle.appendFile(`${JSON.stringify(row)}\n`));
  }

  /** Until this returns, a power cut may lose rows. */
  async flush(): Promise<void> {
    await onFile(this.file, this.handle.sync());
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
