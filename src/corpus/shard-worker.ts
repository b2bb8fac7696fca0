import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../errors.js';
import { sha256, writeFileAtomic } from '../formats/atomic.js';
import { captionShards } from './caption-shards.js';
import { imageShards } from './image-shards.js';
import { shardName } from './manifest.js';
import type { ShardReply, ShardWorkerData } from './write-shards.js';

/** A thread that writes shards: the contents come from `caption-shards` or `image-shards`, the file appears when whole. */

export interface ShardJob {
  shard: number;
  /** Number of the first sample. */
  first: number;
  count: number;
}
/** Makes a shard's bytes; tells of units done on the way. */
export type ShardMaker = (job: ShardJob, progress: (units: number) => void) => Promise<Uint8Array>;

const data = workerData as ShardWorkerData;
const maker = data.kind === 'captions' ? captionShards(data) : imageShards(data);
const post = (m: ShardReply) => parentPort!.postMessage(m);

parentPort!.on('message', async (job: ShardJob) => {
  try {
    const bytes = await (await maker)(job, (done) => post({ done }));
    const file = shardName(data.kind, job.shard);
    await writeFileAtomic(join(data.dir, file), bytes);
    post({ shard: job.shard, entry: { file, count: job.count, bytes: bytes.byteLength, sha256: sha256(bytes) } });
  } catch (e) {
    post({ error: e instanceof Error ? (e instanceof UserError ? e.message : (e.stack ?? e.message)) : String(e), user: e instanceof UserError });
  }
});
