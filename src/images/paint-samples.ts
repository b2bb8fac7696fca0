import type { CaptionRecord } from '../captions/record.js';
import type { Settings } from '../config/schema.js';
import { type Counts, count } from '../counts.js';
import { UserError } from '../errors.js';
import { isBlank } from './blank.js';
import { areCopies, areIdentical, areNearlyEqual, copiesAmong } from './copies.js';
import { type Painter, type PaintRequest, type Pixels, serverSeed } from './painter.js';

/** A caption with its number, or the record that synclr has of it. */
export type PaintedCaption = CaptionRecord | { id: number; caption: string };

/** Of a corpus from elsewhere there may be a record that names no concept. */
const isRecord = (caption: PaintedCaption): caption is CaptionRecord =>
  'template' in caption && caption.concept !== undefined && caption.concept !== '';

/** The n images of a caption. */
export interface PaintedSample {
  images: Pixels[];
  /** Attempt that each came from; 0 unless an image was blank. */
  attempts: number[];
  /**
   * `blank`: images painted again; `blank, kept`: those that stayed blank however often. `copy` likewise: of another image of the caption,
   * which a server gives that answers with one and the same picture to what it will not paint.
   */
  rejected: Counts<Fault | `${Fault}, kept`>;
}

type Fault = 'blank' | 'copy';

/** Painted with two seeds to see whether a painter heeds them: any model makes something of it. */
const CONTROL = 'a red apple beside a blue cup on a wooden table';
/** Painters that were seen to heed the seed; `hardly`: of theirs, nearly equal images are no copies. */
const heeding = new WeakMap<Painter, 'clearly' | 'hardly'>();

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
 * Paints the images of captions; those that turn out blank again, each with its next noise key, and so those that are copies of another
 * image of their caption.
 * @param captions a caption with its record is painted as the record means it; one alone as it reads
 * @param ignored what to do where the painter ignores the seed: to keep its copies is for those who compare them
 * @returns one sample a caption, in order
 * @throws UserError where the painter ignores the seed, so that all images of a caption are copies
 */
export async function paintSamples(
  painter: Painter,
  captions: readonly PaintedCaption[],
  settings: Settings,
  signal?: AbortSignal,
  ignored: 'refuse' | 'keep' = 'refuse',
): Promise<PaintedSample[]> {
  const { perCaption, size, repaint } = settings.images;
  const requests = captions.flatMap((painted) => {
    const { id, caption } = painted;
    const record = isRecord(painted) ? { record: painted } : {};
    return Array.from(
      { length: perCaption },
      (_, image): PaintRequest => ({ caption, ...record, captionId: id, image, attempt: 0, seed: settings.seed, size }),
    );
  });
  const images = await paint(painter, requests, signal);
  const samples = captions.map((_, i): PaintedSample => {
    const own = images.slice(i * perCaption, (i + 1) * perCaption);
    return { images: own, attempts: own.map(() => 0), rejected: {} };
  });
  const faults = () => samples.flatMap((sample) => faultsOf(sample.images, painter));
  let found = faults();
  const copy = found.indexOf('copy');
  if (copy >= 0 || (perCaption === 1 && mayIgnore(painter) && found[0] === undefined)) {
    const heeds = await heedsSeed(painter, requests[Math.max(0, copy)], copy >= 0 ? undefined : images[0], signal);
    if (!heeds && ignored === 'keep') return samples;
    if (!heeds)
      throw await painter.ignoresSeed!(
        `“${CONTROL}” with the seeds ${controls(requests[Math.max(0, copy)]).map(serverSeed).join(' and ')}`,
      );
    heeding.set(painter, heeds);
    found = faults();
  }
  for (let attempt = 1; attempt <= repaint && found.some(Boolean); attempt++) {
    const bad = found.flatMap((fault, i) => (fault ? [i] : []));
    for (const i of bad) count(samples[Math.floor(i / perCaption)].rejected, found[i]!);
    const again = await paint(
      painter,
      bad.map((i) => ({ ...requests[i], attempt })),
      signal,
    );
    bad.forEach((i, k) => {
      const sample = samples[Math.floor(i / perCaption)];
      sample.images[i % perCaption] = again[k];
      sample.attempts[i % perCaption] = attempt;
    });
    found = faults();
  }
  found.forEach((fault, i) => {
    if (fault) count(samples[Math.floor(i / perCaption)].rejected, `${fault}, kept`);
  });
  return samples;
}

/** Whether two images are copies, as far as the painter is known. */
export const sameFor = (painter: Painter): ((a: Pixels, b: Pixels) => boolean) =>
  heeding.get(painter) === 'hardly' ? areIdentical : areCopies;

/** What is wrong with each image of a sample. */
function faultsOf(images: readonly Pixels[], painter: Painter): (Fault | undefined)[] {
  const blank = images.map(isBlank);
  const copies = painter.ignoresSeed ? copiesAmong(images, (i) => blank[i], sameFor(painter)) : [];
  return images.map((_, i) => (blank[i] ? 'blank' : copies[i] !== undefined ? 'copy' : undefined));
}

const mayIgnore = (painter: Painter): boolean => painter.ignoresSeed !== undefined && !heeding.has(painter);

/** A harmless caption with two seeds that no image has. */
const controls = (of: PaintRequest): PaintRequest[] =>
  [1, 2].map((k) => ({ ...of, caption: CONTROL, record: undefined, image: 2 ** 20 + k }));

/**
 * Whether a painter heeds the seed. That two images of a caption are copies may be the caption's fault (a picture that stands for what a
 * filter has stopped); so a harmless one is painted with two seeds as well, and where these are nearly equal, with one of them again.
 * @param of one of its requests @param image what came of it, where nothing is known yet
 * @returns undefined where it ignores the seed
 */
async function heedsSeed(
  painter: Painter,
  of: PaintRequest,
  image: Pixels | undefined,
  signal: AbortSignal | undefined,
): Promise<'clearly' | 'hardly' | undefined> {
  if (image) {
    const [other] = await paint(painter, [{ ...of, image: of.image + 1 }], signal);
    if (!areCopies(image, other)) return 'clearly';
  }
  const asked = controls(of);
  const [a, b] = await paint(painter, asked, signal);
  if (isBlank(a) || isBlank(b) || !areCopies(a, b)) return 'clearly';
  if (areIdentical(a, b)) return undefined;
  const [again] = await paint(painter, asked.slice(0, 1), signal);
  return areNearlyEqual(a, b, again) ? 'hardly' : undefined;
}

async function paint(painter: Painter, requests: readonly PaintRequest[], signal?: AbortSignal): Promise<Pixels[]> {
  const images = await painter.paint(requests, signal);
  if (images.length !== requests.length)
    throw new Error(`internal: painter ${painter.name} gave ${images.length} images for ${requests.length} requests`);
  return images;
}
