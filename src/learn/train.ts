import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../config/schema.js';
import { Interrupted, UserError } from '../errors.js';
import { removeTemporaries } from '../files/temporary.js';
import { checkpointSteps, readNewest, verifyCheckpoint } from '../model/checkpoint-file.js';
import { initialise, layoutOf, type ParameterSpec, viewsOf } from '../model/parameters.js';
import { startingAs } from '../model/start.js';
import { Rng } from '../rng.js';
import { onnxProvider } from '../runtime/choose.js';
import type { StageHooks, StageOptions } from '../stage.js';
import { ViewLoader } from '../views/loader.js';
import { endPruning, loadCheckpoint, pruneCheckpoints, saveCheckpoint, type TrainState } from './checkpoint.js';
import { collapseOf, featureHealth, type Health, similarityHealth, targetHealth } from './health.js';
import { MetricsLog } from './metrics-log.js';
import { centreSizes, type Losses, type StepConfig, studentParameters } from './programs.js';
import { scheduled } from './schedules.js';
import { type StepResult, TrainingStep } from './step.js';
import { stepConfig } from './step-config.js';
import { initialWeights } from './weights.js';

export { trainCost } from './cost.js';

export interface TrainOptions extends StageOptions {
  /** Start a new run from the weights of this checkpoint or exported encoder (not: continue an interrupted one, which needs no option). */
  from?: string;
}

/**
 * Trains the encoder on the run's corpus, from its newest checkpoint if there is one, and leaves checkpoints, metrics and events.
 * @throws Interrupted when asked to stop; what was trained is then in a checkpoint, and the same call continues
 * @throws UserError when the newest checkpoint is damaged, naming the older one that is whole, or another run's; nothing is changed then
 */
export async function train(o: TrainOptions): Promise<{ steps: number }> {
  const { settings: s, dir, hooks } = o;
  const config = stepConfig(s);
  const specs = studentParameters(config);
  const checkpoints = join(dir, 'checkpoints');
  const newest = (await checkpointSteps(checkpoints)).at(-1) ?? 0;
  const read = (file: string): Promise<TrainState | undefined> =>
    newest < s.train.steps
      ? loadCheckpoint(file, specs, centreSizes(config), s)
      : verifyCheckpoint(file, s).then(() => undefined);
  // What a kill while saving left behind, or right after it.
  for (const folder of [checkpoints, join(dir, 'train')]) await removeTemporaries(folder);
  const found = newest > 0 ? await readNewest(checkpoints, newest, read) : undefined;
  // Only now: until the newest is known to be whole, an older one may be all there is.
  if (newest > 0) await endPruning(checkpoints, newest);
  if (newest >= s.train.steps) return { steps: newest };

  const state = found ?? (await freshState(s, specs, o.from));
  const open: { close(): Promise<void> }[] = [];
  const opened = async <T extends { close(): Promise<void> }>(one: Promise<T>): Promise<T> => {
    open.push(await one);
    return one;
  };
  try {
    const log = await opened(MetricsLog.open(join(dir, 'train'), state.step));
    const loader = await opened(
      ViewLoader.open({ settings: s, corpusDir: join(dir, 'images'), start: state.step * s.optim.accumulate }),
    );
    const step = await opened(
      TrainingStep.start(config, state.student, state.teacher, {
        provider: onnxProvider(s.runtime.provider),
        threads: s.runtime.threads,
        // Loader threads work beside the step; threads that wait for work by looping would take their cores.
        spinning: false,
        optimizerThreads: s.runtime.threads || availableParallelism(),
      }),
    );
    if (state.moments.size > 0) await step.optimizer.restore(state.moments);
    step.restoreCentres(state.centres);
    const run = new TrainingRun(s, config, step, loader, log, hooks, checkpoints);
    await run.from(state.step);
    return { steps: s.train.steps };
  } finally {
    await Promise.all(open.map((one) => one.close()));
  }
}

class TrainingRun {
  private readonly json: string;
  private saved = -1;
  private readonly s: Settings;
  private readonly config: StepConfig;
  private readonly step: TrainingStep;
  private readonly loader: ViewLoader;
  private readonly log: MetricsLog;
  private readonly hooks: StageHooks;
  private readonly dir: string;

  constructor(
    s: Settings,
    config: StepConfig,
    step: TrainingStep,
    loader: ViewLoader,
    log: MetricsLog,
    hooks: StageHooks,
    dir: string,
  ) {
    this.s = s;
    this.config = config;
    this.step = step;
    this.loader = loader;
    this.log = log;
    this.hooks = hooks;
    this.dir = dir;
    // What changes speed only is no part of a checkpoint, whose bytes do not depend on it.
    const { runtime: _, ...result } = s;
    this.json = JSON.stringify(result);
  }

  async from(start: number): Promise<void> {
    const { steps, checkpointEvery } = this.s.train;
    this.saved = start;
    this.hooks.progress({ stage: 'train', done: start, total: steps, unit: 'steps' });
    for (let t = start; t < steps; t++) {
      if (this.hooks.signal.aborted) {
        if (t > this.saved) await this.save(t);
        throw new Interrupted(`stopped after step ${t} of ${steps}`);
      }
      await this.update(t);
      if ((t + 1) % checkpointEvery === 0 || t + 1 === steps) await this.save(t + 1);
    }
  }

