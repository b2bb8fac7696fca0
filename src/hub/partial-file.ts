import { randomBytes } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { removeFile } from '../files/remove.js';
import { claimFile } from '../files/write.js';
import { isRunning, type ProcessId, processNamespace, startOf } from '../processes.js';

/**
 * A content not yet whole lies in `blobs/<oid>.synclr.<owner>.incomplete`, and the owner in its name is the lock: who renames an ownerless
 * or orphaned file to his own name goes on with it. Writers always write the file's own bytes at their own place, so even where two
 * processes take each other for dead (a network disk, containers) what they write is the same; the checksum has the last word.
 * huggingface_hub's temporaries are named `<oid>.incomplete` and `<oid>.<8 digits>.incomplete`: neither program touches the other's.
 */
export class PartialFile {
  readonly path: string;
  private readonly free: string;

  private constructor(dir: string, oid: string) {
    this.path = join(dir, nameOf(oid, me()));
    this.free = join(dir, nameOf(oid, FREE));
  }

  /** Takes over what was left of a content, or begins it; a string is the path of a living process's file, to be waited for. */
  static async claim(dir: string, oid: string): Promise<PartialFile | string> {
    const partial = new PartialFile(dir, oid);
    const others = await list(dir, oid);
    const living = others.find((o) => o.alive);
    if (living) return living.path;
    others.sort((a, b) => b.size - a.size);
    let taken = false;
    for (const { path } of others) if ((taken = await claimFile(path, partial.path))) break;
    if (!taken) await (await open(partial.path, 'wx')).close();
    // Whoever sees another owner now steps back; the one who claimed last always sees the first.
    const rival = (await list(dir, oid)).find((o) => o.alive && o.path !== partial.path);
    if (!rival) return partial;
    if (taken) await partial.release();
    else await removeFile(partial.path);
    await new Promise((done) => setTimeout(done, 20 + Math.random() * 80));
    return rival.path;
  }

  /** Leaves the file for whoever comes next. */
  async release(): Promise<void> {
    await claimFile(this.path, this.free);
  }

  /** Removes the file, for it holds wrong bytes. */
  async discard(): Promise<void> {
    await removeFile(this.path);
  }

  /** Removes what others left of a content that is whole now. */
  static async sweep(dir: string, oid: string): Promise<void> {
    for (const { path, alive } of await list(dir, oid)) if (!alive) await removeFile(path);
  }

  /** Bytes of a content that lie there for the taking. */
  static async left(dir: string, oid: string): Promise<number> {
    return Math.max(0, ...(await list(dir, oid)).map((o) => o.size));
  }
}

interface Owner extends ProcessId {
  /** Machine and process namespace: elsewhere a pid says nothing. */
  place: string;
}

const FREE = 'free';
/** An owner elsewhere cannot be asked whether it lives; its file's time tells, which {@link HEARTBEAT_MS} keeps fresh. */
const ABANDONED_MS = 2 * 60_000;
/** How often an owner touches its file while nothing comes, milliseconds. */
export const HEARTBEAT_MS = 15_000;

const nameOf = (oid: string, owner: string): string => `${oid}.synclr.${owner}.incomplete`;

/** A new owner's name at every call: two downloads of one process are rivals as well. */
const me = (): string => `${process.pid}-${startOf(process.pid)}-${PLACE}-${randomBytes(4).toString('hex')}`;

async function list(dir: string, oid: string): Promise<{ path: string; size: number; alive: boolean }[]> {
  const found: { path: string; size: number; alive: boolean }[] = [];
  for (const name of await readdir(dir).catch(() => [])) {
    if (!name.startsWith(`${oid}.synclr.`) || !name.endsWith('.incomplete')) continue;
    const path = join(dir, name);
    const at = await stat(path).catch(() => undefined);
    if (at) found.push({ path, size: at.size, alive: isAlive(path, at.mtimeMs) });
  }
  return found;
}

/** Who goes on with a partial file, by its name; pid 0 where nobody does. */
export function ownerOf(path: string): Owner {
  const [, pid, started, place] = /\.synclr\.(\d+)-(\d*)-(.+)-[0-9a-f]{8}\.incomplete$/.exec(path) ?? [];
  return { pid: Number(pid ?? 0), started: started ?? '', place: place ?? '' };
}

function isAlive(path: string, touched: number): boolean {
  const owner = ownerOf(path);
  if (owner.pid === 0) return false;
  if (owner.place !== PLACE) return Date.now() - touched < ABANDONED_MS;
  return isRunning(owner);
}

const PLACE = `${hostname()}-${processNamespace()}`.replace(/[^\w.-]/g, '_').slice(0, 100);
