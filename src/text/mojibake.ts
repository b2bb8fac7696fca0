import { WINDOWS_1252 } from './entities.js';

/**
 * UTF-8 that was once read as Windows-1252 or Latin-1 ("cafÃ©", "â€œ"), by far the most frequent of such damage in captions from the web, made
 * what it was. A line without a sequence that nobody writes is left alone: "CAFÉ…" could be such damage, too.
 * Not covered: texts misread as another encoding (Mac, DOS, Cyrillic, Central European code pages), characters lost on the way ("Ã " whose no-break
 * space became a blank, "�"), half-damaged sequences.
 */
export function repairMojibake(line: string): string {
  for (let round = 0; round < ROUNDS; round++) {
    const runs = line.match(RUN);
    if (!runs?.some(isDamage)) break;
    line = line.replace(RUN, (run) => (isWordEnd(run) ? run : run.replace(ONE, (part) => decoded(part) ?? part)));
  }
  return line;
}

/** Texts that were misread several times over are rare, and each time doubles them. */
const ROUNDS = 4;

/** A byte from 0x80 on as it is read in Windows-1252 or Latin-1. */
const BYTES = new Map<string, number>([
  ...Array.from({ length: 128 }, (_, i): [string, number] => [String.fromCharCode(0x80 + i), 0x80 + i]),
  ...[...WINDOWS_1252].map((c, i): [string, number] => [c, 0x80 + i]),
]);
const high = (from: number, to: number): string =>
  [...BYTES]
    .filter(([, byte]) => byte >= from && byte <= to)
    .map(([c]) => c.replace(/[\]\\^-]/, '\\$&'))
    .join('');
const NEXT = `[${high(0x80, 0xbf)}]`;
/** Bytes that begin a character of UTF-8, each with as many as must follow. */
const CHARACTER = `[${high(0xc2, 0xdf)}]${NEXT}|[${high(0xe0, 0xef)}]${NEXT}{2}|[${high(0xf0, 0xf4)}]${NEXT}{3}`;
const RUN = new RegExp(`(?:${CHARACTER})+`, 'g');
const ONE = new RegExp(CHARACTER, 'g');

/** Characters in a row from which on they are hardly there by chance. */
const WORD = 3;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decoded(part: string): string | undefined {
  try {
    return decoder.decode(Uint8Array.from(part, (c) => BYTES.get(c)!));
  } catch {
    return undefined;
  }
}

/** Whether a run is hardly meant as it stands: several characters of UTF-8 in a row, or one of those that nobody writes. */
function isDamage(run: string): boolean {
  const whole = run.match(ONE)!.filter((part) => decoded(part) !== undefined);
  return whole.length >= WORD || whole.some(isUnwritten);
}

/** One capital or accented letter before the punctuation that ends words. */
const isWordEnd = (run: string): boolean => run.length === 2 && /[…’”–—™]/.test(run[1]) && !isUnwritten(run);

/** An accented capital A, a small a with a circumflex or ð before the signs that follow in accents, punctuation and emoji. */
function isUnwritten(part: string): boolean {
  const [first, second] = Array.from(part, (c) => BYTES.get(c)!);
  if (first === 0xc2 || first === 0xc3) return true;
  if (first === 0xc4 || first === 0xc5) return second > 0xa0;
  if (first === 0xe2) return second >= 0x80 && second <= 0x9e;
  return first === 0xf0 || (first === 0xef && second === 0xbb);
}
