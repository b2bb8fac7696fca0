import type { Settings } from './schema.js';

/** Settings that are never written anywhere. */
export const SECRET_SETTINGS: readonly string[] = ['runtime.writer.key', 'runtime.painter.key'];

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

/** A command line as it may be stored: without the values of keys and passwords in addresses. */
export function commandWithoutSecrets(line: string): string {
  const names = SECRET_SETTINGS.map((n) => n.replaceAll('.', '\\.')).join('|');
  return line
    .replace(new RegExp(`(--(?:${names})[ =])("(?:[^"\\\\]|\\\\.)*"|\\S+)`, 'g'), '$1…')
    .replace(/\bhttps?:\/\/[^\s"]+/gi, bareAddress);
}

/** Names of what is secret in an address's query. */
const SECRET_QUERY = /key|token|secret|password|auth|signature|^sig$/i;

/** An address without user and password, which end at its last `@`, and without what is secret in its query. */
function bareAddress(url: string): string {
  const [address, query] = url.replace(/^(\s*https?:\/\/)[^/?#]*@/i, '$1').split(/\?(.*)/s);
  const kept = query?.split('&').filter((pair) => !SECRET_QUERY.test(pair.split('=')[0]));
  return kept?.length ? `${address}?${kept.join('&')}` : address;
}
