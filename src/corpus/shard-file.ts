import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors.js';
import { temporaryName } from '../formats/atomic.js';

/** Small pieces are gathered up to this size before they are written. */
const BUFFER = 1 << 20;

/**
 * A shard on its way to disk: piece by piece under a temporary name, with its checksum; `commit` gives it its own. Synchronous, since it
 * is used on threads that do nothing else, and memory stays the same however large the shard.
 */
export class ShardFile {
  private readonly path: string;
  private readonly temporary: string;
  private readonly fd: number;
  private readonly hash = createHash('sha256');
  private readonly buffer = Buffer.allocUnsafe(BUFFER);
  private filled = 0;
  private bytes = 0;
  private open = true;

  constructor(path: string) {
    this.path = path;
    this.temporary = temporaryName(path);
    this.fd = orDiskError(path, () => {
      mkdirSync(dirname(path), { recursive: true });
      return openSync(this.temporary, 'wx');
    });
  }

  write(data: Uint8Array): void {
    if (data.length > BUFFER - this.filled) this.drain();
    if (data.length > BUFFER) {
      this.put(data);
      return;
    }
    this.buffer.set(data, this.filled);
    this.filled += data.length;
  }

  /** Syncs and renames. @returns size and SHA-256 of the file */
  commit(): { bytes: number; sha256: string } {
    this.drain();
    orDiskError(this.path, () => fsyncSync(this.fd));
    closeSync(this.fd);
    this.open = false;
    renameSync(this.temporary, this.path);
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  /** Leaves nothing behind; does nothing after `commit`. */
  drop(): void {
    if (!this.open) return;
    this.open = false;
    closeSync(this.fd);
    rmSync(this.temporary, { force: true });
  }

  private drain(): void {
    if (this.filled > 0) this.put(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }

  private put(data: Uint8Array): void {
    this.hash.update(data);
    this.bytes += data.length;
    orDiskError(this.path, () => {
      for (let at = 0; at < data.length; ) at += writeSync(this.fd, data, at);
    });
  }
}

/** What a full or read-only disk says, as one line that helps. */
function orDiskError<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new UserError(`no space left for ${path}: free some, then run the same command again: it continues`);
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') throw new UserError(`cannot write ${path}: ${code}`);
    throw e;
  }
}
