import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.js';
import type { ListedFile } from './gguf-file.js';

/** A model on the local disk: its folder, the file in it that was named, if one was, and all files of the folder. */
export interface LocalModel {
  folder: string;
  named: string | undefined;
  /** Relative to the folder, with slashes. */
  files: ListedFile[];
}

/** How deep a model's folder is looked into. */
const DEPTH = 4;

/** @throws UserError where nothing lies at the path */
export async function localModel(path: string): Promise<LocalModel> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UserError(`no model at ${path}: name a file or folder, or hf:owner/name to download one`);
  if (found.isDirectory()) return { folder: path, named: undefined, files: await walk(path, '', DEPTH) };
  const folder = dirname(path);
  return { folder, named: basename(path), files: await walk(folder, '', 0) };
}

/** Files below a folder; links are followed, for that is what the cache's snapshots are made of. Names that begin with a dot are left out. */
export async function walk(folder: string, below = '', depth = Number.POSITIVE_INFINITY): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  for (const name of (await readdir(join(folder, below))).sort()) {
    if (name.startsWith('.')) continue;
    const path = below ? `${below}/${name}` : name;
    const found = await stat(join(folder, path)).catch(() => undefined);
    if (found?.isFile()) files.push({ path, size: found.size });
    else if (found?.isDirectory() && depth > 0) files.push(...(await walk(folder, path, depth - 1)));
  }
  return files;
}
