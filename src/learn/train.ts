import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { hasTeacher } from '../config/learners.js';
import type { Settings } from '../config/schema.js';
import { checkLinked, corpusFingerprint, linkCorpus, refuseOtherPainting } from '../corpus/link.js';
import { Diverged, Interrupted, UserError } from '../errors.js';
import { removeTemporaries } from '../files/temporary.js';
import { checkpointName, checkpointSteps, readNewest, verifyCheckpoint } from '../model/checkpoint-file.js';
import { textSettings, vitConfig } from '../model/config.js';
import { initialise } from '../model/parameters.js';
import { startingAs } from '../model/start.js';
import { Rng } from '../rng.js';
import { inRun, type Run } from '../run/run.js';
import type { Executors } from '../runtime/executor.js';
import { layoutOf, viewsOf } from '../runtime/layout.js';
import type { StageHooks, StageOptions } from '../stage.js';
import type { Batch, ByteBatch } from '../views/batch.js';
import { checkCorpus, ViewLoader } from '../views/loader.js';
import { endPruning, loadCheckpoint, pruneCheckpoints, saveCheckpoint, type TrainState } from './checkpoint.js';
import { drawDropPath, dropPathRates } from './drop-path.js';
import { collapseOf } from './health.js';
import type { LearnedParameter, Learner, LearnerSchedule } from './learner.js';
import { learnerFacts, learnerOf } from './learners/index.js';
import { MetricsLog } from './metrics-log.js';
import { NonFiniteLog } from './non-finite.js';
import { compiling, trainerSettings } from './runtime-settings.js';
import { type Scheduled, scheduled } from './schedules.js';
import { type StepResult, type StepUpdate, TrainingStep } from './step.js';

export { trainCost } from './cost.js';

/** Measures an encoder on its way: numbers by name, for the log. */
export type TrainingProbe = (o: {
  step: number;
  /** Weights of the teacher, or of the student where there is none, by name; a copy. */
  weights: ReadonlyMap<string, Float32Array>;
  /** Where training fills a device: what runs graphs there. */
  executors?: Executors;
}) => Promise<Record<string, number>>;

export interface TrainOptions extends StageOptions {
  /**
   * Asked every `probe.every` steps (`openTrainingProbe` makes one); what it says stands in the log beside the losses, and changes nothing
   * in training.
   */
  probe?: TrainingProbe;
  /** Start a new run from the weights of this checkpoint or exported encoder (not: continue an interrupted one, which needs no option). */
  from?: string;
  /**
   * Images that lie elsewhere (another run's folder, its `images/`, a WebDataset); default: where the run had them before, else its own.
   * `linkCorpus` gives the settings that go with them.
   */
  corpus?: string;
}

/**
 * Trains the encoder on the run's corpus, from its newest checkpoint if there is one, and leaves checkpoints, metrics and events.
 * @throws Interrupted when asked to stop; what was trained is then in a checkpoint, and the same call continues
 * @throws UserError when another process holds the run, its settings or images are not those that it was trained with, or the newest
 *   checkpoint is damaged, naming the older one that is whole; nothing is changed then
 */
export async function train(o: TrainOptions): Promise<{ steps: number }> {
  const linked =
    o.corpus === undefined
      ? undefined
      : await linkCorpus(o.corpus, { run: o.dir, mostBad: o.settings.corpus.mostBad, hooks: o.hooks });
  if (linked) refuseOtherPainting(linked, o.settings);
  return inRun(o, { from: o.from, corpus: linked?.record, stages: ['train'] }, (run) => trainIn(run, o));
}

