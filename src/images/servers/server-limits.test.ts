import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { serverSettings } from '../../../test/server-painters.js';
import { ServerApi } from './server-api.js';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function serve(answer: (path: string, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => answer(request.url!, response));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const api = (url: string, changes = {}) =>
  new ServerApi(serverSettings('a1111', url, changes), { usual: url, start: 'it' });
const call = { signal: AbortSignal.timeout(20_000) };

test('an answer may be as large as the image that was asked for can be, and no larger', async () => {
  const url = await serve((_, response) => response.end(Buffer.alloc(17 * 2 ** 20)));
  await expect(api(url).bytes('/x', call)).rejects.toThrow('its answer is larger than 16 MiB, the most that is read');
  expect((await api(url, { 'images.paintSize': 1024 }).bytes('/x', call)).length).toBe(17 * 2 ** 20);
});

test('a link to an image is held to one rule, given directly or as a redirection', async () => {
  let went = 0;
  const other = await serve((_, response) => response.end(`${++went}`));
  const url = await serve((path, response) =>
    path === '/own.png' ? response.end('own') : response.writeHead(302, { location: `${other}/a.png` }).end(),
  );
  await expect(api(url).linked(`${other}/a.png`, call)).rejects.toThrow(
    `answers with a link elsewhere that is no https: ${other}/a.png`,
  );
  await expect(api(url).linked('/away.png', call)).rejects.toThrow(
    `redirects to ${other}/a.png, another server, and not by https: check runtime.painter.url`,
  );
  expect((await api(url).linked('/own.png', call)).toString()).toBe('own');
  expect(went).toBe(0);
});
