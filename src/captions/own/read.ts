import { open, readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { delimiterOf, endsWithinField, parseDelimited } from '../../concepts/delimited.js';
import { codeOf, UserError } from '../../errors.js';
import { sha256 } from '../../files/digest.js';
import { decodeText, isObject, parseJson, readJson } from '../../formats/json.js';
import { linesOf } from '../../formats/jsonl.js';
import { ParquetFile } from '../../formats/parquet.js';
import { asLabel, CAPTION_NAMES, LABEL_NAMES, nameAmong } from './fields.js';

/** A caption of the user's, as it stands there. */
export interface OwnCaption {
  text: string;
  /** What it is about, where a column says so; else empty. */
  concept: string;
}

/** Endings of files that captions are read from. */
const READERS: Readonly<Record<string, (file: string, column: string) => AsyncIterable<OwnCaption>>> = {
  '.txt': readLines,
  '.jsonl': readJsonLines,
  '.ndjson': readJsonLines,
  '.json': readJsonList,
  '.csv': readTable,
  '.tsv': readTable,
  '.parquet': readParquet,
};
const ENDINGS = Object.keys(READERS).join(', ');
/** Longest row of a table, bytes, and of other files. */
const MOST_ROW = 8 * 2 ** 20;
/** Rows of Parquet read at once. */
const ROWS = 4096;

/**
 * The files that captions are read from: the one named, or those of a folder (not of folders in it) in order of their
 * names.
 * @throws UserError where there are none
 */
export async function captionFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((e) => {
    throw new UserError(`captions.source ${path}: ${codeOf(e) === 'ENOENT' ? 'no such file or folder' : codeOf(e)}`);
  });
  const known = (file: string) => Object.hasOwn(READERS, extname(file).toLowerCase());
  if (!found.isDirectory()) {
    if (!found.isFile()) throw new UserError(`captions.source ${path}: neither a file nor a folder`);
    if (!known(path)) throw new UserError(`captions.source ${path}: captions are read from ${ENDINGS}`);
    return [path];
  }
  const names = (await readdir(path)).filter((n) => !n.startsWith('.') && known(n)).sort();
  if (names.length === 0) throw new UserError(`captions.source ${path}: no file of captions in it (${ENDINGS})`);
  return names.map((n) => join(path, n));
}

/**
 * All captions of a file or a folder, one after the other; memory does not grow with their number.
 * @param column name of the column or field that holds them; empty: found by its name
 * @throws UserError naming file and line, and what is expected
 */
export async function* ownCaptions(path: string, column: string): AsyncIterable<OwnCaption> {
  for (const file of await captionFiles(path)) yield* READERS[extname(file).toLowerCase()](file, column);
}

/** Bytes at both ends of a file that stand for all of it. */
const ENDS = 2 ** 20;

/** Of the captions, not of where they lie: of each file its name, size, beginning and end; a change between these is not seen. */
export async function captionsDigest(path: string): Promise<string> {
  const parts: unknown[] = [];
  for (const file of await captionFiles(path)) {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const ends: string[] = [];
      for (const at of [0, Math.max(0, size - ENDS)]) {
        const bytes = Buffer.alloc(Math.min(ENDS, size));
        await handle.read(bytes, 0, bytes.length, at);
        ends.push(sha256(bytes));
      }
      parts.push([basename(file), size, ...ends]);
    } finally {
      await handle.close();
    }
  }
  return sha256(JSON.stringify(parts)).slice(0, 16);
}

async function* textLines(file: string): AsyncIterable<{ text: string; number: number }> {
  for await (const { bytes, number } of linesOf(file, { torn: true, most: MOST_ROW })) {
    if (bytes === undefined) throw new UserError(`${file}: line ${number} is longer than ${MOST_ROW} bytes`);
    yield { text: decodeText(bytes, `${file}: line ${number}`).replace(/\r$/, ''), number };
  }
}

async function* readLines(file: string): AsyncIterable<OwnCaption> {
  for await (const { text } of textLines(file)) if (text.trim() !== '') yield { text, concept: '' };
}

async function* readJsonLines(file: string, column: string): AsyncIterable<OwnCaption> {
  for await (const { text, number } of textLines(file))
    if (text.trim() !== '')
      yield captionOf(parseJson(text, `${file}: line ${number}`), column, `${file}: line ${number}`);
}

