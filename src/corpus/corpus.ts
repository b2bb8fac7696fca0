import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { CaptionRecord } from '../captions/record.js';
import { UserError } from '../errors.js';
import { indexTar } from '../formats/tar.js';
import { checkShard, readManifest, type ShardEntry } from './manifest.js';

/** Random access to a corpus of images, by the samples' order in the shards. */
export interface Corpus {
  /** Samples (captions). */
  readonly length: number;
  readonly imagesPerCaption: number;
  /** Side of the images, pixels. */
  readonly size: number;
  /** A sample's record and encoded images. Of a WebDataset made elsewhere the record has what its `.json` and `.txt` say. */
  read(i: number): Promise<{ record: CaptionRecord; images: Buffer[] }>;
  /** Encoded image j of sample i. */
  readImage(i: number, j: number): Promise<Buffer>;
  /** @throws UserError naming the first shard that is not as recorded */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** Where the parts of a shard's samples lie: [samples, images + 2 (text, json), 2 (offset, size)]. */
interface ShardIndex {
  keys: string[];
  parts: Float64Array;
}

const IMAGE = /^(jpe?g|png|webp)$/;
const OPEN_FILES = 64;

/**
 * Opens the image shards of a folder: those of its manifest, or of a WebDataset made elsewhere (`*.tar` with members `key.N.jpg`, `key.txt`, `key.json`).
 * @throws UserError when there are none, or one is broken
 */
export async function openCorpus(dir: string): Promise<Corpus> {
  const manifest = await readManifest(dir);
  if (manifest && manifest.kind !== 'images') throw new UserError(`${dir}: holds ${manifest.kind}, not images`);
  const names = manifest
    ? manifest.shards.map((s) => s.file)
    : (await readdir(dir).catch(() => [])).filter((n) => n.endsWith('.tar')).sort();
  if (names.length === 0) throw new UserError(`${dir}: no image shards here; paint them first with \`synclr images\``);
  const shards = new ShardFiles(dir, names);
  const first = shards.index(0);
  const perSample = first.parts.length / first.keys.length / 2 - 2;
  const counts = manifest ? manifest.shards.map((s) => s.count) : names.map((_, k) => shards.index(k).keys.length);
  return new TarCorpus(dir, shards, counts, perSample, await sideOf(shards), manifest?.shards);
}

async function sideOf(shards: ShardFiles): Promise<number> {
  const { width } = await sharp(shards.part(0, 0, 0)).metadata();
  return width;
}

/** Shard files with their indices, opened and indexed when first needed. */
class ShardFiles {
  private readonly dir: string;
  private readonly names: readonly string[];
  private readonly indices: (ShardIndex | undefined)[] = [];
  private readonly open = new Map<number, number>();

  constructor(dir: string, names: readonly string[]) {
    this.dir = dir;
    this.names = names;
  }

  index(k: number): ShardIndex {
    this.indices[k] ??= indexSamples(this.fd(k), join(this.dir, this.names[k]));
    return this.indices[k];
  }

  /** Part p of a shard's sample: image p, then text, then json. */
  part(k: number, sample: number, p: number): Buffer {
    const { parts, keys } = this.index(k);
    const per = parts.length / keys.length;
    const at = sample * per + (p < 0 ? per + 2 * p : 2 * p);
    const bytes = Buffer.alloc(parts[at + 1]);
    readSync(this.fd(k), bytes, 0, bytes.length, parts[at]);
    return bytes;
  }

  key(k: number, sample: number): string {
    return this.index(k).keys[sample];
  }

  close(): void {
    for (const fd of this.open.values()) closeSync(fd);
    this.open.clear();
  }

  private fd(k: number): number {
    let fd = this.open.get(k);
    if (fd === undefined) {
      const file = join(this.dir, this.names[k]);
      try {
        fd = openSync(file, 'r');
      } catch {
        throw new UserError(`${file}: no such shard, or not readable`);
      }
      if (this.open.size >= OPEN_FILES) {
        const [oldest, handle] = this.open.entries().next().value!;
        closeSync(handle);
        this.open.delete(oldest);
      }
    } else this.open.delete(k);
    this.open.set(k, fd);
    return fd;
  }
}

function indexSamples(fd: number, file: string): ShardIndex {
  const samples = new Map<string, Map<string, [number, number]>>();
  for (const { name, offset, size } of indexTar(fd, fstatSync(fd).size, file)) {
    const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
    if (dot < 0) continue;
    const key = name.slice(0, dot);
    let parts = samples.get(key);
    if (!parts) samples.set(key, (parts = new Map()));
    parts.set(name.slice(dot + 1).toLowerCase(), [offset, size]);
  }
  const keys = [...samples.keys()];
  if (keys.length === 0) throw new UserError(`${file}: a tar file without samples`);
  let n = -1;
  const rows = keys.map((key) => {
    const parts = samples.get(key)!;
    const images = [...parts.keys()]
      .filter((p) => IMAGE.test(p.split('.').at(-1)!))
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
    if (n >= 0 && images.length !== n) throw new UserError(`${file}: sample ${key} has ${images.length} images, others ${n}; all samples need the same number`);
    n = images.length;
    if (n === 0) throw new UserError(`${file}: sample ${key} has no image`);
    return [...images.map((p) => parts.get(p)!), parts.get('txt') ?? [0, 0], parts.get('json') ?? [0, 0]].flat();
  });
  return { keys, parts: Float64Array.from(rows.flat()) };
}

class TarCorpus implements Corpus {
  readonly length: number;
  readonly imagesPerCaption: number;
  readonly size: number;
  private readonly dir: string;
  private readonly shards: ShardFiles;
  private readonly starts: number[];
  private readonly recorded: readonly ShardEntry[] | undefined;

  constructor(dir: string, shards: ShardFiles, counts: number[], imagesPerCaption: number, size: number, recorded?: readonly ShardEntry[]) {
    this.dir = dir;
    this.shards = shards;
    this.starts = [0];
    for (const c of counts) this.starts.push(this.starts.at(-1)! + c);
    this.length = this.starts.at(-1)!;
    this.imagesPerCaption = imagesPerCaption;
    this.size = size;
    this.recorded = recorded;
  }

  async read(i: number): Promise<{ record: CaptionRecord; images: Buffer[] }> {
    const [k, sample] = this.locate(i);
    const json = this.shards.part(k, sample, -1).toString('utf8');
    const caption = this.shards.part(k, sample, -2).toString('utf8');
    const record = { id: i, concept: this.shards.key(k, sample), source: 'webdataset', template: 'concept', kind: 'object', writer: 'unknown', caption };
    const images = Array.from({ length: this.imagesPerCaption }, (_, j) => this.shards.part(k, sample, j));
    return { record: { ...record, ...(json ? JSON.parse(json) : {}) } as CaptionRecord, images };
  }

  async readImage(i: number, j: number): Promise<Buffer> {
    const [k, sample] = this.locate(i);
    return this.shards.part(k, sample, j);
  }

  async verify(): Promise<void> {
    for (const shard of this.recorded ?? []) await checkShard(this.dir, shard);
  }

  async close(): Promise<void> {
    this.shards.close();
  }

  /** Shard and position within it, by bisection. */
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
