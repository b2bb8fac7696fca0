import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { UserError } from '../src/errors.js';
import { resolveModel } from '../src/hub/resolve.js';
import { hubSettings } from '../src/hub/settings.js';
import { selfSigned } from './certificate.js';
import { bytes } from './hub-fixture.js';
import { testSeed } from './numbers.js';

/** Against a hub that means harm, or is broken for good: whatever it does, it ends in one line, within bounds. */

const COMMIT = 'ab'.repeat(20);
const TOKEN = 'hf_for_the_hub_alone';
const content = Buffer.from(bytes(testSeed('hub-limits.test.ts'), 300_000));
const entry = (path: string, more = {}) => ({
  type: 'file',
  path,
  size: content.length,
  oid: 'cd'.repeat(20),
  lfs: { oid: createHash('sha256').update(content).digest('hex'), size: content.length },
  ...more,
});
const folder = mkdtempSync(join(tmpdir(), 'synclr-hub-limits-'));
const servers: Server[] = [];
const base = { hub: '', other: '', secure: '' };
let caches = 0;
let cache: string;
let asked: { at: string; url: string; range?: string; authorization?: string }[];
type Answer = (q: IncomingMessage, r: ServerResponse) => void;
/** What a test has the servers do in place of what a hub does. */
let hub: { revision?: Answer; tree?: Answer; resolve?: Answer; other?: Answer };

const json = (r: ServerResponse, value: unknown, headers = {}) => r.writeHead(200, headers).end(JSON.stringify(value));

beforeAll(async () => {
  const start = async (at: keyof typeof base, server: Server, scheme: string) => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    base[at] = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const answer = (at: string) => (q: IncomingMessage, r: ServerResponse) => {
    const { range, authorization } = q.headers;
    asked.push({ at, url: q.url!, range, authorization });
    if (at === 'other') return (hub.other ?? ((_, r) => r.end(content)))(q, r);
    if (q.url!.includes('/revision/')) return (hub.revision ?? ((_, r) => json(r, { sha: COMMIT })))(q, r);
    if (q.url!.includes('/tree/')) return (hub.tree ?? ((_, r) => json(r, [entry('m.gguf')])))(q, r);
    return (hub.resolve ?? ((_, r) => r.end(content)))(q, r);
  };
  await start('hub', createServer(answer('hub')), 'http');
  await start('other', createServer(answer('other')), 'http');
  await start('secure', createSecureServer(selfSigned(), answer('secure')), 'https');
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
});
afterAll(() => {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  cache = join(folder, String(caches++));
  asked = [];
  hub = {};
});

/** @param silence seconds */
function get(at: keyof typeof base = 'hub', silence = 20): Promise<{ path: string }> {
  const env = { HF_ENDPOINT: base[at], HF_HUB_CACHE: cache, HF_HOME: folder, HF_TOKEN: TOKEN };
  const settings = hubSettings({ ...env, HF_HUB_DOWNLOAD_TIMEOUT: String(silence) });
  return resolveModel('hf:o/m', { hub: { ...settings, retryMs: 2 } });
}
async function refused(at?: keyof typeof base, silence?: number): Promise<string> {
  const e = await get(at, silence).then(
    () => expect.fail('it came'),
    (e) => e,
  );
  expect(e).toBeInstanceOf(UserError);
  expect(e.message).not.toMatch(/\n|hf_for/);
  return e.message.replaceAll(base.hub, 'HUB').replaceAll(new URL(base.hub).host, 'HOST');
}

test('lists that never end are ended: by pages, by entries', async () => {
  let page = 0;
  hub.tree = (_, r) => json(r, [], { link: `<http://any/x?cursor=${++page}>; rel="next"` });
  expect(await refused()).toBe('HUB lists the files of o/m in more than 1000 pages: is HF_ENDPOINT a hub?');
  expect(page).toBe(1000);
  page = 0;
  const folders = JSON.stringify(Array(30_000).fill({ type: 'directory', path: 'd' }));
  hub.tree = (_, r) => r.writeHead(200, { link: `<?cursor=${++page}>; rel="next"` }).end(folders);
  expect(await refused()).toBe('HUB lists the files of o/m with more than 100000 entries: is HF_ENDPOINT a hub?');
  expect(page).toBe(4);
}, 60_000);

