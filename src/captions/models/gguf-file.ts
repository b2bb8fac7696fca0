import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../../errors.js';

/** Places of a file that its digest reads, evenly spaced, and bytes at each. */
const PLACES = 64;
const BLOCK = 1 << 16;
/** Magic, version, number of tensors and of metadata. */
const HEADER = 24;

/**
 * What is recorded of a GGUF file: its name and twelve hexadecimal digits of a SHA-256 over its size and 64 KiB at 64 evenly spaced
 * places (files of up to 4 MiB: over all), of a split model over all of its parts. Models are gigabytes; two of them that differ, differ
 * nearly everywhere.
 * @throws UserError if it is missing, unreadable, or does not begin as GGUF files do
 */
export async function identifyGguf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for (const part of partsOf(path)) await addFile(hash, part);
  return `${basename(path)}@${hash.digest('hex').slice(0, 12)}`;
}

/** A model's files: the parts of a split model, named by its first one as `gguf-split` names them; of another the file itself. */
export function partsOf(path: string): string[] {
  const found = /^(.*-)00001(-of-(\d{5})\.gguf)$/.exec(path);
  if (!found) return [path];
  return Array.from({ length: Number(found[3]) }, (_, i) => `${found[1]}${String(i + 1).padStart(5, '0')}${found[2]}`);
}

async function addFile(hash: Hash, path: string): Promise<void> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      error.code === 'ENOENT'
        ? `captions.model: there is no file ${path}; a .gguf file is needed`
        : `captions.model: cannot read ${path} (${error.code})`,
    );
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new UserError(`captions.model: ${path} is not a file; a .gguf file is needed`);
    const refused = (why: string) => new UserError(`captions.model: ${path} is no GGUF file: ${why}`);
    const magic = (await block(file, 0, 4)).toString('latin1');
    if (magic === '') throw refused('it is empty');
    if (magic !== 'GGUF') throw refused(`it begins with ${JSON.stringify(magic)}, not "GGUF"`);
    if (info.size < HEADER) throw refused(`it ends after ${info.size} bytes`);
    hash.update(String(info.size));
    const last = Math.max(0, info.size - BLOCK);
    const step = Math.max(BLOCK, last / (PLACES - 1));
    for (let i = 0; i * step < info.size; i++) hash.update(await block(file, Math.floor(i * step), BLOCK));
  } finally {
    await file.close();
  }
}

async function block(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
