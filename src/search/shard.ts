import { readSync } from 'node:fs';
import { UserError } from '../errors.js';
import { Wasm } from '../wasm.js';
import { Best, dot, type Hit } from './best.js';
import { BLOCK_ROWS, blockLayout, encodeBlock, encodeQuery, type QueryCodes, readTail, strideOf } from './codes.js';
import { readRows, requireUnit, type Vectors } from './vectors.js';

/** What `kernels/scan.ts` exports: it says what the arguments are. */
interface Functions {
  scan(...codesStrideScalesResidualsRowsQueryUnitNormLeastOut: number[]): number;
  pairs(...codesStrideScalesResidualsRowsQueriesTermsOut: number[]): number;
}

/** Rows that the kernel looks at in one call: its answers are read in between, and what may still count rises. */
const PIECE = 1024;
/** Rows that `pairs` looks at in one call: 200 kB of codes at 768 numbers a row, which stay in the cache for all queries. */
const PAIR_PIECE = 256;
/** More pairs than anybody reads. */
const MOST_PAIRS = 2_000_000;
/** Far more than float64 loses in sums of products of vectors of length 1, and far less than any two scores differ by that matter. */
const SLACK = 1e-11;

/** Where codes come from: their file, or the vectors themselves. */
export interface CodesFile {
  path: string;
  fd: number;
  /** Where the blocks begin, bytes. */
  start: number;
}

/** Some blocks of an index's codes in the memory of a WebAssembly instance: what one thread searches. */
export class Shard {
  private readonly vectors: Vectors;
  private readonly mean: Float32Array;
  private readonly stride: number;
  private readonly wasm = new Wasm<Functions>('search/scan.wasm');
  private readonly blocks: { row: number; rows: number; at: number; longest: number }[] = [];
  private readonly query: number;
  private readonly out: number;
  private readonly terms: number;

  /**
   * Reads or makes the codes of rows `from` to `to`.
   * @param from a multiple of BLOCK_ROWS
   * @throws UserError for a damaged file, of codes or of vectors
   */
  constructor(vectors: Vectors, mean: Float32Array, from: number, to: number, codes?: CodesFile) {
    this.vectors = vectors;
    this.mean = mean;
    this.stride = strideOf(vectors.dim);
    this.query = this.wasm.region('query', 8 * this.stride);
    this.terms = this.wasm.region('terms', 96);
    this.out = this.wasm.region('out', 24 * PIECE);
    for (let row = from; row < to; row += BLOCK_ROWS) this.add(row, Math.min(BLOCK_ROWS, to - row), codes);
  }

  private add(row: number, rows: number, codes: CodesFile | undefined): void {
    const { dim } = this.vectors;
    const { bytes } = blockLayout(rows, this.stride);
    const at = this.wasm.region(`block ${row}`, bytes);
    const block = new Uint8Array(this.wasm.buffer, at, bytes);
    if (codes) {
      const full = blockLayout(BLOCK_ROWS, this.stride).bytes;
      const start = codes.start + (row / BLOCK_ROWS) * full;
      for (let got = 0; got < bytes; ) {
        const n = readSync(codes.fd, block, got, bytes - got, start + got);
        if (n === 0) break;
        got += n;
      }
    } else {
      const x = readRows(this.vectors, row, rows, new Float32Array(rows * dim));
      requireUnit(this.vectors.path, x, dim, row);
      block.set(encodeBlock(x, this.mean));
    }
    const tail = readTail(block, rows, this.stride);
    if (!tail) throw new UserError(`${codes?.path}: damaged: remove it, it is made anew`);
    this.blocks.push({ row, rows, at, longest: tail.longest });
  }

  /**
   * The first k of the ranking by cosine, exactly: among the rows from `from` to `to` that are here.
   * @param query [dim], of length 1
   */
  search(query: Float32Array, k: number, from: number, to: number): Hit[] {
    const q = encodeQuery(query, this.mean);
    new Int16Array(this.wasm.buffer, this.query, this.stride).set(q.numbers);
    const found = this.candidates(q, k, from, to);
    // In the order of what they may reach: as soon as that is less than what the last of k has, all others are out.
    const order = found.rows.map((_, i) => i).sort((a, b) => found.most[b] - found.most[a]);
    const best = new Best(k);
    const { dim } = this.vectors;
    for (let at = 0, step = Math.max(64, 2 * k); at < order.length; at += step) {
      if (found.most[order[at]] < best.least) break;
      const rows = order.slice(at, at + step).map((i) => found.rows[i]);
      this.eachRow(rows, (row, x, start) => best.add({ row, score: dot(query, x, start) }));
    }
    return dim > 0 ? best.ranking() : [];
  }

