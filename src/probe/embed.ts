import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../config/schema.js';
import { codeOf, UserError } from '../errors.js';
import type { StageHooks } from '../stage.js';
import { PICTURE_KINDS } from '../views/picture-format.js';
import { formatOf, type OnEmbedding, openSink } from './embed-sinks.js';
import { openEmbedder } from './embedder.js';
import { othersLine, SkippedFiles } from './left-out.js';
import { walk } from './walk.js';

export type { EmbeddedName, OnEmbedding } from './embed-sinks.js';

export interface EmbedOptions {
  /** A run's folder, a checkpoint, an exported encoder, or one of other people's: a file, a folder or `hf:owner/name`. */
  encoder: string;
  /** Heads of somebody else's encoder, where neither its weights nor a description say them. */
  heads?: number;
  /** A folder of images, with or without sub-folders; an image; or several of both. */
  input: string | readonly string[];
  /**
   * `.jsonl`: one line an image; `.npy` or `.safetensors`: a matrix, with the names beside it in `<out>.jsonl`; `.parquet`: a table of names and
   * features. Or who hears each image.
   */
  out: string | OnEmbedding;
  hooks: StageHooks;
  /** Vectors of length 1. */
  normalise?: boolean;
  /** Side of the images, pixels; default: of the settings, else the one that travels with the encoder. */
  size?: number;
  /** Which weights, image size and executor; default: the teacher's, on all cores of the CPU. */
  settings?: Settings;
}

export interface EmbedResult {
  /** Images embedded. */
  images: number;
  skipped: number;
  dim: number;
  /** Side at which they were embedded, pixels. */
  size: number;
}

/**
 * CLS features of images, in the order of the inputs, and below a folder in the order of their paths; broken ones are left out with a warning.
 * An image's name is its path below the folder where that is the only input, else its path as the input begins it. The output is written
 * whole or not at all; formats are described in docs/encoder.md.
 * @throws UserError without images, without an encoder, for another ending of `out`, where something else stands there or nothing can be
 *   written, for features that are not finite; Interrupted
 */
export async function embed(o: EmbedOptions): Promise<EmbedResult> {
  if (typeof o.out === 'string') formatOf(o.out);
  const inputs = typeof o.input === 'string' ? [o.input] : o.input;
  const images = await imagesOf(inputs, o.hooks);
  const { probe, runtime } = o.settings ?? {};
  await using embedder = await openEmbedder({
    encoder: o.encoder,
    weights: probe?.weights,
    heads: o.heads,
    size: o.size ?? probe?.size,
    runtime,
    hooks: o.hooks,
  });
  o.hooks.note?.(`the encoder runs on ${embedder.about}`);
  const sink = await openSink(o.out, embedder.dim);
  const broken = new SkippedFiles(o.hooks.warn);
  const total = images.length;
  let skipped = 0;
  try {
    await sink.open();
    const paths = images.map((i) => i.path);
    const onProgress = (done: number) => o.hooks.progress({ stage: 'eval', done, total, unit: 'images', before: 0 });
    for await (const b of embedder.files(paths, { normalise: o.normalise, signal: o.hooks.signal, onProgress })) {
      const names = b.index.map((i) => images[i].name);
      if (names.length > 0) await sink.write(names, b.features);
      broken.add('', b.skipped);
      skipped += b.skipped.length;
    }
    broken.end();
    if (skipped === total)
      throw new UserError(
        `${inputs.join(', ')}: ${total === 1 ? 'it cannot be decoded' : `none of its ${total} images can be decoded`}`,
      );
    await sink.finish();
  } catch (e) {
    await sink.drop();
    throw e;
  }
  return { images: total - skipped, skipped, dim: embedder.dim, size: embedder.preprocessing.size };
}

interface Named {
  name: string;
  path: string;
}

/** All images that the inputs name. @throws UserError for an input that is not there, or holds none */
async function imagesOf(inputs: readonly string[], hooks: StageHooks): Promise<Named[]> {
  if (inputs.length === 0) throw new UserError('no images are named');
  const found: Named[] = [];
  for (const input of inputs) {
    const kind = await stat(input).catch((e: unknown) => {
      const code = codeOf(e);
      throw new UserError(
        `${input}: ${code === 'ENOENT' ? 'no such image or folder of images' : `cannot be read (${code ?? e})`}`,
      );
    });
    if (kind.isDirectory()) {
      const files = await below(input, hooks);
      for (const file of files)
        found.push({ name: inputs.length === 1 ? file : join(input, file), path: join(input, file) });
    } else found.push({ name: input, path: input });
  }
  return found;
}

async function below(folder: string, hooks: StageHooks): Promise<string[]> {
  const { pictures, others, remarks } = await walk(folder, [''], { unreadable: 'pass over' }).catch((e: unknown) => {
    throw new UserError(`${folder}: not a folder of images (${codeOf(e) ?? e})`);
  });
  if (pictures.length === 0)
    throw new UserError(`${folder}: no images in this folder or below it (${PICTURE_KINDS.join(', ')})`);
  for (const line of remarks) hooks.warn(line);
  const left = othersLine(others);
  if (left) hooks.warn(`${folder}: ${left}`);
  return pictures.map((p) => p.file);
}
