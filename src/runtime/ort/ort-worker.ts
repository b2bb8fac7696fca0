import './no-telemetry.js';

import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { packError } from '../../threads.js';
import type { Bindings, ExecutorOptions, Io, Place, Request, Value } from './executor.js';
import { sessionOptions } from './session-options.js';

/** The executor's thread: sessions and resident buffers. Requests are answered in order. */

interface Program {
  session: InferenceSession;
  inputs: Map<string, Io>;
  outputs: Io[];
  bindings: Bindings;
}

const options = workerData as ExecutorOptions;
const programs = new Map<string, Program>();
const buffers = new Map<string, Float32Array>();

const size = (io: Io) => io.shape.reduce((a, b) => a * b, 1);

function resident(place: Place, length: number): Float32Array {
  const buffer = buffers.get(place.buffer);
  if (!buffer) throw new Error(`internal: buffer ${place.buffer} is not here`);
  if (place.offset + length > buffer.length)
    throw new Error(`internal: ${place.offset}+${length} of buffer ${place.buffer}, which has ${buffer.length} values`);
  return buffer.subarray(place.offset, place.offset + length);
}

function tensor(data: Value, shape: readonly number[]): Tensor {
  if (data instanceof BigInt64Array) return new Tensor('int64', data, shape);
  return data instanceof Uint8Array ? new Tensor('uint8', data, shape) : new Tensor('float32', data, shape);
}

async function answer(request: Request): Promise<{ value?: unknown; transfer?: ArrayBuffer[] }> {
  switch (request.kind) {
    case 'load': {
      const session = await InferenceSession.create(request.bytes, sessionOptions(options));
      await programs.get(request.program)?.session.release();
      programs.set(request.program, {
        session,
        inputs: new Map(request.inputs.map((io) => [io.name, io])),
        outputs: request.outputs,
        bindings: request.bindings,
      });
      return {};
    }
    case 'put':
      buffers.set(request.buffer, request.data);
      return {};
    case 'take': {
      const data = buffers.get(request.buffer);
      if (!data) throw new Error(`internal: buffer ${request.buffer} is not here`);
      buffers.delete(request.buffer);
      return { value: data, transfer: [data.buffer as ArrayBuffer] };
    }
    case 'peek':
      return { value: resident(request.place, request.size).slice() };
    case 'run':
      return run(request.program, request.feeds);
    case 'close':
      for (const p of programs.values()) await p.session.release();
      return {};
  }
}

async function run(
  name: string,
  given: Record<string, Value>,
): Promise<{ value: Record<string, Float32Array>; transfer: ArrayBuffer[] }> {
  const program = programs.get(name);
  if (!program) throw new Error(`internal: no program ${name}`);
  const feeds: Record<string, Tensor> = {};
  for (const [name, io] of program.inputs) {
    const place = program.bindings.inputs?.[name];
    const data = given[name] ?? (place && resident(place, size(io)));
    if (!data) throw new Error(`internal: no value for input ${name}`);
    feeds[name] = tensor(data, io.shape);
  }
  const fetches: Record<string, Tensor | null> = {};
  for (const io of program.outputs) {
    const place = program.bindings.outputs?.[io.name];
    fetches[io.name] = place ? tensor(resident(place, size(io)), io.shape) : null;
  }
  const results = await program.session.run(feeds, fetches);
  const value: Record<string, Float32Array> = {};
  const transfer: ArrayBuffer[] = [];
  for (const io of program.outputs) {
    if (program.bindings.outputs?.[io.name]) continue;
    const data = results[io.name].data as Float32Array;
    value[io.name] = data;
    transfer.push(data.buffer as ArrayBuffer);
  }
  return { value, transfer };
}

let queue = Promise.resolve();
parentPort!.on('message', ({ id, request }: { id: number; request: Request }) => {
  queue = queue.then(async () => {
    try {
      const { value, transfer } = await answer(request);
      parentPort!.postMessage({ id, value }, transfer ?? []);
    } catch (e) {
      parentPort!.postMessage({ id, error: packError(e) });
    }
  });
});
