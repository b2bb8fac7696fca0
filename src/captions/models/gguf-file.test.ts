import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identifyGguf } from './gguf-file.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gguf-file-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** A file that begins as GGUF files do. */
const write = (name: string, byte: number, size = 100_000): string => {
  const path = join(dir, name);
  writeFileSync(path, Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(size, byte)]));
  return path;
};

describe('what identifies a GGUF file', () => {
  test('is its content, wherever it lies', async () => {
    const name = await identifyGguf(write('a.gguf', 1));
    expect(name).toMatch(/^a\.gguf@[0-9a-f]{12}$/);
    expect(await identifyGguf(write('a.gguf', 1))).toBe(name);
    expect(await identifyGguf(write('a.gguf', 2))).not.toBe(name);
    expect(await identifyGguf(write('a.gguf', 1, 100_001))).not.toBe(name);
  });

  test('of a split model is that of all parts', async () => {
    const first = write('b-00001-of-00002.gguf', 1);
    const second = write('b-00002-of-00002.gguf', 2);
    const name = await identifyGguf(first);
    write('b-00002-of-00002.gguf', 3);
    expect(await identifyGguf(first)).not.toBe(name);
    rmSync(second);
    await expect(identifyGguf(first)).rejects.toThrow(/there is no file .*b-00002-of-00002\.gguf/);
  });
});
