import { join } from 'node:path';
import { SeenCaptions } from '../captions/duplicates.js';
import type { CaptionRecord } from '../captions/record.js';
import { openWriter } from '../captions/registry.js';
import { loadConceptBank } from '../concepts/bank.js';
import { type Counts, merge } from '../counts.js';
import { UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { readJsonl } from '../formats/jsonl.js';
import { type AcceptedCaption, CaptionSource, drawRng } from './caption-source.js';
import { CaptionShards } from './captions.js';
import { refuseDifferent } from './fingerprint.js';
import { readManifest, shardName } from './manifest.js';
import { likeness, OwnCaptionSource } from './own-captions.js';
import { recordSchema } from './record-form.js';
import { RejectionWatch } from './rejection-watch.js';
import { partName } from './shard-file.js';
import type { MakerData, MakerHooks, ShardContents } from './shard-maker.js';

/** Captions accepted between two looks at whether to stop: of a quick writer, and of one that is waited for. */
const STEP = { quick: 256, dear: 16 };
/** The memory of captions seen is written down every so many captions: reading them all again takes longer than that is worth. */
const SAVE_EVERY = 500_000;
const SEEN = 'seen-captions.bin';

/**
 * Contents of caption shards: one JSON record a line, in order of id. A caption is compared with all those before it, so shards are made
 * in order; what was seen is restored from the shards on disk when a stage goes on.
 */
export async function captionShards(data: MakerData, hooks: MakerHooks): Promise<ShardContents> {
  const { settings } = data;
  if (settings.captions.source !== '') return ownShards(data);
  const bank = await loadConceptBank(settings);
  const writer = await openWriter(settings, hooks);
  // Between the plan and here a server may have been started anew.
  refuseDifferent(data.dir, 'captions', data.resolved ?? {}, writer.resolved ?? {});
  const draw = (id: number, redraw: number) => bank.draw(drawRng(settings.seed, id, redraw), id);
  const memory = new CaptionMemory(data);
  const watch = new RejectionWatch(hooks.warn);
  let source: CaptionSource | undefined;
  const dear = writer.inFlight !== undefined;
  return {
    step: dear ? STEP.dear : STEP.quick,
    dear,
    async samples(first, count, write) {
      if (source?.next !== first) {
        source?.close();
        const seen = await memory.upTo(first);
        source = new CaptionSource(
          { settings, writer, draw, total: data.samples, seen, signal: hooks.signal, watch },
          first,
        );
      }
      const rejected = await writeCaptions(source, count, write);
      await memory.note(first + count);
      return rejected;
    },
    async close() {
      source?.close();
      await writer.close?.();
    },
  };
}

/** The next captions of a source as lines. @returns what was rejected on the way, by reason */
async function writeCaptions(
  source: { take(): Promise<AcceptedCaption> },
  count: number,
  write: (bytes: Buffer) => void,
): Promise<Counts> {
  const lines: string[] = [];
  let rejected: Counts = {};
  for (let i = 0; i < count; i++) {
    const accepted = await source.take();
    rejected = merge(rejected, accepted.rejected);
    lines.push(`${JSON.stringify(accepted.record)}\n`);
  }
  write(Buffer.from(lines.join(''), 'utf8'));
  return rejected;
}

/** The same of captions of one's own. */
async function ownShards(data: MakerData): Promise<ShardContents> {
  const memory = new CaptionMemory(data);
  let source: OwnCaptionSource | undefined;
  return {
    step: STEP.quick,
    dear: false,
    async samples(first, count, write) {
      if (source?.next !== first) {
        source?.close();
        const seen = await memory.upTo(first);
        source = new OwnCaptionSource(data.settings, seen, first, await memory.rowBefore(first));
      }
      const rejected = await writeCaptions(source, count, write);
      await memory.note(first + count);
      return rejected;
    },
    async close() {
      source?.close();
    },
  };
}

/** What the captions before a number have in common with a new one. */
class CaptionMemory {
  private readonly data: MakerData;
  private readonly megabytes: number;
  private readonly file: string;
  private seen: SeenCaptions | undefined;
  private saved = 0;
  /** What the captions depend on, as a digest. */
  private key = '';

  constructor(data: MakerData) {
    this.data = data;
    this.megabytes = data.settings.captions.seenMb;
    this.file = join(data.dir, SEEN);
  }

  /** The memory of captions 0 … first − 1, from the file that an earlier process left and the shards. */
  async upTo(first: number): Promise<SeenCaptions | undefined> {
    if (this.megabytes === 0) return undefined;
    const manifest = await readManifest(this.data.dir);
    this.key = sha256(JSON.stringify(manifest?.settings ?? {}));
    const loaded =
      first > 0 ? await SeenCaptions.load(this.file, { key: this.key, megabytes: this.megabytes }) : undefined;
    const usable = loaded !== undefined && loaded.after <= first;
    this.seen = usable ? loaded.seen : new SeenCaptions(this.megabytes);
    this.saved = this.seen.count;
    if (first > 0 && manifest) await this.read(this.seen, first, manifest.perShard);
    return this.seen;
  }

  /** Row of the user's own captions in which caption `first` − 1 stands; −1 before the first. */
  async rowBefore(first: number): Promise<number> {
    if (first === 0) return -1;
    const shards = await CaptionShards.open(this.data.dir, { partial: true });
    const [record] = await shards.range(first - 1, 1);
    if (record?.row === undefined)
      throw new UserError(`${this.data.dir}: caption ${first - 1} does not say its row: make the captions anew`);
    return record.row;
  }

  /** @param count captions accepted so far */
  async note(count: number): Promise<void> {
    if (!this.seen || count - this.saved < SAVE_EVERY) return;
    this.saved = count;
    await this.seen.save(this.file, { after: count, key: this.key });
  }

  private async read(seen: SeenCaptions, end: number, perShard: number): Promise<void> {
    const add = (records: readonly CaptionRecord[]) => {
      for (const r of records) seen.add(r.caption, likeness(r));
    };
    const whole = end - (end % perShard);
    if (seen.count < whole) {
      const shards = await CaptionShards.open(this.data.dir, { partial: true });
      for (let at = seen.count; at < whole; ) {
        const n = Math.min(perShard - (at % perShard), whole - at);
        add(await shards.range(at, n));
        at += n;
      }
    }
    if (seen.count >= end) return;
    // Captions of the shard that is on its way.
    const part = partName(join(this.data.dir, shardName('captions', whole / perShard)));
    add((await readJsonl(part, recordSchema)).slice(seen.count - whole, end - whole));
  }
}
