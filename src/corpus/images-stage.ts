import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CaptionRecord } from '../captions/record.js';
import { openWriter } from '../captions/registry.js';
import { loadConceptBank } from '../concepts/bank.js';
import type { Settings } from '../config/schema.js';
import { tarSize } from '../formats/tar.js';
import { allBlank, blankError, paintSamples } from '../images/paint-samples.js';
import { openPainter, paintsOnThreads } from '../images/registry.js';
import { requireMemory } from '../resources.js';
import { inRun } from '../run/run.js';
import type { Cost, StageOptions } from '../stage.js';
import { calibrate, shownSeconds } from './calibrate.js';
import { CaptionShards } from './captions.js';
import { captionsDir } from './captions-stage.js';
import { imagesFingerprint, resolvedOf } from './fingerprint.js';
import { captionsAtOnce, encodeSample, imageRecord } from './image-shards.js';
import { checkPlan, presentSamples, type StagePlan } from './ledger.js';
import { type Manifest, readManifest, shardsOf } from './manifest.js';
import { RejectionWatch } from './rejection-watch.js';
import { samplesOnTheWay } from './shard-file.js';
import { someCaptions } from './some-captions.js';
import { writeShards } from './write-shards.js';

/** The images' folder of a run. */
export const imagesDir = (dir: string): string => join(dir, 'images');

/**
 * Stage g2: paints n images of every caption on worker threads, into `images/images-000000.tar` …, or what is missing of them.
 * @throws Interrupted when asked to stop
 * @throws UserError without finished captions, when another process holds the run, it was made with other settings, or a shard is corrupt
 */
export async function writeImages(o: StageOptions): Promise<{ images: number }> {
  return inRun(o, { stages: ['images'] }, () => write(o));
}

async function write(o: StageOptions): Promise<{ images: number }> {
  const { settings, hooks } = o;
  const captions = await CaptionShards.open(captionsDir(o.dir));
  const plan = await imagesPlan(o, captions.manifest, captions.manifest.samples);
  requireMemory(memoryOf(settings, Math.min(threadsOf(settings), shardsOf(plan))));
  await writeShards({
    plan,
    data: {
      kind: 'images',
      settings,
      dir: imagesDir(o.dir),
      captionsDir: captionsDir(o.dir),
      samples: plan.samples,
      resolved: resolvedOf(plan.fingerprint),
    },
    hooks,
    threads: threadsOf(settings),
    unit: 'images',
    unitsPerSample: settings.images.perCaption,
    rejects: 'repainted',
  });
  return { images: captions.length * settings.images.perCaption };
}

/** A painter that keeps the whole machine busy, or another one, has one thread. */
const threadsOf = (s: Settings): number => (paintsOnThreads(s) ? s.runtime.workers || availableParallelism() : 1);

/** @param samples captions of the whole stage */
async function imagesPlan(
  { settings: s, dir, hooks }: StageOptions,
  captions: Manifest,
  samples: number,
): Promise<StagePlan> {
  const found = await readManifest(imagesDir(dir));
  const left = samples - (found ? await presentSamples(imagesDir(dir), found) : 0);
  return {
    kind: 'images',
    fingerprint: await imagesFingerprint(s, captions.settings, hooks, left > 0),
    samples,
    perShard: s.images.captionsPerShard,
  };
}

/** What a painting thread takes: V8's heap, the drawing library, and bytes for each pixel painted at once. Measured at 64 … 256 px. */
const THREAD_MB = 95;
const PIXEL_BYTES = 50;

function memoryOf({ images }: Settings, threads: number): number {
  const pixelBytes = captionsAtOnce(images) * images.perCaption * images.size ** 2 * PIXEL_BYTES;
  return process.memoryUsage.rss() / 2 ** 20 + threads * (THREAD_MB + pixelBytes / 2 ** 20);
}

/** Captions all of whose images must be blank before a painter is taken for one that paints nothing, if there are so many. */
const BLANK_CAPTIONS = 3;

