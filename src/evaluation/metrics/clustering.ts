/** How the mutual information is brought to 0…1: over which mean of both entropies. scikit-learn's, and the usual one, is `arithmetic`. */
export const NMI_MEANS = ['arithmetic', 'geometric', 'min', 'max'] as const;
export type NmiMean = (typeof NMI_MEANS)[number];

/** How often each pair of groups of two groupings meets. */
export interface Contingency {
  /** [rows, columns] */
  counts: Float64Array;
  rows: number;
  columns: number;
  /** Sums of rows, and of columns. */
  a: Float64Array;
  b: Float64Array;
  n: number;
}

/** Groups may have any numbers; only those that occur count. */
export function contingency(a: ArrayLike<number>, b: ArrayLike<number>): Contingency {
  const number = (of: ArrayLike<number>) =>
    new Map([...new Set(Array.from(of))].sort((x, y) => x - y).map((g, i) => [g, i]));
  const [ofA, ofB] = [number(a), number(b)];
  const [rows, columns, n] = [ofA.size, ofB.size, a.length];
  const counts = new Float64Array(rows * columns);
  for (let i = 0; i < n; i++) counts[ofA.get(a[i])! * columns + ofB.get(b[i])!]++;
  const sums = { a: new Float64Array(rows), b: new Float64Array(columns) };
  counts.forEach((c, i) => {
    sums.a[Math.floor(i / columns)] += c;
    sums.b[i % columns] += c;
  });
  return { counts, rows, columns, ...sums, n };
}

/** In nats. */
export function entropy(sizes: ArrayLike<number>, n: number): number {
  let sum = 0;
  for (let i = 0; i < sizes.length; i++) if (sizes[i] > 0) sum -= (sizes[i] / n) * Math.log(sizes[i] / n);
  return sum;
}

/** In nats. */
export function mutualInformation({ counts, columns, a, b, n }: Contingency): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const both = counts[i];
    if (both === 0) continue;
    sum += (both / n) * (Math.log(both / n) - Math.log(a[Math.floor(i / columns)] / n) - Math.log(b[i % columns] / n));
  }
  return Math.max(0, sum);
}

const MEANS: Readonly<Record<NmiMean, (x: number, y: number) => number>> = {
  arithmetic: (x, y) => (x + y) / 2,
  geometric: (x, y) => Math.sqrt(x * y),
  min: Math.min,
  max: Math.max,
};

/** Normalised mutual information, 0…1. Two groupings of one group each are the same: 1; of one such it is 0. */
export function nmi(t: Contingency, mean: NmiMean = 'arithmetic'): number {
  if (t.rows === t.columns && t.rows <= 1) return 1;
  const mi = mutualInformation(t);
  return mi < Number.EPSILON ? 0 : mi / Math.max(MEANS[mean](entropy(t.a, t.n), entropy(t.b, t.n)), Number.EPSILON);
}

/** Mutual information beyond what chance gives to groups of these sizes (Vinh et al. 2010), over the arithmetic mean; 1 at most. */
export function ami(t: Contingency): number {
  if (t.rows === t.columns && (t.rows <= 1 || t.rows === t.n)) return 1;
  const expected = expectedInformation(t);
  const top = MEANS.arithmetic(entropy(t.a, t.n), entropy(t.b, t.n)) - expected;
  // Rounding must not turn 0 / 0 into something large.
  const below = top < 0 ? Math.min(top, -Number.EPSILON) : Math.max(top, Number.EPSILON);
  return (mutualInformation(t) - expected) / below;
}

/** Of groupings with these sizes drawn at random: the hypergeometric mean. */
function expectedInformation({ a, b, n }: Contingency): number {
  const log = logFactorials(n);
  let sum = 0;
  for (const x of a)
    for (const y of b)
      for (let both = Math.max(1, x + y - n); both <= Math.min(x, y); both++) {
        const chance = log[x] + log[y] + log[n - x] + log[n - y] - log[n] - log[both] - log[x - both] - log[y - both];
        sum += (both / n) * Math.log((n * both) / (x * y)) * Math.exp(chance - log[n - x - y + both]);
      }
  return sum;
}

