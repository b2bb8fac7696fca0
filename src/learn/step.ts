import { sizeOf } from '../graph/index.js';
import { layoutOf, type ParameterSpec } from '../model/parameters.js';
import { Executor, type ExecutorOptions, type Place, type Value } from '../runtime/ort/executor.js';
import type { AdamwStep } from './adamw.js';
import { contrastTargets } from './contrastive.js';
import { Optimizer, type Shard, shardParameters } from './optimizer.js';
import {
  inTeacher,
  LOSSES,
  type Losses,
  type StepConfig,
  studentParameters,
  studentProgram,
  teacherProgram,
  termsOf,
} from './programs.js';

/** What one micro-batch brings. */
export interface StepBatch {
  /** [B, 3, G, G] */
  globalCrops: Float32Array;
  /** [B·localCount, 3, L, L] */
  localCrops: Float32Array;
  /** [B] */
  labels: Int32Array;
  /** Masked tokens, ascending over [B, N]. */
  masked: Int32Array;
}

export interface ForwardOptions {
  teacherTemperature: number;
  /** Keep factors [depth, 2, B] and [depth, 2, B·localCount], when drop path is on. */
  dropPath?: { global: Float32Array; local: Float32Array };
  /** Values that `trace` programs give besides, as `fwd.…` (comparison with a reference). */
  traced?: Record<string, Float32Array>;
}

export interface StepResult {
  losses: Losses;
  /** [B, dim] of the teacher's unmasked and the student's masked global crops. */
  teacherCls: Float32Array;
  studentCls: Float32Array;
}

/**
 * A training step in its three stages: teacher forward; student forward and backward; AdamW and EMA. Parameters stay in the executor.
 */
export class TrainingStep {
  readonly config: StepConfig;
  readonly specs: readonly ParameterSpec[];
  readonly optimizer: Optimizer;
  private readonly executor: Executor;
  private readonly centres = new Map<string, Float32Array>();
  private readonly shards: Shard[];
  /** Of the batches since the last update, for each centre: the sum of their means, and how many they are. */
  private readonly pendingMeans = new Map<string, { sum: Float64Array; batches: number }>();
  private contrastFeeds: { key: string; feeds: Record<string, Value> } | undefined;

  private constructor(config: StepConfig, executor: Executor, shards: Shard[]) {
    this.config = config;
    this.specs = studentParameters(config);
    this.executor = executor;
    this.shards = shards;
    this.optimizer = new Optimizer(executor, shards);
  }

  /** @param student values by parameter name; @param teacher likewise, without `pred` (default: the student's) */
  static async start(
    config: StepConfig,
    student: Map<string, Float32Array>,
    teacher: Map<string, Float32Array>,
    runtime: ExecutorOptions & { optimizerThreads?: number },
    trace = false,
  ): Promise<TrainingStep> {
    const executor = Executor.start(runtime);
    const shards = shardParameters(studentParameters(config), Math.max(1, runtime.optimizerThreads ?? 1));
    const step = new TrainingStep(config, executor, shards);
    try {
      await step.load(student, teacher, trace);
    } catch (e) {
      await step.close();
      throw e;
    }
    return step;
  }

  /** Puts all that stays in the executor there, and compiles the two programs. */
  private async load(
    student: Map<string, Float32Array>,
    teacher: Map<string, Float32Array>,
    trace: boolean,
  ): Promise<void> {
    const { config, executor } = this;
    await this.putParameters(student, teacher);

    // What the teacher gives the student stays in the executor.
    const first = teacherProgram(config, trace);
    const handed = ['teacherProj', 'ibotTargets', 'dinoTargets'].filter((name) => name in first);
    const sizes = handed.map((name) => ({ name, shape: first[name].shape, init: { fill: 0 } }));
    const targets = layoutOf(sizes);
    await executor.put('targets', new Float32Array(targets.length));
    const targetPlaces = Object.fromEntries(
      handed.map((n) => [n, { buffer: 'targets', offset: targets.offset.get(n)! }]),
    );
    this.targetPlaces = targetPlaces;

    await executor.load('teacher', first, { inputs: this.places('teacher'), outputs: targetPlaces });
    await executor.load('student', studentProgram(config, trace), {
      inputs: { ...this.places('student'), ...targetPlaces },
      outputs: this.places('grad', 'grad.'),
    });
  }

