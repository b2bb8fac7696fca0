import { Interrupted } from '../errors.js';
import { ops } from '../graph/index.js';
import type { Executors } from '../runtime/executor.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import { Wasm } from '../wasm.js';
import { KERNELS, type ProbeKernels } from './kernels.js';
import type { Labelled } from './labelled.js';
import { argmaxRows } from './metrics.js';

/** Rows compared at once: twice BANK × QUERIES similarities are in memory, 32 MB. */
const BANK = 8192;
const QUERIES = 512;
/** Numbers that the loops have in their memory at a time: 512 kB. */
const PIECE = 1 << 17;
/** Operations from which several threads pay. */
const WORTH_THREADS = 4e10;

export interface Neighbours {
  k: number;
  /** [n, k] rows of the bank, nearest first; ties go to the lower row */
  index: Int32Array;
  /** [n, k] cosines */
  similarity: Float32Array;
}

/**
 * The k nearest rows of a bank by cosine, exactly. Products are computed block by block, so that memory does not grow with
 * bank × queries.
 * @param bank [m, dim], @param queries [n, dim]; k is cut to m
 * @param on what computes the products; default: all cores
 * @throws Interrupted where `signal` says so
 */
export async function nearest(
  bank: Float32Array,
  queries: Float32Array,
  dim: number,
  k: number,
  on: Executors = cpuExecutors(),
  signal?: AbortSignal,
): Promise<Neighbours> {
  const m = bank.length / dim;
  const n = queries.length / dim;
  k = Math.min(k, m);
  const index = new Int32Array(n * k).fill(-1);
  const similarity = new Float32Array(n * k).fill(Number.NEGATIVE_INFINITY);
  if (m === 0 || n === 0) return { k, index, similarity };
  const loops = new Loops();
  const rows = Math.min(BANK, m);
  const columns = Math.min(QUERIES, n);
  // Threads of one session wait for each other; a second of work is not worth that on a busy machine.
  const executor = await on.open({ small: true, threads: 2 * m * n * dim > WORTH_THREADS ? undefined : 1 });
  try {
    const q = ops.input('queries', [columns, dim]);
    const b = ops.input('bank', [rows, dim]);
    // All is asked for at once, and a product while the one before it is looked through: on a busy machine every answer waited for costs more
    // than a small product does.
    const ask = <T>(answer: Promise<T>): Promise<T> => {
      // Whoever waits for it sees the error.
      answer.catch(() => {});
      return answer;
    };
    const looked = async ({ ready, answer, inverse, from, first }: Asked) => {
      if (signal?.aborted) throw new Interrupted('stopped while looking for neighbours');
      await ready;
      const { s } = await answer;
      const [start, end] = [first * k, Math.min(n, first + columns) * k];
      loops.keepLargest(s, rows, inverse, from, index.subarray(start, end), similarity.subarray(start, end), k);
    };
    let before: Asked | undefined;
    let loaded: Promise<unknown> | undefined;
    for (let from = 0; from < m; from += rows) {
      const count = Math.min(rows, m - from);
      // Moved; the last block is filled up with zeros, whose similarities are not looked at.
      const block = new Float32Array(rows * dim);
      block.set(bank.subarray(from * dim, (from + count) * dim));
      const kept = ask(executor.keep('bank', [rows, dim], block));
      loaded ??= ask(executor.load('cosines', { s: ops.linear(q, b) }));
      const ready = ask(Promise.all([kept, loaded]));
      let inverse: Float32Array | undefined;
      for (let first = 0; first < n; first += columns) {
        const factors = loops.inverseNorms(queries, dim, first, Math.min(columns, n - first));
        const these = scaled(queries, dim, first, factors, columns);
        const answer = ask(executor.run('cosines', { queries: these }));
        // While the first products are computed.
        inverse ??= loops.inverseNorms(bank, dim, from, count);
        if (before) await looked(before);
        before = { ready, answer, inverse, from, first };
      }
    }
    if (before) await looked(before);
  } finally {
    await executor.close();
  }
  return { k, index, similarity };
}

/** Products that are on their way. */
interface Asked {
  /** Once the bank and the program are there. */
  ready: Promise<unknown>;
  answer: Promise<Record<string, Float32Array>>;
  /** [rows] 1 / norm of the block's rows. */
  inverse: Float32Array;
  /** First row of the bank, and of the queries. */
  from: number;
  first: number;
}

/** Rows from…from+count times their factors, as the first of `rows` rows. */
function scaled(x: Float32Array, dim: number, from: number, factors: Float32Array, rows: number): Float32Array {
  const out = new Float32Array(rows * dim);
  factors.forEach((by, r) => {
    const [at, to] = [(from + r) * dim, r * dim];
    for (let i = 0; i < dim; i++) out[to + i] = x[at + i] * by;
  });
  return out;
}