async function trainIn(run: Run, o: TrainOptions): Promise<{ steps: number }> {
  const { settings: s, dir, hooks } = o;
  const checkpoints = join(dir, 'checkpoints');
  const newest = (await checkpointSteps(checkpoints)).at(-1) ?? 0;
  const corpusDir = run.imagesDir;
  if (newest < s.train.steps) {
    if (run.config.corpus) await checkLinked(run.config.corpus, dir);
    // Before minutes of compiling.
    await checkCorpus(s, corpusDir);
  }
  const facts = newest < s.train.steps ? await learnerFacts(s, corpusDir, dir) : {};
  const learner = learnerOf(s, facts);
  // What is trained to its end needs its images no more.
  const fingerprint = existsSync(corpusDir) ? await corpusFingerprint(corpusDir) : '';
  const its = { settings: s, corpus: fingerprint === '' ? undefined : { path: corpusDir, fingerprint } };
  const read = (file: string): Promise<TrainState | undefined> =>
    newest < s.train.steps
      ? loadCheckpoint(file, learner.parameters, learner.objective().centres, its)
      : verifyCheckpoint(file, its).then(() => undefined);
  // What a kill while saving left behind, or right after it.
  for (const folder of [checkpoints, join(dir, 'train')]) await removeTemporaries(folder);
  const found = newest > 0 ? await readNewest(checkpoints, newest, read) : undefined;
  // Only now: until the newest is known to be whole, an older one may be all there is.
  if (newest > 0) await endPruning(checkpoints, newest);
  if (newest >= s.train.steps) return { steps: newest };

  const state = found ?? (await freshState(s, learner.parameters, o.from));
  const open: { close(): Promise<void> }[] = [];
  const opened = async <T extends { close(): Promise<void> }>(one: Promise<T>): Promise<T> => {
    open.push(await one);
    return one;
  };
  try {
    const log = await opened(MetricsLog.open(join(dir, 'train'), state.step));
    const bad = await opened(NonFiniteLog.open(join(dir, 'train'), corpusDir, state.step));
    const step = await opened(
      TrainingStep.start(learner, state, {
        ...trainerSettings(s),
        signal: hooks.signal,
        onCompile: compiling(hooks),
        // Loader threads work beside the step; threads that wait for work by looping would take their cores.
        spinning: false,
        optimizerThreads: s.runtime.threads || availableParallelism(),
      }),
    );
    const corpus = {
      ...{ settings: s, corpusDir, start: state.step * s.optim.accumulate },
      ...{ needs: learner.needs, classes: facts.classOf },
    };
    const loader: Loader =
      step.trainer.crops === 'bytes'
        ? await opened(ViewLoader.open({ ...corpus, crops: 'bytes' }))
        : await opened(ViewLoader.open(corpus));
    hooks.note?.(`training through ${step.trainer.about}`);
    if (s.probe.every > 0 && !o.probe) hooks.warn('probe.every asks for probes, and nobody makes them');
    const training = new TrainingRun(s, learner, step, loader, { log, bad }, hooks, checkpoints, fingerprint, o.probe);
    await training.from(state.step);
    return { steps: s.train.steps };
  } finally {
    await Promise.all(open.map((one) => one.close()));
  }
}

/** Updates that are passed over one after another before training is given up: it will not recover. */
const MOST_SKIPPED = 20;

/** Batches in the form that the step is fed. */
type Loader = ViewLoader<Batch> | ViewLoader<ByteBatch>;

class TrainingRun {
  private readonly json: string;
  /** The newest checkpoint on the disk, and the one on its way there. */
  private saved = -1;
  private saving: Promise<void> = Promise.resolve();
  /** When the last update was answered. */
  private last = performance.now();
  private readonly s: Settings;
  private readonly learner: Learner;
  private readonly step: TrainingStep;
  private readonly loader: Loader;
  private readonly log: MetricsLog;
  private readonly bad: NonFiniteLog;
  /** Updates that were passed over, one after another. */
  private skipped = 0;
  private readonly hooks: StageHooks;
  private readonly dir: string;
  /** Fingerprint of what is learned from. */
  private readonly corpus: string;
  private readonly probe: TrainingProbe | undefined;

  constructor(
    s: Settings,
    learner: Learner,
    step: TrainingStep,
    loader: Loader,
    logs: { log: MetricsLog; bad: NonFiniteLog },
    hooks: StageHooks,
    dir: string,
    corpus: string,
    probe?: TrainingProbe,
  ) {
    this.s = s;
    this.learner = learner;
    this.step = step;
    this.loader = loader;
    this.log = logs.log;
    this.bad = logs.bad;
    this.hooks = hooks;
    this.dir = dir;
    this.corpus = corpus;
    this.probe = probe;
    // What changes speed only is no part of a checkpoint, whose bytes do not depend on it.
    const { runtime: _, ...result } = s;
    this.json = JSON.stringify(result);
  }

