import { join } from 'node:path';
import type { CaptionRecord } from '../captions/record.js';
import { UserError } from '../errors.js';
import { readJsonl } from '../formats/jsonl.js';
import { type Manifest, readManifest } from './manifest.js';

/** The captions of a folder of shards, read a shard at a time. */
export class CaptionShards {
  private readonly dir: string;
  private readonly manifest: Manifest;
  private loaded: { shard: number; records: CaptionRecord[] } | undefined;
  readonly length: number;

  private constructor(dir: string, manifest: Manifest) {
    this.dir = dir;
    this.manifest = manifest;
    this.length = manifest.shards.reduce((s, x) => s + x.count, 0);
  }

  /** @throws UserError when the folder holds no captions */
  static async open(dir: string): Promise<CaptionShards> {
    const manifest = await readManifest(dir);
    if (!manifest || manifest.kind !== 'captions' || manifest.shards.length === 0)
      throw new UserError(`${dir}: no captions here; write them first with \`synclr captions\``);
    return new CaptionShards(dir, manifest);
  }

  /** Records first … first + count − 1. */
  async range(first: number, count: number): Promise<CaptionRecord[]> {
    const out: CaptionRecord[] = [];
    let start = 0;
    for (const [k, shard] of this.manifest.shards.entries()) {
      const from = Math.max(first, start);
      const to = Math.min(first + count, start + shard.count);
      if (from < to) {
        if (this.loaded?.shard !== k) this.loaded = { shard: k, records: await readJsonl<CaptionRecord>(join(this.dir, shard.file)) };
        out.push(...this.loaded.records.slice(from - start, to - start));
      }
      start += shard.count;
    }
    return out;
  }
}
