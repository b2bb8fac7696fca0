import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../config/schema.js';
import { openUntrainedEncoder } from '../encoders/open-encoder.js';
import { openPainter, paintsOnThreads } from '../images/registry.js';
import type { Executors } from '../runtime/executor.js';
import { openExecutors } from '../runtime/open-executors.js';
import type { Cost, StageOptions } from '../stage.js';
import { type ImageDataset, openDataset } from './datasets.js';
import { decodeBatches } from './decode.js';
import { plannedProbes } from './painted-probes.js';
import { PAINTED, readPainted } from './painted-set.js';
import { RowCache, rowKey } from './rows.js';
import { encoderSource, type FeatureSource, pixelSource } from './sources.js';

const MIB = 2 ** 20;
/** Of a probe's matrix products, operations a second and thread; measured with bench/probe.ts, where the classifier is narrow. */
const PROBE_RATE = 1.5e10;
/** Start of a probe's session and thread, seconds. */
const PROBE_START = 0.4;
/** On one device that all share: its programs are compiled, and every step is sent there (1 to 3 ms through XLA on busy cores). */
const COMPILE = 4;
const DISPATCH = 2e-3;
/** Decoding a small JPEG, seconds on two cores. */
const DECODE = 5e-4;

/** A data set's size, and which baselines are not measured yet. */
interface Load {
  train: number;
  test: number;
  classes: number;
  untrained: boolean;
  pixels: boolean;
}

/**
 * What `evaluate` will cost: an untrained encoder of the same sizes, a few images of each folder, and the painter are timed now.
 * @throws UserError for a folder that cannot be probed
 */
export async function evalCost(o: StageOptions & { evals: readonly { name: string; dir: string }[] }): Promise<Cost> {
  const { settings: s, dir } = o;
  const size = s.probe.size ?? s.views.globalSize;
  const rows = await RowCache.open(join(dir, 'features'));
  const pixels = pixelSource(size, s.views.mean, s.views.std);
  const { encode, untrained, executors } = await encodeSeconds(s, size, o.hooks);
  const known = (source: FeatureSource, d: ImageDataset) => rows.has(rowKey(source, d, s));

  const sets: Load[] = [];
  let decode = 0;
  for (const e of o.evals) {
    const d = await openDataset(e.name, e.dir);
    decode = Math.max(decode, await decodeSeconds(d, size));
    sets.push({
      train: d.train.length,
      test: d.test.length,
      classes: d.classes.length,
      untrained: s.probe.baselines && !known(untrained, d),
      pixels: s.probe.baselines && !known(pixels, d),
    });
  }
  const { baselines } = s.probe;
  const { own, heldOut } = await plannedProbes(s, dir);
  let painted = 0;
  let toPaint = 0;
  for (const [name, plan] of [
    [PAINTED.own, own],
    [PAINTED.heldOut, heldOut],
  ] as const) {
    if ('none' in plan) continue;
    painted += plan.images;
    if (!(await readPainted(dir, name))) toPaint += plan.images;
    const train = 'each' in plan ? plan.classes.length * plan.each.train : plan.images / 2;
    sets.push({
      train,
      test: plan.images - train,
      classes: plan.classes.length,
      untrained: baselines,
      pixels: baselines,
    });
  }
  if (sets.length === 0) return { seconds: 0, memoryMb: 0, diskMb: 0, basis: 'nothing to probe' };

  const { lrs, epochs, batch } = s.probe.linear;
  let seconds = toPaint > 0 ? toPaint * (await paintSeconds(o)) : 0;
  let memory = 0;
  let disk = 0;
  for (const { train, test, classes, ...needs } of sets) {
    const images = train + test;
    const dims = [untrained.dim, ...(needs.untrained ? [untrained.dim] : []), ...(needs.pixels ? [pixels.dim] : [])];
    const encoders = needs.untrained ? 2 : 1;
    seconds += images * ((decode || DECODE) + encoders * encode);
    const width = dims.reduce((sum, d) => sum + d, 0);
    // kNN is one product; a step of SGD two of the classifier's width, for every rate and then for the one that is chosen.
    const operations = 2 * train * width * (test + 2 * epochs * classes * (lrs.length + 1));
    // Beside what it takes to send them, a device of its own computes such small steps in no time.
    if (!executors.apart) seconds += operations / (PROBE_RATE * (executors.threads ?? availableParallelism()));
    const steps = (2 * epochs * train) / Math.min(batch, train);
    seconds += dims.length * (executors.threads === undefined ? COMPILE + steps * DISPATCH : 2 * PROBE_START);
    memory = Math.max(memory, (4 * images * width * 2) / MIB);
    disk += (4 * images * untrained.dim * encoders) / MIB;
  }
  return {
    seconds,
    memoryMb: memory + 400,
    diskMb: disk + (painted * s.images.size ** 2) / MIB + 2,
    ...(toPaint > 0 && !paintsOnThreads(s) ? { images: toPaint } : {}),
    basis: `${sets.reduce((n, d) => n + d.train + d.test, 0)} images${toPaint > 0 ? `, ${toPaint} of them painted` : ''}, ${(1 / encode).toFixed(0)} encoded a second here (${executors.about})`,
  };
}

/** Seconds an image of an encoder with these settings, that encoder's source for keys, and what ran it. */
async function encodeSeconds(
  s: Settings,
  size: number,
  hooks: StageOptions['hooks'],
): Promise<{ encode: number; untrained: FeatureSource; executors: Executors }> {
  const executors = await openExecutors(s.runtime, hooks);
  try {
    const encoder = await openUntrainedEncoder(s, size, executors);
    const n = 64;
    const images = new Float32Array(n * 3 * size * size);
    await encoder.encode(images, n);
    const began = performance.now();
    await encoder.encode(images, n);
    const encode = (performance.now() - began) / 1000 / n;
    return { encode, untrained: encoderSource('untrained', encoder), executors };
  } finally {
    await executors.close();
  }
}

async function decodeSeconds({ dir, train }: ImageDataset, size: number): Promise<number> {
  const some = train.filter((_, i) => i % Math.ceil(train.length / 32) === 0).map((t) => t.file);
  const began = performance.now();
  for await (const _ of decodeBatches(dir, some, size, new AbortController().signal));
  return (performance.now() - began) / 1000 / some.length;
}

async function paintSeconds({ settings: s }: StageOptions): Promise<number> {
  const painter = await openPainter(s);
  try {
    const request = (captionId: number) => ({
      caption: 'a red apple on a wooden table',
      captionId,
      image: 0,
      attempt: 0,
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
