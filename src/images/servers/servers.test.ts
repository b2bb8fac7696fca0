import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fault, type ImageServer, startImageServer } from '../../../test/image-server.js';
import { APIS, type Api, openAt, paintRequests } from '../../../test/server-painters.js';
import { Interrupted, UserError } from '../../errors.js';
import { type Pixels, serverSeed } from '../painter.js';

/** What holds for all painters behind servers, against a real server process. */

const servers: ImageServer[] = [];
async function server(...args: Parameters<typeof startImageServer>): Promise<ImageServer> {
  const s = await startImageServer(...args);
  servers.push(s);
  return s;
}
afterAll(() => Promise.all(servers.map((s) => s.stop())));

const digest = (p: Pixels): string => createHash('sha256').update(p.data).digest('hex').slice(0, 12);

/** One message, one line. */
async function userError(promise: Promise<unknown>): Promise<string> {
  const e = await promise.then(
    () => expect.fail('nothing was thrown'),
    (e) => e,
  );
  expect(e).toBeInstanceOf(UserError);
  expect(e.message).not.toContain('\n');
  return e.message;
}

const TROUBLE: Fault[] = [
  { kind: 'status', status: 429, retryAfter: 0, at: [2] },
  { kind: 'status', status: 429, retryAfter: 'date', at: [3] },
  { kind: 'status', status: 500, at: [5] },
  { kind: 'status', status: 503, retryAfter: 0.2 as number, at: [6] },
  { kind: 'drop', at: [8] },
  { kind: 'garbage', at: [9] },
  { kind: 'truncate', at: [11] },
  { kind: 'base64', at: [12] },
  { kind: 'half', at: [14] },
  { kind: 'empty', at: [15] },
  { kind: 'size', at: [17] },
  { kind: 'slow', ms: 150, at: [18] },
];
const OF_JOBS: Fault[] = [
  { kind: 'fail', at: [20] },
  { kind: 'lose', at: [21] },
];