test('a page that is its own next one is the last; a head of brackets is read in no time', async () => {
  hub.tree = (q, r) => json(r, [entry('m.gguf')], { link: `<${q.url}>; rel="next"` });
  expect(readFileSync(join((await get()).path, 'm.gguf')).equals(content)).toBe(true);
  cache = join(folder, String(caches++));
  hub.tree = (_, r) => json(r, [entry('m.gguf')], { link: `${'<'.repeat(9000)}${'<a>;'.repeat(3000)}` });
  const began = performance.now();
  await get();
  expect(performance.now() - began).toBeLessThan(5000);
});

test('answers without an end, and bombs, are not read', async () => {
  const bomb = gzipSync(Buffer.alloc(40 * 2 ** 20, 0x20), { level: 1 });
  const tooLarge =
    'cannot read from HOST: its answer is larger than 16 MiB, the most that is read of one: check HF_ENDPOINT (HUB)';
  for (const route of ['revision', 'tree'] as const) {
    hub = {
      [route]: (_: IncomingMessage, r: ServerResponse) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    };
    expect(await refused()).toBe(tooLarge);
    const part = Buffer.alloc(2 ** 16, 0x20);
    hub = {
      [route]: (_: IncomingMessage, r: ServerResponse) => {
        const more = () => {
          while (!r.destroyed && r.write(part));
        };
        r.on('drain', more);
        more();
      },
    };
    expect(await refused()).toBe(tooLarge);
  }
  hub = { revision: (_, r) => r.end('['.repeat(5000)) };
  expect(await refused()).toBe(
    'cannot read from HOST: its answer is nested more than 200 deep: check HF_ENDPOINT (HUB)',
  );
});

test('drops of an answer are silence', async () => {
  const drip: Answer = (_, r) => {
    r.writeHead(200);
    const timer = setInterval(() => (r.destroyed ? clearInterval(timer) : r.write(' ')), 20);
  };
  for (const route of ['revision', 'resolve'] as const) {
    hub = { [route]: drip };
    expect(await refused('hub', 0.1)).toMatch(
      /^HOST said nothing, or hardly anything, for 0\.1 s; what was downloaded is kept/,
    );
  }
});

test.each([
  [
    'begins elsewhere',
    (from: number) => `bytes ${from + 5}-299999/300000`,
    /^HOST did not send the part that was asked for/,
  ],
  [
    'begins before',
    (from: number) => `bytes ${from - 5}-299999/300000`,
    /^HOST did not send the part that was asked for/,
  ],
  ['is no range', () => 'bytes of it', /^HOST did not send the part that was asked for/],
  [
    'is of another size',
    (from: number) => `bytes ${from}-399999/400000`,
    /^HOST sends a part of 400000 bytes where m\.gguf has 300000/,
  ],
])('a part that %s is asked for a few times', async (_, range, message) => {
  // The first always breaks off at the same place, which is no headway however often it is reached.
  hub.resolve = (q, r) => {
    const from = Number(/^bytes=(\d+)-$/.exec(q.headers.range ?? '')?.[1] ?? 0);
    if (from > 0) r.writeHead(206, { 'content-range': range(from) }).end(content.subarray(from));
    else
      r.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 150_000), () =>
        setTimeout(() => r.destroy(), 10),
      );
  };
  expect(await refused()).toMatch(message);
  expect(asked.filter((a) => a.url.includes('/resolve/')).length).toBeLessThan(15);
});

