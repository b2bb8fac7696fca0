import { UserError } from '../errors.js';
import { isBlank } from '../images/blank.js';
import { copiesAmong } from '../images/copies.js';
import { paintSamples, sameFor } from '../images/paint-samples.js';
import type { Painter, Pixels } from '../images/painter.js';
import { openPainter } from '../images/registry.js';
import type { StageOptions } from '../stage.js';
import { decode } from '../views/image.js';
import { openCorpus } from './corpus.js';
import { encodeSample, type ImageRecord, imageRecord } from './image-shards.js';
import { imagesDir } from './images-stage.js';

/** An image of the corpus beside the same one painted again. */
export interface Repainted {
  image: number;
  stored: Pixels;
  again: Pixels;
  /** The same file, byte for byte. */
  identical: boolean;
  /** Largest and mean difference of a channel, 0…255, of the decoded files. */
  largest: number;
  mean: number;
}

export interface AgainResult {
  record: ImageRecord;
  images: Repainted[];
  /** Images that are copies of each other, as `2 of 0`: where they are stored, and as they were painted again. */
  copies: { stored: string[]; again: string[] };
  /** What the record says otherwise than today's painter: `steps (50 there, 25 now)`. */
  differs: string[];
}

/** What decides an image beside its caption and noise. */
const DECIDES = [
  'painter',
  'painterModel',
  'painterHash',
  'scheduler',
  'steps',
  'guidance',
  'guidanceRescale',
  'negative',
  'size',
  'paintSize',
  'seed',
  'noise',
] as const satisfies readonly (keyof ImageRecord)[];

/**
 * Paints the images of one caption of the corpus again, from what the sample's own JSON and the run's settings say, and compares.
 * @param id number of the caption
 * @throws UserError where there is no such caption in the corpus
 */
export async function paintAgain({ settings, dir, hooks }: StageOptions, id: number): Promise<AgainResult> {
  const corpus = await openCorpus(imagesDir(dir), { partial: true });
  try {
    if (id >= corpus.length)
      throw new UserError(`--again ${id}: ${dir} has the images of captions 0 to ${corpus.length - 1}`);
    const { record, images } = (await corpus.read(id)) as { record: ImageRecord; images: Buffer[] };
    // As many as there are, whatever today's settings say: an image's number is part of its noise.
    const asked = { ...settings, images: { ...settings.images, perCaption: images.length } };
    const painter = await openPainter(asked, hooks);
    try {
      // Of several, copies are compared and told; one alone would be confirmed by any that ignores the seed.
      const ignored = images.length > 1 ? 'keep' : 'refuse';
      const [sample] = await paintSamples(painter, [record], asked, hooks.signal, ignored);
      const files = await encodeSample(sample, asked);
      const now = JSON.parse(JSON.stringify(imageRecord(painter, record, sample.attempts, asked))) as ImageRecord;
      const differs = DECIDES.filter((k) => JSON.stringify(record[k]) !== JSON.stringify(now[k])).map(
        (k) => `${k} (${shown(record[k])} there, ${shown(now[k])} now)`,
      );
      const compared = images.map(async (file, image): Promise<Repainted> => {
        const [stored, again] = await Promise.all([
          decode(file).catch((e: Error) => {
            throw new UserError(`${corpus.where(id)}: image ${image} cannot be decoded: ${e.message}`);
          }),
          decode(files[image]),
        ]);
        return { image, stored, again, identical: file.equals(files[image]), ...difference(stored, again) };
      });
      const repainted = await Promise.all(compared);
      const copies = { stored: copiesOf(repainted, 'stored', painter), again: copiesOf(repainted, 'again', painter) };
      return { record, images: repainted, differs, copies };
    } finally {
      await painter.close?.();
    }
  } finally {
    await corpus.close();
  }
}

function copiesOf(images: readonly Repainted[], which: 'stored' | 'again', painter: Painter): string[] {
  const pixels = images.map((i) => i[which]);
  const copies = copiesAmong(pixels, (i) => isBlank(pixels[i]), sameFor(painter));
  return copies.flatMap((first, i) => (first === undefined ? [] : [`${i} of ${first}`]));
}

const shown = (value: unknown): string => (value === undefined ? 'unset' : JSON.stringify(value));

function difference(a: Pixels, b: Pixels): { largest: number; mean: number } {
  if (a.width !== b.width || a.height !== b.height) return { largest: 255, mean: 255 };
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) {
    const d = Math.abs(a.data[i] - b.data[i]);
    sum += d;
    if (d > largest) largest = d;
  }
  return { largest, mean: sum / a.data.length };
}
