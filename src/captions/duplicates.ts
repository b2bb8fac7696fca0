import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { type FileKind, refillFile } from '../files/replace.js';
import { BlockedBloom } from './bloom.js';
import { contentWords, hashLanes } from './content-words.js';
import { RecentSets } from './recent-sets.js';

/** Word sets of recent captions that are remembered, over all concepts (about 15 MB). */
export const WINDOW = 65_536;
/** Captions of one concept whose content words agree to this share (Jaccard) are near-duplicates. */
export const SIMILAR = 0.8;

const FORMAT = 'synclr-seen';
const SEEN: FileKind = {
  what: 'a memory of captions that synclr wrote',
  isOurs: (head) => head.toString('latin1').startsWith(`{"format":"${FORMAT}"`),
};
/** Changes whenever stems, hashes or rules do: an older file is then made anew. */
const VERSION = 1;
const HEADER_LIMIT = 4096;
const DIGEST_BYTES = 32;
const PIECE = 16 * 2 ** 20;

const headerSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  key: z.string(),
  /** Captions of the corpus that are in it. */
  after: z.int().nonnegative(),
  megabytes: z.number(),
  window: z.int().positive(),
  count: z.int().nonnegative(),
  /** Bytes of the window's JSON, which follows the filter. */
  recent: z.int().nonnegative(),
});
type Header = z.output<typeof headerSchema>;

/**
 * The captions that there are already, in memory that does not grow with their number: all of them by their set of content words in a
 * Bloom filter of fixed size, and recent ones of every concept for similarity. What it answers depends on the captions that were added and
 * their order alone. 0 megabytes: it remembers nothing and everything is new.
 */
export class SeenCaptions {
  readonly megabytes: number;
  private readonly window: number;
  private readonly filter: BlockedBloom | undefined;
  private recent: RecentSets;
  private added = 0;
  private saving = false;
  private readonly lanes = new Uint32Array(4);
  /** The last caption looked at: `add` usually follows `has`. */
  private last: { caption: string; words: number[] } | undefined;

  /**
   * @param megabytes size of the filter, MiB; about 10 bits a caption give 1 % false positives, each of which only costs another draw
   * @param window word sets of recent captions to compare with
   * @throws UserError where there is not so much memory
   */
  constructor(megabytes: number, window: number = WINDOW) {
    this.megabytes = megabytes;
    this.window = window;
    this.filter = megabytes > 0 ? new BlockedBloom(megabytes) : undefined;
    this.recent = new RecentSets(window);
  }

  /** Is there such a caption: one of the same content words, or a recent one of the concept with nearly the same? */
  has(caption: string, concept: string): boolean {
    if (!this.filter) return false;
    const words = this.look(caption);
    return this.filter.has(this.lanes) || this.recent.hasSimilar(words, concept.toLowerCase(), SIMILAR);
  }

  add(caption: string, concept: string): void {
    if (this.saving) throw new Error('internal: a caption is added while the captions seen are being saved');
    this.added++;
    if (!this.filter) return;
    const words = this.look(caption);
    this.filter.add(this.lanes);
    this.recent.add(words, concept.toLowerCase());
  }

  /** The caption's content words; their hash is in `lanes` then. */
  private look(caption: string): number[] {
    if (this.last?.caption !== caption) {
      this.last = { caption, words: contentWords(caption) };
      hashLanes(this.last.words, this.lanes);
    }
    return this.last.words;
  }

  /** Captions added. */
  get count(): number {
    return this.added;
  }

  /** Share of the filter's bits that are set, 0…1; full at about a half. */
  get fill(): number {
    return this.filter?.fill ?? 0;
  }

  /** Chance that the filter takes a new caption for a known one. */
  get falsePositives(): number {
    return this.filter?.falsePositives ?? 0;
  }

  /** Word sets remembered for similarity; never more than the window. */
  get remembered(): number {
    return this.recent.size;
  }

