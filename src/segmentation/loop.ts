import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Diverged, Interrupted, UserError } from '../errors.js';
import { removeTemporaries } from '../files/temporary.js';
import { isObject, parseJson } from '../formats/json.js';
import { readSafetensorsHeader } from '../formats/safetensors.js';
import { loadCheckpoint, pruneCheckpoints, saveCheckpoint, type TrainState } from '../learn/checkpoint.js';
import type { LearnedParameter } from '../learn/learner.js';
import { compiling } from '../learn/runtime-settings.js';
import { checkpointSteps, readNewest } from '../model/checkpoint-file.js';
import type { ExecutorSettings } from '../runtime/open-executors.js';
import { startTrainer } from '../runtime/start-trainer.js';
import type { Feeds, Objective, TrainedParameter, TrainingState } from '../runtime/training.js';
import type { StageHooks } from '../stage.js';
import { rateAt } from './schedule.js';
import type { Plan } from './settings.js';

/** Updates that are passed over one after another before training is given up. */
const MOST_SKIPPED = 20;
/** Points of the loss curve that the result keeps. */
const CURVE = 20;

/** What is trained, and on what. */
export interface HeadTraining {
  objective: Objective;
  /** Parameters at the beginning, by name, and the running statistics. */
  initial: ReadonlyMap<string, Float32Array>;
  centres: ReadonlyMap<string, Float32Array>;
  /** A batch, or the part of one that the objective takes: crops from the `first`-th on. */
  feeds(first: number): Promise<Feeds>;
  plan: Plan;
  /** All that decides what comes out: a checkpoint of another is refused. */
  key: string;
  /** A folder for checkpoints. */
  dir: string;
  runtime: ExecutorSettings;
  hooks: StageHooks;
}

export interface TrainedHead {
  parameters: ReadonlyMap<string, Float32Array>;
  centres: ReadonlyMap<string, Float32Array>;
  /** Mean loss of each twentieth of the training that was done in this call. */
  losses: number[];
}

/**
 * Trains a head, and what of the backbone is among its parameters, by AdamW; from its newest checkpoint where there is one.
 * @throws Interrupted when asked to stop, with what was trained in a checkpoint; UserError where training comes to numbers that are none, and
 *   for checkpoints of something else
 */
export async function trainHead(o: HeadTraining): Promise<TrainedHead> {
  const { plan, hooks, dir, objective } = o;
  const specs = objective.parameters.map(asLearned);
  await removeTemporaries(dir);
  const sizes = objective.centres;
  const newest = (await checkpointSteps(dir)).at(-1);
  const found = newest
    ? await readNewest(dir, newest, async (file) => {
        await refuseOther(file, o.key);
        return loadCheckpoint(file, specs, sizes);
      })
    : undefined;
  const progress = (done: number, detail?: Record<string, number>) =>
    hooks.progress({ stage: 'train', done, total: plan.steps, unit: 'steps', detail });
  progress(found?.step ?? 0);
  if (found && found.step >= plan.steps) return { parameters: found.student, centres: found.centres, losses: [] };

  const state: TrainingState = found ?? {
    ...{ student: o.initial, teacher: new Map(), moments: new Map(), centres: o.centres },
  };
  const trainer = await startTrainer(objective, state, {
    ...o.runtime,
    signal: hooks.signal,
    onCompile: compiling(hooks),
    spinning: false,
    optimizerThreads: o.runtime.threads || availableParallelism(),
    accumulate: plan.accumulate,
  });
  try {
    const settings = JSON.stringify({ segmentation: { key: o.key }, train: { steps: plan.steps } });
    let saved = found?.step ?? 0;
    const save = async (step: number) => {
      if (step === saved) return;
      const now: TrainState = { step, ...(await trainer.state()) };
      await saveCheckpoint(dir, now, specs, settings);
      await pruneCheckpoints(dir, step, plan.checkpointEvery, 1);
      saved = step;
    };
    const losses: number[] = [];
    const begin = saved;
    let curve = { sum: 0, n: 0 };
    let skipped = 0;
    // One part after the other: whatever is made side by side is so within a part.
    const batches = async (t: number): Promise<Feeds[]> => {
      const parts: Feeds[] = [];
      for (let i = 0; i < plan.accumulate; i++)
        parts.push(await o.feeds(t * plan.batch + (i * plan.batch) / plan.accumulate));
      return parts;
    };
    let next = batches(begin);
    for (let t = begin; t < plan.steps; t++) {
      if (hooks.signal.aborted) {
        // Whatever is being read for the next one.
        next.catch(() => {});
        await save(t);
        throw new Interrupted(`stopped after step ${t} of ${plan.steps}`);
      }
      const lr = rateAt(plan, t);
      const batch = await next.catch(async (e: unknown) => {
        // Asked to stop while the batch is read: what was trained is kept here, too.
        if (e instanceof Interrupted) await save(t);
        throw e;
      });
      const update = trainer.update(batch, {
        ...{ lr, weightDecay: plan.weightDecay, beta1: 0.9, beta2: 0.999, eps: 1e-8, t: t + 1, ema: 1, clip: 0 },
      });
      // The next batch is made while this one is computed.
      update.catch(() => {});
      if (t + 1 < plan.steps) {
        next = batches(t + 1);
        next.catch(() => {});
      }
      const { losses: now, norm } = await update;
      const finite = Number.isFinite(norm) && Number.isFinite(now.loss);
      skipped = finite ? 0 : skipped + 1;
      if (skipped > MOST_SKIPPED)
        throw new Diverged(
          `segmentation diverged at step ${t + 1}: loss ${now.loss}, gradient norm ${norm}`,
          '; lower lr',
        );
      if (finite) curve = { sum: curve.sum + now.loss, n: curve.n + 1 };
      if ((t + 1 - begin) % Math.max(1, Math.ceil((plan.steps - begin) / CURVE)) === 0 || t + 1 === plan.steps) {
        if (curve.n > 0) losses.push(Number((curve.sum / curve.n).toPrecision(4)));
        curve = { sum: 0, n: 0 };
      }
      progress(t + 1, finite ? { loss: Number(now.loss.toFixed(3)) } : undefined);
      if ((t + 1) % plan.checkpointEvery === 0 && t + 1 < plan.steps) await save(t + 1);
    }
    await save(plan.steps);
    const { student, centres } = await trainer.state();
    return { parameters: student, centres, losses };
  } finally {
    await trainer.close();
  }
}

/** Checkpoints say nothing of how a parameter begins. */
const asLearned = (p: TrainedParameter): LearnedParameter => ({ ...p, averaged: false, init: { fill: 0 } });

/** @throws UserError where a checkpoint is of other settings, another encoder or other data */
async function refuseOther(file: string, key: string): Promise<void> {
  const { metadata } = await readSafetensorsHeader(file);
  const said = metadata.settings === undefined ? undefined : parseJson(metadata.settings, `${file}: its settings`);
  const its = isObject(said) && isObject(said.segmentation) ? said.segmentation.key : undefined;
  if (its !== key)
    throw new UserError(
      `${file}: a checkpoint of other settings, another encoder or other data: move ${join(file, '..')} elsewhere`,
    );
}