/** What is no matrix product, in pieces that stay in the processor's cache. */
class Loops {
  private readonly wasm = new Wasm<ProbeKernels>(KERNELS);

  /** Of rows from…from+count of x [n, dim] 1 / length, 0 where that is 0. @returns [count] */
  inverseNorms(x: Float32Array, dim: number, from: number, count: number): Float32Array {
    const out = new Float32Array(count);
    const piece = Math.max(1, Math.floor(PIECE / dim));
    const to = this.wasm.region('norms', 4 * piece);
    for (let r = 0; r < count; r += piece) {
      const rows = Math.min(piece, count - r);
      const at = this.wasm.put('rows', x.subarray((from + r) * dim, (from + r + rows) * dim));
      this.wasm.run.inverseNorms(at, dim, rows, to);
      out.set(this.wasm.floats(to, rows), r);
    }
    return out;
  }

  /**
   * Merges products, each times its column's factor, into the sorted k largest so far of every row.
   * @param s [≥ rows, stride], @param base number of the first column
   * @param index [rows, k], @param similarity [rows, k], largest first; of equals the one that came first
   */
  keepLargest(
    s: Float32Array,
    stride: number,
    factors: Float32Array,
    base: number,
    index: Int32Array,
    similarity: Float32Array,
    k: number,
  ): void {
    const { wasm } = this;
    const all = index.length / k;
    const piece = Math.max(1, Math.floor(PIECE / stride));
    const by = wasm.put('factors', factors);
    for (let r = 0; r < all; r += piece) {
      const rows = Math.min(piece, all - r);
      const [numbers, values] = [index.subarray(r * k, (r + rows) * k), similarity.subarray(r * k, (r + rows) * k)];
      const products = wasm.put('products', s.subarray(r * stride, (r + rows) * stride));
      const [i, v] = [wasm.put('index', numbers), wasm.put('values', values)];
      wasm.run.keepLargest(products, rows, stride, factors.length, by, base, i, v, k);
      numbers.set(wasm.integers(i, numbers.length));
      values.set(wasm.floats(v, values.length));
    }
  }
}

export interface KnnOptions {
  /** Neighbours that vote. */
  k: number;
  /** A vote weighs exp(cosine / temperature). */
  temperature: number;
  classes: number;
  /** What computes; default: ONNX Runtime on all cores. */
  on?: Executors;
}

/**
 * Weighted kNN classification as DINO does it (Wu et al. 2018; Caron et al. 2021, appendix F.1).
 * @returns [n] the class of each test row
 */
export async function knnClassify(train: Labelled, test: Labelled, o: KnnOptions): Promise<Int32Array> {
  const found = await nearest(train.x, test.x, train.dim, o.k, o.on);
  return vote(found, train.labels, o);
}

/** The class with the largest sum of exp(cosine / temperature); ties go to the lower class. @returns [n] */
export function vote(
  found: Neighbours,
  labels: Int32Array,
  o: Pick<KnnOptions, 'temperature' | 'classes'>,
): Int32Array {
  // Relative to the nearest one, so that no temperature overflows.
  const all = votes(found, labels, o, true);
  return argmaxRows(all, o.classes);
}

/**
 * Sums of exp(cosine / temperature) of the neighbours of each class, as DINO's code has them.
 * @param relative to the nearest one's vote, which becomes 1 @returns [n, classes]
 */
export function votes(
  { k, index, similarity }: Neighbours,
  labels: Int32Array,
  { temperature, classes }: Pick<KnnOptions, 'temperature' | 'classes'>,
  relative = false,
): Float64Array {
  const n = index.length / k;
  const out = new Float64Array(n * classes);
  for (let i = 0; i < n; i++) {
    const top = relative ? similarity[i * k] : 0;
    for (let j = i * k; j < (i + 1) * k; j++)
      out[i * classes + labels[index[j]]] += Math.exp((similarity[j] - top) / temperature);
  }
  return out;
}

/** Only the first k neighbours. */
export function firstOf(found: Neighbours, k: number): Neighbours {
  const cut = Math.min(k, found.k);
  if (cut === found.k) return found;
  const n = found.index.length / found.k;
  const index = new Int32Array(n * cut);
  const similarity = new Float32Array(n * cut);
  for (let i = 0; i < n; i++) {
    index.set(found.index.subarray(i * found.k, i * found.k + cut), i * cut);
    similarity.set(found.similarity.subarray(i * found.k, i * found.k + cut), i * cut);
  }
  return { k: cut, index, similarity };
}
