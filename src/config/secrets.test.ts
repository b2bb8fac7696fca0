import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { getPath, resolveSettings } from './resolve.js';
import { settingsSchema } from './schema.js';
import { bareAddress, SECRET_SETTINGS, shownValue, withoutSecrets } from './secrets.js';

const seed = testSeed('secrets.test.ts');

describe('what is stored of a run', () => {
  test('has no keys, and no passwords in addresses', () => {
    const settings = settingsSchema.parse({
      runtime: {
        writer: { key: 'sk-123', url: 'http://me:secret@host:8000/v1' },
        painter: { key: 'sk-456', url: 'https://host/v1' },
      },
    });
    const stored = withoutSecrets(settings);
    for (const path of SECRET_SETTINGS) expect(getPath(stored, path)).toBe('');
    expect(stored.runtime.writer.url).toBe('http://host:8000/v1');
    expect(stored.runtime.painter.url).toBe('https://host/v1');
    expect(JSON.stringify(stored)).not.toMatch(/sk-|secret/);
    expect(settings.runtime.writer.key).toBe('sk-123');
  });

  test.each([
    ['http://host:8000/v1', 'http://host:8000/v1'],
    ['host:8000/v1', 'host:8000/v1'],
    ['http://[::1]:8000/v1', 'http://[::1]:8000/v1'],
    ['https://host/a@b', 'https://host/a@b'],
    ['https://host/v1?api-version=2024-10-21', 'https://host/v1?api-version=2024-10-21'],
    ['', ''],
    ['http://me:SECRET@host:8000/v1', 'http://host:8000/v1'],
    ['HTTPS://me:SECRET@host/v1', 'HTTPS://host/v1'],
    [' \thttp://me:SECRET@host/v1 ', 'http://host/v1'],
    ['http://me:SEC@RET@host/v1', 'http://host/v1'],
    ['http:/me:SECRET@host/v1', 'http:/host/v1'],
    ['http:\\\\me:SECRET@host\\v1', 'http:\\\\host\\v1'],
    ['http:me:SECRET@host', 'http:host'],
    ['//me:SECRET@host/v1', '//host/v1'],
    ['me:SECRET@host:80', 'host:80'],
    ['SECRET@host', 'host'],
    ['htp://me:SECRET@host', 'htp://host'],
    ['http://me:SEC/RET@host', 'http://…'],
    ['http://me:SEC?RET@host', 'http://…'],
    ['http://me:SEC#RET@host', 'http://…'],
    ['http://me:12/SECRET@host', 'http://…'],
    ['http://SECRET?@host', 'http://…'],
    ['http://me:SECRET%40host', 'http://…'],
    ['https://host/v1?api-version=2&api-key=SECRET', 'https://host/v1?api-version=2'],
    ['https://host/v1?token=SECRET', 'https://host/v1'],
    ['https://host/v1?pw=SECRET&x=SECRET', 'https://host/v1'],
    ['https://host/v1?SECRET', 'https://host/v1'],
    ['https://host/v1?model=SECRET with blanks', 'https://host/v1'],
    ['https://host/v1#token=SECRET', 'https://host/v1'],
  ])('of the address %s is %s', (url, stored) => {
    const settings = settingsSchema.parse({ runtime: { writer: { url } } });
    expect(withoutSecrets(settings).runtime.writer.url).toBe(stored);
    expect(shownValue('runtime.painter.url', url)).toBe(stored);
    expect(bareAddress(stored)).toBe(stored);
  });

  test('nothing of a random password remains, whatever it is made of', () => {
    const rng = Rng.of(seed);
    const alphabet = [...'ab19 :/\\?#@%&="\'$é猫[]+.-'];
    for (let i = 0; i < 2000; i++) {
      const inner = Array.from({ length: 1 + rng.int(12) }, () => rng.pick(alphabet)).join('');
      const secret = `Q${inner}Q`;
      for (const form of [
        `http://u:${secret}@host:8000/v1`,
        `//u:${secret}@host`,
        `u:${secret}@host`,
        `http:/u:${secret}@h`,
      ]) {
        const stored = bareAddress(form);
        expect(stored, form).not.toContain('Q');
      }
      expect(bareAddress(`https://host/v1?key=${secret}`), secret).not.toContain('Q');
      expect(bareAddress(`https://host/v1#${secret}`), secret).not.toContain('Q');
    }
  });
});

describe('a settings file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'synclr-secrets-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const refusal = (content: unknown): string => {
    const file = join(dir, 'settings.json');
    writeFileSync(file, JSON.stringify(content));
    try {
      resolveSettings({ file });
    } catch (e) {
      return (e as Error).message;
    }
    return 'accepted';
  };

  it('with an address of the wrong form is refused without the address', () => {
    for (const url of [['http://u:PW@h'], { a: 'http://u:PW@h' }])
      expect(refusal({ runtime: { writer: { url } } })).toBe('runtime.writer.url: expected a text');
  });

  it('with dots in place of groups is told how to write them', () => {
    expect(refusal({ 'runtime.writer.key': 'PW' })).toMatch(
      /^"runtime.writer.key" in .*: a file has groups in place of dots: \{"runtime": \{"writer": \{"key": …\}$/,
    );
  });

  it.skipIf(process.platform === 'win32')('that is a pipe or a device is not waited for', () => {
    const pipe = join(dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const file of [pipe, '/dev/zero'])
      expect(() => resolveSettings({ file })).toThrow(`${file} is no file: settings are read from a JSON file`);
  });
});
