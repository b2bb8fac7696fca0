/**
 * What must not reach a terminal as it is: C0 and C1 controls (ESC begins commands that set the title, the clipboard, colours), invisible and
 * direction-changing characters (Unicode TR 36: what is read is not what is there), tags, and halves of surrogate pairs.
 * Joiners (U+200C, U+200D) stay: scripts and emoji are written with them.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu;

/**
 * Text from anywhere (captions, file names, complaints of servers, models' names) as it may be printed: what is no character of writing is
 * shown as its escape, `\u001b`, so that nothing is hidden. Line feeds and tabs stay.
 */
export function printable(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(UNPRINTABLE, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}

/** A value as JSON that may be printed: what {@link printable} shows as an escape is one, of UTF-16 units, as JSON has them. @param indent blanks; 0: in one line */
export function printableJson(value: unknown, indent = 2): string {
  const escaped = (c: string) =>
    Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
  return JSON.stringify(value, null, indent).replace(UNPRINTABLE, escaped);
}

/** A text of at most so many characters: what is longer ends between words where there are some, and says so by `…`. */
export function cutAtWord(text: string, most: number): string {
  if (text.length <= most) return text;
  const part = text.slice(0, most - 2).replace(/[\ud800-\udbff]$/, '');
  const blank = part.lastIndexOf(' ');
  return `${blank > most / 2 ? part.slice(0, blank) : part} …`;
}

/** Characters of a name that a server gives to a model and the like, at most: it stands in each record. */
export const MOST_NAME = 256;

/** {@link printable} text in one line, whatever the text's parts contain. */
export function oneLine(text: string): string {
  return printable(text.replace(/(?<!\s)\s*[\r\n]\s*/g, ' ').trim());
}
