/**
 * The view loader: batches of crops, from JPEGs and from decoded images in memory.
 *   npm run bench:loader                                                    the tiny preset's crops, one thread
 *   npm run bench:loader -- --global 224 --local 96 --count 4 --image 256   the paper's
 *   … --bytes                                                               what an accelerator is fed
 *   … --corpus FOLDER                                                       images that are there, not painted ones
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveSettings } from '../src/config/resolve.js';
import { writeCaptions } from '../src/corpus/captions-stage.js';
import { imagesDir, writeImages } from '../src/corpus/images-stage.js';
import { ViewLoader } from '../src/views/loader.js';

const { values } = parseArgs({
  options: {
    global: { type: 'string' },
    local: { type: 'string' },
    count: { type: 'string', default: '4' },
    image: { type: 'string' },
    captions: { type: 'string', default: '512' },
    corpus: { type: 'string' },
    workers: { type: 'string', default: '1' },
    bytes: { type: 'boolean', default: false },
  },
});
// The preset's colours and areas are gentle; at the paper's sizes the paper's are measured.
const paper = values.global !== undefined;
const flags: Record<string, unknown> = {
  'captions.count': Number(values.captions),
  'runtime.workers': Number(values.workers),
  'runtime.prefetch': Math.max(4, Number(values.workers)),
  'runtime.cacheMb': 4096,
  'views.localCount': Number(values.count),
  ...(values.global === undefined ? {} : { 'views.globalSize': Number(values.global) }),
  ...(values.local === undefined ? {} : { 'views.localSize': Number(values.local) }),
  ...(values.image === undefined ? {} : { 'images.size': Number(values.image) }),
  ...(paper ? { 'train.captionsPerBatch': 8, 'model.patch': 16 } : {}),
};
const settings = resolveSettings(paper ? { flags } : { preset: 'tiny', flags });
const dir = await mkdtemp(join(tmpdir(), 'synclr-bench-'));
try {
  const hooks = { signal: new AbortController().signal, progress() {}, warn() {} };
  if (values.corpus === undefined) {
    await writeCaptions({ settings, dir, hooks });
    // Painting is not what is measured: on all cores.
    await writeImages({ settings: { ...settings, runtime: { ...settings.runtime, workers: 0 } }, dir, hooks });
  }
  const o = { settings, corpusDir: values.corpus ?? imagesDir(dir) };
  const loader = values.bytes ? await ViewLoader.open({ ...o, crops: 'bytes' }) : await ViewLoader.open(o);
  const perBatch = settings.train.captionsPerBatch * settings.images.perCaption;
  const perEpoch = Math.floor(settings.captions.count / settings.train.captionsPerBatch);
  let cpu = 0;
  /** Images a second over batches `from` … `to` − 1, which follow on what was asked before. */
  const measure = async (from: number, to: number) => {
    const began = performance.now();
    const used = process.cpuUsage();
    for (let i = from; i < to; i++) loader.release((await loader.batch(i)) as never);
    const { user, system } = process.cpuUsage(used);
    cpu = (user + system) / 1000 / ((to - from) * perBatch);
    return ((to - from) * perBatch) / ((performance.now() - began) / 1000);
  };
  // Not measured: threads start, and their code is compiled.
  const first = Math.min(perEpoch >> 1, 2 * settings.runtime.workers);
  await measure(0, first);
  const cold = await measure(first, perEpoch);
  const coldCpu = cpu;
  const warm: number[] = [];
  for (let k = 1; k < 4; k++) warm.push(await measure(k * perEpoch, (k + 1) * perEpoch));
  warm.sort((a, b) => a - b);
  await loader.close();
  console.log(
    JSON.stringify({
      bench: 'loader',
      images_per_s_cold: Math.round(cold),
      images_per_s: Math.round(warm[1]),
      images_per_s_min: Math.round(warm[0]),
      images_per_s_max: Math.round(warm[2]),
      cpu_ms_an_image: Number(cpu.toFixed(2)),
      cpu_ms_an_image_cold: Number(coldCpu.toFixed(2)),
      crops: `1 of ${settings.views.globalSize} px and ${settings.views.localCount} of ${settings.views.localSize} px from ${settings.images.size} px`,
      as: values.bytes ? 'bytes' : 'float32',
      workers: settings.runtime.workers,
      cpu: cpus()[0].model,
      node: process.version,
    }),
  );
} finally {
  await rm(dir, { recursive: true, force: true });
}
