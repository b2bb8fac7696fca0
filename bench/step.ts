/**
 * Training step: images (global crops) a second and peak memory.
 *   npm run bench:step -- --preset bench-tiny|bench-small [--steps 8] [--threads 0]
 * Random pixels; the median of the steps after the first two, which also fill ONNX Runtime's arena.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { resolveSettings } from '../src/config/resolve.js';
import { studentParameters } from '../src/learn/programs.js';
import { scheduled } from '../src/learn/schedules.js';
import { TrainingStep } from '../src/learn/step.js';
import { stepConfig } from '../src/learn/step-config.js';
import { initialise } from '../src/model/parameters.js';
import { Rng } from '../src/rng.js';
import { layoutOf, viewsOf } from '../src/runtime/layout.js';

const { values } = parseArgs({
  options: {
    preset: { type: 'string', default: 'bench-tiny' },
    steps: { type: 'string', default: '8' },
    threads: { type: 'string', default: '0' },
  },
});
const settings = resolveSettings({ preset: values.preset });
const c = stepConfig(settings);
const layout = layoutOf(studentParameters(c));
const parameters = viewsOf(layout, initialise(layout, 0));
const threads = Number(values.threads) || availableParallelism();
const step = await TrainingStep.start(
  c,
  { student: parameters },
  {
    provider: settings.runtime.provider,
    threads,
    optimizerThreads: threads,
  },
);

const rng = Rng.of(0, 'bench');
const noise = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
const tokens = (c.globalSize / c.vit.patch) ** 2;
const perImage = c.masked / (c.maskedImages || 1);
const batch = {
  globalCrops: noise(c.batch * 3 * c.globalSize ** 2),
  localCrops: noise(c.batch * c.localCount * 3 * c.localSize ** 2),
  labels: Int32Array.from({ length: c.batch }, (_, i) => i % settings.train.captionsPerBatch),
  masked: Int32Array.from({ length: c.masked }, (_, i) => Math.floor(i / perImage) * tokens + 2 * (i % perImage)),
};
const { beta1, beta2, eps, clip } = settings.optim;
const seconds: number[] = [];
for (let t = 0; t < Number(values.steps) + 2; t++) {
  const began = performance.now();
  await step.update([batch], {
    ...scheduled(settings, t),
    beta1,
    beta2,
    eps,
    clip,
    t: t + 1,
    teacherTemperature: 0.04,
  });
  if (t >= 2) seconds.push((performance.now() - began) / 1000);
}
await step.close();
seconds.sort((a, b) => a - b);
const rate = (s: number) => Number((c.batch / s).toFixed(2));
console.log(
  JSON.stringify({
    bench: 'step',
    preset: values.preset,
    images_per_s: rate(seconds[seconds.length >> 1]),
    images_per_s_min: rate(seconds[seconds.length - 1]),
    images_per_s_max: rate(seconds[0]),
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    parameters: layout.length,
    threads,
    cpu: cpus()[0].model,
    node: process.version,
  }),
);
