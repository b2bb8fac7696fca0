import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfSigned } from '../../test/certificate.js';
import { UserError } from '../errors.js';
import { redact, said, shownUrl } from './complaint.js';
import { connectionError } from './connection-error.js';
import { parseRetryAfter, request, requestJson } from './http.js';
import { Transient } from './remote-server.js';

/** Against a real server whose answer each test decides. */

let server: Server;
let base: string;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
const connections = new Set<number>();

beforeAll(async () => {
  server = createServer(async (request, response) => {
    connections.add(request.socket.remotePort!);
    let body = '';
    for await (const part of request) body += part;
    answer(request, response, body);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (path: string, more: Partial<Parameters<typeof request>[0]> = {}) => ({
  server: `the server at ${base}`,
  url: base + path,
  signal: new AbortController().signal,
  settings: { url: 'runtime.x.url', key: 'runtime.x.key' },
  ...more,
});
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('nothing was thrown'),
    (e) => e,
  );

test('gets without a body, posts JSON with one, and keeps the connection', async () => {
  const seen: unknown[] = [];
  answer = ({ method, headers, url }, response, body) => {
    seen.push([method, url, headers['content-type'], headers.authorization, body]);
    response.end(JSON.stringify({ ok: 'ü' }));
  };
  connections.clear();
  expect(await requestJson(ask('/a?b=1'))).toEqual({ ok: 'ü' });
  expect(await requestJson(ask('/a', { body: { text: '“ü”' }, key: 'k' }))).toEqual({ ok: 'ü' });
  expect((await request(ask('/', { authorization: 'Basic x', key: 'k' }))).toString()).toContain('ok');
  expect(seen).toEqual([
    ['GET', '/a?b=1', undefined, undefined, ''],
    ['POST', '/a', 'application/json', 'Bearer k', '{"text":"“ü”"}'],
    ['GET', '/', undefined, 'Basic x', ''],
  ]);
  expect(connections.size).toBe(1);
});

test('a kept connection that the server has closed is replaced unnoticed', async () => {
  let last: IncomingMessage | undefined;
  answer = (request, response) => {
    last = request;
    response.end('1');
  };
  await request(ask('/'));
  // The server resets it while the client still believes in it: the next request runs into that.
  answer = (request, response) => {
    if (request.socket === last!.socket) request.socket.resetAndDestroy();
    else response.end('2');
  };
  expect((await request(ask('/'))).toString()).toBe('2');
});

test('statuses that may pass are Transient, the others the user’s to mend', async () => {
  const said = async (status: number, body: unknown, headers = {}) => {
    answer = (_, response) =>
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    return failure(request(ask('/v1/things', { key: 'sekret' })));
  };
  const busy = await said(429, { error: { message: 'too many' } }, { 'retry-after': '3' });
  expect(busy).toMatchObject({
    name: 'Transient',
    reason: '429',
    overload: true,
    retryAfter: 3000,
    message: '429 too many',
  });
  expect(await said(503, 'starting')).toMatchObject({ reason: '503', overload: true, retryAfter: undefined });
  for (const status of [408, 409, 425, 500, 502, 504])
    expect(await said(status, '')).toMatchObject({ name: 'Transient', reason: String(status), overload: false });
  const message = async (...args: Parameters<typeof said>) => {
    const e = await said(...args);
    expect(e).toBeInstanceOf(UserError);
    expect(e.message).not.toMatch(/sekret|\n/);
    return e.message.replace(base, 'BASE');
  };
  expect(await message(401, { error: 'no' })).toBe('the server at BASE refuses the key (401 no): set runtime.x.key');
  expect(await message(404, '<html>gone</html>')).toBe(
    'the server at BASE has no /v1/things (404): check runtime.x.url',
  );
  expect(await message(400, { detail: 'bad\nsize' })).toBe('the server at BASE refuses the request: 400 bad size');
});

test('a refusal may mean something else to the caller', async () => {
  answer = (_, response) => response.writeHead(404).end('no job for sekret');
  const refusal = (status: number, text: string) => (status === 404 ? new Transient('lost', text) : undefined);
  const e = await failure(request(ask('/', { refusal, secrets: ['sekret'] })));
  expect(e).toMatchObject({ reason: 'lost', message: 'no job for …' });
  answer = (_, response) => response.writeHead(500).end();
  expect(await failure(request(ask('/', { refusal })))).toMatchObject({ reason: '500' });
});

test('a key is never part of a message, even where the message is cut', async () => {
  const key = 'sk-0123456789abcdef';
  for (let padding = 170; padding <= 200; padding++) {
    answer = (_, response) => response.writeHead(500).end(`${'x'.repeat(padding)}${key} and more`);
    expect((await failure(request(ask('/', { key })))).message).not.toContain('sk-');
  }
  answer = (_, response) => response.end(`${'x'.repeat(52)}${key}`);
  const garbage = await failure(requestJson(ask('/', { key })));
  expect(garbage).toMatchObject({ reason: 'garbage' });
  expect(garbage.message).not.toContain('sk-');
  expect(redact('a secret, a secret key', ['secret', 'secret key', ''])).toBe('a …, a …');
});

test('a body cut short, a dropped connection and none at all are Transient', async () => {
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('{"half":', () => response.destroy());
  };
  expect(await failure(requestJson(ask('/')))).toMatchObject({ name: 'Transient', reason: 'connection' });
  answer = (_, response) => {
    response.write('chunk', () => response.destroy());
  };
  expect(await failure(request(ask('/')))).toMatchObject({ name: 'Transient', reason: 'connection' });
  answer = (request) => request.socket.destroy();
  expect(await failure(request(ask('/')))).toMatchObject({ name: 'Transient', reason: 'connection' });
  const nobody = await failure(request({ ...ask('/'), url: 'http://127.0.0.1:9' }));
  expect(nobody).toMatchObject({ name: 'Transient', message: 'nothing listens at this address [ECONNREFUSED]' });
});

test('an abort ends a request that has no answer, or half of one', async () => {
  for (const half of [false, true]) {
    const controller = new AbortController();
    answer = (_, response) => {
      if (half) response.write('half');
      setTimeout(() => controller.abort(), 20);
    };
    await expect(request(ask('/', { signal: controller.signal }))).rejects.toBeInstanceOf(Transient);
  }
  const aborted = new AbortController();
  aborted.abort();
  await expect(request(ask('/', { signal: aborted.signal }))).rejects.toBeInstanceOf(Transient);
});

test('redirections stay on the server: what they lead to elsewhere by http is refused', async () => {
  const other = 'http://127.0.0.1:1';
  answer = ({ url, headers }, response) => {
    if (url === '/same') response.end(`key: ${headers.authorization}`);
    else
      response
        .writeHead(302, { location: url === '/away' ? `${other}/x?token=1` : url === '/loop' ? '/loop' : '/same' })
        .end();
  };
  expect((await request(ask('/here', { key: 'k' }))).toString()).toBe('key: Bearer k');
  const message = async (path: string, more = {}) => {
    const e = await failure(request(ask(path, more)));
    expect(e).toBeInstanceOf(UserError);
    return e.message.replaceAll(base, 'BASE');
  };
  expect(await message('/away', { key: 'k' })).toBe(
    `the server at BASE redirects to ${other}/x, another server, and not by https: check runtime.x.url`,
  );
  expect(await message('/away', { body: {} })).toBe(`the server at BASE redirects to ${other}/x: check runtime.x.url`);
  expect(await message('/loop')).toBe(
    'the server at BASE redirects again and again, at last to BASE/loop: check runtime.x.url',
  );
});

test('Retry-After is seconds or a date, and never for ever', () => {
  expect(parseRetryAfter('1.5')).toBe(1500);
  expect(parseRetryAfter('100000')).toBe(600_000);
  expect(parseRetryAfter(new Date(Date.now() + 5000).toUTCString())).toBeGreaterThan(3500);
  expect(parseRetryAfter('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(0);
  for (const none of ['soon', '', null, undefined]) expect(parseRetryAfter(none)).toBe(undefined);
});

test('complaints are read in the forms that servers use', () => {
  expect(said('{"error":{"message":"a","code":1}}')).toBe('a');
  expect(said('{"error":"b"}')).toBe('b');
  expect(said('{"detail":"c"}')).toBe('c');
  expect(said('{"error":"HTTPException","detail":"Sampler not found","body":"","errors":""}')).toBe(
    'Sampler not found',
  );
  expect(said('{"error":"invalid json","detail":""}')).toBe('invalid json');
  expect(said('{"error":"OutOfMemoryError","detail":"","body":"","errors":"CUDA out of memory"}')).toBe(
    'CUDA out of memory',
  );
  expect(said('{"detail":[{"loc":["body","size"],"msg":"bad"}]}')).toBe('[{"loc":["body","size"],"msg":"bad"}]');
  expect(said('plain\n text')).toBe('plain text');
  expect(said(' <!doctype html><p>no')).toBe('');
  expect(said('x'.repeat(500)).length).toBe(200);
  // What is no complaint in any form is shown as it is; nested for no good, too.
  for (const odd of ['null', '[1]', '{"error":null}', '{"error":{"message":{"a":1}}}'])
    expect(said(odd)).toMatch(/^[^\n]+$/);
  expect(said('['.repeat(100_000))).toBe(`${'['.repeat(198)} …`);
});

test('complaints end with a whole word', () => {
  const words = said('the context of this model holds at most 4096 tokens and '.repeat(8));
  expect(words).toMatch(/ (the|context|of|this|model|holds|at|most|4096|tokens|and) …$/);
  expect(words.length).toBeLessThanOrEqual(200);
  // A word without an end is cut, but not in the middle of a character.
  const emoji = said(`x${'😀'.repeat(300)}`);
  expect(emoji).toMatch(/^x(😀)+ …$/u);
  expect(said('a complaint of fewer than two hundred letters')).not.toContain('…');
});

test('failures of the connection are said in words, with their code', async () => {
  const port = new URL(base).port;
  answer = (_, response) => response.end();
  const real = async (url: string) => (await failure(request({ ...ask('/'), url }))).message;
  expect(await real(`https://127.0.0.1:${port}/`)).toMatch(/^it does not speak https \[\w+\]$/);
  expect(await real('http://nowhere.invalid/')).toMatch(
    /^(there is no host of this name \[ENOTFOUND\]|the name of its host could not be looked up \[EAI_AGAIN\])$/,
  );
  const secure = createSecureServer(selfSigned(), (_, response) => response.end());
  secure.listen(0, '127.0.0.1');
  await new Promise((done) => secure.once('listening', done));
  try {
    const { port } = secure.address() as AddressInfo;
    expect(await real(`https://127.0.0.1:${port}/`)).toBe(
      'its certificate cannot be trusted [DEPTH_ZERO_SELF_SIGNED_CERT]',
    );
    expect(await real(`http://127.0.0.1:${port}/`)).toMatch(/^(it closed the connection|its answer is no HTTP)/);
  } finally {
    secure.close();
  }
  // As fetch, and clients on top of it, wrap them.
  const wrapped = (code: string) =>
    new Error('Connection error.', {
      cause: new TypeError('fetch failed', { cause: Object.assign(new Error('other side closed'), { code }) }),
    });
  expect(connectionError(wrapped('UND_ERR_SOCKET')).message).toBe(
    'it closed the connection without an answer [UND_ERR_SOCKET]',
  );
  expect(connectionError(wrapped('UND_ERR_HEADERS_TIMEOUT')).message).toBe(
    'it said nothing for too long [UND_ERR_HEADERS_TIMEOUT]',
  );
  // What is ours already comes out of the wrapping.
  const ours = new UserError('the server redirects to …');
  expect(connectionError(new Error('Connection error.', { cause: ours }))).toBe(ours);
});

test('addresses are shown without what may be secret', () => {
  expect(shownUrl('http://user:pass@host:1/v1/?key=2#3')).toBe('http://host:1/v1');
  const fetchError = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) });
  expect(connectionError(fetchError).message).toBe('it closed the connection without an answer [ECONNRESET]');
});
