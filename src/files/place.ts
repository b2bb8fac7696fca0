import { constants } from 'node:fs';
import { copyFile, link, rename, rm, symlink } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { makeFolder } from './folders.js';
import { temporaryName } from './temporary.js';

/** Lets a path show a file: as a relative link, else a hard link, else a copy. A link or file that had the name is replaced. */
export async function placeFile(file: string, path: string): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = temporaryName(path);
  try {
    await symlink(relative(dirname(path), file), temporary)
      .catch(() => link(file, temporary))
      .catch(() => copyFile(file, temporary, constants.COPYFILE_FICLONE));
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Puts a file at another place as well, where nothing stands: as a hard link, else as a copy. Makes its folder. */
export async function placeCopy(file: string, path: string): Promise<void> {
  await makeFolder(dirname(path));
  await link(file, path).catch(() => copyFile(file, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE));
}
