/**
 * The first name that an object of this JSON text has twice: `JSON.parse` keeps the last of them and drops the others without a word, and
 * other parsers keep the first. By hand: patterns over whole strings run out of stack on long ones.
 * @param text JSON that is well-formed
 * @returns the name and the line on which it comes again, from 1; undefined where there is none
 */
export function repeatedKey(text: string): { key: string; line: number } | undefined {
  // What stands open: the names of an object, undefined for a list.
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '{') open.push(new Set());
    else if (c === '[') open.push(undefined);
    else if (c === '}' || c === ']') open.pop();
    else if (c === '"') {
      const start = i++;
      for (; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
      let next = i + 1;
      while (/\s/.test(text[next])) next++;
      if (text[next] !== ':') continue;
      const key = JSON.parse(text.slice(start, i + 1)) as string;
      const names = open.at(-1);
      if (names?.has(key)) return { key, line: text.slice(0, start).split('\n').length };
      names?.add(key);
    }
  }
  return undefined;
}
