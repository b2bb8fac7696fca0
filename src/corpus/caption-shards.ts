import type { CaptionRecord } from '../captions/record.js';
import { openWriter } from '../captions/registry.js';
import { loadConceptBank } from '../concepts/bank.js';
import { UserError } from '../errors.js';
import { Rng } from '../rng.js';
import type { MakerData, ShardContents } from './shard-maker.js';

/** Captions handed to the writer at once: enough for a server to batch, few enough to stop soon. */
const STEP = 256;

/** Contents of caption shards: one JSON record a line, in order of id. */
export async function captionShards({ settings }: Pick<MakerData, 'settings'>): Promise<ShardContents> {
  const bank = await loadConceptBank(settings);
  const writer = openWriter(settings);
  return {
    step: STEP,
    async samples(first, count, write) {
      const draws = Array.from({ length: count }, (_, i) =>
        bank.draw(Rng.of(settings.seed, 'draw', first + i), first + i),
      );
      const captions = await writer.write(draws, settings.seed);
      if (captions.length !== count)
        throw new Error(`internal: writer ${writer.name} gave ${captions.length} captions for ${count} draws`);
      const lines = draws.map((draw, i) => {
        const caption = captions[i].replace(/\s+/g, ' ').trim();
        if (caption === '')
          throw new UserError(`writer ${writer.name} gave an empty caption for ${draw.concept} (caption ${draw.id})`);
        const record: CaptionRecord = { ...draw, caption, writer: writer.name };
        return `${JSON.stringify(record)}\n`;
      });
      write(Buffer.from(lines.join(''), 'utf8'));
    },
    close: async () => writer.close?.(),
  };
}
