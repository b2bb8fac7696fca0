/**
 * Probes: seconds of kNN, of the linear probe with its sweep of nine rates, and of table 13's linear protocol, on features of CIFAR's size (8,000 train, 2,000 test).
 *   npm run bench:probe [-- dim], 192 unless told. Prints one JSON line.
 */
import { availableParallelism, cpus } from 'node:os';
import { settingsSchema } from '../src/config/schema.js';
import { knnClassify } from '../src/probe/knn.js';
import type { Labelled } from '../src/probe/labelled.js';
import { linearProbe } from '../src/probe/linear.js';
import { accuracy, argmaxRows } from '../src/probe/metrics.js';
import { sgdProbe } from '../src/probe/sgd-probe.js';
import { Rng } from '../src/rng.js';
import { cpuExecutors } from '../src/runtime/open-executors.js';

const dim = Number(process.argv[2] ?? 192);
const classes = 10;
const threads = Number(process.env.SYNCLR_THREADS ?? 0);
const on = cpuExecutors(threads);
const rng = Rng.of(0, 'bench');
// Classes as overlapping Gaussians: neither trivial nor noise.
const centres = Float32Array.from({ length: classes * dim }, () => 0.25 * rng.normal());
const features = (n: number): Labelled => {
  const labels = Int32Array.from({ length: n }, () => rng.int(classes));
  const x = new Float32Array(n * dim);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < dim; j++) x[i * dim + j] = centres[labels[i] * dim + j] + rng.normal();
  return { x, dim, labels };
};
const train = features(8000);
const test = features(2000);
const { knn, linear } = settingsSchema.parse({}).probe;

async function timed(run: () => Promise<Int32Array>): Promise<{ seconds: number; top1: number }> {
  const began = performance.now();
  const predictions = await run();
  const seconds = (performance.now() - began) / 1000;
  return { seconds: Number(seconds.toFixed(3)), top1: accuracy(predictions, test.labels, classes).top1 };
}

const near = await timed(() => knnClassify(train, test, { ...knn, classes, on }));
const line = await timed(async () => (await linearProbe(train, test, { ...linear, classes, seed: 0, on })).predictions);
const table13 = await timed(async () => {
  const { lrs, epochs, batch, momentum, validation } = linear;
  const o = { classes, lrs, epochs, batch, momentum, validation, norm: 'batch', refit: true, seed: 0, on } as const;
  return argmaxRows((await sgdProbe(train, undefined, test, o)).logits, classes);
});
console.log(
  JSON.stringify({
    bench: 'probe',
    dim,
    train: train.labels.length,
    test: test.labels.length,
    knn_s: near.seconds,
    knn_top1: near.top1,
    linear_s: line.seconds,
    linear_top1: line.top1,
    table13_s: table13.seconds,
    table13_top1: table13.top1,
    lrs: linear.lrs.length,
    epochs: linear.epochs,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    threads: threads || availableParallelism(),
    cpu: cpus()[0].model,
    node: process.version,
  }),
);
