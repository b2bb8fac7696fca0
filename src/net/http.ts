import { UserError } from '../errors.js';
import { NestedTooDeep, parseJson } from '../formats/json.js';
import { parsePythonJson } from '../formats/python-json.js';
import { cutAtWord } from '../printable.js';
import { MOST_BYTES, readComplaint, readWhole } from './body.js';
import { redact, said } from './complaint.js';
import { followRedirects } from './redirect.js';
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
  /** Largest answer that is read, bytes after decompression; 16 MiB unless said. */
  most?: number;
  /** What the settings call the address and the key, for messages. */
  settings: { url: string; key: string };
  /**
   * What a refusal means where the usual reading does not fit: a job that is gone is no wrong address.
   * @param text the answer's body, without secrets
   * @returns undefined: as usual
   */
  refusal?(status: number, text: string): Error | undefined;
}

/** Redirections that are followed. */
export const MOST_REDIRECTIONS = 3;

/**
 * One HTTP request and its whole answer, which is never held beyond its limit. Redirections are followed on the server itself, and to
 * others by https only, where neither the key nor a body is sent.
 * @throws Transient for everything that may pass: no connection, 408, 409, 425, 429, 5xx, a body cut short or too large
 * @throws UserError for what the user must mend: a wrong address (404, 405), a wrong key (401, 403), a refused request (other 4xx),
 *   a redirection that is not followed
 */
export async function request(r: HttpRequest): Promise<Buffer> {
  const body = r.body === undefined ? undefined : Buffer.from(JSON.stringify(r.body));
  const { most = MOST_BYTES } = r;
  const reply = await followRedirects({
    url: new URL(r.url),
    body,
    headers: body ? { 'content-type': 'application/json' } : {},
    signal: r.signal,
    authorization: r.authorization ?? (r.key ? `Bearer ${r.key}` : undefined),
    elsewhere: 'https',
    hops: MOST_REDIRECTIONS,
    most,
    refused: (what) => new UserError(`${r.server} ${redact(what, secretsOf(r))}: check ${r.settings.url}`),
  });
  if (reply.status >= 200 && reply.status < 300) return readWhole(reply, most);
  const text = redact(await readComplaint(reply), secretsOf(r));
  throw r.refusal?.(reply.status, text) ?? statusError(r, reply.status, said(text), reply.headers['retry-after']);
}

/**
 * A request whose answer is JSON.
 * @param python it may hold a bare `NaN` or `Infinity`, as Python writes them; they become strings of these names
 * @throws as `request`; Transient when the answer is something else
 */
export async function requestJson(r: HttpRequest, { python = false } = {}): Promise<unknown> {
  return parseAnswer(await request(r), { python, secrets: secretsOf(r) });
}

/** The JSON of an answer. @param bytes UTF-8, or nearly @throws Transient when it is none, or nested for no good */
export function parseAnswer(bytes: Uint8Array, { python = false, secrets = [] as readonly string[] } = {}): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return python ? parsePythonJson(text, 'its answer') : parseJson(text, 'its answer');
  } catch (e) {
    if (e instanceof NestedTooDeep) throw new Transient('garbage', e.message, { lasting: true });
    const start = cutAtWord(redact(text.slice(0, 10_000), secrets).replace(/\s+/g, ' ').trim(), 60);
    throw new Transient('garbage', start ? `its answer is not JSON: ${start}` : 'its answer is empty');
  }
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

const secretsOf = (r: Pick<HttpRequest, 'key' | 'secrets'>): string[] => [...(r.secrets ?? []), r.key ?? ''];
