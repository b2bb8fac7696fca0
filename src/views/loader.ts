import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { Settings } from '../config/schema.js';
import { openCorpus } from '../corpus/corpus.js';
import { UserError } from '../errors.js';
import { onEnd, startWorker, type ThreadError, unpackError } from '../threads.js';
import type { Batch } from './batch.js';

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

export type LoaderReply = { index: number; batch: Batch } | { index: number; error: ThreadError };

/**
 * Batches of augmented crops from worker threads, a few ahead of the step that uses them. Batch t depends on (settings, corpus, t) alone:
 * neither the number of threads nor where a run was resumed changes a byte.
 */
export class ViewLoader {
  private readonly workers: Worker[];
  private readonly ahead: number;
  private readonly waiting = new Map<number, Promise<Batch>>();
  private readonly settle = new Map<number, { resolve: (b: Batch) => void; reject: (e: Error) => void }>();
  private readonly spare: Batch[] = [];
  private requested: number;
  /** Why no more batches come, once that is so. */
  private ended: Error | undefined;

  private constructor(workers: Worker[], ahead: number, start: number) {
    this.workers = workers;
    this.ahead = ahead;
    this.requested = start;
    for (const w of workers) {
      w.on('message', (reply: LoaderReply) => {
        const s = this.settle.get(reply.index);
        this.settle.delete(reply.index);
        if ('batch' in reply) s?.resolve(reply.batch);
        else s?.reject(unpackError(reply.error));
      });
      onEnd(w, 'a loader thread', (e) => this.fail(e));
    }
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
      Array.from({ length: count }, () => startWorker('views/loader-worker', data)),
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
    this.fail(new Error('internal: the loader was closed'));
    await Promise.all(this.workers.map((w) => w.terminate()));
  }

  private request(index: number): void {
    const { ended } = this;
    const promise = ended
      ? Promise.reject<Batch>(ended)
      : new Promise<Batch>((resolve, reject) => this.settle.set(index, { resolve, reject }));
    // Whoever asks for this batch sees the error; a batch nobody asks for must not end the process.
    promise.catch(() => {});
    this.waiting.set(index, promise);
    if (ended) return;
    const memory = this.spare.pop();
    const transfer = memory ? [memory.globalCrops, memory.localCrops].map((x) => x.buffer as ArrayBuffer) : [];
    this.workers[index % this.workers.length].postMessage({ index, memory }, transfer);
  }

  private fail(e: Error): void {
    this.ended ??= e;
    for (const s of this.settle.values()) s.reject(this.ended);
    this.settle.clear();
  }
}
