import { crc32 } from 'node:zlib';
import { fillFileAtomic } from '../files/write.js';

/** A zip archive of stored records whose bytes follow from them alone: no times, no compression (APPNOTE.TXT 6.3.10). */

/** A record: its bytes, in pieces that are written one after the other. */
export interface ZipRecord {
  name: string;
  pieces: readonly Uint8Array[];
}

/** Sizes and places from here on are said in eight bytes (APPNOTE 4.5.3). */
const WIDE = 0xffffffff;
const MOST_ENTRIES = 0xffff;
/** Version 4.5 of the format, the first with eight bytes. */
const VERSION = 45;
/** Names are UTF-8. */
const FLAGS = 0x0800;
/** The first of January 1980, as a date is written. */
const NO_DATE = 0x0021;
/** Longest piece of one write, bytes. */
const PIECE = 1 << 26;
/** Identifier of an extra field that only fills, the one that torch uses. */
const FILLER = 0x4246;

/**
 * Writes an archive whole or not at all.
 * @param alignment of each record's first byte in the file, bytes, by an extra field that fills
 * @throws UserError when the disk is full
 */
export async function writeZip(file: string, records: readonly ZipRecord[], { alignment = 1 } = {}): Promise<void> {
  await fillFileAtomic(file, async (handle) => {
    let at = 0;
    const put = async (bytes: Uint8Array) => {
      for (let done = 0; done < bytes.length; )
        done += (await handle.write(bytes, done, Math.min(PIECE, bytes.length - done), at + done)).bytesWritten;
      at += bytes.length;
    };
    const directory: Buffer[] = [];
    for (const { name, pieces } of records) {
      const entry: Entry = {
        name: Buffer.from(name),
        crc: pieces.reduce((sum, piece) => crc32(piece, sum), 0),
        bytes: pieces.reduce((sum, piece) => sum + piece.length, 0),
        at,
      };
      await put(localHeader(entry, alignment));
      for (const piece of pieces) await put(piece);
      directory.push(directoryEntry(entry));
    }
    const from = at;
    for (const entry of directory) await put(entry);
    await put(ending(directory.length, from, at - from));
  });
}

interface Entry {
  name: Buffer;
  crc: number;
  bytes: number;
  /** Of its local header. */
  at: number;
}

const isWide = (e: Entry): boolean => e.bytes >= WIDE || e.at >= WIDE;

/** Little-endian numbers, each with its width in bytes. */
function packed(...fields: readonly (readonly [value: number, bytes: 2 | 4 | 8])[]): Buffer {
  const out = Buffer.alloc(fields.reduce((sum, [, bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [value, bytes] of fields) {
    if (bytes === 8) out.writeBigUInt64LE(BigInt(value), at);
    else out.writeUIntLE(value, at, bytes);
    at += bytes;
  }
  return out;
}

function localHeader(e: Entry, alignment: number): Buffer {
  const wide = isWide(e) ? packed([1, 2], [16, 2], [e.bytes, 8], [e.bytes, 8]) : Buffer.alloc(0);
  const size = isWide(e) ? WIDE : e.bytes;
  const before = e.at + 30 + e.name.length + wide.length + 4;
  const fill = alignment > 1 ? (alignment - (before % alignment)) % alignment : 0;
  const filler =
    alignment > 1 ? Buffer.concat([packed([FILLER, 2], [fill, 2]), Buffer.alloc(fill, 'Z')]) : Buffer.alloc(0);
  return Buffer.concat([
    packed([0x04034b50, 4], [VERSION, 2], [FLAGS, 2], [0, 2], [0, 2], [NO_DATE, 2], [e.crc, 4], [size, 4], [size, 4]),
    packed([e.name.length, 2], [wide.length + filler.length, 2]),
    e.name,
    wide,
    filler,
  ]);
}

function directoryEntry(e: Entry): Buffer {
  const wide = isWide(e) ? packed([1, 2], [24, 2], [e.bytes, 8], [e.bytes, 8], [e.at, 8]) : Buffer.alloc(0);
  const [size, at] = isWide(e) ? [WIDE, WIDE] : [e.bytes, e.at];
  return Buffer.concat([
    packed(
      [0x02014b50, 4],
      [VERSION, 2],
      [VERSION, 2],
      [FLAGS, 2],
      [0, 2],
      [0, 2],
      [NO_DATE, 2],
      [e.crc, 4],
      [size, 4],
    ),
    packed([size, 4], [e.name.length, 2], [wide.length, 2], [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]),
    e.name,
    wide,
  ]);
}

/** End of the directory; with eight bytes where four are too few. @param from where the directory begins */
function ending(entries: number, from: number, bytes: number): Buffer {
  const wide = entries >= MOST_ENTRIES || from >= WIDE || bytes >= WIDE;
  const parts: Buffer[] = [];
  if (wide) {
    parts.push(
      packed([0x06064b50, 4], [44, 8], [VERSION, 2], [VERSION, 2], [0, 4], [0, 4], [entries, 8], [entries, 8]),
    );
    parts.push(packed([bytes, 8], [from, 8], [0x07064b50, 4], [0, 4], [from + bytes, 8], [1, 4]));
  }
  const count = wide ? MOST_ENTRIES : entries;
  parts.push(packed([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2]));
  parts.push(packed([wide ? WIDE : bytes, 4], [wide ? WIDE : from, 4], [0, 2]));
  return Buffer.concat(parts);
}
