import { availableParallelism } from 'node:os';
import type { Settings } from '../config/schema.js';
import { openCorpus } from '../corpus/corpus.js';
import { UserError } from '../errors.js';
import { Thread } from '../threads.js';
import type { Batch } from './batch.js';
import type { LoaderCalls } from './loader-worker.js';

export interface LoaderOptions {
  settings: Settings;
  /** The folder of image shards. */
  corpusDir: string;
  /** First micro-batch that will be asked for. */
  start?: number;
}

/** What a loader thread is started with. */
export interface LoaderWorkerData {
  settings: Settings;
  corpusDir: string;
  /** Decoded images, shared by the threads; image i·n + j lies at slot·bytes once `ready[slot]` is 1. */
  cache: { pixels: SharedArrayBuffer; ready: SharedArrayBuffer; bytes: number; slots: number };
}

/**
 * Batches of augmented crops from worker threads, a few ahead of the step that uses them. Batch t depends on (settings, corpus, t) alone:
 * neither the number of threads nor where a run was resumed changes a byte.
 */
export class ViewLoader {
  private readonly threads: Thread<LoaderCalls>[];
  private readonly ahead: number;
  private readonly waiting = new Map<number, Promise<Batch>>();
  private readonly spare: Batch[] = [];
  private requested: number;

  private constructor(threads: Thread<LoaderCalls>[], ahead: number, start: number) {
    this.threads = threads;
    this.ahead = ahead;
    this.requested = start;
  }

  /** @throws UserError when the corpus is missing, or has fewer captions than a batch */
  static async open({ settings, corpusDir, start = 0 }: LoaderOptions): Promise<ViewLoader> {
    const corpus = await openCorpus(corpusDir);
    const { length, imagesPerCaption, size } = corpus;
    await corpus.close();
    const { captionsPerBatch } = settings.train;
    if (length < captionsPerBatch)
      throw new UserError(
        `${corpusDir}: ${length} captions are fewer than train.captionsPerBatch = ${captionsPerBatch}; paint more or make batches smaller`,
      );
    if (imagesPerCaption !== settings.images.perCaption)
      throw new UserError(
        `${corpusDir}: has ${imagesPerCaption} images a caption, images.perCaption is ${settings.images.perCaption}`,
      );
    const bytes = size * size * 3;
    const slots = Math.min(length * imagesPerCaption, Math.floor((settings.runtime.cacheMb * 2 ** 20) / bytes));
    const cache = { pixels: new SharedArrayBuffer(slots * bytes), ready: new SharedArrayBuffer(slots), bytes, slots };
    // The training step uses all cores by itself; augmentation needs a fraction of one.
    const count = settings.runtime.workers || Math.max(1, Math.floor(availableParallelism() / 2));
    const data: LoaderWorkerData = { settings, corpusDir, cache };
    return new ViewLoader(
      Array.from({ length: count }, () => Thread.start('views/loader-worker', { what: 'a loader thread', data })),
      settings.runtime.prefetch,
      start,
    );
  }

  /** Micro-batch `index`; batches behind it are begun. @throws UserError naming shard and sample when an image is broken */
  async batch(index: number): Promise<Batch> {
    if (!this.waiting.has(index)) this.requested = index;
    while (this.requested < index + Math.max(1, this.ahead)) this.request(this.requested++);
    const batch = await this.waiting.get(index)!;
    this.waiting.delete(index);
    return batch;
  }

  /** Gives a batch's memory back for a later one. */
  release(batch: Batch): void {
    if (this.spare.length < this.ahead) this.spare.push(batch);
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((t) => t.terminate()));
  }

  private request(index: number): void {
    const memory = this.spare.pop();
    const thread = this.threads[index % this.threads.length];
    const promise = thread.ask('batch', { index, memory }, memory ? [memory.globalCrops, memory.localCrops] : []);
    // Whoever asks for this batch sees the error; a batch nobody asks for must not end the process.
    promise.catch(() => {});
    this.waiting.set(index, promise);
  }
}
