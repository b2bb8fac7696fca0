import { workerData } from 'node:worker_threads';
import { type Corpus, openCorpus } from '../corpus/corpus.js';
import { UserError } from '../errors.js';
import { Rng } from '../rng.js';
import { Moved, serve } from '../threads.js';
import { Augmenter } from './augment.js';
import { type Batch, type ByteBatch, memoryOf } from './batch.js';
import { decodeSmall, type Rgb } from './image.js';
import type { LoaderWorkerData } from './loader.js';
import { maskTokens } from './masks.js';
import { CaptionOrder, drawImages } from './order.js';
import { photometricWidth } from './photometric.js';
import { shrink } from './shrink.js';

/** A loader thread: makes whole batches, one after the other. */

export interface LoaderCalls {
  /** @param memory a batch that is done with, whose memory is used again */
  batch(r: { index: number; memory?: Batch | ByteBatch }): Batch | ByteBatch;
}

const { settings: s, corpusDir, crops, needs, classes, stop, cache } = workerData as LoaderWorkerData;
const pixels = new Uint8Array(cache.pixels);
const ready = new Uint8Array(cache.ready);
const sides = new Uint16Array(cache.sides);
const n = s.images.perCaption;
const captions = s.train.captionsPerBatch;
/** Images of each caption that a batch has. */
const perCaption = needs.imagesPerCaption === 'all' ? n : needs.imagesPerCaption;
const rows = captions * perCaption;
const kindOf = (size: number) => ({ size, pixels: 3 * size * size, width: photometricWidth(s.views, size) });
const globals = kindOf(s.views.globalSize);
const locals = kindOf(s.views.localSize);
const side = s.views.globalSize / s.model.patch;
const maskedTokens = Math.floor(side * side * s.views.maskRatio);
const maskedImages = needs.masks ? Math.floor(rows * s.views.maskProbability) : 0;
const augmenter = new Augmenter(s.views);

const opened: Promise<{ corpus: Corpus; order: CaptionOrder }> = openCorpus(corpusDir).then((corpus) => ({
  corpus,
  order: new CaptionOrder(corpus.parts ?? corpus.length, captions, s.seed),
}));

/** Pixels of the last image that has no place in the cache. */
let scratch = new Uint8Array(0);

/** @returns an image, good until the next one is asked for */
async function image(corpus: Corpus, caption: number, j: number): Promise<Rgb> {
  const slot = corpus.imageNumber(caption, j);
  const place = slot < cache.slots ? pixels.subarray(slot * cache.bytes, (slot + 1) * cache.bytes) : undefined;
  if (place && Atomics.load(ready, slot) === 1) {
    const [width, height] = [sides[2 * slot], sides[2 * slot + 1]];
    return { width, height, data: place.subarray(0, 3 * width * height) };
  }
  const room = (length: number) => {
    // Another thread may have put there already what it made smaller.
    if (corpus.made && place && length <= place.length) return place.subarray(0, length);
    if (scratch.length < length) scratch = new Uint8Array(length);
    return scratch.subarray(0, length);
  };
  // What synclr painted has the size that was asked for; of others' pictures the shorter side becomes so long.
  const side = corpus.made ? undefined : s.images.size;
  const decoded = await corpus
    .readImage(caption, j)
    .then((bytes) => decodeSmall(bytes, room, side))
    .then((whole) => (side === undefined ? whole : shrink(whole, side)))
    .catch((e: Error) => {
      throw e instanceof UserError
        ? e
        : new UserError(`${corpus.where(caption)}: image ${j} cannot be decoded: ${e.message}`);
    });
  const { width, height, data } = decoded;
  if (place && 3 * width * height <= place.length) {
    if (data.buffer !== place.buffer || data.byteOffset !== place.byteOffset) place.set(data);
    sides.set([width, height], 2 * slot);
    Atomics.store(ready, slot, 1);
  }
  return decoded;
}

async function make(index: number, memory: Batch | ByteBatch | undefined): Promise<Batch | ByteBatch> {
  const { corpus, order } = await opened;
  const { globalScale, localScale } = s.views;
  const batch = memory ?? emptyBatch();
  batch.index = index;
  const chosen = order.batch(index);
  batch.captions.set(chosen);
  const drawn = chosen.map((c) => drawImages(corpus.imagesOf(c), perCaption, Rng.of(s.seed, 'images', index, c)));
  for (let row = 0; row < rows; row++) {
    if (Atomics.load(stop, 0) !== 0) throw new Error('internal: the loader was closed');
    const caption = chosen[row % captions];
    const j = drawn[row % captions][Math.floor(row / captions)];
    batch.images[row] = j;
    if (needs.classes) batch.classes[row] = classes?.[caption] ?? -1;
    augmenter.load(await image(corpus, caption, j));
    // A second global crop has the numbers after the local ones, so that those of the others are the same with and without it.
    for (let k = 0; k < needs.locals + needs.globals; k++) {
      const rng = Rng.of(s.seed, 'view', index, row, k);
      const isGlobal = k === 0 || k > needs.locals;
      const block = isGlobal ? Math.min(k, 1) : k - 1;
      const [kind, scale] = isGlobal ? [globals, globalScale] : [locals, localScale];
      const at = block * rows + row;
      const crop = isGlobal ? batch.globalCrops : batch.localCrops;
      const out = crop.subarray(at * kind.pixels, (at + 1) * kind.pixels);
      if ('globalPhotometric' in batch) {
        const numbers = isGlobal ? batch.globalPhotometric : batch.localPhotometric;
        const line = numbers.subarray(at * kind.width, (at + 1) * kind.width);
        augmenter.bytes(kind.size, scale, rng, out as Uint8Array, line);
      } else augmenter.floats(kind.size, scale, rng, out as Float32Array);
    }
  }
  if (needs.text) batch.texts = await Promise.all(chosen.map((caption) => corpus.caption(caption)));
  maskInto(batch.masked, index);
  return batch;
}

function emptyBatch(): Batch | ByteBatch {
  const rest = {
    index: 0,
    captions: new Int32Array(captions),
    images: new Int32Array(rows),
    labels: Int32Array.from({ length: rows }, (_, row) => row % captions),
    classes: new Int32Array(needs.classes ? rows : 0),
    texts: [] as string[],
    masked: new Int32Array(maskedImages * maskedTokens),
  };
  const [global, local] = [rows * needs.globals, rows * needs.locals];
  if (crops === 'float')
    return {
      globalCrops: new Float32Array(global * globals.pixels),
      localCrops: new Float32Array(local * locals.pixels),
      ...rest,
    };
  // Shared: a device's thread reads them where they lie.
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  return {
    globalCrops: new Uint8Array(shared(global * globals.pixels)),
    localCrops: new Uint8Array(shared(local * locals.pixels)),
    globalPhotometric: new Float32Array(shared(4 * global * globals.width)),
    localPhotometric: new Float32Array(shared(4 * local * locals.width)),
    ...rest,
  };
}

function maskInto(masked: Int32Array, index: number): void {
  for (let i = 0; i < maskedImages; i++) {
    const tokens = maskTokens(side, maskedTokens, s.views.maskStyle, Rng.of(s.seed, 'mask', index, i));
    for (let k = 0; k < maskedTokens; k++) masked[i * maskedTokens + k] = i * side * side + tokens[k];
  }
}

serve<LoaderCalls>({
  async batch({ index, memory }) {
    const batch = await make(index, memory);
    return new Moved(batch, memoryOf(batch));
  },
});
