import type { DType, RowOrder, Shape, Tensor } from '../graph/index.js';
import type { Feeds } from './training.js';

/**
 * Graphs that are run for their results: encoders, probes, measurements. What runs them (ONNX Runtime, or XLA on any device) is chosen
 * once, by `openExecutors`; who builds graphs asks for the order of rows and the precision that are wanted there, and no more.
 *
 *     const executors = await openExecutors({ provider: 'auto', threads: 0 });
 *     const e = await executors.open();
 *     await e.keep('w', [1, 3], Float32Array.of(1, 2, 3));
 *     await e.load('product', { y: ops.linear(ops.input('x', [8, 3]), ops.input('w', [1, 3])) });
 *     const { y } = await e.run('product', { x });
 *     await executors.close();
 */
export interface Executors {
  /** What the log says of it: what runs graphs, and where. */
  readonly about: string;
  /** Order of the rows of activations that is fastest there. */
  readonly order: RowOrder;
  /** How activations and the operands of matrix products are best stored there. */
  readonly precision: DType;
  /** Threads that executors open side by side have between them; undefined: all share one device, and gain nothing by being several. */
  readonly threads: number | undefined;
  /** Whether values lie in a device's own memory and not in the process's. */
  readonly apart: boolean;
  open(o?: OpenOptions): Promise<Executor>;
  /** Ends all that was opened. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Threads of its own, where executors have such; default: the settings'. */
  threads?: number;
  /** Its programs are small: a device on which every run costs more than such a program may be passed over for the CPU. */
  small?: boolean;
}

export interface LoadOptions {
  /**
   * Outputs that take the place of a kept value of their shape when the run is over, by name: that value's. The run may read the old one.
   */
  replaces?: Readonly<Record<string, string>>;
  /** Inputs and outputs whose first axis is a batch of independent samples, which several devices may share. */
  batch?: readonly string[];
}

/** Runs programs, and keeps named values where it runs them. What is asked is done in the order asked. */
export interface Executor {
  /**
   * Keeps a value, in place of one of that name.
   * @param data moved where that saves a copy, so unusable afterwards; 0: zeros
   */
  keep(name: string, shape: Shape, data: Float32Array | 0): Promise<void>;
  /** Compiles the graph of `outputs` under a name. Inputs that have the name of a value kept by then are read from there; no output has an input's name. */
  load(program: string, outputs: Readonly<Record<string, Tensor>>, o?: LoadOptions): Promise<void>;
  /** @param feeds all other inputs; copied @returns outputs that replace nothing, as floats */
  run(program: string, feeds: Feeds): Promise<Record<string, Float32Array>>;
  /** A copy of a kept value as it is after the runs asked for before. */
  read(name: string): Promise<Float32Array>;
  /** Frees a kept value; nothing where there is none. */
  drop(name: string): Promise<void>;
  /** Frees everything after what was asked before; a second call does nothing. */
  close(): Promise<void>;
}
