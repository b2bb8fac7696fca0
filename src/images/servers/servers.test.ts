import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Fault, ImageServer, LogEntry } from '../../../test/image-server.js';
import { APIS, type Api, openAt, paintRequests, server, userError } from '../../../test/server-painters.js';
import { Interrupted } from '../../errors.js';
import { type Pixels, serverSeed } from '../painter.js';

/** What holds for all painters behind servers, against real server processes; each test does it with all APIs at a time. */

const digest = (p: Pixels): string => createHash('sha256').update(p.data).digest('hex').slice(0, 12);
const hasJobs = (api: Api): boolean => api === 'sdcpp' || api === 'comfyui';
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** What was asked of a server through one API; that the server itself failed is no part of any test. */
function logOf(s: ImageServer, api: Api): LogEntry[] {
  const log = s.log();
  expect(log.filter((e) => e.crashed)).toEqual([]);
  return log.filter((e) => e.api === api);
}

const withAll = (action: (api: Api) => Promise<void>): Promise<unknown> => Promise.all(APIS.map(action));

const requests = paintRequests(18);
/** What each API gives without any trouble, and the first image of it. */
const undisturbed = {} as Record<Api, { digests: string[]; first: Pixels }>;
let good: ImageServer;

beforeAll(async () => {
  good = await server();
  await withAll(async (api) => {
    const images = await (await openAt(api, good.url)).paint(requests);
    undisturbed[api] = { digests: images.map(digest), first: images[0] };
  });
});

test('each image is asked for once, with its own seed', async () => {
  await withAll(async (api) => {
    const { digests, first } = undisturbed[api];
    expect(first.data.length).toBe(32 * 32 * 3);
    expect(new Set(digests).size).toBe(requests.length);
    const log = logOf(good, api);
    expect(log.map((e) => [e.prompt, e.seed]).sort()).toEqual(requests.map((r) => [r.caption, serverSeed(r)]).sort());
    expect(new Set(log.map((e) => e.seed)).size).toBe(requests.length);
    for (const e of log) expect([e.width, e.height, e.authorization]).toEqual([32, 32, false]);
  });
  // The server paints from prompt and seed alone, whatever the API.
  for (const api of APIS) expect(undisturbed[api].digests, api).toEqual(undisturbed.openai.digests);
});

