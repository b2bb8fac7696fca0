import { parentPort, workerData } from 'node:worker_threads';
import type { Counts } from '../counts.js';
import { packError, type ThreadError } from '../threads.js';
import type { ShardEntry } from './manifest.js';
import { type MakerData, type ShardJob, ShardMaker } from './shard-maker.js';

/** A thread that makes shards, one job at a time. */

export interface ShardWorkerData extends MakerData {
  /** [1] int32; not 0: stop at the next step. */
  stop: SharedArrayBuffer;
}

export type ShardReply =
  | { done: number; rejected: Counts; before?: boolean }
  | { warning: string }
  | { shard: number; entry: ShardEntry }
  | { error: ThreadError };

const data = workerData as ShardWorkerData;
const stop = new Int32Array(data.stop);
const post = (m: ShardReply) => parentPort!.postMessage(m);
const controller = new AbortController();
const maker = ShardMaker.open(data, { signal: controller.signal, warn: (warning) => post({ warning }) });
// Whoever sends the first job hears of it.
maker.catch(() => {});

parentPort!.on('message', async (job: ShardJob | 'stop' | 'close') => {
  try {
    if (job === 'stop') {
      controller.abort();
      return;
    }
    if (job === 'close') {
      parentPort!.close();
      await maker.then(
        (m) => m.close(),
        () => {},
      );
      return;
    }
    const entry = await (await maker).make(
      job,
      (done, rejected, before) => post({ done, rejected, before }),
      () => Atomics.load(stop, 0) !== 0,
    );
    post({ shard: job.shard, entry });
  } catch (e) {
    post({ error: packError(e) });
  }
});
