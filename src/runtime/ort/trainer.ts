import { ops, type Shape, sizeOf, type Tensor } from '../../graph/index.js';
import { layoutOf } from '../layout.js';
import type { Feeds, Objective, TeacherGraph, Trainer, TrainingState, Update, UpdateResult } from '../training.js';
import { type ExecutorOptions, OrtExecutor, type Place } from './executor.js';
import { Optimizer, type Shard, shardParameters } from './optimizer.js';

export interface OrtTrainerOptions extends ExecutorOptions {
  /** Threads of AdamW; default 1. */
  optimizerThreads?: number;
  /** Give intermediate values and gradients with each update (comparison with a reference). */
  trace?: boolean;
}

/**
 * Training with ONNX Runtime, an update in three stages: teacher forward, where there is one; student forward and backward; AdamW and the moving
 * average, in loops on threads, since there they are four times as fast. Parameters, gradients and what the teacher hands to the student
 * stay in the executor's buffers.
 */
export class OrtTrainer implements Trainer {
  readonly order = 'token';
  readonly crops = 'float';
  readonly about: string;
  private readonly objective: Objective;
  private readonly executor: OrtExecutor;
  private readonly optimizer: Optimizer;
  private readonly shards: Shard[];
  private readonly trace: boolean;
  private readonly centres = new Map<string, Float32Array>();
  private handed: Record<string, { place: Place; shape: Shape }> = {};
  /** Names of what health is judged by. */
  private readonly measured: string[] = [];
  /** Which inputs each program reads from a batch. */
  private readonly reads = new Map<string, readonly string[]>();
  private queue: Promise<unknown> = Promise.resolve();
  private broken: Error | undefined;
  /** An update was not finite, and none is to be done after it. */
  private halted = false;
  private losses: readonly string[] = [];

  private constructor(objective: Objective, o: OrtTrainerOptions) {
    this.objective = objective;
    this.executor = OrtExecutor.start(o);
    this.shards = shardParameters(objective.parameters, Math.max(1, o.optimizerThreads ?? 1));
    this.optimizer = new Optimizer(this.executor, this.shards);
    this.trace = o.trace ?? false;
    this.about = `ONNX Runtime (${o.provider})`;
  }

  static async start(objective: Objective, state: TrainingState, o: OrtTrainerOptions): Promise<OrtTrainer> {
    const trainer = new OrtTrainer(objective, o);
    try {
      await trainer.load(state);
    } catch (e) {
      await trainer.close();
      throw e;
    }
    return trainer;
  }

  /** Puts all that stays in the executor there, and compiles the programs. */
  private async load(state: TrainingState): Promise<void> {
    const { objective } = this;
    await this.putParameters(state);
    if (state.moments.size > 0) await this.optimizer.restore(state.moments);
    for (const [name, size] of objective.centres)
      this.centres.set(name, state.centres.get(name)?.slice() ?? new Float32Array(size));

    const options = { order: this.order, crops: this.crops, precision: 'f32', recompute: false } as const;
    const places = objective.teacher ? await this.loadTeacher(objective.teacher(options)) : {};

    const inputs = Object.fromEntries(
      Object.entries(this.handed).map(([name, { shape }]) => [name, ops.input(name, shape)]),
    );
    const student = objective.student(inputs, options);
    const gradients = Object.fromEntries([...student.gradients].map(([name, t]) => [`grad.${name}`, t]));
    const reported = { ...student.measured, ...(this.trace ? student.report : {}) };
    await this.compile(
      'student',
      { ...student.losses, ...meansOf(student.means), ...reported, ...gradients },
      { ...this.places('student'), ...places },
      this.places('grad'),
    );
    this.losses = Object.keys(student.losses);
    this.measured.push(...Object.keys(student.measured));
    const measures = objective.measures?.(inputs) ?? {};
    if (Object.keys(measures).length > 0) await this.compile('measures', measures, places, {});
  }

  /** @returns where what it hands over lies */
  private async loadTeacher(teacher: TeacherGraph): Promise<Record<string, Place>> {
    const handed = Object.entries(teacher.handed).map(([name, { shape }]) => ({ name, shape }));
    const targets = layoutOf(handed);
    await this.executor.put('targets', new Float32Array(targets.length));
    for (const { name, shape } of handed)
      this.handed[name] = { place: { buffer: 'targets', offset: targets.offset.get(name)! }, shape };
    const places = Object.fromEntries(Object.entries(this.handed).map(([name, { place }]) => [name, place]));
    const measured = Object.fromEntries(Object.entries(teacher.measured).filter(([name]) => !(name in teacher.handed)));
    const reported = { ...measured, ...(this.trace ? teacher.report : {}) };
    await this.compile(
      'teacher',
      { ...teacher.handed, ...meansOf(teacher.means), ...reported },
      this.places('teacher'),
      places,
    );
    this.measured.push(...Object.keys(teacher.measured));
    return places;
  }

  private async compile(
    program: string,
    outputs: Record<string, Tensor>,
    inputs: Record<string, Place>,
    places: Record<string, Place>,
  ): Promise<void> {
    const bound = Object.fromEntries(Object.entries(places).filter(([name]) => name in outputs));
    const { inputs: all } = await this.executor.load(program, outputs, { inputs, outputs: bound });
    this.reads.set(
      program,
      all.filter((name) => !(name in inputs)),
    );
  }

  update(batches: readonly Feeds[], u: Update, measure = false): Promise<UpdateResult> {
    return this.inTurn(async () => {
      try {
        return await this.updateNow(batches, u, measure);
      } catch (e) {
        // Buffers may be on their way between threads: what comes later has nothing to begin from.
        this.broken = e as Error;
        throw e;
      }
    });
  }

