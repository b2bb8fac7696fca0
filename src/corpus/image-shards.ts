import type { CaptionRecord } from '../captions/record.js';
import type { Settings } from '../config/schema.js';
import { TarWriter } from '../formats/tar.js';
import { encodeJpeg } from '../images/encode.js';
import type { Painter } from '../images/painter.js';
import { openPainter } from '../images/registry.js';
import { CaptionShards } from './captions.js';
import type { MakerData, ShardContents } from './shard-maker.js';

/** Pixels painted at once, about: what a painter holds of them at a time is a hundredfold in bytes. */
const STEP_PIXELS = 2 ** 19;

/** Captions painted at once, 1…8. */
export function captionsAtOnce({ perCaption, size }: Settings['images']): number {
  return Math.max(1, Math.min(8, Math.floor(STEP_PIXELS / (perCaption * size * size))));
}

/** The `.json` of a sample: its caption's record, and how its images were made. */
export interface ImageRecord extends CaptionRecord {
  painter: string;
  /** Side, pixels. */
  size: number;
  seed: number;
  /** Of each image: the key that all its randomness comes from, (seed, caption, image). */
  noise: [number, number, number][];
  /** Classifier-free guidance scale and denoising steps; absent where the painter knows neither. */
  guidance?: number;
  steps?: number;
}

/** Contents of image shards: a WebDataset tar; a sample is `000000012.0.jpg … .3.jpg`, `.txt` and `.json`. */
export async function imageShards({ settings, captionsDir }: MakerData): Promise<ShardContents> {
  const captions = await CaptionShards.open(captionsDir);
  const painter = await openPainter(settings);
  return {
    step: captionsAtOnce(settings.images),
    async samples(first, count, write) {
      const tar = new TarWriter(write);
      const records = await captions.range(first, count);
      const images = await paintSamples(painter, records, settings);
      for (const [i, record] of records.entries()) {
        const key = String(record.id).padStart(9, '0');
        for (const [j, jpeg] of images[i].entries()) tar.add(`${key}.${j}.jpg`, jpeg);
        tar.add(`${key}.txt`, Buffer.from(record.caption, 'utf8'));
        tar.add(`${key}.json`, Buffer.from(JSON.stringify(imageRecord(painter, record, settings)), 'utf8'));
      }
    },
    end: (write) => new TarWriter(write).finish(),
    close: async () => painter.close?.(),
  };
}

/** The encoded images of each record, [records][perCaption]. */
export async function paintSamples(
  painter: Painter,
  records: readonly CaptionRecord[],
  s: Settings,
): Promise<Uint8Array[][]> {
  const { perCaption, size, quality } = s.images;
  const requests = records.flatMap((r) =>
    Array.from({ length: perCaption }, (_, image) => ({
      caption: r.caption,
      captionId: r.id,
      image,
      seed: s.seed,
      size,
    })),
  );
  const pixels = await painter.paint(requests);
  if (pixels.length !== requests.length)
    throw new Error(`internal: painter ${painter.name} gave ${pixels.length} images for ${requests.length} requests`);
  const jpegs = await Promise.all(pixels.map((p) => encodeJpeg(p, quality)));
  return records.map((_, i) => jpegs.slice(i * perCaption, (i + 1) * perCaption));
}

export function imageRecord(painter: Painter, record: CaptionRecord, s: Settings): ImageRecord {
  const { perCaption, size, guidance, steps } = s.images;
  const noise = Array.from({ length: perCaption }, (_, j): [number, number, number] => [s.seed, record.id, j]);
  const about: ImageRecord = { ...record, painter: painter.name, size, seed: s.seed, noise };
  return painter.name === 'embedded' ? about : { ...about, guidance, steps };
}