  /**
   * An update is asked for before the one before it is read, so that a device that works apart never waits for what is done here: for
   * batches, the log, checkpoints on their way to the disk.
   */
  async from(start: number): Promise<void> {
    const { steps, checkpointEvery } = this.s.train;
    this.saved = start;
    this.hooks.progress({ stage: 'train', done: start, total: steps, unit: 'steps' });
    let before: Promise<void> | undefined;
    try {
      for (let t = start; t < steps; t++) {
        if (this.hooks.signal.aborted) {
          await before;
          if (t > this.saved) await this.save(t);
          throw new Interrupted(`stopped after step ${t} of ${steps}`);
        }
        const asked = await this.ask(t);
        await before;
        before = this.answered(asked, await this.probed(asked));
        // Whoever waits for it next sees the error.
        before.catch(() => {});
        if ((t + 1) % checkpointEvery === 0 || t + 1 === steps) {
          await before;
          await this.save(t + 1);
        }
      }
    } finally {
      await before?.catch(() => {});
      await this.saving;
    }
  }

  /** Begins an update: its batches are here, and handed over. */
  private async ask(t: number): Promise<Asked> {
    const { s, learner } = this;
    const { accumulate, beta1, beta2, eps, clip } = s.optim;
    const began = performance.now();
    const batches: (Batch | ByteBatch)[] = [];
    for (let a = 0; a < accumulate; a++) batches.push(await this.loader.batch(t * accumulate + a));
    const waited = performance.now() - began;
    const now = { ...scheduled(s, t), ...learner.schedule(t) };
    const measure = t % s.train.healthEvery === 0 || t + 1 === s.train.steps;
    const fed = batches.map((b) => ({ ...b, dropPath: learner.shape.dropPath ? this.dropPath(b.index) : undefined }));
    const halt = s.train.nonFinite === 'stop';
    const update: StepUpdate = { ...now, beta1, beta2, eps, clip, t: t + 1, halt };
    const result = this.step.update(fed, update, measure);
    // Should it fail before anybody waits for it.
    result.catch(() => {});
    return { t, batches, now, result, waited };
  }

  /** Waits for an update and writes down what it gave. */
  private async answered(
    { t, batches, now, result, waited }: Asked,
    probed: Record<string, number> | undefined,
  ): Promise<void> {
    const { s, learner } = this;
    const { losses, norm, health } = await result;
    const finite = Number.isFinite(norm) && Number.isFinite(losses.loss);
    if (finite) this.skipped = 0;
    else await this.notFinite({ t, batches, now }, losses, norm);
    for (const b of batches) (this.loader as ViewLoader<Batch | ByteBatch>).release(b);
    const ended = performance.now();
    const seconds = (ended - this.last) / 1000;
    this.last = ended;
    const rate = (learner.shape.batch * batches.length) / seconds;
    await this.log.write({
      step: t + 1,
      ...Object.fromEntries(Object.entries(losses).filter(([, value]) => Number.isFinite(value))),
      ...(finite ? {} : { skipped: 1 }),
      lr: now.lr,
      weight_decay: now.weightDecay,
      ...(now.ema === undefined ? {} : { ema: now.ema }),
      ...now.numbers,
      ...(Number.isFinite(norm) ? { grad_norm: norm } : {}),
      images_per_s: rate,
      data_wait: Math.min(1, waited / 1000 / seconds),
      ...(finite ? health : {}),
      ...probed,
    });
    const sick = finite && health && t > 0 ? collapseOf(health) : undefined;
    if (sick) this.hooks.warn(`step ${t + 1}: the representation is collapsing: ${sick}`);
    this.hooks.progress({
      stage: 'train',
      done: t + 1,
      total: s.train.steps,
      unit: 'steps',
      detail: { loss: Number(losses.loss.toFixed(3)), 'images/s': Math.round(rate) },
    });
  }

  /**
   * The encoder after an update, measured where it is its turn, before the next one is asked for. What was begun is ended whatever the signal
   * says: the row of this step is written once.
   */
  private async probed({ t, result }: Asked): Promise<Record<string, number> | undefined> {
    const { every } = this.s.probe;
    if (!this.probe || every === 0 || (t + 1) % every !== 0) return undefined;
    // What went wrong with the update is told by who answers it.
    if (!(await result.then(Boolean, () => false))) return undefined;
    const began = performance.now();
    const { teacher, student } = await this.step.state();
    const weights = hasTeacher(this.s) ? new Map([...student, ...teacher]) : student;
    try {
      return await this.probe({ step: t + 1, weights, executors: this.step.trainer.executors?.() });
    } catch (e) {
      if (!(e instanceof UserError)) throw e;
      this.hooks.warn(`step ${t + 1}: not probed: ${e.message}`);
      return undefined;
    } finally {
      // It is no part of a step's time.
      this.last += performance.now() - began;
    }
  }

