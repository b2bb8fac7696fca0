import { expect, test } from 'vitest';
import { countWorkers } from '../../../test/workers.js';
import { ops } from '../../graph/index.js';
import type { Executor } from '../executor.js';
import { cpuExecutors, openExecutors } from '../open-executors.js';

const opened = () => openExecutors({ provider: 'cpu', threads: 1 });
/** Values of 40 MB. */
const LARGE = 10_000_000;

/** Does something on an executor, so that its thread lives, and closes it. */
async function used(open: Promise<Executor>): Promise<void> {
  const e = await open;
  await e.keep('v', [2], 0);
  await e.close();
}

test('threads of closed executors serve the next ones, and end with their owner', async () => {
  using workers = countWorkers();
  const on = await opened();
  for (let i = 0; i < 5; i++) await used(on.open());
  expect([workers.started, workers.alive]).toEqual([1, 1]);
  await on.close();
  expect(workers.alive).toBe(0);
});

test('threads that wait make room for newer ones of other options', async () => {
  using workers = countWorkers();
  await using on = await opened();
  // Two wait, of options that nobody asks for again.
  const both = [await on.open({ threads: 2 }), await on.open({ threads: 2 })];
  for (const e of both) await used(Promise.resolve(e));
  expect([workers.started, workers.alive]).toEqual([2, 2]);
  for (let i = 0; i < 4; i++) await used(on.open());
  expect([workers.started, workers.alive]).toEqual([3, 2]);
  // The one that came last of the two still waits.
  await used(on.open({ threads: 2 }));
  expect([workers.started, workers.alive]).toEqual([3, 2]);
});

test('executors of nobody who closes them leave no thread', async () => {
  using workers = countWorkers();
  const on = cpuExecutors(1);
  for (let i = 0; i < 3; i++) await used(on.open());
  expect([workers.started, workers.alive]).toEqual([3, 0]);
});

test.each<[string, (e: Executor) => Promise<unknown>]>([
  ['kept', (e) => e.keep('v', [LARGE], 0)],
  [
    'replaced, the old one beside it',
    async (e) => {
      // Neither is large enough alone.
      await e.keep('v', [LARGE / 2], 0);
      await e.load('p', { y: ops.scale(ops.input('v', [LARGE / 2]), 2) }, { replaces: { y: 'v' } });
      await e.run('p', {});
    },
  ],
  [
    'fed',
    async (e) => {
      await e.load('p', { y: ops.scale(ops.input('x', [LARGE]), 2) });
      await e.run('p', { x: new Float32Array(LARGE) });
    },
  ],
  [
    'a constant of a program',
    (e) => e.load('p', { y: ops.add(ops.input('x', [LARGE]), ops.constant(new Float32Array(LARGE), [LARGE])) }),
  ],
])('a thread ends with an executor that held much memory: %s', async (_, hold) => {
  using workers = countWorkers();
  await using on = await opened();
  const e = await on.open();
  await hold(e);
  expect(workers.alive).toBe(1);
  await e.close();
  expect(workers.alive).toBe(0);
  // What it held is no matter of the next one's.
  await used(on.open());
  await used(on.open());
  expect([workers.started, workers.alive]).toEqual([2, 1]);
});
