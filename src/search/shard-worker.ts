import { Moved, serve } from '../threads.js';
import type { Hit } from './best.js';
import { encodeBlock } from './codes.js';
import { Shard } from './shard.js';
import { readRows, requireUnit, type Vectors } from './vectors.js';

/** A thread that searches some rows of an index, or makes codes of them. */
export interface ShardCalls {
  /** Loads the codes of rows `from` to `to`, or makes them where there is no file. */
  open(o: {
    vectors: Vectors;
    mean: Float32Array;
    from: number;
    to: number;
    codes?: { path: string; fd: number; start: number };
  }): void;
  /** One block of codes. */
  encode(o: { vectors: Vectors; mean: Float32Array; row: number; rows: number }): Uint8Array;
  search(o: { query: Float32Array; k: number; from: number; to: number }): Hit[];
  pairs(o: { from: number; to: number; least: number }): Float64Array;
}

let shard: Shard | undefined;
const opened = (): Shard => {
  if (!shard) throw new Error('internal: nothing was loaded yet');
  return shard;
};

serve<ShardCalls>({
  // File descriptors are the process's: those of the asking thread serve here too, and stay open while it waits.
  open({ vectors, mean, from, to, codes }) {
    shard = new Shard(vectors, mean, from, to, codes);
  },
  encode({ vectors, mean, row, rows }) {
    const x = readRows(vectors, row, rows, new Float32Array(rows * vectors.dim));
    requireUnit(vectors.path, x, vectors.dim, row);
    const block = encodeBlock(x, mean);
    return new Moved(block, [block]);
  },
  search: ({ query, k, from, to }) => opened().search(query, k, from, to),
  pairs({ from, to, least }) {
    const found = opened().pairs(from, to, least);
    return new Moved(found, [found]);
  },
});
