import { setMaxListeners } from 'node:events';
import type { CaptionRecord } from '../captions/record.js';
import type { Settings } from '../config/schema.js';
import { type Counts, merge } from '../counts.js';
import { TarWriter } from '../formats/tar.js';
import { encodeJpeg } from '../images/encode.js';
import { allBlank, blankError, type PaintedSample, paintSamples } from '../images/paint-samples.js';
import type { Painter } from '../images/painter.js';
import { openPainter, paintsOnThreads } from '../images/registry.js';
import { CaptionShards } from './captions.js';
import { refuseDifferent } from './fingerprint.js';
import type { MakerData, MakerHooks, ShardContents } from './shard-maker.js';

/** Pixels painted at once, about: what a painter holds of them at a time is a hundredfold in bytes. */
const STEP_PIXELS = 2 ** 19;

/** Captions in a row all of whose images stay blank: the painter has ceased to paint. */
const MOST_BLANK = 16;

/** Captions painted at once, 1…8. */
export function captionsAtOnce({ perCaption, size }: Settings['images']): number {
  return Math.max(1, Math.min(8, Math.floor(STEP_PIXELS / (perCaption * size * size))));
}

/** Of each image: the key that all its randomness comes from, (seed, caption, image), and the attempt where it was painted again. */
export type NoiseKey = [number, number, number] | [number, number, number, number];

/** The `.json` of a sample: its caption's record, and how its images were made. */
export interface ImageRecord extends CaptionRecord {
  painter: string;
  /** Model by name, and what identifies its content, of painters that have one. */
  painterModel?: string;
  painterHash?: string;
  /** Side, pixels. */
  size: number;
  /** Side at which it was painted, where that is another. */
  paintSize?: number;
  seed: number;
  noise: NoiseKey[];
  scheduler?: string;
  /** Denoising steps and classifier-free guidance scale of a diffusion painter. */
  steps?: number;
  guidance?: number;
  /** Where the guided prediction was scaled back. */
  guidanceRescale?: number;
  negative?: string;
}

/** Contents of image shards: a WebDataset tar; a sample is `000000012.0.jpg … .3.jpg`, `.txt` and `.json`. */
export async function imageShards(data: MakerData, hooks: MakerHooks): Promise<ShardContents> {
  const { settings } = data;
  const captions = await CaptionShards.open(data.captionsDir);
  const painter = await openPainter(settings, hooks);
  // Between the plan and here a server may have been started anew.
  refuseDifferent(data.dir, 'images', data.resolved ?? {}, painter.resolved ?? {});
  const dear = !paintsOnThreads(settings);
  let blank = 0;
  const samples = new Samples(painter, captions, settings, data.samples, hooks.signal);
  return {
    step: dear ? 1 : captionsAtOnce(settings.images),
    dear,
    async samples(first, count, write) {
      const tar = new TarWriter(write);
      let rejected: Counts = {};
      for (const { record, painted } of await samples.take(first, count)) {
        const key = String(record.id).padStart(9, '0');
        const jpegs = await encodeSample(painted, settings);
        const json = JSON.stringify(imageRecord(painter, record, painted.attempts, settings));
        for (const [j, jpeg] of jpegs.entries()) tar.add(`${key}.${j}.jpg`, jpeg);
        tar.add(`${key}.txt`, Buffer.from(record.caption, 'utf8'));
        tar.add(`${key}.json`, Buffer.from(json, 'utf8'));
        rejected = merge(rejected, painted.rejected);
        blank = allBlank([painted]) ? blank + 1 : 0;
        if (blank === MOST_BLANK) throw blankError(painter, blank, settings);
      }
      return rejected;
    },
    end: (write) => new TarWriter(write).finish(),
    close: async () => {
      samples.close();
      await painter.close?.();
    },
  };
}

interface Sample {
  record: CaptionRecord;
  painted: PaintedSample;
}

/** Painted samples by number. Of a painter that waits for a server, the next ones are asked for before the last ones are there. */
class Samples {
  private readonly painter: Painter;
  private readonly captions: CaptionShards;
  private readonly settings: Settings;
  private readonly total: number;
  /** Samples asked for ahead of those taken. */
  private readonly window: number;
  private readonly ahead = new Map<number, Promise<Sample>>();
  private readonly stop = new AbortController();

  constructor(painter: Painter, captions: CaptionShards, settings: Settings, total: number, signal: AbortSignal) {
    this.painter = painter;
    this.captions = captions;
    this.settings = settings;
    this.total = total;
    this.window =
      painter.inFlight === undefined ? 0 : Math.ceil((2 * painter.inFlight) / settings.images.perCaption) + 1;
    // Every image in hand listens.
    setMaxListeners(0, this.stop.signal);
    signal.addEventListener('abort', () => this.stop.abort(), { once: true });
    if (signal.aborted) this.stop.abort();
  }

  async take(first: number, count: number): Promise<Sample[]> {
    if (this.window === 0) return this.paint(first, count);
    // After a shard that another process had begun, or the last of several, what was asked for ahead may not be what comes next.
    for (const id of this.ahead.keys()) if (id < first || id >= first + count + this.window) this.ahead.delete(id);
    const end = Math.min(this.total, first + count + this.window);
    for (let id = first; id < end; id++) {
      if (this.ahead.has(id)) continue;
      const sample = this.paint(id, 1).then(([one]) => one);
      // Whoever takes it hears of an error; the others that are under way then have nobody.
      sample.catch(() => {});
      this.ahead.set(id, sample);
    }
    const out: Sample[] = [];
    for (let id = first; id < first + count; id++) {
      out.push(await this.ahead.get(id)!);
      this.ahead.delete(id);
    }
    return out;
  }

  close(): void {
    this.stop.abort();
    this.ahead.clear();
  }

  private async paint(first: number, count: number): Promise<Sample[]> {
    const records = await this.captions.range(first, count);
    const painted = await paintSamples(this.painter, records, this.settings, this.stop.signal);
    return records.map((record, i) => ({ record, painted: painted[i] }));
  }
}

/** The images of a sample as files. */
export function encodeSample({ images }: PaintedSample, { images: { quality } }: Settings): Promise<Buffer[]> {
  return Promise.all(images.map((p) => encodeJpeg(p, quality)));
}

/** @param attempts that each image came from */
export function imageRecord(
  painter: Painter,
  record: CaptionRecord,
  attempts: readonly number[],
  { seed, images: { size } }: Settings,
): ImageRecord {
  const { model, modelHash, ...about } = painter.about ?? {};
  const noise = attempts.map(
    (attempt, j): NoiseKey => (attempt === 0 ? [seed, record.id, j] : [seed, record.id, j, attempt]),
  );
  const made = { painter: painter.name, painterModel: model, painterHash: modelHash, size, seed, noise, ...about };
  // Undefined values leave no trace in JSON.
  return { ...record, ...made };
}
