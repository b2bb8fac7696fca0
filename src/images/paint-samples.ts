import type { Settings } from '../config/schema.js';
import { type Counts, count } from '../counts.js';
import { UserError } from '../errors.js';
import { isBlank } from './blank.js';
import type { Painter, PaintRequest, Pixels } from './painter.js';

/** The n images of a caption. */
export interface PaintedSample {
  images: Pixels[];
  /** Attempt that each came from; 0 unless an image was blank. */
  attempts: number[];
  /** `blank`: images painted again; `blank, kept`: those that stayed blank however often. */
  rejected: Counts<'blank' | 'blank, kept'>;
}

/** Whether not one image of these samples shows anything. */
export const allBlank = (samples: readonly PaintedSample[]): boolean =>
  samples.every(({ images, rejected }) => rejected['blank, kept'] === images.length);

/** A painter that paints nothing. @param captions how many it was tried on */
export function blankError(painter: Painter, captions: number, { images }: Settings): UserError {
  const often = images.repaint === 0 ? '' : `, painted ${images.repaint + 1} times each`;
  return new UserError(
    `painter ${painter.name} paints nothing but blank images (all images of ${captions} ${captions === 1 ? 'caption' : 'captions'}${often}): see whether its model works; in half precision numbers overflow, above all in a VAE decoder, and so they do with a huge images.guidance`,
  );
}

/**
 * Paints the images of captions; those that turn out blank again, each with its next noise key.
 * @returns one sample a caption, in order
 */
export async function paintSamples(
  painter: Painter,
  captions: readonly { id: number; caption: string }[],
  settings: Settings,
  signal?: AbortSignal,
): Promise<PaintedSample[]> {
  const { perCaption, size, repaint } = settings.images;
  const requests = captions.flatMap(({ id, caption }) =>
    Array.from(
      { length: perCaption },
      (_, image): PaintRequest => ({ caption, captionId: id, image, attempt: 0, seed: settings.seed, size }),
    ),
  );
  const images = await paint(painter, requests, signal);
  const samples = captions.map((_, i): PaintedSample => {
    const own = images.slice(i * perCaption, (i + 1) * perCaption);
    return { images: own, attempts: own.map(() => 0), rejected: {} };
  });
  const sampleOf = (i: number) => samples[Math.floor(i / perCaption)];
  let blank = images.flatMap((image, i) => (isBlank(image) ? [i] : []));
  for (let attempt = 1; attempt <= repaint && blank.length > 0; attempt++) {
    for (const i of blank) count(sampleOf(i).rejected, 'blank');
    const again = await paint(
      painter,
      blank.map((i) => ({ ...requests[i], attempt })),
      signal,
    );
    blank.forEach((i, k) => {
      const sample = sampleOf(i);
      sample.images[i % perCaption] = again[k];
      sample.attempts[i % perCaption] = attempt;
    });
    blank = blank.filter((_, k) => isBlank(again[k]));
  }
  for (const i of blank) count(sampleOf(i).rejected, 'blank, kept');
  return samples;
}

async function paint(painter: Painter, requests: readonly PaintRequest[], signal?: AbortSignal): Promise<Pixels[]> {
  const images = await painter.paint(requests, signal);
  if (images.length !== requests.length)
    throw new Error(`internal: painter ${painter.name} gave ${images.length} images for ${requests.length} requests`);
  return images;
}
