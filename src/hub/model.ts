import { UserError } from '../errors.js';
import type { ListedFile } from './gguf-file.js';
import type { DownloadProgress } from './progress.js';
import type { HubSettings } from './settings.js';

export interface ResolveOptions {
  /** Which files are wanted, by path below the reference; all where left out. Not asked about a file that the reference names. */
  include?: (path: string) => boolean;
  /** The same by the whole list: the paths to take. `named` is the file that the reference names. Goes before `include`. */
  choose?: (files: readonly ListedFile[], named: string | undefined) => readonly string[];
  /** The reference is a data set's, not a model's. */
  dataset?: boolean;
  signal?: AbortSignal;
  /** Called first with the total, then as bytes come; never where nothing is to be downloaded. */
  onProgress?: (progress: DownloadProgress) => void;
  onWarn?: (line: string) => void;
  /** In place of what the environment says. */
  hub?: HubSettings;
}

export interface ResolvedModel {
  /** What the reference names, on the local disk: a folder or a file. */
  path: string;
  /** That folder, or the one that the file lies in. */
  folder: string;
  /** The files that were wanted: paths relative to `folder`, with slashes; sizes in bytes; SHA-256 where the hub lists one. */
  files: { path: string; size: number; sha256?: string }[];
  /** The commit on the hub, 40 digits; empty for a model that was local already. */
  commit: string;
}

/**
 * The files that are wanted of a model's folder.
 * @throws UserError where none is
 */
export function chooseFrom<T extends ListedFile>(
  files: readonly T[],
  named: string | undefined,
  where: string,
  { include, choose }: ResolveOptions,
): T[] {
  const all = () => (include ? files.filter((f) => include(f.path)) : files).map((f) => f.path);
  const paths = choose ? choose(files, named) : named !== undefined ? [named] : all();
  if (paths.length === 0) throw new UserError(`${where} holds no file of the kind that is wanted`);
  return paths.map((path) => {
    const file = files.find((f) => f.path === path);
    if (!file) throw new UserError(`${where} has no file ${path}`);
    return file;
  });
}
