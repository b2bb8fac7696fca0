import type { CaptionRecord } from '../captions/record.js';
import { openWriter } from '../captions/registry.js';
import { loadConceptBank } from '../concepts/bank.js';
import { Rng } from '../rng.js';
import type { ShardMaker } from './shard-worker.js';
import type { ShardWorkerData } from './write-shards.js';

/** Captions handed to the writer at once. */
const CHUNK = 4096;

/** Caption shards: one JSON record a line, in order of id. */
export async function captionShards({ settings }: ShardWorkerData): Promise<ShardMaker> {
  const bank = await loadConceptBank(settings);
  const writer = openWriter(settings);
  return async ({ first, count }, progress) => {
    const parts: Buffer[] = [];
    for (let at = first; at < first + count; at += CHUNK) {
      const n = Math.min(CHUNK, first + count - at);
      const draws = Array.from({ length: n }, (_, i) => bank.draw(Rng.of(settings.seed, 'draw', at + i), at + i));
      const captions = await writer.write(draws, settings.seed);
      const lines = draws.map((draw, i) => {
        const record: CaptionRecord = { ...draw, caption: captions[i], writer: writer.name };
        return `${JSON.stringify(record)}\n`;
      });
      parts.push(Buffer.from(lines.join(''), 'utf8'));
      progress(n);
    }
    return Buffer.concat(parts);
  };
}
