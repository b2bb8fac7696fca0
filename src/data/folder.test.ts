import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { colourOf, DataFolder, listed } from '../../test/data-fixture.js';
import { centred } from '../views/eval.js';
import { decodeSplit, keyOf } from './decode-split.js';

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

const FILES = ['train/b/1.png', 'train/a/2.png', 'valid/a/3.png', 'valid/b/4.png', 'Test/a/5.png', 'Test/b/6.png'];

test('an image folder with three sides has all three, and a metric by its name', async () => {
  await data.pictures(...FILES);
  await using set = await data.open({ name: 'pets' });
  expect(set).toMatchObject({ name: 'pets', kind: 'folder', task: 'single', classes: ['a', 'b'], remarks: [] });
  expect(listed(set.train)).toEqual([
    ['train/a/2.png', 0],
    ['train/b/1.png', 1],
  ]);
  expect(listed(set.val!)).toEqual([
    ['valid/a/3.png', 0],
    ['valid/b/4.png', 1],
  ]);
  expect(listed(set.test)).toEqual([
    ['Test/a/5.png', 0],
    ['Test/b/6.png', 1],
  ]);
});

test('without a side of its own for tests, validation images are tested on', async () => {
  await data.pictures(...FILES.slice(0, 4));
  const set = await data.open();
  expect(set.val).toBeUndefined();
  expect(listed(set.test).map(([f]) => f)).toEqual(['valid/a/3.png', 'valid/b/4.png']);
});

test('where nobody made a split a fifth of every class is test, and that is said', async () => {
  await data.pictures(...Array.from({ length: 10 }, (_, i) => `${i % 2 === 0 ? 'a' : 'b'}/${i}.png`));
  const set = await data.open();
  expect([set.train.length, set.test.length]).toEqual([8, 2]);
  expect(set.remarks).toEqual(['data set set: no test images: a fifth of every class, by a hash of their names']);
});

test('a class that only validation has is refused by name', async () => {
  await data.pictures(...FILES, 'valid/zebra/7.png');
  expect(await data.refused()).toContain('valid/zebra is a class that train/ has no images of');
});

test('pictures come in order, the same whatever the batch; broken ones are named and left out', async () => {
  await data.pictures(...FILES, 'train/a/7.png', 'train/b/8.png');
  data.put('train/a/5 broken.png', 'nothing');
  data.put('train/b/9 empty.jpg', '');
  const set = await data.open();
  const { signal } = new AbortController();
  const look = centred(2);
  for (const most of [1, 3, 100]) {
    const index: number[] = [];
    const skipped: string[] = [];
    for await (const batch of decodeSplit(set.train, { looks: [look], signal, most })) {
      const pixels = batch.pixels.get(keyOf(look))!;
      expect(pixels.length).toBe(batch.index.length * 12);
      for (const [row, i] of batch.index.entries())
        for (const [c, value] of colourOf(set.train.nameOf(i)).entries())
          expect(Math.abs(pixels[row * 12 + c * 4] - value / 255)).toBeLessThan(1e-6);
      index.push(...batch.index);
      skipped.push(...batch.leftOut.map((s) => `${s.name}: ${s.why}`));
    }
    expect(index).toEqual([0, 2, 3, 4]);
    expect(skipped).toEqual(['train/a/5 broken.png: no picture by its content', 'train/b/9 empty.jpg: an empty file']);
  }
  const some: number[] = [];
  for await (const batch of decodeSplit(set.train, { looks: [look], signal, only: [4, 1, 0] }))
    some.push(...batch.index);
  expect(some).toEqual([4, 0]);
});

test('the key changes with names, sizes, times and nothing else', async () => {
  await data.pictures(...FILES);
  const { hash } = await data.open();
  expect((await data.open({ name: 'other' })).hash).toBe(hash);
  const file = join(data.dir, FILES[0]);
  utimesSync(file, 1, 1);
  const timed = (await data.open()).hash;
  expect(timed).not.toBe(hash);
  writeFileSync(file, 'longer than before, and no picture any more');
  utimesSync(file, 1, 1);
  const sized = (await data.open()).hash;
  expect([hash, timed]).not.toContain(sized);
  await data.pictures('train/a/another.png');
  expect([hash, timed, sized]).not.toContain((await data.open()).hash);
});
