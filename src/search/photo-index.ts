import { realpath } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { encoderIsThere, placeFrom } from '../encoders/open-backbone.js';
import { UserError } from '../errors.js';
import type { Pixels } from '../images/painter.js';
import { type Embedder, openEmbedder } from '../probe/embedder.js';
import type { ExecutorSettings } from '../runtime/open-executors.js';
import type { OpenOptions } from '../stage.js';
import { unit } from './best.js';
import { CODES, type IndexFiles, type IndexJson, openIndexFiles } from './index-files.js';
import { alikePairs, openScanner, type Pair, type Scanner } from './scan.js';
import { paintedText, spokenText, type TextFeatures } from './text.js';

export interface OpenIndexOptions {
  /** Where the photos are now; default: where they were, seen from the index's folder. */
  photos?: string;
  /** Where the encoder is now; default: where it was, seen from the index's folder. It must be the same one. */
  encoder?: string;
  /** What the encoder runs on; default: all cores of the CPU. */
  runtime?: ExecutorSettings;
  /** Threads that search a large index; default: all cores. */
  threads?: number;
  /** Settings of writer and painter for queries in words, by dotted path, on top of the run's. */
  settings?: Readonly<Record<string, unknown>>;
  /** Images painted for a query in words; default 32. */
  images?: number;
  /** The vocabulary of an image-text encoder, file or folder; default: the one that lies with it. */
  vocabulary?: string;
  /** Sees what was painted for a query in words. */
  painted?(images: readonly { caption: string; image: Pixels }[]): void;
  hooks?: OpenOptions;
}

/** An image to search with: a file, its bytes, or RGB pixels. */
export type QueryImage = string | Uint8Array | Pixels;

/** What is looked for; of several parts, the mean of their directions. */
export interface Query {
  /** Photos like this one, or like these. */
  like?: QueryImage | readonly QueryImage[];
  /** Photos of this, in words. */
  text?: string;
  /** Photos near this vector, [dim] of any length but 0. */
  vector?: ArrayLike<number>;
}

export interface SearchOptions {
  /** Most matches; default 20. */
  k?: number;
  /** Only photos below this folder: a path below that of the photos. */
  within?: string;
  signal?: AbortSignal;
}

/** A photo that was found. */
export interface Match {
  /** Path below the folder of photos, with `/`. */
  file: string;
  /** Where that is. */
  path: string;
  /** Cosine of its features to the query's, −1…1. */
  score: number;
}

/** Matches that nobody reads any more. */
const MOST_MATCHES = 100_000;

/**
 * Opens an index that `buildIndex` made. What a query needs (codes, encoder, painter) is loaded when it is first asked for.
 *
 *     await using index = await openIndex('photos.index');
 *     for (const { path, score } of await index.search({ like: 'lamp.jpg' }, { k: 10 })) …
 *
 * @throws UserError where there is none, or a file of it is damaged
 */
export async function openIndex(dir: string, o: OpenIndexOptions = {}): Promise<PhotoIndex> {
  return new PhotoIndex(await openIndexFiles(dir), o);
}

/** An open index: the state that it had when it was opened, whatever happens to it since. */
export class PhotoIndex implements AsyncDisposable {
  readonly dir: string;
  /** What its `index.json` says. */
  readonly about: Readonly<IndexJson>;
  /** The folder of photos. */
  readonly photos: string;
  private readonly files: IndexFiles;
  private readonly o: OpenIndexOptions;
  private scanner: Promise<Scanner> | undefined;
  private opened: Promise<Embedder> | undefined;
  private painted: TextFeatures | undefined;

  constructor(files: IndexFiles, o: OpenIndexOptions) {
    this.files = files;
    this.o = o;
    this.dir = files.dir;
    this.about = files.json;
    this.photos = o.photos ?? resolve(files.dir, files.json.photos);
  }

  /** Photos in it. */
  get length(): number {
    return this.files.photos.length;
  }

  /** Numbers of a vector. */
  get dim(): number {
    return this.files.json.dim;
  }

  /** Path of a photo below the folder of photos. @param row 0…length − 1, that of its vector */
  file(row: number): string {
    return this.files.photos.row(row).file;
  }

  /** SHA-256 of a photo's content, as it was indexed. */
  sha256(row: number): string {
    return this.files.photos.row(row).sha256;
  }

  /**
   * The photos nearest to a query, nearest first: exactly those that comparing with each of them in float64 gives.
   * @throws UserError for a query that is nothing, a folder without photos, an encoder that is not there or is another than the photos' own;
   *   Interrupted
   */
  async search(query: Query, o: SearchOptions = {}): Promise<Match[]> {
    return this.nearest(await this.vectorOf(query, o.signal), o);
  }

