import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { Settings } from '../config/schema.js';
import { Interrupted, UserError } from '../errors.js';
import type { StageHooks } from '../stage.js';
import { startWorker } from '../threads.js';
import { removeTemporaries } from '../formats/atomic.js';
import { continueManifest, type ShardEntry, type ShardKind, writeManifest } from './manifest.js';

/** What a shard thread is started with, and says. */
export interface ShardWorkerData {
  kind: ShardKind;
  settings: Settings;
  /** Folder of the shards. */
  dir: string;
  /** Folder of the caption shards, for images. */
  captionsDir: string;
}
export type ShardReply = { done: number } | { shard: number; entry: ShardEntry } | { error: string; user: boolean };

export interface WriteShards {
  kind: ShardKind;
  settings: Settings;
  dir: string;
  captionsDir: string;
  hooks: StageHooks;
  /** Samples in all, and a shard. */
  samples: number;
  perShard: number;
  /** What progress counts, and how many a sample has. */
  unit: string;
  unitsPerSample: number;
}

/**
 * Writes all shards that are not there yet, on worker threads. A shard depends on (settings, its number) alone and enters the manifest in order, so
 * the folder's bytes do not depend on the number of threads or on interruptions.
 * @throws Interrupted when asked to stop: whole shards stay
 */
export async function writeShards(o: WriteShards): Promise<void> {
  await mkdir(o.dir, { recursive: true });
  const manifest = await continueManifest(o.dir, o.kind, o.settings);
  const total = Math.ceil(o.samples / o.perShard);
  const countOf = (k: number) => Math.min(o.perShard, o.samples - k * o.perShard);
  if (manifest.shards.length > total || manifest.shards.some((s, k) => s.count > countOf(k)))
    throw new UserError(`${o.dir}: holds more than the ${o.samples} samples asked for; use another --out, or delete the folder`);
  // A last shard that was cut short by a smaller count is written anew.
  while (manifest.shards.length > 0 && manifest.shards.at(-1)!.count < countOf(manifest.shards.length - 1)) manifest.shards.pop();

  let done = manifest.shards.reduce((s, x) => s + x.count, 0) * o.unitsPerSample;
  const report = () => o.hooks.progress({ stage: o.kind, done, total: o.samples * o.unitsPerSample, unit: o.unit });
  report();
  let next = manifest.shards.length;
  if (next >= total) return;

  const finished = new Map<number, ShardEntry>();
  let writing = Promise.resolve();
  const record = () => {
    writing = writing.then(async () => {
      let grown = false;
      for (let entry = finished.get(manifest.shards.length); entry; entry = finished.get(manifest.shards.length)) {
        manifest.shards.push(entry);
        grown = true;
      }
      if (grown) await writeManifest(o.dir, manifest);
    });
    return writing;
  };

  const threads = Math.min(total - next, o.settings.runtime.workers || availableParallelism());
  const data: ShardWorkerData = { kind: o.kind, settings: o.settings, dir: o.dir, captionsDir: o.captionsDir };
  const workers: Worker[] = [];
  try {
    await Promise.all(
      Array.from({ length: threads }, () => {
        const worker = startWorker('corpus/shard-worker', data);
        workers.push(worker);
        return new Promise<void>((resolve, reject) => {
          const give = () => {
            if (o.hooks.signal.aborted) reject(new Interrupted(`stopped after ${manifest.shards.length} of ${total} shards of ${o.kind}`));
            else if (next >= total) resolve();
            else {
              worker.postMessage({ shard: next, first: next * o.perShard, count: countOf(next) });
              next++;
            }
          };
          worker.on('message', (m: ShardReply) => {
            if ('done' in m) {
              done += m.done;
              report();
            } else if ('error' in m) reject(m.user ? new UserError(m.error) : new Error(m.error));
            else {
              finished.set(m.shard, m.entry);
              record().then(give, reject);
            }
          });
          worker.on('error', reject);
          worker.on('exit', (code) => reject(new Error(`a thread that writes ${o.kind} ended (${code})`)));
          o.hooks.signal.addEventListener('abort', give, { once: true });
          give();
        });
      }),
    );
  } finally {
    await Promise.all(workers.map((w) => w.terminate()));
    await writing.catch(() => {});
    await removeTemporaries(o.dir);
  }
}
