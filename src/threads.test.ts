import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { options } from '../test/small-corpus.js';
import { randomBatch, randomPair, SMALL, still } from '../test/small-step.js';
import { writeCaptions } from './corpus/captions-stage.js';
import { writeImages } from './corpus/images-stage.js';
import { Interrupted, UserError } from './errors.js';
import { synclrLearner } from './learn/learners/synclr.js';
import { TrainingStep } from './learn/step.js';
import { Rng } from './rng.js';
import { OrtExecutor } from './runtime/ort/executor.js';
import type { Optimizer } from './runtime/ort/optimizer.js';
import type { OptimizerCalls } from './runtime/ort/optimizer-worker.js';
import { packError, Thread, unpackError } from './threads.js';
import { ViewLoader } from './views/loader.js';

describe('errors on their way between threads', () => {
  const across = (e: unknown) => unpackError(structuredClone(packError(e)));

  test('stay what they are: the user’s, a stop, or ours with their stack', () => {
    expect(across(new UserError('no such file'))).toEqual(new UserError('no such file'));
    expect(across(new UserError('no such file'))).toBeInstanceOf(UserError);
    expect(across(new Interrupted('stopped'))).toBeInstanceOf(Interrupted);
    const ours = new RangeError('too long');
    expect(across(ours)).not.toBeInstanceOf(UserError);
    expect(across(ours)).toMatchObject({ message: 'too long', stack: ours.stack });
    expect(across('a text')).toMatchObject({ message: 'a text' });
  });

  test('the operating system’s become the user’s line while they have their path', () => {
    try {
      readFileSync('/nowhere/shard.tar');
    } catch (e) {
      expect(across(e)).toBeInstanceOf(UserError);
      expect(across(e).message).toBe('/nowhere/shard.tar: no such file or folder (ENOENT)');
    }
  });
});

/** What the thread below can be asked. */
interface TrialCalls {
  double(r: { numbers: Float32Array; keep?: boolean }): { numbers: Float32Array; had: number };
  slow(ms: number): string;
  quick(name: string): string;
  fail(of: 'user' | 'stop' | 'ours' | 'system'): void;
  uncloneable(): unknown;
  exit(code: number): void;
  outside(message: string): void;
  never(): void;
}

const built = (name: string) => JSON.stringify(new URL(`../dist/${name}.js`, import.meta.url).href);
const TRIAL = `import(${built('threads')}).then(async ({ Moved, serve }) => {
  const { Interrupted, UserError } = await import(${built('errors')});
  const { setTimeout: wait } = require('node:timers/promises');
  const said = [];
  const tell = serve({
    double({ numbers, keep }) {
      const had = numbers.buffer.byteLength;
      numbers.forEach((x, i) => (numbers[i] = 2 * x));
      // Named twice: an answer may hold two views of one buffer.
      return keep ? { numbers, had } : new Moved({ numbers, had }, [numbers, numbers.subarray(1)]);
    },
    async slow(ms) {
      await wait(ms);
      said.push('slow');
      tell({ said: said.join() });
      return said.join();
    },
    quick(name) {
      said.push(name);
      return said.join();
    },
    fail(of) {
      if (of === 'user') throw new UserError('no such thing: choose another');
      if (of === 'stop') throw new Interrupted('stopped');
      if (of === 'system') require('node:fs').readFileSync('/nowhere/x');
      throw new RangeError('of its own');
    },
    uncloneable: () => ({ f() {} }),
    exit: (code) => process.exit(code),
    outside: (message) => void setImmediate(() => { throw new UserError(message); }),
    never: () => new Promise(() => {}),
  }, {
    concurrent: ['quick', 'exit', 'outside'],
    async close() {
      tell({ said: 'closing' });
      await wait(20);
      tell({ said: 'closed' });
      if (said.includes('spoilt')) throw new UserError('cannot be closed well');
    },
  });
})`;

