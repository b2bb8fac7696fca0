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

/** Pixels that are any different, as a share, and mean difference of a channel, from which on two pictures may well be two. */
const LEAST_SPREAD = 0.1;
const LEAST_MEAN = 2;
/** How many times as different as one picture painted twice. */
const LEAST_RATIO = 4;

/**
 * Whether two nearly equal images are yet two: they differ all over, and by far more than one of them from itself, painted again. Models of
 * few steps paint plain captions almost alike whatever the noise.
 * @param again the request of `a` once more
 */
export function areNearlyEqual(a: Pixels, b: Pixels, again: Pixels): boolean {
  const apart = differenceOf(a, b);
  return apart.spread >= LEAST_SPREAD && apart.mean >= Math.max(LEAST_MEAN, LEAST_RATIO * differenceOf(a, again).mean);
}

function differenceOf(a: Pixels, b: Pixels): { spread: number; mean: number } {
  const n = a.width * a.height;
  let sum = 0;
  let different = 0;
  for (let i = 0; i < 3 * n; i += 3) {
    const d =
      Math.abs(a.data[i] - b.data[i]) +
      Math.abs(a.data[i + 1] - b.data[i + 1]) +
      Math.abs(a.data[i + 2] - b.data[i + 2]);
    sum += d;
    if (d > 0) different++;
  }
  return { spread: different / n, mean: sum / (3 * n) };
}

/** Whether two images are one, to the last bit. */
export const areIdentical = (a: Pixels, b: Pixels): boolean =>
  a.width === b.width && Buffer.compare(a.data, b.data) === 0;

/** Of each image, the first one before it that it is a copy of; undefined where it is none, or where `skip` says that it does not count. */
export function copiesAmong(
  images: readonly Pixels[],
  skip: (i: number) => boolean = () => false,
  same: (a: Pixels, b: Pixels) => boolean = areCopies,
): (number | undefined)[] {
  return images.map((image, i) => {
    if (skip(i)) return undefined;
    const first = images.findIndex((other, j) => j < i && !skip(j) && same(other, image));
    return first < 0 ? undefined : first;
  });
}
