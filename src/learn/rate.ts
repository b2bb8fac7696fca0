import { availableParallelism } from 'node:os';
import type { Settings } from '../config/schema.js';
import { openCorpus } from '../corpus/corpus.js';
import { Interrupted } from '../errors.js';
import { initialise } from '../model/parameters.js';
import { layoutOf, viewsOf } from '../runtime/layout.js';
import type { OpenOptions } from '../stage.js';
import type { Batch, ByteBatch } from '../views/batch.js';
import { ViewLoader } from '../views/loader.js';
import type { BatchShape } from './learner.js';
import { learnerFacts, learnerOf } from './learners/index.js';
import { compiling, trainerSettings } from './runtime-settings.js';
import { scheduled } from './schedules.js';
import { TrainingStep } from './step.js';

/** How fast training goes here, loader and all. */
export interface TrainingRate {
  /** What it begins with: sessions, threads, the first batch; seconds. */
  begin: number;
  /** Seconds an update while its images are decoded for the first time. */
  first: number;
  /** Seconds an update whose images are in memory. */
  update: number;
  /** Updates that were timed. */
  updates: number;
}

export interface RateOptions {
  settings: Settings;
  /** Images to measure with; any of the settings' sizes, at least a batch. */
  corpusDir: string;
  /** How long to measure, beside what training begins with. */
  seconds: number;
  hooks: OpenOptions;
}

/** Updates that are not timed: the first ones also pay for memory, and for batches made ahead. */
const WARM = 2;
/** Fewest updates that are timed. */
const LEAST = 3;

/**
 * Measures training by doing some of it: real updates from fresh weights on real batches, of which nothing is kept.
 * @throws Interrupted
 */
export async function trainingRate({ settings: s, corpusDir, seconds, hooks }: RateOptions): Promise<TrainingRate> {
  const began = performance.now();
  const facts = await learnerFacts(s, corpusDir);
  const learner = learnerOf(s, facts);
  const { shape } = learner;
  const layout = layoutOf(learner.parameters);
  const student = viewsOf(layout, initialise(layout, s.seed));
  const step = await TrainingStep.start(
    learner,
    { student },
    {
      ...trainerSettings(s),
      signal: hooks.signal,
      onCompile: compiling(hooks),
      spinning: false,
      optimizerThreads: s.runtime.threads || availableParallelism(),
    },
  );
  const opened: { close(): Promise<void> }[] = [step];
  try {
    const corpus = { settings: s, corpusDir, needs: learner.needs, classes: facts.classOf };
    const loader: ViewLoader<Batch> | ViewLoader<ByteBatch> =
      step.trainer.crops === 'bytes'
        ? await ViewLoader.open({ ...corpus, crops: 'bytes' })
        : await ViewLoader.open(corpus);
    opened.push(loader);
    const update = async (t: number): Promise<void> => {
      if (hooks.signal?.aborted) throw new Interrupted('stopped while training was timed');
      const { accumulate, beta1, beta2, eps, clip } = s.optim;
      const batches: (Batch | ByteBatch)[] = [];
      for (let a = 0; a < accumulate; a++) batches.push(await loader.batch(t * accumulate + a));
      const dropPath = shape.dropPath ? keepAll(shape) : undefined;
      const fed = batches.map((b) => ({ ...b, dropPath }));
      // With as much of health's measurements as training will have.
      const measure = t % s.train.healthEvery === 0;
      await step.update(
        fed,
        { ...scheduled(s, t), ...learner.schedule(t), beta1, beta2, eps, clip, t: t + 1 },
        measure,
      );
      for (const b of batches) (loader as ViewLoader<Batch | ByteBatch>).release(b);
    };
    let t = 0;
    for (; t < WARM; t++) await update(t);
    const warm = performance.now();
    /** Times updates from `from` on, for so long. @returns seconds each, and the next */
    const timed = async (from: number, most: number, until: number) => {
      const start = performance.now();
      let at = from;
      while (at - from < most && (at - from < LEAST || (performance.now() - start) / 1000 < until)) await update(at++);
      return { each: (performance.now() - start) / 1000 / (at - from), next: at };
    };
    // Those of the first epoch decode their images; asked for again, these are in memory, as far as there is room.
    const epoch = await updatesPerEpoch(s, corpusDir);
    const fresh = await timed(t, Math.max(LEAST, epoch - t), seconds / 2);
    for (t = 0; t < WARM; t++) await update(t);
    const again = await timed(t, Number.POSITIVE_INFINITY, seconds / 2);
    const each = Math.min(fresh.each, again.each);
    return {
      begin: Math.max(0, (warm - began) / 1000 - WARM * each),
      first: fresh.each,
      update: each,
      updates: fresh.next + again.next,
    };
  } finally {
    await Promise.all(opened.map((one) => one.close()));
  }
}

/** Updates in which every image is seen once. */
export async function updatesPerEpoch(s: Settings, corpusDir: string): Promise<number> {
  const corpus = await openCorpus(corpusDir);
  await corpus.close();
  return Math.max(1, Math.floor(corpus.length / s.train.captionsPerBatch / s.optim.accumulate));
}

/** What `steps` updates take, of which an epoch has `epoch`. */
export const trainingSeconds = ({ begin, first, update }: TrainingRate, steps: number, epoch: number): number =>
  begin + Math.min(steps, epoch) * first + Math.max(0, steps - epoch) * update;

/** Keep factors that drop nothing. */
function keepAll({ vit, batch, globals = 1, localCount }: BatchShape) {
  const keep = (rows: number) => new Float32Array(vit.depth * 2 * rows).fill(1);
  return { global: keep(batch * globals), local: keep(batch * localCount) };
}
