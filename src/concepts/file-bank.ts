import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Draw } from '../captions/record.js';
import { UserError } from '../errors.js';
import type { Pool } from './bank.js';
import { type Concept, toConcept } from './concept.js';
import { CATEGORIES, type Category, KINDS, type Kind, kindOf } from './kinds.js';
import { type Lexeme, openWordnet } from './wordnet.js';

/**
 * A user's own concepts. `.txt`: one a line, `#` begins a comment. `.csv`: header `name[,weight][,kind][,category][,backgrounds]`,
 * backgrounds separated by `|`. `.json`: a list of names or of objects with those keys, or an object category → list.
 */

const OBJECT_KINDS = ['object', 'place', 'texture'] as const;
const FIELDS = ['name', 'weight', 'kind', 'category', 'backgrounds'] as const;

interface Entry {
  name: string;
  weight?: number;
  kind?: Draw['kind'];
  category?: Category;
  sort?: Kind;
  backgrounds?: string[];
}

/**
 * Concepts of a text, CSV or JSON file.
 * @throws UserError naming file, line and what is expected.
 */
export async function filePools(path: string): Promise<Pool[]> {
  const type = extname(path).toLowerCase();
  const read = { '.txt': readLines, '.csv': readCsv, '.json': readJson }[type];
  if (!read)
    throw new UserError(`${path}: a concept file ends in .txt, .csv or .json, not in "${type || basename(path)}"`);
  const entries = read(await readText(path), path);
  const concepts: Concept[] = [];
  const seen = new Set<string>();
  const wordnet = openWordnet();
  for (const entry of entries) {
    // `crane (bird)`: the hint chooses the sense and is not said.
    const name = entry.name.replace(/(?<!\s)\s*\([^()]*\)$/, '').trim() || entry.name;
    const lexeme = wordnet.lookup(entry.name);
    const key = `${name.toLowerCase()} ${name === entry.name ? '' : lexeme?.synset}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const { weight: frequency, kind, backgrounds } = entry;
    const { category, sort } = entry.category || entry.sort || !lexeme || kind ? entry : meantKind(lexeme);
    concepts.push(toConcept({ name, lexeme, category, sort, kind, frequency, backgrounds, source: 'file' }));
  }
  if (concepts.length === 0) throw new UserError(`${path}: no concept in it (one a line, or a JSON list of names)`);
  return [{ source: 'file', share: 1, concepts }];
}

/** Pipes, hoses and straws are passages to WordNet, and so would be rooms; who lists them means things. Nothing for all others. */
function meantKind({ name, hypernyms }: Lexeme): { category?: Category; sort?: Kind } {
  const kinds = [name, ...hypernyms];
  if (!kinds.includes('tube') || !kinds.includes('passage')) return {};
  return { category: 'artefact', sort: kinds.includes('hose') ? 'tool' : 'thing' };
}

/** The text of a file. @throws UserError if it cannot be read or is no UTF-8 text. */
export async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${(error as Error).message}`);
  }
  if (bytes.includes(0)) throw new UserError(`${path}: not a text file`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${path}: not a text file in UTF-8`);
  }
}

/** JSON of a file. @throws UserError with the parser's own position. */
export async function readJsonFile(path: string): Promise<unknown> {
  return parseJson(await readText(path), path);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = (error as Error).message;
    const at = /position (\d+)/.exec(message);
    const line = at ? `:${text.slice(0, Number(at[1])).split('\n').length}` : '';
    throw new UserError(`${path}${line}: malformed JSON: ${message}`);
  }
}

function checkName(raw: string, where: string): string {
  const name = raw.normalize('NFC').replace(/\s+/g, ' ').trim();
  if (!/[\p{L}\p{N}]/u.test(name))
    throw new UserError(`${where}: a concept's name needs a letter or a digit, got ${JSON.stringify(raw)}`);
  // They would be sent to terminals and models.
  if (/\p{Cc}/u.test(name))
    throw new UserError(`${where}: a concept's name has no control characters, got ${JSON.stringify(raw)}`);
  if (name.length > 100)
    throw new UserError(`${where}: a concept's name has at most 100 characters, got ${name.length}`);
  return name;
}