describe('a thread and its client', () => {
  const heard: string[] = [];
  const open: Thread<TrialCalls, { said: string }>[] = [];
  const start = (code = TRIAL) => {
    heard.length = 0;
    const thread = new Thread<TrialCalls, { said: string }>(new Worker(code, { eval: true }), {
      what: 'a thread',
      heard: ({ said }) => heard.push(said),
    });
    open.push(thread);
    return thread;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((t) => t.terminate()));
  });

  test('buffers move there and back, or are copied, as asked', async () => {
    const t = start();
    const numbers = Float32Array.of(1, 2, 3);
    const moved = await t.ask('double', { numbers }, [numbers, numbers.subarray(2)]);
    expect(numbers.length).toBe(0);
    expect(moved).toEqual({ numbers: Float32Array.of(2, 4, 6), had: 12 });
    const copied = await t.ask('double', { numbers: moved.numbers, keep: true });
    expect(moved.numbers).toEqual(Float32Array.of(2, 4, 6));
    expect(copied.numbers).toEqual(Float32Array.of(4, 8, 12));
    // Shared memory is not moved: it stays readable here, and what the thread writes is seen.
    const shared = new Float32Array(new SharedArrayBuffer(8)).fill(3);
    await t.ask('double', { numbers: shared, keep: true }, [shared]);
    expect([...shared]).toEqual([6, 6]);
  });

  test('answers come in order, but for those that need not wait; what is told comes before later answers', async () => {
    const t = start();
    const order: string[] = [];
    const note = (p: Promise<string>) => p.then((said) => order.push(said));
    await t.ask('double', { numbers: new Float32Array(1) });
    const all = [t.ask('slow', 40), t.ask('slow', 1), t.ask('quick', 'quick')].map(note);
    await Promise.all(all);
    expect(order).toEqual(['quick', 'quick,slow', 'quick,slow,slow']);
    expect(heard).toEqual(['quick,slow', 'quick,slow,slow']);
  });

  test('what it throws keeps its class, what cannot be cloned is an error either way, and it goes on', async () => {
    const t = start();
    await expect(t.ask('fail', 'user')).rejects.toEqual(new UserError('no such thing: choose another'));
    await expect(t.ask('fail', 'user')).rejects.toBeInstanceOf(UserError);
    await expect(t.ask('fail', 'stop')).rejects.toBeInstanceOf(Interrupted);
    await expect(t.ask('fail', 'system')).rejects.toBeInstanceOf(UserError);
    const ours = await t.ask('fail', 'ours').catch((e) => e);
    expect(ours).not.toBeInstanceOf(UserError);
    expect(ours.stack).toContain('RangeError: of its own');
    await expect(t.ask('uncloneable')).rejects.toThrow(/could not be cloned/);
    await expect(t.ask('quick', (() => {}) as never)).rejects.toThrow(/could not be cloned/);
    await expect(Reflect.apply(t.ask, t, ['unknown', 1])).rejects.toThrow(/not a function/);
    expect(await t.ask('quick', 'still here')).toBe('still here');
  });

  /** What waits when the thread ends, and what is asked afterwards. */
  const outcomes = async (ending: (t: ReturnType<typeof start>) => unknown, code?: string) => {
    const t = start(code);
    const waiting = [t.ask('never'), t.ask('slow', 1)].map((p) => p.catch((e: Error) => e));
    await ending(t);
    const first = (await Promise.all(waiting)) as Error[];
    const late = await t.ask('quick', 'late').catch((e: Error) => e);
    expect([first[1], late]).toEqual([first[0], first[0]]);
    // There is nothing left to close.
    await t.close();
    return first[0];
  };

  test('however it ends, what waits and whatever is asked later is refused with the reason', async () => {
    const quiet = await outcomes((t) => void t.ask('exit', 0).catch(() => {}));
    expect(quiet.message).toBe('internal: a thread ended before its work was done (exit code 0)');
    expect((await outcomes((t) => void t.ask('exit', 3).catch(() => {}))).message).toContain('(exit code 3)');
    expect((await outcomes(() => {}, '')).message).toContain('(exit code 0)');
    const thrown = await outcomes((t) => void t.ask('outside', 'outside of any request').catch(() => {}));
    expect(thrown).toEqual(new UserError('outside of any request'));
    expect(thrown).toBeInstanceOf(UserError);
    expect((await outcomes(() => {}, 'throw new TypeError("of its own")')).message).toBe('of its own');
    expect(await outcomes(() => {}, 'require("node:fs").readFileSync("/nowhere/x")')).toBeInstanceOf(UserError);
    expect((await outcomes(() => {}, 'syntax error')).name).toBe('SyntaxError');
    expect((await outcomes((t) => t.terminate())).message).toBe('internal: a thread was closed');
  });

  test('an exit after the answers were given loses none of them', async () => {
    const t = start();
    const asked = Array.from({ length: 50 }, (_, i) => t.ask('quick', String(i)));
    const last = t.ask('exit', 0);
    expect((await Promise.all(asked)).length).toBe(50);
    await expect(last).rejects.toThrow('exit code 0');
  });

  test('is closed after its answers and its own last work, once, and refuses what comes later', async () => {
    const t = start();
    const slow = t.ask('slow', 30);
    const closing = t.close();
    expect(t.close()).toBe(closing);
    await expect(t.ask('quick', 'late')).rejects.toThrow('internal: a thread was closed');
    await closing;
    expect(await slow).toBe('slow');
    expect(heard).toEqual(['slow', 'closing', 'closed']);
  });

  test('what its closing throws is told, and it has ended nevertheless', async () => {
    const t = start();
    await t.ask('quick', 'spoilt');
    await expect(t.close()).rejects.toEqual(new UserError('cannot be closed well'));
    await expect(t.ask('quick', 'late')).rejects.toThrow('was closed');
    expect((workersOf([t])[0] as Worker).threadId).toBe(-1);
  });

  test('is not waited for longer than patience lasts', async () => {
    const t = start();
    const stuck = t.ask('never').catch((e: Error) => e.message);
    await t.close(50);
    expect(await stuck).toBe('internal: a thread was closed');
    expect(heard).toEqual([]);
  });

  test('that ends while it is closed is closed', async () => {
    const t = start();
    const stuck = t.ask('never').catch((e: Error) => e.message);
    const exit = t.ask('exit', 4).catch((e: Error) => e.message);
    await t.close();
    expect([await stuck, await exit]).toEqual(Array(2).fill(expect.stringContaining('(exit code 4)')));
  });
});

