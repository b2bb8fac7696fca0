import { forEval, type Look } from '../views/eval.js';
import { decode, LARGE, type Rgb, whyNot } from '../views/image.js';
import type { Picture } from './set.js';

/**
 * Puts one picture, as each look has it, into slot `slot` of each look's memory. It is decoded once, unless it is so large that decoders
 * make it smaller to what a look needs: then once for each such size, so that what one encoder sees does not depend on the others.
 * @param into [slots, 3, size, size] in 0…1, for each look
 * @returns why it is left out, in one line; undefined: it is there
 */
export async function intoLooks(
  picture: Picture,
  looks: readonly Look[],
  into: readonly Float32Array[],
  slot: number,
): Promise<string | undefined> {
  try {
    const decoded = new Map<number, Rgb>();
    for (const [i, look] of looks.entries()) {
      const length = 3 * look.size ** 2;
      into[i].set(forEval(await rgbFor(picture, look, decoded), look), slot * length);
    }
    return undefined;
  } catch (e) {
    return whyNot(e);
  }
}

async function rgbFor(picture: Picture, look: Look, decoded: Map<number, Rgb>): Promise<Rgb> {
  if (!(picture instanceof Uint8Array)) return picture;
  const enough = Math.max(look.size, look.resize ?? 0);
  const [first] = decoded.values();
  const isSmall = first !== undefined && first.of === undefined && first.width * first.height <= LARGE;
  const found = isSmall ? first : decoded.get(enough);
  if (found) return found;
  const rgb = await decode(picture, { enough });
  decoded.set(enough, rgb);
  return rgb;
}
