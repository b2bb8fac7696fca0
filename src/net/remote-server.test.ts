import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Interrupted, UserError } from '../errors.js';
import { RemoteServer, Transient } from './remote-server.js';

const settings = { timeout: 'runtime.x.timeout' };
const options = { name: 'the server at http://x', inFlight: 4, timeout: 5, patience: 60, settings };
const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

test('repeats what may pass, counts it by reason, and lets everything else through at once', async () => {
  const server = new RemoteServer(options);
  let tries = 0;
  const value = await server.ask(async () => {
    tries++;
    if (tries === 1) throw new Transient('500', 'oops');
    if (tries === 2) throw new Transient('429', 'slow down', { overload: true });
    return tries;
  });
  expect(value).toBe(3);
  expect(server.repeated).toEqual({ 500: 1, 429: 1 });
  const bug = new TypeError('a bug');
  await expect(server.ask(() => Promise.reject(bug))).rejects.toBe(bug);
  await expect(server.ask(() => Promise.reject(new UserError('wrong key')))).rejects.toThrow('wrong key');
});

test('waits as long as the server asks for', async () => {
  const server = new RemoteServer(options);
  const began = performance.now();
  let tries = 0;
  await server.ask(async () => {
    if (++tries === 1) throw new Transient('429', 'busy', { overload: true, retryAfter: 900 });
  });
  expect(performance.now() - began).toBeGreaterThanOrEqual(890);
});

test('a server that asks for a longer pause than there is patience is asked once more at its end', async () => {
  const warnings: string[] = [];
  const server = new RemoteServer({ ...options, patience: 0.6, warn: (line) => warnings.push(line) });
  let tries = 0;
  const failed = await server
    .ask(() => {
      tries++;
      return Promise.reject(new Transient('429', '429 busy', { overload: true, retryAfter: 600_000 }));
    })
    .catch((e) => e);
  expect(failed).toBeInstanceOf(UserError);
  expect(failed.message).toMatch(/gives no usable answer \(429 busy\) for \d s/);
  expect(tries).toBe(2);
  expect(warnings).toEqual([
    'the server at http://x: 429 busy, and asks to be left alone for 600 s; trying again for up to 0.6 s',
  ]);
});

test('a request that takes too long is aborted and asked again', async () => {
  const server = new RemoteServer({ ...options, timeout: 0.1 });
  let tries = 0;
  expect(await server.ask((signal) => (++tries === 1 ? never(signal) : Promise.resolve('late')))).toBe('late');
  expect(server.repeated).toEqual({ timeout: 1 });
});

test('patience is about the server: it lasts while any request succeeds', async () => {
  const warnings: string[] = [];
  const server = new RemoteServer({ ...options, patience: 1, warn: (line) => warnings.push(line) });
  const end = performance.now() + 1600;
  let tries = 0;
  // One request fails again and again, others succeed meanwhile.
  const stubborn = server.ask(async () => {
    tries++;
    if (performance.now() < end) throw new Transient('garbage', 'no image');
    return 'at last';
  });
  const others = (async () => {
    while (performance.now() < end) {
      await server.ask(async () => {});
      await new Promise((done) => setTimeout(done, 20));
    }
  })();
  expect(await stubborn).toBe('at last');
  await others;
  expect(tries).toBeGreaterThan(2);
  const failed = await server.ask(() => Promise.reject(new Transient('500', 'down'))).catch((e) => e);
  expect(failed).toBeInstanceOf(UserError);
  expect(failed.message).toMatch(
    /^the server at http:\/\/x gives no usable answer \(down\) for \d s; .*run the same command again$/,
  );
  expect(warnings.at(-1)).toBe('the server at http://x: down; trying again for up to 1 s');
});

test('an abort interrupts running, waiting and pausing requests, and leaves nothing behind', async () => {
  const server = new RemoteServer({ ...options, inFlight: 2 });
  const controller = new AbortController();
  const { signal } = controller;
  let begun = 0;
  const running = Array.from({ length: 2 }, () =>
    server.ask((s) => {
      begun++;
      return never(s);
    }, signal),
  );
  const waiting = Array.from({ length: 20 }, () => server.ask(async () => begun++, signal));
  const other = new RemoteServer(options);
  const pausing = other.ask(() => Promise.reject(new Transient('500', 'x', { retryAfter: 60_000 })), signal);
  await new Promise((done) => setTimeout(done, 30));
  expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0);
  controller.abort();
  for (const result of await Promise.allSettled([...running, ...waiting, pausing]))
    expect(result).toMatchObject({ status: 'rejected', reason: { name: 'Interrupted' } });
  expect(begun).toBe(2);
  expect(getEventListeners(signal, 'abort').length).toBe(0);
  await expect(server.ask(async () => 1, signal)).rejects.toBeInstanceOf(Interrupted);
  // Its places are free again.
  expect(await Promise.all([1, 2, 3].map((i) => server.ask(async () => i)))).toEqual([1, 2, 3]);
});

test('many requests leave no listeners on the caller’s signal', async () => {
  const server = new RemoteServer({ ...options, inFlight: 8 });
  const { signal } = new AbortController();
  const warned: string[] = [];
  const hear = (w: Error) => warned.push(w.name);
  process.on('warning', hear);
  await Promise.all(Array.from({ length: 500 }, (_, i) => server.ask(async () => i, signal)));
  await new Promise((done) => setImmediate(done));
  process.off('warning', hear);
  expect(getEventListeners(signal, 'abort').length).toBe(0);
  expect(warned).toEqual([]);
});