  private targetPlaces: Record<string, Place> = {};

  /** Stages 1 and 2; gradients are left in the executor for `optimizer.update`. */
  async forwardBackward(batch: StepBatch, o: ForwardOptions): Promise<StepResult> {
    const c = this.config;
    const n = (c.globalSize / c.vit.patch) ** 2;
    const { ibot, contrast, dino } = termsOf(c);
    if (batch.masked.length !== c.masked)
      throw new Error(`internal: ${batch.masked.length} masked tokens, built for ${c.masked}`);
    const { rows, mask, weight } = maskFeeds(batch.masked, c.batch, n);
    const needsCentre = c.centering === 'centering';

    const masked: Record<string, Value> = ibot ? { masked: rows } : {};
    const first = await this.executor.run('teacher', {
      globalCrops: batch.globalCrops,
      ...(ibot || dino ? { teacherTemperature: Float32Array.of(o.teacherTemperature) } : {}),
      ...masked,
      ...(needsCentre && ibot ? { ibotCentre: this.centre('ibot') } : {}),
      ...(needsCentre && dino ? { dinoCentre: this.centre('dino') } : {}),
    });
    if (needsCentre)
      for (const name of ['ibot', 'dino']) if (first[`${name}Mean`]) this.addMean(name, first[`${name}Mean`]);

    const second = await this.executor.run('student', {
      globalCrops: batch.globalCrops,
      ...(c.localCount > 0 ? { localCrops: batch.localCrops } : {}),
      ...(c.masked > 0 ? { mask } : {}),
      ...(ibot ? { ...masked, maskedWeight: weight } : {}),
      ...(contrast ? this.contrastTargets(batch.labels) : {}),
      ...(c.dropPath ? { 'dropPath.global': o.dropPath!.global, 'dropPath.local': o.dropPath!.local } : {}),
    });
    if (o.traced) Object.assign(o.traced, first, second);
    const losses = Object.fromEntries(LOSSES.map((name) => [name, second[name][0]])) as Losses;
    return { losses, teacherCls: first.teacherCls, studentCls: second.studentCls };
  }

  /** Stage 3, then the centres. Returns the gradient's norm; when it is not finite nothing was changed. */
  async update(step: Omit<AdamwStep, 'gradScale'>, batches = 1, clip = 0): Promise<number> {
    const norm = await this.optimizer.update(step, batches, clip);
    if (Number.isFinite(norm)) this.moveCentres();
    this.pendingMeans.clear();
    return norm;
  }

  /** A copy of what the teacher handed to the student in the last batch. */
  async target(name: 'teacherProj' | 'ibotTargets' | 'dinoTargets', length: number): Promise<Float32Array | undefined> {
    const place = this.targetPlaces[name];
    return place && this.executor.peek(place, length);
  }

  /** Copies of all parameters or gradients by name. */
  async values(which: 'student' | 'teacher' | 'grad'): Promise<Map<string, Float32Array>> {
    const out = new Map<string, Float32Array>();
    for (const [k, { layout }] of this.shards.entries())
      for (const s of layout.specs)
        if (which !== 'teacher' || inTeacher(s.name)) {
          const offset = layout.offset.get(s.name)!;
          out.set(s.name, await this.executor.peek({ buffer: `${which}.${k}`, offset }, sizeOf(s.shape)));
        }
    return out;
  }

  /** The centres of DINO and iBOT as the next update will use them; part of a checkpoint when centring. */
  centreState(): Map<string, Float32Array> {
    return new Map([...this.centres].map(([name, c]) => [name, c.slice()]));
  }

