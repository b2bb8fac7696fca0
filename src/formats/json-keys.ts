/**
 * The first name that an object of this JSON text has twice: `JSON.parse` keeps the last of them and drops the others without a word.
 * @param text JSON that is well-formed
 * @returns the name and the line on which it comes again, from 1; undefined where there is none
 */
export function repeatedKey(text: string): { key: string; line: number } | undefined {
  // What stands open: the names of an object, undefined for a list.
  const open: (Set<string> | undefined)[] = [];
  const token = /[{}[\]]|"[^"\\]*(?:\\.[^"\\]*)*(?:"(\s*:)?|\\?$)/g;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [found, colon] = match;
    if (found === '{') open.push(new Set());
    else if (found === '[') open.push(undefined);
    else if (found === '}' || found === ']') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(found.slice(0, -colon.length)) as string;
      const names = open.at(-1);
      if (names?.has(key)) return { key, line: text.slice(0, match.index).split('\n').length };
      names?.add(key);
    }
  }
  return undefined;
}
