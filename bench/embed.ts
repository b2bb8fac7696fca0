/**
 * Embedding: seconds for 24 photos of 12 megapixels with the tiny preset's encoder, beside sharp's own resize of the same files, and
 * milliseconds of one image after another.
 *   npm run bench:embed [-- FOLDER], which is a folder of large photos; without one they are made. Prints one JSON line.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveSettings } from '../src/config/resolve.js';
import { openUntrainedEncoder } from '../src/encoders/open-encoder.js';
import { decodeBatches } from '../src/probe/decode.js';
import { encoderSource } from '../src/probe/sources.js';
import { Rng } from '../src/rng.js';
import { sharp } from '../src/views/guarded-sharp.js';

const made = mkdtempSync(join(tmpdir(), 'bench-embed-'));
const dir = process.argv[2] ?? made;
if (dir === made) {
  const rng = Rng.of(0, 'bench');
  const [width, height] = [4032, 3024];
  for (let i = 0; i < 24; i++) {
    const raw = Buffer.alloc(96 * 72 * 3);
    for (let k = 0; k < raw.length; k++) raw[k] = rng.int(256);
    const large = sharp(raw, { raw: { width: 96, height: 72, channels: 3 } }).resize(width, height, {
      kernel: 'cubic',
    });
    const data = await large.raw().toBuffer();
    for (let k = 0; k < data.length; k += 7) data[k] = Math.min(255, data[k] + rng.int(40));
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    writeFileSync(join(made, `${i}.jpg`), jpeg);
  }
}
const files = readdirSync(dir).filter((f) => /\.(jpe?g|png|webp)$/i.test(f));
const encoder = await openUntrainedEncoder(resolveSettings({ preset: 'tiny' }));
const source = encoderSource('untrained', encoder);
const { size } = encoder;
const { signal } = new AbortController();

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Number(((performance.now() - began) / 1000).toFixed(3));
}
const embedAll = () =>
  seconds(async () => {
    for await (const b of decodeBatches(dir, files, size, signal)) await source.features(b.pixels, b.index.length);
  });
const sharpAlone = () =>
  seconds(() =>
    Promise.all(
      files.map((f) =>
        sharp(readFileSync(join(dir, f)))
          .resize(size, size)
          .raw()
          .toBuffer(),
      ),
    ),
  );

// In turn, so that both see the same machine.
const rounds: { embed: number; sharp: number }[] = [];
for (let i = 0; i < 3; i++) rounds.push({ sharp: await sharpAlone(), embed: await embedAll() });
const one = new Float32Array(3 * size * size);
await source.features(one, 1);
const single = await seconds(async () => {
  for (let i = 0; i < 100; i++) await source.features(one, 1);
});
const median = (x: number[]) => x.sort((a, b) => a - b)[1];
console.log(
  JSON.stringify({
    bench: 'embed',
    images: files.length,
    size,
    embed_s: median(rounds.map((r) => r.embed)),
    sharp_s: median(rounds.map((r) => r.sharp)),
    one_ms: Number((single * 10).toFixed(2)),
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    threads: availableParallelism(),
    cpu: cpus()[0].model,
    node: process.version,
  }),
);
await encoder.close();
rmSync(made, { recursive: true });