/** Workers that a client holds, whatever it calls them. */
function workersOf(client: object): Worker[] {
  return Object.values(client).flatMap((v) =>
    v instanceof Worker ? [v] : Array.isArray(v) || v instanceof Thread ? workersOf(v) : [],
  );
}

describe('a thread that ends without a word ends the step, and every later one', () => {
  const rng = Rng.of(1, 'threads');
  const { student, teacher } = randomPair(SMALL, rng);
  const batch = randomBatch(SMALL, 3, rng);
  const optimizerOf = (step: TrainingStep) => Reflect.get(step.trainer, 'optimizer') as Optimizer;

  test('of the optimiser', async () => {
    const runtime = { provider: 'cpu', threads: 1, optimizerThreads: 2 } as const;
    const step = await TrainingStep.start(synclrLearner(SMALL), { student, teacher }, runtime);
    try {
      const waiting = step.update([batch], still(0.06));
      const [one] = workersOf(optimizerOf(step));
      void one.terminate();
      await expect(waiting).rejects.toThrow('internal: an optimiser thread ended before its work was done');
      await expect(step.state()).rejects.toThrow('internal: an optimiser thread ended');
      await expect(step.update([batch], still(0.06))).rejects.toThrow('internal: an optimiser thread ended');
    } finally {
      await step.close();
    }
  });

  test('of the executor', async () => {
    const executor = OrtExecutor.start({ provider: 'cpu', threads: 1 });
    const waiting = executor.put('x', new Float32Array(1));
    void workersOf(executor)[0].terminate();
    await expect(waiting).rejects.toThrow('internal: the executor’s thread ended before its work was done');
    await expect(executor.take('x')).rejects.toThrow('internal: the executor’s thread ended');
    await executor.close();
  });

  test('of the loader', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'threads-'));
    try {
      const o = options(dir);
      await writeCaptions(o);
      await writeImages(o);
      const loader = await ViewLoader.open({ settings: o.settings, corpusDir: join(dir, 'images') });
      try {
        await loader.batch(0);
        const next = loader.batch(100);
        for (const w of workersOf(loader)) void w.terminate();
        await expect(next).rejects.toThrow('internal: a loader thread ended before its work was done');
        await expect(loader.batch(200)).rejects.toThrow('internal: a loader thread ended');
      } finally {
        await loader.close();
      }
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  test('what an optimiser’s thread throws reaches whoever asked', async () => {
    const step = await TrainingStep.start(synclrLearner(SMALL), { student, teacher }, { provider: 'cpu', threads: 1 });
    try {
      const [thread] = Reflect.get(optimizerOf(step), 'threads') as Thread<OptimizerCalls>[];
      await expect(thread.ask('norms', {} as never)).rejects.toThrow(/undefined/);
      expect((await step.state()).moments.size).toBeGreaterThan(0);
    } finally {
      await step.close();
    }
  });
});
