import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { CaptionRecord } from '../captions/record.js';
import { UserError } from '../errors.js';
import { imageType } from '../formats/image-type.js';
import { checked } from '../formats/json.js';
import { sidesOf } from '../views/image.js';
import { checkShard } from './ledger.js';
import { finishedSamples, readManifest, type ShardEntry } from './manifest.js';
import { sampleRecord } from './record-form.js';
import { JSON_PART, ShardFiles, TEXT_PART } from './shard-files.js';

/** Random access to a corpus of images, by the samples' order in the shards. Not shared between threads: each opens its own. */
export interface Corpus extends AsyncDisposable {
  /** Samples (captions). */
  readonly length: number;
  readonly imagesPerCaption: number;
  /** Side of the images, pixels; of a WebDataset made elsewhere the first image's width. */
  readonly size: number;
  /**
   * A sample's record and encoded images. Of a WebDataset made elsewhere the record holds what its `.json` and `.txt` say.
   * @throws UserError naming the shard when it is gone or damaged
   */
  read(i: number): Promise<{ record: CaptionRecord; images: Buffer[] }>;
  /** Encoded image j of sample i. @throws UserError as `read` */
  readImage(i: number, j: number): Promise<Buffer>;
  /** For messages: the shard that sample i lies in, and its place there. */
  where(i: number): string;
  /** Reads every shard. @throws UserError naming the first one that is damaged, with the checksum expected and the one found */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the image shards of a folder: those of its manifest, or of a WebDataset made elsewhere (`*.tar` with members `key.jpg` or
 * `key.N.jpg`, `key.txt`, `key.json`). Memory is bounded: shards are opened and indexed when they are needed, and forgotten again.
 * @param dir folder of the shards, or a run's folder
 * @param options.partial also a corpus whose stage is not finished
 * @throws UserError when there is none, or it is damaged
 */
export async function openCorpus(dir: string, options: { partial?: boolean } = {}): Promise<Corpus> {
  const manifest = await readManifest(dir, { others: 'ignore' });
  const names = manifest
    ? []
    : (await readdir(dir).catch(() => [])).filter((n) => n.endsWith('.tar') && !n.startsWith('.'));
  if (!manifest && names.length === 0) {
    const inner = join(dir, 'images');
    if (await readManifest(inner, { others: 'ignore' })) return openCorpus(inner, options);
    throw new UserError(`${dir}: no image shards here; paint them first: synclr images`);
  }
  if (!manifest) return openForeign(dir, names.sort());
  if (manifest.kind !== 'images') throw new UserError(`${dir} holds ${manifest.kind}, not images`);
  const finished = finishedSamples(manifest);
  if (finished < manifest.samples && (!options.partial || finished === 0))
    throw new UserError(
      `${dir}: only ${finished} of ${manifest.samples} captions have their images; finish them first: synclr images`,
    );
  for (const shard of manifest.shards) if (!(await checkShard(dir, shard, 'size'))) throw missing(dir, shard);
  const { 'images.perCaption': images, 'images.size': size } = checked(manifest.settings, paintedSchema, dir);
  const shards = new ShardFiles(
    dir,
    manifest.shards.map((s) => s.file),
  );
  const counts = manifest.shards.map((s) => s.count);
  return new ShardCorpus({ dir, shards, counts, images, size, recorded: manifest.shards });
}

/** Of a manifest's settings, those that say how its samples look. */
const paintedSchema = z.object({ 'images.perCaption': z.int().positive(), 'images.size': z.int().positive() });

/** A WebDataset without our manifest: how many samples a shard has is known only after a look into it. */
async function openForeign(dir: string, names: string[]): Promise<Corpus> {
  const shards = new ShardFiles(dir, names);
  const counts: number[] = [];
  const { images } = shards.index(0);
  for (const [k, name] of names.entries()) {
    const index = shards.index(k);
    if (index.images !== images)
      throw new UserError(
        `${join(dir, name)}: ${index.images} images a sample, ${names[0]} has ${images}; every sample needs the same number`,
      );
    counts.push(index.samples);
  }
  let size: number;
  try {
    const first = shards.part(0, 0, 0);
    if (!imageType(first)) throw new Error('it is no JPEG, PNG or WebP');
    size = (await sidesOf(first)).width;
  } catch (e) {
    throw new UserError(`${join(dir, names[0])}: its first image cannot be decoded: ${(e as Error).message}`);
  }
  return new ShardCorpus({ dir, shards, counts, images, size, recorded: [] });
}

const missing = (dir: string, shard: ShardEntry): UserError =>
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

class ShardCorpus implements Corpus {
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

  async read(i: number): Promise<{ record: CaptionRecord; images: Buffer[] }> {
    const [k, at] = this.locate(i);
    this.checkIndex(k);
    const images = Array.from({ length: this.imagesPerCaption }, (_, j) => this.shards.part(k, at, j));
    const text = this.shards.part(k, at, TEXT_PART).toString('utf8');
    const json = this.shards.part(k, at, JSON_PART).toString('utf8');
    const sample = { id: i, name: this.where(i), ours: this.recorded.length > 0 };
    return { record: sampleRecord({ json, text }, sample), images };
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
      if (!(await checkShard(this.dir, shard, 'checksum'))) throw missing(this.dir, shard);
    for (let k = 0; k + 1 < this.starts.length; k++) this.checkIndex(k);
  }

  async close(): Promise<void> {
    this.shards.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
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
