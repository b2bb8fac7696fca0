import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataFolder, listed, picture } from '../../test/data-fixture.js';
import { matlab } from '../../test/mat-writer.js';

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

const drop = (file: string) => rmSync(join(data.dir, file), { recursive: true });

describe('VOC2007', () => {
  const at = 'VOCdevkit/VOC2007';
  const SIDES = { train: ['000012', '000017'], val: ['000023'], test: ['000001', '000002'] };
  async function voc(lists: boolean): Promise<void> {
    const classes =
      'aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep sofa train tvmonitor';
    for (const [side, ids] of Object.entries(SIDES)) {
      data.put(`${at}/ImageSets/Main/${side}.txt`, `${ids.join('\n')}\n`);
      for (const id of ids) {
        await data.pictures(`${at}/JPEGImages/${id}.jpg`);
        const object = (name: string, difficult: number) =>
          `<object>\n<name>${name}</name><pose>Left</pose><difficult>${difficult}</difficult><part><name>head</name></part></object>`;
        data.put(
          `${at}/Annotations/${id}.xml`,
          `<annotation>\n<filename>${id}.jpg</filename><owner><name>?</name></owner>${object('car', 0)}${id === '000017' ? object('dog', 1) + object('car', 1) : ''}</annotation>\n`,
        );
      }
      if (!lists) continue;
      for (const c of classes.split(' '))
        data.put(
          `${at}/ImageSets/Main/${c}_${side}.txt`,
          ids.map((id) => `${id} ${c === 'car' ? ' 1' : c === 'dog' && id === '000017' ? ' 0' : '-1'}\n`).join(''),
        );
    }
  }

  for (const lists of [true, false])
    test(`several classes a picture, some difficult, by ${lists ? 'lists' : 'annotations'}`, async () => {
      await voc(lists);
      const set = await data.open();
      expect(set).toMatchObject({ kind: 'voc2007', task: 'multi-label', metric: '11-point mAP' });
      expect([set.train.length, set.val?.length, set.test.length]).toEqual([2, 1, 2]);
      const of = (row: number) => Object.fromEntries(set.classes.map((c, i) => [c, set.train.present![row * 20 + i]]));
      expect(of(0)).toMatchObject({ car: 1, dog: -1, person: -1 });
      expect(of(1)).toMatchObject({ car: 1, dog: 0, person: -1 });
      expect(set.test.present!.length).toBe(40);
    });

  test('what is wrong is named', async () => {
    await voc(true);
    data.put(`${at}/ImageSets/Main/car_val.txt`, '000023 1\n000024 1\n');
    expect(await data.refused()).toContain('car_val.txt: 2 labels for the 1 pictures of val.txt');
    data.put(`${at}/ImageSets/Main/car_val.txt`, '000023 2\n');
    expect(await data.refused()).toContain('"000023 2" is no picture of val.txt with 1, 0 or -1');
    data.put(`${at}/ImageSets/Main/car_val.txt`, '000023 1\n');
    drop(`${at}/ImageSets/Main/test.txt`);
    expect(await data.refused()).toMatch(/test\.txt is missing; Pascal VOC 2007 is had at .*VOCtest_06-Nov-2007/);
  });

  test('annotations with more than elements and texts are refused', async () => {
    await voc(false);
    const file = `${at}/Annotations/000012.xml`;
    for (const [xml, why] of [
      ['<!DOCTYPE a [<!ENTITY x "y">]><annotation></annotation>', 'something else'],
      ['<annotation><object><name>car</name></annotation>', '</annotation> where another element ends'],
      ['<annotation><object><name>car</name>', 'it ends within <object>'],
      ['<annotation><object><name>unicorn</name></object></annotation>', '"unicorn" is none of the 20 classes'],
      [`${'<a>'.repeat(40)}`, 'in place of <annotation>'],
    ]) {
      data.put(file, xml);
      expect(await data.refused()).toContain(why);
    }
  });
});

describe('without an official split', () => {
  const CLASSES = ['AnnualCrop', 'SeaLake'];
  async function eurosat(): Promise<void> {
    for (const c of CLASSES)
      for (let i = 1; i <= 10; i++) data.put(`2750/${c}/${c}_${i}.jpg`, await picture(`${c}_${i}.jpg`));
  }

  test('EuroSAT: a fifth of each class is test, the same at every call', async () => {
    await eurosat();
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'eurosat', metric: 'top-1', classes: CLASSES });
    expect([set.train.length, set.test.length]).toEqual([16, 4]);
    expect(set.remarks.join()).toContain('no test images: a fifth');
    expect(listed((await data.open()).test)).toEqual(listed(set.test));
  });

  test('EuroSAT and RESISC45 by lists that lie beside', async () => {
    await eurosat();
    data.put('eurosat-train.txt', 'AnnualCrop_1.jpg\nSeaLake_2.jpg\n');
    data.put('eurosat-val.txt', 'SeaLake_3.jpg\n');
    data.put('eurosat-test.txt', 'AnnualCrop_4.jpg\nSeaLake_99.jpg\n');
    const set = await data.open();
    expect(listed(set.train)).toEqual([
      ['2750/AnnualCrop/AnnualCrop_1.jpg', 0],
      ['2750/SeaLake/SeaLake_2.jpg', 1],
    ]);
    expect([...set.val!.labels]).toEqual([1]);
    expect(set.test.length).toBe(1);
    expect(set.remarks.join()).toContain('1 of 2 files that eurosat-test.txt names is not there');
  });

  test('RESISC45', async () => {
    for (const c of ['thermal_power_station', 'wetland'])
      for (let i = 1; i <= 5; i++) await data.pictures(`NWPU-RESISC45/${c}/${c}_00${i}.jpg`);
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'resisc45', classes: ['thermal power station', 'wetland'] });
    expect([set.train.length, set.test.length]).toEqual([8, 2]);
  });
});

