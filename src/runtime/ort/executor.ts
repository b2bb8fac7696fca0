import './no-telemetry.js';

import type { Worker } from 'node:worker_threads';
import type { Tensor } from '../../graph/tensor.js';
import { onEnd, startWorker, type ThreadError, unpackError } from '../../threads.js';
import { type Provider, toOnnx } from './onnx.js';

export type Value = Float32Array | BigInt64Array | Uint8Array;

/** Where a program's input or output lives in the executor's own memory: a named buffer and an offset in elements. */
export interface Place {
  buffer: string;
  offset: number;
}

/** Which inputs are read from, and which outputs written to, resident buffers; the others travel with each `run`. */
export interface Bindings {
  inputs?: Record<string, Place>;
  outputs?: Record<string, Place>;
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

export type Request =
  | { kind: 'load'; program: string; bytes: Uint8Array; inputs: Io[]; outputs: Io[]; bindings: Bindings }
  | { kind: 'put'; buffer: string; data: Float32Array }
  | { kind: 'take'; buffer: string }
  | { kind: 'peek'; place: Place; size: number }
  | { kind: 'run'; program: string; feeds: Record<string, Value> }
  | { kind: 'close' };
export interface Io {
  name: string;
  shape: readonly number[];
}
export type Reply = { id: number; value?: unknown; error?: ThreadError };

/**
 * Runs graphs with ONNX Runtime on a thread of its own, since a session blocks its thread while it runs. The thread keeps named
 * buffers (parameters, gradients, targets) between runs: programs read and write them in place, and they move out and back in without a copy.
 */
export class Executor {
  private readonly worker: Worker;
  private readonly options: ExecutorOptions;
  private readonly pending = new Map<number, { resolve: (v: never) => void; reject: (e: Error) => void }>();
  private next = 0;
  /** Why the thread is gone, once it is. */
  private ended: Error | undefined;
  private closing: Promise<void> | undefined;

  private constructor(worker: Worker, options: ExecutorOptions) {
    this.worker = worker;
    this.options = options;
    worker.on('message', ({ id, value, error }: Reply) => {
      const p = this.pending.get(id);
      this.pending.delete(id);
      if (error === undefined) p?.resolve(value as never);
      else p?.reject(unpackError(error));
    });
    onEnd(worker, 'the executor’s thread', (e) => {
      this.ended ??= e;
      for (const p of this.pending.values()) p.reject(this.ended);
      this.pending.clear();
    });
  }

  static start(options: ExecutorOptions): Executor {
    return new Executor(startWorker('runtime/ort/ort-worker', options), options);
  }

  /** Compiles the graph of `outputs` under a name. */
  async load(program: string, outputs: Record<string, Tensor>, bindings: Bindings = {}): Promise<void> {
    const { bytes, inputs, outputs: outs } = toOnnx(outputs, this.options.provider);
    await this.call({ kind: 'load', program, bytes, inputs, outputs: outs, bindings });
  }

  /** Hands a buffer to the executor; `data` is moved, not copied, and unusable here afterwards. */
  put(buffer: string, data: Float32Array): Promise<void> {
    return this.call({ kind: 'put', buffer, data }, [data.buffer as ArrayBuffer]);
  }

  /** Takes a buffer back out, without a copy; programs bound to it cannot run until it is put again. */
  take(buffer: string): Promise<Float32Array> {
    return this.call({ kind: 'take', buffer });
  }

  /** A copy of part of a buffer. */
  peek(place: Place, size: number): Promise<Float32Array> {
    return this.call({ kind: 'peek', place, size });
  }

  /** Runs a program. Feeds are copied; returned are the outputs that are not bound. */
  run(program: string, feeds: Record<string, Value>): Promise<Record<string, Float32Array>> {
    return this.call({ kind: 'run', program, feeds });
  }

  /** Ends the thread after what was asked before; a second call does nothing. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    if (!this.ended) await this.call({ kind: 'close' });
    await this.worker.terminate();
  }

  private call<T>(request: Request, transfer: ArrayBuffer[] = []): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    const id = this.next++;
    return new Promise<T>((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as (v: never) => void, reject });
      this.worker.postMessage({ id, request }, transfer);
    });
  }
}
