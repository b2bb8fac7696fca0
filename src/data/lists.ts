import { readFile } from 'node:fs/promises';
import { delimiterOf, parseDelimited } from '../concepts/delimited.js';
import { UserError } from '../errors.js';
import { requirePlainFile } from '../formats/plain-file.js';

/** Files of labels are smaller than this, bytes. */
const MOST = 2 ** 29;

/** A text file as a data set has it. @throws UserError where it is no text, or larger than labels are */
export async function readText(path: string): Promise<string> {
  const { size } = await requirePlainFile(path);
  if (size > MOST) throw new UserError(`${path}: ${size} bytes are more than a list of labels has`);
  const text = await readFile(path, 'utf8');
  if (text.includes('\0')) throw new UserError(`${path}: not a text file`);
  return text.replace(/^\ufeff/, '');
}

/**
 * A table's rows by the names in its first line. @throws UserError for rows of other lengths, and where a column is
 * missing
 */
export function tableOf(text: string, path: string, columns: readonly string[]): Record<string, string>[] {
  const [first, ...rows] = parseDelimited(text, delimiterOf(text.split(/[\r\n]/, 1)[0]), path);
  const names = first?.cells.map((c) => c.trim()) ?? [];
  for (const column of columns)
    if (!names.includes(column))
      throw new UserError(`${path}: no column ${column} (it has ${names.join(', ') || 'nothing'})`);
  return rows.map(({ cells, line }) => {
    if (cells.length !== names.length)
      throw new UserError(`${path}, line ${line}: ${cells.length} columns, the first line has ${names.length}`);
    return Object.fromEntries(names.map((n, i) => [n, cells[i].trim()]));
  });
}

/** Rows of a table without a first line of names. */
export function rowsOf(text: string, path: string): string[][] {
  return parseDelimited(text, delimiterOf(text.split(/[\r\n]/, 1)[0]), path).map((r) => r.cells.map((c) => c.trim()));
}

/** A whole number in a label file. @throws UserError naming the file and the text */
export function wholeOf(text: string | undefined, path: string): number {
  if (text === undefined || !/^[+-]?\d{1,9}$/.test(text.trim()))
    throw new UserError(`${path}: "${text ?? ''}" is no whole number`);
  return Number(text);
}
