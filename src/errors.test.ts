import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asUserError, codeOf, UserError } from './errors.js';

const dir = mkdtempSync(join(tmpdir(), 'synclr-errors-'));
const thrown = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (e) {
    return e;
  }
  return expect.fail('nothing was thrown');
};

test('what the operating system says becomes one line that names the path', async () => {
  const said = async (work: () => unknown) => asUserError(await thrown(work))?.message;
  const missing = join(dir, 'none', 'x');
  const file = join(dir, 'file');
  writeFileSync(file, '');
  expect(await said(() => readFileSync(missing))).toBe(`${missing}: no such file or folder (ENOENT)`);
  expect(await said(() => readFile(dir))).toMatch(/^a folder stands where a file is asked for/);
  expect(await said(() => mkdir(join(file, 'x')))).toMatch(/^.*file.x: a part of the path is a file, not a folder/);
  expect(await said(() => open(join(dir, 'n'.repeat(300)), 'w'))).toMatch(/the name is too long/);
  expect(await said(() => rename(missing, file))).toBe(`${missing} → ${file}: no such file or folder (ENOENT)`);
  expect(await said(() => readFile('a\0b'))).toBe('a path holds a null character, which no path can');
});

test('a full disk is one line even where the call names no file', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  expect(asUserError(full)).toBeInstanceOf(UserError);
  expect(asUserError(full)!.message).toMatch(/no space left on the disk: free some/);
  expect(codeOf(full)).toBe('ENOSPC');
});

test('what is our own stays our own', async () => {
  expect(asUserError(new TypeError('x is undefined'))).toBe(undefined);
  expect(asUserError('text')).toBe(undefined);
  expect(asUserError(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))).toBe(undefined);
  expect(asUserError(Object.assign(new Error('bad descriptor'), { code: 'EBADF' }))).toBe(undefined);
  expect(asUserError(await thrown(() => readFileSync(new URL('./no-such-part.js', import.meta.url))))).toBe(undefined);
  const own = new UserError('mine');
  expect(asUserError(own)).toBe(own);
});
