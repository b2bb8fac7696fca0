/**
 * How precision is averaged over recall. The paper judges VOC2007 as Kornblith et al. (2019) do it:
 * - `paper`: eleven points on scikit-learn's curve, difficult pictures count as not there. Equal scores are one threshold, and the curve
 *   ends in (recall 0, precision 1), so that the first point always gives 1/11.
 * - `paper-without-difficult`: the same, difficult pictures left out.
 * - `challenge`: the rule of the VOC2007 challenge: difficult pictures left out, equal scores ranked one by one in their order, no added point.
 * - `area`, `area-without-difficult`: scikit-learn's average precision, the sum of precisions over steps of recall.
 */
export const AP_CONVENTIONS = [
  'paper',
  'paper-without-difficult',
  'challenge',
  'area',
  'area-without-difficult',
] as const;
export type ApConvention = (typeof AP_CONVENTIONS)[number];

/** As numpy's linspace(0, 1, 11) gives them: the entries 3, 6 and 7 are one ulp above 0.3, 0.6 and 0.7, so that 3 of 10 do not reach 0.3. */
const NUMPY_POINTS = Array.from({ length: 11 }, (_, i) => (i === 10 ? 1 : i * 0.1));
/** Tenths as they are nearest, which is what the challenge's own range gives. */
const TENTHS = Array.from({ length: 11 }, (_, i) => i / 10);

/** One class' pictures, most certain first, as all figures of them start from. */
export interface Ranking {
  /** Pictures that count, by falling score; equal scores in their own order. */
  order: Int32Array;
  /** Whether the picture at a place of `order` is of the class. */
  positive: Uint8Array;
  /** Whether a threshold ends after a place of `order`: the next score is lower, or there is none. */
  ends: Uint8Array;
  convention: ApConvention;
}

/**
 * @param scores how surely each picture shows the class, at `offset + i · stride`
 * @param present there likewise: 1 yes, −1 no, 0 difficult
 * @param n pictures
 */
export function ranking(
  scores: ArrayLike<number>,
  present: ArrayLike<number>,
  n: number,
  convention: ApConvention = 'paper',
  { offset = 0, stride = 1 } = {},
): Ranking {
  const drops = convention !== 'paper' && convention !== 'area';
  const kept: number[] = [];
  for (let i = 0; i < n; i++) if (!drops || present[offset + i * stride] !== 0) kept.push(i);
  const at = (i: number) => scores[offset + i * stride];
  const order = Int32Array.from(kept.sort((a, b) => at(b) - at(a) || a - b));
  const oneByOne = convention === 'challenge';
  return {
    order,
    positive: Uint8Array.from(order, (i) => (present[offset + i * stride] === 1 ? 1 : 0)),
    ends: Uint8Array.from(order, (i, r) => (oneByOne || r + 1 === order.length || at(order[r + 1]) !== at(i) ? 1 : 0)),
    convention,
  };
}

/**
 * Average precision of one class, 0…1.
 * @param weights how often each picture counts (bootstrap); default once
 * @returns without a positive picture what the convention's code gives: 1/11 for the paper's, else 0
 */
export function averagePrecision({ order, positive, ends, convention }: Ranking, weights?: ArrayLike<number>): number {
  let all = 0;
  for (let r = 0; r < order.length; r++) if (positive[r]) all += weights ? weights[order[r]] : 1;
  const isArea = convention.startsWith('area');
  const points = convention === 'challenge' ? TENTHS : NUMPY_POINTS;
  const best = new Float64Array(points.length);
  // The point that scikit-learn appends.
  if (convention.startsWith('paper')) best[0] = 1;
  if (all === 0) return isArea ? 0 : best[0] / points.length;
  let seen = 0;
  let found = 0;
  let before = 0;
  let area = 0;
  for (let r = 0; r < order.length; r++) {
    const w = weights ? weights[order[r]] : 1;
    seen += w;
    if (positive[r]) found += w;
    if (!ends[r] || seen === 0) continue;
    const recall = found / all;
    const precision = found / seen;
    if (!isArea) {
      // Of all thresholds that reach a recall, the largest precision: those below are filled from above at the end.
      let p = Math.min(points.length - 1, Math.floor(recall * 10 + 0.5));
      while (p > 0 && points[p] > recall) p--;
      if (precision > best[p]) best[p] = precision;
    } else {
      area += (recall - before) * precision;
      before = recall;
    }
  }
  if (isArea) return area;
  let sum = 0;
  let most = 0;
  for (let p = points.length - 1; p >= 0; p--) {
    most = Math.max(most, best[p]);
    sum += most / points.length;
  }
  return sum;
}

/**
 * Average precision of each class.
 * @param scores [n, classes] @param present [n, classes] 1, −1, 0 (difficult)
 * @returns [classes] 0…1
 */
export function averagePrecisions(
  scores: ArrayLike<number>,
  present: ArrayLike<number>,
  classes: number,
  convention: ApConvention = 'paper',
): Float64Array {
  const n = scores.length / classes;
  return Float64Array.from({ length: classes }, (_, c) =>
    averagePrecision(ranking(scores, present, n, convention, { offset: c, stride: classes })),
  );
}
