import { decodeFile } from './image.js';
import { cropResize } from './resample.js';

/**
 * An image file as probes see it, in 0…1: the shorter side resized to `size` (bicubic, antialiased; small images are enlarged), centre crop.
 * @returns [3, size, size] @throws with the reason when it is no whole picture
 */
export async function readForEval(path: string, size: number): Promise<Float32Array> {
  const image = await decodeFile(path, { enough: size });
  const side = Math.min(image.width, image.height);
  const box = { x: (image.width - side) / 2, y: (image.height - side) / 2, width: side, height: side };
  return cropResize(image, box, size);
}
