import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { request, requestJson } from './http.js';
import { limitedFetch } from './limited-fetch.js';
import { RemoteServer } from './remote-server.js';

/** Answers without end, bombs and lies: from a server that writes the bytes of each answer by itself. */

const MIB = 2 ** 20;
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const servers: Server[] = [];
const sockets = new Set<Socket>();
/** When a client has closed its connection; told to whoever waits. */
let closed: Promise<void>;

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
});

async function serve(answer: (socket: Socket) => void): Promise<string> {
  let tell: () => void;
  closed = new Promise((done) => (tell = done));
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => tell());
    socket.once('data', () => answer(socket));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** Writes for ever, as fast as it is read. */
function forever(socket: Socket, part: string | Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(part));
  };
  socket.on('drain', more);
  more();
}

const ask = (url: string, more = {}) => ({
  server: 'the server',
  url: `${url}/v1`,
  signal: AbortSignal.timeout(20_000),
  settings: { url: 'runtime.x.url', key: 'runtime.x.key' },
  most: MIB,
  ...more,
});
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('nothing was thrown'),
    (e) => e,
  );
/** What both ways to ask fail with; they are one client. */
async function failures(answer: (socket: Socket) => void): Promise<{ message: string; lasting?: boolean }> {
  const first = await failure(requestJson(ask(await serve(answer))));
  const url = await serve(answer);
  const fetched = await failure(limitedFetch(ask(url))(`${url}/v1`, { signal: AbortSignal.timeout(20_000) }));
  expect(fetched.message).toBe(first.message);
  expect(fetched.name).toBe(first.name);
  return first;
}

const TOO_LARGE = 'its answer is larger than 1 MiB, the most that is read of one';
const blanks = Buffer.alloc(32 * MIB, 0x20);
const BOMBS = {
  gzip: () => gzipSync(blanks, { level: 1 }),
  br: () => brotliCompressSync(blanks, { params: { 1: 1 } }),
  deflate: () => deflateSync(blanks, { level: 1 }),
};

