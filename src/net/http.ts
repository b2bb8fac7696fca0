import http from 'node:http';
import https from 'node:https';
import { UserError } from '../errors.js';
import { Transient } from './remote-server.js';
import { retryAfter } from './retry-after.js';

export interface HttpRequest {
  /** For messages: `the painter at http://127.0.0.1:7860`. */
  server: string;
  /** Without user and password; those go into `authorization`. */
  url: string;
  /** Sent as JSON, with POST; GET without it. */
  body?: unknown;
  /** Sent as `Authorization: Bearer …`; never part of a message. */
  key?: string;
  /** The whole `Authorization` header, in place of the key's. */
  authorization?: string;
  /** What else must not be part of a message. */
  secrets?: readonly string[];
  signal: AbortSignal;
  /** What the settings call the address and the key, for messages. */
  settings: { url: string; key: string };
  /**
   * What a refusal means where the usual reading does not fit: a job that is gone is no wrong address.
   * @param text the answer's body, without secrets
   * @returns undefined: as usual
   */
  refusal?(status: number, text: string): Error | undefined;
}

/** Answers larger than this are garbage, bytes. */
const MOST_BYTES = 256 * 2 ** 20;
/** Redirections of a download that are followed. */
const MOST_REDIRECTIONS = 3;

/** Connections are kept: thousands of requests go to one server. */
const AGENTS = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/**
 * One HTTP request, by Node's own client rather than `fetch`, which gives up on an answer that takes five minutes to begin.
 * @throws Transient for everything that may pass: no connection, 408, 409, 425, 429, 5xx, a body cut short
 * @throws UserError for what the user must mend: a wrong address (404, 405), a wrong key (401, 403), a refused request (other 4xx)
 */
export async function request(r: HttpRequest): Promise<Buffer> {
  const body = r.body === undefined ? undefined : Buffer.from(JSON.stringify(r.body));
  const first = new URL(r.url);
  let url = first;
  for (let redirections = 0; ; redirections++) {
    const answer = await exchange(url, headersOf(r, body, url.origin === first.origin), body, r.signal);
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    const to = answer.status >= 300 && answer.status < 400 && answer.headers.location;
    if (to) {
      url = new URL(to, url);
      if (body || redirections === MOST_REDIRECTIONS || !(url.protocol in AGENTS))
        throw new UserError(`${r.server} redirects to ${shownUrl(url.href)}: check ${r.settings.url}`);
      continue;
    }
    const text = redact(answer.body.toString('utf8'), secretsOf(r));
    throw r.refusal?.(answer.status, text) ?? statusError(r, answer.status, said(text), answer.headers['retry-after']);
  }
}

/** A request whose answer is JSON. @throws as `request`; Transient when the answer is something else */
export async function requestJson(r: HttpRequest): Promise<unknown> {
  const text = (await request(r)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    const start = redact(text.slice(0, 10_000), secretsOf(r)).slice(0, 60).replace(/\s+/g, ' ');
    throw new Transient('garbage', `its answer is not JSON: ${start}`);
  }
}

function headersOf(r: HttpRequest, body: Buffer | undefined, sameServer: boolean): http.OutgoingHttpHeaders {
  const authorization = r.authorization ?? (r.key ? `Bearer ${r.key}` : undefined);
  return {
    'user-agent': 'synclr',
    ...(body ? { 'content-type': 'application/json', 'content-length': body.length } : {}),
    ...(authorization && sameServer ? { authorization } : {}),
  };
}

/** A request and its whole answer. A kept connection that the server has meanwhile closed is replaced at once. @throws Transient */
async function exchange(
  url: URL,
  headers: http.OutgoingHttpHeaders,
  body: Buffer | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  for (;;) {
    const stale = { is: false };
    try {
      return await exchangeOnce(url, headers, body, signal, stale);
    } catch (e) {
      if (stale.is && !signal.aborted) continue;
      throw e instanceof Transient ? e : connectionError(e);
    }
  }
}

