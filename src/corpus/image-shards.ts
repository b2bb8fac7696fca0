import { packFiles } from '../formats/tar.js';
import { encodeJpeg } from '../images/encode.js';
import { openPainter } from '../images/registry.js';
import { CaptionShards } from './captions.js';
import type { ShardMaker } from './shard-worker.js';
import type { ShardWorkerData } from './write-shards.js';

/** Captions painted between two words of progress. */
const CHUNK = 8;

/** Image shards: WebDataset tars; a sample is `000000012.0.jpg … .3.jpg`, `.txt` and `.json`. */
export async function imageShards({ settings, captionsDir }: ShardWorkerData): Promise<ShardMaker> {
  const captions = await CaptionShards.open(captionsDir);
  const painter = openPainter(settings);
  const { perCaption, size, quality } = settings.images;
  return async ({ first, count }, progress) => {
    const files: { name: string; data: Uint8Array | string }[] = [];
    for (let at = first; at < first + count; at += CHUNK) {
      const records = await captions.range(at, Math.min(CHUNK, first + count - at));
      const images = await painter.paint(
        records.flatMap((r) =>
          Array.from({ length: perCaption }, (_, image) => ({ caption: r.caption, captionId: r.id, image, seed: settings.seed, size })),
        ),
      );
      for (const [i, record] of records.entries()) {
        const key = String(record.id).padStart(9, '0');
        for (let j = 0; j < perCaption; j++)
          files.push({ name: `${key}.${j}.jpg`, data: await encodeJpeg(images[i * perCaption + j], quality) });
        files.push({ name: `${key}.txt`, data: record.caption });
        const about = { ...record, painter: painter.name, size, seed: settings.seed, noise: Array.from({ length: perCaption }, (_, j) => [settings.seed, record.id, j]), guidance: null };
        files.push({ name: `${key}.json`, data: JSON.stringify(about) });
      }
      progress(records.length * perCaption);
    }
    return packFiles(files);
  };
}
