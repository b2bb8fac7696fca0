import { availableParallelism } from 'node:os';
import { openPainter } from '../images/registry.js';
import { openUntrainedEncoder } from '../model/open-encoder.js';
import type { Cost, StageOptions } from '../stage.js';
import { openDataset } from './datasets.js';
import { decodeBatches } from './decode.js';
import { heldOutImages, readHeldOut } from './heldout.js';
import { pixelSource } from './sources.js';

const MIB = 2 ** 20;
/** Of a probe's matrix products, operations a second and thread; measured with bench/probe.ts, where the classifier is narrow. */
const PROBE_RATE = 1.5e10;
/** Start of a probe's session and thread, seconds. */
const PROBE_START = 0.4;

/**
 * What `evaluate` will cost: an untrained encoder of the same sizes, a few images of each folder, and the painter are timed now.
 * @throws UserError for a folder that cannot be probed
 */
export async function evalCost(o: StageOptions & { evals: readonly { name: string; dir: string }[] }): Promise<Cost> {
  const { settings: s, dir } = o;
  const size = s.probe.size ?? s.views.globalSize;
  const datasets = [];
  for (const e of o.evals) datasets.push(await openDataset(e.name, e.dir));
  const painted = await heldOutImages(s);
  const sets = datasets.map((d) => ({ train: d.train.length, test: d.test.length, classes: d.classes.length }));
  if (painted > 0) sets.push({ train: painted / 2, test: painted / 2, classes: s.probe.heldOutClasses });
  if (sets.length === 0) return { seconds: 0, memoryMb: 0, diskMb: 0, basis: 'nothing to probe' };

  const encoder = await openUntrainedEncoder(s, size);
  let encode: number;
  try {
    const n = 64;
    const pixels = new Float32Array(n * 3 * size * size);
    await encoder.encode(pixels, n);
    const began = performance.now();
    await encoder.encode(pixels, n);
    encode = (performance.now() - began) / 1000 / n;
  } finally {
    await encoder.close();
  }
  const decode =
    datasets.length > 0
      ? await decodeSeconds(
          datasets[0].dir,
          datasets[0].train.map((t) => t.file),
          size,
        )
      : 2e-4;
  const paint = painted > 0 && !(await readHeldOut(dir)) ? await paintSeconds(o) : 0;

  const sources = s.probe.baselines ? 3 : 1;
  const encoders = s.probe.baselines ? 2 : 1;
  const pixelDim = pixelSource(size, s.views.mean, s.views.std).dim;
  const threads = s.runtime.threads || availableParallelism();
  let seconds = painted * paint;
  let memory = 0;
  let disk = 0;
  for (const { train, test, classes } of sets) {
    const images = train + test;
    seconds += images * (decode + encoders * encode);
    const dims = sources === 3 ? 2 * encoder.dim + pixelDim : encoder.dim;
    // kNN is one product; SGD three of its width for every rate and epoch, and the final training.
    const { lrs, epochs } = s.probe.linear;
    const operations = 2 * train * dims * (test + 2 * epochs * classes * (lrs.length + 1));
    seconds += operations / (PROBE_RATE * threads) + 2 * sources * PROBE_START;
    memory = Math.max(memory, (4 * images * dims * 2) / MIB);
    disk += (4 * images * encoder.dim * encoders) / MIB;
  }
  return {
    seconds,
    memoryMb: memory + 400,
    diskMb: disk + (painted * s.images.size ** 2) / MIB + 2,
    basis: `${sets.reduce((n, d) => n + d.train + d.test, 0)} images, ${(1 / encode).toFixed(0)} encoded a second here`,
  };
}

async function decodeSeconds(dir: string, files: readonly string[], size: number): Promise<number> {
  const some = files.filter((_, i) => i % Math.ceil(files.length / 32) === 0).slice(0, 32);
  const began = performance.now();
  for await (const _ of decodeBatches(dir, some, size, new AbortController().signal));
  return (performance.now() - began) / 1000 / some.length;
}

async function paintSeconds({ settings: s }: StageOptions): Promise<number> {
  const painter = openPainter(s);
  try {
    const request = (captionId: number) => ({
      caption: 'a red apple on a wooden table',
      captionId,
      image: 0,
      seed: 0,
      size: s.images.size,
    });
    await painter.paint([request(0)]);
    const began = performance.now();
    await painter.paint([1, 2, 3, 4].map(request));
    return (performance.now() - began) / 1000 / 4;
  } finally {
    await painter.close?.();
  }
}
