import type { Settings } from './schema.js';

/** Settings that are never written anywhere. */
export const SECRET_SETTINGS: readonly string[] = ['runtime.writer.key', 'runtime.painter.key'];
/** Settings that are addresses, in which a password or a key may stand. */
export const ADDRESS_SETTINGS: readonly string[] = ['runtime.writer.url', 'runtime.painter.url'];

/** What stands in the place of a secret. */
export const HIDDEN = '…';

/** Settings as they may be stored: without keys, and addresses without passwords and keys. */
export function withoutSecrets(s: Settings): Settings {
  const { writer, painter } = s.runtime;
  const bare = <T extends { url: string; key: string }>(server: T): T => ({
    ...server,
    key: '',
    url: bareAddress(server.url),
  });
  return { ...s, runtime: { ...s.runtime, writer: bare(writer), painter: bare(painter) } };
}

/** The value of a setting as it may be shown and stored. @param path undefined for what is no setting, such as a folder */
export function shownValue(path: string | undefined, value: string): string {
  if (path !== undefined && SECRET_SETTINGS.includes(path)) return HIDDEN;
  if (path !== undefined && ADDRESS_SETTINGS.includes(path)) return bareAddress(value);
  return value.replace(/(?:https?:|\b[a-z][a-z0-9+.-]{0,40}:\/\/).*$/is, bareAddress);
}

/** Names in an address's query that servers are known to want, and that are no secrets. */
const HARMLESS = new Set(['api-version', 'api_version', 'version', 'model', 'deployment', 'format', 'stream']);

/**
 * An address as it may be shown and stored: without user and password, without a fragment, and with what is known to be harmless of its
 * query. It need not be a valid one: what is mistyped holds the password all the same.
 */
export function bareAddress(text: string): string {
  const plain = text.trim().replace(/[\t\n\r]/g, '');
  // A scheme is what slashes follow; `user:password@host` has none.
  const start = /^(?:https?:|[a-z][a-z0-9+.-]*:(?=[/\\]))?[/\\]*/i.exec(plain)![0];
  const rest = plain.slice(start.length);
  const [beforeFragment] = rest.split('#', 1);
  const [place, query] = split(beforeFragment, '?');
  const authority = /^[^/\\]*/.exec(place)![0];
  const path = place.slice(authority.length);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  // What is no host, with a port or without, is the beginning of a password with a slash, or another mistake.
  if (!/^(\[[\da-f:.]+\]|[\p{L}\p{N}._-]+)(:\d*)?$/iu.test(host)) return plain === '' ? '' : start + HIDDEN;
  // Behind a slash, an @ is the end of a password that holds one, unless what stands before it is a host alone.
  if (path.includes('@') && /[:@]/.test(authority)) return start + HIDDEN;
  if (rest.slice(place.length).includes('@')) return start + HIDDEN;
  const kept = query
    ?.split('&')
    .filter((pair) => HARMLESS.has(split(pair, '=')[0].toLowerCase()) && /^[\w=.:-]{1,64}$/.test(pair));
  // What follows a semicolon are parameters too.
  return start + host + path.replace(/;[^/\\]*/g, '') + (kept?.length ? `?${kept.join('&')}` : '');
}

function split(text: string, at: string): [string, string | undefined] {
  const i = text.indexOf(at);
  return i < 0 ? [text, undefined] : [text.slice(0, i), text.slice(i + 1)];
}