  /** The direction of a query. @returns [dim], of length 1; throws as `search` */
  async vectorOf({ like, text, vector }: Query, signal?: AbortSignal): Promise<Float32Array> {
    const parts: Float32Array[] = [];
    if (vector !== undefined) parts.push(this.given(vector));
    const images =
      like === undefined ? [] : Array.isArray(like) ? (like as readonly QueryImage[]) : [like as QueryImage];
    for (const image of images) parts.push(await (await this.embedder()).image(image, { normalise: true }));
    if (text !== undefined) parts.push(await (await this.text()).features(text, signal));
    if (parts.length === 0) throw new UserError('a query needs an image, a text or a vector');
    if (parts.length === 1) return this.given(parts[0]);
    const sum = new Float64Array(this.dim);
    for (const part of parts) for (let j = 0; j < sum.length; j++) sum[j] += part[j];
    return this.given(sum);
  }

  private given(vector: ArrayLike<number>): Float32Array {
    if (vector.length !== this.dim)
      throw new UserError(`a query of ${vector.length} numbers: the photos' vectors have ${this.dim}`);
    const direction = unit(vector);
    if (!direction) throw new UserError('the query has no direction: all zeros, or numbers that are not finite');
    return direction;
  }

  private async nearest(direction: Float32Array, { k = 20, within }: SearchOptions): Promise<Match[]> {
    if (!Number.isInteger(k) || k < 1 || k > MOST_MATCHES)
      throw new UserError(`${k} matches: expected an integer between 1 and ${MOST_MATCHES}`);
    const { from, to } = within === undefined ? { from: 0, to: this.length } : await this.rowsWithin(within);
    const { vectors, modified, dir } = this.files;
    this.scanner ??= openScanner(vectors, {
      codes: join(dir, CODES),
      threads: this.o.threads,
      modified,
      note: this.o.hooks?.note,
    });
    const hits = await (await this.scanner).search(direction, Math.min(k, to - from), from, to);
    return hits.map(({ row, score }) => {
      const file = this.file(row);
      return { file, path: join(this.photos, file), score };
    });
  }

  private async rowsWithin(folder: string): Promise<{ from: number; to: number }> {
    const { photos } = this.files;
    const asked = photos.within(folder.split(sep).join('/'));
    if (asked.to > asked.from) return asked;
    // Named as seen from where the command is given.
    const [real, root] = await Promise.all([realpath(folder), realpath(this.photos)]).catch(() => ['', '']);
    const below = real === '' ? '..' : relative(root, real).split(sep).join('/') || '.';
    const found = below === '..' || below.startsWith('../') ? undefined : photos.within(below);
    if (found && found.to > found.from) return found;
    throw new UserError(`${folder}: no photos of ${this.dir} are in this folder`);
  }

  /** All pairs of photos whose cosine is at least `least`, exactly. @throws UserError; Interrupted */
  alike(least: number, o: { signal?: AbortSignal; progress?: (share: number) => void } = {}): Promise<Pair[]> {
    return alikePairs(this.files.vectors, { least, threads: this.o.threads, ...o });
  }

  /** The encoder that its photos were embedded by. @throws UserError where it is not there, or is another one now */
  embedder(): Promise<Embedder> {
    this.opened ??= this.openOwn();
    return this.opened;
  }

  private async openOwn(): Promise<Embedder> {
    const { encoder } = this.about;
    const path = this.o.encoder ?? placeFrom(this.dir, encoder.path);
    if (!encoderIsThere(path))
      throw new UserError(
        `no such encoder: ${path}, which ${this.dir} was made with: say where it is now with --encoder, or make the index anew`,
      );
    const { runtime, hooks } = this.o;
    const embedder = await openEmbedder({
      ...{ encoder: path, weights: encoder.weights, heads: encoder.heads, runtime, joint: true, hooks },
    });
    if (embedder.hash === encoder.hash) return embedder;
    await embedder.close();
    throw new UserError(
      `${path} is another encoder than ${this.dir} was made with (trained further since?): embed its photos anew (synclr index ${this.photos} --rebuild), or name the one of then with --encoder`,
    );
  }

  /** What turns words into vectors: the encoder's text side where it has one, else painting. */
  private async text(): Promise<TextFeatures> {
    const { settings, images, painted, hooks, vocabulary } = this.o;
    const { painting } = this.about;
    if (this.painted) return this.painted;
    const embedder = await this.embedder();
    const words = await embedder.words(vocabulary);
    if (vocabulary !== undefined && !words)
      throw new UserError(`the encoder of ${this.dir} has no text side: words are painted, and need no vocabulary`);
    if (embedder.hasWords && !words)
      hooks?.note?.('the encoder’s text side has no vocabulary here: words are painted; --vocabulary names one');
    this.painted = words ? spokenText(words) : paintedText({ embedder, painting, settings, images, painted, hooks });
    return this.painted;
  }

  async close(): Promise<void> {
    const [scanner, embedder] = await Promise.allSettled([this.scanner, this.opened]);
    if (scanner.status === 'fulfilled') await scanner.value?.close();
    if (embedder.status === 'fulfilled') await embedder.value?.close();
    await this.files.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
