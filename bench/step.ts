/**
 * Training step: images (global crops) a second, memory, time to compile, and what the step waits for.
 *   npm run bench:step -- [--preset bench-tiny|bench-small|bench-s16|bench-b16] [--provider cpu|webgpu|xla]
 *     [--precision float32|bfloat16] [--recompute] [--attention plain|cudnn] [--data random|loader]
 *     [--steps 8] [--rounds 1] [--warmup 2] [--threads 0]
 * The next step is asked for before the one before it is answered, as training does it. Median of the steps after
 * warming up, which also fills ONNX Runtime's arena; of several rounds the range of their medians. `--data loader`
 * trains on crops of JPEGs that are painted first.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { presetName, resolveSettings } from '../src/config/resolve.js';
import type { Settings } from '../src/config/schema.js';
import { writeCaptions } from '../src/corpus/captions-stage.js';
import { imagesDir, writeImages } from '../src/corpus/images-stage.js';
import type { StepBatch } from '../src/learn/learner.js';
import { learnerOf } from '../src/learn/learners/index.js';
import { trainerSettings } from '../src/learn/runtime-settings.js';
import { scheduled } from '../src/learn/schedules.js';
import { TrainingStep } from '../src/learn/step.js';
import { initialise } from '../src/model/parameters.js';
import { Rng } from '../src/rng.js';
import { layoutOf, viewsOf } from '../src/runtime/layout.js';
import type { CropForm } from '../src/runtime/training.js';
import { XlaTrainer } from '../src/runtime/xla/trainer.js';
import { ViewLoader } from '../src/views/loader.js';
import { drawPhotometric, photometricWidth } from '../src/views/photometric.js';
import { median } from './accelerator-table.js';

const { values } = parseArgs({
  options: {
    preset: { type: 'string', default: 'bench-tiny' },
    provider: { type: 'string', default: 'cpu' },
    precision: { type: 'string', default: 'float32' },
    attention: { type: 'string', default: 'auto' },
    recompute: { type: 'boolean', default: false },
    data: { type: 'string', default: 'random' },
    steps: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '1' },
    warmup: { type: 'string', default: '2' },
    threads: { type: 'string', default: '0' },
  },
});

/** Where the step's batches come from. */
interface Batches {
  next(t: number): Promise<StepBatch>;
  release(batch: StepBatch): void;
  close(): Promise<void>;
}

/** As the loader hands bytes over: memory that the device's thread reads where it lies. */
function shared(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(new SharedArrayBuffer(bytes.length));
  out.set(bytes);
  return out;
}

/** One batch of noise, again and again. */
function noise(s: Settings, form: CropForm): Batches {
  const c = learnerOf(s).shape;
  const rng = Rng.of(0, 'bench');
  const crops = (n: number) =>
    form === 'float'
      ? Float32Array.from({ length: n }, () => rng.normal())
      : shared(Uint8Array.from({ length: n }, () => rng.int(256)));
  const numbers = (rows: number, size: number) => {
    const width = photometricWidth(s.views, size);
    const all = new Float32Array(rows * width);
    for (let r = 0; r < rows; r++) drawPhotometric(s.views, size, rng, all.subarray(r * width, (r + 1) * width));
    return all;
  };
  const tokens = (c.globalSize / c.vit.patch) ** 2;
  const perImage = c.masked / (Math.floor(c.batch * s.views.maskProbability) || 1);
  const locals = c.batch * c.localCount;
  const batch: StepBatch = {
    globalCrops: crops(c.batch * (c.globals ?? 1) * 3 * c.globalSize ** 2),
    localCrops: crops(locals * 3 * c.localSize ** 2),
    ...(form === 'bytes'
      ? {
          globalPhotometric: numbers(c.batch, c.globalSize),
          localPhotometric: numbers(locals, c.localSize),
        }
      : {}),
    labels: Int32Array.from({ length: c.batch }, (_, i) => i % s.train.captionsPerBatch),
    masked: Int32Array.from({ length: c.masked }, (_, i) => Math.floor(i / perImage) * tokens + 2 * (i % perImage)),
  };
  return { next: async () => batch, release() {}, close: async () => {} };
}

