import { workerData } from 'node:worker_threads';
import type { Counts } from '../counts.js';
import { serve } from '../threads.js';
import type { ShardEntry } from './manifest.js';
import { type MakerData, type ShardJob, ShardMaker } from './shard-maker.js';

/** A thread that makes shards, one job at a time. */

export interface ShardWorkerData extends MakerData {
  /** [1] int32; not 0: stop at the next step. */
  stop: SharedArrayBuffer;
}

export interface ShardCalls {
  make(job: ShardJob): ShardEntry;
  /** What waits for a server or a session within a step gives up. */
  stop(): void;
}

export type ShardTold = { done: number; rejected: Counts; before?: boolean } | { warning: string };

const data = workerData as ShardWorkerData;
const stop = new Int32Array(data.stop);
const controller = new AbortController();
const tell = serve<ShardCalls, ShardTold>(
  {
    make: async (job) =>
      (await maker).make(
        job,
        (done, rejected, before) => tell({ done, rejected, before }),
        () => Atomics.load(stop, 0) !== 0,
      ),
    stop: () => controller.abort(),
  },
  {
    concurrent: ['stop'],
    close: () =>
      maker.then(
        (m) => m.close(),
        () => {},
      ),
  },
);
const maker = ShardMaker.open(data, { signal: controller.signal, warn: (warning) => tell({ warning }) });
// Whoever sends the first job hears of it.
maker.catch(() => {});
