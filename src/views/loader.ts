import { availableParallelism } from 'node:os';
import type { Settings } from '../config/schema.js';
import { openCorpus } from '../corpus/corpus.js';
import { UserError } from '../errors.js';
import { Thread } from '../threads.js';
import { type Batch, type BatchNeeds, type ByteBatch, memoryOf } from './batch.js';
import type { LoaderCalls } from './loader-worker.js';
import { CaptionOrder } from './order.js';

export interface LoaderOptions {
  settings: Settings;
  /** The folder of image shards. */
  corpusDir: string;
  /** First micro-batch that will be asked for. */
  start?: number;
  /**
   * Crops as the network sees them, or bytes with what is still to be done to them (`Batch`, `ByteBatch`). Default:
   * float.
   */
  crops?: 'float' | 'bytes';
  /** What batches bring; default: what synclr needs with these settings. */
  needs?: BatchNeeds;
  /** Where classes are needed: that of each caption, −1 unknown. */
  classes?: Int32Array;
}

/** What synclr needs: all images of a caption, local crops, masks. */
const allOf = (s: Settings): BatchNeeds => ({
  ...{ imagesPerCaption: 'all', globals: 1, locals: s.views.localCount, masks: true, classes: false, text: false },
});

/** How long a thread may take to end by itself, milliseconds: decoding one image takes a few. */
const PATIENCE = 5000;

/**
 * Pictures of others that are kept in memory are at most so many times as long as wide; longer ones are decoded
 * whenever they are used.
 */
const LONG = 1.5;

/** What a loader thread is started with. */
export interface LoaderWorkerData {
  settings: Settings;
  corpusDir: string;
  crops: 'float' | 'bytes';
  needs: BatchNeeds;
  /** [captions] */
  classes?: Int32Array;
  /** [0] is 1 once no more batches are wanted. */
  stop: Int32Array;
  /**
   * Decoded images, shared by the threads; image k of the corpus lies at k·bytes, as large as `sides` says, once
   * `ready[k]` is 1.
   */
  cache: {
    pixels: SharedArrayBuffer;
    sides: SharedArrayBuffer;
    ready: SharedArrayBuffer;
    bytes: number;
    slots: number;
  };
}

/**
 * Looks whether batches of these settings can be made of a corpus.
 * @throws UserError when the corpus is missing, has fewer captions than a batch, or another number of images a caption
 */
export async function checkCorpus(settings: Settings, corpusDir: string) {
  const corpus = await openCorpus(corpusDir);
  const { length, images, imagesPerCaption, size, made, parts } = corpus;
  await corpus.close();
  const { captionsPerBatch } = settings.train;
  if (length < captionsPerBatch)
    throw new UserError(
      `${corpusDir}: ${length} captions are fewer than train.captionsPerBatch = ${captionsPerBatch}; paint more or make batches smaller`,
    );
  // Of several sources each must do for its share.
  if (parts) new CaptionOrder(parts, captionsPerBatch, settings.seed);
  // Of others' pictures any number will do.
  if (made && imagesPerCaption !== settings.images.perCaption)
    throw new UserError(
      `${corpusDir}: has ${imagesPerCaption} images a caption, images.perCaption is ${settings.images.perCaption}`,
    );
  return { images, size: made ? size : undefined };
}

/**
 * Batches of augmented crops from worker threads, a few ahead of the step that uses them. Batch t depends on (settings,
 * corpus, t) alone: neither the number of threads nor where a run was resumed changes a byte.
 */
export class ViewLoader<B extends Batch | ByteBatch = Batch> implements AsyncDisposable {
  private readonly threads: Thread<LoaderCalls>[];
  private readonly ahead: number;
  private readonly waiting = new Map<number, Promise<B>>();
  private readonly spare: B[] = [];
  private requested: number;
  private lengths: number[] = [];
  private seconds = 0;

  private readonly stop: Int32Array;

  private constructor(threads: Thread<LoaderCalls>[], stop: Int32Array, ahead: number, start: number) {
    this.threads = threads;
    this.stop = stop;
    this.ahead = ahead;
    this.requested = start;
  }

  /** @throws UserError when the corpus is missing, or has fewer captions than a batch */
  static async open(o: LoaderOptions & { crops: 'bytes' }): Promise<ViewLoader<ByteBatch>>;
  static async open(o: LoaderOptions & { crops?: 'float' }): Promise<ViewLoader>;
  static async open(o: LoaderOptions): Promise<unknown> {
    const { settings, corpusDir, start = 0, crops = 'float', needs = allOf(settings), classes } = o;
    const { images, size } = await checkCorpus(settings, corpusDir);
    const bytes = size === undefined ? LONG * settings.images.size ** 2 * 3 : size * size * 3;
    const slots = Math.min(images, Math.floor((settings.runtime.cacheMb * 2 ** 20) / bytes));
    const shared = (length: number) => new SharedArrayBuffer(length);
    const cache = { pixels: shared(slots * bytes), sides: shared(4 * slots), ready: shared(slots), bytes, slots };
    // A training step on the CPU uses all cores by itself; one elsewhere wants its crops from all of them.
    const count =
      settings.runtime.workers || Math.max(1, Math.floor(availableParallelism() / (crops === 'bytes' ? 1 : 2)));
    const stop = new Int32Array(new SharedArrayBuffer(4));
    // One for all threads.
    const sharedClasses = classes && new Int32Array(new SharedArrayBuffer(classes.byteLength));
    sharedClasses?.set(classes!);
    const data: LoaderWorkerData = { settings, corpusDir, crops, needs, classes: sharedClasses, stop, cache };
    return new ViewLoader(
      Array.from({ length: count }, () => Thread.start('views/loader-worker', { what: 'a loader thread', data })),
      stop,
      // Each thread makes a batch of its own: on their way are at least as many as there are threads.
      crops === 'bytes' ? Math.max(settings.runtime.prefetch, count) : settings.runtime.prefetch,
      start,
    );
  }

  /**
   * Micro-batch `index`; batches behind it are begun. @throws UserError naming shard and sample when an image is broken
   */
  async batch(index: number): Promise<B> {
    if (!this.waiting.has(index)) this.requested = index;
    while (this.requested < index + Math.max(1, this.ahead)) this.request(this.requested++);
    const began = performance.now();
    try {
      const batch = await this.waiting.get(index)!;
      this.lengths = memoryOf(batch).map((x) => x.length);
      return batch;
    } finally {
      this.seconds += (performance.now() - began) / 1000;
      this.waiting.delete(index);
    }
  }

  /** How long `batch` kept its callers waiting since the loader was opened, seconds. */
  get waited(): number {
    return this.seconds;
  }

  /**
   * Gives a batch's memory back for a later one; what was moved elsewhere in the meantime is no longer there to be
   * used.
   */
  release(batch: B): void {
    const whole = memoryOf(batch).every((x, i) => x.length === this.lengths[i]);
    if (whole && this.spare.length < this.ahead) this.spare.push(batch);
  }

  /** Batches that are not finished are refused. */
  async close(): Promise<void> {
    // Threads end by themselves at their next image: one that is stopped while Skia decodes says on standard error that
    // it leaks.
    Atomics.store(this.stop, 0, 1);
    await Promise.all(this.threads.map((t) => t.close(PATIENCE)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private request(index: number): void {
    const memory = this.spare.pop();
    const thread = this.threads[index % this.threads.length];
    const promise = thread.ask('batch', { index, memory }, memory ? memoryOf(memory) : []) as Promise<B>;
    // Whoever asks for this batch sees the error; a batch nobody asks for must not end the process.
    promise.catch(() => {});
    this.waiting.set(index, promise);
  }
}
