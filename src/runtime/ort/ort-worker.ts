import './no-telemetry.js';

import { workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Moved, serve } from '../../threads.js';
import type { Value } from '../training.js';
import type { Bindings, ExecutorOptions, Io, Place } from './executor.js';
import { providerError } from './provider-error.js';
import { sessionOptions } from './session-options.js';

/** The executor's thread: sessions and resident buffers. Requests are answered in order. */

export interface OrtCalls {
  load(r: { program: string; bytes: Uint8Array; inputs: Io[]; outputs: Io[]; bindings: Bindings }): void;
  put(r: { buffer: string; data: Float32Array }): void;
  take(r: { buffer: string }): Float32Array;
  peek(r: { place: Place; size: number }): Float32Array;
  run(r: { program: string; feeds: Record<string, Value> }): Record<string, Float32Array>;
  clear(): number;
}

interface Program {
  session: InferenceSession;
  inputs: Map<string, Io>;
  outputs: Io[];
  bindings: Bindings;
  /** Of the graph with its weights. */
  bytes: number;
}

const options = workerData as ExecutorOptions;
const programs = new Map<string, Program>();
const buffers = new Map<string, Float32Array>();
/** Beside buffers that programs replace: written while the buffer is read, then swapped with it. */
const spares = new Map<string, Float32Array>();
/** Bytes of the largest feeds: garbage after their run, but here for as long as this thread's collector likes. */
let mostFed = 0;

const size = (io: Io) => io.shape.reduce((a, b) => a * b, 1);

function resident(place: Place, length: number): Float32Array {
  const buffer = buffers.get(place.buffer);
  if (!buffer) throw new Error(`internal: buffer ${place.buffer} is not here`);
  if (place.offset + length > buffer.length)
    throw new Error(`internal: ${place.offset}+${length} of buffer ${place.buffer}, which has ${buffer.length} values`);
  return buffer.subarray(place.offset, place.offset + length);
}

/** Memory for what will replace a whole buffer. */
function beside(name: string, length: number): Float32Array {
  const buffer = buffers.get(name);
  if (buffer?.length !== length)
    throw new Error(`internal: ${length} values cannot replace buffer ${name}, which has ${buffer?.length ?? 'none'}`);
  let spare = spares.get(name);
  if (spare?.length !== length) spares.set(name, (spare = new Float32Array(length)));
  return spare;
}

function tensor(data: Value, shape: readonly number[]): Tensor {
  if (data instanceof BigInt64Array) return new Tensor('int64', data, shape);
  return data instanceof Uint8Array ? new Tensor('uint8', data, shape) : new Tensor('float32', data, shape);
}

async function run(name: string, given: Record<string, Value>): Promise<Moved<Record<string, Float32Array>>> {
  const program = programs.get(name);
  if (!program) throw new Error(`internal: no program ${name}`);
  const feeds: Record<string, Tensor> = {};
  mostFed = Math.max(
    mostFed,
    Object.values(given).reduce((sum, v) => sum + v.byteLength, 0),
  );
  for (const [name, io] of program.inputs) {
    const place = program.bindings.inputs?.[name];
    const data = given[name] ?? (place && resident(place, size(io)));
    if (!data) throw new Error(`internal: no value for input ${name}`);
    feeds[name] = tensor(data, io.shape);
  }
  const { outputs = {}, replaces = {} } = program.bindings;
  const fetches: Record<string, Tensor | null> = {};
  for (const io of program.outputs) {
    const place = outputs[io.name];
    const to = place ? resident(place, size(io)) : io.name in replaces && beside(replaces[io.name], size(io));
    fetches[io.name] = to ? tensor(to, io.shape) : null;
  }
  const results = await program.session.run(feeds, fetches);
  const value: Record<string, Float32Array> = {};
  for (const io of program.outputs) if (!fetches[io.name]) value[io.name] = results[io.name].data as Float32Array;
  for (const name of Object.values(replaces)) {
    const [buffer, spare] = [buffers.get(name)!, spares.get(name)!];
    buffers.set(name, spare);
    spares.set(name, buffer);
  }
  return new Moved(value, Object.values(value));
}

/**
 * As the thread began: without programs and buffers.
 * @returns bytes of buffers, of programs with their weights, and of the largest feeds
 */
async function clear(): Promise<number> {
  let bytes = mostFed;
  mostFed = 0;
  for (const kept of [buffers, spares]) for (const b of kept.values()) bytes += b.byteLength;
  for (const p of programs.values()) {
    bytes += p.bytes;
    await p.session.release();
  }
  for (const all of [programs, buffers, spares]) all.clear();
  return bytes;
}

serve<OrtCalls>(
  {
    async load({ program, bytes, inputs, outputs, bindings }) {
      const session = await InferenceSession.create(bytes, sessionOptions(options)).catch((e) => {
        throw providerError(e, options.provider);
      });
      await programs.get(program)?.session.release();
      const named = new Map(inputs.map((io) => [io.name, io]));
      programs.set(program, { session, inputs: named, outputs, bindings, bytes: bytes.byteLength });
    },
    put({ buffer, data }) {
      buffers.set(buffer, data);
    },
    take({ buffer }) {
      const data = buffers.get(buffer);
      if (!data) throw new Error(`internal: buffer ${buffer} is not here`);
      buffers.delete(buffer);
      spares.delete(buffer);
      return new Moved(data, [data]);
    },
    peek: ({ place, size }) => resident(place, size).slice(),
    run: ({ program, feeds }) => run(program, feeds),
    clear,
  },
  { close: clear },
);
