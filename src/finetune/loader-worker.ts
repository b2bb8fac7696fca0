import { workerData } from 'node:worker_threads';
import { drawDropPath, dropPathRates } from '../learn/drop-path.js';
import { Rng } from '../rng.js';
import { Moved, serve } from '../threads.js';
import { decode, type Rgb, whyNot } from '../views/image.js';
import type { LoaderData, Made, Requested } from './loader.js';
import { drawMixes, flipped, mixPictures, mixTargets } from './mixing.js';
import { Sampler } from './sample.js';

/** A thread that makes whole batches for fine-tuning, one after the other. */

export interface LoaderCalls {
  batch(r: Requested): Made;
}

const { recipe, seen, classes, depth, seed, stop } = workerData as LoaderData;
const { size } = seen;
const sampler = new Sampler(recipe, seen);
const rates = dropPathRates(recipe.dropPath, depth);
const length = 3 * size * size;

async function make({ index, pictures, labels, keep }: Requested): Promise<Made> {
  const batch = labels.length;
  const images = new Float32Array(batch * length);
  const made: Extract<Made, { images: Float32Array }> = { images, targets: new Float32Array(0), decoded: [] };
  const broken: { row: number; why: string }[] = [];
  for (const [row, picture] of pictures.entries()) {
    if (Atomics.load(stop, 0) !== 0) throw new Error('internal: the loader was closed');
    let image: Rgb;
    try {
      image = picture instanceof Uint8Array ? await decode(picture, { enough: size }) : picture;
    } catch (e) {
      broken.push({ row, why: whyNot(e) });
      continue;
    }
    if (broken.length > 0) continue;
    if (picture instanceof Uint8Array && keep) made.decoded.push({ row, image: shared(image) });
    const rng = Rng.of(seed, 'picture', index, row);
    sampler.draw(image, rng, images.subarray(row * length, (row + 1) * length));
  }
  if (broken.length > 0) return { broken };
  const rng = Rng.of(seed, 'mix', index);
  const { mixup, cutmix, mixProbability: probability, mixSwitch, mixMode: mode, smoothing } = recipe;
  const mixes = drawMixes(batch, size, size, { mixup, cutmix, probability, switch: mixSwitch, mode, smoothing }, rng);
  const partner = flipped(batch);
  mixPictures(images, size, size, mixes, partner);
  made.targets = mixTargets(labels, classes, mixes, partner, smoothing);
  if (recipe.dropPath > 0) made.dropPath = drawDropPath(rates, batch, Rng.of(seed, 'dropPath', index));
  return made;
}

/** In memory that all threads see. */
function shared({ width, height, data }: Rgb): Rgb {
  const copy = new Uint8Array(new SharedArrayBuffer(data.length));
  copy.set(data);
  return { width, height, data: copy };
}

serve<LoaderCalls>({
  async batch(r) {
    const made = await make(r);
    return 'broken' in made
      ? made
      : new Moved(made, [made.images, made.targets, ...(made.dropPath ? [made.dropPath] : [])]);
  },
});
