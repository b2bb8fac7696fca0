import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A regular expression as it stands in a source file. */
export interface Literal {
  /** `src/x.ts:12`. */
  where: string;
  source: string;
  flags: string;
}

/** All regular expressions of the sources below a folder, tests aside. */
export function regexLiterals(dir: string): Literal[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort()
    .flatMap((name) => literalsIn(readFileSync(join(dir, name), 'utf8'), join(dir, name)));
}

/** After these a slash begins an expression; after all else it divides. */
const OPENS = /(?:^|[([{,;:=!&|?+\-*%<>~^]|\b(?:return|case|typeof|in|of|await|yield))\s*$/;

/** The regular expressions of one source text. */
export function literalsIn(text: string, file: string): Literal[] {
  const found: Literal[] = [];
  /** Depths of braces at which a template's text goes on. */
  const templates: number[] = [];
  let depth = 0;
  let line = 1;
  /** The code before, as far as it matters. */
  let before = '';
  for (let i = text.startsWith('#!') ? endOf(text, '\n', 0) : 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\n') line++;
    const skip = (end: number) => {
      for (let k = i; k < end; k++) if (text[k] === '\n') line++;
      i = end - 1;
    };
    if (c === '/' && text[i + 1] === '/') skip(endOf(text, '\n', i));
    else if (c === '/' && text[i + 1] === '*') skip(endOf(text, '*/', i + 2) + 2);
    else if (c === '"' || c === "'") {
      skip(quoted(text, i, c));
      before = 'x';
    } else if (c === '`' || (c === '}' && templates.at(-1) === depth)) {
      if (c === '}') templates.pop();
      const { end, code } = template(text, i + 1);
      if (code) templates.push(depth);
      skip(end);
      before = code ? '{' : 'x';
    } else if (c === '/' && OPENS.test(before)) {
      const end = expression(text, i);
      const flags = /^[a-z]*/.exec(text.slice(end))![0];
      found.push({ where: `${file}:${line}`, source: text.slice(i + 1, end - 1), flags });
      skip(end + flags.length);
      before = 'x';
    } else {
      if (c === '{') depth++;
      if (c === '}') depth--;
      before = (before + c).slice(-12);
    }
  }
  return found;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at;
}

/** The index after a string that begins at `i`. */
function quoted(text: string, i: number, quote: string): number {
  let at = i + 1;
  while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** A template's text from `i` up to its end or its next `${`. */
function template(text: string, i: number): { end: number; code: boolean } {
  for (let at = i; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '`') return { end: at + 1, code: false };
    else if (text[at] === '$' && text[at + 1] === '{') return { end: at + 2, code: true };
  }
  return { end: text.length, code: false };
}

/** The index after the closing slash of the expression that begins at `i`. */
function expression(text: string, i: number): number {
  let inClass = false;
  for (let at = i + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '[') inClass = true;
    else if (text[at] === ']') inClass = false;
    else if (text[at] === '/' && !inClass) return at + 1;
  }
  throw new Error(`an expression without end: ${text.slice(i, i + 40)}`);
}

/**
 * Pieces of text that an expression knows, or nearly: its own words, members of its classes, and a few of everybody's. What takes an expression
 * long is made of them.
 */
export function piecesOf(source: string): { characters: string[]; words: string[] } {
  const characters = new Set([' ', 'a', '0', '.', '-']);
  const words = new Set<string>();
  const escapes: Readonly<Record<string, string>> = {
    s: ' \n',
    S: '!',
    d: '0',
    w: 'a',
    W: '!',
    n: '\n',
    r: '\r',
    t: '\t',
  };
  let word = '';
  const end = () => {
    if (word.length > 1) words.add(word);
    word = '';
  };
  for (let i = 0; i < source.length; i++) {
    let c = source[i];
    if (c === '\\') {
      c = source[++i];
      if (c === 'p' || c === 'P') {
        i = source.indexOf('}', i);
        for (const one of 'é9') characters.add(one);
        end();
        continue;
      }
      if (c === 'u' || c === 'x') {
        const digits = /^(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2})/i.exec(source.slice(i))?.[0] ?? c;
        const code = Number.parseInt(digits.replace(/[^0-9a-f]/gi, ''), 16);
        if (code > 0) characters.add(String.fromCodePoint(code));
        i += digits.length - 1;
        end();
        continue;
      }
      if (c in escapes) {
        for (const one of escapes[c]) characters.add(one);
        end();
        continue;
      }
      if (c === 'b' || c === 'B' || /[1-9k]/.test(c)) {
        end();
        continue;
      }
      characters.add(c);
      word += c;
      continue;
    }
    // A group's brackets do not part a word: `<(think)>`.
    if (c === '(') {
      i += /^\?(?:[:=!]|<[=!]|<\w+>)/.exec(source.slice(i + 1))?.[0].length ?? 0;
      continue;
    }
    if (c === ')') continue;
    if ('[]{}|*+?^$'.includes(c) || c === '.') {
      // What is optional belongs to the word as well as not.
      end();
      continue;
    }
    characters.add(c);
    word += c;
  }
  end();
  return { characters: [...characters].filter((c) => !/[b-zB-Z1-8]/.test(c)), words: [...words] };
}
