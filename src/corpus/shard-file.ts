import { createHash, type Hash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { removeFileSync } from '../files/remove.js';
import { temporaryName } from '../files/temporary.js';
import { moveFileSync, writeFileAtomicSync } from '../files/write.js';
import { parseJson } from '../formats/json.js';
import { tarMembers } from '../formats/tar.js';

/** Small pieces are gathered up to this size before they are written. */
const BUFFER = 1 << 20;

/** How far a shard on its way has come. */
export interface ShardNote {
  samples: number;
  bytes: number;
  /** Rejected so far, by reason. */
  rejected: Record<string, number>;
  /** Of those bytes. */
  sha256: string;
  /** Of the note itself; notes of earlier versions have none. */
  check?: string;
}

const noteSchema = z.strictObject({
  samples: z.int().positive(),
  bytes: z.int().positive(),
  rejected: z.record(z.string(), z.int().positive()),
  sha256: z.string(),
  check: z.string().optional(),
});

/** The line of a note. Its numbers are covered too: the bytes do not say how many samples they are, or what was rejected on the way. */
const lineOf = (note: Omit<ShardNote, 'check'>): string => `${JSON.stringify({ ...note, check: checkOf(note) })}\n`;

function checkOf({ samples, bytes, rejected, sha256 }: ShardNote): string {
  const counts = Object.entries(rejected).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([samples, bytes, counts, sha256]))
    .digest('hex')
    .slice(0, 16);
}

/** Name of a shard that is kept while it is on its way, beside its own; its notes are in `….part.journal`. */
export const partName = (path: string): string => `${path}.part`;
const journalName = (path: string): string => `${path}.part.journal`;

/** The shard that a file is a part of, or notes on one, by its name; undefined for other files. */
export const shardOfPart = (name: string): string | undefined => /^(.+)\.part(?:\.journal)?$/.exec(name)?.[1];

/**
 * A shard on its way to disk: piece by piece under another name, with its checksum; `commit` gives it its own. Synchronous, since it is
 * used on threads that do nothing else, and memory stays the same however large the shard.
 *
 * Where samples cost seconds, the file is kept (`keep`): `note` says after which samples it is whole, and a later process goes on from there.
 */
export class ShardFile {
  /** What an earlier process had noted of a kept file; the bytes up to there are in place. */
  readonly resumed: ShardNote | undefined;
  private readonly path: string;
  private readonly temporary: string;
  private readonly keep: boolean;
  private readonly fd: number;
  private hash = createHash('sha256');
  private readonly buffer = Buffer.allocUnsafe(BUFFER);
  private filled = 0;
  private bytes = 0;
  private open = true;

