import { Rng } from '../rng.js';
import { resizePart } from '../views/resample.js';
import { IGNORED } from './areas.js';
import { applyPhotometric, drawPhotometric } from './photometric.js';
import type { LabelledPicture } from './pictures.js';
import type { Plan } from './settings.js';

/** Tries for a crop that is not nearly all of one class (mmsegmentation's RandomCrop). */
const TRIES = 10;

/** How pictures are cut and coloured for training. */
export type Augmentation = Pick<Plan, 'crop' | 'scale' | 'ratio' | 'mostOfOne' | 'flip' | 'photometric'>;

/** How a network takes pixels: RGB, of values in 0…1. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Sides that a picture is brought to so that it fits into long × short, whichever of its sides is longer. */
export function fitted(height: number, width: number, long: number, short: number): [height: number, width: number] {
  const by = Math.min(long / Math.max(height, width), short / Math.min(height, width));
  const to = (side: number) => Math.max(1, Math.floor(side * by + 0.5));
  return [to(height), to(width)];
}

/**
 * A crop for training, drawn by its generator: the picture is resized by a random ratio, cut so that no class has nearly all of it, mirrored, its
 * colours changed; what a small picture leaves of the crop is filled with the mean colour and ignored labels.
 * @param pixels [3, crop, crop], written: normalised @param labels [crop, crop], written
 */
export function trainingCrop(
  { image, mask }: LabelledPicture,
  o: Augmentation,
  n: Normalisation,
  rng: Rng,
  pixels: Float32Array,
  labels: Uint8Array,
): void {
  const { crop } = o;
  const ratio = rng.range(...(o.ratio as [number, number]));
  const [long, short] = o.scale.map((side) => Math.max(1, Math.floor(side * ratio)));
  const [height, width] = fitted(mask.height, mask.width, long, short);
  const [h, w] = [Math.min(height, crop), Math.min(width, crop)];
  const place = () => ({ y: rng.int(height - h + 1), x: rng.int(width - w + 1) });
  labels.fill(IGNORED);
  const cut = ({ x, y }: { x: number; y: number }) => {
    for (let r = 0; r < h; r++) {
      const row = Math.min(mask.height - 1, Math.floor(((y + r) * mask.height) / height)) * mask.width;
      for (let c = 0; c < w; c++)
        labels[r * crop + c] = mask.data[row + Math.min(mask.width - 1, Math.floor(((x + c) * mask.width) / width))];
    }
  };
  let at = place();
  cut(at);
  for (let i = 0; o.mostOfOne < 1 && i < TRIES && isOneSided(labels, o.mostOfOne); i++) {
    at = place();
    cut(at);
  }
  const mirrored = rng.chance(o.flip);
  const colours = o.photometric ? drawPhotometric(rng) : undefined;
  const part = resizePart(image, width, height, { ...at, width: w, height: h }, 'bilinear');
  if (colours) applyPhotometric(part, colours);
  // What is beyond the picture is 0 after normalisation.
  pixels.fill(0);
  for (let c = 0; c < 3; c++)
    for (let r = 0; r < h; r++)
      for (let i = 0; i < w; i++) {
        const from = part[(c * h + r) * w + (mirrored ? w - 1 - i : i)];
        pixels[(c * crop + r) * crop + i] = (from - n.mean[c]) / n.std[c];
      }
  if (mirrored) for (let r = 0; r < h; r++) labels.subarray(r * crop, r * crop + w).reverse();
}

/** Whether one class has at least so large a share of the pixels that count, or is the only one. */
function isOneSided(labels: Uint8Array, most: number): boolean {
  const counts = new Int32Array(256);
  for (const label of labels) counts[label]++;
  let [largest, all, classes] = [0, 0, 0];
  for (let c = 0; c < IGNORED; c++) {
    if (counts[c] === 0) continue;
    classes++;
    all += counts[c];
    largest = Math.max(largest, counts[c]);
  }
  return classes <= 1 || largest / all >= most;
}

/** A picture as a test sees it: its shape kept, at most so long and so short, normalised. @returns planar [3, height, width] */
export function testPicture(
  { image, mask }: LabelledPicture,
  [long, short]: readonly [number, number],
  n: Normalisation,
): { height: number; width: number; data: Float32Array } {
  const [height, width] = fitted(mask.height, mask.width, long, short);
  const data = resizePart(image, width, height, { x: 0, y: 0, width, height }, 'bilinear');
  for (let i = 0; i < data.length; i++) {
    const c = Math.floor(i / (height * width));
    data[i] = (data[i] - n.mean[c]) / n.std[c];
  }
  return { height, width, data };
}

/** Which picture is the n-th that training sees, and for the how-manieth time: all in a new random order in every pass. */
export class TrainingOrder {
  private readonly length: number;
  private readonly seed: number;
  private pass = -1;
  private order = new Int32Array(0);

  constructor(length: number, seed: number) {
    this.length = length;
    this.seed = seed;
  }

  /** @param n from 0 */
  at(n: number): { picture: number; pass: number } {
    const pass = Math.floor(n / this.length);
    if (pass !== this.pass) {
      const order = Int32Array.from({ length: this.length }, (_, i) => i);
      this.order = Rng.of(this.seed, 'segmentation', 'order', pass).shuffle(order);
      this.pass = pass;
    }
    return { picture: this.order[n % this.length], pass };
  }
}
