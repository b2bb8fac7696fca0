import { Interrupted } from '../../errors.js';
import { ops } from '../../graph/index.js';
import { unitRows } from '../../probe/unit-rows.js';
import type { Executors } from '../../runtime/executor.js';
import { cpuExecutors } from '../../runtime/open-executors.js';

/** Queries compared with the gallery at once. */
const QUERIES = 256;

/** What one query found. All 0…1. */
export interface Found {
  /** Relevant pictures in the gallery. */
  relevant: number;
  /** Ranks of the relevant pictures from 1 on, ascending. */
  ranks: Int32Array;
}

/** Means over queries. "Recall at k" has two meanings, so both have names. */
export interface RetrievalScores {
  /** Mean average precision over the whole ranking. */
  mAP: number;
  /** Mean average precision at R, R the number of relevant pictures (Musgrave et al. 2020). */
  'mAP@R': number;
  /** Mean reciprocal rank of the first hit. */
  MRR: number;
  /** By k: share of queries with a hit among the first k (what metric learning calls R@k). */
  hit: Readonly<Record<number, number>>;
  /** By k: share of all relevant pictures that are among the first k. */
  recall: Readonly<Record<number, number>>;
}

/**
 * Ranks a gallery by cosine for each query, exactly; equal ones in their order.
 * @param gallery absent: the other queries (leave-one-out)
 * @returns by query; its own picture is never in its ranking
 * @throws Interrupted where `signal` says so
 */
export async function ranked(
  queries: { x: Float32Array; labels: Int32Array },
  gallery: { x: Float32Array; labels: Int32Array } | undefined,
  dim: number,
  on: Executors = cpuExecutors(),
  signal?: AbortSignal,
): Promise<Found[]> {
  const all = gallery ?? queries;
  const n = queries.labels.length;
  const m = all.labels.length;
  const q = unitRows(queries.x.slice(), dim);
  const byClass = new Map<number, number[]>();
  all.labels.forEach((c, i) => {
    const rows = byClass.get(c);
    if (rows) rows.push(i);
    else byClass.set(c, [i]);
  });
  const out: Found[] = [];
  const executor = await on.open({ small: true });
  try {
    await executor.keep('gallery', [m, dim], unitRows(all.x.slice(), dim));
    const block = Math.min(n, QUERIES);
    const y = ops.linear(ops.input('queries', [block, dim]), ops.input('gallery', [m, dim]));
    await executor.load('cosines', { y });
    const feed = new Float32Array(block * dim);
    for (let from = 0; from < n; from += block) {
      if (signal?.aborted) throw new Interrupted('stopped in retrieval');
      const count = Math.min(block, n - from);
      feed.fill(0);
      feed.set(q.subarray(from * dim, (from + count) * dim));
      const { y: cosines } = await executor.run('cosines', { queries: feed });
      for (let i = 0; i < count; i++) {
        const row = cosines.subarray(i * m, (i + 1) * m);
        const own = gallery ? -1 : from + i;
        const rows = (byClass.get(queries.labels[from + i]) ?? []).filter((r) => r !== own);
        out.push({ relevant: rows.length, ranks: ranksOf(rows, row, own) });
      }
    }
  } finally {
    await executor.close();
  }
  return out;
}

/** Ranks of some rows among all, by falling cosine. @param own a row that is left out */
function ranksOf(rows: readonly number[], cosines: Float32Array, own: number): Int32Array {
  const sorted = cosines.slice();
  if (own >= 0) sorted[own] = Number.NEGATIVE_INFINITY;
  // Typed arrays are sorted as numbers, ascending; ranks count from the other end.
  sorted.sort();
  const ranks = Int32Array.from(rows, (r) => {
    const above = sorted.length - upper(sorted, cosines[r]);
    const same = upper(sorted, cosines[r]) - lower(sorted, cosines[r]);
    let before = 0;
    if (same > 1) for (let i = 0; i < r; i++) if (i !== own && cosines[i] === cosines[r]) before++;
    return above + before + 1;
  });
  return ranks.sort();
}

/** How many are smaller. */
function lower(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many are not larger. */
function upper(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Average precision of one query: the mean over relevant pictures of the precision at their rank. @param upTo ranks beyond do not count */
export function averagePrecisionOf({ ranks, relevant }: Found, upTo = Number.POSITIVE_INFINITY): number {
  let sum = 0;
  for (let i = 0; i < ranks.length && ranks[i] <= upTo; i++) sum += (i + 1) / ranks[i];
  return sum / relevant;
}

/**
 * Scores of rankings.
 * @param without queries to which nothing is relevant: `skip` leaves them out (pytorch-metric-learning), `zero` counts them as found nothing
 * (torchmetrics)
 * @returns NaN where no query is left
 */
export function retrievalScores(
  found: readonly Found[],
  ks: readonly number[] = [1, 5, 10],
  without: 'skip' | 'zero' = 'skip',
): RetrievalScores {
  const asked = found.filter((f) => f.relevant > 0);
  const count = without === 'zero' ? found.length : asked.length;
  const mean = (of: (f: Found) => number): number => asked.reduce((sum, f) => sum + of(f), 0) / count;
  const within = (f: Found, k: number): number => f.ranks.filter((r) => r <= k).length;
  return {
    mAP: mean((f) => averagePrecisionOf(f)),
    'mAP@R': mean((f) => averagePrecisionOf(f, f.relevant)),
    MRR: mean((f) => 1 / f.ranks[0]),
    hit: Object.fromEntries(ks.map((k) => [k, mean((f) => (f.ranks[0] <= k ? 1 : 0))])),
    recall: Object.fromEntries(ks.map((k) => [k, mean((f) => within(f, k) / f.relevant)])),
  };
}
