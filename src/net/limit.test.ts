import { expect, test } from 'vitest';
import { AdaptiveLimit } from './limit.js';

test('starts at eight or fewer, and grows by about one a round to the most', async () => {
  expect(new AdaptiveLimit(3).current).toBe(3);
  const limit = new AdaptiveLimit(12);
  expect(limit.current).toBe(8);
  for (let round = 9; round <= 14; round++) {
    // A round: as many answers as are allowed, and one for what rounding loses.
    for (let i = limit.current; i >= 0; i--) (await limit.enter())(false);
    expect(limit.current).toBe(Math.min(12, round));
  }
});

test('never lets in more than allowed, and those who wait in order', async () => {
  const limit = new AdaptiveLimit(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 9 }, async (_, i) => {
      const leave = await limit.enter();
      order.push(i);
      most = Math.max(most, ++inside);
      await new Promise((done) => setTimeout(done, 2));
      inside--;
      leave(false);
    }),
  );
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(most).toBe(2);
});

test('shrinks once for refusals of requests that were sent together, down to one', async () => {
  const limit = new AdaptiveLimit(6);
  const together = await Promise.all(Array.from({ length: 6 }, () => limit.enter()));
  for (const leave of together) leave(true);
  expect(limit.current).toBe(4);
  for (let i = 0; i < 20; i++) {
    // Times of entry and shrinking are told apart by the clock.
    await new Promise((done) => setTimeout(done, 2));
    (await limit.enter())(true);
  }
  expect(limit.current).toBe(1);
  (await limit.enter())(false);
  expect(limit.current).toBe(2);
});

test('a shrunk limit lets the running ones end before it lets others in', async () => {
  const limit = new AdaptiveLimit(3);
  const [a, b, c] = await Promise.all([limit.enter(), limit.enter(), limit.enter()]);
  let entered = false;
  const d = limit.enter().then((leave) => {
    entered = true;
    return leave;
  });
  a(true);
  await Promise.resolve();
  expect([limit.current, entered]).toEqual([2, false]);
  b(true);
  (await d)(false);
  c(false);
});

test('who is aborted while waiting takes no place', async () => {
  const limit = new AdaptiveLimit(1);
  const leave = await limit.enter();
  const controller = new AbortController();
  const aborted = limit.enter(controller.signal).catch((e) => e);
  const next = limit.enter();
  controller.abort(new Error('enough'));
  expect((await aborted).message).toBe('enough');
  await expect(limit.enter(controller.signal)).rejects.toThrow('enough');
  leave(false);
  (await next)(false);
  (await limit.enter())(false);
});
