import { closeSync, fstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaptionRecord } from '../../captions/record.js';
import { UserError } from '../../errors.js';
import { parseJson } from '../../formats/json.js';
import { ClassNames } from '../class-names.js';
import type { Classes, Corpus } from '../corpus.js';
import { readPicture } from './folders.js';
import {
  CAPTION_BYTES,
  type CaptionEntry,
  IMAGE_BYTES,
  type ImageEntry,
  unpackCaption,
  unpackImage,
} from './layout.js';
import { readIndex, type SourceIndex } from './make-index.js';
import { ParquetImages } from './parquets.js';
import { MOST_IMAGE } from './sample.js';
import { openFile, readAt, readPiece } from './tars.js';

/** Longest path that any system has, bytes. */
const MOST_NAME = 4096;
/** Archives kept open. */
const OPEN = 64;

/** A source that lies where it lies, by its index. */
export class IndexedCorpus implements Corpus {
  readonly length: number;
  readonly images: number;
  readonly imagesPerCaption: number;
  readonly size: number;
  readonly made = false;
  readonly index: SourceIndex;
  private readonly folder: string;
  private readonly captions: number;
  private readonly places: number;
  private readonly text: number;
  /** Bytes of the three by descriptor. */
  private readonly sizes: ReadonlyMap<number, number>;
  private readonly open = new Map<number, number>();
  private readonly parquet: ParquetImages | undefined;
  private names: string[] | undefined;

  private constructor(folder: string, index: SourceIndex) {
    this.folder = folder;
    this.index = index;
    this.length = index.captions;
    this.images = index.images;
    this.imagesPerCaption = index.most;
    this.size = index.size;
    this.captions = openFile(join(folder, 'captions'));
    this.places = openFile(join(folder, 'images'));
    this.text = openFile(join(folder, 'text'));
    this.sizes = new Map([this.captions, this.places, this.text].map((fd) => [fd, fstatSync(fd).size]));
    this.parquet = index.form === 'parquet' ? new ParquetImages(index.dir, index.files) : undefined;
  }

  /** @throws UserError where there is no whole index */
  static async open(folder: string): Promise<IndexedCorpus> {
    const index = await readIndex(folder);
    if (!index) throw new UserError(`${folder}: no whole index of a corpus; name the corpus again with --corpus`);
    return new IndexedCorpus(folder, index);
  }

  imagesOf(i: number): number {
    return this.entry(i).images;
  }

  imageNumber(i: number, j: number): number {
    return this.entry(i).first + j;
  }

  async caption(i: number): Promise<string> {
    const { textAt, textBytes } = this.entry(i);
    return this.piece(this.text, textAt, textBytes).toString('utf8');
  }

  async classes(): Promise<Classes | undefined> {
    const names = await this.classNames();
    if (names.length === 0) return undefined;
    const all = new ClassNames(this.length);
    for (let i = 0; i < this.length; i++) {
      const { label } = this.entry(i);
      if (label >= 0) all.set(i, names[label]);
    }
    return all.classes();
  }

  async read(i: number): Promise<{ record: CaptionRecord; images: Buffer[] }> {
    const { images, label } = this.entry(i);
    const files = await Promise.all(Array.from({ length: images }, (_, j) => this.readImage(i, j)));
    const concept = label < 0 ? '' : (await this.classNames())[label];
    const caption = await this.caption(i);
    const record: CaptionRecord = {
      ...{ id: i, template: 'concept', kind: 'object', concept, source: this.index.form, caption, writer: 'unknown' },
    };
    return { record, images: files };
  }

  async readImage(i: number, j: number): Promise<Buffer> {
    const { first, images } = this.entry(i);
    if (!(j >= 0 && j < images)) throw new Error(`internal: image ${j} of ${images}`);
    const image = this.image(first + j);
    const { dir, form, files } = this.index;
    if (this.parquet) return this.parquet.read(image.file, image.group, image.column, image.at, image.row);
    if (form === 'webdataset') return readPiece(this.archive(image.file), join(dir, files[image.file]), image);
    const path = this.pathOf(image);
    const bytes = await readPicture(path).catch((e: Error) => {
      throw new UserError(`${path}: cannot be read: ${e.message}`);
    });
    if (bytes.length !== image.bytes)
      throw new UserError(
        `${path}: has ${bytes.length} bytes, and ${image.bytes} when it was indexed: name the corpus again with --corpus`,
      );
    return bytes;
  }

  where(i: number): string {
    const { first } = this.entry(i);
    const image = this.image(first);
    const { dir, files } = this.index;
    return files.length > 0 ? `${join(dir, files[image.file])}, caption ${i} of the corpus` : this.pathOf(image);
  }

  async verify(): Promise<void> {
    for (let i = 0; i < this.length; i++) for (let j = 0; j < this.imagesOf(i); j++) await this.readImage(i, j);
  }

  async close(): Promise<void> {
    for (const fd of [this.captions, this.places, this.text, ...this.open.values()]) closeSync(fd);
    this.open.clear();
    this.parquet?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private entry(i: number): CaptionEntry {
    if (!(i >= 0 && i < this.length)) throw new Error(`internal: caption ${i} of ${this.length}`);
    const entry = unpackCaption(this.piece(this.captions, i * CAPTION_BYTES, CAPTION_BYTES));
    if (!(entry.images > 0 && entry.first + entry.images <= this.images && entry.label < this.index.classes))
      throw this.damaged();
    return entry;
  }

  private image(k: number): ImageEntry {
    const image = unpackImage(this.piece(this.places, k * IMAGE_BYTES, IMAGE_BYTES));
    const { files } = this.index;
    if (files.length > 0 ? image.file >= files.length : image.span > MOST_NAME) throw this.damaged();
    if (!Number.isSafeInteger(image.at) || image.at < 0 || image.bytes > MOST_IMAGE) throw this.damaged();
    return image;
  }

  private pathOf({ at, span }: ImageEntry): string {
    const path = this.piece(this.text, at, span).toString('utf8');
    // What is read is what lies below the source, whatever an index says.
    if (path.includes('\0') || path.startsWith('/') || path.split(/[\\/]/).includes('..')) throw this.damaged();
    return join(this.index.dir, path);
  }

  /** Bytes of a part of the index. */
  private piece(fd: number, at: number, bytes: number): Buffer {
    if (!(Number.isSafeInteger(at) && at >= 0 && at + bytes <= this.sizes.get(fd)!)) throw this.damaged();
    return readAt(fd, this.folder, at, bytes);
  }

  private damaged(): UserError {
    return new UserError(`${this.folder}: a damaged index: remove that folder and name the corpus again with --corpus`);
  }

  private archive(k: number): number {
    let fd = this.open.get(k);
    if (fd !== undefined) this.open.delete(k);
    else {
      fd = openFile(join(this.index.dir, this.index.files[k]));
      if (this.open.size >= OPEN) {
        const [oldest, its] = this.open.entries().next().value!;
        closeSync(its);
        this.open.delete(oldest);
      }
    }
    this.open.set(k, fd);
    return fd;
  }

  private async classNames(): Promise<string[]> {
    if (this.names) return this.names;
    try {
      const lines = (await readFile(join(this.folder, 'classes'), 'utf8')).split('\n').filter((line) => line !== '');
      const names = lines.map((line) => parseJson(line, 'a class'));
      if (names.length !== this.index.classes || !names.every((n) => typeof n === 'string')) throw this.damaged();
      this.names = names;
    } catch {
      throw this.damaged();
    }
    return this.names;
  }
}
