import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import * as zlib from 'node:zlib';
import type { AsyncBuffer, ColumnMetaData, Compressors, FileMetaData, SchemaTree } from 'hyparquet';
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { codeOf, UserError } from '../errors.js';

/**
 * Parquet files, for data sets of images and captions: rows of some columns, and single values by the page that they
 * lie in, so that an image
 * can be read alone whatever the size of its row group.
 */

/** Largest footer, and largest page, bytes. */
const MOST_FOOTER = 512 * 2 ** 20;
const MOST_PAGE = 2 ** 30;
/** No page decompresses to more times its size than this, or to so many bytes more. */
const MOST_RATIO = 64;
const ALWAYS = 64 * 2 ** 20;
/** A page's header with the statistics in it is looked for in so many bytes, then in more. */
const HEADER = 4096;

const zstd = (zlib as { zstdDecompressSync?: (b: Uint8Array, o: object) => Buffer }).zstdDecompressSync;

/** Bytes as they come out, never more than the file promises. */
const bounded =
  (name: string, unpack: ((b: Uint8Array, o: { maxOutputLength: number }) => Buffer) | undefined) =>
  (input: Uint8Array, length: number): Uint8Array => {
    if (!unpack) throw new Error(`compressed with ${name}, which this Node cannot read: Node 22.15 or later can`);
    const out = unpack(input, { maxOutputLength: Math.max(1, length) });
    return new Uint8Array(out.buffer, out.byteOffset, out.length);
  };

const COMPRESSORS: Compressors = {
  GZIP: bounded('gzip', zlib.gunzipSync),
  BROTLI: bounded('brotli', zlib.brotliDecompressSync),
  ZSTD: bounded('zstd', zstd),
};

/** A column of values, at the end of its path: `image.bytes`. */
export interface ParquetColumn {
  path: readonly string[];
  /** As Parquet has it: BYTE_ARRAY, INT64 … */
  type: string;
  /** Its bytes are text. */
  text: boolean;
  /** A row may have several values, or none: a list. */
  list: boolean;
}

/** A page of a column and the rows in it. */
export interface ParquetPage {
  at: number;
  /** Bytes, header included. */
  bytes: number;
  group: number;
  /** Values of the page, with empty places. */
  values: readonly unknown[];
}

/** An open file. @throws UserError naming the file, for all that is wrong with it */
export class ParquetFile {
  readonly file: string;
  readonly size: number;
  private readonly fd: number;
  private readonly metadata: FileMetaData;
  private readonly tree: SchemaTree;
  private lastDictionary: { key: string; values: unknown[] } | undefined;

  private constructor(file: string, fd: number, size: number, metadata: FileMetaData, tree: SchemaTree) {
    this.file = file;
    this.fd = fd;
    this.size = size;
    this.metadata = metadata;
    this.tree = tree;
  }

  /** @throws UserError where it cannot be opened, or is no Parquet */
  static open(file: string): ParquetFile {
    let fd: number;
    try {
      fd = openSync(file, 'r');
    } catch (e) {
      throw new UserError(`${file}: cannot be opened: ${codeOf(e)}`);
    }
    try {
      const { size } = fstatSync(fd);
      const tail = readAll(fd, Math.max(0, size - 8), Math.min(8, size));
      if (size < 12 || tail.toString('latin1', 4) !== 'PAR1')
        throw new UserError(
          tail.toString('latin1', 4) === 'PARE' ? `${file}: encrypted Parquet` : `${file}: no Parquet file, or cut off`,
        );
      const length = tail.readUInt32LE(0);
      if (length + 12 > size || length > MOST_FOOTER)
        throw new UserError(`${file}: damaged Parquet file: a footer of ${length} bytes in ${size}`);
      const footer = Uint8Array.from(readAll(fd, size - 8 - length, length + 8)).buffer;
      const { metadata, tree } = checkedBy(file, () => {
        const metadata = parquetMetadata(footer);
        return { metadata, tree: parquetSchema(metadata) };
      });
      return new ParquetFile(file, fd, size, metadata, tree);
    } catch (e) {
      closeSync(fd);
      throw e;
    }
  }

  get rows(): number {
    return this.metadata.row_groups.reduce((sum, g) => sum + Number(g.num_rows), 0);
  }

  /** Rows of each group. */
  get groups(): number[] {
    return this.metadata.row_groups.map((g) => Number(g.num_rows));
  }

  /** All columns that hold values. */
  get columns(): ParquetColumn[] {
    const out: ParquetColumn[] = [];
    const walk = (node: SchemaTree, list: boolean): void => {
      const { element } = node;
      const isList = list || element.repetition_type === 'REPEATED';
      if (node.children.length > 0) {
        for (const child of node.children) walk(child, isList);
        return;
      }
      const text = element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING';
      out.push({ path: node.path, type: String(element.type), text, list: isList });
    };
    for (const child of this.tree.children) walk(child, false);
    return out;
  }

