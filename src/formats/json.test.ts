import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { checked, parseJson, readJson, readJsonAs, textOf } from './json.js';

const dir = mkdtempSync(join(tmpdir(), 'synclr-json-'));
const put = (name: string, data: string | Uint8Array): string => {
  writeFileSync(join(dir, name), data);
  return join(dir, name);
};

test('a byte-order mark is no part of a file', async () => {
  expect(await readJson(put('bom.json', '\ufeff{"a":1}'))).toEqual({ a: 1 });
  expect(parseJson('\ufeff[]', 'x')).toEqual([]);
});

test('what is no JSON is named in one line', async () => {
  const said = async (data: string | Uint8Array) => {
    const e: unknown = await readJson(put('bad.json', data)).catch((thrown) => thrown);
    expect(e).toBeInstanceOf(UserError);
    return (e as UserError).message.replace(dir, 'DIR');
  };
  expect(await said('{"a":')).toMatch(/^DIR.bad\.json is not JSON: /);
  expect(await said('')).toMatch(/is not JSON: it is empty$/);
  expect(await said(Buffer.from('\ufeff{}', 'utf16le'))).toMatch(/is UTF-16: save it as UTF-8$/);
  expect(await said(Buffer.from([0x22, 0xff, 0x22]))).toMatch(/is not UTF-8 text$/);
  expect(await said(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toMatch(/nested more than 200 deep$/);
  mkdirSync(join(dir, 'folder'), { recursive: true });
  await expect(readJson(join(dir, 'folder'))).rejects.toThrow(/not a file/);
  await expect(readJson(put('large.json', '[1,2,3]'), 4)).rejects.toThrow(/7 bytes are more than such a file can have/);
});

test('brackets in strings are no nesting', () => {
  const text = `${'['.repeat(300)}"\\`;
  expect(parseJson(JSON.stringify({ text }), 'x')).toEqual({ text });
});

test('any JSON value is text to someone', () => {
  expect(['a', 1, null, ['b'], { toString: null }].map(textOf)).toEqual([
    'a',
    '1',
    'null',
    '["b"]',
    '{"toString":null}',
  ]);
  expect(textOf(undefined)).toBe('undefined');
});

test.skipIf(process.platform === 'win32')('a pipe that nobody writes into is not waited for', async () => {
  const pipe = join(dir, 'pipe.json');
  execFileSync('mkfifo', [pipe]);
  await expect(readJson(pipe)).rejects.toThrow(/pipe\.json: not a file$/);
  await expect(readJson('/dev/zero')).rejects.toThrow(/zero: not a file$/);
});

test.skipIf(process.platform === 'win32')('a shell’s pipe is read to its end', () => {
  const module = new URL('../../dist/formats/json.js', import.meta.url).href;
  const script = `import('${module}').then((m) => m.readJson('/dev/stdin', 99)).then(console.log, (e) => console.log(e.message))`;
  const said = (text: string) =>
    execFileSync('sh', ['-c', `printf '%s' '${text}' | '${process.execPath}' -e "${script}"`], { encoding: 'utf8' });
  expect(said('[1, 2]')).toBe('[ 1, 2 ]\n');
  expect(said(`[${'1,'.repeat(99)}1]`)).toBe('/dev/stdin: more than the 99 bytes that such a file can have\n');
});

test('a wrong form is named with its place', async () => {
  const schema = z.object({ list: z.array(z.object({ n: z.int() })) });
  const file = put('form.json', '{"list":[{"n":1},{"n":"two"}]}');
  await expect(readJsonAs(file, schema)).rejects.toThrow(/form\.json: list\.1\.n: /);
  expect(checked({ list: [] }, schema, 'x')).toEqual({ list: [] });
  expect(() => checked(7, schema, 'the answer')).toThrow(/^the answer: /);
});
