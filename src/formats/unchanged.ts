import { type FileHandle, open, stat } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { requirePlainFile } from './plain-file.js';

/** A file that is open, with what tells whether it is still the same when it is opened again. */
export interface Opened {
  handle: FileHandle;
  /** Bytes. */
  size: number;
  /** Of its last change, nanoseconds. */
  changed: bigint;
}

/**
 * Opens a file for reading: one that can be read at any place.
 * @param before the same file, opened before
 * @throws UserError where it is no regular file, or not what it was before; the file system's error where it cannot be opened
 */
export async function openUnchanged(path: string, before?: Opened): Promise<Opened> {
  await requirePlainFile(path);
  // A pipe can only be read from front to back.
  if (!(await stat(path)).isFile()) throw new UserError(`${path}: not a file`);
  const handle = await open(path, 'r');
  try {
    const found = await handle.stat({ bigint: true });
    const opened = { handle, size: Number(found.size), changed: found.mtimeNs };
    if (before && (before.size !== opened.size || before.changed !== opened.changed))
      throw new UserError(`${path}: was changed while it was read: run the same command again`);
    return opened;
  } catch (e) {
    await handle.close();
    throw e;
  }
}
