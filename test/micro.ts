import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LearnerName } from '../src/config/names.js';

/**
 * A run of seconds: 24 captions, 96 images of 32 px, a ViT of two blocks, 24 steps, probes of two rates. One thread of each kind: what is so
 * small is done before a second one has begun; tests of threads ask for more.
 */
export const MICRO: Readonly<Record<string, number | number[]>> = {
  'concepts.limit': 60,
  'captions.count': 24,
  'captions.perShard': 8,
  'images.size': 32,
  'images.captionsPerShard': 4,
  'views.globalSize': 16,
  'views.localSize': 8,
  'views.localCount': 2,
  'model.dim': 32,
  'model.depth': 2,
  'model.heads': 2,
  'model.patch': 4,
  'learn.projectionHidden': 32,
  'learn.projectionWidth': 16,
  'learn.prototypeHidden': 32,
  'learn.prototypeBottleneck': 16,
  'learn.prototypes': 64,
  'train.steps': 24,
  'train.captionsPerBatch': 4,
  'train.checkpointEvery': 6,
  'train.healthEvery': 6,
  'optim.warmup': 4,
  'probe.ownClasses': 3,
  'probe.ownTrain': 12,
  'probe.ownTest': 12,
  'probe.heldOutClasses': 3,
  'probe.heldOutCaptions': 4,
  'probe.linear.epochs': 4,
  'probe.linear.lrs': [0.01, 0.1],
  'runtime.workers': 1,
  'runtime.threads': 1,
};

/** As flags, with changes. */
export function micro(changes: Record<string, string | number> = {}): string[] {
  return Object.entries({ ...MICRO, ...changes }).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Settings of a learner other than synclr, as small. */
export const MICRO_LEARNERS: Readonly<Record<LearnerName, Record<string, string | number | boolean>>> = {
  synclr: {},
  stablerep: { 'learn.projectionHidden': 32, 'learn.projectionWidth': 16 },
  simclr: { 'learn.projectionHidden': 32, 'learn.projectionWidth': 16 },
  clip: {
    ...{ 'learn.textWidth': 16, 'learn.textDepth': 1, 'learn.textHeads': 2, 'learn.textContext': 16 },
    ...{ 'learn.embeddingWidth': 16, 'learn.merges': 60 },
  },
  supervised: {},
};

/** `MICRO` for any learner: without what is synclr's alone. */
export function microOf(
  method: LearnerName,
  changes: Record<string, string | number | boolean> = {},
): Record<string, string | number | number[] | boolean> {
  if (method === 'synclr') return { ...MICRO, ...changes };
  const shared = Object.entries(MICRO).filter(([name]) => !/^learn\.|^views\.localCount$/.test(name));
  return { ...Object.fromEntries(shared), 'learn.method': method, ...MICRO_LEARNERS[method], ...changes };
}

/** What a run must reproduce: checksum by path of captions, shards and the last checkpoint. */
export function madeBy(dir: string): Record<string, string> {
  const sums: Record<string, string> = {};
  for (const folder of ['captions', 'images', 'checkpoints']) {
    for (const name of readdirSync(join(dir, folder)).sort()) {
      sums[`${folder}/${name}`] = createHash('sha256')
        .update(readFileSync(join(dir, folder, name)))
        .digest('hex');
    }
  }
  return sums;
}
