import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import { openDataset } from './datasets.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'synclr-datasets-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Files are listed, not decoded. */
function files(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), name);
  }
}

async function refused(): Promise<string> {
  const e = await openDataset('set', dir).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(e).toBeInstanceOf(UserError);
  const { message } = e as UserError;
  expect(message).not.toContain('\n');
  expect(message).toContain(dir);
  return message;
}

describe('an image folder', () => {
  it('lists classes in order, and files of any image ending below them', async () => {
    files(
      'train/zebra/1.jpg',
      'train/ant/2.PNG',
      'train/ant/deeper/3.webp',
      'train/ant/notes.txt',
      'train/ant/._2.PNG',
    );
    files('test/zebra/4.jpeg', 'README.md');
    const d = await openDataset('set', dir);
    expect(d.classes).toEqual(['ant', 'zebra']);
    expect(d.train.map((s) => [s.file, s.label])).toEqual([
      ['train/ant/2.PNG', 0],
      ['train/ant/deeper/3.webp', 0],
      ['train/zebra/1.jpg', 1],
    ]);
    expect(d.test.map((s) => [s.file, s.label])).toEqual([['test/zebra/4.jpeg', 1]]);
    expect(d.split).toBe('test');
  });

  it('takes val where there is no test', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg', 'val/a/1.jpg');
    expect((await openDataset('set', dir)).split).toBe('val');
  });

  it('without a split of its own is split by the hash of names, class by class', async () => {
    files(...Array.from({ length: 20 }, (_, i) => `a/${i}.jpg`));
    files(...Array.from({ length: 3 }, (_, i) => `b/${i}.jpg`), 'c/only.jpg');
    const d = await openDataset('set', dir);
    expect(d.split).toBe('hash');
    const count = (part: typeof d.train, c: number) => part.filter((s) => s.label === c).length;
    expect([0, 1, 2].map((c) => count(d.test, c))).toEqual([4, 1, 0]);
    expect([0, 1, 2].map((c) => count(d.train, c))).toEqual([16, 2, 1]);
    // Nothing is in both; a second look finds the same.
    expect(new Set([...d.train, ...d.test].map((s) => s.file)).size).toBe(24);
    expect(await openDataset('set', dir)).toEqual(d);
  });

  it('has a key that changes with its files', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg', 'test/a/1.jpg');
    const before = (await openDataset('set', dir)).hash;
    expect((await openDataset('set', dir)).hash).toBe(before);
    writeFileSync(join(dir, 'train/b/1.jpg'), 'something longer than before');
    expect((await openDataset('set', dir)).hash).not.toBe(before);
  });
});

describe('what cannot be probed is refused in one line', () => {
  it('a missing folder', async () => {
    rmSync(dir, { recursive: true });
    expect(await refused()).toContain('no such folder');
    mkdirSync(dir);
  });
  it('a folder without images', async () => {
    files('train/a/notes.txt', 'test/a/notes.txt');
    expect(await refused()).toContain('no images');
  });
  it('an empty folder', async () => {
    expect(await refused()).toContain('no images');
  });
  it('a single class', async () => {
    files('train/a/1.jpg', 'test/a/1.jpg');
    expect(await refused()).toMatch(/only one class \(a\)/);
  });
  it('a test class that training does not have', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg', 'test/a/1.jpg', 'test/c/1.jpg');
    expect(await refused()).toMatch(/test\/c is a class that train\/ has no images of; training has: a, b/);
  });
  it('half a split', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg');
    expect(await refused()).toContain('neither test nor val');
    rmSync(join(dir, 'train'), { recursive: true });
    files('test/a/1.jpg');
    expect(await refused()).toContain('no train');
  });
  it('a test folder without images', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg', 'test/a/1.txt');
    expect(await refused()).toContain('no images in');
  });
});
