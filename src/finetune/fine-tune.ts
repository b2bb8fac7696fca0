import { availableParallelism } from 'node:os';
import type { EvalSet } from '../data/set.js';
import { Diverged, Interrupted, UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { makeFolder } from '../files/folders.js';
import { removeTemporariesOf } from '../files/temporary.js';
import { compiling } from '../learn/runtime-settings.js';
import { atSize, type Backbone, fingerprint } from '../model/backbone.js';
import type { Skipped } from '../probe/decode.js';
import type { Executors } from '../runtime/executor.js';
import type { ExecutorSettings } from '../runtime/open-executors.js';
import { startTrainer } from '../runtime/start-trainer.js';
import type { TrainedParameter, Trainer, UpdateResult } from '../runtime/training.js';
import type { StageHooks } from '../stage.js';
import { type CurvePoint, type FineTuneState, fineTuningFile, loadFineTuning, saveFineTuning } from './checkpoint.js';
import {
  type ClassifierConfig,
  classifierParameters,
  fineTuneObjective,
  initialWeights,
  trainedParameters,
  withMeanPool,
} from './classifier.js';
import { loaderThreads, TrainLoader } from './loader.js';
import { type Length, lengthOf, type Recipe } from './recipe.js';
import { rateAt } from './schedule.js';
import { type Classified, TestPictures, topOne } from './test-pictures.js';

export interface FineTuneOptions {
  encoder: Pick<Backbone, 'vit' | 'parameters' | 'preprocessing' | 'origin'>;
  /** Begin from fresh weights of the same network instead of the encoder's. */
  scratch?: boolean;
  set: Pick<EvalSet, 'name' | 'classes' | 'hash' | 'train' | 'test'>;
  /** Which pictures of `set.train` are trained on; default: all. */
  pictures?: Int32Array;
  recipe: Recipe;
  seed: number;
  /** Where the checkpoint lies, `fine-tuning.safetensors`; nothing else is written. */
  dir: string;
  /** What testing runs on. */
  executors: Executors;
  /** What training runs on. */
  runtime: ExecutorSettings;
  /** Threads that make batches; default: half of the cores. */
  threads?: number;
  hooks: StageHooks;
}

export interface FineTuned {
  length: Length;
  /** Number of pictures that were trained on. */
  pictures: number;
  /** Tests along the way, and the last one. */
  curve: readonly CurvePoint[];
  /** Of the last weights. */
  last: Classified;
  /** Of their moving average. */
  averaged?: Classified;
  /** Pictures to train on that cannot be decoded, as far as they were met. */
  broken: readonly Skipped[];
  /** The weights, and what training would go on from. */
  state: FineTuneState;
}

/** Updates that are passed over one after another before it is given up. */
const MOST_SKIPPED = 20;

/**
 * Trains an encoder with a linear classifier on labelled pictures, all of it (paper, section 4.2 and table 14), and tests it.
 * The same call goes on after an interruption or a kill, to the same bits.
 * @throws Interrupted when asked to stop; what was trained is then in the checkpoint
 * @throws UserError for a checkpoint of another fine-tuning in `dir`, pictures of a size that patches do not divide, pictures none of
 *   which can be decoded; Diverged where a loss is no number and the recipe says to stop
 */
export async function fineTune(o: FineTuneOptions): Promise<FineTuned> {
  const { recipe, set, seed, hooks } = o;
  if (set.classes.length < 2)
    throw new UserError(`${set.name}: ${set.classes.length} classes: fine-tuning takes two or more`);
  const pictures = o.pictures ?? Int32Array.from(set.train.labels, (_, i) => i);
  if (pictures.length === 0) throw new UserError(`${set.name}: no pictures to train on`);
  const sized = atSize(o.encoder as Backbone, recipe.size ?? o.encoder.preprocessing.size);
  const { vit, parameters } = recipe.pool === 'mean' ? withMeanPool(sized) : sized;
  const { size, mean, std } = sized.preprocessing;
  const c: ClassifierConfig = { vit, size, classes: set.classes.length };
  const { layerDecay, finalNorm } = recipe;
  const specs = classifierParameters(c);
  const trained = trainedParameters(specs, { depth: vit.depth, layerDecay, finalNorm }, recipe.ema > 0);
  const length = lengthOf(recipe, pictures.length);
  const key = JSON.stringify({
    encoder: o.scratch ? 'fresh weights' : fingerprint(sized),
    ...{ network: vit, size, data: set.hash, classes: c.classes },
    ...{ pictures: sha256(JSON.stringify([...pictures])), seed, recipe: decisive(recipe) },
  });
  const file = fineTuningFile(o.dir);
  await makeFolder(o.dir);
  await removeTemporariesOf(file);
  const found = await loadFineTuning(file, trained, key);
  const student = found ? undefined : initialWeights(c, parameters, seed, o.scratch ?? false);
  const state: FineTuneState = found ?? {
    step: 0,
    curve: [],
    student: student!,
    teacher: student!,
    moments: new Map(),
    centres: new Map(),
  };
  const test = new TestPictures(c, set.test, { size, mean, std }, recipe.testCrop, o.executors);
  try {
    const broken: Skipped[] = [];
    const trainedState =
      state.step < length.steps
        ? await new FineTuning(o, { c, length, key, file, trained, state, test, pictures, broken }).run()
        : state;
    const tested = { signal: hooks.signal };
    const last = await test.classify(trainedState.student, tested);
    const averaged = recipe.ema > 0 ? await test.classify(trainedState.teacher, tested) : undefined;
    const curve = withPoint(trainedState.curve, pointOf(length, length.steps, last, averaged));
    return { length, pictures: pictures.length, curve, last, averaged, broken, state: trainedState };
  } finally {
    await test.close();
  }
}

/** A recipe without what changes no result. */
const decisive = ({ checkpointEvery: _, ...recipe }: Recipe): Partial<Recipe> => recipe;

const pointOf = (length: Length, step: number, last: Classified, averaged?: Classified): CurvePoint => ({
  step,
  epoch: step / length.stepsPerEpoch,
  'top-1': topOne(last),
  ...(averaged && { 'top-1 averaged': topOne(averaged) }),
});

const withPoint = (curve: readonly CurvePoint[], point: CurvePoint): CurvePoint[] => [
  ...curve.filter((p) => p.step < point.step),
  point,
];

interface Prepared {
  c: ClassifierConfig;
  length: Length;
  key: string;
  file: string;
  trained: readonly TrainedParameter[];
  state: FineTuneState;
  test: TestPictures;
  pictures: Int32Array;
  broken: Skipped[];
}

/** The loop: an update is asked for before the one before it is read. */
class FineTuning {
  private readonly o: FineTuneOptions;
  private readonly p: Prepared;
  private trainer!: Trainer;
  private loader!: TrainLoader;
  private curve: CurvePoint[];
  private saved: number;
  private skipped = 0;
  private last = 0;

  constructor(o: FineTuneOptions, p: Prepared) {
    this.o = o;
    this.p = p;
    this.curve = p.state.curve;
    this.saved = p.state.step;
  }

  async run(): Promise<FineTuneState> {
    const { o, p } = this;
    const { recipe, runtime, hooks, set, seed } = o;
    const objective = fineTuneObjective(p.c, p.trained, { batch: recipe.batch, dropPath: recipe.dropPath > 0 });
    this.trainer = await startTrainer(objective, p.state, {
      ...runtime,
      ...{ signal: hooks.signal, onCompile: compiling(hooks), crops: 'float', spinning: false },
      optimizerThreads: runtime.threads || availableParallelism(),
    });
    this.loader = new TrainLoader({
      ...{ recipe, seed, split: set.train, pictures: p.pictures, start: p.state.step },
      ...{ classes: p.c.classes, depth: p.c.vit.depth },
      seen: { ...o.encoder.preprocessing, size: p.c.size },
      threads: o.threads ?? loaderThreads(recipe.batch, p.c.size),
      onBroken: (one) => {
        p.broken.push(one);
        hooks.warn(`${set.name}: ${one.file} is left out of training: ${one.reason}`);
      },
    });
    try {
      await this.loop();
      return await this.state(p.length.steps);
    } finally {
      await Promise.all([this.trainer.close(), this.loader.close()]);
    }
  }

  private async loop(): Promise<void> {
    const { o, p } = this;
    const { steps, stepsPerEpoch } = p.length;
    const { evaluateEpochs, checkpointEvery } = o.recipe;
    const testEvery = evaluateEpochs > 0 ? Math.max(1, Math.round(evaluateEpochs * stepsPerEpoch)) : steps;
    const isTested = (step: number) => step > 0 && step < steps && step % testEvery === 0;
    const { step: start } = p.state;
    // Stopped in this test.
    if (isTested(start) && !this.curve.some((point) => point.step === start)) {
      await this.test(start);
      await this.save(start);
    }
    this.last = performance.now();
    this.progress(p.state.step);
    let before: Promise<void> | undefined;
    try {
      for (let t = p.state.step; t < steps; t++) {
        if (o.hooks.signal.aborted) {
          await before;
          if (t > this.saved) await this.save(t);
          throw new Interrupted(`stopped after update ${t} of ${steps} of fine-tuning`);
        }
        const asked = await this.ask(t);
        await before;
        before = this.answered(t, asked);
        // Whoever waits for it next sees the error.
        before.catch(() => {});
        const tests = isTested(t + 1);
        if (!tests && (t + 1) % checkpointEvery !== 0 && t + 1 < steps) continue;
        await before;
        if (tests)
          await this.test(t + 1).catch(async (e: unknown) => {
            if (e instanceof Interrupted) await this.save(t + 1);
            throw e;
          });
        await this.save(t + 1);
      }
    } finally {
      await before?.catch(() => {});
    }
  }

  /** @returns an answer that is on its way; in a list, so that it is not waited for here */
  private async ask(t: number): Promise<[Promise<UpdateResult>]> {
    const { recipe } = this.o;
    const { length } = this.p;
    const { images, targets, dropPath } = await this.loader.batch(t);
    const { betas, eps, weightDecay, clip, ema, nonFinite } = recipe;
    const result = this.trainer.update([{ images, targets, ...(dropPath && { dropPath }) }], {
      ...{ lr: this.rate(t / length.stepsPerEpoch), weightDecay, beta1: betas[0], beta2: betas[1], eps, clip, ema },
      ...{ t: t + 1, halt: nonFinite === 'stop' },
    });
    // Should it fail before anybody waits for it.
    result.catch(() => {});
    return [result];
  }

  private rate(epoch: number): number {
    const { baseLr, batch, minLr: least } = this.o.recipe;
    const { warmupEpochs, epochs } = this.p.length;
    return rateAt({ peak: (baseLr * batch) / 256, least, warmupEpochs, epochs }, epoch);
  }

  private async answered(t: number, [result]: [Promise<UpdateResult>]): Promise<void> {
    const { losses, norm } = await result;
    if (Number.isFinite(norm) && Number.isFinite(losses.loss)) this.skipped = 0;
    else await this.notFinite(t, losses.loss, norm);
    this.progress(t + 1, losses.loss);
  }

  private progress(done: number, loss?: number): void {
    const { o, p } = this;
    const now = performance.now();
    const rate = (1000 * o.recipe.batch) / (now - this.last);
    this.last = now;
    o.hooks.progress({
      ...{ stage: 'eval', done, total: p.length.steps, before: p.state.step, unit: 'updates' },
      ...(loss !== undefined && { detail: { loss: Number(loss.toFixed(3)), 'images/s': Math.round(rate) } }),
    });
  }

  /** An update changed nothing, since it was no number. @throws Diverged where training is to stop */
  private async notFinite(t: number, loss: number, norm: number): Promise<void> {
    const { recipe, hooks } = this.o;
    const what = `update ${t + 1}: loss ${loss}, gradient norm ${norm}`;
    this.skipped++;
    if (recipe.nonFinite === 'skip' && this.skipped <= MOST_SKIPPED) {
      hooks.warn(`fine-tuning, ${what}; the batch is passed over`);
      return;
    }
    if (recipe.nonFinite === 'stop' && t > this.saved) await this.save(t);
    const many = recipe.nonFinite === 'skip' ? `, and so were the ${MOST_SKIPPED} updates before` : '';
    throw new Diverged(
      `fine-tuning diverged at ${what}${many}`,
      `; lower baseLr (now ${recipe.baseLr}) or set clip, or pass over such batches with nonFinite skip`,
    );
  }

  private async test(step: number): Promise<void> {
    const { trainer, o, p } = this;
    const { student, teacher } = await trainer.state();
    const tested = { signal: o.hooks.signal };
    const last = await p.test.classify(student, tested);
    const averaged = o.recipe.ema > 0 ? await p.test.classify(teacher, tested) : undefined;
    const point = pointOf(p.length, step, last, averaged);
    this.curve = withPoint(this.curve, point);
    const shown = Object.entries(point).filter(([name]) => name.startsWith('top-1'));
    o.hooks.note?.(
      `epoch ${point.epoch.toFixed(1)}: ${shown.map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`).join(', ')}`,
    );
  }

  private async save(step: number): Promise<void> {
    await saveFineTuning(this.p.file, await this.state(step), this.p.trained, this.p.key);
    this.saved = step;
  }

  private async state(step: number): Promise<FineTuneState> {
    return { step, curve: this.curve, ...(await this.trainer.state()) };
  }
}
