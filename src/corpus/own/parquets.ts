import { join } from 'node:path';
import { asLabel, CAPTION_NAMES, LABEL_NAMES, nameAmong, oneCaption } from '../../captions/own/fields.js';
import { UserError } from '../../errors.js';
import { isObject, parseJson } from '../../formats/json.js';
import { type ParquetColumn, ParquetFile } from '../../formats/parquet.js';
import { type FoundImage, type FoundSample, fileState, MOST_IMAGE, type SourceReader } from './sample.js';

/** Names of columns whose bytes are an image; with a number behind them they are further images of the row. */
const IMAGE_NAME =
  /^(?:image|images|img|jpg|jpeg|png|webp|picture|photo|pixels|content|bytes|image_bytes)(?:[._-]?(\d{1,3}))?$/i;

/** Which columns of a file are what. */
export interface ImageColumns {
  images: readonly ParquetColumn[];
  text?: string;
  label?: string;
  /** Names of the numbers in `label`. */
  names?: readonly string[];
}

/**
 * Finds the columns: bytes, or a struct of bytes and path as Hugging Face data sets have it; captions and labels by
 * their names.
 * @throws UserError naming the columns that there are
 */
export function imageColumns(file: ParquetFile): ImageColumns {
  const { columns } = file;
  const images = columns
    .filter((c) => {
      const [name, inner, more] = c.path;
      if (c.type !== 'BYTE_ARRAY' || c.text || !IMAGE_NAME.test(name)) return false;
      return inner === undefined || (inner === 'bytes' && more === undefined);
    })
    .map((column) => ({ column, order: Number(IMAGE_NAME.exec(column.path[0])![1] ?? 0) }))
    .sort((a, b) => a.order - b.order)
    .map((x) => x.column);
  const shown = columns.map((c) => `${c.path.join('.')} (${c.text ? 'text' : c.type})`).join(', ');
  const list = columns.find((c) => c.list && IMAGE_NAME.test(c.path[0]));
  if (images.length === 0)
    throw new UserError(
      list
        ? `${file.file}: ${list.path.join('.')} is a list of images, which is not read here: a column an image (image_0, image_1 …)`
        : `${file.file}: no column of images: expected bytes, or a struct with bytes, named image, img, jpg, png, webp …; it has ${shown}`,
    );
  const names = columns.filter((c) => c.path.length === 1 && !c.list).map((c) => c.path[0]);
  const texts = columns.filter((c) => c.path.length === 1 && c.text).map((c) => c.path[0]);
  const text = nameAmong(texts, CAPTION_NAMES);
  const label = nameAmong(names, LABEL_NAMES);
  return { images, text, label, names: label === undefined ? undefined : labelNames(file, label) };
}

/** Class names that Hugging Face's metadata gives to the numbers of a column. */
function labelNames(file: ParquetFile, label: string): readonly string[] | undefined {
  const said = file.said('huggingface');
  if (said === undefined) return undefined;
  let value: unknown;
  try {
    value = parseJson(said, 'metadata');
  } catch {
    return undefined;
  }
  for (const step of ['info', 'features', label, 'names']) value = isObject(value) ? value[step] : undefined;
  return Array.isArray(value) && value.every((n) => typeof n === 'string') ? value.map(oneCaption) : undefined;
}

/** Rows of text read at once. */
const ROWS = 512;

/** Parquet files with images: a row is a caption with the image or images of its columns. */
export class ParquetSource implements SourceReader {
  readonly files: readonly string[];
  readonly units: readonly { name: string }[];
  private readonly dir: string;

  constructor(dir: string, files: readonly string[]) {
    this.dir = dir;
    this.files = files;
    this.units = files.map((name) => ({ name }));
  }

  state(unit: number): Promise<string> {
    return fileState(this.dir, this.files[unit]);
  }

  async *samples(unit: number): AsyncIterable<FoundSample> {
    const file = ParquetFile.open(join(this.dir, this.files[unit]));
    try {
      yield* samplesOf(file, unit);
    } finally {
      file.close();
    }
  }

  async close(): Promise<void> {}
}

