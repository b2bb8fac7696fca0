import { workerData } from 'node:worker_threads';
import { Moved, serve } from '../../threads.js';
import type { Data } from './elements.js';
import type { DeviceMemory } from './pjrt.js';
import type { ValueType, XlaProgram } from './program.js';
import { type Compiled, type DeviceInfo, Session, type SessionOptions } from './session.js';

/** What can be asked of the thread that owns a plugin's client; `start` comes first. */
export interface DeviceCalls {
  start(request: undefined): DeviceInfo;
  compile(request: { name: string; program: XlaProgram }): Compiled;
  keep(request: { name: string; type: ValueType; data: Data | 0 }): void;
  run(request: {
    name: string;
    feeds: Readonly<Record<string, Data>>;
    fetch?: readonly string[];
  }): Record<string, Float32Array>;
  read(request: { name: string }): Float32Array;
  drop(request: { name: string }): void;
  memory(request: undefined): (DeviceMemory | undefined)[];
  alive(request: undefined): { buffers: number; events: number };
}

let started: Session | undefined;

function session(): Session {
  if (!started) throw new Error('internal: the device was not started');
  return started;
}

const moved = (data: Float32Array) => new Moved(data, [data]);

serve<DeviceCalls>(
  {
    start: () => (started = new Session(workerData as SessionOptions)).info,
    compile: ({ name, program }) => session().compile(name, program),
    keep: ({ name, type, data }) => session().keep(name, type, data),
    run: async ({ name, feeds, fetch }) => {
      const results = await session().run(name, feeds, fetch);
      return new Moved(results, Object.values(results));
    },
    read: async ({ name }) => moved(await session().read(name)),
    drop: ({ name }) => session().drop(name),
    memory: () => session().memory(),
    alive: () => session().alive(),
  },
  // Every handler does its part at once and then waits for the device.
  { concurrent: true, close: () => started?.close() },
);