  restoreCentres(state: Map<string, Float32Array>): void {
    for (const [name, c] of state) this.centres.set(name, c.slice());
  }

  async close(): Promise<void> {
    await Promise.all([this.optimizer.close(), this.executor.close()]);
  }

  private async putParameters(student: Map<string, Float32Array>, teacher: Map<string, Float32Array>): Promise<void> {
    for (const [k, { layout }] of this.shards.entries()) {
      for (const [which, values] of [
        ['student', student],
        ['teacher', teacher],
        ['grad', undefined],
      ] as const) {
        const flat = new Float32Array(layout.length);
        for (const s of values ? layout.specs : []) {
          const value =
            values!.get(s.name) ?? (which === 'teacher' && !inTeacher(s.name) ? student.get(s.name) : undefined);
          if (!value || value.length !== sizeOf(s.shape))
            throw new Error(`internal: no value of shape [${s.shape}] for ${s.name}`);
          flat.set(value, layout.offset.get(s.name)!);
        }
        await this.executor.put(`${which}.${k}`, flat);
      }
    }
  }

  private places(which: string, prefix = ''): Record<string, Place> {
    return Object.fromEntries(
      this.shards.flatMap(({ layout }, k) =>
        layout.specs.map((s) => [prefix + s.name, { buffer: `${which}.${k}`, offset: layout.offset.get(s.name)! }]),
      ),
    );
  }

  private contrastTargets(labels: Int32Array): Record<string, Value> {
    const key = labels.join();
    if (this.contrastFeeds?.key !== key) {
      const { localCount, avoidLocalGlobalSame } = this.config;
      const g = contrastTargets(labels, 1, true);
      const feeds: Record<string, Value> = { globalPositives: g.positives, globalExcluded: g.excluded };
      if (localCount > 0) {
        const l = contrastTargets(labels, localCount, avoidLocalGlobalSame);
        feeds.localPositives = l.positives;
        if (avoidLocalGlobalSame) feeds.localExcluded = l.excluded;
      }
      this.contrastFeeds = { key, feeds };
    }
    return this.contrastFeeds.feeds;
  }

  private centre(name: string): Float32Array {
    let c = this.centres.get(name);
    if (!c) {
      c = new Float32Array(this.config.prototypes);
      this.centres.set(name, c);
    }
    return c;
  }

  private addMean(name: string, mean: Float32Array): void {
    const pending = this.pendingMeans.get(name) ?? { sum: new Float64Array(mean.length), batches: 0 };
    for (let i = 0; i < mean.length; i++) pending.sum[i] += mean[i];
    pending.batches++;
    this.pendingMeans.set(name, pending);
  }

  /** centre ← m·centre + (1 − m)·mean over the batches of the update, as one large batch of them would move it. */
  private moveCentres(): void {
    const m = this.config.centerMomentum;
    for (const [name, { sum, batches }] of this.pendingMeans) {
      const c = this.centre(name);
      for (let i = 0; i < c.length; i++) c[i] = c[i] * m + (sum[i] / batches) * (1 - m);
    }
  }
}

/** Rows among the patch tokens (patch·B + image), the mask [N, B, 1], and 1/(masked tokens of the image) for each masked token. */
export function maskFeeds(
  masked: Int32Array,
  batch: number,
  n: number,
): { rows: BigInt64Array; mask: Float32Array; weight: Float32Array } {
  const rows = new BigInt64Array(masked.length);
  const mask = new Float32Array(n * batch);
  const counts = new Int32Array(batch);
  for (const m of masked) counts[Math.floor(m / n)]++;
  const weight = new Float32Array(masked.length);
  masked.forEach((m, i) => {
    const image = Math.floor(m / n);
    const row = (m % n) * batch + image;
    rows[i] = BigInt(row);
    mask[row] = 1;
    weight[i] = 1 / counts[image];
  });
  return { rows, mask, weight };
}
