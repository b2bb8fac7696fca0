import { extname } from 'node:path';
import { UserError } from '../errors.js';
import { parseJson, readText } from '../formats/json.js';
import { delimiterOf, parseDelimited } from './delimited.js';
import type { Entry } from './entry.js';
import { entryOf, fieldsOf, HEADER, isHeader } from './fields.js';
import { readJsonLines, readJsonList } from './json-list.js';
import { readLines } from './line-list.js';

/**
 * A user's own list of concepts: one a line; a table with a header; JSON; JSON Lines. Which of them a file is, its content says, whatever its name
 * ends in.
 * @throws UserError naming file, line and what is expected
 */
export async function readConceptList(path: string): Promise<Entry[]> {
  const text = await readText(path).catch(saveAsUtf8);
  if (text.includes('\0')) throw new UserError(`${path}: not a text file`);
  if (/^\s*<(!doctype|html|\?xml|svg)\b/i.test(text))
    throw new UserError(`${path} is a page or a document in HTML or XML: give the names alone, one a line`);
  const type = extname(path).toLowerCase();
  const isJson = type === '.json' && text.trim() !== '';
  if (isJson || /^\s*[[{]/.test(text)) {
    const lines = jsonLines(text);
    if (lines) return readJsonLines(lines, path);
    // `{0: 'tench', …` is Python's, and no JSON.
    if (isJson || !/^[^\S\r\n]*\{\s*(\d+\s*:|'|$)/m.test(text.slice(0, 200)) || isParsed(text))
      return readJsonList(parseJson(text, path), text, path);
  }
  const table = readTable(text, path, type === '.csv' || type === '.tsv');
  return table ?? readLines(text, path);
}

function saveAsUtf8(e: unknown): never {
  if (e instanceof UserError && e.message.endsWith('is not UTF-8 text'))
    throw new UserError(`${e.message}, perhaps Latin-1 or Windows-1252: save it as UTF-8`);
  throw e;
}

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The values of JSON Lines; undefined for text that is none, or that is one value over several lines. */
function jsonLines(text: string): { value: unknown; line: number }[] | undefined {
  const lines = text
    .split(/\r\n|\n|\r/)
    .map((line, i) => ({ text: line.trim(), line: i + 1 }))
    .filter((line) => line.text !== '');
  if (lines.length < 2) return undefined;
  const values: { value: unknown; line: number }[] = [];
  for (const { text: one, line } of lines) {
    try {
      values.push({ value: JSON.parse(one), line });
    } catch {
      return undefined;
    }
  }
  return values;
}

/** Rows below a header; undefined for text without one, unless the file's name says that it is a table. */
function readTable(text: string, path: string, sure: boolean): Entry[] | undefined {
  // Excel's own line on what separates the fields.
  const told = /^sep=(.)\r?\n/.exec(text);
  const body = told ? text.slice(told[0].length) : text;
  const first = body.replace(/^\s*\n/, '').split(/[\r\n]/, 1)[0];
  const delimiter = told?.[1] ?? delimiterOf(first);
  const looks = isHeader(first.split(delimiter)) && (sure || first.includes(delimiter));
  if (!looks && !sure) return undefined;
  const rows = parseDelimited(body, delimiter, path);
  if (rows.length === 0) return [];
  const before = told ? 1 : 0;
  const header = rows[0].cells;
  const found = fieldsOf(header);
  const columns = 'fields' in found ? found.fields : [];
  if (!columns.includes('name') && !columns.includes('id'))
    throw new UserError(
      `${path}:${rows[0].line + before}: the header must be ${HEADER}, got "${header.join(delimiter)}"${'unknown' in found ? ` (unknown: ${found.unknown})` : ''}`,
    );
  return rows.slice(1).map(({ cells, line }) => {
    const where = `${path}:${line + before}`;
    if (cells.length !== header.length)
      throw new UserError(`${where}: expected ${header.length} fields, got ${cells.length}`);
    const pairs = header.map((name, i) => [name, cells[i].trim()] as const);
    return entryOf(pairs, where, delimiter !== ',');
  });
}
