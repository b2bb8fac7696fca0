import { workerData } from 'node:worker_threads';
import { type Corpus, openCorpus } from '../corpus/corpus.js';
import { UserError } from '../errors.js';
import { Rng } from '../rng.js';
import { Moved, serve } from '../threads.js';
import { augment } from './augment.js';
import type { Batch } from './batch.js';
import { decodeSmall, type Rgb } from './image.js';
import type { LoaderWorkerData } from './loader.js';
import { maskTokens } from './masks.js';
import { CaptionOrder } from './order.js';

/** A loader thread: makes whole batches, one after the other. */

export interface LoaderCalls {
  /** @param memory a batch that is done with, whose memory is used again */
  batch(r: { index: number; memory?: Batch }): Batch;
}

const { settings: s, corpusDir, cache } = workerData as LoaderWorkerData;
const pixels = new Uint8Array(cache.pixels);
const ready = new Uint8Array(cache.ready);
const n = s.images.perCaption;
const captions = s.train.captionsPerBatch;
const rows = captions * n;
const globalPixels = 3 * s.views.globalSize ** 2;
const localPixels = 3 * s.views.localSize ** 2;

const opened: Promise<{ corpus: Corpus; order: CaptionOrder }> = openCorpus(corpusDir).then((corpus) => ({
  corpus,
  order: new CaptionOrder(corpus.length, captions, s.seed),
}));

async function image(corpus: Corpus, caption: number, j: number): Promise<Rgb> {
  const slot = caption * n + j;
  const side = corpus.size;
  if (slot < cache.slots && Atomics.load(ready, slot) === 1)
    return { width: side, height: side, data: pixels.subarray(slot * cache.bytes, (slot + 1) * cache.bytes) };
  const decoded = await corpus
    .readImage(caption, j)
    .then(decodeSmall)
    .catch((e: Error) => {
      throw e instanceof UserError
        ? e
        : new UserError(`${corpus.where(caption)}: image ${j} cannot be decoded: ${e.message}`);
    });
  if (slot < cache.slots && decoded.data.length === cache.bytes) {
    pixels.set(decoded.data, slot * cache.bytes);
    Atomics.store(ready, slot, 1);
  }
  return decoded;
}

async function make(index: number, memory: Batch | undefined): Promise<Batch> {
  const { corpus, order } = await opened;
  const { globalSize, localSize, localCount, globalScale, localScale, maskProbability, maskRatio, maskStyle } = s.views;
  const globalCrops = memory?.globalCrops ?? new Float32Array(rows * globalPixels);
  const localCrops = memory?.localCrops ?? new Float32Array(rows * localCount * localPixels);
  const chosen = order.batch(index);
  for (let row = 0; row < rows; row++) {
    const source = await image(corpus, chosen[row % captions], Math.floor(row / captions));
    augment(
      source,
      s.views,
      globalSize,
      globalScale,
      Rng.of(s.seed, 'view', index, row, 0),
      globalCrops.subarray(row * globalPixels, (row + 1) * globalPixels),
    );
    for (let j = 0; j < localCount; j++) {
      const at = (j * rows + row) * localPixels;
      augment(
        source,
        s.views,
        localSize,
        localScale,
        Rng.of(s.seed, 'view', index, row, j + 1),
        localCrops.subarray(at, at + localPixels),
      );
    }
  }
  const side = globalSize / s.model.patch;
  const count = Math.floor(side * side * maskRatio);
  const images = Math.floor(rows * maskProbability);
  const masked = new Int32Array(images * count);
  for (let i = 0; i < images; i++) {
    const tokens = maskTokens(side, count, maskStyle, Rng.of(s.seed, 'mask', index, i));
    for (let k = 0; k < count; k++) masked[i * count + k] = i * side * side + tokens[k];
  }
  const labels = Int32Array.from({ length: rows }, (_, row) => row % captions);
  return { index, globalCrops, localCrops, labels, masked };
}

serve<LoaderCalls>({
  async batch({ index, memory }) {
    const batch = await make(index, memory);
    return new Moved(batch, [batch.globalCrops, batch.localCrops]);
  },
});
