import type { Pixels } from './painter.js';

/** Values of a channel that differ by no more than this may have been encoded twice: JPEG's noise, rounding. */
const SAME = 16;
/** Of two images that are not copies, at least this share of the pixels differs. */
const LEAST_DIFFERENT = 0.004;

/**
 * Whether two images are one: pixel by pixel the same, or but for what encoding a picture again does to it. Two images that were painted
 * from different noise differ nearly everywhere; what else their files hold (a time, a seed) is no difference.
 */
export function areCopies(a: Pixels, b: Pixels): boolean {
  if (a.width !== b.width || a.height !== b.height) return false;
  const n = a.width * a.height;
  const enough = Math.max(1, Math.ceil(n * LEAST_DIFFERENT));
  let different = 0;
  for (let i = 0; i < 3 * n; i += 3) {
    const far =
      Math.abs(a.data[i] - b.data[i]) > SAME ||
      Math.abs(a.data[i + 1] - b.data[i + 1]) > SAME ||
      Math.abs(a.data[i + 2] - b.data[i + 2]) > SAME;
    if (far && ++different >= enough) return false;
  }
  return true;
}

/** Of each image, the first one before it that it is a copy of; undefined where it is none, or where `skip` says that it does not count. */
export function copiesAmong(
  images: readonly Pixels[],
  skip: (i: number) => boolean = () => false,
): (number | undefined)[] {
  return images.map((image, i) => {
    if (skip(i)) return undefined;
    const first = images.findIndex((other, j) => j < i && !skip(j) && areCopies(other, image));
    return first < 0 ? undefined : first;
  });
}
