import { availableParallelism } from 'node:os';
import type { EvalSplit, Picture } from '../data/set.js';
import { UserError } from '../errors.js';
import type { Skipped } from '../probe/decode.js';
import { Thread } from '../threads.js';
import { type Rgb, whyNot } from '../views/image.js';
import type { LoaderCalls } from './loader-worker.js';
import { PictureOrder } from './order.js';
import type { Recipe } from './recipe.js';
import type { Seen } from './sample.js';

/** What a loader thread is started with. */
export interface LoaderData {
  recipe: Recipe;
  seen: Seen;
  classes: number;
  depth: number;
  seed: number;
  /** [0] is 1 once no more batches are wanted. */
  stop: Int32Array;
}

/** A batch that is asked for. */
export interface Requested {
  index: number;
  /** [batch] */
  pictures: Picture[];
  /** [batch] */
  labels: Int32Array;
  /** Whether decoded pictures are wanted back. */
  keep: boolean;
}

/** A batch for training, already mixed. */
export interface TrainBatch {
  /** [batch, 3, size, size], normalised */
  images: Float32Array;
  /** [batch, classes] */
  targets: Float32Array;
  /** [depth, 2, batch], where blocks are dropped. */
  dropPath?: Float32Array;
}

/** What a thread answers: the batch, or which of its pictures cannot be decoded. */
export type Made =
  | (TrainBatch & { decoded: { row: number; image: Rgb }[] })
  | { broken: { row: number; why: string }[] };

export interface TrainLoaderOptions extends Omit<LoaderData, 'stop'> {
  split: EvalSplit;
  /** Which pictures of the split are trained on. */
  pictures: Int32Array;
  /** First batch that will be asked for. */
  start?: number;
  threads: number;
  /** Decoded pictures are kept in memory up to so many bytes. Default 1 GiB. */
  cacheBytes?: number;
  /** Hears of each picture that cannot be decoded, once. */
  onBroken?(picture: Skipped): void;
}

/** Bytes of batches on their way at most: each thread makes a whole one. */
const MOST_AHEAD = 2 ** 32;
/** Half of the cores, as far as memory goes. @param size side of the pictures, pixels */
export const loaderThreads = (batch: number, size: number): number =>
  Math.max(1, Math.min(Math.floor(availableParallelism() / 2), Math.floor(MOST_AHEAD / (4 * 3 * size * size * batch))));

/** How long a thread may take to end by itself, milliseconds. */
const PATIENCE = 5000;

/**
 * Augmented and mixed batches from threads, a few ahead of the step that uses them. A batch depends on (recipe, pictures, seed, its number)
 * alone, neither on threads nor on where training was taken up again. In place of a picture that cannot be decoded comes another.
 */
export class TrainLoader {
  private readonly o: TrainLoaderOptions;
  private readonly threads: Thread<LoaderCalls>[];
  private readonly stop = new Int32Array(new SharedArrayBuffer(4));
  private readonly order: PictureOrder;
  private readonly waiting = new Map<number, Promise<TrainBatch>>();
  private readonly decoded = new Map<number, Rgb>();
  private room: number;
  private readonly broken = new Map<number, Skipped>();
  private requested: number;

  constructor(o: TrainLoaderOptions) {
    this.o = o;
    const { recipe, seen, classes, depth, seed } = o;
    const data: LoaderData = { recipe, seen, classes, depth, seed, stop: this.stop };
    this.threads = Array.from({ length: o.threads }, () =>
      Thread.start('finetune/loader-worker', { what: 'a loader thread', data }),
    );
    this.order = new PictureOrder(o.pictures.length, recipe.batch, seed);
    this.room = o.cacheBytes ?? 2 ** 30;
    this.requested = o.start ?? 0;
  }

  /** Pictures that were found to be broken so far. */
  get skipped(): Skipped[] {
    return [...this.broken.values()];
  }

  /** Batch `index`; those behind it are begun. @throws UserError where no picture can be decoded */
  async batch(index: number): Promise<TrainBatch> {
    if (!this.waiting.has(index)) this.requested = index;
    while (this.requested <= index + this.threads.length) this.request(this.requested++);
    try {
      return await this.waiting.get(index)!;
    } finally {
      this.waiting.delete(index);
    }
  }

  async close(): Promise<void> {
    Atomics.store(this.stop, 0, 1);
    await Promise.all(this.threads.map((t) => t.close(PATIENCE)));
  }

  private request(index: number): void {
    const made = this.make(index);
    // Whoever asks for this batch sees the error.
    made.catch(() => {});
    this.waiting.set(index, made);
  }

  private async make(index: number): Promise<TrainBatch> {
    const { split, pictures } = this.o;
    const thread = this.threads[index % this.threads.length];
    for (;;) {
      if (this.broken.size === pictures.length) {
        const [first] = this.broken.values();
        throw new UserError(`no picture to train on can be decoded: ${first.file}: ${first.reason}`);
      }
      const chosen = this.order.of(index, (i) => this.broken.has(i));
      const found = await Promise.all(Array.from(chosen, (i) => this.read(i)));
      const sources: Picture[] = [];
      for (const one of found) if (one) sources.push(one);
      if (sources.length < chosen.length) continue;
      const labels = Int32Array.from(chosen, (i) => split.labels[pictures[i]]);
      const made = await thread.ask('batch', { index, pictures: sources, labels, keep: this.room > 0 });
      if ('broken' in made) {
        for (const { row, why } of made.broken) this.foundBroken(chosen[row], why);
        continue;
      }
      const { decoded, ...batch } = made;
      for (const { row, image } of decoded) this.keep(chosen[row], image);
      return batch;
    }
  }

  /** @returns undefined where it cannot be read */
  private async read(i: number): Promise<Picture | undefined> {
    const kept = this.decoded.get(i);
    if (kept) return kept;
    try {
      return await this.o.split.read(this.o.pictures[i]);
    } catch (e) {
      this.foundBroken(i, whyNot(e));
      return undefined;
    }
  }

  private keep(i: number, image: Rgb): void {
    if (this.decoded.has(i) || this.room < image.data.length) return;
    this.room -= image.data.length;
    this.decoded.set(i, image);
  }

  private foundBroken(i: number, reason: string): void {
    if (this.broken.has(i)) return;
    const one = { file: this.o.split.nameOf(this.o.pictures[i]), reason };
    this.broken.set(i, one);
    this.o.onBroken?.(one);
  }
}
