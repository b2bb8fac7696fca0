import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import type { Settings } from '../config/schema.js';
import { codeOf, UserError } from '../errors.js';
import { makeFolder } from '../files/folders.js';
import { type FileKind, isOfKind, refuseForeignFile, replaceFile } from '../files/replace.js';
import { dropTemporary, removeTemporariesOf, temporaryName } from '../files/temporary.js';
import { onFile, renameDurably, writeFileAtomic } from '../files/write.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { openEncoder } from '../model/open-encoder.js';
import { openExecutors } from '../runtime/open-executors.js';
import type { StageHooks } from '../stage.js';
import { PICTURE_KINDS } from '../views/picture-format.js';
import { decodeBatches } from './decode.js';
import { requireFinite } from './finite.js';
import { othersLine, SkippedFiles } from './left-out.js';
import { npyHeader } from './npy.js';
import { encoderSource } from './sources.js';
import { walk } from './walk.js';

export interface EmbedOptions {
  /** A run's folder, a checkpoint or an exported encoder. */
  encoder: string;
  /** A folder of images, with or without sub-folders. */
  input: string;
  /** `.jsonl`: one line an image; `.npy` or `.safetensors`: a matrix, with the names beside it in `<out>.jsonl`. */
  out: string;
  hooks: StageHooks;
  /** Which weights, image size and executor; default: the teacher's, at the side it was trained at, on all cores of the CPU. */
  settings?: Settings;
}

export interface EmbedResult {
  /** Images embedded. */
  images: number;
  skipped: number;
  dim: number;
}

/** One line of the names: row of the matrix, and path relative to the input folder. */
export interface EmbeddedName {
  row: number;
  file: string;
}

const FORMATS = ['.jsonl', '.npy', '.safetensors'];

/**
 * CLS features of all images below a folder, in the order of their paths; broken ones are left out with a warning. The output is written
 * whole or not at all; formats are described in docs/probes.md.
 * @throws UserError without images, without an encoder, for another ending of `out`, where something else stands there or nothing can be
 *   written, for features that are not finite; Interrupted
 */
export async function embed(o: EmbedOptions): Promise<EmbedResult> {
  const format = extname(o.out).toLowerCase();
  if (!FORMATS.includes(format)) throw new UserError(`--out ${o.out}: unknown ending; choices: ${FORMATS.join(', ')}`);
  const out = await outputFile(o.out);
  const { pictures, others, remarks } = await walk(o.input, [''], { unreadable: 'pass over' }).catch((e: unknown) => {
    const code = codeOf(e);
    throw new UserError(
      `${o.input}: ${code === 'ENOENT' ? 'no such folder of images' : `not a folder of images (${code ?? e})`}`,
    );
  });
  if (pictures.length === 0)
    throw new UserError(`${o.input}: no images in this folder or below it (${PICTURE_KINDS.join(', ')})`);
  for (const line of remarks) o.hooks.warn(line);
  const left = othersLine(others);
  if (left) o.hooks.warn(`${o.input}: ${left}`);
  const files = pictures.map((p) => p.file);
  const executors = await openExecutors(o.settings?.runtime ?? { provider: 'cpu', threads: 0 }, o.hooks);
  try {
    o.hooks.note?.(`the encoder runs on ${executors.about}`);
    const encoder = await openEncoder({
      checkpoint: o.encoder,
      weights: o.settings?.probe.weights,
      size: o.settings?.probe.size,
      executors,
    });
    const source = encoderSource('trained', encoder);
    const sink = format === '.jsonl' ? new Lines(out) : new Matrix(out, format, source.dim);
    let seen = 0;
    let skipped = 0;
    const broken = new SkippedFiles(o.hooks.warn);
    try {
      await sink.open();
      for await (const b of decodeBatches(o.input, files, source.size, o.hooks.signal)) {
        const n = b.index.length;
        if (n > 0) {
          const features = await source.features(b.pixels, n);
          const names = b.index.map((i) => files[i]);
          requireFinite(features, names, `${o.input}: the encoder ${encoder.origin}`);
          await sink.write(names, features);
        }
        broken.add(o.input, b.skipped);
        skipped += b.skipped.length;
        seen += n + b.skipped.length;
        o.hooks.progress({ stage: 'eval', done: seen, total: files.length, unit: 'images' });
      }
      broken.end();
      if (skipped === files.length)
        throw new UserError(`${o.input}: none of its ${files.length} images can be decoded`);
      await sink.finish();
    } catch (e) {
      await sink.drop();
      throw e;
    }
    return { images: files.length - skipped, skipped, dim: source.dim };
  } finally {
    await executors.close();
  }
}

