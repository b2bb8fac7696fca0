import { decode, decodeFile, type Rgb } from './image.js';
import { cropResize, resizeCrop } from './resample.js';
import type { Kernel } from './taps.js';

/** Changes when the same file gives other pixels than before: part of every key under which features are kept. */
export const DECODING = 2;

/** How a picture becomes a square: `model/preprocessing.ts` says what the words mean. */
export interface Look {
  readonly size: number;
  readonly crop: 'centre' | 'shortest' | 'squash';
  readonly resize?: number;
  readonly middle?: 'even';
  readonly kernel: Kernel;
}

/** Our own way: the largest square in the middle, resized (bicubic, antialiased; small images are enlarged). */
export const centred = (size: number): Look => ({ size, crop: 'centre', kernel: 'bicubic' });

/** A look in a word, for keys under which features are kept; empty for our own. */
export const lookKey = ({ size, crop, resize = size, kernel, middle }: Look): string =>
  crop === 'centre' && kernel === 'bicubic' ? '' : `${crop} ${resize} ${kernel}${middle ? ` ${middle}` : ''}`;

/**
 * An image file as probes see it, in 0…1.
 * @param look how it becomes a square; a number: the side of the square in its middle
 * @returns [3, size, size] @throws with the reason when it is no whole picture
 */
export async function readForEval(path: string, look: number | Look): Promise<Float32Array> {
  return forEval(await decodeFile(path, { enough: enoughFor(look) }), look);
}

/** The same of an encoded picture in memory. @throws as `readForEval` */
export async function decodeForEval(bytes: Uint8Array, look: number | Look): Promise<Float32Array> {
  return forEval(await decode(bytes, { enough: enoughFor(look) }), look);
}

const enoughFor = (look: number | Look): number =>
  typeof look === 'number' ? look : Math.max(look.size, look.resize ?? 0);

/** The same of a decoded picture. */
export function forEval(image: Rgb, how: number | Look): Float32Array {
  const look = typeof how === 'number' ? centred(how) : how;
  const { size, crop, kernel } = look;
  const { width, height, across, down } = image.of ?? { ...image, across: 1, down: 1 };
  const side = Math.min(width, height);
  if (crop !== 'centre') {
    const resize = Math.max(size, look.resize ?? size);
    const to = (length: number) => (crop === 'squash' ? resize : Math.floor((resize * length) / side));
    return resizeCrop(image, to(width), to(height), size, kernel, look.middle);
  }
  // Half a pixel goes to the right and down, of the picture as it was.
  const box = {
    x: Math.round((width - side) / 2) * across,
    y: Math.round((height - side) / 2) * down,
    width: side * across,
    height: side * down,
  };
  return cropResize(image, box, size, size, undefined, kernel);
}