  /**
   * Writes the state to a file, whole or not at all. Nothing may be added until it is written.
   * @param state after: captions of the corpus that are in it; key: what they depend on, e.g. a digest of the run's settings
   */
  async save(file: string, state: { after: number; key: string }): Promise<void> {
    this.saving = true;
    try {
      const recent = Buffer.from(this.recent.toJson(), 'utf8');
      const header: Header = {
        format: FORMAT,
        version: VERSION,
        key: state.key,
        after: state.after,
        megabytes: this.megabytes,
        window: this.window,
        count: this.added,
        recent: recent.length,
      };
      const fill = async (handle: FileHandle) => {
        const hash = createHash('sha256');
        await writeAll(handle, Buffer.from(`${JSON.stringify(header)}\n`), hash);
        if (this.filter) await writeAll(handle, bytesOf(this.filter.words), hash);
        await writeAll(handle, recent, hash);
        await handle.appendFile(hash.digest());
      };
      await refillFile(file, fill, SEEN);
    } finally {
      this.saving = false;
    }
  }

  /**
   * What `save` wrote with the same key and the same sizes.
   * @returns undefined where there is no such file, or it is another one's, of another version, torn or damaged: then the captions are to be
   *   added again
   */
  static async load(
    file: string,
    expected: { key: string; megabytes: number; window?: number },
  ): Promise<{ seen: SeenCaptions; after: number } | undefined> {
    const handle = await open(file, 'r').catch(() => undefined);
    if (!handle) return undefined;
    try {
      return await read(handle, expected);
    } catch (e) {
      // Too little memory is the user's to know; all else is a file that is not what it should be.
      if (e instanceof UserError) throw e;
      return undefined;
    } finally {
      await handle.close();
    }
  }

  /** For {@link load}: fills the filter in place, then takes over the rest. */
  static async restore(
    header: { megabytes: number; window: number; count: number },
    fill: (filter: Uint8Array) => Promise<string>,
  ): Promise<SeenCaptions> {
    const seen = new SeenCaptions(header.megabytes, header.window);
    const recent = await fill(seen.filter ? bytesOf(seen.filter.words) : new Uint8Array());
    seen.filter?.recount();
    seen.recent = RecentSets.fromJson(recent, header.window);
    seen.added = header.count;
    return seen;
  }
}

async function read(
  handle: FileHandle,
  { key, megabytes, window = WINDOW }: { key: string; megabytes: number; window?: number },
): Promise<{ seen: SeenCaptions; after: number } | undefined> {
  const { size } = await handle.stat();
  const start = Buffer.alloc(Math.min(size, HEADER_LIMIT));
  await readAll(handle, start, 0);
  const end = start.indexOf(10) + 1;
  const header = headerSchema.parse(JSON.parse(start.toString('utf8', 0, end)));
  if (header.key !== key) return undefined;
  if (header.megabytes !== megabytes || header.window !== window) return undefined;
  const hash = createHash('sha256').update(start.subarray(0, end));
  let good = false;
  const seen = await SeenCaptions.restore(header, async (filter) => {
    const expected = end + filter.length + header.recent + DIGEST_BYTES;
    if (size !== expected) throw new Error('of another length');
    await readAll(handle, filter, end, hash);
    const recent = Buffer.alloc(header.recent);
    await readAll(handle, recent, end + filter.length, hash);
    const digest = Buffer.alloc(DIGEST_BYTES);
    await readAll(handle, digest, size - DIGEST_BYTES);
    good = hash.digest().equals(digest);
    return good ? recent.toString('utf8') : '[]';
  });
  return good ? { seen, after: header.after } : undefined;
}

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** In pieces: one write of gigabytes would not come back for long. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, hash: Hash): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE) {
    const piece = bytes.subarray(at, at + PIECE);
    hash.update(piece);
    await handle.appendFile(piece);
  }
}

async function readAll(handle: FileHandle, into: Uint8Array, position: number, hash?: Hash): Promise<void> {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await handle.read(into, at, Math.min(PIECE, into.length - at), position + at);
    if (bytesRead === 0) throw new Error('ends early');
    hash?.update(into.subarray(at, at + bytesRead));
    at += bytesRead;
  }
}