  state(): Promise<TrainingState> {
    return this.inTurn(async () => ({
      student: await this.values('student'),
      teacher: await this.values('teacher'),
      moments: await this.optimizer.moments(),
      centres: new Map([...this.centres].map(([name, c]) => [name, c.slice()])),
    }));
  }

  async close(): Promise<void> {
    await Promise.all([this.optimizer.close(), this.executor.close()]);
  }

  /** What was asked for is done one after the other. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(() => {
      if (this.broken) throw this.broken;
      return work();
    });
    this.queue = done.catch(() => {});
    return done;
  }

  private async updateNow(batches: readonly Feeds[], u: Update, measure: boolean): Promise<UpdateResult> {
    const losses = Object.fromEntries(this.losses.map((name) => [name, 0]));
    const means = new Map<string, Float64Array>();
    let measured: UpdateResult['measured'];
    let traced: UpdateResult['traced'];
    for (const [i, batch] of batches.entries()) {
      const first = this.objective.teacher ? await this.run('teacher', batch) : {};
      const second = await this.run('student', batch);
      for (const name of this.losses) losses[name] += second[name][0] / batches.length;
      for (const name of this.objective.centres.keys()) {
        const mean = first[`mean.${name}`] ?? second[`mean.${name}`];
        const sum = means.get(name) ?? new Float64Array(mean.length);
        for (let k = 0; k < sum.length; k++) sum[k] += mean[k] / batches.length;
        means.set(name, sum);
      }
      if (measure && i === 0) measured = await this.measure({ ...first, ...second });
      if (i + 1 < batches.length) await this.optimizer.accumulate();
      else if (this.trace) traced = await this.traced(first, second);
    }
    const norm = await this.optimizer.update(u, batches.length, Number.isFinite(losses.loss) && !this.halted);
    const sound = Number.isFinite(norm) && Number.isFinite(losses.loss);
    if (sound && !this.halted) this.moveCentres(means);
    if (u.halt && !sound) this.halted = true;
    return { losses, norm, measured, traced };
  }

  private run(program: string, batch: Feeds): Promise<Record<string, Float32Array>> {
    const feeds: Feeds = {};
    for (const name of this.reads.get(program)!) {
      const centre = name.startsWith('centre.') ? this.centres.get(name.slice('centre.'.length)) : undefined;
      const value = centre ?? batch[name];
      if (value) feeds[name] = value;
    }
    return this.executor.run(program, feeds);
  }

  private async measure(given: Record<string, Float32Array>): Promise<Record<string, Float32Array>> {
    const out: Record<string, Float32Array> = {};
    for (const name of this.measured) {
      const handed = this.handed[name];
      out[name] = handed ? await this.executor.peek(handed.place, sizeOf(handed.shape)) : given[name];
    }
    return this.reads.has('measures') ? { ...out, ...(await this.executor.run('measures', {})) } : out;
  }

  private async traced(...results: Record<string, Float32Array>[]): Promise<Record<string, Float32Array>> {
    const all: Record<string, Float32Array> = Object.assign({}, ...results);
    for (const [name, { place, shape }] of Object.entries(this.handed))
      all[name] = await this.executor.peek(place, sizeOf(shape));
    for (const [name, data] of await this.values('grad')) all[`grad.${name}`] = data;
    return all;
  }

  /** Copies of all parameters or gradients by name. */
  private async values(which: 'student' | 'teacher' | 'grad'): Promise<Map<string, Float32Array>> {
    const out = new Map<string, Float32Array>();
    for (const [k, { layout }] of this.shards.entries())
      for (const s of layout.specs)
        if (which !== 'teacher' || s.averaged) {
          const offset = layout.offset.get(s.name)!;
          out.set(s.name, await this.executor.peek({ buffer: `${which}.${k}`, offset }, sizeOf(s.shape)));
        }
    return out;
  }

  private async putParameters({ student, teacher }: TrainingState): Promise<void> {
    for (const [k, { layout }] of this.shards.entries()) {
      for (const which of ['student', 'teacher', 'grad'] as const) {
        // A teacher that nobody averages needs no room.
        const averages = which !== 'teacher' || layout.specs.some((s) => s.averaged);
        const flat = new Float32Array(averages ? layout.length : 0);
        for (const s of which === 'grad' || !averages ? [] : layout.specs) {
          const value = (which === 'teacher' ? teacher.get(s.name) : undefined) ?? student.get(s.name);
          if (!value || value.length !== sizeOf(s.shape))
            throw new Error(`internal: no value of shape [${s.shape}] for ${s.name}`);
          flat.set(value, layout.offset.get(s.name)!);
        }
        await this.executor.put(`${which}.${k}`, flat);
      }
    }
  }

  private places(which: string): Record<string, Place> {
    return Object.fromEntries(
      this.shards.flatMap(({ layout }, k) =>
        layout.specs.map((s) => [
          `${which}.${s.name}`,
          { buffer: `${which}.${k}`, offset: layout.offset.get(s.name)! },
        ]),
      ),
    );
  }

  /** centre ← m·centre + (1 − m)·mean over the batches of the update, as one large batch of them would move it. */
  private moveCentres(means: ReadonlyMap<string, Float64Array>): void {
    const { centreMomentum, centreMomenta } = this.objective;
    for (const [name, mean] of means) {
      const m = centreMomenta?.get(name) ?? centreMomentum;
      const c = this.centres.get(name)!;
      for (let i = 0; i < c.length; i++) c[i] = c[i] * m + mean[i] * (1 - m);
    }
  }
}

const meansOf = (means: Record<string, Tensor> = {}): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(means).map(([name, t]) => [`mean.${name}`, t]));