describe('GTSRB', () => {
  const ppm = Buffer.concat([Buffer.from('P6\n# a sign\n2 1\n255\n'), Buffer.from([1, 2, 3, 250, 251, 252])]);

  test('in the official folders, as PPM', async () => {
    for (let c = 0; c < 43; c++)
      data.put(`GTSRB/Final_Training/Images/${String(c).padStart(5, '0')}/00000_00000.ppm`, ppm);
    data.put('GTSRB/Final_Training/Images/00000/GT-00000.csv', 'Filename;ClassId\n');
    data.put('GTSRB/Final_Test/Images/00000.ppm', ppm);
    data.put(
      'GTSRB/GT-final_test.csv',
      'Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n00000.ppm;53;54;6;5;48;49;16\n',
    );
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'gtsrb', metric: 'top-1' });
    expect([set.train.length, set.classes.length, set.classes[14], set.classes[42]]).toEqual([
      43,
      43,
      'stop',
      'end of no overtaking by trucks',
    ]);
    expect(listed(set.test)).toEqual([['Final_Test/Images/00000.ppm', 16]]);
    expect(await set.test.read(0)).toMatchObject({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 250, 251, 252) });
  });

  test('as tables with PNG files', async () => {
    await data.pictures('Train/20/a.png', 'Test/b.png');
    const head = 'Width,Height,Roi.X1,Roi.Y1,Roi.X2,Roi.Y2,ClassId,Path\n';
    data.put('Train.csv', `${head}27,26,5,5,22,20,20,Train/20/a.png\n`);
    data.put('Test.csv', `${head}27,26,5,5,22,20,43,Test/b.png\n`);
    expect(await data.refused()).toContain('Test/b.png has class number 43, and there are 43 classes (0 … 42)');
    data.put('Test.csv', `${head}27,26,5,5,22,20,x,Test/b.png\n`);
    expect(await data.refused()).toContain('Test.csv: "x" is no whole number');
  });
});

describe('KITTI', () => {
  const object = (type: string, z: number) =>
    `${type} 0.00 0 1.85 387.63 181.54 423.81 203.12 1.67 1.87 3.69 -16.53 2.39 ${z} 1.57\n`;
  const CASES: [string, number][] = [
    [object('Car', 7.99) + object('Truck', 30), 0],
    [object('Van', 8) + object('Pedestrian', 1), 0],
    [object('Car', 8.01), 1],
    [object('Truck', 20.5) + object('Cyclist', 2), 2],
    [object('Pedestrian', 3) + object('DontCare', -1000), 3],
    ['', 3],
  ];
  async function kitti(): Promise<void> {
    for (const [i, [text]] of CASES.entries()) {
      data.put(`training/label_2/00000${i}.txt`, text);
      await data.pictures(`training/image_2/00000${i}.png`);
    }
  }

  test('the distance of the closest vehicle in four bins, split by drives', async () => {
    await kitti();
    data.put('mapping/train_rand.txt', '6,5,4,3,2,1');
    data.put(
      'mapping/train_mapping.txt',
      [1, 1, 2, 2, 3, 3].map((d, i) => `2011_09_26 2011_09_26_drive_000${d}_sync 00000000${i}\n`).join(''),
    );
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'kitti-distance' });
    const all = new Map([...listed(set.train), ...(set.val ? listed(set.val) : []), ...listed(set.test)]);
    for (const [i, [, label]] of CASES.entries()) expect(all.get(`training/image_2/00000${i}.png`)).toBe(label);
    // Pictures 0 and 1 are of the third drive, 2 and 3 of the second, 4 and 5 of the first.
    const drives = (split: typeof set.train) =>
      new Set(listed(split).map(([n]) => Math.floor(Number(n.slice(-5, -4)) / 2)));
    expect(set.test.length).toBe(2);
    for (const d of drives(set.test)) expect(drives(set.train).has(d)).toBe(false);
  });

  test('by lists of ids', async () => {
    await kitti();
    data.put('ImageSets/train.txt', '000000\n000002\n');
    data.put('ImageSets/test.txt', '000004\n');
    const set = await data.open();
    expect([[...set.train.labels], [...set.test.labels]]).toEqual([[0, 1], [3]]);
    // The usual lists: the numbers of test.txt are of a folder without labels.
    data.put('ImageSets/val.txt', '000004\n000005\n');
    data.put('ImageSets/test.txt', '000000\n000001\n000002\n000003\n000004\n000005\n');
    const usual = await data.open();
    expect([[...usual.train.labels], usual.val, [...usual.test.labels]]).toEqual([[0, 1], undefined, [3, 3]]);
    expect(usual.remarks.join()).toContain('val.txt is tested on');
    data.put('training/label_2/000000.txt', 'Car 0.00 0\n');
    expect(await data.refused()).toContain('has no place of the object');
  });
});

