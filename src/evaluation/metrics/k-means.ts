import { setImmediate } from 'node:timers/promises';
import { Interrupted } from '../../errors.js';
import { ops } from '../../graph/index.js';
import { Rng } from '../../rng.js';
import type { Executors } from '../../runtime/executor.js';

export interface KMeansOptions {
  clusters: number;
  seed: number;
  /** Starts, of which the one with the smallest inertia is kept; default 10. */
  restarts?: number;
  /** Rounds of one start at most; default 300. */
  rounds?: number;
  /** Where products of large sets are computed; absent: float64 in place. */
  on?: Executors;
  signal?: AbortSignal;
}

export interface Clusters {
  /** [n] */
  labels: Int32Array;
  /** [clusters, dim] */
  centres: Float64Array;
  /** Sum of squared distances from the own centre. */
  inertia: number;
  rounds: number;
  /** Inertia before each round's centres are moved. */
  history: number[];
}

/** Nearest centres of all rows: labels and squared distances. */
type Nearest = (centres: Float64Array) => Promise<{ labels: Int32Array; distances: Float64Array }>;

/** Products of a round from which an executor pays. */
const WORTH_EXECUTOR = 2e7;

/**
 * k-means (Lloyd 1982) from k-means++ starts (Arthur & Vassilvitskii 2007; each next centre is the best of 2 + ⌊ln k⌋ drawn ones).
 * @param x [n, dim] @throws Interrupted; Error where there are fewer rows than clusters
 */
export async function kMeans(x: Float32Array, dim: number, o: KMeansOptions): Promise<Clusters> {
  const n = x.length / dim;
  const { clusters, seed, restarts = 10, rounds = 300 } = o;
  if (n < clusters) throw new Error(`internal: ${clusters} clusters of ${n} rows`);
  const search = await searcher(x, dim, clusters, o.on);
  // Loops in place hear of nothing: between them there is time for a signal.
  const heard = async () => {
    await setImmediate();
    if (o.signal?.aborted) throw new Interrupted('stopped in k-means');
  };
  const nearest: Nearest = async (centres) => {
    await heard();
    return search.nearest(centres);
  };
  try {
    let best: Clusters | undefined;
    for (let r = 0; r < restarts; r++) {
      const start = await plusPlus(x, dim, clusters, Rng.of(seed, 'k-means', r), heard);
      const found = await lloyd(x, dim, start, rounds, nearest);
      if (!best || found.inertia < best.inertia) best = found;
    }
    return best!;
  } finally {
    await search.close();
  }
}

/**
 * Rounds from given centres until no row changes its cluster, or no centre moves. A cluster that loses all its rows takes the row that is farthest from its centre, as
 * scikit-learn does.
 * @param start [clusters, dim]
 */
export async function lloyd(
  x: Float32Array,
  dim: number,
  start: Float64Array,
  rounds = 300,
  nearest: Nearest = async (centres) => exactNearest(x, dim, centres),
): Promise<Clusters> {
  const n = x.length / dim;
  const clusters = start.length / dim;
  let centres = start.slice();
  let before: Int32Array | undefined;
  const history: number[] = [];
  for (let round = 1; ; round++) {
    const { labels, distances } = await nearest(centres);
    const inertia = distances.reduce((sum, d) => sum + d, 0);
    history.push(inertia);
    const same = before?.every((l, i) => l === labels[i]) ?? false;
    if (same || round > rounds) return { labels, centres, inertia, rounds: round, history };
    const sums = new Float64Array(clusters * dim);
    const counts = new Float64Array(clusters);
    for (let i = 0; i < n; i++) {
      counts[labels[i]]++;
      for (let j = 0, at = labels[i] * dim; j < dim; j++) sums[at + j] += x[i * dim + j];
    }
    relocate(x, dim, labels, distances, sums, counts);
    const moved = sums.map((s, i) => s / counts[Math.floor(i / dim)]);
    if (moved.every((c, i) => c === centres[i])) return { labels, centres, inertia, rounds: round, history };
    centres = moved;
    before = labels;
  }
}

