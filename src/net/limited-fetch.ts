import { UserError } from '../errors.js';
import { MOST_BYTES, readComplaint, readWhole } from './body.js';
import { redact } from './complaint.js';
import { MOST_REDIRECTIONS } from './http.js';
import { followRedirects } from './redirect.js';
import { Transient } from './remote-server.js';

export interface LimitedFetchOptions {
  /** For messages: `the writer at http://127.0.0.1:8080/v1`. */
  server: string;
  /** What the settings call the address, for messages. */
  settings: { url: string };
  /** Never part of a message. */
  secrets?: readonly string[];
  /** Largest answer that is read, bytes after decompression; 16 MiB unless said. */
  most?: number;
}

/**
 * A `fetch` for clients that want one, by the same rules as `request`: the answer is never held beyond its limit, redirections lead to other
 * servers by https only and without the authorization, a body stays with one server. What it throws is ours, `Transient` or `UserError`:
 * `connectionError` finds it where the client has wrapped it. Knows GET and POST, with a text or bytes as the body.
 */
export function limitedFetch({ server, settings, secrets, most = MOST_BYTES }: LimitedFetchOptions): typeof fetch {
  return async (input, init = {}) => {
    const { authorization, ...headers } = Object.fromEntries(new Headers(init.headers));
    const reply = await followRedirects({
      url: new URL(input instanceof Request ? input.url : input),
      body: bytesOf(init.body),
      headers,
      authorization,
      signal: init.signal ?? new AbortController().signal,
      elsewhere: 'https',
      hops: MOST_REDIRECTIONS,
      most,
      refused: (what) => new UserError(`${server} ${redact(what, secrets)}: check ${settings.url}`),
    });
    const { status } = reply;
    if (status < 200 || status > 599) {
      reply.body.destroy();
      throw new Transient('garbage', `its answer has the status ${status}`);
    }
    const body = status < 300 ? await readWhole(reply, most) : Buffer.from(await readComplaint(reply));
    const kept = Object.entries(reply.headers).filter(([name]) => !/^content-(encoding|length)$/.test(name));
    const shown = new Headers(
      kept.flatMap(([name, v]) => [v ?? []].flat().map((text): [string, string] => [name, text])),
    );
    return new Response([204, 205, 304].includes(status) ? null : new Uint8Array(body), { status, headers: shown });
  };
}

function bytesOf(body: RequestInit['body']): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  throw new TypeError('internal: a body that is neither text nor bytes');
}
