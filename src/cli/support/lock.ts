import { readFileSync, rmSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../errors.js';

interface Holder {
  pid: number;
  host: string;
  /** When the process started, in the kernel's ticks, where known: a pid may be given out again. */
  started: string;
}

const NAME = '.lock';

/** Keeps two processes from writing to one run folder. What a killed process left behind is taken over. */
export class FolderLock {
  private readonly path: string;
  private readonly text: string;
  private held = true;

  private constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    process.once('exit', () => this.releaseSync());
  }

  /** @throws UserError naming the process that holds the folder */
  static async take(dir: string): Promise<FolderLock> {
    const path = join(dir, NAME);
    const mine: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
    const text = JSON.stringify(mine);
    // Written whole under another name and then linked: nobody ever reads half a lock.
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, text);
    try {
      await link(temporary, path);
      return new FolderLock(path, text);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e;
      const found = await readFile(path, 'utf8').catch(() => '');
      const holder = parse(found);
      if (holder && isAlive(holder)) {
        const where = holder.host === mine.host ? '' : ` on ${holder.host}`;
        throw new UserError(
          `${dir} is in use by process ${holder.pid}${where}: wait for it, or choose another folder with --out` +
            (where ? ` (if that process is gone, delete ${path})` : ''),
        );
      }
      // A killed run's. Of several that take it over at once the last one to rename has it.
      await rename(temporary, path);
      await new Promise((done) => setTimeout(done, 60));
      if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
        throw new UserError(
          `${dir} has just been taken by another process: wait for it, or choose another folder with --out`,
        );
      }
      return new FolderLock(path, text);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Safe to call more than once. */
  releaseSync(): void {
    if (!this.held) return;
    this.held = false;
    try {
      if (readFileSync(this.path, 'utf8') === this.text) rmSync(this.path, { force: true });
    } catch {
      // The folder is gone, and the lock with it.
    }
  }
}

/** Name of the lock's file in the folder. */
export const LOCK_NAME = NAME;

function parse(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Holder;
    return Number.isInteger(value.pid) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true; // cannot be asked from here
  try {
    process.kill(holder.pid, 0);
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM';
  }
  return holder.started === '' || holder.started === startOf(holder.pid);
}

/** Field 22 of /proc/<pid>/stat (proc(5)); empty where there is no such file. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
