import { type FileKind, replaceFile } from '../files/replace.js';
import { BYTE_ORDER, pieceFinder, symbolsOf } from './bpe.js';
import { cleanText } from './clean.js';

/**
 * Learns a byte-pair vocabulary from texts (Sennrich et al. 2016, algorithm 1): again and again the pair that occurs most often becomes one word, of
 * equals the one that is first in the order of characters. The same texts, in any order, give the same merges.
 * @param most merges at most; fewer where no pair occurs twice
 * @returns merges `a b`, in order
 */
export async function learnMerges(texts: AsyncIterable<string> | Iterable<string>, most: number): Promise<string[]> {
  const counts = new Map<string, number>();
  const pieces = pieceFinder([]);
  for await (const text of texts)
    for (const piece of pieces(cleanText(text))) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  const words = [...counts].map(([piece, count]) => ({ symbols: symbolsOf(piece), count }));
  const pairs = new PairCounts();
  words.forEach(({ symbols, count }, word) => {
    for (let i = 0; i + 1 < symbols.length; i++) pairs.add(`${symbols[i]} ${symbols[i + 1]}`, count, word);
  });
  const merges: string[] = [];
  while (merges.length < most) {
    const best = pairs.best();
    if (best === undefined) break;
    merges.push(best);
    const [left, right] = best.split(' ');
    for (const word of pairs.wordsOf(best)) {
      const { symbols, count } = words[word];
      const merged = mergeAll(symbols, left, right);
      if (merged.length === symbols.length) continue;
      for (let i = 0; i + 1 < symbols.length; i++) pairs.add(`${symbols[i]} ${symbols[i + 1]}`, -count, word);
      for (let i = 0; i + 1 < merged.length; i++) pairs.add(`${merged[i]} ${merged[i + 1]}`, count, word);
      words[word].symbols = merged;
    }
  }
  return merges;
}

/** How often pairs occur, and in which words. */
class PairCounts {
  private readonly counts = new Map<string, number>();
  private readonly words = new Map<string, Set<number>>();

  add(pair: string, by: number, word: number): void {
    const count = (this.counts.get(pair) ?? 0) + by;
    if (count > 0) this.counts.set(pair, count);
    else this.counts.delete(pair);
    if (by < 0) return;
    const words = this.words.get(pair);
    if (words) words.add(word);
    else this.words.set(pair, new Set([word]));
  }

  /** The pair that occurs most often, at least twice. */
  best(): string | undefined {
    let best: string | undefined;
    let most = 1;
    for (const [pair, count] of this.counts)
      if (count > most || (count === most && best !== undefined && pair < best)) [best, most] = [pair, count];
    return best;
  }

  /** Words that have, or once had, the pair. */
  wordsOf(pair: string): readonly number[] {
    return [...(this.words.get(pair) ?? [])];
  }
}

function mergeAll(symbols: readonly string[], left: string, right: string): string[] {
  const merged: string[] = [];
  for (let i = 0; i < symbols.length; i++)
    if (symbols[i] === left && symbols[i + 1] === right) merged.push(left + symbols[++i]);
    else merged.push(symbols[i]);
  return merged;
}

/** Words of a vocabulary of so many merges: the bytes, the bytes at a word's end, the merges, start and end. */
export const vocabularySize = (merges: number): number => 2 * BYTE_ORDER.length + merges + 2;

/** Merges in the form of CLIP's published vocabulary, their number in the first line. */
export const mergeList = (merges: readonly string[]): string =>
  `${FIRST}#version: 0.2 merges: ${merges.length}\n${merges.map((m) => `${m}\n`).join('')}`;

const FIRST = '"synclr';

/** A vocabulary that synclr wrote. */
export const VOCABULARY: FileKind = {
  what: 'a vocabulary that synclr wrote',
  isOurs: (head) => head.toString('latin1').startsWith(`${FIRST}#version`),
};

/** Writes merges as {@link mergeList} has them, in place of nothing or of an earlier vocabulary of ours. */
export const writeMergeList = (path: string, merges: readonly string[]): Promise<void> =>
  replaceFile(path, mergeList(merges), VOCABULARY);
