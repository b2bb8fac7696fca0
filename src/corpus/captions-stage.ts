import { join } from 'node:path';
import { loadConceptBank } from '../concepts/bank.js';
import type { Settings } from '../config/schema.js';
import type { Cost, StageOptions } from '../stage.js';
import { calibrate, shownSeconds } from './calibrate.js';
import { captionShards } from './caption-shards.js';
import { captionsFingerprint } from './fingerprint.js';
import { checkPlan, type StagePlan } from './ledger.js';
import { finishedSamples } from './manifest.js';
import { writeShards } from './write-shards.js';

/** The captions' folder of a run. */
export const captionsDir = (dir: string): string => join(dir, 'captions');

/**
 * Stage g1: writes the run's captions, `captions/captions-000000.jsonl` …, or what is missing of them. A larger `captions.count` than
 * before adds to them.
 * @throws Interrupted when asked to stop
 * @throws UserError when the folder holds captions made with other settings, or a corrupt shard
 */
export async function writeCaptions(o: StageOptions): Promise<{ captions: number }> {
  const { settings, hooks } = o;
  const dir = captionsDir(o.dir);
  const plan = await captionsPlan(settings);
  // On this thread: drawing and writing take microseconds a caption, and a language model's server is waited for anyway.
  await writeShards({
    plan,
    data: { kind: 'captions', settings, dir, captionsDir: dir },
    hooks,
    threads: 0,
    unit: 'captions',
    unitsPerSample: 1,
  });
  return { captions: settings.captions.count };
}

async function captionsPlan(s: Settings): Promise<StagePlan> {
  const fingerprint = captionsFingerprint(s, await loadConceptBank(s));
  return { kind: 'captions', fingerprint, samples: s.captions.count, perShard: s.captions.perShard };
}

/** What `writeCaptions` will cost from here; times the writer on a few captions and writes nothing. @throws UserError as `writeCaptions` */
export async function captionsCost(o: StageOptions): Promise<Cost> {
  const found = await checkPlan(captionsDir(o.dir), await captionsPlan(o.settings));
  const left = o.settings.captions.count - (found ? finishedSamples(found) : 0);
  if (left === 0) return { seconds: 0, memoryMb: 0, diskMb: 0, basis: 'all captions are there' };
  const contents = await captionShards(o);
  let bytes = 0;
  const { each, n } = await calibrate(512, 0.1, async (count) => {
    bytes = 0;
    await contents.samples(0, count, (b) => {
      bytes += b.length;
    });
  });
  await contents.close?.();
  return {
    seconds: left * each,
    memoryMb: process.memoryUsage.rss() / 2 ** 20,
    diskMb: (left * bytes) / n / 2 ** 20,
    basis: `${n} captions written in ${shownSeconds(n * each)}`,
  };
}
