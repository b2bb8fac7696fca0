import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Interrupted, UserError } from '../errors.js';
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

/** Pictures in an order, each of which can be had alone. */
export interface PictureList {
  readonly length: number;
  /** What messages call one. */
  nameOf(i: number): string;
  /** [3, size, size] in 0…1 @throws with the reason where it is broken; UserError where no further one can be had */
  pixels(i: number): Promise<Float32Array>;
}

/**
 * Decodes files in batches, several at a time, one batch ahead of its reader; broken ones are left out and named.
 * @param files relative to `dir`
 * @param look how each becomes a square; a number: the side of the square in its middle
 * @param onImage called after every file, whatever became of it
 * @throws Interrupted when the signal asks for it
 */
export function decodeBatches(
  dir: string,
  files: readonly string[],
  look: number | Look,
  signal: AbortSignal,
  onImage?: () => void,
): AsyncGenerator<DecodedBatch> {
  const list: PictureList = {
    length: files.length,
    nameOf: (i) => files[i],
    pixels: (i) => readForEval(join(dir, files[i]), look),
  };
  return decodeList(list, sizeOf(look), { signal, onImage });
}

export interface DecodeListOptions {
  signal: AbortSignal;
  onImage?: () => void;
  /** Pictures of a batch at most; default: by their size. */
  most?: number;
}

/**
 * The same of pictures wherever they lie.
 * @param size side of the squares, pixels
 * @throws Interrupted when the signal asks for it; UserError where the pictures that are left cannot be had
 */
export async function* decodeList(list: PictureList, size: number, o: DecodeListOptions): AsyncGenerator<DecodedBatch> {
  const most = o.most ?? batchOf(size);
  const start = (from: number, count: number) =>
    decodeBatch(list, from, Math.min(count, list.length - from), 3 * size * size, o);
  let count = Math.min(most, FIRST);
  let next = start(0, count);
  for (let from = 0; from < list.length; ) {
    const ready = await next;
    if (o.signal.aborted) throw new Interrupted('stopped while reading images');
    from += count;
    count = Math.min(most, count * 2);
    if (from < list.length) {
      next = start(from, count);
      // If the reader stops here, nobody else will look at what becomes of it.
      next.catch(() => {});
    }
    yield ready;
  }
}

async function decodeBatch(
  list: PictureList,
  from: number,
  count: number,
  length: number,
  { signal, onImage }: DecodeListOptions,
): Promise<DecodedBatch> {
  const all = new Float32Array(count * length);
  const reasons: (string | undefined)[] = new Array(count);
  let taken = 0;
  const worker = async () => {
    while (taken < count && !signal.aborted) {
      const i = taken++;
      try {
        all.set(await list.pixels(from + i), i * length);
      } catch (e) {
        if (e instanceof UserError) throw e;
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
      skipped.push({ file: list.nameOf(from + i), reason: reasons[i]! });
      continue;
    }
    if (index.length < i) all.copyWithin(index.length * length, i * length, (i + 1) * length);
    index.push(from + i);
  }
  return { pixels: all.subarray(0, index.length * length), index, skipped };
}
