import { lstat, mkdir, readlink, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf, UserError } from '../errors.js';

/**
 * Makes a folder and those above it.
 * @returns the topmost folder that was made; undefined where all were there
 * @throws UserError naming the part of the path that is a file, or a link to nowhere
 */
export async function makeFolder(dir: string): Promise<string | undefined> {
  try {
    return await made(resolve(dir));
  } catch (e) {
    const code = codeOf(e);
    if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'ENOENT') await refuseInTheWay(dir);
    throw e;
  }
}

/** One by one: Node's recursive way never ends in a file system that says of a new folder that its parent is missing (/proc). */
async function made(dir: string): Promise<string | undefined> {
  let above: string | undefined;
  for (let again = false; ; again = true)
    try {
      await mkdir(dir);
      return above ?? dir;
    } catch (e) {
      const code = codeOf(e);
      if (code === 'ENOENT' && !again && dirname(dir) !== dir) above = await made(dirname(dir));
      else if (await isFolder(dir)) return above;
      else throw e;
    }
}

/** @throws UserError for the nearest thing on the way to a folder that is none */
async function refuseInTheWay(dir: string): Promise<void> {
  let below: string | undefined;
  for (let at = resolve(dir); ; below = at, at = dirname(at)) {
    const found = await lstat(at).catch(() => undefined);
    if (found?.isSymbolicLink() && !(await isFolder(at)))
      throw new UserError(`${at} is a link to ${await readlink(at)}, which is no folder: mend or remove the link`);
    if (found?.isFile()) throw new UserError(`${at} is a file, not a folder: choose another path`);
    if (!found && at !== dirname(at)) continue;
    // Making many at once says ENOENT of a read-only disk: making one says why.
    if (below !== undefined) await mkdir(below);
    return;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (s) => s.isDirectory(),
    () => false,
  );
