import { join } from 'node:path';
import { type OpenedEncoder, openEncoder, openUntrainedEncoder } from '../encoders/open-encoder.js';
import { codeOf, Interrupted, UserError } from '../errors.js';
import { refuseOverlap } from '../files/overlap.js';
import { type FileKind, refuseForeignFile, replaceFile } from '../files/replace.js';
import { removeTemporaries } from '../files/temporary.js';
import { inRun } from '../run/run.js';
import type { Executors } from '../runtime/executor.js';
import { openExecutors } from '../runtime/open-executors.js';
import type { StageOptions } from '../stage.js';
import { VERSION } from '../version.js';
import { classesLeft } from './classes-left.js';
import { type ImageDataset, openDataset } from './datasets.js';
import { extractFeatures, pruneCache } from './features.js';
import { pairedDifference, shareInterval } from './intervals.js';
import { knnClassify } from './knn.js';
import { SkippedFiles } from './left-out.js';
import { linearProbe } from './linear.js';
import { accuracy } from './metrics.js';
import { HELD_OUT, OWN, paintProbes } from './painted-probes.js';
import { captionOf, PAINTED, readPainted } from './painted-set.js';
import { makePictures } from './pictures.js';
import { readProbes } from './report-form.js';
import type { DatasetReport, Gain, ProbeReport } from './report-types.js';
import { type KeptRow, packRight, RowCache, rowKey, unpackRight } from './rows.js';
import { checkSetName } from './set-name.js';
import { encoderSource, type FeatureSource, pixelSource } from './sources.js';
import { ZeroShotProbe } from './zero-shot-probe.js';

export { evalCost } from './cost.js';
export type { DatasetReport, ProbeReport, ProbeRow } from './report-types.js';
export { formatProbeTable } from './table.js';

export interface EvaluateOptions extends StageOptions {
  /** Image folders to probe beside the held-out concepts. */
  evals: readonly { name: string; dir: string }[];
  /**
   * A checkpoint, run, exported encoder, or one of other people's: a file, a folder or `hf:owner/name`; default: the run's newest checkpoint.
   */
  checkpoint?: string;
  /** Heads of somebody else's encoder, where neither its weights nor a description say them. */
  heads?: number;
  /** Side at which somebody else's encoder is probed, pixels; default: its own, whatever the settings of a run of ours say. */
  othersSize?: number;
}

