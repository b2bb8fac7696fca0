/**
 * The view loader on one thread: batches of the tiny preset's crops, from JPEGs and from decoded images in memory.
 *   npm run bench:loader
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveSettings } from '../src/config/resolve.js';
import { writeCaptions } from '../src/corpus/captions-stage.js';
import { imagesDir, writeImages } from '../src/corpus/images-stage.js';
import { ViewLoader } from '../src/views/loader.js';

const settings = resolveSettings({
  preset: 'tiny',
  flags: { 'captions.count': 512, 'runtime.workers': 1, 'runtime.prefetch': 4, 'views.localCount': 4 },
});
const dir = await mkdtemp(join(tmpdir(), 'synclr-bench-'));
try {
  const hooks = { signal: new AbortController().signal, progress() {}, warn() {} };
  await writeCaptions({ settings, dir, hooks });
  await writeImages({ settings, dir, hooks });
  const loader = await ViewLoader.open({ settings, corpusDir: imagesDir(dir) });
  const perBatch = settings.train.captionsPerBatch * settings.images.perCaption;
  const perEpoch = settings.captions.count / settings.train.captionsPerBatch;
  const epoch = async (k: number) => {
    const began = performance.now();
    for (let i = 0; i < perEpoch; i++) loader.release(await loader.batch(k * perEpoch + i));
    return (perEpoch * perBatch) / ((performance.now() - began) / 1000);
  };
  const cold = await epoch(0);
  const warm = [await epoch(1), await epoch(2), await epoch(3)].sort((a, b) => a - b);
  await loader.close();
  console.log(
    JSON.stringify({
      bench: 'loader',
      images_per_s_cold: Math.round(cold),
      images_per_s: Math.round(warm[1]),
      images_per_s_min: Math.round(warm[0]),
      images_per_s_max: Math.round(warm[2]),
      crops: `1 of ${settings.views.globalSize} px and ${settings.views.localCount} of ${settings.views.localSize} px from ${settings.images.size} px`,
      cpu: cpus()[0].model,
      node: process.version,
    }),
  );
} finally {
  await rm(dir, { recursive: true, force: true });
}
