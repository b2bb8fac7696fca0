/** A row of an index and its cosine to the query, −1…1. */
export interface Hit {
  row: number;
  score: number;
}

/** Whether `a` stands before `b` in a ranking: by score, rows of equal ones in their order. */
const before = (a: Hit, b: Hit): boolean => a.score > b.score || (a.score === b.score && a.row < b.row);

/** The first k of a ranking, whatever order they come in: a heap with the last of them on top. */
export class Best {
  private readonly heap: Hit[] = [];
  private readonly k: number;

  /** @param k ≥ 1 */
  constructor(k: number) {
    this.k = k;
  }

  /** What a score must reach to be among them: that of the last; −∞ while there is room. */
  get least(): number {
    return this.heap.length < this.k ? Number.NEGATIVE_INFINITY : this.heap[0].score;
  }

  add(hit: Hit): void {
    const { heap } = this;
    if (heap.length < this.k) {
      let at = heap.length;
      for (let up = (at - 1) >> 1; at > 0 && before(heap[up], hit); at = up, up = (at - 1) >> 1) heap[at] = heap[up];
      heap[at] = hit;
      return;
    }
    if (!before(hit, heap[0])) return;
    let at = 0;
    for (let down = 1; down < heap.length; down = 2 * at + 1) {
      if (down + 1 < heap.length && before(heap[down], heap[down + 1])) down++;
      if (!before(hit, heap[down])) break;
      heap[at] = heap[down];
      at = down;
    }
    heap[at] = hit;
  }

  /** In order. */
  ranking(): Hit[] {
    return [...this.heap].sort((a, b) => (before(a, b) ? -1 : 1));
  }
}

/**
 * The score that all ways of searching agree in to the last bit: products summed up in float64, from the first number to
 * the last.
 * @param query [dim] @param x [rows, dim] @param at where the row begins in `x`
 */
export function dot(query: Float32Array, x: Float32Array, at: number): number {
  let sum = 0;
  for (let j = 0; j < query.length; j++) sum += query[j] * x[at + j];
  return sum;
}

/** A vector at length 1, float32. @returns undefined for one without direction: zeros, or numbers that are not finite */
export function unit(x: ArrayLike<number>): Float32Array | undefined {
  let most = 0;
  for (let j = 0; j < x.length; j++) {
    if (!Number.isFinite(x[j])) return undefined;
    most = Math.max(most, Math.abs(x[j]));
  }
  if (most === 0) return undefined;
  // Squares of very small and very large numbers leave float64's range.
  let squares = 0;
  for (let j = 0; j < x.length; j++) squares += (x[j] / most) ** 2;
  const norm = Math.sqrt(squares);
  return Float32Array.from(x, (v) => v / most / norm);
}
