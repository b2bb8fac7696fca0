import { join } from 'node:path';
import type { CaptionRecord } from '../captions/record.js';
import { UserError } from '../errors.js';
import { ClassNames } from './class-names.js';
import type { Classes, Corpus } from './corpus.js';
import { checkShard } from './ledger.js';
import type { ShardEntry } from './manifest.js';
import { sampleRecord } from './record-form.js';
import { JSON_PART, type ShardFiles, TEXT_PART } from './shard-files.js';

export const missingShard = (dir: string, shard: ShardEntry): UserError =>
  new UserError(`${join(dir, shard.file)} is missing; paint it again: synclr images`);

interface ShardCorpusParts {
  dir: string;
  shards: ShardFiles;
  /** Samples of each shard. */
  counts: readonly number[];
  images: number;
  size: number;
  /** Shards with checksums; none for a corpus made elsewhere. */
  recorded: readonly ShardEntry[];
}

/** A corpus in numbered shards, ours or a WebDataset whose samples all have the same number of images. */
export class ShardCorpus implements Corpus {
  readonly length: number;
  readonly imagesPerCaption: number;
  readonly size: number;
  private readonly dir: string;
  private readonly shards: ShardFiles;
  /** [shards + 1] number of each shard's first sample. */
  private readonly starts: Float64Array;
  private readonly recorded: readonly ShardEntry[];

  constructor({ dir, shards, counts, images, size, recorded }: ShardCorpusParts) {
    this.dir = dir;
    this.shards = shards;
    this.starts = new Float64Array(counts.length + 1);
    counts.forEach((c, k) => {
      this.starts[k + 1] = this.starts[k] + c;
    });
    this.length = this.starts[counts.length];
    this.imagesPerCaption = images;
    this.size = size;
    this.recorded = recorded;
  }

  get images(): number {
    return this.length * this.imagesPerCaption;
  }

  get made(): boolean {
    return this.recorded.length > 0;
  }

  imageNumber(i: number, j: number): number {
    return i * this.imagesPerCaption + j;
  }

  imagesOf(_: number): number {
    return this.imagesPerCaption;
  }

  async caption(i: number): Promise<string> {
    return this.record(i).caption;
  }

  async classes(): Promise<Classes | undefined> {
    const names = new ClassNames(this.length);
    for (let i = 0; i < this.length; i++) names.set(i, this.record(i).concept);
    return names.classes();
  }

  async read(i: number): Promise<{ record: CaptionRecord; images: Buffer[] }> {
    const [k, at] = this.locate(i);
    this.checkIndex(k);
    const images = Array.from({ length: this.imagesPerCaption }, (_, j) => this.shards.part(k, at, j));
    return { record: this.record(i), images };
  }

  async readImage(i: number, j: number): Promise<Buffer> {
    if (!(j >= 0 && j < this.imagesPerCaption)) throw new Error(`internal: image ${j} of ${this.imagesPerCaption}`);
    const [k, sample] = this.locate(i);
    this.checkIndex(k);
    return this.shards.part(k, sample, j);
  }

  where(i: number): string {
    const [k, sample] = this.locate(i);
    return `${this.shards.path(k)}, sample ${sample + 1} of ${this.starts[k + 1] - this.starts[k]}`;
  }

  async verify(): Promise<void> {
    for (const shard of this.recorded)
      if (!(await checkShard(this.dir, shard, 'checksum'))) throw missingShard(this.dir, shard);
    for (let k = 0; k + 1 < this.starts.length; k++) this.checkIndex(k);
  }

  async close(): Promise<void> {
    this.shards.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private record(i: number): CaptionRecord {
    const [k, at] = this.locate(i);
    this.checkIndex(k);
    const text = this.shards.part(k, at, TEXT_PART).toString('utf8');
    const json = this.shards.part(k, at, JSON_PART).toString('utf8');
    const sample = { id: i, name: this.where(i), ours: this.recorded.length > 0 };
    return sampleRecord({ json, text }, sample);
  }

  /** An archive of our manifest that holds other samples than it says would put images under other captions. */
  private checkIndex(k: number): void {
    const { samples, images } = this.shards.index(k);
    const expected = this.starts[k + 1] - this.starts[k];
    if (samples !== expected || images !== this.imagesPerCaption)
      throw new UserError(
        `corrupt shard ${this.shards.path(k)}: ${samples} samples of ${images} images, expected ${expected} of ${this.imagesPerCaption}; delete it and run the same command again: it is made anew`,
      );
  }

  /** Shard and place within it, by bisection. */
  private locate(i: number): [number, number] {
    if (!(i >= 0 && i < this.length)) throw new Error(`internal: sample ${i} of ${this.length}`);
    let low = 0;
    let high = this.starts.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= i) low = middle;
      else high = middle - 1;
    }
    return [low, i - this.starts[low]];
  }
}
