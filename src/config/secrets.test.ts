import { describe, expect, test } from 'vitest';
import { getPath } from './resolve.js';
import { settingsSchema } from './schema.js';
import { commandWithoutSecrets, SECRET_SETTINGS, withoutSecrets } from './secrets.js';

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
    ['http://me:se@cret@host:8000/v1', 'http://host:8000/v1'],
    ['HTTPS://me:secret@host/v1', 'HTTPS://host/v1'],
    ['https://host/v1?api-version=2&api-key=secret', 'https://host/v1?api-version=2'],
    ['https://host/v1?token=secret', 'https://host/v1'],
    ['https://host/a@b', 'https://host/a@b'],
    ['', ''],
  ])('of the address %s is %s', (url, stored) => {
    const settings = settingsSchema.parse({ runtime: { writer: { url } } });
    expect(withoutSecrets(settings).runtime.writer.url).toBe(stored);
    if (url) expect(commandWithoutSecrets(`--writer-url ${url} --seed 3`)).toBe(`--writer-url ${stored} --seed 3`);
  });

  test('nor has the command line', () => {
    expect(
      commandWithoutSecrets(
        'synclr run --runtime.writer.key sk-1 --runtime.painter.key="a b" --writer-url http://u:p@h:1/v1 --seed 3',
      ),
    ).toBe('synclr run --runtime.writer.key … --runtime.painter.key=… --writer-url http://h:1/v1 --seed 3');
  });
});
