import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { options } from '../test/small-corpus.js';
import { randomBatch, randomPair, SMALL } from '../test/small-step.js';
import { writeCaptions } from './corpus/captions-stage.js';
import { writeImages } from './corpus/images-stage.js';
import { Interrupted, UserError } from './errors.js';
import { TrainingStep } from './learn/step.js';
import { Rng } from './rng.js';
import { Executor } from './runtime/ort/executor.js';
import { onEnd, packError, unpackError } from './threads.js';
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

  test('however a thread ends, it is told', async () => {
    const end = (code: string) =>
      new Promise<Error>((resolve) => onEnd(new Worker(code, { eval: true }), 'a thread', resolve));
    expect((await end('process.exit(3)')).message).toBe(
      'internal: a thread ended before its work was done (exit code 3)',
    );
    expect((await end('')).message).toContain('(exit code 0)');
    expect((await end('throw new TypeError("of its own")')).message).toBe('of its own');
    expect(await end('require("node:fs").readFileSync("/nowhere/x")')).toBeInstanceOf(UserError);
  });
});

/** Threads that a client holds, whatever it calls them. */
function workersOf(client: object): Worker[] {
  return Object.values(client).flatMap((v) =>
    v instanceof Worker ? [v] : Array.isArray(v) ? v.flatMap((x) => (x instanceof Worker ? [x] : workersOf(x))) : [],
  );
}

describe('a thread that ends without a word ends the step, and every later one', () => {
  const rng = Rng.of(1, 'threads');
  const { student, teacher } = randomPair(SMALL, rng);
  const batch = randomBatch(SMALL, 3, rng);
  const forward = { teacherTemperature: 0.06 };
  const still = { lr: 0, weightDecay: 0, beta1: 0.9, beta2: 0.99, eps: 1e-8, t: 1, ema: 1 };

  test('of the optimiser', async () => {
    const step = await TrainingStep.start(SMALL, student, teacher, {
      provider: 'cpu',
      threads: 1,
      optimizerThreads: 2,
    });
    try {
      await step.forwardBackward(batch, forward);
      const waiting = step.update(still);
      const [one] = workersOf(step.optimizer);
      void one.terminate();
      await expect(waiting).rejects.toThrow('internal: an optimiser thread ended before its work was done');
      await expect(step.optimizer.moments()).rejects.toThrow('internal: an optimiser thread ended');
    } finally {
      await step.close();
    }
  });

  test('of the executor', async () => {
    const executor = Executor.start({ provider: 'cpu', threads: 1 });
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
    const step = await TrainingStep.start(SMALL, student, teacher, { provider: 'cpu', threads: 1 });
    try {
      const spoilt = step.optimizer as unknown as { ask(k: number, r: unknown): Promise<unknown> };
      await expect(spoilt.ask(0, { kind: 'norms' })).rejects.toThrow(/undefined/);
      expect((await step.optimizer.moments()).size).toBeGreaterThan(0);
    } finally {
      await step.close();
    }
  });
});