function exchangeOnce(
  url: URL,
  headers: http.OutgoingHttpHeaders,
  body: Buffer | undefined,
  signal: AbortSignal,
  stale: { is: boolean },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const agent = AGENTS[url.protocol as keyof typeof AGENTS];
    const { request } = url.protocol === 'https:' ? https : http;
    const sent = request(url, { method: body ? 'POST' : 'GET', headers, agent, signal });
    sent.on('error', (e: NodeJS.ErrnoException) => {
      stale.is = sent.reusedSocket && e.code === 'ECONNRESET';
      reject(e);
    });
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        parts.push(part);
        if (size > MOST_BYTES) response.destroy(new Transient('garbage', 'its answer is far too large'));
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
      response.on('close', () => reject(new Transient('connection', 'its answer was cut short')));
    });
    sent.end(body);
  });
}

/** What a status that is no success means for the caller. @param text the server's complaint @param retryAfter the header's text */
export function statusError(
  r: Pick<HttpRequest, 'server' | 'url' | 'settings' | 'key' | 'secrets'>,
  status: number,
  text: string,
  retryAfter: string | null | undefined,
): Error {
  const message = redact(text, secretsOf(r));
  const what = `${status}${message ? ` ${message}` : ''}`;
  if (status === 429 || status === 503)
    return new Transient(String(status), what, { overload: true, retryAfter: parseRetryAfter(retryAfter) });
  if (status >= 500 || status === 408 || status === 409 || status === 425)
    return new Transient(String(status), what, { retryAfter: parseRetryAfter(retryAfter) });
  if (status === 401 || status === 403)
    return new UserError(`${r.server} refuses the key (${what}): set ${r.settings.key}`);
  if (status === 404 || status === 405)
    return new UserError(`${r.server} has no ${new URL(r.url).pathname} (${what}): check ${r.settings.url}`);
  return new UserError(`${r.server} refuses the request: ${what}`);
}

/** What a `Retry-After` header asks for, milliseconds; a server that asks for more is asked again after ten minutes. */
export function parseRetryAfter(text: string | null | undefined): number | undefined {
  const ms = retryAfter(text);
  return ms === undefined ? undefined : Math.min(600_000, ms);
}

/** A failure of the connection itself, of Node's client or of `fetch`. */
export function connectionError(e: unknown): Transient {
  const error = e as Error & { code?: string; cause?: Error & { code?: string } };
  const why = error.cause?.code ?? error.cause?.message ?? error.code ?? error.message;
  return new Transient('connection', `the connection failed: ${why}`);
}

/** The first line of a server's complaint: in OpenAI's form, FastAPI's, or plain. @param text its answer, without secrets */
export function said(text: string): string {
  let message = text;
  try {
    const json = JSON.parse(text) as { error?: { message?: string } | string; detail?: unknown; message?: string };
    const error = typeof json.error === 'object' ? json.error?.message : json.error;
    // A1111 puts a class's name into `error` and the reason into `detail`.
    const found = (json.detail || undefined) ?? error ?? json.message ?? text;
    message = typeof found === 'string' ? found : JSON.stringify(found);
  } catch {
    // Plain text or a page.
    if (/^\s*</.test(text)) message = '';
  }
  return message.replace(/\s+/g, ' ').trim().slice(0, 200);
}

/** A text without its secrets, whoever put them there. */
export function redact(text: string, secrets: string | readonly string[] | undefined): string {
  const all = typeof secrets === 'string' ? [secrets] : (secrets ?? []);
  // The longest first: one may be part of another.
  const longest = [...all].filter(Boolean).sort((a, b) => b.length - a.length);
  return longest.reduce((t, secret) => t.replaceAll(secret, '…'), text);
}

const secretsOf = (r: Pick<HttpRequest, 'key' | 'secrets'>): string[] => [...(r.secrets ?? []), r.key ?? ''];

/** A server's address without what may be secret in it, for messages and records. */
export function shownUrl(url: string): string {
  const u = new URL(url);
  return `${u.origin}${u.pathname.replace(/\/$/, '')}`;
}
