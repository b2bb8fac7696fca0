import { type FileHandle, lstat, open, readdir, readFile, readlink, rename, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { codeOf, UserError } from '../errors.js';
import { VERSION } from '../version.js';
import { sha256File } from './digest.js';
import { makeFolder } from './folders.js';
import { removeFile } from './remove.js';
import { asideName, dropTemporary, leftAside, removeTemporariesOf, temporaryName } from './temporary.js';
import { fillFileAtomic, refuseLink, renameDurably, syncFolder, writeFileAtomic } from './write.js';

/** How much of a file its kind is judged by, bytes. */
const HEAD = 64 * 1024;

/** A kind of file that synclr writes, and how one is told from all others by what is in it. */
export interface FileKind {
  /** Such as `a report of synclr`. */
  what: string;
  /** @param head the file's beginning, up to 64 KiB */
  isOurs(head: Buffer, path: string): boolean | Promise<boolean>;
}

/**
 * Looks whether a name is free for a file of a kind: nothing, an empty file or an earlier one of the kind stands there.
 * @throws UserError naming what stands there instead
 */
export async function refuseForeignFile(path: string, kind: FileKind): Promise<void> {
  await refuseLink(path);
  const at = await lstat(path).catch(notThere);
  if (!at) return;
  if (at.isDirectory()) throw new UserError(`${path} is a folder: choose another name`);
  if (!at.isFile()) throw new UserError(`${path} is no ordinary file: choose another name`);
  if (at.size === 0) return;
  if (await isOurs(path, at.size, kind)) return;
  throw new UserError(`${path} is there already and is not ${kind.what}: move it away, or choose another name`);
}

/** Whether a path is a file of a kind, and no link to one. */
export async function isOfKind(path: string, kind: FileKind): Promise<boolean> {
  const at = await lstat(path).catch(() => undefined);
  return at?.isFile() === true && at.size > 0 && (await isOurs(path, at.size, kind));
}

/** Removes a file of a kind; what else stands there stays. */
export async function removeOfKind(path: string, kind: FileKind): Promise<void> {
  if (await isOfKind(path, kind)) await removeFile(path);
}

async function isOurs(path: string, size: number, kind: FileKind): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const head = Buffer.alloc(Math.min(HEAD, size));
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return await kind.isOurs(head.subarray(0, bytesRead), path);
  } finally {
    await handle.close();
  }
}

/** Writes a file whole or not at all, in place of nothing or of an earlier one of its kind. @throws UserError for anything else there */
export async function replaceFile(path: string, data: string | Uint8Array, kind: FileKind): Promise<void> {
  await refuseForeignFile(path, kind);
  await writeFileAtomic(path, data);
}

/** The same for a file that is written in pieces. */
export async function refillFile(
  path: string,
  fill: (handle: FileHandle) => Promise<void>,
  kind: FileKind,
): Promise<void> {
  await refuseForeignFile(path, kind);
  await fillFileAtomic(path, fill);
}

function notThere(e: unknown): undefined {
  if (codeOf(e) !== 'ENOENT') throw e;
}

/** In every folder that synclr makes as a whole: what it put there, so that it can tell it from what came later. */
export const FILE_LIST = '.synclr.json';

const listSchema = z.strictObject({
  format: z.literal('synclr-files'),
  version: z.literal(1),
  /** Version that wrote the folder. */
  synclr: z.string(),
  /** By path in the folder, with slashes. */
  files: z.record(z.string(), z.strictObject({ bytes: z.int().nonnegative(), sha256: z.string() })),
});
type FileList = z.output<typeof listSchema>;

export interface FolderKind {
  /** Such as `an encoder that synclr exported`. */
  what: string;
  /** What is in it, at the top; where that is known before it is made. */
  names?: readonly string[];
  /** Makes the content, in a new folder. */
  fill(temporary: string): Promise<void>;
  /**
   * Whether a folder without a list is one that an earlier version made and nobody changed.
   * @param files all that is in it, with slashes
   */
  isEarlier?(dir: string, files: readonly string[]): Promise<boolean>;
}

/**
 * Makes a folder whole or not at all, in place of nothing, an empty folder, or one that synclr made and nobody changed or added to. The old
 * one is moved aside first and removed last; what a kill leaves between is put right by the next call.
 * @throws UserError naming what stands there and is not ours; nothing was changed then
 */