test('Country211 by its folders', async () => {
  for (const side of ['train', 'valid', 'test'])
    for (const c of ['AD', 'ZW']) await data.pictures(`country211/${side}/${c}/${side}.jpg`);
  const set = await data.open();
  expect(set).toMatchObject({ kind: 'country211', metric: 'top-1', classes: ['AD', 'ZW'] });
  expect([set.train.length, set.val?.length, set.test.length]).toEqual([2, 2, 2]);
});

describe('ImageNet', () => {
  const WNIDS = ['n01440764', 'n01443537', 'n02084071'];
  async function train(at = ''): Promise<void> {
    for (const w of WNIDS) await data.pictures(`${at}train/${w}/${w}_1.JPEG`, `${at}train/${w}/${w}_2.JPEG`);
  }
  const synsets = (...rows: [number, string, string][]) =>
    matlab(
      {
        synsets: {
          structs: rows.map(([id, WNID, words]) => ({ ILSVRC2012_ID: [id], WNID, words, num_children: [0] })),
        },
      },
      true,
    );

  test('as folders', async () => {
    await train();
    for (const w of WNIDS) await data.pictures(`val/${w}/v.JPEG`);
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'imagenet', metric: 'top-1', classes: WNIDS });
    expect([[...set.train.labels], [...set.test.labels]]).toEqual([
      [0, 0, 1, 1, 2, 2],
      [0, 1, 2],
    ]);
  });

  test('with flat validation and the development kit: its numbers are not the order of folders', async () => {
    await train();
    const names = [1, 2, 3].map((i) => `val/ILSVRC2012_val_0000000${i}.JPEG`);
    await data.pictures(...names);
    const kit = 'ILSVRC2012_devkit_t12/data';
    data.put(
      `${kit}/meta.mat`,
      synsets(
        [1, WNIDS[2], 'dog'],
        [2, WNIDS[0], 'tench, Tinca tinca'],
        [3, WNIDS[1], 'goldfish'],
        [4, 'n00000004', 'fish'],
      ),
    );
    data.put(`${kit}/ILSVRC2012_validation_ground_truth.txt`, '2\n1\n3\n');
    const set = await data.open();
    expect(set.classes).toEqual(['tench, Tinca tinca', 'goldfish', 'dog']);
    expect(listed(set.test)).toEqual([
      [names[0], 0],
      [names[1], 2],
      [names[2], 1],
    ]);
    data.put(`${kit}/ILSVRC2012_validation_ground_truth.txt`, '2\n4\n3\n');
    const left = await data.open();
    expect([...left.test.labels]).toEqual([0, 1]);
    expect(left.remarks.join()).toContain('1 validation images are of classes that train/ does not have');
    data.put(`${kit}/ILSVRC2012_validation_ground_truth.txt`, '2\n1\n');
    expect(await data.refused()).toContain('2 labels, and none of them for val/ILSVRC2012_val_00000003.JPEG');
    data.put(`${kit}/ILSVRC2012_validation_ground_truth.txt`, '2\n1\n3\n1\n');
    expect((await data.open()).remarks.join()).toContain('1 of the 4 images that');
    drop(kit);
    expect(await data.refused()).toMatch(/ground_truth\.txt is missing; ImageNet-1k \(ILSVRC 2012\) is had at/);
  });

  test('as Kaggle has it', async () => {
    const at = 'ILSVRC/Data/CLS-LOC/';
    await train(at);
    await data.pictures(`${at}val/ILSVRC2012_val_00000001.JPEG`, `${at}val/ILSVRC2012_val_00000002.JPEG`);
    data.put(
      'LOC_val_solution.csv',
      `ImageId,PredictionString\nILSVRC2012_val_00000002,${WNIDS[1]} 85 1 499 272 \nILSVRC2012_val_00000001,${WNIDS[0]} 1 1 2 2 ${WNIDS[0]} 3 3 4 4 \n`,
    );
    data.put('LOC_synset_mapping.txt', `${WNIDS[0]} tench, Tinca tinca\n${WNIDS[1]} goldfish\n${WNIDS[2]} dog\n`);
    const set = await data.open();
    expect(set.classes[0]).toBe('tench, Tinca tinca');
    expect(listed(set.test)).toEqual([
      ['val/ILSVRC2012_val_00000002.JPEG', 1],
      ['val/ILSVRC2012_val_00000001.JPEG', 0],
    ]);
  });
});
