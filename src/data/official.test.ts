import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataFolder, listed } from '../../test/data-fixture.js';
import { matlab } from '../../test/mat-writer.js';

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

const drop = (file: string) => rmSync(join(data.dir, file), { recursive: true });

describe('FGVC-Aircraft', () => {
  const at = 'fgvc-aircraft-2013b/data';
  async function aircraft(): Promise<void> {
    data.put(`${at}/variants.txt`, '707-320\nCessna 172\n');
    data.put(`${at}/images_variant_train.txt`, '0000001 707-320\n0000002 Cessna 172\n');
    data.put(`${at}/images_variant_val.txt`, '0000003 Cessna 172\n');
    data.put(`${at}/images_variant_test.txt`, '0000004 707-320\n0000005 Cessna 172\n');
    for (let i = 1; i <= 5; i++) await data.pictures(`${at}/images/000000${i}.jpg`);
  }

  test('by variants, with the official validation split', async () => {
    await aircraft();
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'aircraft', metric: 'mean per class', classes: ['707-320', 'Cessna 172'] });
    expect(listed(set.train)).toEqual([
      ['images/0000001.jpg', 0],
      ['images/0000002.jpg', 1],
    ]);
    expect(listed(set.val!)).toEqual([['images/0000003.jpg', 1]]);
    expect([...set.test.labels]).toEqual([0, 1]);
    expect(set.citation).toContain('Maji');
    // The same labels written anew, and what else lies about, change nothing; a label does.
    data.put(`${at}/images_variant_val.txt`, '0000003   Cessna 172\r\n\r\n');
    data.put(`${at}/notes.txt`, 'mine');
    expect((await data.open()).hash).toBe(set.hash);
    data.put(`${at}/images_variant_val.txt`, '0000003 707-320\n');
    expect((await data.open()).hash).not.toBe(set.hash);
  });

  test('a missing file is named, with where it is had; a picture that is not there is left out', async () => {
    await aircraft();
    drop(`${at}/images/0000004.jpg`);
    const set = await data.open();
    expect(listed(set.test)).toEqual([['images/0000005.jpg', 1]]);
    expect(set.remarks).toContain(
      'data set set: 1 of 2 files that images_variant_test.txt names is not there and left out: images/0000004.jpg',
    );
    drop(`${at}/images_variant_val.txt`);
    expect(await data.refused()).toMatch(
      /images_variant_val\.txt is missing; FGVC-Aircraft is had at https:\/\/www\.robots\.ox\.ac\.uk\/~vgg\/data\/fgvc-aircraft\//,
    );
    data.put(`${at}/images_variant_val.txt`, '0000003 Concorde\n');
    expect(await data.refused()).toContain('"0000003 Concorde": Concorde is not in variants.txt');
    data.put(`${at}/images_variant_val.txt`, '../../../etc/passwd Cessna 172\n');
    expect(await data.refused()).toContain('which leads elsewhere');
    drop(`${at}/images`);
    data.put(`${at}/images_variant_val.txt`, '');
    expect(await data.refused()).toContain('and so are all 2 files that images_variant_train.txt names');
  });

  test('named, where nothing of it is there', async () => {
    data.put('other.txt', '');
    expect(await data.refused({ kind: 'aircraft' })).toMatch(
      /images_variant_train\.txt is missing; FGVC-Aircraft is had/,
    );
  });
});

