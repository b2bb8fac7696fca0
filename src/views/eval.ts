import { normalise } from './augment.js';
import { decode, decodeFile, type Rgb } from './image.js';
import { cropResize } from './resample.js';

/**
 * An image as probes see it: the shorter side resized to `size` (bicubic, antialiased; small images are enlarged), centre crop, normalised.
 * @returns [3, size, size] @throws when the bytes are no whole image
 */
export async function resizeForEval(
  bytes: Uint8Array,
  size: number,
  mean: readonly number[],
  std: readonly number[],
): Promise<Float32Array> {
  const x = centred(await decode(bytes, { enough: size }), size);
  normalise(x, mean, std);
  return x;
}

/** The same of a file, in 0…1. @throws with the reason when it is no whole picture */
export async function readForEval(path: string, size: number): Promise<Float32Array> {
  return centred(await decodeFile(path, { enough: size }), size);
}

function centred(image: Rgb, size: number): Float32Array {
  const side = Math.min(image.width, image.height);
  const box = { x: (image.width - side) / 2, y: (image.height - side) / 2, width: side, height: side };
  return cropResize(image, box, size);
}
