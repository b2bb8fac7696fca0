import { createHash } from 'node:crypto';
import { closing } from '../disposable.js';
import { UserError } from '../errors.js';
import type { Backbone, TextPart } from '../model/backbone.js';
import { openTextEncoder } from '../model/text-encoder.js';
import type { Executors } from '../runtime/executor.js';
import { openTokenizer, type Tokenizer, type TokenRows } from '../text/tokenizer.js';
import { unitRows } from './unit-rows.js';

/** What compares images with words: the two sides of an image-text model, with its vocabulary. */
export interface Words extends AsyncDisposable {
  /** Width of what is compared. */
  readonly out: number;
  /** Changes when features of texts would. */
  readonly hash: string;
  /** @returns [n, out], each of length 1 */
  texts(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Texts that are encoded together. */
const CHUNK = 64;

/**
 * Opens the text side of an image-text encoder.
 * @param vocabulary file or folder of its vocabulary
 * @throws UserError where that is none, or of another size than the tower's
 */
export async function openWords(text: TextPart, vocabulary: string, on: Executors): Promise<Words> {
  const tokenizer = await openTokenizer(vocabulary);
  checkVocabulary(tokenizer, text.config.vocabulary);
  const tower = await openTextEncoder(text, on);
  const { context, out } = text.config;
  // A vocabulary is told by what it makes of a text with all kinds of characters.
  const sample = tokenizer.encode('a photo of 12 Crème brûlées, isn’t it? 日本 🙂 <b> supercalifragilistic');
  return closing<Omit<Words, typeof Symbol.asyncDispose>>({
    out,
    hash: createHash('sha256').update(tower.hash).update(sample.join()).digest('hex'),
    async texts(texts, signal) {
      const all = new Float32Array(texts.length * out);
      for (let at = 0; at < texts.length; at += CHUNK) {
        signal?.throwIfAborted();
        const rows = tokenizer.tokens(texts.slice(at, at + CHUNK), context);
        all.set(await tower.encode(padded(rows, context, text.config.pad)), at * out);
      }
      return unitRows(all, out);
    },
    close: () => tower.close(),
  });
}

/** Ids with the padding that the tower was trained with: where it looks both ways, that is part of a text. */
function padded({ ids, ends }: TokenRows, context: number, pad: number | undefined): BigInt64Array {
  if (pad !== undefined)
    ends.forEach((end, row) => {
      ids.fill(BigInt(pad), Number(end) + 1, (row + 1) * context);
    });
  return ids;
}

/** @throws UserError where a vocabulary is not the one that a text tower was trained with */
export function checkVocabulary({ vocabulary, path }: Tokenizer, words: number): void {
  // Towers may have rows to spare, as many a vocabulary is padded to a round number.
  if (vocabulary > words)
    throw new UserError(
      `${path}: a vocabulary of ${vocabulary} words; the text tower knows ${words}: they belong to different models`,
    );
}

/**
 * Features of images, as they are compared with those of texts.
 * @param x [n, dim] the encoder's features @returns [n, out], each of length 1
 */
export function jointFeatures(x: Float32Array, dim: number, projection: Backbone['projection']): Float32Array {
  if (!projection) return unitRows(x.slice(), dim);
  const { weight, out } = projection;
  const n = x.length / dim;
  const y = new Float32Array(n * out);
  for (let i = 0; i < n; i++)
    for (let o = 0; o < out; o++) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += x[i * dim + d] * weight[o * dim + d];
      y[i * out + o] = sum;
    }
  return unitRows(y, out);
}

/** SHA-256 of what brings features of images to those of texts. */
export function projectionHash(projection: Backbone['projection']): string {
  const weight = projection?.weight ?? new Float32Array(0);
  return createHash('sha256')
    .update(new Uint8Array(weight.buffer, weight.byteOffset, weight.byteLength))
    .digest('hex');
}
