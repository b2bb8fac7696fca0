import { statSync } from 'node:fs';
import { asUserError, UserError } from '../errors.js';
import { readText } from '../formats/json.js';
import type { Settings } from './schema.js';

/** Largest file that is taken for a key, bytes. */
const MOST_BYTES = 16_384;
/** Mode bit: everybody may read it. */
const WORLD_READABLE = 0o004;

/**
 * Settings with the keys of `runtime.writer.keyFile` and `runtime.painter.keyFile` in `key`, for whoever asks the servers; they are taken out again
 * before anything is stored (secrets.ts).
 * @param warn is told of a file that everybody may read
 * @throws UserError for a key given twice, and for a file that cannot be read or holds no key; never with the file's content
 */
export async function withKeys(settings: Settings, warn: (line: string) => void): Promise<Settings> {
  const { writer, painter } = settings.runtime;
  return {
    ...settings,
    runtime: {
      ...settings.runtime,
      writer: { ...writer, key: await keyOf('runtime.writer', writer, warn) },
      painter: { ...painter, key: await keyOf('runtime.painter', painter, warn) },
    },
  };
}

async function keyOf(
  group: string,
  { key, keyFile }: { key: string; keyFile: string },
  warn: (line: string) => void,
): Promise<string> {
  if (keyFile === '') return key;
  if (key !== '') throw new UserError(`${group}.key and ${group}.keyFile: give one of them`);
  const name = `${group}.keyFile ${keyFile}`;
  let text: string;
  try {
    text = (await readText(keyFile, MOST_BYTES)).trim();
    if (process.platform !== 'win32' && (statSync(keyFile).mode & WORLD_READABLE) !== 0)
      warn(`${name} may be read by everybody on this machine: chmod 600 ${keyFile}`);
  } catch (e) {
    const known = asUserError(e);
    if (!known) throw e;
    throw new UserError(`${group}.keyFile ${known.message}`);
  }
  if (text === '') throw new UserError(`${name}: it is empty, the key is to stand in it alone`);
  if (/[\r\n]/.test(text)) throw new UserError(`${name}: more than one line, the key is to stand in it alone`);
  return text;
}