  /** Rows that may be among the first k, with what their score may reach. */
  private candidates(q: QueryCodes, k: number, from: number, to: number): { rows: number[]; most: number[] } {
    const rows: number[] = [];
    const most: number[] = [];
    // The k highest of what is certain: whatever cannot reach the last of these is out.
    const certain = new Best(k);
    for (const b of this.blocks) {
      const { scales, residuals } = blockLayout(b.rows, this.stride);
      const slack = q.rest * b.longest + SLACK;
      const last = Math.min(b.rows, to - b.row);
      for (let i = Math.max(0, from - b.row); i < last; i += PIECE) {
        const n = Math.min(PIECE, last - i);
        const found = this.wasm.run.scan(
          b.at + i * this.stride,
          this.stride,
          b.at + scales + 4 * i,
          b.at + residuals + 4 * i,
          n,
          this.query,
          q.unit,
          q.norm,
          certain.least - q.offset - slack,
          this.out,
        );
        if (found === 0) continue;
        const view = new DataView(this.wasm.buffer, this.out, 24 * found);
        for (let f = 0; f < found; f++) {
          const middle = q.offset + view.getFloat64(24 * f, true);
          const reach = view.getFloat64(24 * f + 8, true) + slack;
          if (middle + reach < certain.least) continue;
          const row = b.row + i + view.getInt32(24 * f + 16, true);
          rows.push(row);
          most.push(middle + reach);
          certain.add({ row, score: middle - reach });
        }
      }
    }
    const kept = rows.flatMap((_, i) => (most[i] >= certain.least ? [i] : []));
    return { rows: kept.map((i) => rows[i]), most: kept.map((i) => most[i]) };
  }

  /** Reads rows of the vectors, neighbours together. */
  private eachRow(rows: readonly number[], see: (row: number, x: Float32Array, start: number) => void): void {
    const sorted = [...rows].sort((a, b) => a - b);
    const { dim } = this.vectors;
    for (let i = 0, n = 1; i < sorted.length; i += n) {
      for (n = 1; i + n < sorted.length && sorted[i + n] === sorted[i] + n; ) n++;
      const x = readRows(this.vectors, sorted[i], n, new Float32Array(n * dim));
      for (let r = 0; r < n; r++) see(sorted[i] + r, x, r * dim);
    }
  }

  /**
   * All pairs whose cosine is at least `least`, exactly: of a row from `from` to `to` and a later row. All rows of the index are here.
   * @returns first row, second row and score of each
   * @throws UserError where there are more pairs than anybody reads
   */
  pairs(from: number, to: number, least: number): Float64Array {
    const { dim } = this.vectors;
    const x = readRows(this.vectors, from, to - from, new Float32Array((to - from) * dim));
    const query = (row: number) => x.subarray((row - from) * dim, (row - from + 1) * dim);
    const groups: { first: number; numbers: Int16Array; terms: Float64Array; rest: number[]; offset: number[] }[] = [];
    for (let first = from; first < to; first += 4) {
      const group = {
        first,
        numbers: new Int16Array(4 * this.stride),
        terms: new Float64Array(12),
        rest: [0, 0, 0, 0],
        offset: [0, 0, 0, 0],
      };
      for (let i = 0; i < 4; i++) {
        group.terms[3 * i + 2] = Number.POSITIVE_INFINITY;
        if (first + i >= to) continue;
        const q = encodeQuery(query(first + i), this.mean);
        group.numbers.set(q.numbers, i * this.stride);
        group.terms.set([q.unit, q.norm], 3 * i);
        group.rest[i] = q.rest;
        group.offset[i] = q.offset;
      }
      groups.push(group);
    }
    const found: number[] = [];
    for (const b of this.blocks) {
      const { scales, residuals } = blockLayout(b.rows, this.stride);
      for (let i = 0; i < b.rows; i += PAIR_PIECE) {
        const n = Math.min(PAIR_PIECE, b.rows - i);
        const seconds = new Map<number, number[]>();
        for (const { first, numbers, terms, rest, offset } of groups) {
          if (first >= b.row + i + n) break;
          const own = terms.slice();
          for (let k = 0; k < 4; k++)
            if (first + k < to) own[3 * k + 2] = least - offset[k] - rest[k] * b.longest - SLACK;
          new Int16Array(this.wasm.buffer, this.query, 4 * this.stride).set(numbers);
          new Float64Array(this.wasm.buffer, this.terms, 12).set(own);
          const count = this.wasm.run.pairs(
            b.at + i * this.stride,
            this.stride,
            b.at + scales + 4 * i,
            b.at + residuals + 4 * i,
            n,
            this.query,
            this.terms,
            this.out,
          );
          const view = new Int32Array(this.wasm.buffer, this.out, 2 * count);
          for (let f = 0; f < count; f++) {
            const second = b.row + i + view[2 * f];
            const one = first + view[2 * f + 1];
            if (second <= one) continue;
            const list = seconds.get(second);
            if (list) list.push(one);
            else seconds.set(second, [one]);
          }
        }
        this.eachRow([...seconds.keys()], (row, y, start) => {
          for (const one of seconds.get(row)!) {
            const score = dot(query(one), y, start);
            if (score >= least) found.push(one, row, score);
          }
        });
        if (found.length > 3 * MOST_PAIRS)
          throw new UserError(
            `more than ${MOST_PAIRS} pairs of photos are at least ${least} alike: ask for more with --threshold`,
          );
      }
    }
    return Float64Array.from(found);
  }
}
