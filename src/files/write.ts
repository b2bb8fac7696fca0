import { closeSync, fsyncSync, lstatSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, lstat, open, readlink, rename, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, UserError } from '../errors.js';
import { makeFolder } from './folders.js';
import { dropTemporary, temporaryName } from './temporary.js';

/**
 * Writes a file whole or not at all: under a temporary name, synced, then renamed. Makes its folder.
 * What stands there is replaced: where that may be somebody's, `replaceFile` asks first.
 * @throws UserError where a link or a folder stands there
 */
export function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  return fillFileAtomic(path, (handle) => handle.writeFile(data));
}

/** The same for a file that is written in pieces. @param fill writes them, from the file's beginning */
export async function fillFileAtomic(path: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
  await makeFolder(dirname(path));
  await refuseLink(path);
  const temporary = temporaryName(path);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await fill(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameDurably(temporary, path);
  } catch (e) {
    await dropTemporary(temporary).catch(() => {});
    throw naming(path, e);
  }
}

/** As `writeFileAtomic`, at once; its folder is there. */
export function writeFileAtomicSync(path: string, data: string): void {
  const temporary = temporaryName(path);
  const fd = openSync(temporary, 'wx');
  try {
    try {
      writeFileSync(fd, data);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    moveFileSync(temporary, path);
  } catch (e) {
    unlinkSync(temporary);
    throw naming(path, e);
  }
}

/** Renames a synced file and syncs its folder, so that the new name outlasts a power cut too. A file that stood there is replaced. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Makes the names in a folder outlast a power cut. */
export async function syncFolder(dir: string): Promise<void> {
  // Windows cannot open a folder; there the rename itself is journalled.
  const folder = await open(dir, 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/** Cuts the end off a file of ours. @param bytes that stay */
export async function cutFile(path: string, bytes: number): Promise<void> {
  await refuseLink(path);
  await truncate(path, bytes);
}

/**
 * Opens a file of ours that grows, for reading and writing. @param bytes of it that count; none: it begins anew, empty
 * @returns its descriptor @throws UserError where a link stands there
 */
export function openGrowingSync(path: string, bytes: number): number {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw isLink(path, undefined);
  return openSync(path, bytes > 0 ? 'r+' : 'w+');
}

/** Gives a file of ours another name; a regular file that has it is replaced. @throws UserError where a link stands there */
export function moveFileSync(from: string, to: string): void {
  const at = lstatSync(to, { throwIfNoEntry: false });
  if (at?.isSymbolicLink()) throw isLink(to, undefined);
  renameSync(from, to);
}

/** The same, of a file that several processes may want. @returns whether it was there to be moved */
export async function claimFile(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (e) {
    // Gone: another was quicker. Windows says EPERM or EBUSY of a file that is open elsewhere.
    if (['ENOENT', 'EPERM', 'EBUSY', 'EACCES'].includes(codeOf(e) ?? '')) return false;
    throw e;
  }
}

/** @throws UserError where a link stands: whoever made it meant its target, which a rename would not reach */
export async function refuseLink(path: string): Promise<void> {
  const at = await lstat(path).catch(() => undefined);
  if (at?.isSymbolicLink()) throw isLink(path, await readlink(path).catch(() => undefined));
}

function isLink(path: string, target: string | undefined): UserError {
  return new UserError(
    `${path} is a link${target === undefined ? '' : ` to ${target}`}: name what it leads to, or remove the link`,
  );
}

/** Lets the error of a call on an open file, which names none, say which it was. */
export async function onFile<T>(path: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (e) {
    throw naming(path, e);
  }
}

/** Calls on an open file name none in their errors. */
function naming(path: string, e: unknown): unknown {
  if (codeOf(e) !== undefined && (e as NodeJS.ErrnoException).path === undefined)
    (e as NodeJS.ErrnoException).path = path;
  return e;
}
