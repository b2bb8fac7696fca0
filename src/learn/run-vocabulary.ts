import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Corpus } from '../corpus/corpus.js';
import { UserError } from '../errors.js';
import { learnMerges, writeMergeList } from '../text/learn-vocabulary.js';
import { openTokenizer, type Tokenizer, tokenizerOf } from '../text/tokenizer.js';

/** A run's vocabulary, in its folder and beside the encoder that it exports. */
export const RUN_VOCABULARY = 'vocabulary.txt';

/** Captions that a vocabulary is learnt from, evenly out of all: more hardly change which pairs are frequent. */
const MOST_CAPTIONS = 100_000;

/**
 * The vocabulary of a run's text side: the one that lies in its folder, else what the settings ask for, which is put there: so a run goes on
 * with the words that it began with, whatever becomes of the corpus or the file.
 * @param dir the run's folder; absent: nothing is written
 * @throws UserError where there are no captions to learn from, or the file is no vocabulary of CLIP's kind
 */
export async function runVocabulary(
  s: { vocabulary: string; merges: number },
  corpus: Corpus,
  dir?: string,
): Promise<Tokenizer> {
  const file = dir === undefined ? undefined : join(dir, RUN_VOCABULARY);
  if (file !== undefined && existsSync(file)) return openTokenizer(file);
  const merges = s.vocabulary === 'corpus' ? await learnt(corpus, s.merges) : await mergesOf(s.vocabulary);
  if (file !== undefined) await writeMergeList(file, merges);
  return tokenizerOf(merges, file ?? 'the vocabulary of the corpus');
}

async function learnt(corpus: Corpus, most: number): Promise<string[]> {
  const count = Math.min(corpus.length, MOST_CAPTIONS);
  let words = 0;
  const merges = await learnMerges(
    (async function* () {
      for (let i = 0; i < count; i++) {
        const text = await corpus.caption(Math.floor((i * corpus.length) / count));
        words += text.length;
        yield text;
      }
    })(),
    most,
  );
  if (words === 0)
    throw new UserError('the corpus has no captions, only images: learn.method simclr or supervised learns from these');
  return merges;
}

async function mergesOf(path: string): Promise<readonly string[]> {
  const { merges } = await openTokenizer(path);
  if (merges) return merges;
  throw new UserError(
    `learn.vocabulary: ${path} is not of CLIP's kind, with byte pairs in its order: other kinds are only read with an encoder`,
  );
}
