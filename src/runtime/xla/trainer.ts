import { UserError } from '../../errors.js';
import { reachable, sizeOf } from '../../graph/index.js';
import type { Executors } from '../executor.js';
import type {
  CropForm,
  Feeds,
  GraphOptions,
  Objective,
  Trainer,
  TrainingState,
  Update,
  UpdateResult,
} from '../training.js';
import { type Compiled, type DeviceOptions, OutOfDeviceMemory, XlaDevice } from './device.js';
import { XlaExecutors } from './executors.js';
import type { AttentionKind } from './stablehlo.js';
import { toStableHlo } from './stablehlo.js';
import { accumulateGraph, HALTED, type UpdateGraph, updateGraph, updateNumbers } from './update-graph.js';

export interface XlaTrainerOptions {
  device: DeviceOptions;
  /** Default float32. */
  precision?: 'float32' | 'bfloat16';
  /** Compute blocks again in the backward pass. */
  recompute?: boolean;
  /** cuDNN's attention; default plain. */
  attention?: AttentionKind;
  /** What devices divide among them beside the batch. */
  shard?: 'none' | 'optimizer';
  /** Default: bytes, on a CPU floats. */
  crops?: CropForm;
  /** Batches of an update, which decides what is compiled at the start. Default 1. */
  accumulate?: number;
  trace?: boolean;
  /** Hears every second while something is compiled, and when it is done. */
  onCompile?: (what: string, seconds: number, done?: Compiled) => void;
}

/** What to change when a device has no room. */
export const WHAT_HELPS =
  'lower train.captionsPerBatch and raise optim.accumulate as much, or set runtime.recompute true, or share it with more devices (runtime.devices, runtime.shard optimizer)';
const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Values smaller than this are whole on every device: to gather them would take longer than they are worth. */
const WORTH_SPLITTING = 2 ** 14;

/**
 * Training as one XLA program an update, whose state stays on the devices and is given from each run to the next. Crops go in, and a few numbers come
 * out; an update may be asked for before the one before it is read.
 */
export class XlaTrainer implements Trainer {
  readonly order = 'sample';
  readonly crops: CropForm;
  readonly about: string;
  readonly device: XlaDevice;
  private readonly objective: Objective;
  private readonly graph: GraphOptions;
  private readonly o: XlaTrainerOptions;
  private readonly compiled = new Map<string, Promise<{ graph: UpdateGraph; inputs: readonly string[] }>>();
  private asked: Promise<unknown> = Promise.resolve();
  /** What compiling said, by program. */
  readonly programs = new Map<string, Compiled>();

  private constructor(objective: Objective, device: XlaDevice, o: XlaTrainerOptions) {
    this.objective = objective;
    this.device = device;
    this.o = o;
    const { precision = 'float32', recompute = false } = o;
    // On a CPU the loader's kernels are faster than XLA's.
    this.crops = o.crops ?? (device.info.platform === 'cpu' ? 'float' : 'bytes');
    const { order, crops } = this;
    this.graph = { order, crops, precision: precision === 'bfloat16' ? 'bf16' : 'f32', recompute };
    const { devices } = device.info;
    const kind = devices[0].kind || device.info.platform;
    const attention = o.attention?.startsWith('cudnn') ? ', cuDNN’s attention' : '';
    this.about = `XLA on ${devices.length > 1 ? `${devices.length} × ` : ''}${kind} (${precision}${attention})`;
  }

  /** @throws UserError for a plugin or devices that cannot be used, and where they have no room for the program */
  static async start(objective: Objective, state: TrainingState, o: XlaTrainerOptions): Promise<XlaTrainer> {
    const device = await XlaDevice.start(o.device);
    try {
      const trainer = new XlaTrainer(objective, device, o);
      // Compiled first: what does not fit is known before anything is sent.
      if ((o.accumulate ?? 1) > 1) await trainer.program('accumulate');
      await trainer.program((o.accumulate ?? 1) > 1 ? 'finish' : 'update');
      trainer.refuseTooLarge();
      await trainer.load(state);
      return trainer;
    } catch (e) {
      await device.close().catch(() => {});
      throw e;
    }
  }

