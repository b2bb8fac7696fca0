import { UserError } from '../errors.js';

/** A row of a table and the line on which it begins, from 1. */
export interface Row {
  cells: string[];
  line: number;
}

const DELIMITERS = [',', ';', '\t'] as const;

/**
 * What separates the fields: what the first line has most of outside quotes, of commas, semicolons (spreadsheets where a comma is the decimal
 * sign) and tabs.
 */
export function delimiterOf(firstLine: string): string {
  const bare = firstLine.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((d) => bare.split(d).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

/**
 * Whether a quoted field is open where a line of a table ends; a quote opens one only where a field begins.
 * @param wasOpen whether one was open where the line begins
 */
export function endsWithinField(line: string, delimiter: string, wasOpen: boolean): boolean {
  let open = wasOpen || line.startsWith('"');
  let at = open && !wasOpen ? 1 : 0;
  for (;;) {
    if (open) {
      let quote = line.indexOf('"', at);
      // A doubled one is text.
      while (quote >= 0 && line[quote + 1] === '"') quote = line.indexOf('"', quote + 2);
      if (quote < 0) return true;
      at = quote + 1;
    }
    const next = line.indexOf(`${delimiter}"`, at);
    if (next < 0) return false;
    open = true;
    at = next + delimiter.length + 1;
  }
}

/**
 * RFC 4180, with any delimiter: quoted fields may hold it, doubled quotes and line breaks. Empty lines are skipped.
 * @throws UserError naming the line where a quote is not closed or is followed by text
 */
export function parseDelimited(text: string, delimiter: string, path: string): Row[] {
  const rows: Row[] = [];
  let cells: string[] = [];
  let line = 1;
  let start = 1;
  let at = 0;
  const end = new RegExp(`[${delimiter}\\r\\n]`, 'g');
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      const opened = line;
      const parts: string[] = [];
      for (let from = at + 1; ; ) {
        const quote = text.indexOf('"', from);
        if (quote < 0) throw new UserError(`${path}:${opened}: a quoted field is never closed`);
        parts.push(text.slice(from, quote));
        at = quote + 1;
        if (text[at] !== '"') break;
        parts.push('"');
        from = at + 1;
      }
      cell = parts.join('');
      line += cell.split(/\r\n|\n|\r/).length - 1;
      if (at < text.length && text[at] !== delimiter && !/[\r\n]/.test(text[at]))
        throw new UserError(`${path}:${line}: text after a closing quote`);
    } else {
      end.lastIndex = at;
      const stop = end.exec(text)?.index ?? text.length;
      cell = text.slice(at, stop);
      at = stop;
    }
    cells.push(cell);
    if (text[at] === delimiter) {
      at++;
      if (at < text.length) continue;
      cells.push('');
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    line++;
    if (cells.length > 1 || cells[0].trim() !== '') rows.push({ cells, line: start });
    cells = [];
    start = line;
  }
  return rows;
}
