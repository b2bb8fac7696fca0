/**
 * Extraction of features beside the bare forward pass: JPEG files of a folder through `extractFeatures`, and the same encoder on as many
 * pictures that are decoded already, in pairs, the order changed each round.
 *   npm run bench:features [-- DIR [--side 224] [--dim 384] [--depth 12] [--rounds 3] [--provider cpu]]
 * DIR is laid out as a data set; without one, 256 photo-like JPEGs are made. Prints one JSON line.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveSettings } from '../src/config/resolve.js';
import { decodeSplit, keyOf } from '../src/data/decode-split.js';
import { openEvalSet } from '../src/data/open.js';
import { openUntrainedEncoder } from '../src/encoders/open-encoder.js';
import { extractFeatures } from '../src/evaluation/features.js';
import { encoderSource } from '../src/probe/sources.js';
import { Rng } from '../src/rng.js';
import { openExecutors } from '../src/runtime/open-executors.js';
import { sharp } from '../src/views/guarded-sharp.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    side: { type: 'string', default: '224' },
    dim: { type: 'string', default: '384' },
    depth: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '3' },
    pictures: { type: 'string', default: '256' },
    provider: { type: 'string', default: 'cpu' },
  },
});
const made = mkdtempSync(join(tmpdir(), 'bench-features-'));
const dir = positionals[0] ?? join(made, 'pictures');
if (positionals.length === 0) await makePictures(dir, Number(values.pictures));

const settings = resolveSettings({
  flags: {
    ...{ 'model.dim': Number(values.dim), 'model.depth': Number(values.depth), 'model.heads': Number(values.dim) / 64 },
    ...{
      'model.patch': 16,
      'views.globalSize': Number(values.side),
      'probe.size': Number(values.side),
      'runtime.provider': values.provider,
    },
  },
  training: false,
});
await using executors = await openExecutors(settings.runtime);
const encoder = await openUntrainedEncoder(settings, undefined, executors);
const source = encoderSource('untrained', encoder);
const set = await openEvalSet({ name: 'pictures', dir });
const pictures = set.train.length + set.test.length;
const { signal } = new AbortController();

// Decoded once, 64 pictures that every batch of the bare pass has again: memory is the same for any number.
const looks = [source.look];
let pixels = new Float32Array(0);
for await (const batch of decodeSplit(set.train, { looks, ranges: [[0, Math.min(64, set.train.length)]], signal }))
  pixels = batch.pixels.get(keyOf(source.look))!.slice();
const each = 3 * encoder.size ** 2;
const batch = pixels.length / each;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};
const bare = () =>
  timed(async () => {
    for (const split of [set.train, set.test])
      for (let left = split.length; left > 0; left -= batch) {
        const n = Math.min(batch, left);
        await encoder.encode(pixels.slice(0, n * each), n);
      }
  });
let round = 0;
const extract = () =>
  timed(() =>
    extractFeatures([source], set, {
      dir: join(made, `features-${round++}`),
      hooks: { signal },
      apart: executors.apart,
    }),
  );

await encoder.encode(pixels.slice(), batch);
await extract();
const pairs: { bare: number; extract: number }[] = [];
for (let r = 0; r < Number(values.rounds); r++) {
  const first = r % 2 === 0 ? await bare() : undefined;
  const features = await extract();
  pairs.push({ bare: first ?? (await bare()), extract: features });
}
await encoder.close();
rmSync(made, { recursive: true, force: true });
const ratios = pairs.map((p) => p.extract / p.bare).sort((a, b) => a - b);
console.log(
  JSON.stringify({
    ...{ bench: 'features', on: executors.about, cpu: cpus()[0].model, pictures, side: encoder.size, dim: encoder.dim },
    ...{
      pairs,
      ratio: ratios[Math.floor(ratios.length / 2)],
      perSecond: pictures / Math.min(...pairs.map((p) => p.extract)),
    },
  }),
);

/** JPEGs of 500 × 375 pixels, as ImageNet's are on average, in two classes. */
async function makePictures(to: string, count: number): Promise<void> {
  const rng = Rng.of(0, 'bench features');
  for (let i = 0; i < count; i++) {
    const folder = join(to, i % 8 === 0 ? 'test' : 'train', i % 16 < 8 ? 'a' : 'b');
    mkdirSync(folder, { recursive: true });
    const raw = Buffer.from(Uint8Array.from({ length: 50 * 38 * 3 }, () => rng.int(256)));
    const jpeg = await sharp(raw, { raw: { width: 50, height: 38, channels: 3 } })
      .resize(500, 375, { kernel: 'cubic' })
      .jpeg({ quality: 90 })
      .toBuffer();
    writeFileSync(join(folder, `${i}.jpg`), jpeg);
  }
}
