import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../errors.js';
import { makeFolder } from '../files/folders.js';
import { type FileKind, refuseForeignFile } from '../files/replace.js';
import { cutFile, fillFileAtomic } from '../files/write.js';

/** A whole line of a file and where it begins and ends (after its line feed), bytes. */
interface Line {
  text: string;
  number: number;
  start: number;
  end: number;
}

/** The lines that end in a line feed; what follows the last one, as a killed writer leaves it, is left out. */
async function* wholeLines(file: string): AsyncGenerator<Line> {
  let rest: Buffer[] = [];
  let start = 0;
  let number = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const bytes = Buffer.concat([...rest, chunk.subarray(from, at)]);
      const end = start + bytes.length + 1;
      yield { text: bytes.toString('utf8'), number: ++number, start, end };
      rest = [];
      start = end;
      from = at + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
}

function parse<T>(file: string, line: Line): T {
  try {
    return JSON.parse(line.text) as T;
  } catch {
    throw new UserError(`${file}: line ${line.number} is not JSON: ${line.text.slice(0, 60)}`);
  }
}

/**
 * Rows of a JSON-lines file. Empty lines, and a last line without its end as a killed writer leaves it, are left out.
 * @throws UserError naming the line that is not JSON; the file system's error (ENOENT) for a missing file
 */
export async function readJsonl<T>(file: string): Promise<T[]> {
  const rows: T[] = [];
  for await (const line of wholeLines(file)) if (line.text.trim() !== '') rows.push(parse<T>(file, line));
  return rows;
}

/**
 * Keeps some rows of a JSON-lines file, byte for byte, and cuts off a torn last line. Does nothing where there is no file.
 * @throws UserError as `readJsonl`
 */
export async function truncateJsonl<T>(file: string, keep: (row: T) => boolean): Promise<void> {
  const size = await stat(file).then(
    (s) => s.size,
    () => undefined,
  );
  if (size === undefined) return;
  // Usually the rows to go are the last ones, and a cut does it.
  let kept = 0;
  let dropped = false;
  let scattered = false;
  for await (const line of wholeLines(file)) {
    const stays = line.text.trim() !== '' && keep(parse<T>(file, line));
    if (!stays) dropped = true;
    else if (dropped) scattered = true;
    else kept = line.end;
  }
  if (!scattered) {
    if (kept < size) await cutFile(file, kept);
    return;
  }
  await fillFileAtomic(file, async (out) => {
    for await (const line of wholeLines(file))
      if (line.text.trim() !== '' && keep(parse<T>(file, line))) await out.appendFile(`${line.text}\n`);
  });
}

/** Whether a file begins with a text, or is a part of one that does, as a killed writer leaves it. */
export const begins = (head: Buffer, text: string): boolean =>
  head.toString('latin1', 0, text.length) === text.slice(0, head.length);

/** Appends rows to a JSON-lines file, one write a row. */
export class JsonlWriter {
  private readonly handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.handle = handle;
  }

  /**
   * Opens a file for appending, and makes it and its folder if need be; a torn last line is cut off.
   * @param kind what an existing file must be
   * @param keep which rows of an existing file stay (a resumed run drops what came after its checkpoint); default all
   */
  static async open<T>(file: string, kind: FileKind, keep: (row: T) => boolean = () => true): Promise<JsonlWriter> {
    await makeFolder(dirname(file));
    await refuseForeignFile(file, kind);
    await truncateJsonl(file, keep);
    return new JsonlWriter(await open(file, 'a'));
  }

  async write(row: unknown): Promise<void> {
    await this.handle.appendFile(`${JSON.stringify(row)}\n`);
  }

  /** Until this returns, a power cut may lose rows. */
  async flush(): Promise<void> {
    await this.handle.sync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