/** Augmented crops of images that the embedded painter paints first. */
async function painted(s: Settings, form: CropForm): Promise<Batches> {
  const dir = await mkdtemp(join(tmpdir(), 'synclr-bench-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    const hooks = { signal: new AbortController().signal, progress() {}, warn() {} };
    await writeCaptions({ settings: s, dir, hooks });
    await writeImages({ settings: s, dir, hooks });
    const corpus = { settings: s, corpusDir: imagesDir(dir) };
    const loader = (form === 'bytes'
      ? await ViewLoader.open({ ...corpus, crops: 'bytes' })
      : await ViewLoader.open(corpus)) as unknown as ViewLoader;
    return {
      next: (t) => loader.batch(t),
      release: (batch) => loader.release(batch as Awaited<ReturnType<ViewLoader['batch']>>),
      close: () => loader.close().finally(remove),
    };
  } catch (e) {
    await remove();
    throw e;
  }
}

const settings = resolveSettings({
  preset: presetName(values.preset),
  flags: {
    'runtime.provider': values.provider,
    'runtime.precision': values.precision,
    'runtime.attention': values.attention,
    'runtime.recompute': values.recompute,
    'runtime.threads': Number(values.threads),
  },
});
const learner = learnerOf(settings);
const c = learner.shape;
const layout = layoutOf(learner.parameters);
const student = viewsOf(layout, initialise(layout, 0));
const threads = Number(values.threads) || availableParallelism();
const { beta1, beta2, eps, clip } = settings.optim;
const [warmup, steps, rounds] = [values.warmup, values.steps, values.rounds].map(Number);

const began = performance.now();
const step = await TrainingStep.start(
  learner,
  { student },
  {
    ...trainerSettings(settings),
    threads,
    optimizerThreads: threads,
  },
);

/** Most memory in use on any one device and what the compiler said the step needs, GiB, where they are told. */
async function deviceMemory(): Promise<{ memory_gib?: number; compiled_gib?: number }> {
  const { trainer } = step;
  if (!(trainer instanceof XlaTrainer)) return {};
  const gib = (bytes: number | undefined) => (bytes === undefined ? undefined : Number((bytes / 2 ** 30).toFixed(2)));
  const used = (await trainer.device.memory()).flatMap((m) => m?.peak ?? []);
  return {
    memory_gib: gib(used.length > 0 ? Math.max(...used) : undefined),
    compiled_gib: gib(trainer.programs.get('update')?.memory?.peak),
  };
}

const form = step.trainer.crops;
const batches = values.data === 'loader' ? await painted(settings, form) : noise(settings, form);

/** One step's time and what of it was waiting, milliseconds. */
interface Times {
  step: number;
  data: number;
  device: number;
}
const times: Times[] = [];
let started = 0;
let loss = Number.NaN;
let asked: { batch: StepBatch; result: ReturnType<TrainingStep['update']> } | undefined;
/** Waits for the update in hand. @returns milliseconds of waiting */
async function answered(): Promise<number> {
  if (!asked) return 0;
  const from = performance.now();
  const { batch, result } = asked;
  loss = (await result).losses.loss;
  batches.release(batch);
  return performance.now() - from;
}
try {
  for (let t = 0; t < warmup + rounds * steps; t++) {
    const from = performance.now();
    const batch = await batches.next(t);
    const data = performance.now() - from;
    const result = step.update([batch], {
      ...scheduled(settings, t),
      ...learner.schedule(t),
      beta1,
      beta2,
      eps,
      clip,
      t: t + 1,
    });
    const device = await answered();
    asked = { batch, result };
    if (t === 0) {
      await result;
      started = (performance.now() - began) / 1000;
    }
    if (t >= warmup) times.push({ step: performance.now() - from, data, device });
  }
  await answered();
  const memory = await deviceMemory();
  const medians = Array.from({ length: rounds }, (_, r) =>
    median(times.slice(r * steps, (r + 1) * steps).map((x) => x.step)),
  ) as number[];
  const middle = median(times.map((x) => x.step))!;
  const sum = (name: keyof Times) => times.reduce((total, x) => total + x[name], 0);
  const rate = (ms: number) => Number(((1000 * c.batch) / ms).toFixed(2));
  const share = (name: keyof Times) => Number((sum(name) / sum('step')).toFixed(4));
  const all = rounds > 1 ? medians : times.map((x) => x.step);
  console.log(
    JSON.stringify({
      bench: 'step',
      preset: values.preset,
      provider: values.provider,
      precision: values.precision,
      recompute: values.recompute,
      data: values.data,
      about: step.trainer.about,
      images_per_s: rate(middle),
      images_per_s_min: rate(Math.max(...all)),
      images_per_s_max: rate(Math.min(...all)),
      step_ms: Number(middle.toFixed(1)),
      // From nothing to the end of the first step: what the other steps take is little beside it.
      compile_s: Number(started.toFixed(1)),
      ...memory,
      data_wait: share('data'),
      device_wait: share('device'),
      loss: Number(loss.toFixed(4)),
      peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
      parameters: layout.length,
      threads,
      cpu: cpus()[0].model,
      node: process.version,
    }),
  );
} finally {
  await step.close();
  await batches.close();
}
