import { normalise } from './augment.js';
import { decode } from './image.js';
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
  const image = await decode(bytes);
  const side = Math.min(image.width, image.height);
  const box = { x: (image.width - side) / 2, y: (image.height - side) / 2, width: side, height: side };
  const x = cropResize(image, box, size);
  normalise(x, mean, std);
  return x;
}
