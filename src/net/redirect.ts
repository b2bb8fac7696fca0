import { cutAtWord, oneLine } from '../printable.js';
import { shownUrl } from './complaint.js';
import { exchange, isHttp, type Outgoing, type Reply } from './exchange.js';

/** A request that may be sent on to another address. */
export interface Redirectable extends Outgoing {
  /** Sent to the first address's server alone, and not any more once a redirection has led away from it. */
  authorization?: string;
  /** The server that the authorization is for, where that is not the first address's. */
  origin?: string;
  /** Where other servers may be gone to: by https only, or by whatever is no step back from https. Bodies go to no other server. */
  elsewhere: 'https' | 'no-downgrade';
  /** Redirections that are followed. */
  hops: number;
  /** Called with each further address. */
  onHop?: (url: URL) => void;
  /** The error for a redirection that is not followed. @param what `redirects to …` */
  refused: (what: string) => Error;
}

/** Statuses that keep the method and the body. */
const SAME_METHOD = new Set([307, 308]);

/**
 * Sends a request and follows its redirections; the same rule holds at each of them.
 * @returns the first answer that is no redirection
 * @throws what `refused` makes; Transient as `exchange`
 */
export async function followRedirects(r: Redirectable): Promise<Reply> {
  let { url } = r;
  let left = url.origin !== (r.origin ?? url.origin);
  for (let hops = 0; ; hops++) {
    const headers = { ...r.headers, ...(r.authorization && !left ? { authorization: r.authorization } : {}) };
    const reply = await exchange({ url, body: r.body, headers, most: r.most, signal: r.signal });
    const { status } = reply;
    if (![301, 302, 303, 307, 308].includes(status)) return reply;
    // Its body says no more than its head.
    reply.body.destroy();
    const next = nextHop(url, reply.headers.location, status, r);
    if (typeof next === 'string') throw r.refused(next);
    if (hops === r.hops) throw r.refused(`redirects again and again, at last to ${shown(next)}`);
    left ||= next.origin !== url.origin;
    url = next;
    r.onHop?.(url);
  }
}

/** The next address, or why there is none. */
function nextHop(
  from: URL,
  location: string | undefined,
  status: number,
  { body, elsewhere }: Redirectable,
): URL | string {
  if (!location) return `answers ${status} and does not say where to go`;
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (!to) return `redirects to ${quoted(location)}, which is no address`;
  if (!isHttp(to)) return `redirects to ${quoted(location)}, which is no http or https`;
  to.username = to.password = '';
  const same = to.origin === from.origin;
  if (body && !(same && SAME_METHOD.has(status))) return `redirects to ${shown(to)}`;
  if (same || to.protocol === 'https:') return to;
  if (from.protocol === 'https:') return `redirects from https to ${shown(to)}, which is no https`;
  return elsewhere === 'https' ? `redirects to ${shown(to)}, another server, and not by https` : to;
}

const quoted = (text: string): string =>
  `"${cutAtWord(oneLine(text.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//…@')), 80)}"`;
const shown = (url: URL): string => cutAtWord(shownUrl(url.href), 120);