  /** What is written of the file as a whole, by key. */
  said(key: string): string | undefined {
    return this.metadata.key_value_metadata?.find((k) => k.key === key)?.value;
  }

  /** Rows `from` … `to` − 1 of some columns (the first names of their paths), as objects. */
  async read(columns: readonly string[], from: number, to: number): Promise<Record<string, unknown>[]> {
    const file: AsyncBuffer = {
      byteLength: this.size,
      slice: (start, end = this.size) => {
        if (!(start >= 0 && end >= start && end <= this.size)) throw new Error('a piece outside of the file');
        if (end - start > MOST_PAGE) throw new Error(`a piece of ${end - start} bytes`);
        return Uint8Array.from(readAll(this.fd, start, end - start)).buffer;
      },
    };
    try {
      return await parquetReadObjects({
        file,
        metadata: this.metadata,
        columns: [...columns],
        rowStart: from,
        rowEnd: to,
        compressors: COMPRESSORS,
      });
    } catch (e) {
      throw damaged(this.file, e);
    }
  }

  /** The pages of a column, group by group, in order. */
  *pages(column: ParquetColumn): Generator<ParquetPage> {
    for (const { group, begin, end, rows } of this.stretches(column)) {
      let at = begin;
      let left = rows;
      while (left > 0) {
        this.requireRows(column, at, end);
        const { bytes, values } = this.page(column, group, at, end);
        if (values) {
          yield { at, bytes, group, values };
          left -= values.length;
          if (values.length === 0 && bytes === 0) break;
        }
        at += bytes;
      }
    }
  }

  /** Where the pages of a column lie, without reading them: by their headers alone. */
  *pagePlaces(column: ParquetColumn): Generator<{ at: number; bytes: number; group: number; rows: number }> {
    for (const { group, begin, end, rows: all } of this.stretches(column)) {
      let at = begin;
      let left = all;
      while (left > 0) {
        const from = at;
        this.requireRows(column, from, end);
        const { header, offset } = checkedBy(this.file, () => this.header(from, end));
        const bytes = offset + header.compressed_page_size;
        const rows = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values ?? 0;
        if (!(header.compressed_page_size >= 0 && bytes > 0 && rows >= 0 && rows <= left))
          throw new UserError(`${this.file}: damaged Parquet file: a page of ${rows} rows at byte ${from}`);
        if (rows > 0) yield { at: from, bytes, group, rows };
        left -= rows;
        at += bytes;
      }
    }
  }

  /** Where each group's part of a column begins and ends. */
  private *stretches(column: ParquetColumn): Generator<{ group: number; begin: number; end: number; rows: number }> {
    for (const [group, { num_rows }] of this.metadata.row_groups.entries()) {
      const chunk = this.chunk(column, group);
      const begin = Math.min(...this.starts(chunk));
      const end = begin + Number(chunk.total_compressed_size);
      if (!(begin >= 4 && end <= this.size))
        throw new UserError(`${this.file}: damaged Parquet file: a column outside of it`);
      yield { group, begin, end, rows: Number(num_rows) };
    }
  }

  private requireRows(column: ParquetColumn, at: number, end: number): void {
    if (at >= end)
      throw new UserError(`${this.file}: damaged Parquet file: rows are missing in ${column.path.join('.')}`);
  }

  /** A page by where it begins. @returns no values of a dictionary */
  page(column: ParquetColumn, group: number, at: number, end = this.size): { bytes: number; values?: unknown[] } {
    return checkedBy(this.file, () => {
      const chunk = this.chunk(column, group);
      const { header, offset } = this.header(at, end);
      const size = header.compressed_page_size;
      if (!(size >= 0 && at + offset + size <= this.size)) throw new Error('a page outside of the file');
      const unpacked = Number(header.uncompressed_page_size);
      if (!(unpacked >= 0 && unpacked <= MOST_PAGE && unpacked <= Math.max(ALWAYS, MOST_RATIO * size)))
        throw new Error(`a page of ${unpacked} bytes in ${size}`);
      const count = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values ?? 0;
      if (!(count >= 0 && count <= Number(this.metadata.row_groups[group].num_rows)))
        throw new Error(`a page of ${count} values in a group of ${this.metadata.row_groups[group].num_rows}`);
      if (header.type === 'DICTIONARY_PAGE' || header.type === 'INDEX_PAGE') return { bytes: offset + size };
      const body = Uint8Array.from(readAll(this.fd, at + offset, size));
      const decoder = this.decoder(column, chunk);
      const reader = { view: new DataView(body.buffer, body.byteOffset, body.length), offset: 0 };
      const encoding = header.data_page_header?.encoding ?? header.data_page_header_v2?.encoding;
      const dictionary = encoding?.endsWith('DICTIONARY') ? this.dictionary(column, group, chunk) : undefined;
      const { data } = readPage(reader, header, decoder, dictionary, undefined, 0);
      return { bytes: offset + size, values: Array.from((data ?? []) as ArrayLike<unknown>, unwrapped) };
    });
  }