/** What `writeImages` will cost from here; paints a few dozen images and writes nothing. @throws UserError as `writeImages` */
export async function imagesCost(o: StageOptions): Promise<Cost> {
  const { settings: s, hooks } = o;
  const written = await readManifest(captionsDir(o.dir));
  const total = Math.max(written?.samples ?? 0, s.captions.count);
  const found = written && (await checkPlan(imagesDir(o.dir), await imagesPlan(o, written, total)));
  const dir = imagesDir(o.dir);
  const left = total - (found ? (await presentSamples(dir, found)) + samplesOnTheWay(dir) : 0);
  if (left <= 0) return { seconds: 0, memoryMb: 0, diskMb: 0, basis: 'all images are there' };
  const n = s.images.perCaption;
  const painter = await openPainter(s, hooks);
  try {
    const dear = !paintsOnThreads(s);
    const atOnce = Math.ceil((painter.inFlight ?? 1) / n);
    const most = Math.min(left, dear ? atOnce : Math.max(1, Math.round(64 / n)));
    const records = await firstCaptions(o, Math.max(most, Math.min(total, BLANK_CAPTIONS)));
    let bytes = 0;
    let blank = false;
    // The first images also pay for what a painter prepares; dear ones are not painted for that alone.
    if (!dear) await paintSamples(painter, records.slice(0, 1), s);
    const first = dear ? most : 4;
    const { each, n: painted } = await calibrate(
      { first, most: Math.min(most, records.length), seconds: 0.3 },
      async (count) => {
        const some = records.slice(0, count);
        const samples = await paintSamples(painter, some, s, hooks.signal);
        blank = allBlank(samples);
        bytes = 0;
        for (const [i, record] of some.entries()) {
          const json = Buffer.byteLength(JSON.stringify(imageRecord(painter, record, samples[i].attempts, s)));
          bytes += tarSize(Buffer.byteLength(record.caption)) + tarSize(json);
          for (const jpeg of await encodeSample(samples[i], s)) bytes += tarSize(jpeg.length);
        }
      },
    );
    // One caption may be of something plain.
    if (blank && allBlank(await paintSamples(painter, records.slice(painted), s, hooks.signal)))
      throw blankError(painter, records.length, s);
    const threads = threadsFor(s, left);
    return {
      seconds: paintingSeconds(s, left, each),
      each,
      memoryMb: memoryOf(s, threads),
      diskMb: (left * bytes) / painted / 2 ** 20,
      basis: `${painted * n} images painted in ${shownSeconds(painted * each)}, ${dear ? `${atOnce * n} at once` : `${threads} ${threads === 1 ? 'thread' : 'threads'}`}`,
      images: left * n,
    };
  } finally {
    await painter.close?.();
  }
}

const threadsFor = (s: Settings, captions: number): number =>
  Math.min(threadsOf(s), shardsOf({ samples: captions, perShard: s.images.captionsPerShard }));

/** Seconds in which the images of so many captions are painted. @param each seconds a caption on one thread */
export function paintingSeconds(s: Settings, captions: number, each: number): number {
  const working = Math.min(threadsFor(s, captions), availableParallelism());
  const { captionsPerShard } = s.images;
  // Shards are whole: the last round may keep only some of the threads busy.
  const rounds = Math.ceil(Math.ceil(captions / captionsPerShard) / working);
  return Math.min(captions, rounds * captionsPerShard) * each + 0.5;
}

/** Captions to measure with: the run's own, or, before they are written, those it will have. */
async function firstCaptions({ settings, dir, hooks }: StageOptions, count: number): Promise<CaptionRecord[]> {
  const written = await CaptionShards.open(captionsDir(dir), { partial: true }).catch(() => undefined);
  const records: CaptionRecord[] = [];
  for (const [k, { file, count: there }] of (written?.manifest.shards ?? []).entries()) {
    if (records.length === count) break;
    // One that was deleted is written again before its images are painted.
    if (!existsSync(join(captionsDir(dir), file))) continue;
    const first = k * written!.manifest.perShard;
    records.push(...(await written!.range(first, Math.min(there, count - records.length))));
  }
  if (records.length > 0) return records;
  const bank = await loadConceptBank(settings);
  const writer = await openWriter(settings, hooks);
  try {
    const watch = new RejectionWatch(hooks.warn);
    return await someCaptions({ settings, bank, writer, count, signal: hooks.signal, watch });
  } finally {
    await writer.close?.();
  }
}
