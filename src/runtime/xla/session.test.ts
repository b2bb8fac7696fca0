import { expect, test } from 'vitest';
import { OutOfDeviceMemory, PjrtError } from './errors.js';
import type { Client } from './pjrt.js';
import { ERROR_CODE } from './pjrt-api.js';
import type { XlaProgram } from './program.js';
import { Session } from './session.js';

/** A client whose device works as slowly and as badly as a test wants. */
class FakeClient {
  readonly platform = 'fake';
  readonly version = '1';
  readonly plugin = { api: [0, 115] };
  readonly devices = [1n];
  buffers = 0;
  readonly alive = new Set<bigint>();
  /** Events that are ready, and how they ended. */
  readonly ended = new Map<bigint, PjrtError | undefined>();
  /** Of each run, the event of its end. */
  readonly runs: bigint[] = [];
  destroyed = false;
  private next = 100n;

  describe = () => ({ id: 0, kind: 'fake' });
  memory = () => undefined;
  compile = () => 7n;
  programMemory = () => undefined;
  resultCount = () => 2;
  destroyExecutable = () => {};
  destroy = () => {
    this.destroyed = true;
  };
  isDeleted = () => false;
  upload = () => ({ buffer: this.buffer(), done: this.event(true) });
  download = () => this.event(true);
  execute(_: bigint, inputs: bigint[][], results: number) {
    for (const b of inputs.flat()) if (!this.alive.has(b)) throw new Error('a run reads what is destroyed');
    const end = this.event(false);
    this.runs.push(end);
    return { outputs: [Array.from({ length: results }, () => this.buffer())], events: [end] };
  }
  isReady = (event: bigint) => this.ended.has(event);
  finishEvent(event: bigint) {
    const failure = this.ended.get(event);
    this.ended.delete(event);
    if (failure) throw failure;
  }
  destroyBuffer(buffer: bigint) {
    if (!this.alive.delete(buffer)) throw new Error('destroyed twice');
  }
  private buffer(): bigint {
    this.alive.add(this.next);
    return this.next++;
  }
  private event(ready: boolean): bigint {
    if (ready) this.ended.set(this.next, undefined);
    return this.next++;
  }
}

const w = { name: 'w', shape: [2], dtype: 'f32', kept: 'w' } as const;
const program: XlaProgram = {
  text: '',
  devices: 1,
  arguments: [w, { name: 'x', shape: [1], dtype: 'f32' }],
  results: [w, { name: 'y', shape: [1], dtype: 'f32' }],
};
const x = { x: new Float32Array(1) };

async function session() {
  const client = new FakeClient();
  const s = new Session({ plugin: 'fake.so' }, client as unknown as Client);
  s.compile('step', program);
  await s.keep('w', w, 0);
  return { client, s };
}
const failure = (message: string, code = 13) => new PjrtError('Event_Error', code, message);

test('a run is dispatched while the one before it computes, and what it used up is freed at once', async () => {
  const { client, s } = await session();
  const runs = [s.run('step', x), s.run('step', x), s.run('step', x)];
  expect(client.runs).toHaveLength(3);
  // What is kept alone; results are destroyed when their reading has begun.
  expect(client.alive.size).toBe(1);
  for (const run of client.runs) client.ended.set(run, undefined);
  expect(await Promise.all(runs)).toEqual(Array.from({ length: 3 }, () => ({ y: new Float32Array(1) })));
  const closing = s.close();
  await closing;
  expect([client.alive.size, client.destroyed]).toEqual([0, true]);
});

test('a run that fails after its dispatch takes its values with it, and those after it fail for its reason', async () => {
  const { client, s } = await session();
  const runs = [s.run('step', x), s.run('step', x)].map((r) => r.catch((e) => e));
  client.ended.set(client.runs[0], failure('INTERNAL: illegal address'));
  const first = await runs[0];
  expect(first.message).toBe('program step failed on the device: INTERNAL: illegal address (Event_Error)');
  client.ended.set(client.runs[1], failure('an input is poisoned'));
  expect(await runs[1]).toBe(first);
  const gone = /^w is gone from the device, continue from a checkpoint: program step failed.*illegal address/;
  expect(() => s.run('step', x)).toThrow(gone);
  await expect(s.read('w')).rejects.toThrow(gone);
  expect(client.alive.size).toBe(0);
});

test('what is kept anew after a failure is not lost by the failure of an older run', async () => {
  const { client, s } = await session();
  const old = s.run('step', x).catch((e) => e);
  await s.keep('w', w, 0);
  client.ended.set(client.runs[0], failure('RESOURCE_EXHAUSTED: 2.50GiB', ERROR_CODE.resourceExhausted));
  const e = await old;
  expect(e).toBeInstanceOf(OutOfDeviceMemory);
  expect(e.wanted).toBe(2.5 * 2 ** 30);
  const run = s.run('step', x);
  client.ended.set(client.runs[1], undefined);
  expect(await run).toEqual({ y: new Float32Array(1) });
  expect(client.alive.size).toBe(1);
});

test('closing waits for the runs in flight', async () => {
  const { client, s } = await session();
  const run = s.run('step', x);
  let closed = false;
  const closing = s.close().then(() => {
    closed = true;
  });
  await new Promise((done) => setTimeout(done, 20));
  expect(closed).toBe(false);
  client.ended.set(client.runs[0], undefined);
  await Promise.all([run, closing]);
  expect(client.destroyed).toBe(true);
});
