import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import { withKeys } from './key-files.js';
import { settingsSchema } from './schema.js';
import { withoutSecrets } from './secrets.js';

const dir = mkdtempSync(join(tmpdir(), 'synclr-keys-'));
afterAll(() => rmSync(dir, { recursive: true }));

const file = (name: string, text: string | Uint8Array, mode = 0o600) => {
  const path = join(dir, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
const open = async (keyFile: string, key = '') => {
  const warnings: string[] = [];
  const settings = settingsSchema.parse({ runtime: { writer: { keyFile, key } } });
  return { settings: await withKeys(settings, (line) => warnings.push(line)), warnings };
};

it('a key is read from its file, without the line’s end', async () => {
  const path = file('key', '\uFEFF  user:two words \r\n');
  const { settings, warnings } = await open(path);
  expect(settings.runtime.writer.key).toBe('user:two words');
  expect(settings.runtime.painter.key).toBe('');
  expect(warnings).toEqual([]);
  expect(withoutSecrets(settings).runtime.writer).toMatchObject({ key: '', keyFile: path });
});

it('a file that everybody may read is warned of', async () => {
  const path = file('open', 'sk-1\n', 0o644);
  expect((await open(path)).warnings).toEqual([
    `runtime.writer.keyFile ${path} may be read by everybody on this machine: chmod 600 ${path}`,
  ]);
});

it.each<[string, () => string, RegExp]>([
  ['missing', () => join(dir, 'none'), /^runtime\.writer\.keyFile .*none: no such file or folder \(ENOENT\)$/],
  ['a folder', () => dir, /^runtime\.writer\.keyFile .*: not a file$/],
  ['empty', () => file('empty', ' \n'), /empty: it is empty, the key is to stand in it alone$/],
  [
    'of several lines',
    () => file('lines', 'SECRET\nSECRET\n'),
    /lines: more than one line, the key is to stand in it alone$/,
  ],
  ['no text', () => file('bytes', Buffer.from([0x53, 0xff, 0xfe])), /bytes is not UTF-8 text$/],
  ['too large', () => file('large', 'SECRET'.repeat(10_000)), /60000 bytes are more than such a file can have/],
])('a file that is %s is refused by name', async (_, path, message) => {
  const error = await open(path()).then(
    () => undefined,
    (e: unknown) => e as Error,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error!.message).toMatch(message);
  expect(error!.message).not.toContain('SECRET');
});

it('a key given twice is refused', async () => {
  await expect(open(file('twice', 'sk-1'), 'SECRET')).rejects.toThrow(
    'runtime.writer.key and runtime.writer.keyFile: give one of them',
  );
});
