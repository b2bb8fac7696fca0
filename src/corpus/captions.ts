import { join } from 'node:path';
import type { CaptionRecord } from '../captions/record.js';
import { UserError } from '../errors.js';
import { readJsonl } from '../formats/jsonl.js';
import { checkShard } from './ledger.js';
import { finishedSamples, type Manifest, readManifest } from './manifest.js';
import { recordSchema, sameCount } from './record-form.js';
import { samplesOnTheWay } from './shard-file.js';

/** The captions of a folder of shards, by number; one shard is in memory at a time. */
export class CaptionShards {
  /** Captions. */
  readonly length: number;
  readonly manifest: Manifest;
  private readonly dir: string;
  /** The shard in memory, or on its way there: of many captions that are asked for at once, the first has it read. */
  private loaded: { shard: number; records: Promise<CaptionRecord[]> } | undefined;

  private constructor(dir: string, manifest: Manifest) {
    this.dir = dir;
    this.manifest = manifest;
    this.length = finishedSamples(manifest);
  }

  /**
   * @param options.partial also a folder whose stage is not finished
   * @throws UserError when the folder holds no captions, or not all of them
   */
  static async open(dir: string, { partial = false } = {}): Promise<CaptionShards> {
    const manifest = await readManifest(dir);
    const onTheWay = manifest ? samplesOnTheWay(dir) : 0;
    if (manifest?.kind !== 'captions' || manifest.shards.length + onTheWay === 0)
      throw new UserError(`${dir}: no captions here; write them first: synclr captions`);
    const shards = new CaptionShards(dir, manifest);
    if (!partial && shards.length < manifest.samples)
      throw new UserError(
        `${dir}: only ${shards.length + onTheWay} of ${manifest.samples} captions are written; finish them first: synclr captions`,
      );
    if (shards.length === 0)
      throw new UserError(
        `${dir}: no shard of captions is finished yet: ${onTheWay} captions are on their way, a shard has ${Math.min(manifest.perShard, manifest.samples)}`,
      );
    return shards;
  }

  /** Records first … first + count − 1. @throws UserError naming the shard that is missing or corrupt */
  async range(first: number, count: number): Promise<CaptionRecord[]> {
    const { perShard } = this.manifest;
    const out: CaptionRecord[] = [];
    const end = Math.min(first + count, this.length);
    for (let at = first; at < end; ) {
      const k = Math.floor(at / perShard);
      const records = await this.shard(k);
      const to = Math.min(end, (k + 1) * perShard);
      for (; at < to; at++) out.push(records[at - k * perShard]);
    }
    return out;
  }

  private shard(k: number): Promise<CaptionRecord[]> {
    if (this.loaded?.shard === k) return this.loaded.records;
    const loading = { shard: k, records: this.read(k) };
    this.loaded = loading;
    // One that could not be read is read anew when it is asked for again.
    loading.records.catch(() => {
      if (this.loaded === loading) this.loaded = undefined;
    });
    return loading.records;
  }

  private async read(k: number): Promise<CaptionRecord[]> {
    const entry = this.manifest.shards[k];
    const file = join(this.dir, entry.file);
    if (!(await checkShard(this.dir, entry, 'checksum')))
      throw new UserError(`${file} is missing: write it again: synclr captions`);
    const records = await readJsonl(file, recordSchema);
    sameCount(file, records.length, entry.count);
    return records;
  }
}
