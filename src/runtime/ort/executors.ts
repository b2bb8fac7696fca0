import { availableParallelism } from 'node:os';
import { reachable, type Shape, sizeOf, type Tensor } from '../../graph/index.js';
import type { Executor, Executors, LoadOptions, OpenOptions } from '../executor.js';
import type { Feeds } from '../training.js';
import { type ExecutorOptions, OrtExecutor } from './executor.js';

export interface OrtExecutorsOptions extends Pick<ExecutorOptions, 'provider' | 'threads'> {
  /** What the log says; default: the provider. */
  about?: string;
  /**
   * Whether threads of closed executors wait for the next ones, until `close`: for owners who call it. Default: a closed
   * executor's thread ends.
   */
  reuse?: boolean;
}

/** Threads that wait for the next executor; a probe opens one after another. */
const MOST_IDLE = 2;
/** Bytes held, above which a thread ends with its executor: as long as it lives, it gives memory back late. */
const MOST_HELD = 2 ** 25;

/** ONNX Runtime: each executor has a thread of its own, and threads of operators. Starting one takes longer than many a probe's work. */
export class OrtExecutors implements Executors {
  readonly order = 'token';
  readonly precision = 'f32';
  readonly apart = false;
  readonly about: string;
  readonly threads: number;
  private readonly o: OrtExecutorsOptions;
  private readonly opened = new Set<Executor>();
  /** Cleared ones, with their options; the newest first. */
  private idle: { executor: OrtExecutor; key: string }[] = [];
  private closed = false;

  constructor(o: OrtExecutorsOptions) {
    this.o = o;
    this.about = o.about ?? `ONNX Runtime (${o.provider})`;
    this.threads = o.threads || availableParallelism();
  }

  async open({ threads = this.o.threads, small = false }: OpenOptions = {}): Promise<Executor> {
    // A probe's step is less work than WebGPU's dispatches of it.
    const provider = small ? 'cpu' : this.o.provider;
    const key = `${provider} ${threads}`;
    const at = this.idle.findIndex((i) => i.key === key);
    const [found] = at < 0 ? [] : this.idle.splice(at, 1);
    const executor = found?.executor ?? OrtExecutor.start({ provider, threads });
    const one = new OrtResident(executor, async () => {
      await this.leave(executor, key);
      this.opened.delete(one);
    });
    this.opened.add(one);
    return one;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.opened].map((one) => one.close()));
    const idle = this.idle;
    this.idle = [];
    await Promise.all(idle.map((i) => i.executor.close()));
  }

  /** Keeps a thread that nobody uses any more for the next one, if it still works; the one that waits longest ends. */
  private async leave(executor: OrtExecutor, key: string): Promise<void> {
    if (this.closed || !this.o.reuse) return executor.close();
    const held = await executor.clear().catch(() => Number.POSITIVE_INFINITY);
    if (held > MOST_HELD || this.closed) return executor.close();
    this.idle.unshift({ executor, key });
    if (this.idle.length > MOST_IDLE) await this.idle.pop()!.executor.close();
  }
}

/** Kept values as resident buffers, one each. */
class OrtResident implements Executor {
  private readonly thread: OrtExecutor;
  private readonly leave: () => Promise<void>;
  private left: Promise<void> | undefined;
  private readonly shapes = new Map<string, Shape>();

  constructor(executor: OrtExecutor, leave: () => Promise<void>) {
    this.thread = executor;
    this.leave = leave;
  }

  /** @throws Error when it was closed: its thread may be another's by now */
  private get executor(): OrtExecutor {
    if (this.left) throw new Error('internal: the executor was closed');
    return this.thread;
  }

  async keep(name: string, shape: Shape, data: Float32Array | 0): Promise<void> {
    const size = sizeOf(shape);
    if (data !== 0 && data.length !== size) throw new Error(`internal: ${data.length} values for ${name} [${shape}]`);
    this.shapes.set(name, shape);
    const isView = data !== 0 && data.byteLength < data.buffer.byteLength;
    await this.executor.put(name, data === 0 ? new Float32Array(size) : isView ? data.slice() : data);
  }

  async load(
    program: string,
    outputs: Readonly<Record<string, Tensor>>,
    { replaces = {} }: LoadOptions = {},
  ): Promise<void> {
    const inputs: Record<string, { buffer: string; offset: number }> = {};
    for (const t of reachable(Object.values(outputs))) {
      const name = t.attrs.name!;
      if (t.kind === 'input' && this.shapes.has(name)) inputs[name] = { buffer: name, offset: 0 };
    }
    await this.executor.load(program, outputs, { inputs, replaces });
  }

  async run(program: string, feeds: Feeds): Promise<Record<string, Float32Array>> {
    return this.executor.run(program, feeds);
  }

  async read(name: string): Promise<Float32Array> {
    const shape = this.shapes.get(name);
    if (!shape) throw new Error(`internal: no value ${name} is kept`);
    return this.executor.peek({ buffer: name, offset: 0 }, sizeOf(shape));
  }

  async drop(name: string): Promise<void> {
    if (this.shapes.delete(name)) await this.executor.take(name);
  }

  close(): Promise<void> {
    this.left ??= this.leave();
    return this.left;
  }
}