  constructor(path: string, { keep = false } = {}) {
    this.path = path;
    this.keep = keep;
    this.temporary = keep ? partName(path) : temporaryName(path);
    this.fd = orDiskError(path, () => {
      mkdirSync(dirname(path), { recursive: true });
      return openSync(this.temporary, keep ? constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) : 'wx');
    });
    if (!keep) return;
    const notes = readNotes(path);
    const found = lastTrue(this.fd, path, notes);
    if (found) {
      this.resumed = found.note;
      this.hash = found.hash;
      this.bytes = found.note.bytes;
    }
    ftruncateSync(this.fd, this.bytes);
    const journal = journalName(path);
    if (!found) removeFileSync(journal);
    // What is noted next begins a line of its own, whatever a killed process left of its last one.
    else if (found.note === notes.at(-1)) appendFileSync(journal, '\n');
    // Nor does it stand behind notes of what is cut off.
    else writeFileAtomicSync(journal, lineOf(found.note));
  }

  write(data: Uint8Array): void {
    if (data.length > BUFFER - this.filled) this.drain();
    if (data.length > BUFFER) {
      this.put(data);
      return;
    }
    this.buffer.set(data, this.filled);
    this.filled += data.length;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.bytes + this.filled;
  }

  /** Of a kept file: what was written so far is whole samples, and outlasts a power cut once this returns. */
  note(samples: number, rejected: Record<string, number>): void {
    if (!this.keep) return;
    this.drain();
    const sha256 = this.hash.copy().digest('hex');
    const line = lineOf({ samples, bytes: this.bytes, rejected, sha256 });
    orDiskError(this.path, () => {
      fdatasyncSync(this.fd);
      appendFileSync(journalName(this.path), line, { flush: true });
    });
  }

  /** Syncs and renames. @returns size and SHA-256 of the file */
  commit(): { bytes: number; sha256: string } {
    this.drain();
    orDiskError(this.path, () => fsyncSync(this.fd));
    closeSync(this.fd);
    this.open = false;
    moveFileSync(this.temporary, this.path);
    if (this.keep) removeFileSync(journalName(this.path));
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  /** Leaves nothing behind but what was noted; does nothing after `commit`. */
  drop(): void {
    if (!this.open) return;
    this.open = false;
    closeSync(this.fd);
    if (this.keep && lastNote(this.path)) return;
    removeFileSync(this.temporary);
  }

  private drain(): void {
    if (this.filled > 0) this.put(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }

  private put(data: Uint8Array): void {
    this.hash.update(data);
    const from = this.bytes;
    this.bytes += data.length;
    orDiskError(this.path, () => {
      for (let at = 0; at < data.length; ) at += writeSync(this.fd, data, at, data.length - at, from + at);
    });
  }
}

/** Turns a finished shard into one on its way, of which all that `note` says is noted. Does nothing where the shard is gone. */
export function reopen(path: string, note: Omit<ShardNote, 'sha256'>): void {
  if (!existsSync(path)) return;
  const fd = openSync(path, 'r');
  const hash = createHash('sha256');
  feed(hash, fd, 0, note.bytes);
  closeSync(fd);
  writeFileAtomicSync(journalName(path), lineOf({ ...note, sha256: hash.digest('hex') }));
  moveFileSync(path, partName(path));
}

/** The last whole line of a kept shard's journal; undefined where there is none. */
export const lastNote = (path: string): ShardNote | undefined => readNotes(path).at(-1);

/** What a kept shard's journal says; lines that are torn, changed or no notes are passed over. */
function readNotes(path: string): ShardNote[] {
  let text: string;
  try {
    text = readFileSync(journalName(path), 'utf8');
  } catch {
    return [];
  }
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.flatMap((line) => {
    try {
      const note = noteSchema.parse(parseJson(line, 'a note'));
      return note.check === undefined || note.check === checkOf(note) ? [note] : [];
    } catch {
      return [];
    }
  });
}

/** Samples of the shards that a folder keeps on their way, as far as they were noted; 0 where there is no such folder. */
export function samplesOnTheWay(dir: string): number {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return 0;
  }
  const parts = names.filter((name) => name.endsWith('.part')).map((name) => name.slice(0, -'.part'.length));
  return parts.reduce((sum, name) => sum + (lastNote(join(dir, name))?.samples ?? 0), 0);
}

/** The last note that is true of the file, with the hash of what it speaks of: a disk may have lost or changed what was written. */
function lastTrue(fd: number, path: string, notes: readonly ShardNote[]): { note: ShardNote; hash: Hash } | undefined {
  const hash = createHash('sha256');
  let at = 0;
  let found: { note: ShardNote; hash: Hash } | undefined;
  for (const note of notes) {
    if (note.bytes < at) continue;
    if (!feed(hash, fd, at, note.bytes)) break;
    at = note.bytes;
    if (hash.copy().digest('hex') !== note.sha256) continue;
    if (note.check === undefined && samplesIn(fd, path, note.bytes) !== note.samples) continue;
    found = { note, hash: hash.copy() };
  }
  return found;
}

/** Samples in the first bytes of a shard, counted: what notes of earlier versions say of it is covered by nothing. */
function samplesIn(fd: number, path: string, bytes: number): number {
  let count = 0;
  if (path.endsWith('.tar')) {
    try {
      for (const { name, offset } of tarMembers(fd, path)) {
        if (offset >= bytes) break;
        if (name.endsWith('.json')) count++;
      }
    } catch {
      // An archive on its way has no end mark.
    }
    return count;
  }
  const piece = Buffer.allocUnsafe(BUFFER);
  for (let from = 0; from < bytes; ) {
    const n = readSync(fd, piece, 0, Math.min(BUFFER, bytes - from), from);
    if (n === 0) break;
    for (let i = 0; i < n; i++) if (piece[i] === 0x0a) count++;
    from += n;
  }
  return count;
}

/** Feeds a file's bytes from `at` to `end` to a hash. @returns false where the file is shorter */
function feed(hash: Hash, fd: number, at: number, end: number): boolean {
  const piece = Buffer.allocUnsafe(BUFFER);
  for (let from = at; from < end; ) {
    const n = readSync(fd, piece, 0, Math.min(BUFFER, end - from), from);
    if (n === 0) return false;
    hash.update(piece.subarray(0, n));
    from += n;
  }
  return true;
}

/** What a full or read-only disk says, as one line that helps. */
function orDiskError<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new UserError(`no space left for ${path}: free some, then run the same command again: it continues`);
    if (code === 'EFBIG')
      throw new UserError(
        `${path} becomes larger than a file may be here: lower captions.perShard or images.captionsPerShard, or choose another disk with --out`,
      );
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') throw new UserError(`cannot write ${path}: ${code}`);
    throw e;
  }
}
