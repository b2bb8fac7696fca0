import { decode, decodeFile, type Rgb } from './image.js';
import { cropResize } from './resample.js';

/** Changes when the same file gives other pixels than before: part of every key under which features are kept. */
export const DECODING = 2;

/**
 * An image file as probes see it, in 0…1: the largest square in its middle, resized to `size` (bicubic, antialiased; small images are
 * enlarged).
 * @returns [3, size, size] @throws with the reason when it is no whole picture
 */
export async function readForEval(path: string, size: number): Promise<Float32Array> {
  return forEval(await decodeFile(path, { enough: size }), size);
}

/** The same of an encoded picture in memory. @throws as `readForEval` */
export async function decodeForEval(bytes: Uint8Array, size: number): Promise<Float32Array> {
  return forEval(await decode(bytes, { enough: size }), size);
}

/** The same of a decoded picture. */
export function forEval(image: Rgb, size: number): Float32Array {
  const { width, height, across, down } = image.of ?? { ...image, across: 1, down: 1 };
  const side = Math.min(width, height);
  // Half a pixel goes to the right and down, of the picture as it was.
  const box = {
    x: Math.round((width - side) / 2) * across,
    y: Math.round((height - side) / 2) * down,
    width: side * across,
    height: side * down,
  };
  return cropResize(image, box, size);
}
