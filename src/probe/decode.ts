import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Interrupted } from '../errors.js';
import { type Look, readForEval } from '../views/eval.js';
import { whyNot } from '../views/image.js';

/** A file that could not be decoded. */
export interface Skipped {
  file: string;
  /** One line. */
  reason: string;
}

/** Images decoded together. */
export interface DecodedBatch {
  /** [n, 3, size, size] in 0…1 */
  pixels: Float32Array;
  /** [n] positions in the list of files. */
  index: number[];
  /** Files of this batch that are broken or no pictures. */
  skipped: Skipped[];
}

const sizeOf = (look: number | Look): number => (typeof look === 'number' ? look : look.size);

/** Images a batch at most: 3 MB at 32 px, 38 MB at 224 px and less beyond. */
const batchOf = (size: number): number => Math.max(16, Math.min(256, Math.floor(2 ** 22 / (size * size))));
/** Images of the first batch; each further one has twice as many: something can be seen soon, also of large photos. */
const FIRST = 8;

/**
 * Decodes files in batches, several at a time, one batch ahead of its reader; broken ones are left out and named.
 * @param files relative to `dir`
 * @param look how each becomes a square; a number: the side of the square in its middle
 * @param onImage called after every file, whatever became of it
 * @throws Interrupted when the signal asks for it
 */
export async function* decodeBatches(
  dir: string,
  files: readonly string[],
  look: number | Look,
  signal: AbortSignal,
  onImage?: () => void,
): AsyncGenerator<DecodedBatch> {
  const most = batchOf(sizeOf(look));
  const start = (from: number, count: number) =>
    decodeBatch(dir, files, from, Math.min(count, files.length - from), look, signal, onImage);
  let count = FIRST;
  let next = start(0, count);
  for (let from = 0; from < files.length; ) {
    const ready = await next;
    if (signal.aborted) throw new Interrupted('stopped while reading images');
    from += count;
    count = Math.min(most, count * 2);
    if (from < files.length) {
      next = start(from, count);
      // If the reader stops here, nobody else will look at what becomes of it.
      next.catch(() => {});
    }
    yield ready;
  }
}

async function decodeBatch(
  dir: string,
  files: readonly string[],
  from: number,
  count: number,
  look: number | Look,
  signal: AbortSignal,
  onImage?: () => void,
): Promise<DecodedBatch> {
  const length = 3 * sizeOf(look) ** 2;
  const all = new Float32Array(count * length);
  const reasons: (string | undefined)[] = new Array(count);
  let taken = 0;
  const worker = async () => {
    while (taken < count && !signal.aborted) {
      const i = taken++;
      try {
        all.set(await readForEval(join(dir, files[from + i]), look), i * length);
      } catch (e) {
        reasons[i] = whyNot(e);
      }
      onImage?.();
    }
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, worker));
  const index: number[] = [];
  const skipped: Skipped[] = [];
  for (let i = 0; i < count; i++) {
    if (reasons[i] !== undefined) {
      skipped.push({ file: files[from + i], reason: reasons[i]! });
      continue;
    }
    if (index.length < i) all.copyWithin(index.length * length, i * length, (i + 1) * length);
    index.push(from + i);
  }
  return { pixels: all.subarray(0, index.length * length), index, skipped };
}
