/**
 * The files of an index: where the images of a source lie, which of them are one caption's, and what that says.
 * Fixed-size entries are read where
 * they are asked for, so that memory does not grow with the source.
 */

/** Files of an index's folder that grow while the index is made, one behind the other. */
export const PARTS = ['captions', 'images', 'text', 'classes', 'bad'] as const;
export type Part = (typeof PARTS)[number];

/** What the index says of itself, and how far it has come while it is made. */
export const INDEX_FILE = 'index.json';
export const PROGRESS_FILE = 'progress.json';

/** A caption: which images are its own, its class, and its text in `text`. */
export interface CaptionEntry {
  /** Number of its first image. */
  first: number;
  images: number;
  /** Number of its class in the order of `classes`, −1: not known. */
  label: number;
  textAt: number;
  textBytes: number;
}
export const CAPTION_BYTES = 32;

/** Where an image lies. */
export interface ImageEntry {
  /** Number of the file; of a folder's own files 0. */
  file: number;
  /**
   * Byte at which it begins; of a folder's files where the file's name stands in `text`; of Parquet where its page
   * begins.
   */
  at: number;
  /** Bytes of the image. */
  bytes: number;
  /** Of a folder's files bytes of the name; of Parquet bytes of the page, its header included. */
  span: number;
  /** Of Parquet: the value's number in its page, the row group, and the column. */
  row: number;
  group: number;
  column: number;
  /** The first eight bytes of the image's SHA-256. */
  digest: Uint8Array;
}
export const IMAGE_BYTES = 44;

export function packCaption(e: CaptionEntry): Buffer {
  const b = Buffer.alloc(CAPTION_BYTES);
  b.writeDoubleLE(e.first, 0);
  b.writeUInt32LE(e.images, 8);
  b.writeInt32LE(e.label, 12);
  b.writeDoubleLE(e.textAt, 16);
  b.writeUInt32LE(e.textBytes, 24);
  return b;
}

export const unpackCaption = (b: Buffer): CaptionEntry => ({
  first: b.readDoubleLE(0),
  images: b.readUInt32LE(8),
  label: b.readInt32LE(12),
  textAt: b.readDoubleLE(16),
  textBytes: b.readUInt32LE(24),
});

export function packImage(e: ImageEntry): Buffer {
  const b = Buffer.alloc(IMAGE_BYTES);
  b.writeDoubleLE(e.at, 0);
  b.writeUInt32LE(e.file, 8);
  b.writeUInt32LE(e.bytes, 12);
  b.writeUInt32LE(e.span, 16);
  b.writeUInt32LE(e.row, 20);
  b.writeUInt32LE(e.group, 24);
  b.writeUInt32LE(e.column, 28);
  b.set(e.digest.subarray(0, 8), 32);
  return b;
}

export const unpackImage = (b: Buffer): ImageEntry => ({
  at: b.readDoubleLE(0),
  file: b.readUInt32LE(8),
  bytes: b.readUInt32LE(12),
  span: b.readUInt32LE(16),
  row: b.readUInt32LE(20),
  group: b.readUInt32LE(24),
  column: b.readUInt32LE(28),
  digest: b.subarray(32, 40),
});
