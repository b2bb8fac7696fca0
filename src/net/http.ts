import { UserError } from '../errors.js';
import { Transient } from './remote-server.js';

export interface HttpRequest {
  /** For messages: `the painter at http://127.0.0.1:7860`. */
  server: string;
  url: string;
  /** Sent as JSON, with POST; GET without it. */
  body?: unknown;
  /** Sent as `Authorization: Bearer …`; never part of a message. */
  key?: string;
  signal: AbortSignal;
  /** What the settings call the address and the key, for messages. */
  settings: { url: string; key: string };
}

/** Answers larger than this are garbage, bytes. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * One HTTP request.
 * @throws Transient for everything that may pass: no connection, 408, 409, 425, 429, 5xx, a body cut short
 * @throws UserError for what the user must mend: a wrong address (404, 405), a wrong key (401, 403), a refused request (other 4xx)
 */
export async function request(r: HttpRequest): Promise<Buffer> {
  let response: Response;
  try {
    response = await fetch(r.url, {
      method: r.body === undefined ? 'GET' : 'POST',
      headers: {
        ...(r.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(r.key ? { authorization: `Bearer ${r.key}` } : {}),
      },
      body: r.body === undefined ? undefined : JSON.stringify(r.body),
      signal: r.signal,
    });
  } catch (e) {
    throw connectionError(e);
  }
  if (!response.ok)
    throw statusError(r, response.status, await said(response, r.key), response.headers.get('retry-after'));
  if (Number(response.headers.get('content-length') ?? 0) > MOST_BYTES) {
    await response.body?.cancel();
    throw new Transient('garbage', 'its answer is far too large');
  }
  try {
    return Buffer.from(await response.arrayBuffer());
  } catch (e) {
    throw connectionError(e);
  }
}

/** A request whose answer is JSON. @throws as `request`; Transient when the answer is something else */
export async function requestJson(r: HttpRequest): Promise<unknown> {
  const text = (await request(r)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new Transient('garbage', `its answer is not JSON: ${redact(text, r.key).slice(0, 60).replace(/\s+/g, ' ')}`);
  }
}

/** What a status that is no success means for the caller. @param retryAfter the header's text */
export function statusError(
  r: Pick<HttpRequest, 'server' | 'url' | 'settings' | 'key'>,
  status: number,
  text: string,
  retryAfter: string | null,
): Error {
  const message = redact(text, r.key);
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

/** The header's seconds or date, as milliseconds from now; at most ten minutes. */
export function parseRetryAfter(text: string | null | undefined): number | undefined {
  if (!text) return undefined;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(600_000, Math.max(0, ms)) : undefined;
}

/** A failure of the connection itself. */
export function connectionError(e: unknown): Transient {
  const error = e as Error & { cause?: Error & { code?: string } };
  const why = error.cause?.code ?? error.cause?.message ?? error.message;
  return new Transient('connection', `the connection failed: ${why}`);
}

/** A server's complaint in one line, without the key: in OpenAI's form, FastAPI's, or plain. */
export async function said(response: Response, key: string | undefined): Promise<string> {
  const text = await response.text().catch(() => '');
  let message = text;
  try {
    const json = JSON.parse(text) as { error?: { message?: string } | string; detail?: unknown; message?: string };
    const found =
      (typeof json.error === 'object' ? json.error?.message : json.error) ?? json.message ?? json.detail ?? text;
    message = typeof found === 'string' ? found : JSON.stringify(found);
  } catch {
    // Plain text or a page.
    if (/^\s*</.test(text)) message = '';
  }
  // A key that the cut would go through is no longer found after it.
  return redact(message, key).replace(/\s+/g, ' ').trim().slice(0, 200);
}

/** A text without the key, whoever put it there. */
export function redact(text: string, key: string | undefined): string {
  return key ? text.replaceAll(key, '…') : text;
}

/** A server's address without what may be secret in it, for messages and records. */
export function shownUrl(url: string): string {
  const u = new URL(url);
  return `${u.origin}${u.pathname.replace(/\/$/, '')}`;
}
