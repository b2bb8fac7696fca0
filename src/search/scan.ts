import { closeSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { crc32 } from 'node:zlib';
import { codeOf, Interrupted, UserError } from '../errors.js';
import type { FileKind } from '../files/replace.js';
import { refuseForeignFile } from '../files/replace.js';
import { fillFileAtomic } from '../files/write.js';
import { Thread } from '../threads.js';
import { Best, dot, type Hit } from './best.js';
import { BLOCK_ROWS, blockLayout, strideOf } from './codes.js';
import type { CodesFile } from './shard.js';
import type { ShardCalls } from './shard-worker.js';
import { readRows, requireUnit, type Vectors } from './vectors.js';

/** Up to so many numbers all vectors are read and multiplied as they are: 16 MB, some milliseconds a query. */
const PLAIN = 2 ** 22;
/** Rows whose mean is taken for that of all. */
const SAMPLE = 4096;
/** Codes in one thread's memory, bytes: WebAssembly has 4 GiB. */
const MOST_MEMORY = 3.5 * 2 ** 30;
/** Room for the header of the file of codes, and the mean behind it begins there. */
const HEADER = 4096;

/** Whether an index of this size is searched without codes. */
export const isPlain = (rows: number, dim: number): boolean => rows * dim <= PLAIN;

/** What finds the nearest vectors. */
export interface Scanner {
  /** @param query [dim], of length 1 @param from first row that counts @param to behind the last one */
  search(query: Float32Array, k: number, from: number, to: number): Promise<Hit[]>;
  close(): Promise<void>;
}

/**
 * Opens the fastest exact search over some vectors: all in memory as they are where they are few, else their codes on worker threads, from the
 * file of codes where it belongs to them, which is made anew otherwise.
 * @param vectors stay open while the scanner is @param codes path of the file of codes; nothing is stored without one
 */
export async function openScanner(
  vectors: Vectors,
  o: { codes?: string; threads?: number; plain?: boolean; modified: number; note?: (line: string) => void },
): Promise<Scanner> {
  const { rows, dim } = vectors;
  if (o.plain ?? isPlain(rows, dim)) return plainScanner(vectors);
  const ranges = split(rows, dim, o.threads);
  const threads = ranges.map(() => Thread.start<ShardCalls>('search/shard-worker', { what: 'a searching thread' }));
  const load = (mean: Float32Array, codes?: CodesFile) =>
    Promise.all(ranges.map((range, i) => threads[i].ask('open', { vectors, mean, ...range, codes })));
  const loadFile = async (): Promise<boolean> => {
    const found = o.codes === undefined ? undefined : openCodes(o.codes, vectors, o.modified);
    if (!found) return false;
    const { mean, ...codes } = found;
    try {
      await load(mean, codes);
      return true;
    } catch (e) {
      // It is damaged.
      if (e instanceof UserError) return false;
      throw e;
    } finally {
      closeSync(codes.fd);
    }
  };
  try {
    if (!(await loadFile())) {
      if (o.codes !== undefined) {
        await writeCodes(o.codes, vectors, o).then(
          () => o.note?.(`${o.codes} was made anew`),
          (e) => {
            // Who may only read searches all the same; a damaged vector is found again below.
            if (!(e instanceof UserError) && !['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(codeOf(e) ?? '')) throw e;
            o.note?.(`${o.codes} cannot be written: codes are made in memory for each search`);
          },
        );
      }
      if (!(await loadFile())) await load(sampleMean(vectors));
    }
  } catch (e) {
    await Promise.all(threads.map((t) => t.terminate()));
    throw e;
  }
  return {
    async search(query, k, from, to) {
      const parts = await Promise.all(threads.map((t) => t.ask('search', { query, k, from, to })));
      const best = new Best(k);
      for (const hit of parts.flat()) best.add(hit);
      return best.ranking();
    },
    async close() {
      await Promise.all(threads.map((t) => t.close()));
    },
  };
}

function plainScanner(vectors: Vectors): Scanner {
  const { rows, dim, path } = vectors;
  const x = readRows(vectors, 0, rows, new Float32Array(rows * dim));
  requireUnit(path, x, dim);
  return {
    async search(query, k, from, to) {
      const best = new Best(k);
      for (let row = from; row < Math.min(to, rows); row++) best.add({ row, score: dot(query, x, row * dim) });
      return best.ranking();
    },
    async close() {},
  };
}

/** Rows in whole blocks, one share a thread. */
function split(rows: number, dim: number, threads = availableParallelism()): { from: number; to: number }[] {
  const blocks = Math.ceil(rows / BLOCK_ROWS);
  const bytes = rows * strideOf(dim);
  const shares = Math.min(blocks, Math.max(threads, Math.ceil(bytes / MOST_MEMORY)));
  return Array.from({ length: shares }, (_, i) => ({
    from: Math.floor((i * blocks) / shares) * BLOCK_ROWS,
    to: Math.min(rows, Math.floor(((i + 1) * blocks) / shares) * BLOCK_ROWS),
  }));
}

/** The mean of some rows, evenly spread; any vector would do. */
export function sampleMean(vectors: Vectors): Float32Array {
  const { rows, dim } = vectors;
  const n = Math.min(rows, SAMPLE);
  const sum = new Float64Array(dim);
  const row = new Float32Array(dim);
  for (let i = 0; i < n; i++) {
    readRows(vectors, Math.floor((i * rows) / n), 1, row);
    for (let j = 0; j < dim; j++) sum[j] += row[j];
  }
  // A vector that is not finite is found, and named, when it is encoded.
  return Float32Array.from(sum, (v) => (Number.isFinite(v / n) ? v / n : 0));
}

interface Header {
  format: 'synclr-codes';
  version: 1;
  rows: number;
  dim: number;
  block: number;
  /** The file of vectors that they were made of. */
  vectors: { bytes: number; modified: number };
}

const CODES: FileKind = {
  what: 'codes that synclr made of vectors',
  isOurs: (head) => head.toString('latin1').startsWith('{"format":"synclr-codes"'),
};

const headerOf = (v: Vectors, modified: number): Header => ({
  format: 'synclr-codes',
  version: 1,
  rows: v.rows,
  dim: v.dim,
  block: BLOCK_ROWS,
  vectors: { bytes: v.start + 4 * v.rows * v.dim, modified },
});

/** The mean and its checksum. */
const meanBytes = (dim: number): number => Math.ceil((4 * dim + 4) / 64) * 64;

/** The file of codes, if it belongs to the vectors. @returns undefined otherwise; `fd` is the caller's to close */
function openCodes(path: string, vectors: Vectors, modified: number): (CodesFile & { mean: Float32Array }) | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const start = HEADER + meanBytes(vectors.dim);
    const head = Buffer.alloc(start);
    const got = readSync(fd, head, 0, start, 0);
    const wanted = JSON.stringify(headerOf(vectors, modified));
    const bytes = new Uint8Array(head.subarray(HEADER, HEADER + 4 * vectors.dim));
    const sound = got === start && head.readUInt32LE(HEADER + bytes.length) === crc32(bytes);
    if (sound && head.toString('utf8', 0, HEADER).trimEnd() === wanted)
      return { path, fd, start, mean: new Float32Array(bytes.buffer) };
  } catch {
    // A folder, a disk that fails: none to use.
  }
  closeSync(fd);
  return undefined;
}

/**
 * Makes the file of codes, whole or not at all, on all cores.
 * @throws UserError where something else stands there, or a vector is damaged; Interrupted
 */
export async function writeCodes(
  path: string,
  vectors: Vectors,
  o: { modified: number; threads?: number; signal?: AbortSignal /** Where they are there already. */; keep?: boolean },
): Promise<void> {
  const there = o.keep ? openCodes(path, vectors, o.modified) : undefined;
  if (there) return closeSync(there.fd);
  await refuseForeignFile(path, CODES);
  const { rows, dim } = vectors;
  const mean = sampleMean(vectors);
  const start = HEADER + meanBytes(dim);
  const full = blockLayout(BLOCK_ROWS, strideOf(dim)).bytes;
  const count = Math.min(o.threads ?? availableParallelism(), Math.ceil(rows / BLOCK_ROWS));
  const threads = Array.from({ length: count }, () =>
    Thread.start<ShardCalls>('search/shard-worker', { what: 'an encoding thread' }),
  );
  try {
    await fillFileAtomic(path, async (handle) => {
      const head = Buffer.alloc(start, ' ');
      head.write(JSON.stringify(headerOf(vectors, o.modified)));
      head.fill(0, HEADER);
      head.set(new Uint8Array(mean.buffer), HEADER);
      head.writeUInt32LE(crc32(new Uint8Array(mean.buffer)), HEADER + 4 * dim);
      await handle.write(head, 0, start, 0);
      let next = 0;
      await Promise.all(
        threads.map(async (thread) => {
          for (let row = next; row < rows; row = next) {
            if (o.signal?.aborted) throw new Interrupted('stopped while codes are made');
            next += BLOCK_ROWS;
            const block = await thread.ask('encode', { vectors, mean, row, rows: Math.min(BLOCK_ROWS, rows - row) });
            await handle.write(block, 0, block.length, start + (row / BLOCK_ROWS) * full);
          }
        }),
      );
    });
  } finally {
    await Promise.all(threads.map((t) => t.terminate()));
  }
}

/** A pair of rows that are alike. */
export interface Pair {
  /** The earlier row. */
  first: number;
  second: number;
  score: number;
}

/** Rows that a thread compares with all later ones at a time. */
const PAIR_STEP = 256;

/**
 * All pairs of vectors whose cosine is at least `least`, exactly.
 * @throws UserError for a damaged file, and more pairs than anybody reads; Interrupted
 */
export async function alikePairs(
  vectors: Vectors,
  o: { least: number; threads?: number; signal?: AbortSignal; progress?: (share: number) => void },
): Promise<Pair[]> {
  const { rows, dim } = vectors;
  if (rows * strideOf(dim) > MOST_MEMORY)
    throw new UserError(`${vectors.path}: ${rows} vectors of ${dim} numbers are too many to compare each with each`);
  const mean = sampleMean(vectors);
  const count = Math.max(1, Math.min(o.threads ?? availableParallelism(), Math.ceil(rows / PAIR_STEP)));
  const threads = Array.from({ length: count }, () =>
    Thread.start<ShardCalls>('search/shard-worker', { what: 'a comparing thread' }),
  );
  const found: Pair[] = [];
  try {
    let next = 0;
    await Promise.all(
      threads.map(async (thread) => {
        await thread.ask('open', { vectors, mean, from: 0, to: rows });
        for (let from = next; from < rows; from = next) {
          if (o.signal?.aborted) throw new Interrupted('stopped while photos are compared');
          next += PAIR_STEP;
          const some = await thread.ask('pairs', { from, to: Math.min(rows, from + PAIR_STEP), least: o.least });
          for (let i = 0; i < some.length; i += 3)
            found.push({ first: some[i], second: some[i + 1], score: some[i + 2] });
          // Later rows have fewer behind them.
          o.progress?.(1 - (1 - Math.min(1, next / rows)) ** 2);
        }
      }),
    );
  } finally {
    await Promise.all(threads.map((t) => t.terminate()));
  }
  return found.sort((a, b) => a.first - b.first || a.second - b.second);
}
