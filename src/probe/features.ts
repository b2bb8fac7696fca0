import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { makeFolder } from '../files/folders.js';

import { type FileKind, refuseForeignFile, removeOfKind } from '../files/replace.js';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import type { StageHooks } from '../stage.js';
import { lookKey } from '../views/eval.js';
import type { ImageDataset, Sample } from './datasets.js';
import { decodeBatches, type Skipped } from './decode.js';
import { requireFinite } from './finite.js';
import type { Labelled } from './labelled.js';
import type { FeatureSource } from './sources.js';

/** Features of one part of a data set; broken images are left out. */
export interface PartFeatures extends Labelled {
  /** [n] which of the part's samples each row is */
  index: Int32Array;
}

export interface DatasetFeatures {
  train: PartFeatures;
  test: PartFeatures;
  skipped: Skipped[];
  /** Seconds of decoding and encoding; 0 when they came from the cache. */
  seconds: number;
}

export interface ExtractOptions {
  /** Where features are kept; default: nowhere. */
  cache?: string;
  hooks: Pick<StageHooks, 'signal'>;
  /** Called after every batch with the images just done, and the files that were skipped. */
  onBatch?(images: number, skipped: readonly Skipped[]): void;
}

/**
 * Features of a data set from one or several sources, whose images are decoded once for all of them. Features of encoders are kept in
 * `cache`, one file a data set and source, and come from there as long as weights, files (names, sizes, times) and image size are the same.
 * Pixels are not kept: they are read as fast as a cache of them would be.
 * @returns by source name
 * @throws UserError when no image of a part can be decoded; Interrupted
 */
export async function extractFeatures(
  sources: readonly FeatureSource[],
  dataset: ImageDataset,
  o: ExtractOptions,
): Promise<Map<FeatureSource['name'], DatasetFeatures>> {
  const out = new Map<FeatureSource['name'], DatasetFeatures>();
  const missing: FeatureSource[] = [];
  for (const source of sources) {
    const kept = o.cache && source.name !== 'pixels' ? await readCache(o.cache, source, dataset) : undefined;
    if (kept) out.set(source.name, kept);
    else missing.push(source);
  }
  if (missing.length === 0) return out;
  const looks = new Set(missing.map((s) => `${s.size} ${lookKey(s.look)}`));
  if (looks.size > 1) throw new Error('internal: sources of several image sizes or ways of cropping');

  const began = performance.now();
  const skipped: Skipped[] = [];
  const parts = {} as Record<'train' | 'test', Map<string, PartFeatures>>;
  for (const part of ['train', 'test'] as const)
    parts[part] = await extractPart(missing, dataset, dataset[part], skipped, o, part);
  const seconds = (performance.now() - began) / 1000;
  for (const source of missing) {
    const features = { train: parts.train.get(source.name)!, test: parts.test.get(source.name)!, skipped, seconds };
    if (o.cache && source.name !== 'pixels') await writeCache(o.cache, source, dataset, features);
    out.set(source.name, features);
  }
  return out;
}

async function extractPart(
  sources: readonly FeatureSource[],
  dataset: ImageDataset,
  samples: readonly Sample[],
  skipped: Skipped[],
  o: ExtractOptions,
  part: string,
): Promise<Map<string, PartFeatures>> {
  const rows = new Map(sources.map((s) => [s.name as string, new Float32Array(samples.length * s.dim)]));
  const index = new Int32Array(samples.length);
  let n = 0;
  const files = samples.map((s) => s.file);
  for await (const batch of decodeBatches(dataset.dir, files, sources[0].look, o.hooks.signal)) {
    const count = batch.index.length;
    for (const source of sources) {
      if (count === 0) break;
      const features = await source.features(batch.pixels, count);
      requireFinite(
        features,
        batch.index.map((i) => files[i]),
        `data set ${dataset.name}: the ${source.name === 'pixels' ? 'raw pixels' : `${source.name} encoder`}`,
      );
      rows.get(source.name)!.set(features, n * source.dim);
    }
    index.set(batch.index, n);
    n += count;
    for (const s of batch.skipped) skipped.push(s);
    o.onBatch?.(count + batch.skipped.length, batch.skipped);
  }
  if (n === 0)
    throw new UserError(
      `data set ${dataset.name}: none of the ${samples.length} ${part} images in ${dataset.dir} can be decoded (${skipped.at(-1)?.file}: ${skipped.at(-1)?.reason})`,
    );
  const labels = Int32Array.from(index.subarray(0, n), (i) => samples[i].label);
  return new Map(
    sources.map((s) => [
      s.name as string,
      { x: rows.get(s.name)!.subarray(0, n * s.dim), dim: s.dim, labels, index: index.slice(0, n) },
    ]),
  );
}

const fileOf = (cache: string, source: FeatureSource, dataset: ImageDataset): string =>
  join(cache, `${dataset.name}.${source.name}.safetensors`);

/** What `writeCache` writes: told by how its header begins, so that a damaged one is known too. */
const FEATURES: FileKind = {
  what: 'a cache of features that synclr wrote',
  isOurs: (head) =>
    /^\{"__metadata__":\{("synclr.sha256":"\w{64}",)?"key":"\w{64}","skipped":"/.test(head.toString('latin1', 8)),
};

const keyOf = (source: FeatureSource, dataset: ImageDataset): string => sha256(`2 ${source.hash} ${dataset.hash}`);

async function readCache(
  cache: string,
  source: FeatureSource,
  dataset: ImageDataset,
): Promise<DatasetFeatures | undefined> {
  try {
    const { metadata, tensors } = await readSafetensors(fileOf(cache, source, dataset));
    if (metadata.key !== keyOf(source, dataset)) return undefined;
    const part = (name: 'train' | 'test'): PartFeatures => {
      const index = tensors.get(`${name}.index`)!.data as Int32Array;
      const labels = Int32Array.from(index, (i) => dataset[name][i].label);
      return { x: tensors.get(`${name}.features`)!.data as Float32Array, dim: source.dim, labels, index };
    };
    return { train: part('train'), test: part('test'), skipped: JSON.parse(metadata.skipped) as Skipped[], seconds: 0 };
  } catch {
    // Missing, of another key, or damaged: computed again.
    return undefined;
  }
}

async function writeCache(
  cache: string,
  source: FeatureSource,
  dataset: ImageDataset,
  f: DatasetFeatures,
): Promise<void> {
  await makeFolder(cache);
  await refuseForeignFile(fileOf(cache, source, dataset), FEATURES);
  const tensors = new Map<string, SafeTensor>();
  for (const name of ['train', 'test'] as const) {
    const { x, index } = f[name];
    tensors.set(`${name}.features`, { dtype: 'F32', shape: [index.length, source.dim], data: x });
    tensors.set(`${name}.index`, { dtype: 'I32', shape: [index.length], data: index });
  }
  const metadata = { key: keyOf(source, dataset), skipped: JSON.stringify(f.skipped) };
  await writeSafetensors(fileOf(cache, source, dataset), tensors, metadata, { sealed: true });
}

/** Removes features of data sets that are no longer probed under these names. */
export async function pruneCache(cache: string, names: readonly string[]): Promise<void> {
  for (const file of await readdir(cache).catch(() => [])) {
    const match = /^(.+)\.(trained|untrained)\.safetensors$/.exec(file);
    const path = join(cache, file);
    if (match && !names.includes(match[1])) await removeOfKind(path, FEATURES);
  }
}
