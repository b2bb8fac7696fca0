import { type Counts, keptThough, merge } from '../counts.js';
import { Interrupted } from '../errors.js';
import { requireDisk } from '../resources.js';
import type { StageHooks } from '../stage.js';
import { Thread } from '../threads.js';
import { ShardLedger, type StagePlan } from './ledger.js';
import { countOf, type ShardEntry } from './manifest.js';
import { samplesOnTheWay } from './shard-file.js';
import { type MakerData, type MakerHooks, type OnProgress, type ShardJob, ShardMaker } from './shard-maker.js';
import type { ShardCalls, ShardTold, ShardWorkerData } from './shard-worker.js';

export interface WriteShards {
  plan: StagePlan;
  data: MakerData;
  hooks: StageHooks;
  /** Threads; 0 makes the shards on this one. */
  threads: number;
  /** What progress counts, and how many of it a sample has. */
  unit: string;
  unitsPerSample: number;
  /** What progress calls the things that were thrown away on the way: `rejected`, `repainted`. */
  rejects: string;
}

/** Makes one shard after another. */
interface ShardMaking {
  make(job: ShardJob): Promise<ShardEntry>;
  close(): Promise<void>;
}

/**
 * Makes the shards of a stage that are not there yet. A shard depends on (settings, its number) alone, and they enter the manifest in
 * order: the folder's bytes depend neither on the number of threads nor on interruptions.
 * @throws Interrupted when asked to stop: finished shards stay, those in hand are dropped
 * @throws UserError as `ShardLedger.open`, and for a full disk
 */
export async function writeShards(o: WriteShards): Promise<void> {
  const { hooks, plan } = o;
  const ledger = await ShardLedger.open(o.data.dir, plan, hooks);
  let done = ledger.finished;
  /** Samples that earlier processes made, those of shards on their way included. */
  let before = done;
  const total = plan.samples;
  const scale = o.unitsPerSample;
  let rejected: Counts = {};
  const report = () => {
    hooks.progress({
      stage: plan.kind,
      done: done * scale,
      total: total * scale,
      before: before * scale,
      unit: o.unit,
      detail: detailOf(rejected, o.rejects),
    });
  };
  const progress: OnProgress = (samples, more, madeBefore) => {
    done += samples;
    if (madeBefore) before += samples;
    rejected = merge(rejected, more);
    report();
  };
  const stop = new SharedArrayBuffer(4);
  const controller = new AbortController();
  const halt = () => {
    Atomics.store(new Int32Array(stop), 0, 1);
    controller.abort();
  };
  const makerHooks: MakerHooks = { signal: controller.signal, warn: (line) => hooks.warn(line) };
  hooks.signal.addEventListener('abort', halt, { once: true });
  if (hooks.signal.aborted) halt();
  const makers: ShardMaking[] = [];
  try {
    const left = [...ledger.todo];
    const count = Math.min(left.length, Math.max(1, o.threads));
    for (let i = 0; i < count; i++)
      makers.push(
        o.threads === 0
          ? await makeHere(o.data, progress, makerHooks)
          : makeOnThread({ ...o.data, stop }, progress, makerHooks),
      );
    report();
    let made = 0;
    const run = async (maker: ShardMaking) => {
      for (let k = left.shift(); k !== undefined; k = left.shift()) {
        if (hooks.signal.aborted) throw new Interrupted('stopped');
        const entry = await maker.make({ shard: k, first: k * plan.perShard, count: countOf(plan, k) });
        await ledger.record(k, entry);
        // One shard tells how large the others will be: better refused now than when the disk is full.
        if (made++ === 0) await requireDisk(o.data.dir, (left.length * entry.bytes) / 2 ** 20);
      }
    };
    // On an error the others are asked to stop, and waited for: nobody writes once this function has ended.
    const ends = await Promise.allSettled(
      makers.map((m) =>
        run(m).catch((e) => {
          left.length = 0;
          halt();
          throw e;
        }),
      ),
    );
    const errors = ends.flatMap((e) => (e.status === 'rejected' ? [e.reason as Error] : []));
    if (errors.length > 0)
      throw (
        errors.find((e) => !(e instanceof Interrupted)) ??
        new Interrupted(
          `stopped: ${ledger.finished + samplesOnTheWay(o.data.dir)} of ${total} captions have their ${plan.kind === 'captions' ? 'text' : 'images'}; the same command continues`,
        )
      );
  } finally {
    hooks.signal.removeEventListener('abort', halt);
    await Promise.all(makers.map((m) => m.close()));
    await ledger.close();
  }
}

/** What progress says beside the rate: how much was thrown away (`rejected`, `repainted`), and how much was taken nevertheless. */
function detailOf(counts: Counts, name: string): Record<string, number> | undefined {
  const detail: Record<string, number> = {};
  for (const [reason, n = 0] of Object.entries(counts)) {
    const kept = keptThough(reason);
    const key = kept === undefined ? name : `kept though ${kept}`;
    detail[key] = (detail[key] ?? 0) + n;
  }
  return Object.keys(detail).length > 0 ? detail : undefined;
}

async function makeHere(data: MakerData, progress: OnProgress, hooks: MakerHooks): Promise<ShardMaking> {
  const maker = await ShardMaker.open(data, hooks);
  return {
    make: (job) => maker.make(job, progress, () => hooks.signal.aborted),
    close: () => maker.close(),
  };
}

function makeOnThread(data: ShardWorkerData, progress: OnProgress, hooks: MakerHooks): ShardMaking {
  const thread = Thread.start<ShardCalls, ShardTold>('corpus/shard-worker', {
    what: `a thread that makes ${data.kind}`,
    data,
    heard(m) {
      if ('warning' in m) hooks.warn(m.warning);
      else progress(m.done, m.rejected, m.before);
    },
  });
  // The flag is read between steps, this is heard within them, by those that wait for a server or a session.
  // A thread that has ended is told nothing.
  hooks.signal.addEventListener('abort', () => void thread.ask('stop').catch(() => {}), { once: true });
  return {
    make: (job) => thread.ask('make', job),
    // A painter that does not come to its end is not waited for.
    close: () => thread.close(5000),
  };
}