async function* samplesOf(file: ParquetFile, unit: number): AsyncIterable<FoundSample> {
  const columns = imageColumns(file);
  const walks = columns.images.map((column, k) => new Walk(file, column, unit, k));
  const wanted = [columns.text, columns.label].filter((c) => c !== undefined);
  const { rows } = file;
  for (let first = 0; first < rows; first += ROWS) {
    const end = Math.min(rows, first + ROWS);
    const said: Record<string, unknown>[] = wanted.length > 0 ? await file.read(wanted, first, end) : [];
    for (let row = first; row < end; row++) {
      const images = walks.map((w) => w.next()).filter((i) => i !== undefined);
      const { [columns.text ?? '']: text, [columns.label ?? '']: label } = said[row - first] ?? {};
      const sample: FoundSample = {
        name: `${file.file}: row ${row}`,
        text: typeof text === 'string' ? oneCaption(text) : '',
        label: columns.names?.[Number(label)] ?? asLabel(label),
        images,
      };
      if (images.length === 0) sample.bad = 'no image';
      else if (images.some((i) => i.bytes > MOST_IMAGE)) sample.bad = 'too large';
      yield sample;
    }
  }
}

/** Goes through the values of a column. */
class Walk {
  private readonly pages: ReturnType<ParquetFile['pages']>;
  private page: { at: number; bytes: number; group: number; values: readonly unknown[] } | undefined;
  private row = 0;
  private readonly unit: number;
  private readonly column: number;

  /** @param k number of the column among those of images */
  constructor(file: ParquetFile, column: ParquetColumn, unit: number, k: number) {
    this.pages = file.pages(column);
    this.unit = unit;
    this.column = k;
  }

  /** The image of the next row, undefined where it has none. */
  next(): FoundImage | undefined {
    while (!this.page || this.row >= this.page.values.length) {
      const { value, done } = this.pages.next();
      if (done) return undefined;
      this.page = value;
      this.row = 0;
    }
    const { at, bytes, group, values } = this.page;
    const row = this.row++;
    const value = values[row];
    if (!(value instanceof Uint8Array) || value.length === 0) return undefined;
    return {
      place: { file: this.unit, at, span: bytes, row, group, column: this.column },
      bytes: value.length,
      read: async () => value,
    };
  }
}

/** Pages kept by a thread, bytes. */
const PAGES = 48 * 2 ** 20;
const OPEN = 8;

/** Reads single images: files and pages that were used last are kept. */
export class ParquetImages {
  private readonly dir: string;
  private readonly names: readonly string[];
  private readonly open = new Map<number, { file: ParquetFile; columns: ImageColumns }>();
  private readonly pages = new Map<string, { values: unknown[]; bytes: number }>();
  private bytes = 0;

  constructor(dir: string, names: readonly string[]) {
    this.dir = dir;
    this.names = names;
  }

  /** @throws UserError where the file is gone, or not as it was */
  read(file: number, group: number, column: number, at: number, row: number): Buffer {
    const key = `${file} ${at}`;
    let page = this.pages.get(key);
    if (page) this.pages.delete(key);
    else {
      const { file: opened, columns } = this.file(file);
      const values = opened.page(columns.images[column], group, at).values ?? [];
      const bytes = values.reduce<number>((sum, v) => sum + (v instanceof Uint8Array ? v.length : 0) + 64, 0);
      page = { values, bytes };
      this.bytes += bytes;
    }
    this.pages.set(key, page);
    while (this.bytes > PAGES && this.pages.size > 1) {
      const [oldest, its] = this.pages.entries().next().value!;
      this.pages.delete(oldest);
      this.bytes -= its.bytes;
    }
    const value = page.values[row];
    if (!(value instanceof Uint8Array))
      throw new UserError(`${join(this.dir, this.names[file])}: an image is gone; was it changed while in use?`);
    return Buffer.from(value);
  }

  close(): void {
    for (const { file } of this.open.values()) file.close();
    this.open.clear();
    this.pages.clear();
  }

  private file(k: number) {
    let found = this.open.get(k);
    if (found) this.open.delete(k);
    else {
      const file = ParquetFile.open(join(this.dir, this.names[k]));
      found = { file, columns: imageColumns(file) };
    }
    this.open.set(k, found);
    if (this.open.size > OPEN) {
      const [oldest, its] = this.open.entries().next().value!;
      its.file.close();
      this.open.delete(oldest);
    }
    return found;
  }
}