function logFactorials(n: number): Float64Array {
  const out = new Float64Array(n + 1);
  for (let i = 2; i <= n; i++) out[i] = out[i - 1] + Math.log(i);
  return out;
}

/** Adjusted Rand index (Hubert & Arabie 1985), 1 at most; 0 by chance. */
export function ari({ counts, a, b, n }: Contingency): number {
  const squares = (x: Float64Array) => x.reduce((sum, v) => sum + v * v, 0);
  const together = squares(counts);
  // Pairs: together in both, in one alone, apart in both.
  const onlyA = squares(a) - together;
  const onlyB = squares(b) - together;
  const both = together - n;
  const apart = n * n - onlyA - onlyB - together;
  if (onlyA === 0 && onlyB === 0) return 1;
  return (2 * (both * apart - onlyA * onlyB)) / ((both + onlyA) * (onlyA + apart) + (both + onlyB) * (onlyB + apart));
}

/** Homogeneity, completeness and their harmonic mean V (Rosenberg & Hirschberg 2007), 0…1. @param t true classes × clusters */
export function vMeasure(t: Contingency): { homogeneity: number; completeness: number; v: number } {
  const mi = mutualInformation(t);
  const share = (of: number) => (of > 0 ? mi / of : 1);
  const [homogeneity, completeness] = [share(entropy(t.a, t.n)), share(entropy(t.b, t.n))];
  const sum = homogeneity + completeness;
  return { homogeneity, completeness, v: sum > 0 ? (2 * homogeneity * completeness) / sum : 0 };
}

/** Share of pictures that are right where every cluster stands for another class, those chosen for which that is most (Kuhn 1955), 0…1. */
export function matchedAccuracy(t: Contingency): number {
  const size = Math.max(t.rows, t.columns);
  const most = t.counts.reduce((m, c) => Math.max(m, c), 0);
  const cost = new Float64Array(size * size).fill(most);
  for (let r = 0; r < t.rows; r++)
    for (let c = 0; c < t.columns; c++) cost[r * size + c] = most - t.counts[r * t.columns + c];
  let right = 0;
  assignment(cost, size).forEach((c, r) => {
    if (r < t.rows && c < t.columns) right += t.counts[r * t.columns + c];
  });
  return right / t.n;
}

/**
 * Cheapest pairing of rows with columns by shortest augmenting paths (Jonker & Volgenant 1987), size³ operations.
 * @param cost [size, size] @returns [size] the column of each row
 */
export function assignment(cost: Float64Array, size: number): Int32Array {
  const ofRow = new Float64Array(size);
  const ofColumn = new Float64Array(size);
  const rowOf = new Int32Array(size).fill(-1);
  for (let row = 0; row < size; row++) {
    const distance = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
    const from = new Int32Array(size).fill(-1);
    const done = new Uint8Array(size);
    let here = row;
    let column = -1;
    let least = 0;
    do {
      let next = -1;
      for (let c = 0; c < size; c++) {
        if (done[c]) continue;
        const d = least + cost[here * size + c] - ofRow[here] - ofColumn[c];
        if (d < distance[c]) {
          distance[c] = d;
          from[c] = column;
        }
        if (next < 0 || distance[c] < distance[next]) next = c;
      }
      least = distance[next];
      done[next] = 1;
      column = next;
      here = rowOf[next];
    } while (here >= 0);
    // Prices of what was reached, so that the path's edges cost nothing.
    ofRow[row] += least;
    for (let c = 0; c < size; c++)
      if (done[c]) {
        if (rowOf[c] >= 0) ofRow[rowOf[c]] += least - distance[c];
        ofColumn[c] -= least - distance[c];
      }
    for (let c = column; c >= 0; ) {
      const before = from[c];
      rowOf[c] = before >= 0 ? rowOf[before] : row;
      c = before;
    }
  }
  const out = new Int32Array(size);
  rowOf.forEach((r, c) => {
    out[r] = c;
  });
  return out;
}