function readLines(text: string, path: string): Entry[] {
  return text
    .split(/\r\n|\n|\r/)
    .map((line, i) => ({ name: line.replace(/(^|\s)#.*$/, '').trim(), where: `${path}:${i + 1}` }))
    .filter((line) => line.name !== '')
    .map(({ name, where }) => ({ name: checkName(name, where) }));
}

function readCsv(text: string, path: string): Entry[] {
  const rows = parseCsv(text, path);
  if (rows.length === 0) return [];
  const header = rows[0].cells.map((c) => c.trim().toLowerCase());
  const unknown = header.find((h) => !(FIELDS as readonly string[]).includes(h));
  if (!header.includes('name') || unknown !== undefined || new Set(header).size !== header.length) {
    throw new UserError(
      `${path}:1: the header must be name[,weight][,kind][,category][,backgrounds], got "${rows[0].cells.join(',')}"`,
    );
  }
  return rows.slice(1).map(({ cells, line }) => {
    const where = `${path}:${line}`;
    if (cells.length !== header.length)
      throw new UserError(`${where}: expected ${header.length} fields, got ${cells.length}`);
    return toEntry(Object.fromEntries(header.map((h, i) => [h, cells[i].trim()])), where);
  });
}

/** RFC 4180: quoted fields may hold commas, doubled quotes and line breaks. Empty lines are skipped. */
function parseCsv(text: string, path: string): { cells: string[]; line: number }[] {
  const rows: { cells: string[]; line: number }[] = [];
  let cells: string[] = [];
  let line = 1;
  let start = 1;
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      const opened = line;
      for (at++; ; at++) {
        if (at >= text.length) throw new UserError(`${path}:${opened}: a quoted field is never closed`);
        if (text[at] === '"') {
          if (text[at + 1] !== '"') break;
          at++;
        }
        if (text[at] === '\n') line++;
        cell += text[at];
      }
      at++;
      if (at < text.length && !/[,\r\n]/.test(text[at]))
        throw new UserError(`${path}:${line}: text after a closing quote`);
    } else {
      const end = /[,\r\n]/g;
      end.lastIndex = at;
      const stop = end.exec(text)?.index ?? text.length;
      cell = text.slice(at, stop);
      at = stop;
    }
    cells.push(cell);
    if (text[at] === ',') {
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

function readJson(text: string, path: string): Entry[] {
  const value = parseJson(text, path);
  const one = (item: unknown, where: string): Entry => {
    if (typeof item === 'string') return { name: checkName(item, where) };
    if (item && typeof item === 'object' && !Array.isArray(item))
      return toEntry(item as Record<string, unknown>, where);
    throw new UserError(`${where}: expected a name or an object with a name, got ${JSON.stringify(item)}`);
  };
  if (Array.isArray(value)) return value.map((item, i) => one(item, `${path}: entry ${i + 1}`));
  if (value && typeof value === 'object') {
    return Object.entries(value).flatMap(([key, list]) => {
      if (!Array.isArray(list))
        throw new UserError(`${path}: "${key}" must hold a list of names, got ${JSON.stringify(list)?.slice(0, 60)}`);
      const group = groupOf(key);
      return list.map((item, i) => {
        const entry = one(item, `${path}: "${key}", entry ${i + 1}`);
        // A free key such as `garden tools` only helps with names that WordNet does not know.
        if (!group || entry.category || entry.sort) return entry;
        return group.sure || !openWordnet().lookup(entry.name)
          ? { ...entry, category: group.category, sort: group.sort }
          : entry;
      });
    });
  }
  throw new UserError(`${path}: expected a list of names or an object category → list`);
}

function toEntry(raw: Record<string, unknown>, where: string): Entry {
  const unknown = Object.keys(raw).find((key) => !(FIELDS as readonly string[]).includes(key));
  if (unknown !== undefined)
    throw new UserError(`${where}: unknown field "${unknown}" (choices: ${FIELDS.join(', ')})`);
  if (typeof raw.name !== 'string') throw new UserError(`${where}: a concept needs a name`);
  const entry: Entry = { name: checkName(raw.name, where) };
  const given = (key: string) => raw[key] !== undefined && raw[key] !== null && raw[key] !== '';
  if (given('weight')) {
    const weight = Number(raw.weight);
    if (!Number.isFinite(weight) || weight <= 0)
      throw new UserError(`${where}: weight must be a number above 0, got "${raw.weight}"`);
    entry.weight = weight;
  }
  if (given('kind')) {
    const kind = OBJECT_KINDS.find((k) => k === raw.kind);
    if (!kind) throw new UserError(`${where}: unknown kind "${raw.kind}" (choices: ${OBJECT_KINDS.join(', ')})`);
    entry.kind = kind;
  }
  if (given('category')) {
    const group = groupOf(String(raw.category));
    if (!group)
      throw new UserError(
        `${where}: unknown category "${raw.category}" (choices: ${CATEGORIES.join(', ')}; or finer: ${Object.keys(KINDS).join(', ')})`,
      );
    entry.category = group.category;
    entry.sort = group.sort;
  }
  if (given('backgrounds')) {
    const list = Array.isArray(raw.backgrounds) ? raw.backgrounds : String(raw.backgrounds).split('|');
    if (list.some((b) => typeof b !== 'string')) throw new UserError(`${where}: backgrounds must be names`);
    entry.backgrounds = list.map((b) => checkName(b, where));
  }
  return entry;
}

/** What a category word means: a category, a finer kind, or anything that WordNet places (then not sure). */
function groupOf(word: string): { category: Category; sort?: Kind; sure: boolean } | undefined {
  const key = word.trim().toLowerCase();
  for (const form of [key, key.replace(/s$/, ''), key === 'artifact' || key === 'artifacts' ? 'artefact' : key]) {
    const category = CATEGORIES.find((c) => c === form);
    if (category) return { category, sure: true };
    if (Object.hasOwn(KINDS, form)) return { category: KINDS[form as Kind].category, sort: form as Kind, sure: true };
  }
  const lexeme = openWordnet().lookup(key);
  if (!lexeme) return undefined;
  const sort = kindOf(lexeme);
  return { category: KINDS[sort].category, sort, sure: false };
}
