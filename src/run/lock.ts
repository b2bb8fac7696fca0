import { readFileSync } from 'node:fs';
import { link, open, readdir, readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { removeFile, removeFileSync } from '../files/remove.js';
import { type FileKind, refuseForeignFile, removeOfKind } from '../files/replace.js';
import { removeTemporariesOf, temporaryName } from '../files/temporary.js';
import { begins } from '../formats/jsonl.js';
import { isRunning, type ProcessId, startOf } from '../processes.js';

const holderSchema = z.object({ pid: z.int(), host: z.string(), started: z.string() }) satisfies z.ZodType<ProcessId>;
type Holder = z.output<typeof holderSchema>;

const NAME = '.lock';
/** A lock, or the beginning of one as a power cut may leave it. */
const LOCK: FileKind = { what: 'a lock of synclr', isOurs: (head) => begins(head, '{"pid":') };
/** A takeover takes milliseconds; one that is older than this was killed. */
const TAKEOVER_MS = 10_000;

/** Keeps two processes from writing to one run folder. What a killed process left behind is taken over. */
export class FolderLock {
  private readonly path: string;
  private readonly text: string;
  private held = true;
  private readonly atExit = () => this.releaseSync();

  private constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    process.once('exit', this.atExit);
  }

  /** @throws UserError naming the process that holds the folder */
  static async take(dir: string): Promise<FolderLock> {
    const path = join(dir, NAME);
    const text = JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid) } satisfies Holder);
    await removeTemporariesOf(path);
    await removeNumbered(dir);
    await refuseForeignFile(path, LOCK);
    // Written whole under another name and then linked: nobody ever reads half a lock. A name that nobody can foresee, and no link.
    const mine = temporaryName(path);
    const drop = () => removeFileSync(mine);
    process.once('exit', drop);
    try {
      const handle = await open(mine, 'wx');
      await handle.writeFile(text).finally(() => handle.close());
      for (let attempt = 0; attempt < 100; attempt++) {
        if (await linked(mine, path)) return new FolderLock(path, text);
        refuseLiving(dir, path, await read(path));
        if (await takeOver(mine, path)) return new FolderLock(path, text);
        await new Promise((done) => setTimeout(done, 50));
      }
      throw new UserError(
        `${dir} is being taken by other processes: wait for them, or choose another folder with --out`,
      );
    } finally {
      drop();
      process.off('exit', drop);
    }
  }

  /** Safe to call more than once. */
  releaseSync(): void {
    if (!this.held) return;
    this.held = false;
    process.off('exit', this.atExit);
    try {
      if (readFileSync(this.path, 'utf8') === this.text) removeFileSync(this.path);
    } catch {
      // The folder is gone, and the lock with it.
    }
  }
}

/** Name of the lock's file in the folder. */
export const LOCK_NAME = NAME;

/** Removes what the first versions left beside the lock when they were killed: `.lock.<pid>`. */
async function removeNumbered(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const pid = /^\.lock\.(\d+)$/.exec(name)?.[1];
    if (pid === undefined || isRunning({ pid: Number(pid), started: '' })) continue;
    await removeOfKind(join(dir, name), LOCK);
  }
}

/** Whether a link to `file` could be made at `path`, where nothing was before. */
async function linked(file: string, path: string): Promise<boolean> {
  try {
    await link(file, path);
    return true;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw e;
  }
}

const read = (path: string) => readFile(path, 'utf8').catch(() => '');

/** @throws UserError if the lock's text names a process that lives */
function refuseLiving(dir: string, path: string, text: string): void {
  const holder = parse(text);
  if (!holder || !isAlive(holder)) return;
  const elsewhere = holder.host !== hostname();
  throw new UserError(
    `${dir} is in use by process ${holder.pid}${elsewhere ? ` on ${holder.host}` : ''}: wait for it, or choose another folder with --out${
      elsewhere ? ` (if that process is gone, delete ${path})` : ''
    }`,
  );
}

/** Puts our lock in place of a dead process's. One process at a time does so, or two that saw the same dead lock would both win. */
async function takeOver(mine: string, path: string): Promise<boolean> {
  const turn = `${path}.takeover`;
  if (!(await linked(mine, turn))) {
    const since = await stat(turn).then(
      (s) => s.ctimeMs,
      () => Date.now(),
    );
    if (Date.now() - since > TAKEOVER_MS) await removeOfKind(turn, LOCK);
    return false;
  }
  try {
    const holder = parse(await read(path));
    if (holder && isAlive(holder)) return false;
    await removeFile(path);
    return await linked(mine, path);
  } finally {
    await removeFile(turn);
  }
}

function parse(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** One on another machine cannot be asked. */
const isAlive = (holder: Holder): boolean => holder.host !== hostname() || isRunning(holder);
