import type { EncoderWeights } from '../config/names.js';
import { type OpenedEncoder, openEncoder } from '../encoders/open-encoder.js';
import { codeOf, UserError } from '../errors.js';
import type { Pixels } from '../images/painter.js';
import type { Preprocessing } from '../model/preprocessing.js';
import type { Executors } from '../runtime/executor.js';
import { type ExecutorSettings, openExecutors } from '../runtime/open-executors.js';
import type { OpenOptions } from '../stage.js';
import { vocabularyBeside } from '../text/beside.js';
import { decodeForEval, forEval, readForEval } from '../views/eval.js';
import { whyNot } from '../views/image.js';
import { decodeBatches, type Skipped } from './decode.js';
import { requireFinite } from './finite.js';
import { encoderSource, type FeatureSource, jointSource } from './sources.js';
import { unitRows } from './unit-rows.js';
import { openWords, type Words } from './words.js';

/** Features of one batch of files. */
export interface EmbeddedBatch {
  /** [n] positions in the list of paths, ascending. */
  index: number[];
  /** [n, dim] */
  features: Float32Array;
  /** Files of this batch that could not be decoded. */
  skipped: Skipped[];
}

/** A trained encoder as a function from images to vectors: CLS features of the last block. */
export interface Embedder extends AsyncDisposable {
  /** Numbers of a vector. */
  readonly dim: number;
  /** Of weights, preprocessing and decoding: features may be kept under it. */
  readonly hash: string;
  /** Where the weights came from. */
  readonly origin: string;
  readonly preprocessing: Preprocessing;
  /** What it runs on, in words. */
  readonly about: string;
  /**
   * Features of image files in their order, batch by batch; small ones first, so that something can be shown soon.
   * @param o.normalise to length 1
   * @param o.onProgress hears after every file how many have been decoded or left out
   * @throws UserError for features that are not finite; Interrupted when the signal asks for it
   */
  files(
    paths: readonly string[],
    o?: { normalise?: boolean; signal?: AbortSignal; onProgress?(done: number): void },
  ): AsyncGenerator<EmbeddedBatch>;
  /**
   * One image: a path, an encoded picture, or RGB pixels. Costs one image.
   * @returns [dim] @throws UserError where it is no picture
   */
  image(image: string | Uint8Array | Pixels, o?: { normalise?: boolean }): Promise<Float32Array>;
  /** Whether it was opened with `joint` and has a text side, whose vectors are compared with those of images. */
  readonly hasWords: boolean;
  /**
   * The text side, opened once.
   * @param vocabulary its file or folder; default: the one that lies with the encoder
   * @returns undefined where there is no text side, or no vocabulary @throws UserError for a vocabulary of another model
   */
  words(vocabulary?: string): Promise<Words | undefined>;
  close(): Promise<void>;
}

export interface OpenEmbedderOptions {
  /** A run's folder, a checkpoint, an exported encoder, or one of other people's: a file, a folder or `hf:owner/name`. */
  encoder: string;
  /** Which of several encoders; default: the teacher, of other people's the one that its authors evaluate. */
  weights?: EncoderWeights;
  /** Heads of somebody else's encoder, where neither its weights nor a description say them. */
  heads?: number;
  /** Side of the images, pixels; default: the one that travels with the encoder. */
  size?: number;
  /** Of an image-text encoder: features as they are compared with texts, in place of those before the projection. */
  joint?: boolean;
  /** What it runs on; default: all cores of the CPU. */
  runtime?: ExecutorSettings;
  hooks?: OpenOptions;
}

/**
 * Opens a trained encoder for images.
 *
 *     await using embedder = await openEmbedder({ encoder: 'runs/mine' });
 *     const feature = await embedder.image('photo.jpg', { normalise: true });
 *
 * @throws UserError when there is none at that path, or its patches do not divide `size`
 */
