import type { Draw } from './record.js';
import { slotsLine } from './templates.js';
import { withoutThoughts } from './thoughts.js';

/**
 * The one line of a completion that can be a caption, freed from what language models put around it.
 * Special tokens after the chat formats of Llama 2 and 3, ChatML, Gemma and DeepSeek, as their model cards print them.
 */

/** A turn's header with the speaker's role. */
const TURNS =
  /<\|im_start\|>\s*\w*|<\|start_header_id\|>\s{0,8}\w{0,32}\s{0,8}<\|end_header_id\|>|<start_of_turn>\s*\w*|<\|start\|>\w*|<\|(?:assistant|user|system)\|>/gi;
const SPECIAL =
  /<\/?s>|<[|｜][^<>|｜\n]{1,40}[|｜]>|<\/?(?:bos|eos|pad|unk|end_of_turn|end_of_text|endoftext)>|\[\/?INST\]|<<\/?SYS>>/gi;
/** Zero-width marks, soft hyphens, emoji variation selectors, and control characters but line ends. */
const INVISIBLE = /(?![\n\r])[\p{Cc}\p{Cf}]|\ufe0f/gu;
const PICTOGRAPHS = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}/gu;

const LIST_MARK = /^\s*(?:>\s*)*(?:#{1,6}\s+|[-*+•–—·▪►]\s+|\(?\d{1,3}[.):]\s+|\(?[a-z][.)]\s+)/i;
const EMPHASIS = /\*\*|__|`|(?<![\p{L}\p{N}])[*_](?=[\p{L}"'“])|(?<=[\p{L}.!?"'”])[*_](?![\p{L}\p{N}])/gu;
const LABEL =
  /^(?:(?:image|photo|picture|short|the|final|my|one|possible|suggested)\s+){0,3}(?:caption|description|answer|output|response|assistant|result|image|photo|picture)\s*(?:\d{1,3}\s*)?(?::|[-–—]\s)\s*/i;
const EAGER =
  /^(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|great|alright|got it|yes|no problem)(?:\s*[!,.:]|\s+here\b)/i;
const HERE_IS = /^(?:here(?:'s|’s| is| are| you go| goes)|this is|the following is)\b[^:]{0,100}:\s*/i;
const ROLE = /^(?:assistant|user|system|model|human|caption|answer|output)$/i;
/** `(Note: the background is implied.)`, `(9 words)` */
const AFTERWORD = /\((?:note|explanation|\d+ (?:words|tokens|characters))\b[^()]*\)?\.?$/i;
/** A dash, colon or arrow before everything else, as models continue `newt, pond =>`. */
const LEADING_ARROW = /^\s*(?:=+>|-+>|→|⇒|[:=–—])\s*/;
/** The end of a sentence that the prompt had not begun, as base models write it: `. A newt swims.` */
const LEADING_STOP = /^(?:[,;:!?…\s]|\.(?!\d))+/;

/**
 * The caption in a completion: its first line that says something, without quotes, list marks, preambles, special tokens and the like,
 * in Unicode's composed form (NFC), with single spaces.
 * @param draw whose own left side (`newt, pond =>`) is taken away where the model repeats it
 * @returns text: '' if there is none; last: nothing follows that line in the completion, so a cut completion is a cut line
 */
export function firstCaption(completion: string, draw?: Draw): { text: string; last: boolean } {
  const lines = linesOf(completion);
  for (const [i, raw] of lines.entries()) {
    const line = tidy(raw, draw);
    if (line !== '') return { text: line, last: lines.slice(i + 1).every((rest) => rest.trim() === '') };
  }
  return { text: '', last: true };
}

/** The lines of a completion without special tokens, thoughts and invisible characters. */
export function linesOf(completion: string): string[] {
  let text = withoutThoughts(completion, '\n');
  if (text.includes('<') || text.includes('[')) text = text.replace(TURNS, '\n').replace(SPECIAL, '\n');
  return text
    .replace(/[\t\v\f]/g, ' ')
    .replace(INVISIBLE, '')
    .split(/\r\n|[\n\r\u2028\u2029]/);
}

/** A line without the mark of a list, emphasis and pictographs, with single spaces. */
export function withoutMarkup(raw: string): string {
  const line = raw.normalize('NFC').replace(PICTOGRAPHS, '').replace(/\s+/g, ' ').trim();
  const unmarked = line.replace(LIST_MARK, '');
  return /[*_`]/.test(unmarked) ? unmarked.replace(EMPHASIS, '').replace(/ {2,}/g, ' ') : unmarked;
}

function tidy(raw: string, draw: Draw | undefined): string {
  if (!/\p{L}/u.test(raw) || /^\s*(?:```|~~~)/.test(raw)) return '';
  let line = withoutMarkup(raw);
  // Lines such as `Sure, I can help with that.`; what follows a colon may be the caption.
  if (EAGER.test(line)) {
    const eager = /^[^:]*?(?:[,.!]|:| -)\s*/.exec(line)?.[0] ?? line;
    line = line.slice(eager.length);
    if (/^(?:i|let me|happy|here|this is)\b/i.test(line) && !line.includes(':')) return '';
  }
  line = line.replace(HERE_IS, '').replace(LABEL, '').replace(LEADING_ARROW, '');
  if (draw) line = withoutLeft(line, draw);
  line = unquoted(line.replace(AFTERWORD, '').trim())
    .replace(/ ([,.;:!?])(?= |$)/g, '$1')
    .replace(LEADING_STOP, '')
    .trim();
  if (ROLE.test(line) || !/\p{L}/u.test(line)) return '';
  // A line that only announces: `A caption of a newt in a pond:`.
  if (line.endsWith(':') && /\b(?:caption|description|answer|example|line|sentence)s?\b/i.test(line)) return '';
  return line;
}

/** Takes away `newt, pond =>` or `newt, pond:`, the draw's own left side, where the line begins with it. */
function withoutLeft(line: string, draw: Draw): string {
  const own = slotsLine(draw.template, draw).replace(/ =>$/, '');
  if (line.slice(0, own.length).toLowerCase() !== own.toLowerCase()) return line;
  const sign = /^\s*(?:=+>|-+>|→|⇒|:|[-–—](?=\s))\s*/.exec(line.slice(own.length));
  return sign ? line.slice(own.length + sign[0].length) : line;
}

const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '“': '”',
  '‘': '’',
  '«': '»',
  '„': '“',
  '`': '`',
};

function unquoted(line: string): string {
  const close = QUOTES[line[0]];
  if (close === undefined)
    return line.endsWith('"') && line.indexOf('"') === line.length - 1 ? line.slice(0, -1) : line;
  // `"A newt".` and `"A newt."`
  const end = /(?<![.!?,;])[.!?,;]*$/.exec(line)!.index;
  if (line[end - 1] === close && end > 1) {
    const inner = line.slice(1, end - 1);
    if (!inner.includes(close) || close === "'" || close === '’') return inner + line.slice(end).replace(/[,;]/g, '');
    return line;
  }
  return line.indexOf(close, 1) < 0 ? line.slice(1) : line;
}
