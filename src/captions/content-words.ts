/**
 * What a caption says, without how it says it: the words that bear content, each reduced to a stem and hashed, order forgotten. Two captions
 * with the same set of them are near-duplicates.
 */

/** Openings that say no more than that there is a picture. Those that say what kind (`a black and white photo of`) stay. */
const OPENING =
  /^(?:(?:this|the|an?|here is|here's)\s+)?(?:(?:photo|photograph|picture|image|snapshot|shot|view|scene)\s+(?:of|shows?|showing|depicts?|features?|featuring|captures?)\s+|(?:here\s+)?(?:we|you)\s+(?:can\s+)?see\s+|there\s+(?:is|are)\s+|in this (?:photo|photograph|picture|image),?\s+)/;

/**
 * Words without content of their own. Words of number, of colour and of place in space (`two`, `on`, `under`) have content: they change the
 * picture. `in` stands in most captions and tells little.
 */
const EMPTY = new Set(
  (
    'a an the and or of with in at by to from for as is are was were be been being it its their his her he she they them this that these ' +
    'those there here which who while some very s'
  ).split(' '),
);

/** Has a word (lower case) content of its own? */
export const hasContent = (word: string): boolean => !EMPTY.has(word) && word !== 'in' && word !== 'on';

/** Word → hash of its stem, or −1 for a word without content. */
const HASHES = new Map<string, number>();
/** Words to remember hashes of: those of everyday captions; the rest is hashed anew each time. */
const REMEMBERED = 100_000;

/**
 * The set of a caption's content words: distinct 30-bit hashes of their stems, ascending.
 * Empty only for a caption without letters and digits.
 */
export function contentWords(caption: string): number[] {
  let text = caption.toLowerCase();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  const ascii = /^[\x00-\x7f]*$/.test(text);
  if (!ascii) text = text.normalize('NFKC');
  const said = text.replace(OPENING, '');
  const all = said.match(ascii ? /[a-z0-9]+/g : /[\p{L}\p{N}]+/gu) ?? [];
  let found: number[] = [];
  for (const word of all) {
    const h = HASHES.get(word) ?? hashOf(word);
    if (h >= 0) found.push(h);
  }
  // `This is it.`
  if (found.length === 0) found = all.map(hash30);
  found.sort((a, b) => a - b);
  let n = 0;
  for (const h of found) if (n === 0 || found[n - 1] !== h) found[n++] = h;
  found.length = n;
  return found;
}

function hashOf(word: string): number {
  const h = EMPTY.has(word) ? -1 : hash30(stem(word));
  if (HASHES.size < REMEMBERED) HASHES.set(word, h);
  return h;
}

/** Cheap, and the same for `dog` and `dogs`, `sits` and `sitting`, `ride` and `riding`, `park` and `parked`. */
export function stem(word: string): string {
  let s = word;
  if (s.length > 3 && /[^sui]s$/.test(s)) {
    if (/(?:ss|x|ch|sh|z)es$/.test(s)) s = s.slice(0, -2);
    else if (s.endsWith('ies') && s.length > 4) s = `${s.slice(0, -3)}y`;
    else s = s.slice(0, -1);
  }
  const tail = s.endsWith('ing') ? s.slice(0, -3) : s.endsWith('ed') ? s.slice(0, -2) : '';
  if (tail.length > 2 && /[aeiouy]/.test(tail)) s = tail.replace(/([bdgmnprt])\1$/, '$1');
  return s.length > 3 && s.endsWith('e') ? s.slice(0, -1) : s;
}

/** FNV-1a over UTF-16 units with a final mix, upper 30 bits: small integers need no box. */
function hash30(word: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) h = Math.imul(h ^ word.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 2;
}

/** 128 bits of hash of a sequence of 30-bit numbers, as four 32-bit lanes into `out`. */
export function hashLanes(numbers: readonly number[], out: Uint32Array): void {
  let a = 0x243f6a88;
  let b = 0x85a308d3;
  let c = 0x13198a2e;
  let d = 0x03707344;
  for (const x of numbers) {
    a = Math.imul(a ^ x, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ (x + 1), 0x85ebca77);
    b ^= b >>> 13;
    c = Math.imul(c ^ (x + 2), 0xc2b2ae3d);
    c ^= c >>> 16;
    d = Math.imul(d ^ (x + 3), 0x27d4eb2f);
    d ^= d >>> 14;
  }
  // Every lane depends on all four.
  for (let round = 0; round < 2; round++) {
    a = Math.imul(a ^ (d >>> 15), 0x2c1b3c6d) + b;
    b = Math.imul(b ^ (a >>> 13), 0x297a2d39) + c;
    c = Math.imul(c ^ (b >>> 16), 0x165667b1) + d;
    d = Math.imul(d ^ (c >>> 14), 0x9e3779b1) + a;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/** Shared words of two such sets over all their words (Jaccard), 0…1. */
export function jaccard(a: readonly number[], b: readonly number[]): number {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (long.length === 0) return 0;
  let shared = 0;
  for (let i = 0, j = 0; i < short.length && j < long.length; ) {
    if (short[i] === long[j]) {
      shared++;
      i++;
      j++;
    } else if (short[i] < long[j]) i++;
    else j++;
  }
  return shared / (short.length + long.length - shared);
}