// Mostly waiting: they wait together.
describe.concurrent('trouble', () => {
  const TROUBLE: Fault[] = [
    { kind: 'status', status: 429, retryAfter: 0, at: [2] },
    { kind: 'status', status: 429, retryAfter: 'date', at: [3] },
    { kind: 'status', status: 500, at: [5] },
    { kind: 'status', status: 503, retryAfter: 1, at: [6] },
    { kind: 'drop', at: [8] },
    { kind: 'garbage', at: [9] },
    { kind: 'truncate', at: [11] },
    { kind: 'base64', at: [12] },
    { kind: 'half', at: [14] },
    { kind: 'empty', at: [15] },
    { kind: 'size', at: [17] },
    { kind: 'slow', ms: 150, at: [18] },
    { kind: 'fail', at: [20] },
    { kind: 'lose', at: [21] },
    { kind: 'status', status: 404, at: [22] },
  ];

  /** Whether a fault does no harm: it only takes time, or the API has nothing that it could spoil. */
  const harmless = (api: Api, kind: string | undefined): boolean =>
    kind === undefined ||
    kind === 'slow' ||
    (api === 'comfyui' && kind === 'base64') ||
    (!hasJobs(api) && (kind === 'fail' || kind === 'lose'));

  test('of any kind costs time, never an image', async () => {
    const bad = await server(TROUBLE);
    await withAll(async (api) => {
      const images = await (await openAt(api, bad.url)).paint(requests);
      expect(images.map(digest), api).toEqual(undisturbed[api].digests);
      const struck = logOf(bad, api).map((e) => e.fault);
      for (const { kind } of TROUBLE) expect(struck, `${api}: ${kind}`).toContain(kind);
      // Asked for once more for each fault that kept an image from coming, and never otherwise.
      const harm = struck.filter((kind) => !harmless(api, kind));
      expect(struck.length, api).toBe(requests.length + harm.length);
    });
  });

  test('of a server that dies and comes back costs time, never an image', async () => {
    const mortal = await server([{ kind: 'die', at: [5] }], { supervise: true, delay: 20 });
    const painters = await Promise.all(APIS.map((api) => openAt(api, mortal.url)));
    await Promise.all(
      painters.map(async (painter, i) => {
        const images = await painter.paint(requests);
        expect(images.map(digest), APIS[i]).toEqual(undisturbed[APIS[i]].digests);
      }),
    );
    expect(mortal.log().filter((e) => e.fault === 'die').length).toBe(1);
  });

  test('of a request that hangs costs its time', async () => {
    const stuck = await server([
      { kind: 'stuck', at: [1] },
      { kind: 'hang', at: [2] },
    ]);
    await withAll(async (api) => {
      const painter = await openAt(api, stuck.url, { 'runtime.painter.timeout': 2 });
      const images = await painter.paint(requests.slice(0, 4));
      expect(images.map(digest), api).toEqual(undisturbed[api].digests.slice(0, 4));
      const log = logOf(stuck, api);
      expect(log.filter((e) => e.fault === 'hang').length).toBe(1);
      if (hasJobs(api)) expect(log.some((e) => e.cancel)).toBe(true);
    });
  });

  test('of another size, always, ends in one line', async () => {
    const wrong = await server([{ kind: 'size', side: 40 }]);
    await withAll(async (api) => {
      const painter = await openAt(api, wrong.url);
      const message = await userError(painter.paint(requests.slice(0, 2)));
      expect(message).toMatch(/40×40 px where 32×32.*images\.paintSize/);
      expect(logOf(wrong, api).filter((e) => e.prompt).length).toBeLessThanOrEqual(8);
    });
  });

  test('that does not end ends in one line when patience does', async () => {
    const s = await server([{ kind: 'status', status: 500 }]);
    await withAll(async (api) => {
      const warnings: string[] = [];
      const patience = { 'runtime.painter.patience': 1.2 };
      const painter = await openAt(api, s.url, patience, { warn: (w) => warnings.push(w) });
      const message = await userError(painter.paint(requests.slice(0, 3)));
      expect(message).toMatch(/gives no usable answer \(500 trouble 500\) for \d s; what is finished is kept/);
      expect(message).toContain(s.url);
      // None where a busy machine is slower than the patience.
      expect(warnings.filter((w) => w.includes('trying again')).length).toBeLessThanOrEqual(1);
    });
  });

  test('that one request cannot survive ends the others', async () => {
    const s = await server([{ kind: 'seed', at: [2] }, { kind: 'hang' }]);
    const painter = await openAt('a1111', s.url);
    expect(await userError(painter.paint(requests))).toMatch(/painted with seed \d+ where \d+ was asked for/);
  });
});

describe.concurrent('the caller', () => {
  test('aborts, and requests without an answer end soon', async () => {
    const stuck = await server([{ kind: 'hang' }]);
    await withAll(async (api) => {
      const painter = await openAt(api, stuck.url, { 'runtime.painter.inFlight': 5 });
      const controller = new AbortController();
      const painting = painter.paint(requests, controller.signal).catch((e) => e);
      while (logOf(stuck, api).length < 5) await pause(20);
      const began = performance.now();
      controller.abort();
      expect(await painting).toBeInstanceOf(Interrupted);
      // Far from the 20 s that a request may take.
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(logOf(stuck, api).filter((e) => e.prompt).length).toBe(5);
      expect(await painter.paint(requests, controller.signal).catch((e) => e)).toBeInstanceOf(Interrupted);
    });
  });

  test('aborts, and jobs in the queue are cancelled', async () => {
    const stuck = await server([{ kind: 'stuck' }]);
    await withAll(async (api) => {
      if (!hasJobs(api)) return;
      const painter = await openAt(api, stuck.url, { 'runtime.painter.inFlight': 5 });
      const controller = new AbortController();
      const painting = painter.paint(requests, controller.signal).catch((e) => e);
      while (logOf(stuck, api).length < 5) await pause(20);
      // The jobs' names arrive.
      await pause(500);
      controller.abort();
      expect(await painting).toBeInstanceOf(Interrupted);
      expect(new Set(logOf(stuck, api).flatMap((e) => e.cancel ?? [])).size).toBe(5);
    });
  });

  test('never has more in hand than allowed, and less when the server has enough', async () => {
    const small = await server([], { delay: 100, capacity: 3 });
    await withAll(async (api) => {
      const painter = await openAt(api, small.url, { 'runtime.painter.inFlight': 6 });
      expect(painter.inFlight).toBe(6);
      const images = await painter.paint(requests);
      expect(images.map(digest), api).toEqual(undisturbed[api].digests);
      const log = logOf(small, api);
      expect(Math.max(...log.map((e) => e.busy))).toBeLessThanOrEqual(6);
      expect(log.some((e) => e.fault === 'full')).toBe(true);
      // The first six at once were too many; the last ones no longer are.
      expect(Math.max(...log.slice(-6).map((e) => e.busy))).toBeLessThan(6);
    });
  });

  test('asks for images.paintSize and gets images.size', async () => {
    const s = await server();
    await withAll(async (api) => {
      const painter = await openAt(api, s.url, { 'images.paintSize': 96 });
      const [image] = await painter.paint(requests.slice(0, 1));
      expect(image).toMatchObject({ width: 32, height: 32 });
      expect(logOf(s, api)[0]).toMatchObject({ width: 96, height: 96 });
      expect(painter.about).toMatchObject({ paintSize: 96 });
      // The same sketch, seen through more pixels.
      const { first } = undisturbed[api];
      const difference = image.data.reduce((sum, v, i) => sum + Math.abs(v - first.data[i]), 0) / image.data.length;
      expect(difference).toBeGreaterThan(0);
      expect(difference).toBeLessThan(8);
    });
  });

  test('has no server where it says, and hears so at once', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => listener.once('listening', done));
    const { port } = listener.address() as { port: number };
    await new Promise((done) => listener.close(done));
    await withAll(async (api) => {
      const message = await userError(openAt(api, `http://127.0.0.1:${port}`));
      expect(message).toMatch(/ECONNREFUSED.*start it \(.*or set runtime\.painter\.url/);
      expect(message).toContain(`127.0.0.1:${port}`);
      const none = await userError(openAt(api, 'localhost:80'));
      expect(none).toMatch(/runtime\.painter\.url: localhost:80.* is not an address/);
      const secret = await userError(openAt(api, 'http://ann:secret@127.0.0.1:1/?key=1'));
      expect(secret).not.toMatch(/ann|secret/);
    });
  });
});

