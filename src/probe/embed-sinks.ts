import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { UserError } from '../errors.js';
import { makeFolder } from '../files/folders.js';
import { type FileKind, isOfKind, refuseForeignFile, replaceFile } from '../files/replace.js';
import { dropTemporary, removeTemporariesOf, temporaryName } from '../files/temporary.js';
import { onFile, renameDurably, writeFileAtomic } from '../files/write.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { VERSION } from '../version.js';
import { npyHeader } from './npy.js';

/** Endings of what embeddings are written to. */
export const FORMATS = ['.jsonl', '.npy', '.safetensors', '.parquet'];

/** One line of the names: row of the matrix, and the image's name. */
export interface EmbeddedName {
  row: number;
  file: string;
}

/** Takes embeddings as they come, and has written all or nothing in the end. */
export interface Sink {
  open(): Promise<void>;
  /** @param features [files, dim] */
  write(files: readonly string[], features: Float32Array): Promise<void>;
  finish(): Promise<void>;
  drop(): Promise<void>;
}

/** What hears one image's features: with `--out -`, a line of stdout. */
export type OnEmbedding = (embedding: { file: string; feature: number[] }) => void | Promise<void>;

/**
 * Where embeddings go, by the name's ending.
 * @throws UserError for another ending, for what is no file, and for a link that leads nowhere
 */
export async function openSink(out: string | OnEmbedding, dim: number): Promise<Sink> {
  if (typeof out !== 'string') return new Told(out);
  const format = formatOf(out);
  const path = await outputFile(out);
  if (format === '.jsonl') return new Lines(path);
  return format === '.parquet' ? new Parquet(path, dim) : new Matrix(path, format, dim);
}

/** @throws UserError for an ending that is none of {@link FORMATS} */
export function formatOf(out: string): string {
  const format = extname(out).toLowerCase();
  if (!FORMATS.includes(format))
    throw new UserError(`--out ${out}: unknown ending; choices: ${FORMATS.join(', ')}, or - for lines on stdout`);
  return format;
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
/** Told by its key in the footer, since Parquet begins with nothing else than its name. */
const PARQUET: FileKind = {
  what: 'embeddings that synclr wrote',
  isOurs: async (head, path) => head.toString('latin1', 0, 4) === 'PAR1' && (await tailOf(path)).includes(PARQUET_KEY),
};
const PARQUET_KEY = 'synclr.embeddings';
/** Bytes at a Parquet file's end in which its own key stands: metadata of columns come before. */
const TAIL = 4096;

async function tailOf(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(TAIL, size));
    await handle.read(tail, 0, tail.length, size - tail.length);
    return tail.toString('latin1');
  } finally {
    await handle.close();
  }
}

/**
 * Where an output file really goes: a link leads to its target, which is replaced, and stays a link.
 * @throws UserError for what is no file, and for a link that leads nowhere
 */
async function outputFile(path: string): Promise<string> {
  const isAlone = /\.(?:jsonl|parquet)$/i.test(path);
  for (const name of isAlone ? [path] : [path, `${path}.jsonl`]) {
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

/** Nine significant digits give every float32 back. */
const numbersOf = (features: Float32Array): number[] => Array.from(features, (v) => Number(v.toPrecision(9)));

/** Each image as an object of its own, to whoever asked. */
class Told implements Sink {
  private readonly tell: OnEmbedding;

  constructor(tell: OnEmbedding) {
    this.tell = tell;
  }

  async write(files: readonly string[], features: Float32Array): Promise<void> {
    const dim = features.length / files.length;
    for (const [i, file] of files.entries())
      await this.tell({ file, feature: numbersOf(features.subarray(i * dim, (i + 1) * dim)) });
  }

  async open(): Promise<void> {}
  async finish(): Promise<void> {}
  async drop(): Promise<void> {}
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
      const feature = numbersOf(features.subarray(i * dim, (i + 1) * dim));
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

/** Images of one row group. */
const ROW_GROUP = 4096;

/** A table of two columns: `file`, text, and `feature`, a list of float32. */
class Parquet implements Sink {
  private readonly path: string;
  private readonly bytes = new ByteWriter();
  private readonly table: ParquetWriter;
  private readonly dim: number;
  private names: string[] = [];
  private features: number[][] = [];

  constructor(path: string, dim: number) {
    this.path = path;
    this.dim = dim;
    this.table = new ParquetWriter({
      writer: this.bytes,
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'file', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
        { name: 'feature', converted_type: 'LIST', repetition_type: 'REQUIRED', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
      ],
      codec: 'UNCOMPRESSED',
      statistics: false,
      kvMetadata: [{ key: PARQUET_KEY, value: VERSION }],
      createdBy: `synclr ${VERSION}`,
    });
  }

  async open(): Promise<void> {
    await makeFolder(dirname(this.path));
    await refuseForeignFile(this.path, PARQUET);
    await removeTemporariesOf(this.path);
  }

  async write(files: readonly string[], features: Float32Array): Promise<void> {
    for (const [i, file] of files.entries()) {
      this.names.push(file);
      this.features.push(Array.from(features.subarray(i * this.dim, (i + 1) * this.dim)));
      if (this.names.length === ROW_GROUP) await this.group();
    }
  }

  async finish(): Promise<void> {
    if (this.names.length > 0) await this.group();
    await this.table.finish();
    await replaceFile(this.path, new Uint8Array(this.bytes.getBuffer()), PARQUET);
  }

  async drop(): Promise<void> {}

  private async group(): Promise<void> {
    const columnData = [
      { name: 'file', data: this.names },
      { name: 'feature', data: this.features, encoding: 'PLAIN' as const },
    ];
    await this.table.write({ columnData, rowGroupSize: ROW_GROUP });
    this.names = [];
    this.features = [];
  }
}