async function* readJsonList(file: string, column: string): AsyncIterable<OwnCaption> {
  const value = await readJson(file);
  if (!Array.isArray(value)) throw new UserError(`${file}: expected a list of captions, or of objects with a caption`);
  for (const [i, one] of value.entries()) yield captionOf(one, column, `${file}: element ${i}`);
}

function captionOf(value: unknown, column: string, where: string): OwnCaption {
  if (typeof value === 'string') return { text: value, concept: '' };
  if (!isObject(value)) throw new UserError(`${where}: expected a caption, or an object with one`);
  const names = Object.keys(value);
  const text = captionName(names, column);
  if (text === undefined) throw noColumn(where, 'field', names, column);
  const label = nameAmong(names, LABEL_NAMES);
  const found = value[text];
  return { text: typeof found === 'string' ? found : '', concept: label === undefined ? '' : asLabel(value[label]) };
}

const captionName = (names: readonly string[], column: string): string | undefined =>
  column === '' ? nameAmong(names, CAPTION_NAMES) : names.find((n) => n === column);

const noColumn = (where: string, what: string, names: readonly string[], column: string): UserError =>
  new UserError(
    `${where}: no ${what} of captions: expected ${column === '' ? `one named ${CAPTION_NAMES.join(', ')}` : `"${column}" (captions.column)`}; it has ${names.map((n) => JSON.stringify(n.slice(0, 40))).join(', ') || 'none'}${column === '' ? '; name it with captions.column' : ''}`,
  );

/** CSV and TSV with a header; quoted fields may hold line breaks. */
async function* readTable(file: string, column: string): AsyncIterable<OwnCaption> {
  let delimiter: string | undefined;
  let header: string[] | undefined;
  let at = -1;
  let label: number | undefined;
  const take = (text: string): OwnCaption | undefined => {
    const cells = parseDelimited(text, delimiter!, file)[0]?.cells;
    if (!cells) return undefined;
    if (header === undefined) {
      header = cells.map((c) => c.trim());
      const name = captionName(header, column);
      if (name === undefined) throw noColumn(`${file}: its first line`, 'column', header, column);
      at = header.indexOf(name);
      const labelled = nameAmong(header, LABEL_NAMES);
      label = labelled === undefined ? undefined : header.indexOf(labelled);
      return undefined;
    }
    return { text: cells[at] ?? '', concept: label === undefined ? '' : asLabel(cells[label]) };
  };
  // Lines of a row that is not at its end: a quoted field holds line breaks.
  let held: string[] = [];
  let length = 0;
  let from = 0;
  for await (const { text, number } of textLines(file)) {
    if (held.length === 0) {
      if (text.trim() === '') continue;
      [from, length] = [number, 0];
    }
    delimiter ??= extname(file).toLowerCase() === '.tsv' ? '\t' : delimiterOf(text);
    const isOpen = endsWithinField(text, delimiter, held.length > 0);
    held.push(text);
    length += text.length + 1;
    if (length > MOST_ROW) break;
    if (isOpen) continue;
    let found: OwnCaption | undefined;
    try {
      found = take(held.join('\n'));
    } catch (e) {
      throw e instanceof UserError ? new UserError(e.message.replace(`${file}:1:`, `${file}:${from}:`)) : e;
    }
    if (found) yield found;
    held = [];
  }
  if (held.length > 0) throw new UserError(`${file}: line ${from}: a quoted field is never closed`);
  if (header === undefined) throw new UserError(`${file}: empty; expected a first line of names, caption among them`);
}

async function* readParquet(path: string, column: string): AsyncIterable<OwnCaption> {
  const file = ParquetFile.open(path);
  try {
    const names = file.columns.filter((c) => c.path.length === 1 && !c.list).map((c) => c.path[0]);
    const text = captionName(names, column);
    if (text === undefined) throw noColumn(path, 'column', names, column);
    const label = nameAmong(names, LABEL_NAMES);
    const columns = label === undefined ? [text] : [text, label];
    for (let at = 0; at < file.rows; at += ROWS)
      for (const row of await file.read(columns, at, Math.min(file.rows, at + ROWS))) {
        const found = row[text];
        yield {
          text: typeof found === 'string' ? found : '',
          concept: label === undefined ? '' : asLabel(row[label]),
        };
      }
  } finally {
    file.close();
  }
}
