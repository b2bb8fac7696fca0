import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageEntry } from './layout.js';

/** An image that a source has, before anybody looked at its bytes. */
export interface FoundImage {
  /** Where it lies; `bytes` and `digest` are filled in when it is read. */
  place: Omit<ImageEntry, 'digest' | 'bytes'>;
  /** Name in `text`, of a folder's files. */
  name?: string;
  /** Bytes, as the file says; −1: not known before it is read. */
  bytes: number;
  read(): Promise<Uint8Array>;
}

/** A caption with its images as a source has it, good or not. */
export interface FoundSample {
  /** For messages: the file, and its name in there. */
  name: string;
  text: string;
  /** Class, empty: not said. */
  label: string;
  images: FoundImage[];
  /** Why it can be none, where that is known already. */
  bad?: string;
}

/** A part of a source that is read in one go: an archive, a Parquet file, a folder. */
export interface Unit {
  /** Relative to the source. */
  name: string;
}

/** A form of source: its parts, and what is in them. */
export interface SourceReader {
  /** Files that images are read from, relative to the source; of folders none: each image is a file. */
  readonly files: readonly string[];
  /** In order. */
  readonly units: readonly Unit[];
  /** Changes when the unit does: names, sizes and times of its files. */
  state(unit: number): Promise<string>;
  /**
   * In order, whatever order the file system lists in; their images can be read until the next unit is asked for.
   * @throws UserError for a damaged container
   */
  samples(unit: number): AsyncIterable<FoundSample> | Iterable<FoundSample>;
  close(): Promise<void>;
}

/** State of a unit that is one file. */
export async function fileState(dir: string, file: string): Promise<string> {
  const { size, mtimeMs } = await stat(join(dir, file));
  return `${file} ${size} ${mtimeMs}`;
}

/** Largest image, bytes; and largest text beside one. */
export const MOST_IMAGE = 256 * 2 ** 20;
export const MOST_TEXT = 16 * 2 ** 20;
