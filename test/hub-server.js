// A server with the routes of the Hugging Face hub that a download needs, and a second one in the place of its storage host.
// node test/hub-server.js PLAN.json: prints {"hub": address, "storage": address}, then a line for every request.
// PUT /_faults with a list of Fault (see hub-fixture.ts) makes coming requests go wrong.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** @type {{ dir: string, pageSize: number, prefix?: string, plain?: boolean, repos: Record<string, any> }} */
const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
let faults = [];

const hash = (kind, ...parts) => parts.reduce((h, p) => h.update(p), createHash(kind)).digest('hex');
const storage = new Map();
for (const [name, repo] of Object.entries(plan.repos)) {
  repo.files = Object.entries(repo.files).map(([path, { file, lfs, size: claimed }]) => {
    const content = readFileSync(join(plan.dir, file));
    const size = claimed ?? content.length;
    const sha1 = hash('sha1', `blob ${content.length}\0`, content);
    if (!lfs) return { path, content, size, oid: sha1, etag: sha1 };
    const etag = hash('sha256', content);
    storage.set(etag, content);
    return { path, content, size, oid: hash('sha1', path), etag, lfs: { oid: etag, size, pointerSize: 134 } };
  });
  repo.name = name;
}

/** Says what happens to a request: the first fault that fits, counted down. */
function faultFor(on, url) {
  const fault = faults.find((f) => (f.on ?? on) === on && url.includes(f.match) && f.times > 0);
  if (fault) fault.times--;
  return fault ?? {};
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function send(request, response, content, headers, fault) {
  const range = fault.ignoreRange ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const from = range ? Number(range[1]) : 0;
  if (range && from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return 416;
  }
  let body = content.subarray(from);
  if (fault.corrupt) body = Buffer.from(body).fill(0x55, body.length >> 1, (body.length >> 1) + 16);
  if (fault.longer) body = Buffer.concat([body, Buffer.alloc(100)]);
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'content-length': body.length,
    ...(range && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  if (fault.cut !== undefined) {
    response.write(body.subarray(0, fault.cut), () => setTimeout(() => response.destroy(), 20));
  } else if (fault.hang !== undefined) {
    response.write(body.subarray(0, fault.hang));
  } else if (fault.slow) {
    for (let at = 0; at < body.length && !response.destroyed; at += fault.slow) {
      response.write(body.subarray(at, at + fault.slow));
      await pause(10);
    }
    response.end();
  } else response.end(body);
  return range ? 206 : 200;
}

function refuse(response, status, code, message = code) {
  const headers = { 'x-error-code': code, 'x-error-message': message, 'content-type': 'application/json' };
  if (code === undefined) for (const name of ['x-error-code', 'x-error-message']) delete headers[name];
  response.writeHead(status, headers).end(JSON.stringify({ error: message ?? 'error' }));
  return status;
}

function json(response, value, headers = {}) {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(value));
  return 200;
}

/** The hub itself. */
async function answerHub(request, response, url, fault) {
  const path = url.pathname.slice(plan.prefix?.length ?? 0);
  const api = /^\/api\/(?:models\/)?((?:datasets\/)?[^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(path);
  const file = /^\/((?:datasets\/)?[^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
  const [, name, kind, revision] = api ?? [file?.[0], file?.[1], 'resolve', file?.[2]];
  const repo = plan.repos[name];
  const token = request.headers.authorization?.replace('Bearer ', '');
  if (repo?.movedTo) {
    const to = path.replace(name, repo.movedTo);
    response.writeHead(307, { location: to + url.search }).end();
    return 307;
  }
  // The hub does not tell what is missing from what is private (huggingface_hub, utils/_http.py).
  if (!repo || (repo.private && token !== repo.token)) {
    if (plan.plain) return refuse(response, 404, undefined);
    return token ? refuse(response, 404, 'RepoNotFound') : refuse(response, 401, 'RepoNotFound');
  }
  if (kind === 'resolve' && repo.gated && token !== repo.token)
    return refuse(response, token ? 403 : 401, 'GatedRepo', `Access to model ${name} is restricted.`);
  const commit = repo.refs[decodeURIComponent(revision)] ?? (revision === repo.commit ? revision : undefined);
  if (!commit) return refuse(response, 404, plan.plain ? undefined : 'RevisionNotFound');

  if (kind === 'revision') {
    const siblings = repo.files.map((f) => ({ rfilename: f.path }));
    return json(response, {
      id: name,
      sha: commit,
      private: !!repo.private,
      gated: repo.gated ? 'auto' : false,
      siblings,
    });
  }
  if (kind === 'tree') {
    const folders = [...new Set(repo.files.map((f) => f.path.split('/').slice(0, -1).join('/')).filter((f) => f))];
    const entries = [
      ...folders.map((f) => ({ type: 'directory', oid: hash('sha1', f), size: 0, path: f })),
      ...repo.files.map(({ path: at, size, oid, lfs }) => ({ type: 'file', oid, size, path: at, ...(lfs && { lfs }) })),
    ];
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const next = from + plan.pageSize;
    // Mirrors pass on the hub's own addresses in this header; so does this server.
    const link = `<https://huggingface.co${path}?recursive=true&expand=false&cursor=${next}>; rel="next"`;
    return json(response, entries.slice(from, next), next < entries.length ? { link } : {});
  }
  const entry = repo.files.find((f) => f.path === decodeURIComponent(file[3]));
  if (!entry) return refuse(response, 404, 'EntryNotFound');
  const headers = { 'x-repo-commit': commit, 'accept-ranges': 'bytes' };
  if (!entry.lfs)
    return send(
      request,
      response,
      entry.content,
      { ...headers, etag: `"${entry.oid}"`, 'content-type': 'text/plain' },
      fault,
    );
  const location = `${addresses.storage}/${entry.etag}?Signature=${hash('sha1', entry.etag).slice(0, 8)}`;
  const linked = { 'x-linked-etag': `"${entry.etag}"`, 'x-linked-size': entry.size };
  response.writeHead(302, { ...headers, ...linked, location }).end(`Found. Redirecting to ${location}`);
  return 302;
}

/** The storage host: contents by their SHA-256, to whoever has a signed address; it refuses a token on top, as S3 does. */
async function answerStorage(request, response, url, fault) {
  const content = storage.get(url.pathname.slice(1));
  if (!content) return refuse(response, 404, undefined);
  if (request.headers.authorization) return refuse(response, 400, undefined, 'Only one auth mechanism allowed');
  return send(request, response, content, { etag: `"${url.pathname.slice(1)}"`, 'accept-ranges': 'bytes' }, fault);
}

function listen(on, answer) {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname === '/_faults') {
      let text = '';
      for await (const chunk of request) text += chunk;
      faults = JSON.parse(text);
      response.end();
      return;
    }
    const fault = faultFor(on, url.pathname);
    const { range, authorization } = request.headers;
    const log = (status) =>
      process.stdout.write(
        `${JSON.stringify({ on, url: url.pathname + url.search, range, authorization, encoding: request.headers['accept-encoding'], status })}\n`,
      );
    if (fault.status) {
      log(fault.status);
      response.writeHead(fault.status, fault.headers ?? {}).end('<html>busy</html>');
    } else if (fault.garbage) {
      log(200);
      response.end('<html>maintenance</html>');
    } else if (fault.silent) {
      log(0);
    } else if (fault.drop) {
      log(0);
      request.socket.destroy();
    } else log(await answer(request, response, url, fault));
  });
  // Two names of one machine: hosts that differ in the port alone are one to some clients.
  const host = on === 'hub' ? '127.0.0.1' : 'localhost';
  return new Promise((done) => server.listen(0, host, () => done(`http://${host}:${server.address().port}`)));
}

const addresses = { hub: await listen('hub', answerHub), storage: await listen('storage', answerStorage) };
process.stdout.write(`${JSON.stringify(addresses)}\n`);
// Ends with whoever started it.
process.stdin.resume().on('end', () => process.exit());