// Mostly waiting: they wait together.
describe.concurrent.each(APIS)('%s', (api) => {
  const jobs = api === 'sdcpp' || api === 'comfyui';
  let undisturbed: string[];
  let first: Pixels;
  let good: ImageServer;
  const requests = paintRequests(18);

  beforeAll(async () => {
    good = await server();
    const painter = await openAt(api, good.url);
    const images = await painter.paint(requests);
    for (const image of images) expect(image.data.length).toBe(32 * 32 * 3);
    undisturbed = images.map(digest);
    first = images[0];
  });

  test('asks for each image once, with its own seed', () => {
    const log = good.log();
    expect(log.map((e) => [e.prompt, e.seed]).sort()).toEqual(requests.map((r) => [r.caption, serverSeed(r)]).sort());
    expect(new Set(log.map((e) => e.seed)).size).toBe(requests.length);
    for (const e of log) expect([e.width, e.height, e.crashed]).toEqual([32, 32, undefined]);
    expect(new Set(undisturbed).size).toBe(requests.length);
  });

  test('any trouble costs time, never an image', async () => {
    const faults = jobs ? [...TROUBLE, ...OF_JOBS] : TROUBLE;
    // ComfyUI hands out files, not base64.
    const expected = faults.filter((f) => !(api === 'comfyui' && f.kind === 'base64')).map((f) => f.kind);
    const bad = await server(faults);
    const painter = await openAt(api, bad.url);
    const images = await painter.paint(requests);
    expect(images.map(digest)).toEqual(undisturbed);
    const log = bad.log();
    expect(log.filter((e) => e.crashed)).toEqual([]);
    const struck = new Set(log.map((e) => e.fault));
    for (const kind of expected) expect(struck).toContain(kind);
    // Each was repeated once for each fault that kept it from coming, and never otherwise.
    const harmful = log.filter((e) => e.fault && e.fault !== 'slow' && !(api === 'comfyui' && e.fault === 'base64'));
    expect(log.length).toBe(requests.length + harmful.length);
  });

  test('a server that dies and comes back costs time, never an image', async () => {
    const mortal = await server([{ kind: 'die', at: [5], times: 2 }], { supervise: true, delay: 20 });
    const painter = await openAt(api, mortal.url);
    const images = await painter.paint(requests);
    expect(images.map(digest)).toEqual(undisturbed);
    expect(mortal.log().filter((e) => e.fault === 'die').length).toBe(2);
  });

  test('a request that hangs is asked again after its time', async () => {
    const kind = jobs ? 'stuck' : 'hang';
    const slow = await server([{ kind, at: [1, 2] }]);
    const painter = await openAt(api, slow.url, { 'runtime.painter.timeout': 0.5 });
    const images = await painter.paint(requests.slice(0, 4));
    expect(images.map(digest)).toEqual(undisturbed.slice(0, 4));
    const log = slow.log();
    expect(log.filter((e) => e.fault === kind).length).toBe(2);
    if (jobs) expect(log.filter((e) => e.cancel).length).toBe(2);
  });

  test('an abort ends all requests within a second, and cancels their jobs', async () => {
    const stuck = await server([{ kind: jobs ? 'stuck' : 'hang' }]);
    const painter = await openAt(api, stuck.url, { 'runtime.painter.inFlight': 5 });
    const controller = new AbortController();
    const painting = painter.paint(requests, controller.signal).catch((e) => e);
    while (stuck.log().length < 5) await new Promise((done) => setTimeout(done, 10));
    // So long it takes at most for a job's number to arrive.
    await new Promise((done) => setTimeout(done, 300));
    const began = performance.now();
    controller.abort();
    expect(await painting).toBeInstanceOf(Interrupted);
    // Far from the 20 s that a request may take.
    expect(performance.now() - began).toBeLessThan(2000);
    const log = stuck.log();
    expect(log.filter((e) => e.prompt).length).toBe(5);
    if (jobs) expect(new Set(log.map((e) => e.cancel).filter(Boolean)).size).toBe(5);
    expect(await painter.paint(requests, controller.signal).catch((e) => e)).toBeInstanceOf(Interrupted);
  });

  test('never more requests in hand than allowed, and fewer when the server has enough', async () => {
    const small = await server([], { delay: 15, capacity: 3 });
    const painter = await openAt(api, small.url, { 'runtime.painter.inFlight': 6 });
    expect(painter.inFlight).toBe(6);
    const images = await painter.paint(requests);
    expect(images.map(digest)).toEqual(undisturbed);
    const log = small.log();
    expect(Math.max(...log.map((e) => e.busy))).toBeLessThanOrEqual(6);
    expect(log.some((e) => e.fault === 'full')).toBe(true);
    // The first six at once were too many; the last ones no longer are.
    const late = log.slice(-6);
    expect(Math.max(...late.map((e) => e.busy))).toBeLessThan(6);
  });

  test('a server that always paints another size ends in one line', async () => {
    const wrong = await server([{ kind: 'size', side: 40 }]);
    const painter = await openAt(api, wrong.url);
    const message = await userError(painter.paint(requests.slice(0, 2)));
    expect(message).toMatch(/40×40 px where 32×32.*images\.paintSize/);
    expect(wrong.log().length).toBeLessThanOrEqual(8);
  });

  test('paints at images.paintSize and scales down', async () => {
    const painter = await openAt(api, good.url, { 'images.paintSize': 96 });
    const before = good.log().length;
    const [image] = await painter.paint(requests.slice(0, 1));
    expect(image).toMatchObject({ width: 32, height: 32 });
    expect(good.log().slice(before)[0]).toMatchObject({ width: 96, height: 96 });
    expect(painter.about).toMatchObject({ paintSize: 96 });
    // The same sketch, seen through more pixels.
    const difference = image.data.reduce((sum, v, i) => sum + Math.abs(v - first.data[i]), 0) / image.data.length;
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(8);
  });

  test('patience ends in one line', async () => {
    const s = await server([{ kind: 'status', status: 500 }]);
    const warnings: string[] = [];
    const painter = await openAt(api, s.url, { 'runtime.painter.patience': 0.8 }, { warn: (w) => warnings.push(w) });
    const message = await userError(painter.paint(requests.slice(0, 3)));
    expect(message).toMatch(/gives no usable answer \(500.*for 1 s|for 2 s/);
    expect(message).toContain(s.url);
    expect(warnings.length).toBe(1);
  });

  test('a server that is not there is named at once', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => listener.once('listening', done));
    const { port } = listener.address() as { port: number };
    await new Promise((done) => listener.close(done));
    const message = await userError(openAt(api, `http://127.0.0.1:${port}`));
    expect(message).toMatch(/ECONNREFUSED.*start it \(.*or set runtime\.painter\.url/);
    expect(message).toContain(`127.0.0.1:${port}`);
    expect(await userError(openAt(api, 'localhost:80'))).toMatch(
      /runtime\.painter\.url: localhost:80.* is not an address/,
    );
  });

  test('the key is sent, and in no message', async () => {
    const key = 'sk-very+secret/key';
    const s = await server([{ kind: 'echo' }], { authorization: `Bearer ${key}` });
    const options = { 'runtime.painter.key': key, 'runtime.painter.patience': 0.3 };
    const warnings: string[] = [];
    const painter = await openAt(api, s.url, options, { warn: (w) => warnings.push(w) });
    const message = await userError(painter.paint(requests.slice(0, 2)));
    expect(message).toContain('you sent Bearer …');
    const wrong = await userError(openAt(api, s.url, { 'runtime.painter.key': `${key}-wrong` }));
    expect(wrong).toMatch(/refuses the key.*wrong key: Bearer ….*runtime\.painter\.key/);
    expect(`${message} ${wrong} ${warnings} ${JSON.stringify(painter.about)} ${painter.name}`).not.toContain('secret');
  });

  test('user and password in the address are sent, and in no message', async () => {
    const authorization = `Basic ${Buffer.from('ann:pass word').toString('base64')}`;
    const s = await server([{ kind: 'echo', at: [3] }], { authorization });
    const url = s.url.replace('http://', 'http://ann:pass%20word@');
    const painter = await openAt(api, url, { 'runtime.painter.patience': 0 });
    expect((await painter.paint(requests.slice(0, 2))).length).toBe(2);
    await s.setFaults([{ kind: 'echo' }]);
    const message = await userError(painter.paint(requests.slice(0, 1)));
    expect(message).not.toMatch(/pass|ann:|YW5u/);
    const wrong = await userError(openAt(api, s.url.replace('http://', 'http://ann:guess@')));
    expect(wrong).not.toMatch(/guess|YW5u/);
  });
});

test('one failure ends the other requests of the call', async () => {
  const s = await server([{ kind: 'seed', at: [2] }, { kind: 'hang' }]);
  const painter = await openAt('a1111' satisfies Api, s.url);
  expect(await userError(painter.paint(paintRequests(6)))).toMatch(/seed/);
});
