import { createServer } from 'node:http';
import { bodyOf, Desk, send } from './desk.mjs';
import { directRoutes } from './direct.mjs';
import { jobRoutes } from './jobs.mjs';
import { Studio } from './paint.mjs';

/**
 * A real HTTP server, a process of its own, that speaks four image APIs: OpenAI's, A1111's, stable-diffusion.cpp's, ComfyUI's.
 * It paints from (prompt, seed) alone, and does wrong what it is told to. `test/image-server.ts` starts it, with OPTIONS as JSON.
 */
const options = JSON.parse(process.env.OPTIONS ?? '{}');
const desk = new Desk(options);
const studio = new Studio(options.data);
const files = new Map();
const routes = { ...directRoutes(desk, studio, files), ...jobRoutes(desk, studio, files) };

async function answer(request, response) {
  const url = new URL(request.url, 'http://x');
  if (url.pathname === '/faults') {
    desk.setFaults(await bodyOf(request));
    return response.end();
  }
  if (url.pathname === '/options') {
    Object.assign(desk.options, await bodyOf(request));
    return response.end();
  }
  const { authorization } = request.headers;
  if (options.authorization && authorization !== options.authorization)
    return send(response, 401, { error: { message: `wrong key: ${authorization}` } });
  const exact = `${request.method} ${url.pathname}`;
  const prefix = Object.keys(routes).find((r) => r.endsWith('/') && exact.startsWith(r));
  const route = routes[exact] ?? routes[prefix];
  if (!route || options.without?.includes(url.pathname)) return send(response, 404, { detail: 'Not Found' });
  const odd = Object.keys(options.odd ?? {}).find(
    (path) => url.pathname === path || url.pathname.startsWith(`${path}/`),
  );
  if (odd !== undefined) {
    await bodyOf(request).catch(() => {});
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(options.odd[odd]);
  }
  await route(request, response, prefix ? exact.slice(prefix.length) : '', url.searchParams);
}

const server = createServer((request, response) => {
  answer(request, response).catch((e) => {
    desk.note({ crashed: String(e.stack) });
    if (!response.headersSent) send(response, 500, { error: { message: String(e) } });
  });
});
server.listen(options.port ?? 0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`),
);
// It must not outlive whoever started it.
process.stdin.on('end', () => process.exit(0)).resume();