describe('a body', () => {
  test.each(['gzip', 'br', 'deflate'] as const)('that is a bomb (%s) is not blown up', async (encoding) => {
    const bomb = BOMBS[encoding]();
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 1);
    const before = process.memoryUsage().arrayBuffers;
    const e = await failures((s) => {
      s.write(`${HEAD}content-encoding: ${encoding}\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      s.write(bomb);
    });
    clearInterval(watch);
    expect(e).toMatchObject({ message: TOO_LARGE, lasting: true });
    expect(most - before).toBeLessThan(16 * MIB);
  });

  test('without an end is read up to its limit, and the connection closed', async () => {
    const part = Buffer.alloc(64 * 1024, 0x20);
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), part, Buffer.from('\r\n')]);
    const empty = Buffer.concat(Array(4000).fill(gzipSync('')));
    for (const [head, more] of [
      ['', part],
      ['transfer-encoding: chunked\r\n', chunk],
      // Nothing comes out of it, whatever goes in.
      ['content-encoding: gzip\r\n', empty],
    ] as const) {
      const e = await failures((s) => {
        s.write(`${HEAD}${head}\r\n`);
        forever(s, more);
      });
      expect(e).toMatchObject({ message: TOO_LARGE, lasting: true });
      await closed;
    }
    // Of one that says so itself nothing is read.
    expect((await failures((s) => s.write(`${HEAD}content-length: 99999999999\r\n\r\n{`))).message).toBe(TOO_LARGE);
  });

  test.each([
    [
      'content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}',
      /^its answer is not compressed as it says \[Z_DATA_ERROR\]$/,
    ],
    [
      'content-encoding: br\r\ncontent-length: 7\r\n\r\n{"a":1}',
      /^its answer is not compressed as it says \[ERR_\w+\]$/,
    ],
    [
      'content-encoding: gzip, gzip\r\n\r\n',
      /^its answer is compressed in a way that was not asked for \(gzip, gzip\)$/,
    ],
    ['content-encoding: zstd\r\n\r\n', /^its answer is compressed in a way that was not asked for \(zstd\)$/],
    [
      'content-length: 2\r\ncontent-length: 7\r\n\r\n{"a":1}',
      /^its answer is no HTTP \[HPE_UNEXPECTED_CONTENT_LENGTH\]$/,
    ],
    ['transfer-encoding: chunked\r\n\r\nzz\r\n', /^its answer was cut short \[ECONNRESET\]$/],
  ])('that is not what its head says (%s) is said to be so', async (rest, message) => {
    expect((await failures((s) => s.write(HEAD + rest))).message).toMatch(message);
  });

  test('shorter than its head says was cut short; longer, it ends there', async () => {
    const cut = await failures((s) => {
      s.write(`${HEAD}content-length: 50\r\n\r\n{"a":1}`);
      setTimeout(() => s.destroy(), 20);
    });
    expect(cut.message).toBe('its answer was cut short [ECONNRESET]');
    const e = await failure(requestJson(ask(await serve((s) => s.write(`${HEAD}content-length: 5\r\n\r\n{"a":1}`)))));
    expect(e.message).toBe('its answer is not JSON: {"a":');
  });

  test('of a complaint is read at its beginning', async () => {
    const url = await serve((s) => {
      s.write('HTTP/1.1 500 no\r\n\r\n');
      forever(s, 'a complaint without an end ');
    });
    const e = await failure(request(ask(url)));
    expect(e.message).toMatch(/^500 a complaint without an end .*\b(a|complaint|without|an|end) …$/);
    await closed;
    const other = await serve((s) =>
      s.write('HTTP/1.1 400 no\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\n{'),
    );
    expect((await failure(request(ask(other)))).message).toBe('the server refuses the request: 400');
  });

  test('nested without a limit is no answer; NaN is one of Python’s', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const answer = (text: string) => serve((s) => s.write(`${HEAD}content-length: ${text.length}\r\n\r\n${text}`));
    const e = await failure(requestJson(ask(await answer(deep))));
    expect(e).toMatchObject({ message: 'its answer is nested more than 200 deep', lasting: true });
    const nan = '{"a": NaN, "b": [-Infinity], "c": "NaN, \\"Infinity\\""}';
    expect(await requestJson(ask(await answer(nan)), { python: true })).toEqual({
      a: 'NaN',
      b: ['-Infinity'],
      c: 'NaN, "Infinity"',
    });
    expect((await failure(requestJson(ask(await answer(nan))))).message).toMatch(/^its answer is not JSON: \{"a": NaN/);
    expect((await failure(requestJson(ask(await answer(' '))))).message).toBe('its answer is empty');
  });
});

describe('a head', () => {
  const LARGE = 'the headers of its answer are too large [HPE_HEADER_OVERFLOW]';
  test.each([
    ['one header of a MiB', (s: Socket) => s.write(`HTTP/1.1 200 OK\r\nx: ${'b'.repeat(MIB)}\r\n\r\n{}`), LARGE],
    [
      'headers without an end',
      (s: Socket) => {
        s.write('HTTP/1.1 200 OK\r\n');
        forever(s, 'x-a: b\r\n'.repeat(100));
      },
      LARGE,
    ],
    [
      'another protocol',
      (s: Socket) => s.write('SSH-2.0-OpenSSH_9\r\n'),
      'its answer is no HTTP [HPE_INVALID_CONSTANT]',
    ],
    [
      'a change of the protocol',
      (s: Socket) => s.write('HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
      'it closed the connection without an answer',
    ],
    ['nothing', (s: Socket) => s.end(), 'it closed the connection without an answer [ECONNRESET]'],
  ])('of %s is said to be so', async (_, answer, message) => {
    expect((await failures(answer as (socket: Socket) => void)).message).toBe(message);
  });

  test('that says to go on first is read to the answer', async () => {
    const url = await serve((s) => s.write(`HTTP/1.1 100 Continue\r\n\r\n${HEAD}content-length: 2\r\n\r\n{}`));
    expect(await requestJson(ask(url, { body: {} }))).toEqual({});
  });
});

describe('a request that is given up', () => {
  const DRIP = (s: Socket) => {
    s.write(`${HEAD}\r\n`);
    const timer = setInterval(() => (s.destroyed ? clearInterval(timer) : s.write(' ')), 20);
  };

  test.each([
    ['without an answer', () => {}],
    ['in its answer', DRIP],
  ])('%s has its connection closed, and the time limit is named', async (_, answer) => {
    const url = await serve(answer);
    const server = new RemoteServer({
      name: 'the writer',
      inFlight: 1,
      timeout: 0.2,
      patience: 0.1,
      settings: { timeout: 'runtime.writer.timeout' },
    });
    const e = await failure(server.ask((signal) => requestJson(ask(url, { signal, body: {} }))));
    // The server has heard of it, so that it may stop working.
    await closed;
    expect(e.message).toMatch(
      /^the writer gives no usable answer \(no answer within 0\.2 s, runtime\.writer\.timeout\) for \d+ s; what is finished is kept: raise runtime\.writer\.timeout if it needs longer, or mend the server, then run the same command again$/,
    );
  });

  test('by fetch, too', async () => {
    for (const answer of [() => {}, DRIP]) {
      const url = await serve(answer);
      await failure(
        limitedFetch(ask(url))(`${url}/v1`, { signal: AbortSignal.timeout(100), method: 'POST', body: '{}' }),
      );
      await closed;
    }
  });

  test('for good when what comes is lastingly of no use', async () => {
    let tries = 0;
    const server = createHttpServer((_, response) => {
      tries++;
      response.end(' '.repeat(2 * MIB));
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const settings = { timeout: 'runtime.x.timeout' };
    const remote = new RemoteServer({ name: 'it', inFlight: 1, timeout: 60, patience: 900, settings });
    const e = await failure(remote.ask((signal) => requestJson(ask(url, { signal }))));
    expect(e.message).toBe(
      `it gives no usable answer (${TOO_LARGE}) after 3 tries; what is finished is kept: mend the server, then run the same command again`,
    );
    expect(tries).toBe(3);
  });
});
