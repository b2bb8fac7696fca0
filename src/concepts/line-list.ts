import { UserError } from '../errors.js';
import { className } from './class-names.js';
import { checkEntry, shown } from './concept-name.js';
import type { Entry } from './entry.js';
import { placeName } from './places365.js';
import { sharedSense } from './wordnet-ids.js';

/** A line that holds something, and its number from 1. */
interface Line {
  text: string;
  number: number;
}

/** `{0: 'tench, Tinca tinca',`: a line of Python's printed dictionary. */
const PYTHON = /^\{?\s*(?:\d+|'[^']*'|"[^"]*")\s*:\s*(?:'(.*)'|"(.*)")\s*,?\s*\}?$/;
const BULLET = /^[-*•]\s+(.*)$/;
const QUOTED = /^(?:"([^"]*)"|'([^']*)'),?$/;
/** `0: person`, `1 bicycle`, `12) truck`. */
const NUMBERED = /^(\d+)(?:\s*[:.,;|)]\s*|\s+|_)(.*\p{L}.*)$/u;
/** `person 0`, `bicycle,1`. */
const NUMBERED_AFTER = /^(?=.*\p{L})(.*?\S)(?:\s*[:,;|=]\s*|\s+)(\d+)$/u;
/** `/m/01g317,Person`: the ids of Open Images. */
const FREEBASE = /^\/[mg]\/\w+[\s,;:]+(\S.*)$/;
/** `00001_Animalia_Chordata_…_Vulpes_vulpes`: iNaturalist's folders, kingdom to species. */
const TAXON =
  /^(?:\d+_)?(?:Animalia|Plantae|Fungi|Chromista|Protozoa)(?:_[\p{L}.-]+){4}_(\p{L}[\p{L}-]*_[\p{L}.×_-]+)$/u;
/** What programs and printed tables are made of, and no name: `classes = [`, `"tench", "goldfish",`, `| id | name |`. */
const CODE = /[[\]{}<>|=\\]|^["'][^"']*["']\s*,\s*["']/;
/** `cat,3`, `Abyssinian_1 1 1 1`. */
const COUNTED = /(?:[,;]\s*\d+(?:\.\d+)?|\s\d+\s+\d+)$/;
/** A key of YAML, alone or before a list or an object. */
const YAML = /^[\w-]+\s*:(?:\s*[[{|>].*)?$/;

/**
 * Concepts of lines: one each, `#` begins a comment. What printed lists put around them (numbers, bullets, quotes) is not part of a name where every
 * line has it.
 * @throws UserError naming the line that is no name
 */
export function readLines(text: string, path: string): Entry[] {
  const lines = text
    .split(/\r\n|[\n\r\u2028\u2029\u0085]/)
    .map((line, i) => ({ text: line.replace(/(^|\s)#.*$/, '').trim(), number: i + 1 }))
    .filter((line) => line.text !== '');
  for (const { text: line, number } of lines) checkEntry(line, `${path}:${number}`);
  const yaml = lines.find((line) => YAML.test(line.text));
  if (yaml)
    throw new UserError(
      `${path}:${yaml.number}: ${shown(yaml.text)} looks like YAML: give the names alone, one a line, or as a JSON list`,
    );
  const python = lines.filter((line) => !/^[{}]$/.test(line.text));
  if (python.length > 0 && python.every((line) => PYTHON.test(line.text)))
    return named(stripped(python, PYTHON), path, true);
  if (lines.length > 0 && lines.every((line) => FREEBASE.test(line.text)))
    return named(stripped(lines, FREEBASE), path);
  const places = lines.map((line) => placeName(line.text));
  if (places.length > 0 && places.every((name) => name !== undefined))
    return named(
      lines.map((line, i) => ({ ...line, text: places[i]! })),
      path,
    ).map((entry) => ({ ...entry, kind: 'place', category: 'place' }));
  let left: readonly Line[] = lines;
  for (const form of [TAXON, BULLET, QUOTED])
    if (left.every((line) => form.test(line.text))) left = stripped(left, form);
  for (let before: readonly Line[] | undefined; before !== left; ) {
    before = left;
    left = withoutNumbers(left);
  }
  refuseTables(left, path);
  return named(left, path);
}

/** @throws UserError naming the line that is code or part of a table, or that holds a whole list */
function refuseTables(lines: readonly Line[], path: string): void {
  const code = lines.find((line) => CODE.test(line.text));
  if (code)
    throw new UserError(
      `${path}:${code.number}: ${shown(code.text)} looks like code or a table: give the names alone, one a line, or as a JSON list`,
    );
  if (lines.length > 1 && lines.every((line) => COUNTED.test(line.text) && /\p{L}/u.test(line.text)))
    throw new UserError(
      `${path}:${lines[0].number}: ${shown(lines[0].text)} has numbers behind the name, as all lines have: begin a table with a header such as name,weight, or give the names alone`,
    );
  const [only] = lines;
  if (
    lines.length === 1 &&
    only.text.split(/[,;]/).length > 2 &&
    !/\d{8}/.test(only.text) &&
    !sharedSense(only.text.split(',').map((name) => name.trim()))
  )
    throw new UserError(`${path}:${only.number}: ${shown(only.text)} is a list in one line: give one name a line`);
}

function named(lines: readonly Line[], path: string, synonyms = false): Entry[] {
  return lines.map(({ text, number }) => {
    const where = `${path}:${number}`;
    return { ...className(text, where, synonyms), where };
  });
}

/** What the form's groups hold of each line. */
function stripped(lines: readonly Line[], form: RegExp): Line[] {
  return lines.map((line) => ({ ...line, text: (form.exec(line.text)?.slice(1) ?? []).join('').trim() }));
}

/** Lines that count up, from whatever number, are numbered. */
function withoutNumbers(lines: readonly Line[]): readonly Line[] {
  if (lines.length < 2) return lines;
  for (const [form, at, rest] of [
    [NUMBERED, 1, 2],
    [NUMBERED_AFTER, 2, 1],
  ] as const) {
    const first = Number(form.exec(lines[0].text)?.[at]);
    if (Number.isNaN(first)) continue;
    const all = lines.map((line) => form.exec(line.text));
    if (all.every((match, i) => match && Number(match[at]) === first + i))
      return lines.map((line, i) => ({ ...line, text: all[i]![rest] }));
  }
  return lines;
}
