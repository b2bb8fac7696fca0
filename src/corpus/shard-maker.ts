import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Settings } from '../config/schema.js';
import { type Counts, merge } from '../counts.js';
import { Interrupted } from '../errors.js';
import { type ShardEntry, type ShardKind, shardName } from './manifest.js';
import { ShardFile } from './shard-file.js';

/** What makes shards of one kind on one thread; structured-clonable. */
export interface MakerData {
  kind: ShardKind;
  settings: Settings;
  /** Folder of the shards. */
  dir: string;
  /** Folder of the caption shards, for images. */
  captionsDir: string;
  /** Samples of the whole stage. */
  samples: number;
  /** What a writer's or painter's server said that it works with when the stage began. */
  resolved?: Readonly<Record<string, unknown>>;
}

/** How a maker speaks to its stage, on whichever thread it runs. */
export interface MakerHooks {
  signal: AbortSignal;
  warn(line: string): void;
}

export interface ShardJob {
  shard: number;
  /** Number of the first sample. */
  first: number;
  count: number;
}

/** Told how many samples more are made, and what was rejected on the way; `before`: by an earlier process. */
export type OnProgress = (samples: number, rejected: Counts, before?: boolean) => void;

/** How a shard's contents are made: samples in order, a few at a time. */
export interface ShardContents {
  /**
   * Makes samples first … first + count − 1 and hands their bytes to `write`, in order.
   * What is written depends on the settings and the samples' numbers alone (of captions also on those before).
   * @returns what was rejected on the way
   */
  samples(first: number, count: number, write: (bytes: Uint8Array) => void): Promise<Counts>;
  /** Samples made at once: between two such steps a thread can be stopped. */
  readonly step: number;
  /** Samples cost seconds, so that a shard on its way is worth keeping. */
  readonly dear: boolean;
  /** What comes after the last sample. */
  end?(write: (bytes: Uint8Array) => void): void;
  close?(): Promise<void>;
}

/** Least time between two notes of a shard that is kept on its way, milliseconds. */
const NOTE_EVERY = 1000;

/** Makes whole shards, one at a time. */
export class ShardMaker {
  private readonly data: MakerData;
  private readonly contents: ShardContents;

  private constructor(data: MakerData, contents: ShardContents) {
    this.data = data;
    this.contents = contents;
  }

  static async open(data: MakerData, hooks: MakerHooks): Promise<ShardMaker> {
    // Only what is used is loaded: captions need no drawing library, images no WordNet.
    const contents =
      data.kind === 'captions'
        ? await (await import('./caption-shards.js')).captionShards(data, hooks)
        : await (await import('./image-shards.js')).imageShards(data, hooks);
    return new ShardMaker(data, contents);
  }

  /**
   * Makes a shard; its file appears when it is whole.
   * @param progress told of every step; `before` where an earlier process made these samples
   * @param stopped asked between steps
   * @throws Interrupted when stopped; what was noted of a dear shard stays then, as after any error, and nothing of another
   */
  async make(job: ShardJob, progress: OnProgress, stopped: () => boolean): Promise<ShardEntry> {
    const { shard, first, count } = job;
    const { contents } = this;
    const file = shardName(this.data.kind, shard);
    const out = new ShardFile(join(this.data.dir, file), { keep: contents.dear });
    const write = (bytes: Uint8Array) => out.write(bytes);
    let rejected: Counts = { ...out.resumed?.rejected };
    let noted = performance.now();
    let at = out.resumed?.samples ?? 0;
    let whole = out.length;
    try {
      if (at > 0) progress(at, rejected, true);
      while (at < count) {
        if (stopped()) throw new Interrupted(`stopped within ${file}`);
        const n = Math.min(contents.step, count - at);
        const more = await contents.samples(first + at, n, write);
        rejected = merge(rejected, more);
        at += n;
        whole = out.length;
        if (contents.dear && performance.now() - noted > NOTE_EVERY) {
          out.note(at, rejected as Record<string, number>);
          noted = performance.now();
        }
        progress(n, more);
        // Native memory (canvases, images) is given back only when the event loop turns, and signals are heard only then.
        await setImmediate();
      }
      contents.end?.(write);
      const entry: ShardEntry = { file, count, ...out.commit() };
      if (Object.keys(rejected).length > 0) entry.rejected = sorted(rejected);
      return entry;
    } catch (e) {
      if (contents.dear && at > 0 && out.length === whole) out.note(at, rejected as Record<string, number>);
      throw e;
    } finally {
      out.drop();
    }
  }

  async close(): Promise<void> {
    await this.contents.close?.();
  }
}

/** In order of name, so that the same counts are the same bytes. */
function sorted(counts: Counts): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))) as Record<string, number>;
}