/** Gives empty clusters the farthest rows, which their own clusters lose. */
function relocate(
  x: Float32Array,
  dim: number,
  labels: Int32Array,
  distances: Float64Array,
  sums: Float64Array,
  counts: Float64Array,
): void {
  const empty = [...counts.keys()].filter((c) => counts[c] === 0);
  if (empty.length === 0) return;
  const far = [...distances.keys()].sort((a, b) => distances[b] - distances[a]);
  empty.forEach((c, i) => {
    const row = far[i];
    for (let j = 0; j < dim; j++) {
      sums[labels[row] * dim + j] -= x[row * dim + j];
      sums[c * dim + j] = x[row * dim + j];
    }
    counts[labels[row]]--;
    counts[c] = 1;
  });
}

function exactNearest(x: Float32Array, dim: number, centres: Float64Array) {
  const n = x.length / dim;
  const labels = new Int32Array(n);
  const distances = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < n; i++)
    for (let c = 0; c * dim < centres.length; c++) {
      const d = distance(x, i * dim, centres, c * dim, dim);
      if (d < distances[i]) {
        distances[i] = d;
        labels[i] = c;
      }
    }
  return { labels, distances };
}

function distance(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += (a[i + d] - b[j + d]) ** 2;
  return sum;
}

/** @param heard called before each centre */
async function plusPlus(
  x: Float32Array,
  dim: number,
  clusters: number,
  rng: Rng,
  heard: () => Promise<void>,
): Promise<Float64Array> {
  const n = x.length / dim;
  const centres = new Float64Array(clusters * dim);
  const take = (c: number, row: number) => centres.set(x.subarray(row * dim, (row + 1) * dim), c * dim);
  const to = (row: number) => Float64Array.from({ length: n }, (_, i) => distance(x, i * dim, x, row * dim, dim));
  const first = rng.int(n);
  take(0, first);
  let closest = to(first);
  const trials = 2 + Math.floor(Math.log(clusters));
  for (let c = 1; c < clusters; c++) {
    await heard();
    let total = 0;
    for (const d of closest) total += d;
    let best: { sum: number; row: number; closest: Float64Array<ArrayBuffer> } | undefined;
    for (let t = 0; t < trials; t++) {
      let left = rng.uniform() * total;
      let row = 0;
      while (row < n - 1 && (left -= closest[row]) >= 0) row++;
      const there = to(row);
      let sum = 0;
      for (let i = 0; i < n; i++) sum += there[i] = Math.min(there[i], closest[i]);
      if (!best || sum < best.sum) best = { sum, row, closest: there };
    }
    take(c, best!.row);
    closest = best!.closest;
  }
  return centres;
}

/** Finds nearest centres where it is cheapest: small sets here, large ones as products on an executor. */
async function searcher(x: Float32Array, dim: number, clusters: number, on: Executors | undefined) {
  const n = x.length / dim;
  if (!on || n * dim * clusters < WORTH_EXECUTOR)
    return { nearest: async (centres: Float64Array) => exactNearest(x, dim, centres), close: async () => {} };
  const executor = await on.open({ small: true });
  await executor.keep('x', [n, dim], x.slice());
  await executor.load('products', { y: ops.linear(ops.input('x', [n, dim]), ops.input('centres', [clusters, dim])) });
  const squares = Float64Array.from({ length: n }, (_, i) => length2(x, i * dim, dim));
  return {
    nearest: async (centres: Float64Array) => {
      const { y } = await executor.run('products', { centres: Float32Array.from(centres) });
      const own = Float64Array.from({ length: clusters }, (_, c) => length2(centres, c * dim, dim));
      const labels = new Int32Array(n);
      const distances = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        let least = Number.POSITIVE_INFINITY;
        for (let c = 0; c < clusters; c++) {
          const d = own[c] - 2 * y[i * clusters + c];
          if (d < least) {
            least = d;
            labels[i] = c;
          }
        }
        distances[i] = Math.max(0, squares[i] + least);
      }
      return { labels, distances };
    },
    close: () => executor.close(),
  };
}

function length2(x: ArrayLike<number>, at: number, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += x[at + d] ** 2;
  return sum;
}