  /** One update: its batches, the optimiser, the log. */
  private async update(t: number): Promise<void> {
    const { s, config } = this;
    const { accumulate, beta1, beta2, eps, clip } = s.optim;
    const began = performance.now();
    const now = scheduled(s, t);
    const measure = t % s.train.healthEvery === 0 || t + 1 === s.train.steps;
    const mean: Partial<Losses> = {};
    let health: Partial<Health> = {};
    for (let a = 0; a < accumulate; a++) {
      const index = t * accumulate + a;
      const batch = await this.loader.batch(index);
      const dropPath = config.dropPath ? this.dropPath(index) : undefined;
      const result = await this.step.forwardBackward(batch, { teacherTemperature: now.teacherTemperature, dropPath });
      for (const [name, value] of Object.entries(result.losses) as [keyof Losses, number][])
        mean[name] = (mean[name] ?? 0) + value / accumulate;
      if (measure && a === 0) health = await this.health(result, batch.labels);
      if (a + 1 < accumulate) await this.step.optimizer.accumulate();
      this.loader.release(batch);
    }
    const norm = await this.step.update({ ...now, beta1, beta2, eps, t: t + 1 }, accumulate, clip);
    if (!Number.isFinite(norm) || !Number.isFinite(mean.loss!))
      throw new UserError(
        `training diverged at step ${t + 1}: loss ${mean.loss}, gradient norm ${norm}; the last checkpoint is step ${this.saved}; lower optim.lr (now ${s.optim.lr}) or set optim.clip`,
      );
    const seconds = (performance.now() - began) / 1000;
    const rate = (config.batch * accumulate) / seconds;
    await this.log.write({
      step: t + 1,
      ...(mean as Losses),
      lr: now.lr,
      weight_decay: now.weightDecay,
      ema: now.ema,
      teacher_temperature: now.teacherTemperature,
      grad_norm: norm,
      images_per_s: rate,
      ...health,
    });
    const sick = measure && t > 0 ? collapseOf(health as Health) : undefined;
    if (sick) this.hooks.warn(`step ${t + 1}: the representation is collapsing: ${sick}`);
    this.hooks.progress({
      stage: 'train',
      done: t + 1,
      total: s.train.steps,
      unit: 'steps',
      detail: { loss: Number(mean.loss!.toFixed(3)), 'images/s': Math.round(rate) },
    });
  }

  private async health(result: StepResult, labels: Int32Array): Promise<Health> {
    const { vit, contrastOut, prototypes, batch, masked } = this.config;
    const projections = await this.step.target('teacherProj', batch * contrastOut);
    const targets = await this.step.target('ibotTargets', Math.min(masked, 256) * prototypes);
    return {
      ...featureHealth(result.teacherCls, vit.dim),
      ...(projections ? similarityHealth(projections, contrastOut, labels) : {}),
      ...(targets ? targetHealth(targets, prototypes) : {}),
    };
  }

  /** Keep factors of the residual branches, 0 or 1/(1 − p), p growing linearly with depth (Huang et al. 2016). */
  private dropPath(index: number): { global: Float32Array; local: Float32Array } {
    const { vit, batch, localCount } = this.config;
    const rng = Rng.of(this.s.seed, 'dropPath', index);
    const draw = (rows: number) => {
      const keep = new Float32Array(vit.depth * 2 * rows);
      for (let i = 0; i < keep.length; i++) {
        const block = Math.floor(i / (2 * rows));
        const p = vit.depth === 1 ? this.s.model.dropPath : (this.s.model.dropPath * block) / (vit.depth - 1);
        keep[i] = rng.chance(p) ? 0 : 1 / (1 - p);
      }
      return keep;
    };
    return { global: draw(batch), local: draw(batch * localCount) };
  }

  private async save(step: number): Promise<void> {
    const state: TrainState = {
      step,
      student: await this.step.values('student'),
      teacher: await this.step.values('teacher'),
      moments: await this.step.optimizer.moments(),
      centres: this.step.centreState(),
    };
    await this.log.flush();
    await saveCheckpoint(this.dir, state, this.step.specs, this.json);
    this.saved = step;
    await pruneCheckpoints(this.dir, step, this.s.train.checkpointEvery, this.s.train.keepCheckpoints);
  }
}

/** Step 0: fresh parameters, or a new run from given weights; the teacher begins as a copy of the student. */
async function freshState(s: Settings, specs: readonly ParameterSpec[], from: string | undefined): Promise<TrainState> {
  const layout = layoutOf(startingAs(specs, s.model.start));
  const student = viewsOf(layout, initialise(layout, s.seed));
  if (from) for (const [name, data] of await initialWeights(from, specs)) student.set(name, data);
  return { step: 0, student, teacher: student, moments: new Map(), centres: new Map() };
}
