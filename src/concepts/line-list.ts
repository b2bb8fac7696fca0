import { UserError } from '../errors.js';
import { className } from './class-names.js';
import { checkEntry, shown } from './concept-name.js';
import type { Entry } from './entry.js';
import { placeName } from './places365.js';

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
const NUMBERED = /^(\d+)(?:\s*[:.,;|)]\s*|\s+)(.*\p{L}.*)$/u;
/** `person 0`, `bicycle,1`. */
const NUMBERED_AFTER = /^(?=.*\p{L})(.*?\S)(?:\s*[:,;|=]\s*|\s+)(\d+)$/u;
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
  const places = lines.map((line) => placeName(line.text));
  if (places.length > 0 && places.every((name) => name !== undefined))
    return named(
      lines.map((line, i) => ({ ...line, text: places[i]! })),
      path,
    ).map((entry) => ({ ...entry, kind: 'place', category: 'place' }));
  let left = lines;
  for (const form of [BULLET, QUOTED]) if (left.every((line) => form.test(line.text))) left = stripped(left, form);
  return named(withoutNumbers(left), path);
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
