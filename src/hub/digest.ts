import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { RepoFile } from './listing.js';

/** Starts the checksum that a file's name in the cache is: SHA-256 for LFS, else git's SHA-1 over `blob <size>\0` and the content. */
export function startDigest({ oid, size }: RepoFile): Hash {
  return oid.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}

/** Adds the first `bytes` of a file on disk to a checksum, in pieces. */
export async function addFile(hash: Hash, path: string, bytes: number, signal?: AbortSignal): Promise<void> {
  if (bytes === 0) return;
  const stream = createReadStream(path, { end: bytes - 1, highWaterMark: 1 << 20, signal });
  for await (const chunk of stream) hash.update(chunk as Buffer);
}

/** The checksum of a whole file on disk, hexadecimal. */
export async function digestOf(path: string, file: RepoFile): Promise<string> {
  const hash = startDigest(file);
  await addFile(hash, path, file.size);
  return hash.digest('hex');
}