describe('Stanford Cars', () => {
  const NAMES = ['AM General Hummer SUV 2000', 'Ram C/V Cargo Van Minivan 2012'];

  test('the archives in two folders, packed or not', async () => {
    for (const packed of [false, true]) {
      const rows = (names: string[], classes: number[]) => ({
        annotations: { structs: names.map((fname, i) => ({ bbox_x1: [39], class: [classes[i]], fname })) },
      });
      data.put('stanford_cars/devkit/cars_meta.mat', matlab({ class_names: { cells: NAMES } }, packed));
      data.put('stanford_cars/devkit/cars_train_annos.mat', matlab(rows(['00001.jpg', '00002.jpg'], [2, 1]), packed));
      data.put('stanford_cars/cars_test_annos_withlabels.mat', matlab(rows(['00001.jpg'], [2]), packed));
      for (const f of ['cars_train/00001', 'cars_train/00002', 'cars_test/00001'])
        await data.pictures(`stanford_cars/${f}.jpg`);
      const set = await data.open();
      expect(set).toMatchObject({ kind: 'cars', metric: 'top-1', classes: NAMES });
      expect(listed(set.train)).toEqual([
        ['cars_train/00001.jpg', 1],
        ['cars_train/00002.jpg', 0],
      ]);
      expect(listed(set.test)).toEqual([['cars_test/00001.jpg', 1]]);
    }
    drop('stanford_cars/cars_test_annos_withlabels.mat');
    expect(await data.refused()).toContain('cars_test_annos_withlabels.mat is missing');
  });

  test('one folder with one list', async () => {
    const row = (k: number, label: number, isTest: number) => ({
      relative_im_path: `car_ims/00000${k}.jpg`,
      class: [label],
      test: [isTest],
    });
    data.put(
      'cars_annos.mat',
      matlab({ annotations: { structs: [row(1, 1, 0), row(2, 2, 0), row(3, 2, 1)] }, class_names: { cells: NAMES } }),
    );
    for (const k of [1, 2, 3]) await data.pictures(`car_ims/00000${k}.jpg`);
    const set = await data.open();
    expect([...set.train.labels]).toEqual([0, 1]);
    expect(listed(set.test)).toEqual([['car_ims/000003.jpg', 1]]);
  });

  test('tables, with a folder a class', async () => {
    data.put('anno_train.csv', '00001.jpg,39,116,569,375,2\n00002.jpg,1,2,3,4,1\n');
    data.put('anno_test.csv', '00001.jpg,39,116,569,375,1\n');
    data.put('names.csv', `${NAMES.join('\n')}\n`);
    await data.pictures(
      'car_data/train/Ram C-V Cargo Van Minivan 2012/00001.jpg',
      `car_data/train/${NAMES[0]}/00002.jpg`,
      `car_data/test/${NAMES[0]}/00001.jpg`,
    );
    const set = await data.open();
    expect(set.kind).toBe('cars');
    expect([...set.train.labels]).toEqual([1, 0]);
    expect([...set.test.labels]).toEqual([0]);
    data.put('anno_test.csv', '00001.jpg,39,116,569,375,3\n');
    expect(await data.refused()).toContain('is missing');
  });
});

test('DTD by its first split', async () => {
  const lists = {
    train: ['banded/banded_0002.jpg', 'zigzagged/z_1.jpg'],
    val: ['banded/banded_0003.jpg'],
    test: ['zigzagged/z_2.jpg'],
  };
  for (const [side, names] of Object.entries(lists)) {
    data.put(`dtd/labels/${side}1.txt`, `${names.join('\n')}\n`);
    data.put(`dtd/labels/${side}2.txt`, 'not/this.jpg\n');
    for (const n of names) await data.pictures(`dtd/images/${n}`);
  }
  const set = await data.open();
  expect(set).toMatchObject({ kind: 'dtd', metric: 'top-1', classes: ['banded', 'zigzagged'] });
  expect([[...set.train.labels], [...set.val!.labels], [...set.test.labels]]).toEqual([[0, 1], [0], [1]]);
  data.put('dtd/labels/val1.txt', 'loose.jpg\n');
  expect(await data.refused()).toContain('"loose.jpg" is no class/picture');
});

test('Flowers by its MATLAB files', async () => {
  data.put('imagelabels.mat', matlab({ labels: [2, 1, 2, 1, 1] }, true));
  data.put('setid.mat', matlab({ trnid: [3, 2], valid: [1], tstid: [4, 5] }, true));
  for (let i = 1; i <= 5; i++) await data.pictures(`jpg/image_0000${i}.jpg`);
  const set = await data.open();
  expect(set).toMatchObject({ kind: 'flowers', metric: 'mean per class', classes: ['1', '2'] });
  expect(listed(set.train)).toEqual([
    ['jpg/image_00003.jpg', 1],
    ['jpg/image_00002.jpg', 0],
  ]);
  expect(listed(set.val!)).toEqual([['jpg/image_00001.jpg', 1]]);
  const { hash } = set;
  data.put('cat_to_name.json', '{"1": "rose", "2": "iris"}');
  expect((await data.open()).classes).toEqual(['rose', 'iris']);
  drop('cat_to_name.json');
  data.put('imagelabels.mat', matlab({ labels: [1, 2, 2, 1, 1] }, true));
  expect((await data.open()).hash).not.toBe(hash);
  data.put('setid.mat', matlab({ trnid: [3, 2], valid: [1], tstid: [4, 9] }));
  expect(await data.refused()).toContain('tstid has picture 9, and imagelabels.mat has 5 labels');
  data.put('setid.mat', matlab({ trnid: [3, 2] }));
  expect(await data.refused()).toContain('setid.mat: no array of numbers valid');
  data.put('setid.mat', matlab({ trnid: [3, 2] }).subarray(0, 150));
  expect(await data.refused()).toContain('damaged MATLAB file');
  data.put('setid.mat', `MATLAB 7.3 MAT-file${' '.repeat(200)}`);
  expect(await data.refused()).toContain('version 7.3');
});