  /** @throws UserError where the compiler says that the programs need more than a device has */
  private refuseTooLarge(): void {
    const has = this.device.info.devices[0].memory?.limit;
    for (const [name, { memory }] of this.programs)
      if (has !== undefined && memory && memory.peak > has) {
        const share = Math.max(0, (has - memory.arguments) / Math.max(1, memory.peak - memory.arguments));
        throw new UserError(
          `the ${name} needs ${gib(memory.peak)} of each device, which has ${gib(has)}: about ${Math.floor(100 * share)} % of this batch would fit; ${WHAT_HELPS}`,
        );
      }
  }

  private async load(state: TrainingState): Promise<void> {
    const put = (name: string, shape: readonly number[], data: Float32Array | 0) => {
      if (data !== 0 && data.length !== sizeOf(shape))
        throw new Error(`internal: ${data.length} values for ${name} [${shape}]`);
      return this.device.keep(name, { shape, dtype: 'f32', split: this.splitOf(name, shape) }, data);
    };
    for (const { name, shape, averaged } of this.objective.parameters) {
      const student = state.student.get(name);
      if (!student) throw new Error(`internal: no value for ${name}`);
      await put(`student.${name}`, shape, student);
      if (averaged) await put(`teacher.${name}`, shape, state.teacher.get(name) ?? student);
      await put(`m.${name}`, shape, state.moments.get(name)?.m ?? 0);
      await put(`v.${name}`, shape, state.moments.get(name)?.v ?? 0);
    }
    for (const [name, size] of this.objective.centres)
      await put(`centre.${name}`, [1, size], state.centres.get(name) ?? 0);
    await put(HALTED, [1], 0);
  }

  /** Gradients and means of an update of several batches, once it is known that there are such. */
  private async keepSums(): Promise<void> {
    for (const { name, shape } of this.objective.parameters)
      await this.device.keep(`sum.${name}`, { shape, dtype: 'f32', split: this.splitOf(`sum.${name}`, shape) }, 0);
    for (const [name, size] of this.objective.centres)
      await this.device.keep(`mean.${name}`, { shape: [1, size], dtype: 'f32' }, 0);
  }

  async update(batches: readonly Feeds[], u: Update, measure = false): Promise<UpdateResult> {
    try {
      return await this.updateNow(batches, u, measure);
    } catch (e) {
      throw e instanceof OutOfDeviceMemory ? e.because(WHAT_HELPS) : e;
    }
  }

  private async updateNow(batches: readonly Feeds[], u: Update, measure: boolean): Promise<UpdateResult> {
    const { runs, first, last } = await this.inTurn(() => this.dispatch(batches, u, measure));
    const results = await Promise.all(runs);
    const [measured, end] = [results[0], results[results.length - 1]];
    const mean = (k: number) => results.reduce((s, r) => s + r.losses[k] / batches.length, 0);
    return {
      losses: Object.fromEntries(last.losses.map((name, k) => [name, mean(k)])),
      norm: end.norm[0],
      measured: measure ? pick(measured, first.measured) : undefined,
      traced: this.o.trace ? pick(end, last.traced) : undefined,
    };
  }

