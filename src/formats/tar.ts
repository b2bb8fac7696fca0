import { fstatSync, readSync } from 'node:fs';
import { UserError } from '../errors.js';

/**
 * POSIX tar (ustar; IEEE 1003.1, pax), as far as data sets need it. Written here rather than by a library because a shard's bytes are
 * a promise (same settings, same checksum), and read here because random access needs where in the archive each member lies.
 */

export const BLOCK = 512;

/** A regular file in an archive. */
export interface TarMember {
  name: string;
  /** Where its bytes begin in the archive. */
  offset: number;
  /** Bytes. */
  size: number;
}

/** Bytes that a member takes in an archive: header, content, padding. */
export const tarSize = (size: number): number => BLOCK + Math.ceil(size / BLOCK) * BLOCK;

/** Bytes of the end mark, two empty blocks. */
export const TAR_END = 2 * BLOCK;

/** Largest size that eleven octal digits hold. */
const MAX_SIZE = 8 ** 11 - 1;

/** Writes an archive, member after member, into a sink. No clock, no user, no mode but 644: content alone decides the bytes. */
export class TarWriter {
  private readonly sink: (bytes: Uint8Array) => void;

  constructor(sink: (bytes: Uint8Array) => void) {
    this.sink = sink;
  }

  /** @param name ASCII, at most 100 characters */
  add(name: string, data: Uint8Array): void {
    this.sink(header(name, data.length));
    this.sink(data);
    const rest = data.length % BLOCK;
    if (rest > 0) this.sink(new Uint8Array(BLOCK - rest));
  }

  /** The end mark. */
  finish(): void {
    this.sink(new Uint8Array(TAR_END));
  }
}

function header(name: string, size: number): Uint8Array {
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) throw new Error(`internal: "${name}" is no name for a tar member`);
  if (size > MAX_SIZE) throw new Error(`internal: ${name} is too large for a tar member`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 'latin1');
  block.write('0000644\0', 100, 'latin1');
  block.write('0000000\0', 108, 'latin1');
  block.write('0000000\0', 116, 'latin1');
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write('00000000000\0', 136, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Sum of the header's bytes, with its own eight counted as spaces. */
function checksum(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i];
  return sum;
}

/** How much is read at once in search of headers: small members share a read, large ones are leapt over. */
const WINDOW = 32 * BLOCK;
/** Names and attributes longer than this are no data set's. */
const MAX_EXTENSION = 1 << 20;

/**
 * The regular files of an open archive in order, read synchronously; pax and GNU names are understood, links and folders skipped.
 * @param fd open for reading
 * @param file for messages
 * @throws UserError for an archive that is damaged, cut off, compressed or none at all, with the byte where it goes wrong
 */
export function* tarMembers(fd: number, file: string): Generator<TarMember> {
  const { size: end } = fstatSync(fd);
  const bad = (at: number, what: string) => new UserError(`${file}: damaged tar archive at byte ${at}: ${what}`);
  const window = Buffer.alloc(WINDOW);
  let from = 0;
  let filled = 0;
  const block = (at: number): Buffer => {
    if (at < from || at + BLOCK > from + filled) {
      from = at;
      filled = readSync(fd, window, 0, WINDOW, at);
      if (filled < BLOCK) throw bad(at, at === 0 ? 'it is empty or too short' : 'it is cut off');
    }
    return window.subarray(at - from, at - from + BLOCK);
  };
  const text = (at: number, size: number): string => {
    if (size > MAX_EXTENSION) throw bad(at, `a name of ${size} bytes`);
    const bytes = Buffer.alloc(size);
    if (readSync(fd, bytes, 0, size, at) < size) throw bad(at, 'it is cut off');
    return bytes.toString('utf8');
  };

  let longName: string | undefined;
  let longSize: number | undefined;
  for (let at = 0; ; ) {
    const b = block(at);
    if (isZero(b)) {
      // Zeros in the middle would hide whatever follows them.
      if (at + BLOCK < end && !isZero(block(at + BLOCK))) throw bad(at, 'an empty block among its members');
      return;
    }
    if (at === 0 && b[0] === 0x1f && b[1] === 0x8b)
      throw new UserError(`${file}: compressed; decompress it first (gunzip)`);
    if (number(b, 148, 8) !== checksum(b)) throw bad(at, 'wrong header checksum');
    const type = b[156] === 0 ? '0' : String.fromCharCode(b[156]);
    let size = number(b, 124, 12);
    if (!Number.isSafeInteger(size) || size < 0) throw bad(at, 'no size in a header');
    const start = at + BLOCK;
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      const value = text(start, size);
      if (type === 'L') longName = value.replace(/\0.*$/s, '');
      if (type === 'x') {
        const records = paxRecords(value);
        longName = records.get('path') ?? longName;
        if (records.has('size')) longSize = Number(records.get('size'));
      }
      at += tarSize(size);
      continue;
    }
    if (longSize !== undefined) size = longSize;
    const name = longName ?? plainName(b);
    longName = undefined;
    longSize = undefined;
    const isFile = type === '0' || type === '7';
    // Links carry the size of what they point to, and no content.
    if (!isFile && '123456'.includes(type)) size = 0;
    if (start + Math.ceil(size / BLOCK) * BLOCK > end) throw bad(at, `it is cut off in ${name}`);
    if (isFile && !name.endsWith('/')) yield { name, offset: start, size };
    at += tarSize(size);
  }
}

function isZero(block: Uint8Array): boolean {
  for (const byte of block) if (byte !== 0) return false;
  return true;
}

/** A number in octal, or in base 256 when its first bit is set (GNU, for large files); NaN when it is neither. */
function number(block: Buffer, at: number, length: number): number {
  if (block[at] & 0x80) {
    let value = block[at] & 0x7f;
    for (let i = 1; i < length; i++) value = value * 256 + block[at + i];
    return value;
  }
  const digits = block
    .toString('latin1', at, at + length)
    .replace(/\0.*$/s, '')
    .trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : digits === '' ? 0 : Number.NaN;
}

function plainName(block: Buffer): string {
  const field = (at: number, length: number) => block.toString('utf8', at, at + length).replace(/\0.*$/s, '');
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? field(345, 155) : '';
  return prefix ? `${prefix}/${field(0, 100)}` : field(0, 100);
}

/** `LENGTH KEY=VALUE\n`, lengths in bytes. */
function paxRecords(value: string): Map<string, string> {
  const bytes = Buffer.from(value, 'utf8');
  const out = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number.parseInt(bytes.toString('latin1', at, space), 10);
    if (space < 0 || !(length > 0)) break;
    const record = bytes.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (equals > 0) out.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return out;
}
