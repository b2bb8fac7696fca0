import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { placeFile } from '../files/place.js';
import { writeFileAtomic } from '../files/write.js';
import { digestOf } from './digest.js';
import { COMMIT, type RepoFile, readOnly } from './listing.js';
import { isDataset } from './reference.js';

/**
 * One repository's folder in huggingface_hub's cache: contents in `blobs/` under their checksums, `snapshots/<commit>/<path>`
 * linking to them, and in `refs/<revision>` the commit that a branch or tag was last seen at. Ours beside them: `checked/`.
 */
export class RepoCache {
  readonly folder: string;
  readonly blobs: string;

  constructor(cache: string, repo: string) {
    this.folder = join(cache, `${isDataset(repo) ? '' : 'models--'}${repo.replaceAll('/', '--')}`);
    this.blobs = join(this.folder, 'blobs');
  }

  snapshot(commit: string): string {
    return join(this.folder, 'snapshots', commit);
  }

  blob(file: RepoFile): string {
    return join(this.blobs, file.oid);
  }

  /** The commit that a revision was at when it was last asked for. */
  async knownCommit(revision: string): Promise<string | undefined> {
    if (COMMIT.test(revision)) return revision;
    const text = (await readFile(this.refPath(revision), 'utf8').catch(() => '')).trim();
    return COMMIT.test(text) ? text : undefined;
  }

  async noteCommit(revision: string, commit: string): Promise<void> {
    if (COMMIT.test(revision) || (await this.knownCommit(revision)) === commit) return;
    await writeFileAtomic(this.refPath(revision), commit).catch(readOnly);
  }

  private refPath(revision: string): string {
    return join(this.folder, 'refs', ...revision.split('/'));
  }

  /** Where a file's content lies whole: in the snapshot (a link, or the file itself where there are no links), else among the blobs. */
  async find(commit: string, file: RepoFile): Promise<string | undefined> {
    for (const path of [join(this.snapshot(commit), file.path), this.blob(file)]) {
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() && found.size === file.size) return path;
    }
    return undefined;
  }

  /**
   * Whether a content found in the cache is what its name says. It is read once: what was compared is noted with its size and time, and
   * read again only when these change. In a cache that is closed for writing nothing could be noted; there the size must do.
   */
  async isSound(path: string, file: RepoFile): Promise<boolean> {
    const note = join(this.folder, 'checked', file.oid);
    const state = await stateOf(path);
    if ((await readFile(note, 'utf8').catch(() => '')) === state) return true;
    if (!(await isWritable(this.folder))) return true;
    if ((await digestOf(path, file)) !== file.oid) return false;
    await writeFileAtomic(note, state).catch(readOnly);
    return true;
  }

  /** Notes that a blob was compared as it was downloaded. */
  async noteSound(file: RepoFile): Promise<void> {
    await writeFileAtomic(join(this.folder, 'checked', file.oid), await stateOf(this.blob(file)));
  }

  /** Puts a file that is among the blobs into the snapshot, if it is not there. */
  async show(commit: string, file: RepoFile): Promise<void> {
    const shown = await stat(join(this.snapshot(commit), file.path)).catch(() => undefined);
    if (shown?.size !== file.size) await this.place(commit, file);
  }

  /** Makes `snapshots/<commit>/<path>` show the blob: a relative link as huggingface_hub makes it, else a hard link, else a copy. */
  private async place(commit: string, file: RepoFile): Promise<void> {
    await placeFile(this.blob(file), join(this.snapshot(commit), file.path));
  }
}

async function stateOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${size} ${Math.round(mtimeMs)}\n`;
}

const isWritable = (dir: string): Promise<boolean> =>
  access(dir, constants.W_OK).then(
    () => true,
    () => false,
  );