test('crumbs are no headway', async () => {
  hub.resolve = (q, r) => {
    const from = Number(/^bytes=(\d+)-$/.exec(q.headers.range ?? '')?.[1] ?? 0);
    const headers = { 'content-length': content.length - from };
    const more = from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {};
    r.writeHead(from > 0 ? 206 : 200, { ...headers, ...more });
    r.write(content.subarray(from, from + 10), () => setTimeout(() => r.destroy(), 5));
  };
  expect(await refused()).toMatch(/its answer was cut short \[ECONNRESET\]; what was downloaded is kept/);
  expect(asked.filter((a) => a.url.includes('/resolve/')).length).toBeLessThan(8);
});

test('a file that never ends, or is a bomb, is given up at its listed size', async () => {
  const part = Buffer.alloc(2 ** 16);
  hub.resolve = (_, r) => {
    const more = () => {
      while (!r.destroyed && r.write(part));
    };
    r.on('drain', more);
    more();
  };
  expect(await refused()).toMatch(/^m\.gguf has checksum \w{64} where the hub lists \w{64}, twice/);
  const bomb = gzipSync(Buffer.alloc(40 * 2 ** 20), { level: 1 });
  hub.resolve = (_, r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  expect(await refused()).toMatch(/^m\.gguf has checksum \w{64} where the hub lists \w{64}, twice/);
  expect(readdirSync(join(cache, 'models--o--m', 'blobs'))).toEqual([]);
});

test('the token goes to the hub alone; bad redirections are one line, and no step back from https', async () => {
  hub.resolve = (_, r) => r.writeHead(302, { location: `${base.other}/m?Signature=1` }).end();
  expect(readFileSync(join((await get()).path, 'm.gguf')).equals(content)).toBe(true);
  const tokens = (at: string) => [...new Set(asked.filter((a) => a.at === at).map((a) => a.authorization))];
  expect(tokens('hub')).toEqual([`Bearer ${TOKEN}`]);
  expect(tokens('other')).toEqual([undefined]);

  cache = join(folder, String(caches++));
  expect(await refused('secure')).toMatch(
    /^127\S+ redirects from https to http:\/\/127\S+\/m, which is no https: check HF_ENDPOINT \(https/,
  );
  for (const [to, what] of [
    ['http://[', 'redirects to "http://[", which is no address'],
    ['file:///etc/passwd', 'redirects to "file:///etc/passwd", which is no http or https'],
    ['', 'answers 302 and does not say where to go'],
    ['?again', 'redirects again and again, at last to'],
  ]) {
    asked = [];
    hub.revision = (_, r) => r.writeHead(302, { location: to }).end();
    expect(await refused()).toContain(`HOST ${what}`);
    expect(asked.length).toBeLessThan(7);
  }
  // An address that the hub itself has made unreadable.
  hub.revision = (q, r) =>
    q.url!.includes('%zz') ? r.writeHead(404).end() : r.writeHead(302, { location: `${q.url}%zz` }).end();
  expect(await refused()).toMatch(/^no model o\/m with a revision "main%zz" at HUB/);
});

test.each([
  [
    'a path that is no text',
    [entry('x', { path: { split: 1 } })],
    /lists a file that cannot be: \{"type":"file","path":\{"split":1\}/,
  ],
  ['half a character', [entry('a\ud800.gguf')], /lists a file that cannot be/],
  ['a very long path', [entry(`${'a/'.repeat(5000)}m.gguf`)], /lists a file that cannot be: .{100,250}$/],
  [
    'a size that is none',
    [entry('m.gguf', { lfs: { oid: 'ab'.repeat(32), size: -1 } })],
    /lists a file that cannot be/,
  ],
  [
    'a file below a file',
    [entry('a/b'), entry('a/b/m.gguf')],
    /lists a\/b as a file and as the folder of a\/b\/m\.gguf$/,
  ],
  ['no list', { error: 'x' }, /is not a list of files: is HF_ENDPOINT a hub\?$/],
])('%s in the list is one line', async (_, list, message) => {
  hub.tree = (_, r) => json(r, list);
  expect(await refused()).toMatch(message);
});
