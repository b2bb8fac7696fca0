import { readSync } from 'node:fs';
import { packTar } from 'modern-tar';
import { UserError } from '../errors.js';

/** A member of a tar file, by position. */
export interface TarMember {
  name: string;
  /** Byte at which the contents begin. */
  offset: number;
  size: number;
}

/** A tar of these files whose bytes depend on names and contents alone (no times, owners or umask). */
export async function packFiles(files: readonly { name: string; data: Uint8Array | string }[]): Promise<Uint8Array> {
  const mtime = new Date(0);
  return packTar(
    files.map(({ name, data }) => {
      const body = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
      return { header: { name, size: body.byteLength, mtime, mode: 0o644, uid: 0, gid: 0, type: 'file' as const }, body };
    }),
  );
}

const BLOCK = 512;

/**
 * Reads the headers of a tar file (ustar, with PAX and GNU long names), not its contents.
 * @throws UserError naming the file and the byte at which it is broken
 */
export function indexTar(fd: number, bytes: number, file: string): TarMember[] {
  const members: TarMember[] = [];
  const header = Buffer.alloc(BLOCK);
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes; ) {
    readSync(fd, header, 0, BLOCK, at);
    if (header.every((b) => b === 0)) return members;
    const stated = Number.parseInt(string(header, 148, 8).trim(), 8);
    let sum = 0;
    for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : header[i];
    if (stated !== sum) throw new UserError(`${file}: not a whole tar file: broken header at byte ${at}`);
    // Sizes of 8 GiB and more are in base 256.
    const size = header[124] & 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(string(header, 124, 12).trim() || '0', 8);
    const offset = at + BLOCK;
    if (offset + size > bytes) throw new UserError(`${file}: not a whole tar file: cut off in ${string(header, 0, 100)} at byte ${at}`);
    const type = String.fromCharCode(header[156] || 48);
    if (type === 'x' || type === 'L') {
      const body = Buffer.alloc(size);
      readSync(fd, body, 0, size, offset);
      longName = type === 'L' ? string(body, 0, size) : (/\d+ path=(.*)\n/.exec(body.toString('utf8'))?.[1] ?? longName);
    } else if (type === '0') {
      const prefix = string(header, 257, 5) === 'ustar' ? string(header, 345, 155) : '';
      members.push({ name: longName ?? (prefix ? `${prefix}/` : '') + string(header, 0, 100), offset, size });
      longName = undefined;
    } else longName = undefined;
    at = offset + Math.ceil(size / BLOCK) * BLOCK;
  }
  return members;
}

function string(b: Buffer, start: number, length: number): string {
  const end = b.indexOf(0, start);
  return b.toString('utf8', start, end < 0 || end > start + length ? start + length : end);
}