export async function replaceFolder(path: string, kind: FolderKind): Promise<void> {
  await settleFolder(path);
  await refuseForeignFolder(path, kind);
  const temporary = temporaryName(path);
  try {
    await makeFolder(temporary).catch((e) => {
      throw isRefusal(e) ? new UserError(notBeside(path)) : e;
    });
    await kind.fill(temporary);
    await writeList(temporary);
    await syncTree(temporary);
    await refuseForeignFolder(path, kind, temporary);
    await swap(temporary, path);
  } catch (e) {
    await dropTemporary(temporary).catch(() => {});
    throw renamed(e, temporary, path);
  }
}

const isRefusal = (e: unknown): boolean => ['EACCES', 'EPERM'].includes(codeOf(e) ?? '');
const notBeside = (path: string): string =>
  `no permission to make a folder in ${dirname(path)}, where ${basename(path)} is to be put: change its rights or choose another path`;

/** A folder that cannot be moved: what was to replace it can only go below it. */
const fixed = (path: string): UserError =>
  new UserError(`${path} is where a disk is mounted, or in use, and cannot be replaced: choose a new folder in it`);

/** An error that names the folder as its user knows it. */
function renamed(e: unknown, temporary: string, path: string): unknown {
  if (e instanceof UserError) return new UserError(e.message.replaceAll(temporary, path));
  const failed = e as NodeJS.ErrnoException;
  if (codeOf(e) !== undefined && failed.path !== undefined) failed.path = failed.path.replace(temporary, path);
  return e;
}

/**
 * What in a folder that synclr made is not as it made it, by size and checksum: a file that is missing, changed or somebody else's.
 * @returns undefined where all is
 */
export async function changeIn(dir: string): Promise<string | undefined> {
  const list = await readList(dir);
  if (!list) return `it has no list of its files (${FILE_LIST})`;
  const { files, others } = await walk(dir);
  const there = new Set(files);
  const missing = Object.keys(list.files).find((file) => !there.has(file));
  return missing === undefined ? foreignIn(dir, list, files, others) : `${missing} is missing`;
}

/**
 * Removes a folder that synclr made and nobody changed or added to. It goes under a temporary's name first: what a kill leaves of it is
 * swept with these.
 * @throws UserError naming what is not ours; nothing was removed then
 */
export async function removeMadeFolder(path: string, kind: Omit<FolderKind, 'fill'>): Promise<void> {
  await refuseForeignFolder(path, kind);
  if (!(await readList(path))) throw new UserError(`${path} is not ${kind.what}: remove it yourself`);
  const temporary = temporaryName(path);
  await renameDurably(path, temporary);
  await dropTemporary(temporary);
}

/** Ends what a kill cut off in replacing a folder: the old one comes back where nothing stands in its place, and goes where the new one does. */
export async function settleFolder(path: string): Promise<void> {
  for (const aside of await leftAside(path)) {
    const there = await lstat(path).catch(() => undefined);
    if (!there) await renameDurably(aside, path);
    else await removeListed(aside);
  }
  await removeTemporariesOf(path);
}

/**
 * @param made what is to take its place; without it, a folder that has no list is not judged yet
 * @throws UserError naming what is not ours
 */
export async function refuseForeignFolder(path: string, kind: Omit<FolderKind, 'fill'>, made?: string): Promise<void> {
  const at = await lstat(path).catch(notThere);
  if (!at) return;
  if (at.isSymbolicLink())
    throw new UserError(`${path} is a link to ${await readlink(path)}: name what it leads to, or remove the link`);
  if (!at.isDirectory()) throw new UserError(`${path} is a file, not a folder: choose another path`);
  const list = await readList(path);
  // First what one look shows: a home or a disk is not to be walked through.
  const top = (await readdir(path)).sort();
  const known = list ? Object.keys(list.files) : made === undefined ? kind.names : (await walk(made)).files;
  const stray = known && top.find((name) => name !== FILE_LIST && !known.some((file) => file.split('/')[0] === name));
  if (stray !== undefined) throw holds(path, stray, kind);
  if (made === undefined && !list) return;
  const { files, others } = await walk(path);
  if (list) {
    const foreign = await foreignIn(path, list, files, others);
    if (foreign) throw new UserError(`${path}: ${foreign}: move it away, or choose a new or empty folder`);
    return;
  }
  if (top.length === 0) return;
  if (others.length > 0 || !(await kind.isEarlier?.(path, files))) throw holds(path, others[0] ?? files[0], kind);
  // From here on it can be told apart, whatever happens next.
  await writeList(path);
}

