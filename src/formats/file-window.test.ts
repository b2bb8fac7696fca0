import { closeSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileWindow } from './file-window.js';

it('gives what lies in the file, forwards and backwards, and nothing beyond its end', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'synclr-window-')), 'f');
  const bytes = Buffer.from(Array.from({ length: 100 }, (_, i) => i));
  writeFileSync(file, bytes);
  const fd = openSync(file, 'r');
  const window = new FileWindow(fd, 16);
  for (const [place, length] of [
    [0, 4],
    [4, 12],
    [14, 4],
    [90, 10],
    [3, 16],
    [99, 1],
  ])
    expect(window.at(place, length), `${place}`).toEqual(bytes.subarray(place, place + length));
  for (const [place, length] of [
    [99, 2],
    [100, 1],
    [1e9, 4],
  ])
    expect(window.at(place, length)).toBeUndefined();
  expect(window.at(98, 2)).toEqual(bytes.subarray(98));
  closeSync(fd);
});
