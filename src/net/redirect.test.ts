import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfSigned } from '../../test/certificate.js';
import { UserError } from '../errors.js';
import { request } from './http.js';
import { limitedFetch } from './limited-fetch.js';

/** Three servers: one that is asked, one elsewhere on http, one elsewhere on https; each test decides where they point. */

interface Asked {
  at: string;
  method?: string;
  url?: string;
  authorization?: string;
  body: string;
}
const asked: Asked[] = [];
const servers: Server[] = [];
const base = { own: '', plain: '', secure: '' };
/** Of the path before: where it redirects to, and with which status. */
let way: Record<string, { to: string; status?: number }>;

beforeAll(async () => {
  const answer = (at: string) => async (q: IncomingMessage, r: ServerResponse) => {
    let body = '';
    for await (const part of q) body += part;
    asked.push({ at, method: q.method, url: q.url, authorization: q.headers.authorization, body });
    const hop = way[`${at}${q.url}`];
    if (hop) r.writeHead(hop.status ?? 302, { location: hop.to }).end();
    else r.end(`${at} ${q.url}`);
  };
  const start = async (at: keyof typeof base, server: Server, scheme: string, host: string) => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    base[at] = `${scheme}://${host}:${(server.address() as AddressInfo).port}`;
  };
  await start('own', createServer(answer('own')), 'http', '127.0.0.1');
  await start('plain', createServer(answer('plain')), 'http', '127.0.0.1');
  await start('secure', createSecureServer(selfSigned(), answer('secure')), 'https', '127.0.0.1');
  // Its certificate is not what is tried here.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
});
afterAll(() => {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  for (const server of servers) server.close();
});

const KEY = 'sk-of-the-own-server';
async function go(from: string, body?: unknown, how: 'request' | 'fetch' = 'request'): Promise<string> {
  asked.length = 0;
  const common = { server: 'the server', settings: { url: 'runtime.x.url', key: 'runtime.x.key' } };
  const signal = AbortSignal.timeout(10_000);
  if (how === 'request') return (await request({ ...common, url: from, body, key: KEY, signal })).toString();
  const init = { method: body ? 'POST' : 'GET', ...(body ? { body: JSON.stringify(body) } : {}), signal };
  const response = await limitedFetch(common)(from, { ...init, headers: { authorization: `Bearer ${KEY}` } });
  return response.text();
}
async function refused(from: string, body?: unknown): Promise<string> {
  const messages = [];
  for (const how of ['request', 'fetch'] as const) {
    const e = await go(from, body, how).then(
      (text) => expect.fail(`${how} went to ${text}`),
      (e) => e,
    );
    expect(e).toBeInstanceOf(UserError);
    expect(e.message).not.toMatch(/\n|token/);
    expect(e.message.length).toBeLessThan(250);
    messages.push(e.message);
  }
  expect(messages[1]).toBe(messages[0]);
  return messages[0].replaceAll(base.own, 'OWN').replaceAll(base.plain, 'PLAIN').replaceAll(base.secure, 'SECURE');
}

test('what is asked for is followed to other servers by https, without the key, also on the way back', async () => {
  for (const how of ['request', 'fetch'] as const) {
    way = { 'own/a': { to: '/b' }, 'own/b': { to: `${base.secure}/c?token=1` } };
    expect(await go(`${base.own}/a`, undefined, how)).toBe('secure /c?token=1');
    expect(asked.map((a) => a.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`, undefined]);
    way = {
      'secure/a': { to: `${base.secure.replace('127.0.0.1', 'localhost')}/b` },
      'secure/b': { to: `${base.secure}/c` },
    };
    expect(await go(`${base.secure}/a`, undefined, how)).toBe('secure /c');
    expect(asked.map((a) => a.authorization)).toEqual([`Bearer ${KEY}`, undefined, undefined]);
  }
});

test('another server by http is refused at every hop, and the step back from https', async () => {
  way = {
    'own/a': { to: `${base.plain}/x?token=1` },
    'own/b': { to: `${base.secure}/b` },
    'secure/b': { to: `${base.plain}/x` },
    'secure/c': { to: base.secure.replace('https', 'http') },
    'own/d': { to: '//localhost:1/x' },
  };
  expect(await refused(`${base.own}/a`)).toBe(
    'the server redirects to PLAIN/x, another server, and not by https: check runtime.x.url',
  );
  expect(await refused(`${base.own}/b`)).toBe(
    'the server redirects from https to PLAIN/x, which is no https: check runtime.x.url',
  );
  expect(await refused(`${base.secure}/c`)).toMatch(
    /^the server redirects from https to http:\/\/127.*, which is no https: check/,
  );
  expect(await refused(`${base.own}/d`)).toMatch(
    /redirects to http:\/\/localhost:1\/x, another server, and not by https/,
  );
  expect(asked.some((a) => a.at === 'plain')).toBe(false);
});

test('what is sent stays on its server: prompt and key go nowhere else', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    for (const to of [`${base.plain}/stolen`, `${base.secure}/stolen`]) {
      way = { 'own/a': { to, status } };
      expect(await refused(`${base.own}/a`, { prompt: 'a dog' })).toMatch(
        /^the server redirects to (PLAIN|SECURE)\/stolen: check runtime\.x\.url$/,
      );
      expect(asked.every((a) => a.at === 'own')).toBe(true);
    }
    way = { 'own/a': { to: '/b', status } };
    // The same server under another path is asked the same again, where the status says so.
    if (status < 307) expect(await refused(`${base.own}/a`, { prompt: 'a dog' })).toMatch(/redirects to OWN\/b: check/);
    else {
      for (const how of ['request', 'fetch'] as const) {
        expect(await go(`${base.own}/a`, { prompt: 'a dog' }, how)).toBe('own /b');
        expect(asked[1]).toMatchObject({ method: 'POST', authorization: `Bearer ${KEY}`, body: '{"prompt":"a dog"}' });
      }
    }
  }
});

test.each([
  ['', 'answers 302 and does not say where to go'],
  ['http://[', 'redirects to "http://[", which is no address'],
  ['http://user:token@[', 'redirects to "http://…@[", which is no address'],
  ['http://127.0.0.1:99999/', 'redirects to "http://127.0.0.1:99999/", which is no address'],
  ['javascript:alert(1)', 'redirects to "javascript:alert(1)", which is no http or https'],
  ['file:///etc/passwd', 'redirects to "file:///etc/passwd", which is no http or https'],
  ['data:text/html,x', 'redirects to "data:text/html,x", which is no http or https'],
])('to "%s" is one line', async (to, what) => {
  way = { 'own/a': { to } };
  expect(await refused(`${base.own}/a`)).toBe(`the server ${what}: check runtime.x.url`);
  expect(await refused(`${base.own}/a`, {})).toBe(`the server ${what}: check runtime.x.url`);
});

test('thousands of characters, and circles, are one line', async () => {
  way = {
    'own/a': { to: `http://elsewhere.invalid/${'x'.repeat(9000)}` },
    'own/b': { to: `http://[${'y '.repeat(4000)}` },
    'own/c': { to: '/c' },
  };
  expect(await refused(`${base.own}/a`)).toMatch(/redirects to http:\/\/elsewhere\.invalid\/x+ …, another server/);
  expect(await refused(`${base.own}/b`)).toMatch(/redirects to "http:\/\/\[y( y)+ …", which is no address/);
  expect(await refused(`${base.own}/c`)).toBe(
    'the server redirects again and again, at last to OWN/c: check runtime.x.url',
  );
  expect(asked.length).toBe(4);
});