/** Whether another folder has the same bytes under each of these names. */
export async function sameFiles(dir: string, other: string, files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    const [a, b] = [join(dir, file), join(other, file)];
    const there = await lstat(b).catch(() => undefined);
    if (!there?.isFile() || there.size !== (await lstat(a)).size) return false;
    if ((await sha256File(a)) !== (await sha256File(b))) return false;
  }
  return true;
}

const holds = (path: string, what: string, kind: Pick<FolderKind, 'what'>): UserError =>
  new UserError(
    `${path} holds ${what} and is not ${kind.what}, or was changed since: choose a new or empty folder, or move what is there away`,
  );

/** What in a folder is not as its list says; undefined where all is. What is missing is nobody's loss. */
async function foreignIn(
  dir: string,
  list: FileList,
  files: readonly string[],
  others: readonly string[],
): Promise<string | undefined> {
  if (others.length > 0) return `${others[0]} is not synclr's`;
  for (const file of files) {
    if (file === FILE_LIST) continue;
    if (!Object.hasOwn(list.files, file)) return `${file} is not synclr's`;
    if (!(await isAsListed(join(dir, file), list.files[file]))) return `${file} was changed since synclr wrote it`;
  }
  return undefined;
}

async function isAsListed(path: string, { bytes, sha256 }: FileList['files'][string]): Promise<boolean> {
  const at = await lstat(path).catch(() => undefined);
  if (!at?.isFile() || at.size !== bytes) return false;
  return (await sha256File(path)) === sha256;
}

/** Moves the old out of the way, puts the new in its place, removes the old. */
async function swap(temporary: string, path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  const unlessFixed = (e: unknown): never => {
    throw codeOf(e) === 'EBUSY' || codeOf(e) === 'EXDEV' ? fixed(path) : e;
  };
  if (!there || (await isEmpty(path))) {
    await renameDurably(temporary, path).catch(unlessFixed);
    return;
  }
  const aside = asideName(path);
  await rename(path, aside).catch(unlessFixed);
  try {
    await rename(temporary, path);
  } catch (e) {
    await rename(aside, path);
    throw e;
  }
  await syncFolder(dirname(path));
  await removeListed(aside);
}

/** Removes what a folder's list names and what is as it says, and the folder where nothing else is left. */
async function removeListed(dir: string): Promise<void> {
  const list = await readList(dir);
  const { files, folders } = await walk(dir);
  for (const file of files)
    if (list && Object.hasOwn(list.files, file) && (await isAsListed(join(dir, file), list.files[file])))
      await unlink(join(dir, file));
  for (const folder of folders.reverse()) await rmdir(join(dir, folder)).catch(() => {});
  const left = await readdir(dir);
  if (left.some((name) => name !== FILE_LIST)) return;
  if (left.length > 0) await unlink(join(dir, FILE_LIST));
  await rmdir(dir);
}

const isEmpty = async (dir: string): Promise<boolean> => (await readdir(dir)).length === 0;

/** Notes all files of a folder, with sizes and checksums. */
async function writeList(dir: string): Promise<void> {
  const files: FileList['files'] = {};
  for (const file of (await walk(dir)).files) {
    const path = join(dir, file);
    files[file] = { bytes: (await lstat(path)).size, sha256: await sha256File(path) };
  }
  const list: FileList = { format: 'synclr-files', version: 1, synclr: VERSION, files };
  await writeFileAtomic(join(dir, FILE_LIST), `${JSON.stringify(list, null, 1)}\n`);
}

async function readList(dir: string): Promise<FileList | undefined> {
  try {
    return listSchema.safeParse(JSON.parse(await readFile(join(dir, FILE_LIST), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Everything in a folder by path in it, with slashes, in order; links are not followed. Empty folders and what is no file are `others`. */
async function walk(dir: string): Promise<{ files: string[]; folders: string[]; others: string[] }> {
  const found = { files: [] as string[], folders: [] as string[], others: [] as string[] };
  const visit = async (at: string): Promise<void> => {
    const entries = await readdir(at, { withFileTypes: true });
    const name = (path: string) => relative(dir, path).split(sep).join('/');
    if (entries.length === 0 && at !== dir) found.others.push(`${name(at)}/`);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        found.folders.push(name(path));
        await visit(path);
      } else (entry.isFile() ? found.files : found.others).push(name(path));
    }
  };
  await visit(dir);
  return found;
}

async function syncTree(dir: string): Promise<void> {
  const { files, folders } = await walk(dir);
  for (const file of files) {
    const handle = await open(join(dir, file), 'r+');
    await handle.sync().finally(() => handle.close());
  }
  for (const folder of [...folders.reverse(), '.']) await syncFolder(join(dir, folder));
}
