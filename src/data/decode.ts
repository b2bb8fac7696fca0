import { type DecodedBatch, type DecodeListOptions, decodeList } from '../probe/decode.js';
import { decodeForEval, forEval, type Look } from '../views/eval.js';
import { decode, type Rgb } from '../views/image.js';
import { type LabelMap, requireSameSize } from './masks.js';
import type { EvalSplit } from './set.js';

export interface DecodeSetOptions extends DecodeListOptions {
  /** Numbers of the pictures that are wanted, in the order that they are wanted in; default: all. */
  only?: ArrayLike<number>;
}

/**
 * Pictures of a split as squares, in order, several decoded at a time, one batch ahead of its reader: all encoders that
 * share a look can be given the same pixels. Broken pictures are left out and named; pictures that are pixels already
 * are not coded on the way.
 * @param look how each becomes a square; a number: the side of the square in its middle
 * @returns batches: pixels [n, 3, size, size] in 0…1, index [n] which picture of the split each is, what was left out
 * @throws Interrupted; UserError where the file that the pictures lie in is gone or damaged as a whole
 */
export async function* decodeSet(
  split: EvalSplit,
  look: number | Look,
  o: DecodeSetOptions,
): AsyncGenerator<DecodedBatch> {
  const { only } = o;
  const at = (i: number) => (only ? only[i] : i);
  const list = {
    length: only?.length ?? split.length,
    nameOf: (i: number) => split.nameOf(at(i)),
    pixels: async (i: number) => {
      const picture = await split.read(at(i));
      return picture instanceof Uint8Array ? decodeForEval(picture, look) : forEval(picture, look);
    },
  };
  for await (const batch of decodeList(list, typeof look === 'number' ? look : look.size, o))
    yield only ? { ...batch, index: batch.index.map(at) } : batch;
}

/** A picture of a split, decoded at its own size. @throws with the reason; UserError as `EvalSplit.read` */
export async function decodePicture(split: EvalSplit, i: number): Promise<Rgb> {
  const picture = await split.read(i);
  return picture instanceof Uint8Array ? decode(picture) : picture;
}

/**
 * A picture and its label map, decoded at their own size.
 * @throws with the reason where one of them is broken, or their sizes differ; UserError as `EvalSplit.read`
 */
export async function decodePair(split: EvalSplit, i: number): Promise<{ image: Rgb; mask: LabelMap }> {
  if (!split.readMask) throw new Error('internal: pairs of a data set without label maps');
  const [image, mask] = await Promise.all([decodePicture(split, i), split.readMask(i)]);
  requireSameSize(image, mask);
  return { image, mask };
}