  /**
   * An update changed nothing, since it was no number: writes down of which batches, and stops with the state before it saved, or lets it pass.
   * @throws UserError where training is to stop
   */
  private async notFinite(
    { t, batches, now }: Pick<Asked, 't' | 'batches' | 'now'>,
    losses: StepResult['losses'],
    norm: number,
  ): Promise<void> {
    const { nonFinite } = this.s.train;
    const what = `step ${t + 1}: loss ${losses.loss}, gradient norm ${norm}`;
    const of = `captions ${[...new Set(batches.flatMap((b) => [...b.captions]))].slice(0, 8).join(', ')} …: train/non-finite.jsonl`;
    this.skipped++;
    const outcome = nonFinite === 'stop' || this.skipped > MOST_SKIPPED ? 'stopped' : 'skipped';
    await this.bad.write({ step: t + 1, losses, norm, lr: now.lr, outcome, batches });
    if (outcome === 'skipped') {
      this.hooks.warn(`${what}; the batch is passed over (${of})`);
      return;
    }
    // Only there do updates that were asked for in the meantime change nothing.
    if (nonFinite === 'stop' && t > this.saved) await this.save(t, true);
    const many = nonFinite === 'skip' ? `, and so were the ${MOST_SKIPPED} updates before` : '';
    const state = nonFinite === 'stop' ? 'the state before it is in' : 'the newest checkpoint is';
    const kept = this.saved > 0 ? `; ${state} ${checkpointName(this.saved)}` : '';
    throw new Diverged(
      `training diverged at ${what}${many} (${of})`,
      `${kept}; lower optim.lr (now ${this.s.optim.lr}) or set optim.clip in a new run${nonFinite === 'stop' ? ', or pass over such batches with train.nonFinite skip' : ''}`,
    );
  }

  /** Keep factors of the residual branches of both kinds of crops. */
  private dropPath(index: number): { global: Float32Array; local: Float32Array } {
    const { vit, batch, globals = 1, localCount } = this.learner.shape;
    const rng = Rng.of(this.s.seed, 'dropPath', index);
    const rates = dropPathRates(this.s.model.dropPath, vit.depth);
    return { global: drawDropPath(rates, batch * globals, rng), local: drawDropPath(rates, batch * localCount, rng) };
  }

  /** Training stands still only while the state is copied; the copy is written while it goes on. The last one is waited for. */
  private async save(step: number, wait = this.hooks.signal.aborted): Promise<void> {
    await this.saving;
    const state: TrainState = { step, ...(await this.step.state()) };
    await this.log.flush();
    this.saving = this.write(state);
    this.saving.catch(() => {});
    if (step === this.s.train.steps || wait) await this.saving;
  }

  private async write(state: TrainState): Promise<void> {
    await saveCheckpoint(this.dir, state, this.learner.parameters, this.json, this.corpus);
    this.saved = state.step;
    await pruneCheckpoints(this.dir, state.step, this.s.train.checkpointEvery, this.s.train.keepCheckpoints);
  }
}

/** An update that was asked for. */
interface Asked {
  t: number;
  batches: (Batch | ByteBatch)[];
  now: Scheduled & LearnerSchedule;
  result: Promise<StepResult>;
  /** Milliseconds until its batches were here. */
  waited: number;
}

/** Step 0: fresh parameters, or a new run from given weights; the teacher begins as a copy of the student. */
async function freshState(
  s: Settings,
  specs: readonly LearnedParameter[],
  from: string | undefined,
): Promise<TrainState> {
  const layout = layoutOf(startingAs(specs, s.model.start));
  const student = viewsOf(layout, initialise(layout, s.seed));
  // Words of a vocabulary that is learnt from this corpus are others than those of the file, whatever its sizes.
  const isOwn = textSettings(s)?.vocabulary === 'corpus';
  if (from) {
    const { initialWeights } = await import('./weights.js');
    for (const [name, data] of await initialWeights(from, specs, vitConfig(s)))
      if (!(isOwn && name.startsWith('text.'))) student.set(name, data);
  }
  return { step: 0, student, teacher: student, moments: new Map(), centres: new Map() };
}
