/**
 * Caption writer: draws and captions a second on one core, and how many captions are unique.
 *   npm run bench:writer [-- captions], 1,000,000 unless told. Prints one JSON line.
 */
import { createHash } from 'node:crypto';
import { cpus, totalmem } from 'node:os';
import { openWriter } from '../src/captions/registry.js';
import { loadConceptBank } from '../src/concepts/bank.js';
import { settingsSchema } from '../src/config/schema.js';
import { Rng } from '../src/rng.js';

const total = Number(process.argv[2] ?? 1_000_000);
const seed = 0;
const batch = 4096;
const settings = settingsSchema.parse({});

const opened = performance.now();
const bank = await loadConceptBank(settings);
const loadSeconds = (performance.now() - opened) / 1000;
const writer = await openWriter(settings);

// 64 bits of a digest a caption: two of a million agree by chance with probability 3e-8.
const seen = new Set<bigint>();
let drawSeconds = 0;
let writeSeconds = 0;
let characters = 0;
for (let first = 0; first < total; first += batch) {
  const start = performance.now();
  const draws = Array.from({ length: Math.min(batch, total - first) }, (_, i) =>
    bank.draw(Rng.of(seed, 'draw', first + i), first + i),
  );
  const middle = performance.now();
  const captions = (await writer.write(draws, { seed, attempt: 0 })).map((c) => c.text);
  const end = performance.now();
  drawSeconds += (middle - start) / 1000;
  writeSeconds += (end - middle) / 1000;
  for (const caption of captions) {
    characters += caption.length;
    seen.add(createHash('sha1').update(caption).digest().readBigUInt64LE());
  }
}
console.log(
  JSON.stringify({
    bench: 'writer',
    writer: writer.name,
    captions: total,
    captions_per_s: Math.round(total / (drawSeconds + writeSeconds)),
    draws_per_s: Math.round(total / drawSeconds),
    unique_share: seen.size / total,
    mean_characters: characters / total,
    bank_load_s: loadSeconds,
    concepts: bank.concepts.length,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    date: new Date().toISOString(),
  }),
);
