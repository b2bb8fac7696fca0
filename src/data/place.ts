import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Interrupted, UserError } from '../errors.js';
import { few } from '../probe/layout.js';
import { type FileEntry, FileSplit } from './file-split.js';
import type { SetKind } from './kind.js';
import { readText } from './lists.js';

/** Files are looked at in slices of so many; signals come through between. */
const SLICE = 1000;

export interface PlaceOptions {
  signal?: AbortSignal;
  /** Which value of label maps counts nowhere, where a folder does not say. */
  ignored?: number;
}

/** A data set's folder while it is listed: what is there, and what is said where something is not. */
export class Place {
  readonly name: string;
  readonly kind: SetKind;
  /** The folder as the user gave it. */
  readonly dir: string;
  /** Where the layout begins, at or below `dir`. */
  readonly root: string;
  readonly options: PlaceOptions;
  readonly remarks: string[] = [];

  constructor(name: string, kind: SetKind, dir: string, root: string, options: PlaceOptions = {}) {
    this.name = name;
    this.kind = kind;
    this.dir = dir;
    this.root = root;
    this.options = options;
  }

  /** For messages. */
  get where(): string {
    return `data set ${this.name}`;
  }

  /** A path below the root. */
  path(relative: string): string {
    return join(this.root, relative);
  }

  has(relative: string): boolean {
    return existsSync(this.path(relative));
  }

  /** The first of some paths that is there. */
  find(...candidates: readonly string[]): string | undefined {
    return candidates.find((c) => this.has(c));
  }

  /** The same. @throws UserError naming the file that is missing, and where it is had */
  need(...candidates: readonly string[]): string {
    const found = this.find(...candidates);
    if (found === undefined) throw this.missing(candidates[0]);
    return found;
  }

  missing(relative: string): UserError {
    return new UserError(`${this.where}: ${this.path(relative)} is missing; ${hadAt(this.kind)}`);
  }

  /** @returns what is wrong with the data set, as the user sees it */
  wrong(file: string, what: string): UserError {
    return new UserError(`${this.where}: ${this.path(file)}: ${what}`);
  }

  /** A text file. @throws UserError where it is missing or no text */
  async text(relative: string): Promise<string> {
    this.need(relative);
    return readText(this.path(relative));
  }

  /** Its lines, trimmed, without empty ones. */
  async lines(relative: string): Promise<string[]> {
    return (await this.text(relative)).split(/\r\n|\n|\r/).flatMap((l) => l.trim() || []);
  }

  /** Names in a folder below the root, sorted, without hidden ones; empty where it is not there. */
  async names(relative: string): Promise<string[]> {
    const found = await readdir(this.path(relative)).catch((e: NodeJS.ErrnoException) => {
      if (e.code === 'ENOENT' || e.code === 'ENOTDIR') return [];
      throw e;
    });
    return found.filter((n) => !n.startsWith('.')).sort();
  }

  /** Folders in a folder, sorted, links to folders among them; hidden ones are left out. */
  async folders(relative: string): Promise<string[]> {
    const names = await this.names(relative);
    return names.filter((n) => statSync(this.path(join(relative, n)), { throwIfNoEntry: false })?.isDirectory());
  }

  stopIfAsked(): void {
    if (this.options.signal?.aborted) throw new Interrupted('stopped while listing images');
  }

  /**
   * Looks for the files that label files name. One that is not there is left out with a remark.
   * @param said what names them, for messages
   * @throws UserError where an entry leads elsewhere, or none of them is there; Interrupted
   */
  async files(entries: readonly FileEntry[], said: string): Promise<FileSplit> {
    const split = new FileSplit(this.root);
    const gone: string[] = [];
    for (let from = 0; from < entries.length; from += SLICE) {
      for (const entry of entries.slice(from, from + SLICE)) {
        const files = entry.mask === undefined ? [entry.file] : [entry.file, entry.mask];
        for (const file of files)
          if (/(^|[\\/])\.\.([\\/]|$)|^[\\/]|\0/.test(file))
            throw new UserError(`${this.where}: ${said} names ${file}, which leads elsewhere`);
        const found = files.map((f) => statSync(this.path(f), { throwIfNoEntry: false }));
        const missing = files.find((_, i) => !found[i]?.isFile());
        if (missing !== undefined) gone.push(missing);
        else split.add(entry, found[0]!, found[1]);
      }
      this.stopIfAsked();
      await setImmediate();
    }
    if (gone.length > 0 && split.length === 0)
      throw new UserError(
        `${this.where}: ${this.path(gone[0])} is missing, and so are all ${gone.length} files that ${said} names; ${hadAt(this.kind)}`,
      );
    if (gone.length > 0)
      this.remarks.push(
        `${gone.length} of ${entries.length} files that ${said} names ${gone.length === 1 ? 'is' : 'are'} not there and left out: ${few(gone)}`,
      );
    return split;
  }
}

/** Where a data set is had, for the end of a message. */
export function hadAt(kind: SetKind): string {
  return kind.home === undefined ? `expected ${kind.layout}` : `${kind.title} is had at ${kind.home}: ${kind.layout}`;
}