const LINES: FileKind = {
  what: 'embeddings that synclr wrote',
  isOurs: (head) => /^\{"file":"(?:[^"\\]|\\.)*","feature":\[/.test(head.toString()),
};
const NAMES: FileKind = {
  what: 'the names of embeddings that synclr wrote',
  isOurs: (head) => head.toString().startsWith('{"row":0,"file":"'),
};
const MATRIX = 'embeddings that synclr wrote, with their names beside them';
/**
 * Where an output file really goes: a link leads to its target, which is replaced, and stays a link.
 * @throws UserError for what is no file, and for a link that leads nowhere
 */
async function outputFile(path: string): Promise<string> {
  for (const name of extname(path) === '.jsonl' ? [path] : [path, `${path}.jsonl`]) {
    const found = await stat(name).catch(() => undefined);
    if (found && !found.isFile())
      throw new UserError(
        `--out ${name}: ${found.isDirectory() ? 'a folder' : 'something'} is there already, not a file`,
      );
    if (!found && (await lstat(name).catch(() => undefined))?.isSymbolicLink())
      throw new UserError(`--out ${name}: a link that leads nowhere; remove it or choose another name`);
  }
  return realpath(path).catch(() => path);
}

interface Sink {
  open(): Promise<void>;
  write(files: readonly string[], features: Float32Array): Promise<void>;
  finish(): Promise<void>;
  drop(): Promise<void>;
}

/** A line an image: `{"file": …, "feature": […]}`, written as it comes. */
class Lines implements Sink {
  private readonly path: string;
  private readonly temporary: string;
  private handle: FileHandle | undefined;

  constructor(path: string) {
    this.path = path;
    this.temporary = temporaryName(path);
  }

  async open(): Promise<void> {
    await makeFolder(dirname(this.path));
    await refuseForeignFile(this.path, LINES);
    await removeTemporariesOf(this.path);
    this.handle = await open(this.temporary, 'wx');
  }

  async write(files: readonly string[], features: Float32Array): Promise<void> {
    const dim = features.length / files.length;
    const lines = files.map((file, i) => {
      // Nine significant digits give every float32 back.
      const feature = Array.from(features.subarray(i * dim, (i + 1) * dim), (v) => Number(v.toPrecision(9)));
      return `${JSON.stringify({ file, feature })}\n`;
    });
    await onFile(this.path, this.handle!.appendFile(lines.join('')));
  }

  async finish(): Promise<void> {
    await onFile(this.path, this.handle!.sync());
    await this.handle!.close();
    await refuseForeignFile(this.path, LINES);
    await renameDurably(this.temporary, this.path);
  }

  async drop(): Promise<void> {
    await this.handle?.close().catch(() => {});
    await dropTemporary(this.temporary);
  }
}

/** A float32 matrix [images, dim] as NumPy or safetensors, and its rows' names. */
class Matrix implements Sink {
  private readonly path: string;
  private readonly namesPath: string;
  private readonly format: string;
  private readonly dim: number;
  private readonly blocks: Float32Array[] = [];
  private readonly names: string[] = [];

  constructor(path: string, format: string, dim: number) {
    this.path = path;
    this.namesPath = `${path}.jsonl`;
    this.format = format;
    this.dim = dim;
  }

  async open(): Promise<void> {
    await makeFolder(dirname(this.path));
    await this.refuseForeign();
    for (const file of [this.path, this.namesPath]) await removeTemporariesOf(file);
  }

  async write(files: readonly string[], features: Float32Array): Promise<void> {
    for (const file of files) this.names.push(file);
    this.blocks.push(features);
  }

  async finish(): Promise<void> {
    const shape = [this.names.length, this.dim];
    const data = new Float32Array(shape[0] * shape[1]);
    let at = 0;
    for (const block of this.blocks) {
      data.set(block, at);
      at += block.length;
    }
    const rows = this.names.map((file, row): EmbeddedName => ({ row, file }));
    await this.refuseForeign();
    await replaceFile(this.namesPath, rows.map((r) => `${JSON.stringify(r)}\n`).join(''), NAMES);
    if (this.format === '.safetensors')
      await writeSafetensors(this.path, new Map([['features', { dtype: 'F32', shape, data }]]));
    else await writeFileAtomic(this.path, Buffer.concat([npyHeader(shape), new Uint8Array(data.buffer)]));
  }

  async drop(): Promise<void> {}

  private async refuseForeign(): Promise<void> {
    await refuseForeignFile(this.namesPath, NAMES);
    await refuseForeignFile(this.path, { what: MATRIX, isOurs: (head) => this.isOurs(head) });
  }

  /** A matrix says not who wrote it; but one of ours has its names beside it. */
  private async isOurs(head: Buffer): Promise<boolean> {
    const begins = this.format === '.npy' ? /^\x93NUMPY/ : /^.{8}\{"features":\{"dtype":"F32","shape":/s;
    return begins.test(head.toString('latin1')) && (await isOfKind(this.namesPath, NAMES));
  }
}
