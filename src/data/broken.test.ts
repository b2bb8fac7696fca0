import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataFolder } from '../../test/data-fixture.js';
import { Rng } from '../rng.js';
import { centred } from '../views/eval.js';
import { decodePicture } from './decode.js';
import { decodeSplit, keyOf } from './decode-split.js';
import { listKinds } from './sets/index.js';
import { parseEvalSpec } from './spec.js';

const { signal } = new AbortController();

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

describe('pictures of all kinds', () => {
  const red = { r: 200, g: 10, b: 10 };
  const plain = (width = 6, height = 6) => sharp({ create: { width, height, channels: 3, background: red } });

  test('16 bits, CMYK, palette, alpha, EXIF, 1 × 1, grey: as what they show; broken ones are counted and named', async () => {
    const files: Record<string, Buffer> = {
      'alpha.png': await sharp({ create: { width: 6, height: 6, channels: 4, background: { ...red, alpha: 1 } } })
        .png()
        .toBuffer(),
      'cmyk.jpg': await plain().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
      'deep.png': await plain().toColourspace('rgb16').png().toBuffer(),
      'exif.jpg': await plain(6, 9).jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toBuffer(),
      'one.png': await plain(1, 1).png().toBuffer(),
      'palette.png': await plain().png({ palette: true, colours: 2 }).toBuffer(),
      'thin.png': await plain(1, 40).png().toBuffer(),
      'wide.webp': await plain(300, 2).webp({ lossless: true }).toBuffer(),
    };
    const random = Rng.of(7, 'noise');
    const noise = sharp(Buffer.from(Array.from({ length: 3072 }, () => random.int(256))), {
      raw: { width: 32, height: 32, channels: 3 },
    });
    const broken: Record<string, Buffer> = {
      'cut.jpg': (await noise.clone().jpeg().toBuffer()).subarray(0, 700),
      'cut.png': (await noise.clone().png().toBuffer()).subarray(0, 700),
      'empty.png': Buffer.alloc(0),
      'page.jpg': Buffer.from('<!doctype html><p>not found'),
    };
    for (const [name, bytes] of Object.entries({ ...files, ...broken })) data.put(`train/a/${name}`, bytes);
    await data.pictures('train/b/1.png', 'test/a/2.png', 'test/b/3.png');
    const set = await data.open();
    const seen: string[] = [];
    const left: string[] = [];
    const look = centred(4);
    for await (const { pixels, index, leftOut } of decodeSplit(set.train, { looks: [look], signal })) {
      const values = pixels.get(keyOf(look))!;
      for (const [row, i] of index.entries()) {
        const name = set.train.nameOf(i);
        seen.push(name);
        if (!name.startsWith('train/a/')) continue;
        const middle = [0, 1, 2].map((c) => Math.round(255 * values[row * 48 + c * 16 + 5]));
        expect(middle[0], name).toBeGreaterThan(170);
        expect(Math.max(middle[1], middle[2]), name).toBeLessThan(60);
      }
      left.push(...leftOut.map((s) => s.name));
    }
    expect(seen).toEqual([...Object.keys(files).map((f) => `train/a/${f}`), 'train/b/1.png']);
    expect(left.sort()).toEqual(Object.keys(broken).map((f) => `train/a/${f}`));
    const turned = [...set.train.labels.keys()].find((i) => set.train.nameOf(i) === 'train/a/exif.jpg')!;
    expect(await decodePicture(set.train, turned)).toMatchObject({ width: 9, height: 6 });
  });

  test('a file that goes away while it is read is left out, not the end', async () => {
    await data.pictures('train/a/1.png', 'train/a/2.png', 'train/b/3.png', 'test/a/4.png');
    const set = await data.open();
    const { rmSync } = await import('node:fs');
    rmSync(join(data.dir, 'train/a/2.png'));
    for await (const { index, leftOut } of decodeSplit(set.train, { looks: [centred(2)], signal })) {
      expect(index).toEqual([0, 2]);
      expect(leftOut).toEqual([{ name: 'train/a/2.png', why: 'cannot be read (ENOENT)' }]);
    }
  });

  test('decoding stops when it is asked to', async () => {
    for (let i = 0; i < 20; i++) await data.pictures(`train/${i % 2}/${i}.png`, `test/${i % 2}/${i}.png`);
    const set = await data.open();
    const stop = new AbortController();
    const run = async () => {
      for await (const _ of decodeSplit(set.train, { looks: [centred(2)], signal: stop.signal, most: 2 })) stop.abort();
    };
    await expect(run()).rejects.toThrow('stopped while decoding pictures');
  });
});

