import { isUtf8 } from 'node:buffer';
import { fstatSync, readSync } from 'node:fs';
import { UserError } from '../errors.js';
import { FileWindow } from './file-window.js';

/**
 * POSIX tar (ustar; IEEE 1003.1, pax), as far as data sets need it. Written here rather than by a library because a shard's bytes are
 * a promise (same settings, same checksum), and read here because random access needs where in the archive each member lies.
 */

export const BLOCK = 512;

/** A file in an archive. */
export interface TarMember {
  name: string;
  /**
   * `file`: its bytes are as they stand. `link`: another name of a file, without bytes of its own. `sparse`: stored without its holes (GNU), so
   * that what stands there is not what the file was.
   */
  kind: 'file' | 'link' | 'sparse';
  /** Where its bytes begin in the archive. */
  offset: number;
  /** Bytes; 0 of a link. */
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
/** Longest name that any system has, bytes. */
const MAX_NAME = 4096;

/**
 * The files of an open archive in order, read synchronously; pax and GNU names are understood, folders and devices skipped. Nothing is unpacked:
 * a name is a name, wherever it would lead.
 * @param fd open for reading
 * @param file for messages
 * @throws UserError for an archive that is damaged, cut off, compressed or none at all, with the byte where it goes wrong
 */
export function* tarMembers(fd: number, file: string): Generator<TarMember> {
  const { size: end } = fstatSync(fd);
  const bad = (at: number, what: string) => new UserError(`${file}: damaged tar archive at byte ${at}: ${what}`);
  const window = new FileWindow(fd, WINDOW);
  const block = (at: number): Buffer => {
    const found = window.at(at, BLOCK);
    if (!found) throw bad(at, at === 0 ? 'it is empty or too short' : 'it is cut off');
    return found;
  };
  const extension = (at: number, size: number): Buffer => {
    if (size > MAX_EXTENSION) throw bad(at, `a name of ${size} bytes`);
    const bytes = Buffer.alloc(size);
    if (readSync(fd, bytes, 0, size, at) < size) throw bad(at, 'it is cut off');
    return bytes;
  };

  let said: Said = {};
  for (let at = 0; ; ) {
    const b = block(at);
    if (isZero(b)) {
      if (said.at !== undefined) throw bad(said.at, 'a name without its file');
      // Zeros in the middle would hide whatever follows them.
      for (let rest = at + BLOCK; rest + BLOCK <= end; rest += BLOCK)
        if (!isZero(block(rest)))
          throw bad(
            rest === at + BLOCK ? at : rest,
            rest === at + BLOCK
              ? 'an empty block among its members'
              : 'something follows its end: are these two archives, one behind the other?',
          );
      return;
    }
    if (at === 0 && b[0] === 0x1f && b[1] === 0x8b)
      throw new UserError(`${file}: compressed; decompress it first (gunzip)`);
    if (number(b, 148, 8) !== checksum(b)) throw bad(at, 'wrong header checksum');
    const type = b[156] === 0 ? '0' : String.fromCharCode(b[156]);
    const start = at + BLOCK;
    if ('xgLK'.includes(type)) {
      const size = number(b, 124, 12);
      if (!isSize(size)) throw bad(at, 'no size in a header');
      const value = extension(start, size);
      if (type === 'L') said = { ...said, name: text(value), at };
      if (type === 'x') {
        const records = paxRecords(value);
        if (!records) throw bad(at, 'attributes (pax) that cannot be read');
        said = { ...said, ...attributes(records), at };
        if (said.size !== undefined && !isSize(said.size))
          throw bad(at, `size=${records.get('size')} in its attributes (pax) is no number of bytes`);
      }
      at += tarSize(size);
      continue;
    }
    // What the attributes say takes the header's place, which may be empty or too small then.
    let size = said.size ?? number(b, 124, 12);
    if (!isSize(size)) throw bad(at, 'no size in a header');
    const name = said.name ?? plainName(b);
    const sparse = type === 'S' || said.sparse === true;
    said = {};
    if (name.includes('\0')) throw bad(at, 'a name with a null character');
    if (name.length > MAX_NAME) throw bad(at, `a name of ${name.length} characters`);
    // Links carry the size of what they point to, and no content.
    if ('123456'.includes(type)) size = 0;
    if (start + Math.ceil(size / BLOCK) * BLOCK > end) throw bad(at, `it is cut off in ${name}`);
    const kind = sparse
      ? 'sparse'
      : type === '0' || type === '7'
        ? 'file'
        : type === '1' || type === '2'
          ? 'link'
          : undefined;
    if (kind && !name.endsWith('/')) yield { name, kind, offset: start, size };
    at += tarSize(size);
  }
}

/** What comes before a member's header and holds for it. */
interface Said {
  name?: string;
  size?: number;
  sparse?: boolean;
  /** Where it was said. */
  at?: number;
}

const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0;

function isZero(block: Uint8Array): boolean {
  for (const byte of block) if (byte !== 0) return false;
  return true;
}

/** A number in octal, or in base 256 when its first bit is set (GNU, for large files); NaN when it is neither, or negative. */
function number(block: Buffer, at: number, length: number): number {
  if (block[at] & 0x80) {
    // The second bit is the sign.
    if (block[at] & 0x40) return Number.NaN;
    let value = block[at] & 0x3f;
    for (let i = 1; i < length; i++) value = value * 256 + block[at + i];
    return value;
  }
  const digits = block
    .toString('latin1', at, at + length)
    .replace(/\0.*$/s, '')
    .trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : digits === '' ? 0 : Number.NaN;
}

/** Up to the first null. Names are bytes; where these are no UTF-8, two that differ must not become one. */
function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const said = end < 0 ? bytes : bytes.subarray(0, end);
  return said.toString(isUtf8(said) ? 'utf8' : 'latin1');
}

function plainName(block: Buffer): string {
  const field = (at: number, length: number) => text(block.subarray(at, at + length));
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? field(345, 155) : '';
  return prefix ? `${prefix}/${field(0, 100)}` : field(0, 100);
}

/** `LENGTH KEY=VALUE\n`, lengths in bytes; undefined where that is not what stands there. */
function paxRecords(bytes: Buffer): Map<string, string> | undefined {
  const out = new Map<string, string>();
  // Some writers fill the rest with zeros.
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const digits = /^[0-9]{1,8}(?= )/.exec(bytes.toString('latin1', at, at + 9))?.[0];
    if (digits === undefined) return undefined;
    const end = at + Number(digits);
    const begin = at + digits.length + 1;
    if (end <= begin || end > bytes.length || bytes[end - 1] !== 0x0a) return undefined;
    const record = bytes.subarray(begin, end - 1);
    const equals = record.indexOf(0x3d);
    if (equals <= 0) return undefined;
    const value = record.subarray(equals + 1);
    // A null in a value is the caller's to refuse: it must not be cut off there.
    out.set(record.toString('latin1', 0, equals), value.toString(isUtf8(value) ? 'utf8' : 'latin1'));
    at = end;
  }
  return out;
}

/** What attributes say of the file that follows; an empty value takes back what was said before. */
function attributes(records: ReadonlyMap<string, string>): Said {
  const said: Said = {};
  const name = records.get('path');
  if (name !== undefined) said.name = name === '' ? undefined : name;
  const size = records.get('size');
  if (size !== undefined) said.size = size === '' ? undefined : /^[0-9]+$/.test(size) ? Number(size) : Number.NaN;
  for (const key of records.keys()) if (key.startsWith('GNU.sparse.')) said.sparse = true;
  return said;
}
