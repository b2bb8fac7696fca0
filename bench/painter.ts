/**
 * The embedded painter on one thread: captions of the embedded writer, four images each, at 64 px.
 *   npm run bench:painter
 */
import { cpus } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { openWriter } from '../src/captions/registry.js';
import { loadConceptBank } from '../src/concepts/bank.js';
import { resolveSettings } from '../src/config/resolve.js';
import { encodeJpeg } from '../src/images/encode.js';
import type { Pixels } from '../src/images/painter.js';
import { openPainter } from '../src/images/registry.js';
import { Rng } from '../src/rng.js';

const CAPTIONS = 300;
const settings = resolveSettings({ preset: 'tiny' });
const bank = await loadConceptBank(settings);
const draws = Array.from({ length: CAPTIONS }, (_, i) => bank.draw(Rng.of(0, 'draw', i), i));
const writer = await openWriter(settings);
const captions = (await writer.write(draws, { seed: 0, attempt: 0 })).map((c) => c.text);
const painter = await openPainter(settings);
const paint = (caption: string, captionId: number) =>
  painter.paint(
    [0, 1, 2, 3].map((image) => ({
      caption,
      captionId,
      record: draws[captionId],
      image,
      attempt: 0,
      seed: 0,
      size: 64,
    })),
  );

const rates: number[] = [];
let images: Pixels[] = [];
for (let round = 0; round < 4; round++) {
  images = [];
  const began = performance.now();
  for (const [i, caption] of captions.entries()) {
    images.push(...(await paint(caption, i)));
    // Skia's memory is given back when the event loop turns.
    await setImmediate();
  }
  // The first round also makes the textures and warms up the compiler.
  if (round > 0) rates.push(images.length / ((performance.now() - began) / 1000));
}
const began = performance.now();
for (const image of images) await encodeJpeg(image, settings.images.quality);
const jpegs = images.length / ((performance.now() - began) / 1000);
rates.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    bench: 'painter',
    images_per_s: Math.round(rates[1]),
    images_per_s_min: Math.round(rates[0]),
    images_per_s_max: Math.round(rates[2]),
    jpeg_per_s: Math.round(jpegs),
    size: 64,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    cpu: cpus()[0].model,
    node: process.version,
  }),
);
