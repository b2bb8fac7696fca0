import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.js';
import { readJson } from '../formats/json.js';
import { pieceFinder } from './bpe.js';
import { cleanText } from './clean.js';
import { readMergeList, readVocabularyPair, type Vocabulary, vocabularyIn, vocabularyOfMerges } from './vocabulary.js';

/** Texts as padded rows of ids. */
export interface TokenRows {
  /** [rows·context], one text after the other, padded. */
  ids: BigInt64Array;
  /** [rows]: the row of each text's end token among `ids`. */
  ends: BigInt64Array;
}

/** Turns texts into the ids of a vocabulary. */
export interface Tokenizer {
  /** Words with all marks: ids are below this. */
  readonly vocabulary: number;
  /** The file that it was read from, for messages. */
  readonly path: string;
  /** Of CLIP's kind: its merges, `a b` in order, from which all ids follow. */
  readonly merges?: readonly string[];
  /** Ids of a text, whole, without start and end. */
  encode(text: string): number[];
  /** Start, the text, end, padding; what is longer than the context is cut, and ends with the end token all the same. */
  tokens(texts: readonly string[], context: number): TokenRows;
}

/** Characters of a text that are looked at: a context of 77 tokens holds fewer than a thousand. */
export const LONGEST_TEXT = 100_000;

/** Names of CLIP's published vocabulary, and of our own (`learn-vocabulary.ts`). */
export const LISTS = ['bpe_simple_vocab_16e6.txt.gz', 'bpe_simple_vocab_16e6.txt', 'vocabulary.txt'];

/**
 * Opens a vocabulary: CLIP's published `bpe_simple_vocab_16e6.txt.gz` (packed or not, or one of our own in its form), `vocab.json` with the
 * `merges.txt` beside it, a `tokenizer.json` of Hugging Face, or a folder that holds one of these. CLIP's three forms give the same ids, those of
 * open_clip: texts are cleaned as it cleans them. A tokenizer.json of another kind (SigLIP's) is run by Hugging Face's library as it says.
 * @throws UserError or DamagedFile, one line: what is missing, cut off, or no vocabulary
 */
export async function openTokenizer(path: string): Promise<Tokenizer> {
  const file = await vocabularyFile(path);
  const name = basename(file);
  if (name === 'vocab.json' || name === 'merges.txt') {
    const [words, merges] = ['vocab.json', 'merges.txt'].map((n) => join(dirname(file), n));
    for (const needed of [words, merges])
      if (!existsSync(needed)) throw new UserError(`${file}: ${basename(needed)} is not beside it: both are needed`);
    return new ByteTokenizer(await readVocabularyPair(words, merges), words);
  }
  if (!name.endsWith('.json')) return new ByteTokenizer(await readMergeList(file), file);
  const json = await readJson(file);
  const vocabulary = vocabularyIn(json, file);
  if (vocabulary) return new ByteTokenizer(vocabulary, file);
  const { openLibraryTokenizer } = await import('./library-tokenizer.js');
  return openLibraryTokenizer(json, file);
}

/** The tokeniser of a list of merges. @param name for messages */
export const tokenizerOf = (merges: readonly string[], name: string): Tokenizer =>
  new ByteTokenizer(
    vocabularyOfMerges(merges, (i) => `${name}: merge ${i + 1}`),
    name,
  );

/** The file of a vocabulary that a path names: itself, or what a folder holds. */
async function vocabularyFile(path: string): Promise<string> {
  if (!existsSync(path)) throw new UserError(`${path}: no such file or folder: a vocabulary is asked for`);
  if (!statSync(path).isDirectory()) return path;
  const has = (name: string) => existsSync(join(path, name));
  if (has('vocab.json') && has('merges.txt')) return join(path, 'vocab.json');
  for (const name of ['tokenizer.json', ...LISTS]) if (has(name)) return join(path, name);
  const like = (await readdir(path)).filter((name) => /^bpe.*\.txt(\.gz)?$/.test(name));
  if (like.length === 1) return join(path, like[0]);
  throw new UserError(
    `${path}: holds no vocabulary: bpe_simple_vocab_16e6.txt.gz, vocab.json with merges.txt, or tokenizer.json`,
  );
}

/** Of byte pairs. */
class ByteTokenizer implements Tokenizer {
  readonly vocabulary: number;
  readonly path: string;
  readonly merges: readonly string[] | undefined;
  private readonly words: Vocabulary;
  private readonly pieces: (text: string) => string[];

  constructor(words: Vocabulary, path: string) {
    this.words = words;
    this.vocabulary = words.size;
    this.path = path;
    this.merges = words.merges;
    this.pieces = pieceFinder([...words.marks.keys()]);
  }

  encode(text: string): number[] {
    const { marks, pairs } = this.words;
    const ids: number[] = [];
    for (const piece of this.pieces(cleanText(text.slice(0, LONGEST_TEXT)))) {
      const mark = marks.get(piece);
      if (mark !== undefined) ids.push(mark);
      else for (const id of pairs.encode(piece)) ids.push(id);
    }
    return ids;
  }

  tokens(texts: readonly string[], context: number): TokenRows {
    const { start, end, pad } = this.words;
    return rowsOf(
      texts.map((text) => [start, ...this.encode(text)]),
      { context, end, pad },
    );
  }
}

/** Padded rows of texts' ids, each with its end token: what is too long is cut before it. */
export function rowsOf(
  texts: readonly (readonly number[])[],
  o: { context: number; end: number; pad: number },
): TokenRows {
  const ids = new BigInt64Array(texts.length * o.context).fill(BigInt(o.pad));
  const ends = new BigInt64Array(texts.length);
  texts.forEach((text, row) => {
    const length = Math.min(text.length, o.context - 1);
    for (let t = 0; t < length; t++) ids[row * o.context + t] = BigInt(text[t]);
    ids[row * o.context + length] = BigInt(o.end);
    ends[row] = BigInt(row * o.context + length);
  });
  return { ids, ends };
}
