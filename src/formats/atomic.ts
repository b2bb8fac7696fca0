import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '../processes.js';

/** Temporary names start with a dot and end in `.tmp`; a killed process may leave them, and nothing else. */
export const isTemporary = (name: string): boolean => name.startsWith('.') && name.endsWith('.tmp');

/** Of this machine: processes are only known by their numbers where they run. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);

/** A name, new at every call, under which a file is written before it is whole: in the same folder, so that a rename suffices. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${HOST}-${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
}

/** Writes a file whole or not at all: under a temporary name, synced, then renamed. Makes its folder. */
export function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  return fillFileAtomic(path, (handle) => handle.writeFile(data));
}

/** The same for a file that is written in pieces. @param fill writes them, from the file's beginning */
export async function fillFileAtomic(path: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
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
    await rm(temporary, { force: true });
    throw e;
  }
}

/** Renames a synced file and syncs its folder, so that the new name outlasts a power cut too. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  // Windows cannot open a folder; there the rename itself is journalled.
  const folder = await open(dirname(to), 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/** Removes what a killed process left half-written in a folder; does nothing where there is no such folder. Of a folder of ours alone. */
export function removeTemporaries(dir: string): Promise<void> {
  return removeThose(dir, isTemporary);
}

/** The same for what was to become one file or folder, in a folder that may be anybody's; what a living process is writing there stays. */
export function removeTemporariesOf(path: string): Promise<void> {
  const start = `.${basename(path)}.${HOST}-`;
  return removeThose(dirname(path), (name) => {
    const pid = name.startsWith(start) && /^(\d+)-[0-9a-f]{8}\.tmp$/.exec(name.slice(start.length))?.[1];
    return typeof pid === 'string' && !isRunning({ pid: Number(pid), started: '' });
  });
}

async function removeThose(dir: string, which: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(dir).catch(() => []))
    if (which(name)) await rm(join(dir, name), { recursive: true, force: true });
}

/** SHA-256 in hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of a file in hexadecimal, read in pieces. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
