import { DEMONSTRATIONS } from './demonstrations.js';
import { firstCaption } from './first-line.js';
import { mentions } from './mention.js';
import type { Draw } from './record.js';
import type { RejectReason } from './reject.js';
import { INSTRUCTIONS, slotsLine, TEMPLATES } from './templates.js';

/** What a completion must be to become a caption; see docs/captions.md for the rules in words. */

export type { RejectReason } from './reject.js';

export interface CleanOptions {
  /** Least and most words of a caption. */
  words: readonly [min: number, max: number];
  /** The concept (and a relation's second thing) must be recognisable. */
  requireConcept: boolean;
}

export type Cleaned = { caption: string } | { reason: Exclude<RejectReason, 'near-duplicate'> };

/**
 * The caption in a completion, or why there is none. Depends on its arguments alone.
 * @param completion text as the model gave it; cut: it ended because it had its full number of tokens
 */
export function cleanCaption(completion: { text: string; cut: boolean }, draw: Draw, options: CleanOptions): Cleaned {
  // More than the longest caption and a preamble is not looked at: models go on for as long as they are let.
  const most = PREAMBLE + options.words[1] * (LONGEST_WORD + 1);
  const cut = completion.cut || completion.text.length > most;
  const { text: caption, last } = firstCaption(completion.text.slice(0, most), draw);
  if (caption === '') return { reason: 'empty' };
  const lower = caption.toLowerCase().replaceAll('’', "'");
  if (REFUSAL.test(lower) || ASIDE.test(lower)) return { reason: 'refusal' };
  const words = wordsOf(lower);
  if (isEcho(lower, words, draw)) return { reason: 'prompt echo' };
  if (isOddText(caption, draw) || words.some((w) => w.length > LONGEST_WORD) || isLoop(words))
    return { reason: 'not a caption' };
  if (words.length < options.words[0]) return { reason: 'too short' };
  if (words.length > options.words[1]) return { reason: 'too long' };
  if ((cut && last && !/[.!?]["'”’)]?$/.test(caption)) || isUnfinished(lower, words)) return { reason: 'cut off' };
  if (options.requireConcept && !mentions(caption, draw)) return { reason: 'concept missing' };
  return { caption };
}

/** Words of a text in lower case; `ring-tailed` and `judge's` are one each. */
const wordsOf = (lower: string): readonly string[] => lower.match(/[\p{L}\p{N}]+(?:['.-][\p{L}\p{N}]+)*/gu) ?? [];

/** Openings of models that decline or excuse themselves. */
const REFUSAL =
  /^(?:i'?m (?:so )?sorry|i am (?:so )?sorry|sorry[,.!]|i apologi[sz]e|my apologies|apologies[,.]|unfortunately,? (?:i|we)\b|i(?: can(?:'t|not)| could not| couldn't| won't| will not| don't| do not|'m (?:unable|not able|afraid|just)| am (?:unable|not able|afraid|just))\b|as an? (?:ai|large language|language) |it(?:'s| is) (?:not (?:possible|appropriate|clear)|impossible|unclear)\b)|\b(?:as an ai|ai (?:language )?model|language model|ai assistant|openai|chatgpt)\b/;
/** Openings of sentences that speak to the reader instead of saying what is seen. */
const ASIDE =
  /^(?:let me\b|i hope\b|i (?:think|would|will|have|need|am|was|can help)\b|i'(?:d|ll|ve)\b|please\b|could you\b|can you\b|would you\b|do you\b|what (?:is|are|kind|do|would)\b|how (?:about|would|do)\b|note(?:\s?:| that\b)|(?:question|q|user|human|system|instructions?|input|explanation|task)\s?:|hope (?:this|that)\b|feel free\b|thank you\b|you (?:are|asked|can use|should|need)\b|(?:the|this|your) (?:caption|prompt|sentence|instruction|relation|concept) (?:is|should|must|needs|describes|asks|could)\b)/;

/** Pieces of the instructions, six words each: no caption has one by chance. */
const INSTRUCTION_PIECES: readonly string[] = [
  ...new Set(
    TEMPLATES.flatMap((t) => {
      const words = INSTRUCTIONS[t].toLowerCase().split(' ');
      return Array.from({ length: Math.floor(words.length / 6) }, (_, i) => words.slice(6 * i, 6 * i + 6).join(' '));
    }),
  ),
];
const bare = (text: string) => wordsOf(text.toLowerCase()).join(' ');
const SHOWN: ReadonlySet<string> = new Set(TEMPLATES.flatMap((t) => DEMONSTRATIONS[t].map((d) => bare(d.caption))));

function isEcho(lower: string, words: readonly string[], draw: Draw): boolean {
  if (/=>|->|→|⇒|\bafter the arrow\b/.test(lower)) return true;
  for (const piece of INSTRUCTION_PIECES) if (lower.includes(piece)) return true;
  const plain = words.join(' ');
  return SHOWN.has(plain) || (draw.template !== 'concept' && plain === bare(slotsLine(draw.template, draw)));
}

const ADDRESS = /https?:|www\.|[\w-]\.(?:com|org|net|io|jpe?g|png|gif|webp|html?|py|js)\b|\S@[^\s@]+\.\w/i;
const CODE = /[{}[\]<>|\\^~]|\(\)|[=!]=|\s=\s|\w_\w|#[a-z]\w|^@\w/i;
/** Code only where one of {@link CODE_SIGNS} comes after it. */
const CODE_WORD = /\b(?:function|const|var|def|import|return|null|undefined)\b/i;
const CODE_SIGNS = /[=();:]/;
/** Replacement characters, private use, unassigned: what broken tokens decode to. */
const BROKEN = /[\ufffd\p{Co}\p{Cn}\p{Cs}]/u;
/** No English word is longer than `electroencephalographically`; broken tokens run on. */
const LONGEST_WORD = 30;
/** Characters of all that a model says before and around a caption. */
const PREAMBLE = 2000;
const OTHER_SCRIPT = /(?![\p{Script=Latin}ªºµ])\p{L}/u;

function isOddText(caption: string, draw: Draw): boolean {
  if (ADDRESS.test(caption) || CODE.test(caption) || BROKEN.test(caption)) return true;
  const word = CODE_WORD.exec(caption);
  if (word && CODE_SIGNS.test(caption.slice(word.index))) return true;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  if (/[^\x00-\x7f]/.test(caption) && OTHER_SCRIPT.test(caption)) {
    // Captions of a bank in another script are in that script.
    if (!OTHER_SCRIPT.test(draw.concept + (draw.background ?? '') + (draw.related ?? ''))) return true;
  }
  let letters = 0;
  let others = 0;
  for (let i = 0; i < caption.length; i++) {
    const c = caption.charCodeAt(i) | 32;
    // Beyond ASCII nearly all is letters, and other scripts were looked for above.
    if ((c >= 97 && c <= 122) || c >= 0xc0) letters++;
    else if (c !== 32) others++;
  }
  return letters < 1.5 * others;
}

/**
 * The same words again and again: one word three times running, two words three times running, three or more twice running, or any three
 * words three times.
 */
function isLoop(plain: readonly string[]): boolean {
  const n = plain.length;
  for (let period = 1; period <= 8; period++) {
    const enough = period < 3 ? 2 * period : period;
    let run = 0;
    for (let i = period; i < n; i++) {
      run = plain[i] === plain[i - period] ? run + 1 : 0;
      if (run === enough) return true;
    }
  }
  // Three words three times bring at least three words that were there before.
  if (n - new Set(plain).size < 3) return false;
  const counts = new Map<string, number>();
  for (let i = 0; i + 2 < n; i++) {
    const key = `${plain[i]} ${plain[i + 1]} ${plain[i + 2]}`;
    const count = (counts.get(key) ?? 0) + 1;
    if (count === 3) return true;
    counts.set(key, count);
  }
  return false;
}

/**
 * Words that no finished sentence ends on. Prepositions that also stand as adverbs (`a field behind`, `with its lights on`, `to sit in`)
 * are not among them.
 */
const OPEN_ENDED = new Set(
  (
    'a an the and or but nor of with from at into onto upon amid toward towards via per than as if while ' +
    "whose which who where when because although whereas is are was were be being been has its their my your our every very it's"
  ).split(' '),
);

function isUnfinished(lower: string, words: readonly string[]): boolean {
  const end = lower.length - 1;
  if (/[,;:(\-–—&/+]/.test(lower[end])) return true;
  let opened = 0;
  for (const c of lower)
    if (c === '(') opened++;
    else if (c === ')') opened--;
  if (opened > 0) return true;
  return OPEN_ENDED.has(words[words.length - 1]);
}
