import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ZipPart, zipOf } from '../../test/wheels.js';
import { openZip } from './zip.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'synclr-zip-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const LIMITS = { files: 10, bytes: 1e6 };

/** Reads all of an archive. */
async function read(bytes: Uint8Array): Promise<Record<string, string>> {
  const path = join(dir, 'a.zip');
  writeFileSync(path, bytes);
  const found: Record<string, string> = {};
  await openZip(path, LIMITS, async (files) => {
    for (const file of files) {
      let text = '';
      for await (const part of await file.read()) text += part;
      found[`${file.path}${file.isExecutable ? ' x' : ''}`] = text;
    }
  });
  return found;
}

test('files of an archive come with their bytes and their right to be run', async () => {
  const parts: ZipPart[] = [
    { name: 'a/', mode: 0o040755 },
    { name: 'a/b.txt', data: 'hello' },
    { name: 'a/tool', data: 'x'.repeat(70_000), mode: 0o100755 },
    { name: 'ünï.txt' },
  ];
  expect(await read(zipOf(parts))).toEqual({ 'a/b.txt': 'hello', 'a/tool x': 'x'.repeat(70_000), 'ünï.txt': '' });
});

describe('an archive is refused as a whole for', () => {
  const cases: Record<string, [parts: ZipPart[], says: RegExp]> = {
    'a path that leads up': [[{ name: 'ok' }, { name: '../evil' }], /invalid relative path|leads elsewhere/],
    'a path that leads up later': [[{ name: 'a/../../evil' }], /invalid relative path|leads elsewhere/],
    'an absolute path': [[{ name: '/etc/evil' }], /absolute path|leads elsewhere/],
    'a drive': [[{ name: 'C:evil' }], /absolute path|no name that/],
    'a backslash': [[{ name: 'a\\..\\evil' }], /invalid characters|no name that/],
    'an empty part': [[{ name: 'a//b' }], /leads elsewhere/],
    'a name of a device on Windows': [[{ name: 'a/NUL.txt' }], /no name that every file system takes/],
    'a control character': [[{ name: 'a\u001b[2J' }], /no name that every file system takes/],
    'a name of endless length': [[{ name: `${'a/'.repeat(400)}b` }], /too long/],
    'a link': [[{ name: 'l', data: '/etc/passwd', mode: 0o120777 }], /is a link or a device/],
    'a pipe': [[{ name: 'p', mode: 0o010644 }], /is a link or a device/],
    'a folder that is a link': [[{ name: 'l/', mode: 0o120777 }], /is a link or a device/],
    'a name twice': [[{ name: 'a' }, { name: 'a' }], /in it twice/],
    'a name twice but for its case': [[{ name: 'a' }, { name: 'A' }], /in it twice/],
    'an encrypted file': [[{ name: 'a', flags: 1 }], /encrypted/],
    'too many files': [Array.from({ length: 11 }, (_, i) => ({ name: `f${i}` })), /11 files, more than 10/],
    'too many bytes': [
      [
        { name: 'a', claims: 900_000 },
        { name: 'b', claims: 200_000 },
      ],
      /more than 1000000 bytes/,
    ],
    'a file larger than it claims': [[{ name: 'a', data: 'x'.repeat(5000), claims: 10 }], /too many bytes/],
    'a file smaller than it claims': [[{ name: 'a', data: 'x', claims: 10 }], /not enough bytes/],
  };
  for (const [what, [parts, says]] of Object.entries(cases))
    test(what, async () => {
      await expect(read(zipOf(parts))).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(says),
      });
    });

  test('bytes that are no archive, and one that is cut off', async () => {
    const whole = zipOf([{ name: 'a', data: 'hello' }]);
    for (const bytes of [Buffer.from(''), Buffer.from('PK'), Buffer.alloc(5000), whole.subarray(0, whole.length - 9)])
      await expect(read(bytes)).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(/a\.zip is no sound zip archive: /),
      });
  });

  test('packed bytes that were changed', async () => {
    const whole = zipOf([{ name: 'a', data: 'hello hello hello' }]);
    whole.fill(0xff, 31, 36);
    await expect(read(whole)).rejects.toMatchObject({ name: 'UserError' });
  });
});

test('an error of whoever reads is its own', async () => {
  const path = join(dir, 'b.zip');
  writeFileSync(path, zipOf([{ name: 'a' }]));
  const failing = openZip(path, LIMITS, async () => {
    throw new TypeError('mine');
  });
  await expect(failing).rejects.toThrow(TypeError);
});