describe('empty classes and splits', () => {
  test('a class without pictures is no class, a side without any is refused', async () => {
    await data.pictures('train/a/1.png', 'train/b/2.png', 'test/a/3.png');
    mkdirSync(join(data.dir, 'train/hollow'));
    const set = await data.open();
    expect(set.classes).toEqual(['a', 'b']);
    expect(set.remarks.join()).toContain('hollow');
    expect(set.remarks.join()).toContain('no test images of b');
    const { rmSync } = await import('node:fs');
    rmSync(join(data.dir, 'test/a/3.png'));
    expect(await data.refused()).toContain(join(data.dir, 'test'));
  });

  test('of lists: an empty validation list, an empty test list, an empty class', async () => {
    data.put('images_variant_train.txt', '1 a\n2 b\n');
    data.put('variants.txt', 'a\nb\nhollow\n');
    data.put('images_variant_val.txt', '');
    data.put('images_variant_test.txt', '3 a\n');
    await data.pictures('images/1.jpg', 'images/2.jpg', 'images/3.jpg');
    const set = await data.open();
    expect(set.val).toBeUndefined();
    expect(set.remarks).toEqual([
      'data set set: the validation split is empty: a part of the training images takes its place',
      'data set set: no training images of hollow',
      'data set set: no test images of b, hollow',
    ]);
    data.put('images_variant_test.txt', '\n');
    expect(await data.refused()).toContain('no test images in');
    data.put('variants.txt', 'a\n');
    data.put('images_variant_train.txt', '1 a\n');
    data.put('images_variant_test.txt', '3 a\n');
    expect(await data.refused()).toContain('only one class (a)');
  });
});

test('flags: a folder, with a name, with a kind, from the hub', () => {
  expect(parseEvalSpec('data/pets')).toEqual({ dir: 'data/pets' });
  expect(parseEvalSpec('cifar10=data/c')).toEqual({ name: 'cifar10', dir: 'data/c' });
  expect(parseEvalSpec('voc2007:/data/VOCdevkit')).toEqual({ kind: 'voc2007', dir: '/data/VOCdevkit' });
  expect(parseEvalSpec('mine=parquet:hf:o/n')).toEqual({ name: 'mine', kind: 'parquet', dir: 'hf:o/n' });
  expect(parseEvalSpec('hf:o/n')).toEqual({ dir: 'hf:o/n' });
  expect(parseEvalSpec('a=C:/data')).toEqual({ name: 'a', dir: 'C:/data' });
  expect(parseEvalSpec('data/a=b/c')).toEqual({ dir: 'data/a=b/c' });
  expect(() => parseEvalSpec('a=')).toThrow('no folder');
  expect(() => parseEvalSpec('a=cifar11:x')).toThrow('did you mean cifar10');
  expect(() => parseEvalSpec('.x=dir')).toThrow('a name has letters');
});

test('a name that the registry knows gives folders its metric and citation', async () => {
  for (const f of ['train/a/1', 'train/b/2', 'test/a/3', 'test/b/4']) await data.pictures(`${f}.png`);
  expect(await data.open({ name: 'Oxford-Pets' })).toMatchObject({ kind: 'folder', metric: 'mean per class' });
  expect((await data.open({ name: 'oxford-pets' })).citation).toContain('Parkhi');
  expect((await data.open({ name: 'oxford-pets', kind: 'folder' })).metric).toBe('mean per class');
  expect(await data.open({ name: 'voc2007' })).toMatchObject({ kind: 'folder', task: 'single', metric: 'top-1' });
  expect((await data.open({ name: 'mine' })).citation).toBeUndefined();
});

test('every kind that is asked for in an empty folder says what is missing and where it is had', async () => {
  data.put('readme.txt', '');
  for (const { name, title, home } of listKinds()) {
    const said = await data.refused({ kind: name });
    expect(said, name).toContain(data.dir);
    expect(said, name).not.toMatch(/\*[^;]* is missing/);
    if (home) expect(said, name).toContain(`${title} is had at ${home}`);
    expect(await data.refused({ name }), name).toContain(home ?? data.dir);
  }
});

test('every kind says what the docs need, under names that mean one thing', () => {
  const plain = (name: string) => name.toLowerCase().replace(/[\s_-]/g, '');
  const names = listKinds().flatMap((k) => [...new Set([k.name, ...(k.alias ?? [])].map(plain))]);
  expect(names.length).toBe(new Set(names).size);
  for (const k of listKinds()) {
    expect(k.splits && k.layout && k.title, k.name).toBeTruthy();
    if (k.citation) expect(k.home, k.name).toMatch(/^https?:\/\//);
  }
});