export async function openEmbedder(o: OpenEmbedderOptions): Promise<Embedder> {
  const executors = await openExecutors(o.runtime ?? { provider: 'cpu', threads: 0 }, o.hooks);
  try {
    const { encoder: checkpoint, weights, heads, size, hooks } = o;
    const encoder = await openEncoder({ checkpoint, weights, heads, size, executors, hooks });
    if (encoder.size !== encoder.ownSize)
      o.hooks?.note?.(`images are taken at ${encoder.size} px; ${encoder.origin} is measured at ${encoder.ownSize} px`);
    return new Opened(encoder, executors, o);
  } catch (e) {
    await executors.close();
    throw e;
  }
}

class Opened implements Embedder {
  readonly dim: number;
  readonly hash: string;
  readonly origin: string;
  readonly preprocessing: Preprocessing;
  readonly about: string;
  private readonly source: FeatureSource;
  private readonly executors: Executors;
  private readonly signal: AbortSignal;
  private readonly encoder: OpenedEncoder;
  private readonly place: string;
  readonly hasWords: boolean;
  private opened: Promise<Words> | undefined;

  constructor(encoder: OpenedEncoder, executors: Executors, o: OpenEmbedderOptions) {
    this.encoder = encoder;
    this.place = encoder.path ?? o.encoder;
    this.hasWords = o.joint === true && encoder.text !== undefined;
    this.source = o.joint ? jointSource(encoder) : encoderSource('trained', encoder);
    this.dim = this.source.dim;
    this.hash = this.source.hash;
    this.origin = encoder.origin;
    this.preprocessing = encoder.preprocessing;
    this.about = executors.about;
    this.executors = executors;
    this.signal = o.hooks?.signal ?? new AbortController().signal;
  }

  async *files(
    paths: readonly string[],
    o: { normalise?: boolean; signal?: AbortSignal; onProgress?(done: number): void } = {},
  ): AsyncGenerator<EmbeddedBatch> {
    if (paths.length === 0) return;
    let done = 0;
    const onImage = () => o.onProgress?.(++done);
    for await (const b of decodeBatches('', paths, this.preprocessing, o.signal ?? this.signal, onImage)) {
      const n = b.index.length;
      const features = n > 0 ? await this.source.features(b.pixels, n) : new Float32Array(0);
      this.check(
        features,
        b.index.map((i) => paths[i]),
      );
      yield { index: b.index, features: o.normalise ? unitRows(features, this.dim) : features, skipped: b.skipped };
    }
  }

  async image(image: string | Uint8Array | Pixels, o: { normalise?: boolean } = {}): Promise<Float32Array> {
    const what = typeof image === 'string' ? image : 'the image';
    const pixels = await read(image, this.preprocessing).catch((e: unknown) => {
      throw new UserError(`${what}: ${codeOf(e) === 'ENOENT' ? 'no such file' : whyNot(e)}`);
    });
    const features = await this.source.features(pixels, 1);
    this.check(features, [what]);
    return o.normalise ? unitRows(features, this.dim) : features;
  }

  private check(features: Float32Array, names: readonly string[]): void {
    if (names.length > 0) requireFinite(features, names, `the encoder ${this.origin}`);
  }

  async words(vocabulary?: string): Promise<Words | undefined> {
    const { text } = this.encoder;
    const file = vocabulary ?? vocabularyBeside(this.place);
    if (!this.hasWords || !text || !file) return undefined;
    this.opened ??= openWords(text, file, this.executors);
    return this.opened;
  }

  close(): Promise<void> {
    return this.executors.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function read(image: string | Uint8Array | Pixels, look: Preprocessing): Promise<Float32Array> {
  if (typeof image === 'string') return readForEval(image, look);
  if (image instanceof Uint8Array) return decodeForEval(image, look);
  const { width, height, data } = image;
  const isWhole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!isWhole || data.length !== 3 * width * height)
    throw new Error(`${data.length} bytes are not ${width} × ${height} RGB pixels`);
  return forEval(image, look);
}
