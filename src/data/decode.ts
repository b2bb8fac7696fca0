import { decode, type Rgb } from '../views/image.js';
import { type LabelMap, requireSameSize } from './masks.js';
import type { EvalSplit } from './set.js';

/**
 * A picture of a split, decoded at its own size.
 * @param o.enough a shorter side that is enough, pixels: what is much larger is made smaller while it is read
 * @throws with the reason; UserError as `EvalSplit.read`
 */
export async function decodePicture(split: EvalSplit, i: number, o: { enough?: number } = {}): Promise<Rgb> {
  const picture = await split.read(i);
  return picture instanceof Uint8Array ? decode(picture, o) : picture;
}

/**
 * A picture and its label map, which is never made smaller.
 * @throws with the reason where one of them is broken, or their sizes differ; UserError as `EvalSplit.read`
 */
export async function decodePair(
  split: EvalSplit,
  i: number,
  o: { enough?: number } = {},
): Promise<{ image: Rgb; mask: LabelMap }> {
  if (!split.readMask) throw new Error('internal: pairs of a data set without label maps');
  const image = await decodePicture(split, i, o);
  const mask = await split.readMask(i);
  requireSameSize(image.of ?? image, mask);
  return { image, mask };
}