const PROBES: FileKind = {
  what: 'a report of probes that synclr wrote',
  isOurs: (head) => /^\{\s*"format": 1,\s*"synclr": "/.test(head.toString()),
};

/** Which of the run's folders a painted data set lies in. */
const FOLDERS = new Map<string, (typeof PAINTED)[keyof typeof PAINTED]>([
  [OWN, PAINTED.own],
  [HELD_OUT, PAINTED.heldOut],
]);

/**
 * Stage eval: kNN and linear probes of the run's encoder, on new images of its own concepts, on held-out concepts and on image folders, beside
 * the untrained encoder and raw pixels. Writes `probes.json` after every data set, features under `features/`, pictures for the report under `eval/`; what is there
 * already and still right is kept.
 * @throws UserError for a folder that cannot be probed, overlaps with the run's or without an encoder, and for files of somebody else's that
 *   have our names; Interrupted
 */
export async function evaluate(o: EvaluateOptions): Promise<ProbeReport> {
  return inRun(o, { stages: ['eval'] }, () => evaluateIn(o));
}

async function evaluateIn(o: EvaluateOptions): Promise<ProbeReport> {
  const { settings, dir, hooks } = o;
  for (const e of o.evals) checkSetName(e.name, `data set ${e.name}`);
  await refuseOverlap(
    dir,
    o.evals.map((e) => ({ what: `data set ${e.name}:`, path: e.dir })),
  );
  await refuseForeignFile(join(dir, 'probes.json'), PROBES);
  // Looked at first: a wrong folder should not be found out after minutes.
  const folders: ImageDataset[] = [];
  for (const e of o.evals) {
    const dataset = await openDataset(e.name, e.dir);
    for (const line of dataset.remarks) hooks.warn(line);
    folders.push(dataset);
  }

  const executors = await openExecutors(settings.runtime, hooks);
  try {
    hooks.note?.(`encoder and probes run on ${executors.about}`);
    return await evaluateOn(executors, folders, o);
  } finally {
    await executors.close();
  }
}

async function evaluateOn(
  executors: Executors,
  folders: readonly ImageDataset[],
  o: EvaluateOptions,
): Promise<ProbeReport> {
  const { settings, dir, hooks } = o;
  const encoder = await openEncoder({
    checkpoint: o.checkpoint ?? dir,
    weights: settings.probe.weights,
    heads: o.heads,
    settings,
    size: { ours: settings.probe.size ?? settings.views.globalSize, others: o.othersSize },
    hooks,
    executors,
  });
  const { size } = encoder;
  if (encoder.ownSize !== size)
    hooks.note?.(`images are taken at ${size} px; ${encoder.origin} is measured at ${encoder.ownSize} px`);
  let untrained: OpenedEncoder | undefined;
  let words: ZeroShotProbe | undefined;
  try {
    words = await ZeroShotProbe.open(encoder, encoder.path ?? dir, settings.probe, executors, hooks.note);
    const sources: FeatureSource[] = [encoderSource('trained', encoder)];
    if (settings.probe.baselines) {
      // Somebody else's encoder is compared with its own architecture, on pictures cut as it wants them.
      const isOthers = encoder.record !== undefined;
      untrained = await openUntrainedEncoder(settings, size, executors, isOthers ? encoder : undefined);
      const { mean, std } = isOthers ? encoder : settings.views;
      sources.push(encoderSource('untrained', untrained), pixelSource(size, mean, std, encoder.preprocessing));
    }
    for (const d of [dir, featuresDir(dir)]) await removeTemporaries(d);
    const datasets = [...folders];
    const { ready, missing } = await paintProbes(settings, dir, hooks);
    datasets.unshift(...(await Promise.all(ready.map(({ name, folder }) => openDataset(name, folder)))));
    for (const { name, why } of missing) hooks.note?.(`no ${name} probe: ${why}`);

    const before = await readProbes(dir).catch((e) => {
      if (!(e instanceof UserError) && codeOf(e) !== 'ENOENT') throw e;
      if (e instanceof UserError) hooks.warn(`${e.message}; what it held is measured anew`);
      return undefined;
    });
    const report: ProbeReport = {
      format: 1,
      synclr: VERSION,
      written: '',
      encoder: { origin: encoder.origin, hash: encoder.hash, dim: encoder.dim, patch: encoder.patch },
      size,
      datasets: [],
      ...(missing.length > 0 ? { missing } : {}),
    };
    // What was measured of this encoder on other data sets stays true.
    const same = before?.encoder.hash === encoder.hash && before.size === size;
    const others = same ? before.datasets.filter((d) => !datasets.some((now) => now.name === d.name)) : [];
    const rows = await RowCache.open(featuresDir(dir));
    const counter = new Counter(o, datasets, sources.length);
    const finished: DatasetReport[] = [];
    report.datasets = others;
    for (const dataset of datasets) {
      finished.push(await probeDataset(dataset, sources, rows, counter, { executors, words }, o));
      const painted = FOLDERS.get(dataset.name);
      const captions = painted && (await readPainted(dir, painted))?.captions;
      await makePictures({ dataset, encoder, executors, captions, ...o });
      report.datasets = [...finished, ...others];
      await writeReport(report, dir);
    }
    await rows.prune();
    if (datasets.length === 0) {
      // A report without figures still says why there are none.
      await writeReport(report, dir);
      hooks.warn('nothing to probe: --eval NAME=DIR probes a folder of images');
    }
    await pruneCache(
      featuresDir(dir),
      report.datasets.map((d) => d.name),
    );
    return report;
  } finally {
    await Promise.all([encoder.close(), untrained?.close(), words?.close()]);
  }
}

async function writeReport(report: ProbeReport, dir: string): Promise<void> {
  report.written = new Date().toISOString();
  await replaceFile(join(dir, 'probes.json'), `${JSON.stringify(report, null, 1)}\n`, PROBES);
}

/** Where a run keeps the features of its probes. */
export const featuresDir = (dir: string): string => join(dir, 'features');

/** Progress in images and features. */
class Counter {
  private done = 0;
  private readonly total: number;
  private readonly o: EvaluateOptions;

  constructor(o: EvaluateOptions, datasets: readonly ImageDataset[], sources: number) {
    this.o = o;
    this.total = sources * datasets.reduce((n, d) => n + d.train.length + d.test.length, 0);
  }

  /** @param detail what is in hand */
  add(images: number, detail: Record<string, string>): void {
    this.done += images;
    this.o.hooks.progress({ stage: 'eval', done: this.done, total: this.total, unit: 'images', detail });
  }
}

async function probeDataset(
  dataset: ImageDataset,
  sources: readonly FeatureSource[],
  cache: RowCache,
  counter: Counter,
  { executors: on, words }: { executors: Executors; words: ZeroShotProbe | undefined },
  o: EvaluateOptions,
): Promise<DatasetReport> {
  const keys = new Map(sources.map((s) => [s, rowKey(s, dataset, o.settings)]));
  // The trained features are needed for pictures in any case, and usually come from the cache.
  const needed = sources.filter((s) => s.name === 'trained' || !cache.has(keys.get(s)!));
  const images = dataset.train.length + dataset.test.length;
  for (const s of sources) if (!needed.includes(s)) counter.add(images, { set: dataset.name });
  let fromImages = 0;
  const broken = new SkippedFiles(o.hooks.warn);
  const features = await extractFeatures(needed, dataset, {
    cache: featuresDir(o.dir),
    hooks: o.hooks,
    onBatch: (n, skipped) => {
      fromImages += n;
      counter.add(n * needed.length, { set: dataset.name });
      broken.add(dataset.dir, skipped);
    },
  });
  if (fromImages === 0) counter.add(images * needed.length, { set: dataset.name });

  const { skipped } = features.get('trained')!;
  broken.add(dataset.dir, skipped);
  broken.end();
  const probed = classesLeft(dataset, features.get('trained')!);
  for (const line of probed.remarks) o.hooks.warn(line);
  const { train, test } = probed.of(features.get('trained')!);
  const classes = probed.classes.length;
  const clusters = FOLDERS.has(dataset.name) ? captionsOf(test.index, dataset) : undefined;
  const rows: KeptRow[] = [];
  for (const source of sources) {
    const key = keys.get(source)!;
    const old = cache.get(key);
    const shot = source.name === 'trained' ? words : undefined;
    const inWords = await shot?.row(probed.classes, test, { clusters, before: old?.zeroShot, signal: o.hooks.signal });
    if (old) {
      const row = { ...old, zeroShot: inWords };
      rows.push(row);
      if (old.zeroShot?.key !== inWords?.key) await cache.add(row);
      continue;
    }
    if (o.hooks.signal.aborted) throw new Interrupted('stopped between probes');
    counter.add(0, { set: dataset.name, probing: source.name });
    const measured = await probeRow(source, probed.of(features.get(source.name)!), classes, clusters, on, o);
    const row = { ...measured, ...(inWords && { zeroShot: inWords }), key };
    rows.push(row);
    await cache.add(row);
    features.delete(source.name);
  }
  const counts = new Float64Array(classes);
  for (const c of train.labels) counts[c]++;
  const common = counts.reduce((most, n, c) => (n > counts[most] ? c : most), 0);
  return {
    name: dataset.name,
    dir: dataset.dir,
    kind: dataset.name === OWN || dataset.name === HELD_OUT ? dataset.name : 'folder',
    classes: probed.classes,
    train: train.labels.length,
    test: test.labels.length,
    split: dataset.split,
    skipped,
    chance: 1 / classes,
    majority: test.labels.filter((c) => c === common).length / test.labels.length,
    ...(clusters ? { testCaptions: new Set(clusters).size } : {}),
    rows: rows.map(({ right: _, ...row }) => row),
    gains: gainsOf(rows, test.labels.length, clusters),
  };
}

/** Numbers of the captions that test images were painted from; undefined where every image has its own. */
function captionsOf(index: Int32Array, dataset: ImageDataset): Int32Array | undefined {
  const numbers = new Map<string, number>();
  const clusters = Int32Array.from(index, (i) => {
    const caption = captionOf(dataset.test[i].file);
    if (!numbers.has(caption)) numbers.set(caption, numbers.size);
    return numbers.get(caption)!;
  });
  return numbers.size < clusters.length ? clusters : undefined;
}

/** Trained features against the others, image by image. @param n test images */
function gainsOf(rows: readonly KeptRow[], n: number, clusters: Int32Array | undefined): Gain[] {
  const trained = rows.find((r) => r.features === 'trained');
  const gains: Gain[] = [];
  for (const row of rows) {
    if (!trained || row.features === 'trained') continue;
    for (const probe of ['linear', 'knn'] as const) {
      const [a, b] = [trained, row].map((r) => unpackRight(r.right[probe], n));
      gains.push({ probe, against: row.features, ...pairedDifference(a, b, clusters) });
    }
  }
  return gains;
}

async function probeRow(
  source: FeatureSource,
  f: { train: Parameters<typeof knnClassify>[0]; test: Parameters<typeof knnClassify>[0]; seconds: number },
  classes: number,
  clusters: Int32Array | undefined,
  on: Executors,
  o: EvaluateOptions,
): Promise<Omit<KeptRow, 'key'>> {
  const { probe, seed } = o.settings;
  const t0 = performance.now();
  const near = await knnClassify(f.train, f.test, { ...probe.knn, classes, on });
  const t1 = performance.now();
  const linear = await linearProbe(f.train, f.test, {
    ...probe.linear,
    classes,
    seed,
    on,
    signal: o.hooks.signal,
  });
  const t2 = performance.now();
  if (o.hooks.signal.aborted) throw new Interrupted('stopped in a linear probe');
  const { labels } = f.test;
  const right = { knn: rightOf(near, labels), linear: rightOf(linear.predictions, labels) };
  const measured = (probe: 'knn' | 'linear', predictions: Int32Array) => ({
    ...accuracy(predictions, labels, classes),
    interval: shareInterval(right[probe], clusters),
  });
  const seconds = (ms: number) => Number((ms / 1000).toFixed(3));
  return {
    features: source.name,
    dim: source.dim,
    knn: { ...measured('knn', near), ...probe.knn },
    linear: {
      ...measured('linear', linear.predictions),
      lr: linear.lr,
      validation: linear.validation.map(({ lr, top1 }) => ({ lr, top1 })),
      train: linear.trainTop1,
    },
    seconds: { features: seconds(1000 * f.seconds), knn: seconds(t1 - t0), linear: seconds(t2 - t1) },
    right: { knn: packRight(right.knn), linear: packRight(right.linear) },
  };
}

const rightOf = (predictions: Int32Array, labels: Int32Array): Uint8Array =>
  Uint8Array.from(labels, (label, i) => (predictions[i] === label ? 1 : 0));
