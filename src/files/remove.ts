import { lstatSync, unlinkSync } from 'node:fs';
import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf } from '../errors.js';

/**
 * Removes a file that the caller knows to be ours; nothing where there is none. Links and folders of that name are not what we made, and
 * stay.
 * @returns whether the name is free
 */
export async function removeFile(path: string): Promise<boolean> {
  const at = await lstat(path).catch(absent);
  if (at && !at.isFile()) return false;
  if (at) await unlink(path).catch(absent);
  return true;
}

/** Removes a file or a link, never what the link leads to: where both are how one and the same thing is shown. */
export async function removeFileOrLink(path: string): Promise<void> {
  const at = await lstat(path).catch(absent);
  if (at?.isFile() || at?.isSymbolicLink()) await unlink(path).catch(absent);
}

/** As `removeFile`, at once. */
export function removeFileSync(path: string): void {
  try {
    if (lstatSync(path).isFile()) unlinkSync(path);
  } catch (e) {
    absent(e);
  }
}

function absent(e: unknown): undefined {
  const code = codeOf(e);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw e;
}

/** Removes a folder that is empty; leaves every other. */
export async function removeEmptyFolder(path: string): Promise<void> {
  // A file system that refuses leaves an empty folder: no harm.
  await rmdir(path).catch(() => {});
}

/** Removes empty folders inside `dir`, then `dir` and those above it up to `top`, as far as they are empty. */
export async function removeEmptyFolders(dir: string, top: string): Promise<void> {
  try {
    for (const entry of await readdir(dir, { withFileTypes: true }))
      if (entry.isDirectory()) await rmdir(join(dir, entry.name));
    for (let at = resolve(dir); at.startsWith(top); at = dirname(at)) {
      await rmdir(at);
      if (at === top) break;
    }
  } catch {
    // Something is in it: it stays.
  }
}
