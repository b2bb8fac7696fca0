import type { Settings } from './schema.js';

/** Settings that are never written anywhere. */
export const SECRET_SETTINGS: readonly string[] = ['runtime.writer.key', 'runtime.painter.key'];

/** Settings as they may be stored: without keys, and addresses without passwords. */
export function withoutSecrets(s: Settings): Settings {
  const { writer, painter } = s.runtime;
  const bare = <T extends { url: string; key: string }>(server: T): T => ({
    ...server,
    key: '',
    url: withoutPassword(server.url),
  });
  return { ...s, runtime: { ...s.runtime, writer: bare(writer), painter: bare(painter) } };
}

/** A command line as it may be stored: without the values of keys and passwords in addresses. */
export function commandWithoutSecrets(line: string): string {
  const names = SECRET_SETTINGS.map((n) => n.replaceAll('.', '\\.')).join('|');
  return line
    .replace(new RegExp(`(--(?:${names})[ =])("(?:[^"\\\\]|\\\\.)*"|\\S+)`, 'g'), '$1…')
    .replace(/(\bhttps?:\/\/)[^\s/"@]+@/g, '$1');
}

function withoutPassword(url: string): string {
  return url.replace(/^(\s*https?:\/\/)[^/@]*@/, '$1');
}