describe.concurrent('secrets', () => {
  test('a key is sent, and in no message', async () => {
    const key = 'sk-very+secret/key';
    const s = await server([{ kind: 'echo' }], { authorization: `Bearer ${key}` });
    await withAll(async (api) => {
      const options = { 'runtime.painter.key': key, 'runtime.painter.patience': 0.3 };
      const warnings: string[] = [];
      const painter = await openAt(api, s.url, options, { warn: (w) => warnings.push(w) });
      const message = await userError(painter.paint(requests.slice(0, 2)));
      expect(message).toContain('you sent Bearer …');
      const wrong = await userError(openAt(api, s.url, { 'runtime.painter.key': `${key}-wrong` }));
      expect(wrong).toMatch(/refuses the key.*wrong key: Bearer ….*runtime\.painter\.key/);
      expect(`${message} ${wrong} ${warnings} ${JSON.stringify(painter.about)} ${painter.name}`).not.toContain(
        'secret',
      );
    });
  });

  test('user and password are sent, and in no message', async () => {
    const authorization = `Basic ${Buffer.from('ann:pass word').toString('base64')}`;
    const s = await server(
      [
        { kind: 'echo', at: [3] },
        { kind: 'echo', at: [4] },
      ],
      { authorization },
    );
    const url = s.url.replace('http://', 'http://ann:pass%20word@');
    await withAll(async (api) => {
      const painter = await openAt(api, url, { 'runtime.painter.patience': 0 });
      expect((await painter.paint(requests.slice(0, 2))).length).toBe(2);
      const message = await userError(painter.paint(requests.slice(0, 1)));
      expect(message).toContain('you sent Basic …');
      expect(message).not.toMatch(/pass|ann:|YW5u/);
      const wrong = await userError(openAt(api, s.url.replace('http://', 'http://ann:guess@')));
      expect(wrong).not.toMatch(/guess|YW5u/);
    });
    const asKey = await openAt('a1111', s.url, { 'runtime.painter.key': 'ann:pass word' });
    expect((await asKey.paint(requests.slice(0, 1))).length).toBe(1);
  });

  test('what cannot be sent is refused at once, and not shown', async () => {
    for (const key of ['schlüssel-secret', 'two secrets'])
      expect(await userError(openAt('a1111', 'http://127.0.0.1:1', { 'runtime.painter.key': key }))).toBe(
        'runtime.painter.key holds characters that no key has: give the key alone',
      );
    expect(await userError(openAt('a1111', 'http://127.0.0.1:1/?key=secret'))).toBe(
      'runtime.painter.url: http://127.0.0.1:1/?… is not an address such as http://127.0.0.1:7860',
    );
    const authorization = `Basic ${Buffer.from('ann:50%zz').toString('base64')}`;
    const s = await server([], { authorization });
    const painter = await openAt('a1111', s.url.replace('http://', 'http://ann:50%zz@'));
    expect((await painter.paint(requests.slice(0, 1))).length).toBe(1);
  });
});
