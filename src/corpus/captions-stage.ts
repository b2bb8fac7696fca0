import { join } from 'node:path';
import type { Usage } from '../captions/language-model.js';
import { openWriter } from '../captions/registry.js';
import { backgroundsLine } from '../concepts/background-file.js';
import { type ConceptBank, loadConceptBank } from '../concepts/bank.js';
import { inRun } from '../run/run.js';
import type { Cost, StageOptions } from '../stage.js';
import { calibrate, shownSeconds } from './calibrate.js';
import { captionsFingerprint, resolvedOf } from './fingerprint.js';
import { checkPlan, presentSamples, type StagePlan } from './ledger.js';
import { readManifest } from './manifest.js';
import { RejectionWatch } from './rejection-watch.js';
import { samplesOnTheWay } from './shard-file.js';
import { someCaptions } from './some-captions.js';
import { writeShards } from './write-shards.js';

/** The captions' folder of a run. */
export const captionsDir = (dir: string): string => join(dir, 'captions');

/**
 * Stage g1: writes the run's captions, `captions/captions-000000.jsonl` …, or what is missing of them. A larger `captions.count` than
 * before adds to them.
 * @throws Interrupted when asked to stop
 * @throws UserError when another process holds the run, it was made with other settings, or a shard is corrupt
 */
export async function writeCaptions(o: StageOptions): Promise<{ captions: number }> {
  return inRun(o, { stages: ['captions'] }, () => write(o));
}

async function write(o: StageOptions): Promise<{ captions: number }> {
  const { settings, hooks } = o;
  const dir = captionsDir(o.dir);
  const bank = await loadConceptBank(settings);
  const plan = await captionsPlan(o, bank);
  if (bank.backgrounds) hooks.note?.(backgroundsLine(bank.backgrounds));
  // On this thread: drawing and writing take microseconds a caption, and a language model is waited for anyway.
  await writeShards({
    plan,
    data: {
      kind: 'captions',
      settings,
      dir,
      captionsDir: dir,
      samples: plan.samples,
      resolved: resolvedOf(plan.fingerprint),
    },
    hooks,
    threads: 0,
    unit: 'captions',
    unitsPerSample: 1,
    rejects: 'rejected',
  });
  return { captions: settings.captions.count };
}

/** Captions for which a MiB of memory is enough: some 10 bits each. */
const SEEN_PER_MB = 800_000;

async function captionsPlan({ settings: s, dir, hooks }: StageOptions, bank: ConceptBank): Promise<StagePlan> {
  const { count, perShard, seenMb } = s.captions;
  const concepts = [...bank.concepts, ...bank.heldOut];
  if (concepts.some((c) => c.drawAs !== undefined))
    (await import('../images/embedded/concept-warnings.js')).checkDrawAs(concepts);
  const found = await readManifest(captionsDir(dir));
  const left = count - (found ? await presentSamples(captionsDir(dir), found) : 0);
  const fingerprint = await captionsFingerprint(s, bank, hooks, left > 0);
  // From 8 bits a caption down, new captions look known too often.
  if (seenMb > 0 && count > seenMb * 2 ** 20)
    hooks.warn(
      `captions.seenMb ${seenMb} is a small memory for ${count} captions: more and more new ones will look known and be written again; set it to ${Math.ceil(count / SEEN_PER_MB)}`,
    );
  return { kind: 'captions', fingerprint, samples: count, perShard };
}

/** What a caption of one's own takes to be read, cleaned and compared, seconds, and in its shard, bytes; as measured. */
const OWN_SECONDS = 5e-5;
const OWN_BYTES = 200;

/** What `writeCaptions` will cost from here; times the writer on a few captions and writes nothing. @throws UserError as `writeCaptions` */
export async function captionsCost(o: StageOptions): Promise<Cost> {
  const { settings, hooks } = o;
  const bank = await loadConceptBank(settings);
  const found = await checkPlan(captionsDir(o.dir), await captionsPlan(o, bank));
  const dir = captionsDir(o.dir);
  const left = settings.captions.count - (found ? (await presentSamples(dir, found)) + samplesOnTheWay(dir) : 0);
  if (left <= 0) return { seconds: 0, memoryMb: 0, diskMb: 0, basis: 'all captions are there' };
  if (settings.captions.source !== '')
    return {
      seconds: left * OWN_SECONDS,
      memoryMb: process.memoryUsage.rss() / 2 ** 20 + settings.captions.seenMb,
      diskMb: (left * OWN_BYTES) / 2 ** 20,
      basis: `captions of ${settings.captions.source}`,
    };
  const writer = await openWriter(settings, hooks);
  const { inFlight } = writer;
  const watch = new RejectionWatch(hooks.warn);
  try {
    let bytes = 0;
    let before = { ...writer.usage };
    const most = Math.min(left, inFlight === undefined ? 512 : 2 * inFlight);
    // The first captions also pay for what a quick writer prepares; dear ones are not written for that alone.
    if (inFlight === undefined) await someCaptions({ settings, bank, writer, count: Math.min(left, 64) });
    const { each, n } = await calibrate(
      { first: inFlight === undefined ? 64 : Math.min(inFlight, 16), most, seconds: 0.1 },
      async (count) => {
        before = { ...writer.usage };
        const records = await someCaptions({ settings, bank, writer, count, signal: hooks.signal, watch });
        bytes = records.reduce((sum, r) => sum + Buffer.byteLength(JSON.stringify(r)) + 1, 0);
      },
    );
    const { usage } = writer;
    const tokens = (kind: keyof Usage) => Math.round(((usage![kind] - (before[kind] ?? 0)) / n) * left);
    return {
      seconds: left * each,
      each,
      memoryMb: process.memoryUsage.rss() / 2 ** 20 + settings.captions.seenMb,
      diskMb: (left * bytes) / n / 2 ** 20,
      basis: `${n} ${n === 1 ? 'caption' : 'captions'} written in ${shownSeconds(n * each)}`,
      ...(usage ? { tokens: { prompt: tokens('promptTokens'), completion: tokens('completionTokens') } } : {}),
    };
  } finally {
    await writer.close?.();
  }
}
