import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { decodeSplit, keyOf, type LeftOut, type LookBatch } from '../data/decode-split.js';
import type { EvalSet, EvalSplit } from '../data/set.js';
import { Interrupted, UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { makeFolder } from '../files/folders.js';
import { removeFile } from '../files/remove.js';
import { type FileKind, refuseForeignFile } from '../files/replace.js';
import { DamagedFile } from '../formats/damaged.js';
import { readSafetensors, readSafetensorsHeader, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import { requireFinite } from '../probe/finite.js';
import type { FeatureSource } from '../probe/sources.js';
import type { StageHooks } from '../stage.js';
import type { SplitFeatures } from './protocol.js';

/** What makes features, without the name that a run's probes give it. */
export type Source = Omit<FeatureSource, 'name'>;

const SPLITS = ['train', 'val', 'test'] as const;
type SplitName = (typeof SPLITS)[number];

/** Pictures of one file of the cache: what a kill costs at most, and what is in memory of an encoder while it runs. */
const CHUNK = 1024;
/** Changes when what is kept under a key would be another. */
const VERSION = 1;

/** Features of all splits of a data set. */
export interface SetFeatures {
  train: SplitFeatures;
  val?: SplitFeatures;
  test: SplitFeatures;
  /** Pictures that could not be decoded. */
  leftOut: Record<SplitName, LeftOut[]>;
}

export interface ExtractOptions {
  /** The folder of all features. */
  dir: string;
  hooks: Pick<StageHooks, 'signal'>;
  /** Whether encoders run on a device of their own: then the next pictures are handed over while it works. */
  apart?: boolean;
  /** Threads that decode; default: a core each where encoders run apart, else half of them. */
  threads?: number;
  /** Hears after every batch how many features were made, or found, and which pictures were left out. */
  onFeatures?(count: number, leftOut: readonly LeftOut[]): void;
}

/**
 * Makes the features of a data set that are not kept yet, of several encoders in one pass over its pictures: each is decoded once for all
 * that see it alike. They are kept by encoder and data, in files of so many pictures each, so that a call after any interruption goes on
 * where it was.
 * @returns what went wrong, by encoder; the others' features are there
 * @throws UserError where no picture of a split can be decoded, or a file of somebody else's has one of the names; Interrupted
 */
export async function extractFeatures(
  sources: readonly Source[],
  set: EvalSet,
  o: ExtractOptions,
): Promise<Map<Source, Error>> {
  const failed = new Map<Source, Error>();
  for (const source of sources) await makeFolder(folderOf(o.dir, source, set));
  for (const name of SPLITS) {
    const split = set[name];
    if (!split) continue;
    const chunks = await missingChunks(sources, set, name, split, o);
    await extractSplit(chunks, { set, name, split }, failed, o);
  }
  return failed;
}

/** A range of a split's pictures, and who has no features of it yet. */
interface Chunk {
  number: number;
  from: number;
  to: number;
  sources: Source[];
}

async function missingChunks(
  sources: readonly Source[],
  set: EvalSet,
  name: SplitName,
  split: EvalSplit,
  o: ExtractOptions,
): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (let number = 0; number * CHUNK < split.length; number++) {
    const [from, to] = [number * CHUNK, Math.min(split.length, (number + 1) * CHUNK)];
    const lacking: Source[] = [];
    for (const s of sources)
      if (await hasChunk(chunkFile(o.dir, s, set, name, number), featuresKey(s, set))) o.onFeatures?.(to - from, []);
      else lacking.push(s);
    if (lacking.length > 0) chunks.push({ number, from, to, sources: lacking });
  }
  return chunks;
}

async function hasChunk(file: string, key: string): Promise<boolean> {
  // Missing, of another key, or damaged: made again.
  return readSafetensorsHeader(file).then(
    ({ metadata }) => metadata.features === key,
    () => false,
  );
}

/** Rows of one chunk and one encoder as they come. */
class Rows {
  readonly x: Float32Array;
  readonly index: number[] = [];

  constructor(pictures: number, dim: number) {
    this.x = new Float32Array(pictures * dim);
  }

  /** @returns which row is the first of these pictures */
  take(pictures: ArrayLike<number>): number {
    const first = this.index.length;
    for (let i = 0; i < pictures.length; i++) this.index.push(pictures[i]);
    return first;
  }
}

async function extractSplit(
  chunks: readonly Chunk[],
  { set, name, split }: { set: EvalSet; name: SplitName; split: EvalSplit },
  failed: Map<Source, Error>,
  o: ExtractOptions,
): Promise<void> {
  if (chunks.length === 0) return;
  const looks = chunks.flatMap((chunk) => chunk.sources.map((s) => s.look));
  const ranges = chunks.map(({ from, to }) => [from, to] as const);
  // Threads of an encoder on the CPU wait for each other: those that decode leave it some cores.
  const threads = o.threads ?? (o.apart ? availableParallelism() : Math.ceil(availableParallelism() / 2));
  const { signal } = o.hooks;
  const jobs = new Jobs(o.apart ? 2 : 1);
  let rows = new Map<Source, Rows>();
  let leftOut: LeftOut[] = [];
  let at = 0;
  let made = 0;
  let last: LeftOut | undefined;
  const finish = async ({ number, sources }: Chunk): Promise<void> => {
    await jobs.all();
    const working = sources.filter((s) => !failed.has(s));
    for (const s of working) await writeChunk(chunkFile(o.dir, s, set, name, number), s, set, rows.get(s)!, leftOut);
    rows = new Map();
    leftOut = [];
  };
  for await (const batch of decodeSplit(split, { looks, ranges, threads, signal })) {
    while (at < batch.range) await finish(chunks[at++]);
    const { sources, from, to } = chunks[at];
    const n = batch.index.length;
    made += n;
    leftOut.push(...batch.leftOut);
    last = batch.leftOut.at(-1) ?? last;
    for (const s of sources) if (!rows.has(s)) rows.set(s, new Rows(to - from, s.dim));
    const into = rows;
    // Places are taken in the order of pictures, whichever batch an accelerator finishes first.
    const places = new Map(sources.map((s) => [s, into.get(s)!.take(batch.index)]));
    await jobs.add(async () => {
      for (const s of sources) {
        if (failed.has(s)) continue;
        try {
          await featuresOf(batch, s, into.get(s)!, places.get(s)!, (i) => split.nameOf(i), set.name);
        } catch (e) {
          if (e instanceof Interrupted || signal.aborted) throw e;
          failed.set(s, e as Error);
        }
        o.onFeatures?.(n + batch.leftOut.length, batch.leftOut);
      }
      batch.release();
    });
  }
  for (; at < chunks.length; at++) await finish(chunks[at]);
  if (made === 0 && chunks.reduce((sum, c) => sum + c.to - c.from, 0) === split.length)
    throw noneOf(set, name, split, last);
}

const noneOf = (set: EvalSet, name: SplitName, split: EvalSplit, last: LeftOut | undefined): UserError =>
  new UserError(
    `data set ${set.name}: none of the ${split.length} ${name} images in ${set.dir} can be decoded (${last?.name}: ${last?.why})`,
  );

async function featuresOf(
  batch: LookBatch,
  source: Source,
  into: Rows,
  place: number,
  nameOf: (i: number) => string,
  set: string,
): Promise<void> {
  const n = batch.index.length;
  if (n === 0) return;
  const features = await source.features(batch.pixels.get(keyOf(source.look))!, n);
  requireFinite(features, batch.index.map(nameOf), `data set ${set}: the encoder`);
  into.x.set(features, place * source.dim);
}

/** Work in its order, so many pieces at a time. */
class Jobs {
  private readonly most: number;
  private readonly running: Promise<void>[] = [];

  constructor(most: number) {
    this.most = most;
  }

  async add(work: () => Promise<void>): Promise<void> {
    const job = work();
    // Should it fail before anybody waits for it.
    job.catch(() => {});
    this.running.push(job);
    if (this.running.length >= this.most) await this.running.shift();
  }

  async all(): Promise<void> {
    while (this.running.length > 0) await this.running.shift();
  }
}

/** What `writeChunk` writes: told by how its header begins, so that a damaged one is known too. */
const FEATURES: FileKind = {
  what: 'features that synclr keeps',
  isOurs: (head) =>
    /^\{"__metadata__":\{("synclr.sha256":"\w{64}",)?"features":"\w{64}","leftOut":"/.test(head.toString('latin1', 8)),
};

/** Of all that decides features. */
export const featuresKey = (source: Pick<Source, 'hash'>, set: EvalSet): string =>
  sha256(JSON.stringify([VERSION, source.hash, set.hash]));

const folderOf = (dir: string, source: Source, set: EvalSet): string =>
  join(dir, `${set.name}.${featuresKey(source, set).slice(0, 16)}`);

const chunkFile = (dir: string, source: Source, set: EvalSet, split: SplitName, number: number): string =>
  join(folderOf(dir, source, set), `${split}-${String(number).padStart(5, '0')}.safetensors`);

async function writeChunk(
  file: string,
  source: Source,
  set: EvalSet,
  { x, index }: Rows,
  leftOut: readonly LeftOut[],
): Promise<void> {
  await refuseForeignFile(file, FEATURES);
  const tensors = new Map<string, SafeTensor>([
    ['features', { dtype: 'F32', shape: [index.length, source.dim], data: x.subarray(0, index.length * source.dim) }],
    ['index', { dtype: 'I32', shape: [index.length], data: Int32Array.from(index) }],
  ]);
  const metadata = { features: featuresKey(source, set), leftOut: JSON.stringify(leftOut) };
  await writeSafetensors(file, tensors, metadata, { sealed: true });
}

/**
 * Reads features that `extractFeatures` has made.
 * @returns undefined where some are missing or damaged: then they are to be made (again)
 * @throws UserError where no picture of a split could be decoded
 */
export async function readFeatures(source: Source, set: EvalSet, dir: string): Promise<SetFeatures | undefined> {
  const out: Partial<SetFeatures> & Pick<SetFeatures, 'leftOut'> = { leftOut: { train: [], val: [], test: [] } };
  for (const name of SPLITS) {
    const split = set[name];
    if (!split) continue;
    const read = await readSplit(source, set, name, split, dir);
    if (!read) return undefined;
    out[name] = read.features;
    out.leftOut[name] = read.leftOut;
  }
  return out as SetFeatures;
}

async function readSplit(
  source: Source,
  set: EvalSet,
  name: SplitName,
  split: EvalSplit,
  dir: string,
): Promise<{ features: SplitFeatures; leftOut: LeftOut[] } | undefined> {
  const { dim } = source;
  const x = new Float32Array(split.length * dim);
  const index = new Int32Array(split.length);
  const leftOut: LeftOut[] = [];
  let n = 0;
  for (let number = 0; number * CHUNK < split.length; number++) {
    const file = chunkFile(dir, source, set, name, number);
    if (!(await hasChunk(file, featuresKey(source, set)))) return undefined;
    try {
      const { metadata, tensors } = await readSafetensors(file);
      const rows = tensors.get('index')!.data as Int32Array;
      x.set(tensors.get('features')!.data as Float32Array, n * dim);
      index.set(rows, n);
      n += rows.length;
      leftOut.push(...(JSON.parse(metadata.leftOut) as LeftOut[]));
    } catch (e) {
      if (!(e instanceof DamagedFile)) throw e;
      // Whoever looks for it next makes it again.
      await removeFile(file);
      return undefined;
    }
  }
  if (n === 0) throw noneOf(set, name, split, leftOut.at(-1));
  const rows = index.slice(0, n);
  const { labels, present } = split;
  const classes = set.classes.length;
  return {
    leftOut,
    features: {
      x: x.subarray(0, n * dim),
      dim,
      labels: labels.length > 0 ? Int32Array.from(rows, (i) => labels[i]) : new Int32Array(0),
      ...(present && { present: rowsOf(present, rows, classes) }),
      index: rows,
    },
  };
}

function rowsOf(all: Int8Array, rows: Int32Array, classes: number): Int8Array {
  const out = new Int8Array(rows.length * classes);
  rows.forEach((row, i) => {
    out.set(all.subarray(row * classes, (row + 1) * classes), i * classes);
  });
  return out;
}
