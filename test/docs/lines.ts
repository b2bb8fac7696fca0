import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The commands of README and docs, as a reader would copy them. */

export interface DocLine {
  /** README.md, docs/probes.md … and the line's number. */
  file: string;
  at: number;
  /** As it stands there, continued lines joined, comments gone. */
  text: string;
}

const root = new URL('../../', import.meta.url);

/** README and all pages of docs/. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(fileURLToPath(new URL('docs', root)))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

export const pageText = (page: string): string => readFileSync(new URL(page, root), 'utf8');

/** All lines of a page's blocks of shell. */
export function shellLines(page: string): DocLine[] {
  const found: DocLine[] = [];
  let open = false;
  let begun: DocLine | undefined;
  for (const [i, line] of pageText(page).split('\n').entries()) {
    if (/^\s*```/.test(line)) {
      open = /^\s*```(?:sh|bash|shell|console)\b/.test(line);
      continue;
    }
    if (!open) continue;
    const part = line.trim().replace(/\\$/, '').trim();
    begun = begun ? { ...begun, text: `${begun.text} ${part}` } : { file: page, at: i + 1, text: part };
    if (line.trimEnd().endsWith('\\')) continue;
    const text = withoutComment(begun.text).trim();
    if (text !== '') found.push({ ...begun, text });
    begun = undefined;
  }
  return found;
}

/** Without `# …`, where it does not stand in quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (quote) quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '#' && (i === 0 || /\s/.test(line[i - 1]))) return line.slice(0, i);
  }
  return line;
}

/**
 * The arguments of a line that calls synclr: up to a pipe or a redirection, without what a shell would compute (`$(…)`).
 * @returns undefined for a line that calls something else
 */
export function synclrArguments(text: string): string[] | undefined {
  const words = split(text);
  const start = /^npm start(?: -- (.*))?$/.exec(text);
  if (start) return ['run', '--preset', 'tiny', ...(start[1] ? split(start[1]) : [])];
  if (words[0] === 'npx' && words[1] === 'synclr') return words.slice(2);
  return words[0] === 'synclr' ? words.slice(1) : undefined;
}

/** Words as a shell has them. */
function split(text: string): string[] {
  const computed = text.replace(/\$\(.*\)/, '');
  const words: string[] = [];
  for (const [, double, single, plain] of computed.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)) {
    if (plain !== undefined && /^(?:[|&;]+|[0-9]?>+|<)/.test(plain)) break;
    words.push(double ?? single ?? plain);
  }
  return words;
}
