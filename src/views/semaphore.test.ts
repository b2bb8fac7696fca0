import { expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { Semaphore } from './semaphore.js';

const seed = testSeed('semaphore.test.ts');

it(`no more is in flight than there is room for; what is too large runs alone, all in turn (seed ${seed})`, async () => {
  const rng = Rng.of(seed, 'semaphore');
  const semaphore = new Semaphore(100);
  let inside = 0;
  let running = 0;
  const order: number[] = [];
  const jobs = Array.from({ length: 200 }, (_, i) => {
    // What needs nothing may run beside anything.
    const bytes = rng.int(8) === 0 ? 100 + rng.int(900) : 1 + rng.int(40);
    return semaphore
      .with(bytes, async () => {
        order.push(i);
        inside += Math.min(100, bytes);
        running++;
        expect(inside).toBeLessThanOrEqual(100);
        if (bytes >= 100) expect(running).toBe(1);
        await new Promise((done) => setTimeout(done, rng.int(3)));
        inside -= Math.min(100, bytes);
        running--;
        if (i % 7 === 0) throw new Error('failed');
      })
      .catch((e: Error) => expect(e.message).toBe('failed'));
  });
  await Promise.all(jobs);
  expect(order).toEqual([...jobs.keys()]);
  expect(inside).toBe(0);
});
