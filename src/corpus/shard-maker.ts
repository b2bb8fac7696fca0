import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Settings } from '../config/schema.js';
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
}

export interface ShardJob {
  shard: number;
  /** Number of the first sample. */
  first: number;
  count: number;
}

/** How a shard's contents are made: samples in order, a few at a time. */
export interface ShardContents {
  /**
   * Makes samples first … first + count − 1 and hands their bytes to `write`, in order.
   * What is written depends on the settings and the samples' numbers alone.
   */
  samples(first: number, count: number, write: (bytes: Uint8Array) => void): Promise<void>;
  /** Samples made at once: between two such steps a thread can be stopped. */
  readonly step: number;
  /** What comes after the last sample. */
  end?(write: (bytes: Uint8Array) => void): void;
  close?(): Promise<void>;
}

/** Makes whole shards, one at a time. */
export class ShardMaker {
  private readonly data: MakerData;
  private readonly contents: ShardContents;

  private constructor(data: MakerData, contents: ShardContents) {
    this.data = data;
    this.contents = contents;
  }

  static async open(data: MakerData): Promise<ShardMaker> {
    // Only what is used is loaded: captions need no drawing library, images no WordNet.
    const contents =
      data.kind === 'captions'
        ? await (await import('./caption-shards.js')).captionShards(data)
        : await (await import('./image-shards.js')).imageShards(data);
    return new ShardMaker(data, contents);
  }

  /**
   * Makes a shard; its file appears when it is whole.
   * @param stopped asked between steps
   * @throws Interrupted when stopped; nothing is left of the shard then, as after any error
   */
  async make(
    job: ShardJob,
    progress: (samples: number) => void | Promise<void>,
    stopped: () => boolean,
  ): Promise<ShardEntry> {
    const { shard, first, count } = job;
    const file = shardName(this.data.kind, shard);
    const out = new ShardFile(join(this.data.dir, file));
    const write = (bytes: Uint8Array) => out.write(bytes);
    try {
      for (let at = 0; at < count; at += this.contents.step) {
        if (stopped()) throw new Interrupted(`stopped within ${file}`);
        const n = Math.min(this.contents.step, count - at);
        await this.contents.samples(first + at, n, write);
        progress(n);
        // Native memory (canvases, images) is given back only when the event loop turns, and signals are heard only then.
        await setImmediate();
      }
      this.contents.end?.(write);
      return { file, count, ...out.commit() };
    } finally {
      out.drop();
    }
  }

  async close(): Promise<void> {
    await this.contents.close?.();
  }
}
