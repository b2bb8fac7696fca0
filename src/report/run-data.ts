import { stat } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { CaptionRecord } from '../captions/record.js';
import { type Settings, settingsSchema } from '../config/schema.js';
import { translated } from '../config/translate.js';
import { CaptionShards } from '../corpus/captions.js';
import { openCorpus } from '../corpus/corpus.js';
import { finishedSamples, readManifest } from '../corpus/manifest.js';
import { asUserError, codeOf, UserError } from '../errors.js';
import { readJsonAs } from '../formats/json.js';
import { type EvalPictures, readPictures } from '../probe/pictures-index.js';
import { readProbes } from '../probe/report-form.js';
import type { ProbeReport } from '../probe/report-types.js';
import { type CorpusRecord, corpusSchema, imagesOf } from '../run/config.js';
import { embeddable, readPicture } from './embed.js';
import { type Metrics, readMetrics } from './metrics.js';

/** Captions shown. */
const SAMPLES = 12;

/** A caption with its images as files; none where they are not painted yet. */
export interface SampleShown {
  record: CaptionRecord;
  images: Uint8Array[];
}

/** Pictures of a data set with their bytes at hand. */
export interface PicturesShown extends EvalPictures {
  file(name: string): Uint8Array;
}

/** What a folder of shards says of itself. */
export interface Made {
  done: number;
  total: number;
  /** What the shards were made with, by dotted path. */
  settings: Readonly<Record<string, unknown>>;
  /** What was thrown away on the way to them, by reason. */
  rejected: Readonly<Record<string, number>>;
}

/** All that a run's folder says; what is missing is undefined, what cannot be read is a problem in words. */
export interface RunData {
  dir: string;
  config?: { synclr?: string; preset?: string; command?: string; corpus?: CorpusRecord; settings?: Settings };
  captions?: Made;
  /** Counts captions that have their images. */
  images?: Made;
  samples: SampleShown[];
  metrics?: Metrics;
  probes?: ProbeReport;
  /** There is a `probes.json` that cannot be read. */
  damagedProbes?: boolean;
  pictures: PicturesShown[];
  encoder: boolean;
  machine: { cpu: string; cores: number; memoryGb: number; platform: string; node: string };
  problems: string[];
}

/** Reads a run's folder, as far as the run has come. @throws UserError when there is no such folder */
export async function readRun(dir: string): Promise<RunData> {
  const info = await stat(dir).catch(() => undefined);
  if (!info?.isDirectory()) throw new UserError(`no run in ${dir}: no such folder`);
  const problems: string[] = [];
  /** What is damaged is said, and the rest shown; what is not there yet is no problem. */
  const attempt = async <T>(what: string, read: () => Promise<T | undefined>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (e) {
      if (codeOf(e) === 'ENOENT') return undefined;
      const said = asUserError(e);
      if (!said) throw e;
      const message = said.message.split('\n')[0];
      // Most name their file themselves.
      problems.push(message.includes(what) ? message : `${what}: ${message}`);
      return undefined;
    }
  };
  const config = await attempt('config.json', () => readConfig(join(dir, 'config.json')));
  const corpus = config?.corpus;
  const imagesDir = imagesOf(dir, corpus);
  // Beside the images of another run lie its captions.
  const captionsDir = join(corpus ? dirname(corpus.path) : dir, 'captions');
  const written = corpus?.foreign ? undefined : await attempt('captions', () => made(captionsDir));
  const painted = corpus?.foreign ? undefined : await attempt('images', () => made(imagesDir));
  const [captions, images] = corpus
    ? [written ?? madeElsewhere(corpus), painted ?? madeElsewhere(corpus)]
    : [written, painted];
  const samples =
    (await attempt('samples', () =>
      readSamples(imagesDir, captionsDir, (images?.done ?? 0) > 0, (captions?.done ?? 0) > 0),
    )) ?? [];
  const s = config?.settings;
  const perStep = s ? s.train.captionsPerBatch * s.images.perCaption * s.optim.accumulate : undefined;
  const metrics = await attempt('train/metrics.jsonl', () => readMetrics(join(dir, 'train', 'metrics.jsonl'), perStep));
  problems.push(...(metrics?.problems ?? []));
  const before = problems.length;
  const probes = await attempt('probes.json', () => readProbes(dir));
  const damagedProbes = problems.length > before;
  const pictures: PicturesShown[] = [];
  for (const { name } of probes?.datasets ?? []) {
    const found = await attempt(join('eval', name), () => withBytes(dir, name));
    if (found) pictures.push(found);
  }
  const encoder = (await stat(join(dir, 'encoder', 'model.safetensors')).catch(() => undefined)) !== undefined;
  return {
    dir,
    config,
    captions,
    images,
    samples,
    metrics,
    probes,
    damagedProbes,
    pictures,
    encoder,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
    },
    problems,
  };
}

const configSchema = z.object({
  synclr: z.string().optional(),
  preset: z.string().optional(),
  command: z.string().optional(),
  corpus: corpusSchema.optional(),
  // Settings of earlier versions, under today's names.
  settings: z.preprocess((tree) => translated(tree), settingsSchema).optional(),
});

const readConfig = (file: string): Promise<RunData['config']> => readJsonAs(file, configSchema);

/** Of a corpus that does not say how it was made. */
const madeElsewhere = ({ captions }: CorpusRecord): Made => ({
  done: captions,
  total: captions,
  settings: {},
  rejected: {},
});

async function made(dir: string): Promise<Made | undefined> {
  const manifest = await readManifest(dir);
  if (!manifest) return undefined;
  const rejected: Record<string, number> = {};
  for (const shard of manifest.shards)
    for (const [reason, n] of Object.entries(shard.rejected ?? {})) rejected[reason] = (rejected[reason] ?? 0) + n;
  return { done: finishedSamples(manifest), total: manifest.samples, settings: manifest.settings, rejected };
}

/** Captions from all over the corpus, with their images where they are painted. */
async function readSamples(
  imagesDir: string,
  captionsDir: string,
  painted: boolean,
  written: boolean,
): Promise<SampleShown[]> {
  const spread = (n: number) => {
    const count = Math.min(SAMPLES, n);
    return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * n) / count));
  };
  const out: SampleShown[] = [];
  if (painted) {
    const corpus = await openCorpus(imagesDir, { partial: true });
    try {
      for (const i of spread(corpus.length)) {
        const sample = await corpus.read(i);
        for (const [j, image] of sample.images.entries()) await embeddable(image, `${corpus.where(i)}: image ${j}`);
        out.push(sample);
      }
    } finally {
      await corpus.close();
    }
  } else if (written) {
    const captions = await CaptionShards.open(captionsDir, { partial: true });
    for (const i of spread(captions.length)) out.push({ record: (await captions.range(i, 1))[0], images: [] });
  }
  return out;
}

async function withBytes(dir: string, name: string): Promise<PicturesShown> {
  const pictures = await readPictures(dir, name);
  const names = new Set<string>();
  for (const { query, found } of pictures.neighbours) for (const p of [query, ...found]) names.add(p.image);
  for (const p of pictures.pca) for (const f of [p.image, p.all, p.foreground]) names.add(f);
  const bytes = new Map<string, Uint8Array>();
  for (const f of names) bytes.set(f, await readPicture(dir, 'eval', name, f));
  return { ...pictures, file: (f) => bytes.get(f)! };
}