  close(): void {
    closeSync(this.fd);
  }

  private dictionary(column: ParquetColumn, group: number, chunk: ColumnMetaData): never {
    const key = `${group} ${column.path.join('.')}`;
    if (this.lastDictionary?.key !== key) {
      const at = Math.min(...this.starts(chunk));
      const { header, offset } = this.header(at, this.size);
      if (header.type !== 'DICTIONARY_PAGE' || !header.dictionary_page_header) throw new Error('no dictionary');
      const size = header.compressed_page_size;
      const unpacked = Number(header.uncompressed_page_size);
      if (!(at + offset + size <= this.size) || !(unpacked <= Math.max(ALWAYS, MOST_RATIO * size)))
        throw new Error(`a dictionary of ${unpacked} bytes in ${size}`);
      if (!(header.dictionary_page_header.num_values <= unpacked)) throw new Error('a dictionary of too many values');
      const body = Uint8Array.from(readAll(this.fd, at + offset, size));
      const decoder = this.decoder(column, chunk);
      const reader = { view: new DataView(body.buffer, body.byteOffset, body.length), offset: 0 };
      const { data } = readPage(reader, header, decoder, undefined, undefined, 0);
      this.lastDictionary = { key, values: convert(data as never, decoder) as unknown[] };
    }
    return this.lastDictionary.values as never;
  }

  private header(at: number, end: number): { header: ReturnType<typeof parquetHeader>; offset: number } {
    for (let length = HEADER; ; length *= 16) {
      const there = Math.min(length, this.size - at, end - at);
      if (there <= 0) throw new Error('a page outside of its column');
      const bytes = Uint8Array.from(readAll(this.fd, at, there));
      const reader = { view: new DataView(bytes.buffer), offset: 0 };
      try {
        const header = parquetHeader(reader);
        return { header, offset: reader.offset };
      } catch (e) {
        if (there < length || length > MOST_ONE_HEADER) throw e;
      }
    }
  }

  private chunk(column: ParquetColumn, group: number): ColumnMetaData {
    const path = column.path.join('.');
    const found = this.metadata.row_groups[group]?.columns.find((c) => c.meta_data?.path_in_schema.join('.') === path);
    if (!found?.meta_data) throw new UserError(`${this.file}: damaged Parquet file: no ${path} in group ${group}`);
    return found.meta_data;
  }

  private starts({ data_page_offset, dictionary_page_offset }: ColumnMetaData): number[] {
    const dictionary = Number(dictionary_page_offset ?? 0);
    return dictionary > 0 ? [dictionary, Number(data_page_offset)] : [Number(data_page_offset)];
  }

  private decoder(column: ParquetColumn, chunk: ColumnMetaData) {
    let node = this.tree;
    const schemaPath = [node];
    for (const name of column.path) {
      node = node.children.find((c) => c.element.name === name)!;
      schemaPath.push(node);
    }
    const { type, codec } = chunk;
    return {
      pathInSchema: [...column.path],
      type,
      codec,
      element: node.element,
      schemaPath,
      parsers: DEFAULT_PARSERS,
      compressors: COMPRESSORS,
      utf8: false,
    };
  }
}

/** Inside of structs values come as lists of one, empty where the struct is. */
function unwrapped(value: unknown): unknown {
  let inner = value;
  while (Array.isArray(inner)) inner = inner[0];
  return inner;
}

/** Statistics of a page may hold the whole of its largest values. */
const MOST_ONE_HEADER = 64 * 2 ** 20;

function readAll(fd: number, at: number, bytes: number): Buffer {
  const out = Buffer.allocUnsafe(bytes);
  for (let done = 0; done < bytes; ) {
    const n = readSync(fd, out, done, bytes - done, at + done);
    if (n === 0) throw new Error('it is cut off');
    done += n;
  }
  return out;
}

function checkedBy<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (e) {
    throw damaged(file, e);
  }
}

const damaged = (file: string, e: unknown): UserError =>
  e instanceof UserError ? e : new UserError(`${file}: cannot be read as Parquet: ${(e as Error).message}`);
