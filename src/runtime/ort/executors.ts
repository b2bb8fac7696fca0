import { availableParallelism } from 'node:os';
import { reachable, type Shape, sizeOf, type Tensor } from '../../graph/index.js';
import type { Executor, Executors, LoadOptions, OpenOptions } from '../executor.js';
import type { Feeds } from '../training.js';
import { type ExecutorOptions, OrtExecutor } from './executor.js';

export interface OrtExecutorsOptions extends Pick<ExecutorOptions, 'provider' | 'threads'> {
  /** What the log says; default: the provider. */
  about?: string;
}

/** ONNX Runtime: each executor has a thread of its own, and threads of operators. */
export class OrtExecutors implements Executors {
  readonly order = 'token';
  readonly precision = 'f32';
  readonly apart = false;
  readonly about: string;
  readonly threads: number;
  private readonly o: OrtExecutorsOptions;
  private readonly opened = new Set<Executor>();

  constructor(o: OrtExecutorsOptions) {
    this.o = o;
    this.about = o.about ?? `ONNX Runtime (${o.provider})`;
    this.threads = o.threads || availableParallelism();
  }

  async open({ threads = this.o.threads, small = false }: OpenOptions = {}): Promise<Executor> {
    // A probe's step is less work than WebGPU's dispatches of it.
    const provider = small ? 'cpu' : this.o.provider;
    const one = new OrtResident(OrtExecutor.start({ provider, threads }), () => this.opened.delete(one));
    this.opened.add(one);
    return one;
  }

  async close(): Promise<void> {
    await Promise.all([...this.opened].map((one) => one.close()));
  }
}

/** Kept values as resident buffers, one each. */
class OrtResident implements Executor {
  private readonly executor: OrtExecutor;
  private readonly closed: () => void;
  private readonly shapes = new Map<string, Shape>();

  constructor(executor: OrtExecutor, closed: () => void) {
    this.executor = executor;
    this.closed = closed;
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

  run(program: string, feeds: Feeds): Promise<Record<string, Float32Array>> {
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
    this.closed();
    return this.executor.close();
  }
}
