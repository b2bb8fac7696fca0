import type { Dirent, Stats } from 'node:fs';
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { dirname, extname, join, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { codeOf } from '../errors.js';
import { contentKind, HEAD_BYTES } from '../views/picture-format.js';

/**
 * Endings that pictures have: such files count unopened, and are opened once, when they are decoded. All others are looked into here, since
 * a file is what its content says.
 */
const PICTURE_ENDINGS = new Set('.jpg .jpeg .jpe .jfif .png .webp .gif .tif .tiff .avif .bmp .dib .ico'.split(' '));

/** What file systems and archivers keep for themselves. */
const NOBODYS = new Set(['lost+found', '__MACOSX']);

/** Files are looked at in slices of so many: asking for one at a time without waiting is ten times as fast, and signals come through between. */
const SLICE = 1000;

/** A picture file below the folder that was walked. */
export interface FoundPicture {
  /** Path relative to that folder, with `/`. */
  file: string;
  bytes: number;
  modified: number;
  /** It, or a folder above it, is a link. */
  linked: boolean;
  /** Names that the file itself has: hard links. */
  names: number;
  /** Device and number of the file. */
  device: number;
  number: number;
}

export interface Walked {
  /** In the order of their paths. */
  pictures: FoundPicture[];
  /** What is no picture, by the folder asked for it was found under, and by ending or what else it is: how many. */
  others: Map<string, Map<string, number>>;
  /** Links that were not followed, names that cannot be read: one line each, with the path. */
  remarks: string[];
}

export interface WalkOptions {
  /** What becomes of a folder that cannot be read: the walk fails with the file system's error, or it is passed over with a remark. */
  unreadable: 'fail' | 'pass over';
}

interface Folder {
  /** Relative to the root, with `/`; empty: the root itself. */
  path: string;
  top: string;
  linked: boolean;
}

/** Whether a file is a picture by its ending. */
export const isPictureName = (name: string): boolean => PICTURE_ENDINGS.has(extname(name).toLowerCase());

/** Whether a folder's entry is hidden, or nobody's. */
export const isHidden = (name: string): boolean => name.startsWith('.') || NOBODYS.has(name);

/**
 * Finds all pictures below some folders of `root`, each folder once: by its identity, first where it really lies, then through links. A link
 * that leads back to a folder above it is not followed. Whatever order the file system lists in, the result is the same.
 * @param tops relative to root, with `/`; the empty name is the root
 * @throws the file system's error for the root and, by the options, for any other folder
 */
export async function walk(root: string, tops: readonly string[], o: WalkOptions): Promise<Walked> {
  const w = new Walk(root, o);
  await w.run(tops);
  return w.result();
}

/** What a folder is whatever its name; undefined where the file system numbers nothing. @throws the file system's error */
function identity(path: string): string | undefined {
  const { dev, ino } = statSync(path);
  return ino === 0 ? undefined : `${dev}:${ino}`;
}

class Walk {
  private readonly root: string;
  private readonly o: WalkOptions;
  private readonly pictures: FoundPicture[] = [];
  private readonly others: Walked['others'] = new Map();
  private readonly remarks: string[] = [];
  private readonly visited = new Map<string, string>();
  /** Of the folders asked for: one that lies inside of another too (mounted there) is read at its own place. */
  private readonly tops = new Map<string, string>();
  private links: Folder[] = [];

  constructor(root: string, o: WalkOptions) {
    this.root = root;
    this.o = o;
  }

  async run(tops: readonly string[]): Promise<void> {
    const real: Folder[] = [];
    const root = await realpath(this.root);
    for (const top of [...tops].sort()) {
      this.others.set(top, new Map());
      const folder = { path: top, top, linked: (await realpath(this.at(top))) !== join(root, top) };
      (folder.linked ? this.links : real).push(folder);
    }
    for (const { path } of real) {
      const id = identity(this.at(path));
      if (id !== undefined && !this.tops.has(id)) this.tops.set(id, path);
    }
    for (const folder of real) await this.below(folder);
    // What links lead to may hold further links.
    while (this.links.length > 0) {
      const links = this.links.sort((a, b) => (a.path < b.path ? -1 : 1));
      this.links = [];
      for (const link of links) await this.follow(link);
    }
  }

  result(): Walked {
    return {
      pictures: this.pictures.sort((a, b) => (a.file < b.file ? -1 : 1)),
      others: this.others,
      remarks: this.remarks,
    };
  }

  private at(path: string): string {
    return path === '' ? this.root : join(this.root, path);
  }

  private async follow(link: Folder): Promise<void> {
    const path = this.at(link.path);
    const target = await realpath(path);
    const holds = (folder: string) =>
      folder === target || folder.startsWith(target.endsWith(sep) ? target : target + sep);
    if (holds(await realpath(this.root)) || holds(await realpath(dirname(path)))) {
      this.remarks.push(`${path} is a link to a folder above it and is not followed`);
      return;
    }
    await this.below({ ...link, linked: true });
  }

  /** A folder and the real folders in it. */
  private async below(start: Folder): Promise<void> {
    const folders = [start];
    for (let folder = folders.pop(); folder; folder = folders.pop()) {
      const path = this.at(folder.path);
      let entries: Dirent[];
      try {
        const id = identity(path);
        const own = id === undefined ? undefined : this.tops.get(id);
        const before = id === undefined ? undefined : (this.visited.get(id) ?? own);
        if (before !== undefined && before !== folder.path) {
          this.remarks.push(`${path} is the same folder as ${this.at(before)} and is read once`);
          continue;
        }
        if (id !== undefined) this.visited.set(id, folder.path);
        entries = await readdir(path, { withFileTypes: true });
      } catch (e) {
        if (this.o.unreadable === 'fail' || folder.path === '') throw e;
        this.remarks.push(`${path}: the folder cannot be read (${codeOf(e)}) and is passed over`);
        continue;
      }
      const inner: Folder[] = [];
      for (let from = 0; from < entries.length; from += SLICE) {
        for (const entry of entries.slice(from, from + SLICE)) {
          const found = this.look(folder, entry);
          if (found) inner.push(found);
        }
        await setImmediate();
      }
      for (const f of inner.sort((a, b) => (a.path < b.path ? 1 : -1))) folders.push(f);
    }
  }

  /** @returns a real folder, to be read next */
  private look(folder: Folder, entry: Dirent): Folder | undefined {
    const { name } = entry;
    if (isHidden(name)) return undefined;
    const path = folder.path === '' ? name : `${folder.path}/${name}`;
    let found: Stats;
    try {
      found = statSync(this.at(path));
    } catch (e) {
      if (this.o.unreadable === 'fail' && /^(EACCES|EPERM|EIO)$/.test(codeOf(e) ?? '') && !entry.isSymbolicLink())
        throw e;
      // Node puts U+FFFD where a name is no UTF-8, and then the file is not found by it.
      if (codeOf(e) === 'ENOENT' && name.includes('\ufffd')) this.other(folder, 'names that are no UTF-8');
      else this.other(folder, entry.isSymbolicLink() ? 'broken links' : `cannot be read (${codeOf(e)})`);
      return undefined;
    }
    const linked = folder.linked || entry.isSymbolicLink();
    if (found.isDirectory()) {
      const below = { path, top: folder.top, linked };
      if (!entry.isSymbolicLink()) return below;
      this.links.push(below);
    } else if (!found.isFile()) this.other(folder, 'pipes, sockets or devices');
    else if (isPictureName(name) || this.isPicture(path)) {
      const { dev, ino, nlink, size, mtimeMs } = found;
      this.pictures.push({
        file: path,
        bytes: size,
        modified: mtimeMs,
        linked,
        names: nlink,
        device: dev,
        number: ino,
      });
    } else this.other(folder, extname(name).toLowerCase() || 'no ending');
    return undefined;
  }

  private other(folder: Folder, kind: string): void {
    const kinds = this.others.get(folder.top)!;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }

  private isPicture(path: string): boolean {
    try {
      // Without waiting: what was a file a moment ago may be a pipe now.
      const file = openSync(this.at(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      try {
        const head = Buffer.alloc(HEAD_BYTES);
        return contentKind(head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0)))?.by !== undefined;
      } finally {
        closeSync(file);
      }
    } catch {
      return false;
    }
  }
}
