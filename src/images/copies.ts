import type { Pixels } from './painter.js';

/** Values of a channel that differ by no more than this may have been encoded twice: JPEG's noise, rounding. */
const SAME = 16;
/** Of two images that are not copies, at least this share of the pixels differs more. */
const LEAST_DIFFERENT = 0.004;
/** Where edges were encoded with other qualities, or colours at half the size, more of them do; then the means of squares still agree. */
const MOST_AT_EDGES = 0.05;
const MOST_OF_MEANS = 0.5;

/**
 * Whether two images are one: pixel by pixel the same, or but for what encoding a picture again does to it. Two images that were painted
 * from different noise differ nearly everywhere; what else their files hold (a time, a seed) is no difference.
 */
export function areCopies(a: Pixels, b: Pixels): boolean {
  if (a.width !== b.width || a.height !== b.height) return false;
  const n = a.width * a.height;
  const most = n * MOST_AT_EDGES;
  let different = 0;
  for (let i = 0; i < 3 * n; i += 3) {
    const far =
      Math.abs(a.data[i] - b.data[i]) > SAME ||
      Math.abs(a.data[i + 1] - b.data[i + 1]) > SAME ||
      Math.abs(a.data[i + 2] - b.data[i + 2]) > SAME;
    if (far && ++different > most) return false;
  }
  return different < Math.max(1, n * LEAST_DIFFERENT) || differenceOf(a, b).mean < MOST_OF_MEANS;
}

/** Side of the squares whose means are compared, pixels: JPEG keeps those of one picture whatever the quality, chroma at half the size included. */
const SQUARE = 16;
/** Squares whose means differ by more than a level, as a share, and mean difference of all, from which on two pictures may well be two. */
const LEAST_SPREAD = 0.1;
const LEAST_MEAN = 0.8;
/** How many times as different as one picture painted twice. */
const LEAST_RATIO = 4;

/**
 * Whether two nearly equal images are yet two: their squares differ all over, and by far more than those of one of them, painted again. Models
 * of few steps paint plain captions almost alike whatever the noise; one picture encoded twice has the same means, and other details.
 * @param again the request of `a` once more
 */
export function areNearlyEqual(a: Pixels, b: Pixels, again: Pixels): boolean {
  const apart = differenceOf(a, b);
  return apart.spread >= LEAST_SPREAD && apart.mean >= Math.max(LEAST_MEAN, LEAST_RATIO * differenceOf(a, again).mean);
}

function differenceOf(a: Pixels, b: Pixels): { spread: number; mean: number } {
  const [one, other] = [squareMeans(a), squareMeans(b)];
  let sum = 0;
  let different = 0;
  for (const [i, mean] of one.entries()) {
    const d = Math.abs(mean - other[i]);
    sum += d;
    if (d > 1) different++;
  }
  return { spread: different / one.length, mean: sum / one.length };
}

/** Mean of every channel in squares from the upper left; those at the right and lower edge may be smaller. */
function squareMeans({ width, height, data }: Pixels): Float64Array {
  const columns = Math.ceil(width / SQUARE);
  const sums = new Float64Array(columns * Math.ceil(height / SQUARE) * 3);
  const counts = new Float64Array(sums.length);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++, i++) {
        const at = (Math.floor(y / SQUARE) * columns + Math.floor(x / SQUARE)) * 3 + c;
        sums[at] += data[i];
        counts[at]++;
      }
  return sums.map((sum, i) => sum / counts[i]);
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