test('Oxford Pets', async () => {
  const at = 'oxford-iiit-pet';
  data.put(
    `${at}/annotations/trainval.txt`,
    '#Image CLASS-ID SPECIES BREED ID\nAbyssinian_100 1 1 1\namerican_bulldog_7 2 2 1\n',
  );
  data.put(`${at}/annotations/test.txt`, 'american_bulldog_9 2 2 1\n');
  await data.pictures(
    ...['Abyssinian_100', 'american_bulldog_7', 'american_bulldog_9'].map((n) => `${at}/images/${n}.jpg`),
  );
  const set = await data.open();
  expect(set).toMatchObject({ kind: 'pets', metric: 'mean per class', classes: ['Abyssinian', 'american bulldog'] });
  expect([[...set.train.labels], [...set.test.labels]]).toEqual([[0, 1], [1]]);
  expect(set.val).toBeUndefined();
  data.put(`${at}/annotations/test.txt`, 'american_bulldog_9 1 2 1\n');
  expect(await data.refused()).toContain('class 1 is Abyssinian elsewhere');
});

for (const base of ['', 'Partitions/'])
  test(`SUN397, its lists in ${base || 'the folder itself'}`, async () => {
    data.put(`${base}ClassName.txt`, '/a/abbey\n/a/apartment_building/outdoor\n');
    data.put(`${base}Training_01.txt`, '/a/abbey/sun_a.jpg\n/a/apartment_building/outdoor/sun_b.jpg\n');
    data.put(`${base}Testing_01.txt`, '/a/apartment_building/outdoor/sun_c.jpg\n');
    await data.pictures(
      ...['abbey/sun_a', 'apartment_building/outdoor/sun_b', 'apartment_building/outdoor/sun_c'].map(
        (n) => `SUN397/a/${n}.jpg`,
      ),
    );
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'sun397', classes: ['abbey', 'apartment building outdoor'] });
    expect([[...set.train.labels], [...set.test.labels]]).toEqual([[0, 1], [1]]);
    expect(set.remarks.join()).not.toContain('training images, too');
    // A list that names a training picture for the test.
    data.put(`${base}Testing_01.txt`, '/a/abbey/sun_a.jpg\n/a/apartment_building/outdoor/sun_c.jpg\n');
    expect((await data.open()).remarks).toContain(
      'data set set: 1 test images are training images, too: SUN397/a/abbey/sun_a.jpg',
    );
  });

test('SUN397 of which the first pictures are missing, in its own folder', async () => {
  data.put('SUN397/ClassName.txt', '/a/abbey\n/a/airfield\n');
  data.put('SUN397/Training_01.txt', '/a/abbey/gone.jpg\n/a/abbey/b.jpg\n/a/airfield/c.jpg\n');
  data.put('SUN397/Testing_01.txt', '/a/airfield/gone.jpg\n/a/airfield/d.jpg\n');
  await data.pictures(...['abbey/b', 'airfield/c', 'airfield/d'].map((n) => `SUN397/a/${n}.jpg`));
  const set = await data.open();
  expect([[...set.train.labels], [...set.test.labels]]).toEqual([[0, 1], [1]]);
});

test('Caltech-101: thirty draws a class train, all others test, the clutter is a class', async () => {
  const at = 'caltech-101/101_ObjectCategories';
  for (const c of ['accordion', 'BACKGROUND_Google', 'wild_cat'])
    for (let i = 1; i <= 40; i++) data.put(`${at}/${c}/image_${String(i).padStart(4, '0')}.jpg`, c);
  const set = await data.open();
  expect(set).toMatchObject({
    kind: 'caltech101',
    metric: 'mean per class',
    classes: ['background', 'accordion', 'wild cat'],
  });
  const names = [...listed(set.train), ...listed(set.test)].map(([n]) => n);
  expect(new Set(names).size).toBe(120);
  for (let c = 0; c < 3; c++) {
    const count = set.train.labels.filter((l) => l === c).length;
    // Of 40 pictures 30 draws with replacement meet 21 in the mean (40 · (1 − (39/40)^30)).
    expect(count).toBeGreaterThan(14);
    expect(count).toBeLessThan(29);
  }
  expect((await data.open()).hash).toBe(set.hash);
});

for (const form of ['txt', 'json'])
  test(`Food-101 by its ${form} lists`, async () => {
    const lists = { train: ['apple_pie/1', 'waffles/2'], test: ['waffles/3'] };
    for (const [side, names] of Object.entries(lists)) {
      const byClass = Object.fromEntries(
        names.map((n) => [n.split('/')[0], names.filter((m) => m.split('/')[0] === n.split('/')[0])]),
      );
      data.put(`food-101/meta/${side}.${form}`, form === 'json' ? JSON.stringify(byClass) : `${names.join('\n')}\n`);
      for (const n of names) await data.pictures(`food-101/images/${n}.jpg`);
    }
    if (form === 'txt') {
      data.put('food-101/meta/classes.txt', 'apple_pie\nwaffles\n');
      data.put('food-101/meta/labels.txt', 'Apple pie\nWaffles\n');
    }
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'food101', metric: 'top-1' });
    expect(set.classes).toEqual(form === 'txt' ? ['Apple pie', 'Waffles'] : ['apple pie', 'waffles']);
    expect([[...set.train.labels], [...set.test.labels]]).toEqual([[0, 1], [1]]);
  });
