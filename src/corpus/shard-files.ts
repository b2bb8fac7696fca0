import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { INDEX_BYTES, indexShard, type ShardIndex } from './shard-index.js';

/** Parts of a sample beside its images. */
export const TEXT_PART = -2;
export const JSON_PART = -1;

/** Files kept open. */
const OPEN_FILES = 64;
/** Indices kept, bytes: about 900,000 samples of 4 images. */
const INDEX_MEMORY = 64 * 2 ** 20;

/** Shards by number: opened and indexed when needed, those not used for longest closed and forgotten. */
export class ShardFiles {
  private readonly dir: string;
  private readonly names: readonly string[];
  /** By number; a Map keeps the order of insertion, so the first is the one unused for longest. */
  private readonly indices = new Map<number, ShardIndex>();
  private readonly open = new Map<number, number>();
  private indexBytes = 0;

  constructor(dir: string, names: readonly string[]) {
    this.dir = dir;
    this.names = names;
  }

  path(k: number): string {
    return join(this.dir, this.names[k]);
  }

  /** @throws UserError when the shard is gone or damaged */
  index(k: number): ShardIndex {
    let index = this.indices.get(k);
    if (index) this.indices.delete(k);
    else {
      index = indexShard(this.fd(k), this.path(k));
      this.indexBytes += bytesOf(index);
    }
    this.indices.set(k, index);
    while (this.indexBytes > INDEX_MEMORY && this.indices.size > 1) {
      const [oldest, its] = first(this.indices);
      this.indices.delete(oldest);
      this.indexBytes -= bytesOf(its);
    }
    return index;
  }

  /**
   * The bytes of one part of a sample, empty where it has none.
   * @param part number of the image, or TEXT_PART, JSON_PART
   */
  part(k: number, sample: number, part: number): Buffer {
    const { offsets, sizes, images } = this.index(k);
    const per = images + 2;
    const at = sample * per + (part < 0 ? per + part : part);
    const bytes = Buffer.allocUnsafeSlow(sizes[at]);
    const fd = this.fd(k);
    for (let done = 0; done < bytes.length; ) {
      const n = readSync(fd, bytes, done, bytes.length - done, offsets[at] + done);
      if (n === 0) throw new UserError(`${this.path(k)}: it is cut off; was it changed while in use?`);
      done += n;
    }
    return bytes;
  }

  close(): void {
    for (const fd of this.open.values()) closeSync(fd);
    this.open.clear();
  }

  private fd(k: number): number {
    let fd = this.open.get(k);
    if (fd !== undefined) this.open.delete(k);
    else {
      try {
        fd = openSync(this.path(k), 'r');
      } catch (e) {
        throw new UserError(`${this.path(k)}: cannot be opened: ${(e as NodeJS.ErrnoException).code}`);
      }
      if (this.open.size >= OPEN_FILES) {
        const [oldest, its] = first(this.open);
        closeSync(its);
        this.open.delete(oldest);
      }
    }
    this.open.set(k, fd);
    return fd;
  }
}

const bytesOf = (index: ShardIndex): number => index.offsets.length * INDEX_BYTES;

function first<V>(map: Map<number, V>): [number, V] {
  return map.entries().next().value as [number, V];
}
