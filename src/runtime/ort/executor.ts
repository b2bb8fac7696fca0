import './no-telemetry.js';

import type { Tensor } from '../../graph/tensor.js';
import { Thread } from '../../threads.js';
import type { Value } from '../training.js';
import { type Provider, toOnnx } from './onnx.js';
import type { OrtCalls } from './ort-worker.js';

/** Where a program's input or output lives in the executor's own memory: a named buffer and an offset in elements. */
export interface Place {
  buffer: string;
  offset: number;
}

/** Which inputs are read from, and which outputs written to, resident buffers; the others travel with each `run`. */
export interface Bindings {
  inputs?: Record<string, Place>;
  outputs?: Record<string, Place>;
  /** Outputs that become a whole buffer's new content once the run is over, which may read the old; by name: the buffer. */
  replaces?: Record<string, string>;
}

export interface ExecutorOptions {
  provider: Provider;
  /** Threads of one operator; 0 = all cores. */
  threads: number;
  /**
   * Whether idle threads of an operator wait in a loop for the next one (default) or sleep. Looping is a tenth faster on cores of
   * its own, sleeping a fifth to two fifths faster where busy loader threads share them (docs/engine.md).
   */
  spinning?: boolean;
  /** A file prefix for ONNX Runtime's profile. */
  profile?: string;
}

/** An input or output of a program. */
export interface Io {
  name: string;
  shape: readonly number[];
}

/**
 * Runs graphs with ONNX Runtime on a thread of its own, since a session blocks its thread while it runs. The thread keeps named
 * buffers (parameters, gradients, targets) between runs: programs read and write them in place, and they move out and back in without a copy.
 */
export class OrtExecutor {
  private readonly thread: Thread<OrtCalls>;
  private readonly options: ExecutorOptions;

  private constructor(options: ExecutorOptions) {
    this.thread = Thread.start('runtime/ort/ort-worker', { what: 'the executor’s thread', data: options });
    this.options = options;
  }

  static start({ provider, threads, spinning, profile }: ExecutorOptions): OrtExecutor {
    // Callers' options may hold more, such as functions, which no thread can be given.
    return new OrtExecutor({ provider, threads, spinning, profile });
  }

  /**
   * Compiles the graph of `outputs` under a name.
   * @returns names of all its inputs, bound or not
   */
  async load(
    program: string,
    outputs: Record<string, Tensor>,
    bindings: Bindings = {},
  ): Promise<{ inputs: readonly string[] }> {
    const { bytes, inputs, outputs: outs } = toOnnx(outputs, this.options.provider);
    await this.thread.ask('load', { program, bytes, inputs, outputs: outs, bindings });
    return { inputs: inputs.map((i) => i.name) };
  }

  /** Hands a buffer to the executor; `data` is moved, not copied, and unusable here afterwards. */
  put(buffer: string, data: Float32Array): Promise<void> {
    return this.thread.ask('put', { buffer, data }, [data]);
  }

  /** Takes a buffer back out, without a copy; programs bound to it cannot run until it is put again. */
  take(buffer: string): Promise<Float32Array> {
    return this.thread.ask('take', { buffer });
  }

  /** A copy of part of a buffer. */
  peek(place: Place, size: number): Promise<Float32Array> {
    return this.thread.ask('peek', { place, size });
  }

  /** Runs a program. Feeds are copied; returned are the outputs that are not bound. */
  run(program: string, feeds: Record<string, Value>): Promise<Record<string, Float32Array>> {
    return this.thread.ask('run', { program, feeds });
  }

  /**
   * Forgets programs and buffers, after what was asked before: the thread is as new, for somebody else.
   * @returns bytes of what it forgot, not all of which the process has back before the thread ends
   */
  clear(): Promise<number> {
    return this.thread.ask('clear');
  }

  /** Ends the thread after what was asked before; a second call does nothing. */
  close(): Promise<void> {
    return this.thread.close();
  }
}
