import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { CaptionRecord } from '../captions/record.js';
import { UserError } from '../errors.js';
import { imageType } from '../formats/image-type.js';
import { checked } from '../formats/json.js';
import { sidesOf } from '../views/image.js';
import { checkShard } from './ledger.js';
import { finishedSamples, readManifest } from './manifest.js';
import { isSet, openSet } from './own/set.js';
import { missingShard, ShardCorpus } from './shard-corpus.js';
import { ShardFiles } from './shard-files.js';

/**
 * Random access to captions and their images, wherever they lie: our own shards, and what others made. Captions are
 * numbered 0 … length − 1.
 * Not shared between threads: each opens its own.
 */
export interface Corpus extends AsyncDisposable {
  /** Captions. */
  readonly length: number;
  /** Images of all captions. */
  readonly images: number;
  /** Images that a caption has, where all have the same number; else the most that one has. */
  readonly imagesPerCaption: number;
  /** Side of the images, pixels; of those made elsewhere the first image's width. */
  readonly size: number;
  /** Whether all images are as a run of synclr painted them: every caption with the same number, squares of `size`. */
  readonly made: boolean;
  /** Of several sources: how many captions each has, and its share of the draws. Default: one. */
  readonly parts?: readonly CorpusPart[];
  /** Images of caption i, 1 … imagesPerCaption. */
  imagesOf(i: number): number;
  /** Number of its image j among all images, 0 … images − 1. */
  imageNumber(i: number, j: number): number;
  /** The caption's text, empty where it has none (a picture alone). @throws UserError as `read` */
  caption(i: number): Promise<string>;
  /**
   * What class every caption is of: its concept, or the folder, label or class that it was given; undefined where none
   * is known. Goes through the
   * whole corpus once: one thread asks, and hands it to the others.
   */
  classes(): Promise<Classes | undefined>;
  /**
   * A caption's record and encoded images. Of what was made elsewhere the record holds what is said there.
   * @throws UserError naming the file when it is gone or damaged
   */
  read(i: number): Promise<{ record: CaptionRecord; images: Buffer[] }>;
  /** Encoded image j of caption i, j < imagesOf(i). @throws UserError as `read` */
  readImage(i: number, j: number): Promise<Buffer>;
  /** For messages: where caption i lies. */
  where(i: number): string;
  /**
   * Reads every shard. @throws UserError naming the first one that is damaged, with the checksum expected and the one
   * found
   */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** A source among several. */
export interface CorpusPart {
  captions: number;
  /** 0…1. */
  share: number;
}

/** Classes of a corpus. */
export interface Classes {
  /** Sorted, each once. */
  names: string[];
  /** [captions] number of its name; −1: not known. */
  of: Int32Array;
}

/**
 * Opens the images of a folder, or of a run's set of sources (`corpus/set-….json`): the shards of a manifest, or those
 * of a WebDataset made elsewhere (`*.tar` with members `key.jpg` or
 * `key.N.jpg`, `key.txt`, `key.json`). Memory is bounded: shards are opened and indexed when they are needed, and
 * forgotten again.
 * @param dir folder of the shards, or a run's folder
 * @param options.partial also a corpus whose stage is not finished
 * @throws UserError when there is none, or it is damaged
 */
export async function openCorpus(dir: string, options: { partial?: boolean } = {}): Promise<Corpus> {
  if (isSet(dir)) return openSet(dir, (shards) => openCorpus(shards));
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
  for (const shard of manifest.shards) if (!(await checkShard(dir, shard, 'size'))) throw missingShard(dir, shard);
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