  /** What is asked of the device is asked in the order in which it was asked for here, whatever is compiled in between. */
  private inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const asked = this.asked.then(ask);
    this.asked = asked.catch(() => {});
    return asked;
  }

  /** Sends the batches of an update on their way; what comes of them is awaited elsewhere. */
  private async dispatch(batches: readonly Feeds[], u: Update, measure: boolean) {
    const several = batches.length > 1;
    const end = several ? 'finish' : 'update';
    const [first, last] = [await this.program(several ? 'accumulate' : end), await this.program(end)];
    const runs = batches.map((batch, i) => {
      const ends = i + 1 === batches.length;
      const { graph, inputs } = ends ? last : first;
      const all: Feeds = { ...batch, numbers: updateNumbers(u, 1 / batches.length, i === 0) };
      const feeds: Feeds = {};
      for (const name of inputs) {
        if (!all[name]) throw new Error(`internal: no value for input ${name}`);
        feeds[name] = all[name];
      }
      const run = this.device.run(ends ? end : 'accumulate', feeds, {
        fetch: measure && i === 0 ? graph.measured : [],
      });
      // Should it fail before anybody waits for it.
      run.catch(() => {});
      return run;
    });
    return { runs, first: first.graph, last: last.graph };
  }

  async state(): Promise<TrainingState> {
    const { reads } = await this.inTurn(async () => ({ reads: this.reads() }));
    return reads;
  }

  private async reads(): Promise<TrainingState> {
    const { parameters, centres } = this.objective;
    const read = async (group: string, names: readonly string[]) => {
      const values = await Promise.all(names.map((name) => this.device.read(`${group}.${name}`)));
      return new Map(names.map((name, i) => [name, values[i]]));
    };
    const names = parameters.map((p) => p.name);
    const [student, teacher, m, v, c] = await Promise.all([
      read('student', names),
      read(
        'teacher',
        parameters.filter((p) => p.averaged).map((p) => p.name),
      ),
      read('m', names),
      read('v', names),
      read('centre', [...centres.keys()]),
    ]);
    return {
      student,
      teacher,
      moments: new Map(names.map((name) => [name, { m: m.get(name)!, v: v.get(name)! }])),
      centres: c,
    };
  }

  executors(): Executors {
    const { device, precision, attention } = this.o;
    return XlaExecutors.on(this.device, { device, precision, attention });
  }

  close(): Promise<void> {
    return this.device.close();
  }

  private program(name: 'update' | 'accumulate' | 'finish') {
    let made = this.compiled.get(name);
    if (!made) {
      made = this.compile(name);
      this.compiled.set(name, made);
    }
    return made;
  }

  private async compile(name: 'update' | 'accumulate' | 'finish') {
    const { objective, o } = this;
    const graph =
      name === 'accumulate'
        ? accumulateGraph(objective, this.graph)
        : updateGraph(objective, this.graph, name === 'finish', o.trace ?? false);
    const program = trainingProgram(objective, graph, this.device.info.devices.length, o);
    const told = o.onCompile;
    const done = await this.device.compile(name, program, told && ((seconds) => told(name, seconds)));
    this.programs.set(name, done);
    told?.(name, done.seconds, done);
    if (name === 'accumulate') await this.keepSums();
    return { graph, inputs: program.arguments.filter((a) => a.kept === undefined).map((a) => a.name) };
  }

  private splitOf(name: string, shape: readonly number[]): number | undefined {
    return splitOf(name, shape, this.device.info.devices.length, this.o.shard ?? 'none');
  }
}

const STATE = /^(?:student|teacher|m|v|sum)\./;

/** Along which axis a kept value is split over the devices. */
function splitOf(name: string, shape: readonly number[], devices: number, shard: 'none' | 'optimizer') {
  if (devices === 1 || shard === 'none' || !STATE.test(name)) return undefined;
  return sizeOf(shape) >= WORTH_SPLITTING && shape[0] % devices === 0 ? 0 : undefined;
}

/**
 * The program of a graph of updates.
 * @throws UserError where the batch cannot be shared evenly
 */
export function trainingProgram(
  objective: Objective,
  graph: UpdateGraph,
  devices: number,
  o: Pick<XlaTrainerOptions, 'attention' | 'shard'>,
) {
  const split: Record<string, number> = {};
  const kept: Record<string, string> = {};
  for (const t of inputsOf(graph)) {
    const axis = objective.imageAxes[t.name];
    if (isKept(t.name)) {
      kept[t.name] = t.name;
      const at = splitOf(t.name, t.shape, devices, o.shard ?? 'none');
      if (at !== undefined) split[t.name] = at;
    } else if (devices > 1 && axis !== undefined) {
      if (t.shape[axis] % devices !== 0)
        throw new UserError(
          `a batch of ${t.shape[axis]} ${t.name} cannot be shared evenly by ${devices} devices: change train.captionsPerBatch or set runtime.devices`,
        );
      split[t.name] = axis;
    }
  }
  for (const name of graph.replaced) if (kept[name] === undefined) kept[name] = name;
  return toStableHlo(graph.outputs, {
    devices,
    split,
    kept,
    replaces: Object.fromEntries(graph.replaced.map((name) => [name, name])),
    onDemand: graph.measured.filter((name) => !graph.traced.includes(name)),
    attention: o.attention,
  });
}

const isKept = (name: string): boolean => /^(?:student|teacher|m|v|sum|mean|centre|state)\./.test(name);

function inputsOf(graph: UpdateGraph): { name: string; shape: readonly number[] }[] {
  const found = new Map<string, readonly number[]>();
  for (const t of reachable(Object.values(graph.outputs))) if (t.kind === 'input') found.set(t.attrs.name!, t.shape);
  return [...found].map(([name, shape]) => ({ name, shape }));
}

const pick = (all: Record<string, Float32Array>, names: readonly string[]): Record<string, Float32Array> =>
  Object.fromEntries(names.map((name) => [name, all[name]]));
