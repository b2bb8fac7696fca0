import type { Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.js';
import { renameDurably } from '../files/write.js';
import { parts } from '../net/body.js';
import type { RepoCache } from './cache.js';
import { type HubClient, Trouble } from './client.js';
import { addFile, startDigest } from './digest.js';
import type { RepoFile } from './listing.js';
import { HEARTBEAT_MS, ownerOf, PartialFile } from './partial-file.js';

/** Bytes between two syncs: what a power cut may cost. */
const SYNC_EVERY = 32 * 2 ** 20;
const POLL_MS = 300;
/** Bytes by which a compressed file may be larger than the file. */
const SLACK = 64 * 2 ** 10;
/** New bytes that make a broken-off try one that got somewhere. */
const HEADWAY = 64 * 2 ** 10;

/**
 * Downloads one content into the cache's blobs: goes on from what an earlier process left, compares the checksum, and renames when whole.
 * @param url the file's `resolve` address at a commit
 * @param seen called with the bytes on disk so far; may fall where bytes were thrown away
 * @throws UserError where the hub refuses, cannot be reached, or sends wrong bytes twice
 */
export async function download(
  hub: HubClient,
  cache: RepoCache,
  file: RepoFile,
  url: string,
  seen: (bytes: number) => void,
): Promise<void> {
  const blob = cache.blob(file);
  await mkdir(cache.blobs, { recursive: true });
  const other = new Other();
  for (let wrong = 0; ; ) {
    hub.stopIfAsked();
    if (await isWhole(blob, file)) return seen(file.size);
    const partial = await PartialFile.claim(cache.blobs, file.oid);
    if (typeof partial === 'string') {
      await other.watch(partial, hub);
      seen(Math.min(file.size, other.size));
      continue;
    }
    let kept = false;
    try {
      // It may have become whole between the look and the claim.
      if (await isWhole(blob, file)) {
        await partial.discard();
        return seen(file.size);
      }
      const digest = await fill(hub, partial.path, file, url, seen);
      if (digest === file.oid) {
        kept = await renamedWhole(partial.path, blob);
        if (!kept) continue; // Taken for dead and taken over: see who has it now.
        await cache.noteSound(file);
        await PartialFile.sweep(cache.blobs, file.oid);
        return;
      }
      await partial.discard();
      seen(0);
      const what = `${file.path} has checksum ${digest} where the hub lists ${file.oid}`;
      if (wrong++ > 0)
        throw new UserError(
          `${what}, twice: the file is broken at ${new URL(url).host} or on the way; try later or another HF_ENDPOINT`,
        );
      hub.warn(`${what}: fetching it again`);
    } finally {
      if (!kept) await partial.release();
    }
  }
}

/** Another process at the same content: its bytes are as good as ours. */
class Other {
  size = 0;
  private grew = performance.now();
  private said = false;

  /** Waits a moment, and says so once if the other seems stuck. */
  async watch(path: string, hub: HubClient): Promise<void> {
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    const now = performance.now();
    if (size !== this.size) this.grew = now;
    this.size = size;
    if (!this.said && now - this.grew > hub.settings.silenceMs) {
      this.said = true;
      const { pid } = ownerOf(path);
      hub.warn(`waiting for process ${pid}, which downloads the same file and has got nothing for a while: ${path}`);
    }
    await sleep(POLL_MS, undefined, { signal: hub.signal }).catch(() => {});
  }
}

/** Brings a partial file to its full size and returns its checksum. */
async function fill(
  hub: HubClient,
  path: string,
  file: RepoFile,
  url: string,
  seen: (bytes: number) => void,
): Promise<string> {
  const handle = await open(path, 'r+');
  const heartbeat = setInterval(() => handle.utimes(new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  try {
    const sink = await Sink.resume(handle, path, file, hub.signal, seen);
    // Beyond where it ever was, by more than a crumb: what came twice, or byte by byte, is no headway.
    let best = sink.position;
    for (let failures = 0; sink.position < file.size; ) {
      try {
        await request(hub, url, sink, file);
      } catch (e) {
        const headway = sink.position >= best + HEADWAY;
        failures = headway ? 1 : failures + 1;
        if (headway) best = sink.position;
        await hub.pause(e, failures);
      }
    }
    await handle.sync();
    return sink.digest();
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new UserError(
        `the disk is full at ${path}: free some space, or set HF_HUB_CACHE to a folder on another disk`,
      );
    throw e;
  } finally {
    clearInterval(heartbeat);
    await handle.close();
  }
}

/** One request for what is missing of a file. */
async function request(hub: HubClient, url: string, sink: Sink, file: RepoFile): Promise<void> {
  const from = sink.position;
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  await hub.get(url, headers, file.size + SLACK, async (reply, alive) => {
    const { status } = reply;
    const { host } = reply.url;
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(reply.headers['content-range'] ?? '');
    const begins = status === 206 ? Number(range?.[1]) : 0;
    if (status === 416 || begins !== from) {
      // All of it came though the rest was asked for, or another part, or there is no such part: begin anew.
      await sink.restart();
      if (begins !== 0 || status === 416) throw new Trouble(`${host} did not send the part that was asked for`);
    }
    if (status === 206 && range?.[2] !== '*' && Number(range?.[2]) !== file.size)
      throw new Trouble(`${host} sends a part of ${range?.[2]} bytes where ${file.path} has ${file.size}`);
    for await (const chunk of parts(reply)) {
      await sink.write(chunk);
      alive(chunk.length);
      // Longer than listed: as wrong as a wrong byte, and the checksum will say so.
      if (sink.position > file.size) return;
    }
    if (sink.position < file.size) throw new Trouble(`${host} broke off in ${file.path}`);
  });
}

/** A partial file with the checksum of what is in it. */
class Sink {
  position = 0;
  private synced = 0;
  private hash: Hash;
  private readonly handle: FileHandle;
  private readonly file: RepoFile;
  private readonly seen: (bytes: number) => void;

  private constructor(handle: FileHandle, file: RepoFile, seen: (bytes: number) => void) {
    this.handle = handle;
    this.file = file;
    this.seen = seen;
    this.hash = startDigest(file);
  }

  static async resume(
    handle: FileHandle,
    path: string,
    file: RepoFile,
    signal: AbortSignal,
    seen: (bytes: number) => void,
  ): Promise<Sink> {
    const sink = new Sink(handle, file, seen);
    const { size, mtimeMs } = await handle.stat();
    // Written before the machine last started: after a power cut what was not synced may be zeros.
    const started = Date.now() - uptime() * 1000;
    const sound = mtimeMs < started ? Math.floor(size / SYNC_EVERY) * SYNC_EVERY : size;
    const keep = size > file.size ? 0 : sound;
    if (keep < size) await handle.truncate(keep);
    await addFile(sink.hash, path, keep, signal);
    sink.position = sink.synced = keep;
    seen(keep);
    return sink;
  }

  async restart(): Promise<void> {
    await this.handle.truncate(0);
    this.hash = startDigest(this.file);
    this.position = this.synced = 0;
    this.seen(0);
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.hash.update(chunk);
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await this.handle.write(chunk, at, chunk.length - at, this.position + at);
      at += bytesWritten;
    }
    this.position += chunk.length;
    this.seen(this.position);
    if (this.position - this.synced >= SYNC_EVERY) {
      await this.handle.datasync();
      this.synced = this.position;
    }
  }

  digest(): string {
    return this.hash.digest('hex');
  }
}

async function isWhole(blob: string, file: RepoFile): Promise<boolean> {
  return (await stat(blob).catch(() => undefined))?.size === file.size;
}

async function renamedWhole(from: string, to: string): Promise<boolean> {
  try {
    await renameDurably(from, to);
    return true;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw e;
  }
}
