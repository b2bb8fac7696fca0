import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataFolder, listed, picture } from '../../test/data-fixture.js';
import { indexPng } from '../../test/index-png.js';
import { decodePair } from './decode.js';
import type { EvalSplit } from './set.js';

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

/** A picture of 4 × 3 and a map of labels for it. */
async function pair(
  image: string,
  mask: string,
  values: number[],
  o: Parameters<typeof indexPng>[3] = {},
): Promise<void> {
  await data.pictures(image);
  data.put(mask, indexPng(4, 3, values, o));
}
const row = (...four: number[]) => [...four, ...four, ...four];
const values = async (split: EvalSplit, i: number) => [...(await split.readMask!(i)).data.subarray(0, 4)];

test('ADE20K: 0 counts nowhere, others minus one', async () => {
  const at = 'ADEChallengeData2016';
  await pair(`${at}/images/training/ADE_train_1.jpg`, `${at}/annotations/training/ADE_train_1.png`, row(0, 1, 2, 150));
  await pair(`${at}/images/validation/ADE_val_1.jpg`, `${at}/annotations/validation/ADE_val_1.png`, row(3, 3, 3, 151));
  const set = await data.open();
  expect(set).toMatchObject({ kind: 'ade20k', task: 'segmentation', metric: 'mIoU' });
  expect([set.classes.length, set.classes[0], set.train.labels.length]).toEqual([150, 'class 1', 0]);
  expect(await values(set.train, 0)).toEqual([255, 0, 1, 149]);
  await expect(set.test.readMask!(0)).rejects.toThrow('label 151 at pixel 3, 0, and there are 150 classes');
  const { image, mask } = await decodePair(set.train, 0);
  expect([image.width, image.height, mask.width, mask.height]).toEqual([4, 3, 4, 3]);
  const names = Array.from({ length: 150 }, (_, i) => `${i + 1}\t0.1\t5\t5\t1\tthing ${i}, object`);
  data.put(`${at}/objectInfo150.txt`, `Idx\tRatio\tTrain\tVal\tStuff\tName\n${names.join('\n')}\n`);
  expect((await data.open()).classes[149]).toBe('thing 149, object');
  data.put(`${at}/objectInfo150.txt`, 'Idx\n1\n');
  expect(await data.refused()).toContain('1 names of classes; there are 150');
});

test('VOC2012: indices of a palette, whatever its colours; borders count nowhere', async () => {
  const at = 'VOCdevkit/VOC2012';
  for (const [side, ids] of [
    ['train', ['2007_000032', '2007_000039']],
    ['val', ['2007_000033']],
  ] as const) {
    data.put(`${at}/ImageSets/Segmentation/${side}.txt`, `${ids.join('\n')}\n`);
    for (const id of ids)
      await pair(`${at}/JPEGImages/${id}.jpg`, `${at}/SegmentationClass/${id}.png`, row(0, 1, 20, 255), {
        palette: 256,
      });
  }
  const set = await data.open();
  expect(set).toMatchObject({ kind: 'voc2012', metric: 'mIoU' });
  expect([set.classes.length, set.classes[0], set.train.length, set.test.length]).toEqual([21, 'background', 2, 1]);
  expect(await values(set.train, 1)).toEqual([0, 1, 20, 255]);
});

describe('folders like CamVid', () => {
  test('of SegNet: eleven classes, 11 is void, and so is whatever else is told', async () => {
    await pair('train/a.png', 'trainannot/a.png', row(0, 5, 10, 11));
    await pair('val/b.png', 'valannot/b.png', row(1, 1, 1, 1));
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'camvid', metric: 'mIoU' });
    expect([set.classes.length, set.classes[3]]).toEqual([11, 'road']);
    expect(await values(set.train, 0)).toEqual([0, 5, 10, 255]);
    expect([listed(set.test)[0][0], set.val]).toEqual(['val/b.png', undefined]);
    expect(set.remarks).toEqual([
      'data set set: no test side: validation pictures are tested on',
      'data set set: label 11 counts nowhere',
    ]);
    const told = await data.open({ ignored: 0 });
    expect(told.classes.length).toBe(11);
    expect(await values(told.train, 0)).toEqual([255, 4, 9, 10]);
    expect(told.hash).not.toBe(set.hash);
  });

  test('of anyone: as many classes as there are values, 255 counts nowhere; names beside give both', async () => {
    await pair('train/a.png', 'trainannot/a.png', row(0, 2, 4, 255));
    await pair('val/b.png', 'valannot/b.png', row(1, 3, 3, 3));
    await pair('test/c.png', 'testannot/c.png', row(1, 1, 4, 4));
    const set = await data.open();
    expect(set.classes).toEqual(['class 0', 'class 1', 'class 2', 'class 3', 'class 4']);
    expect([set.train.length, set.val?.length, set.test.length]).toEqual([1, 1, 1]);
    data.put('classes.txt', 'sky\nvoid\nroad\ncar\ntree\n');
    const named = await data.open();
    expect(named.classes).toEqual(['sky', 'road', 'car', 'tree']);
    expect(await values(named.train, 0)).toEqual([0, 1, 3, 255]);
  });

  test('other folders: images/train with masks/train, train/images with train/masks, one folder each', async () => {
    const mine = row(0, 1, 1, 0);
    await pair('images/train/a.jpg', 'masks/train/a.png', mine);
    await pair('images/val/b.jpg', 'masks/val/b_mask.png', mine);
    expect(listed((await data.open()).test)[0][0]).toBe('images/val/b.jpg');
    data.remove();
    data = new DataFolder();
    await pair('train/images/a.jpg', 'train/masks/a.png', mine);
    await pair('test/images/b.jpg', 'test/masks/b.png', mine);
    expect((await data.open()).kind).toBe('segmentation');
    data.remove();
    data = new DataFolder();
    for (let i = 0; i < 10; i++) await pair(`images/${i}.jpg`, `masks/${i}.png`, mine);
    const set = await data.open();
    expect([set.train.length, set.test.length]).toEqual([8, 2]);
  });

  test('a picture without its map is left out, one of another size is told', async () => {
    await pair('train/a.png', 'trainannot/a.png', row(0, 1, 1, 0));
    await pair('val/b.png', 'valannot/b.png', row(0, 1, 1, 0));
    await data.pictures('train/lonely.png');
    data.put('train/other.png', await picture('other.png', 5, 3));
    data.put('trainannot/other.png', indexPng(4, 3, row(0, 1, 1, 0)));
    const set = await data.open();
    expect(set.train.length).toBe(2);
    expect(set.remarks.join()).toContain('trainannot/lonely.png');
    await expect(decodePair(set.train, 1)).rejects.toThrow('its label map is 4 × 3 pixels, the picture 5 × 3');
    const { hash } = set;
    data.put('trainannot/other.png', indexPng(4, 3, row(1, 1, 1, 1)));
    expect((await data.open()).hash).not.toBe(hash);
  });

  test('maps in every form that holds a value a pixel are read, others refused by name', async () => {
    await data.pictures('train/a.png');
    await pair('val/b.png', 'valannot/b.png', row(0, 1, 1, 0));
    const read = async (bytes: Uint8Array) => {
      data.put('trainannot/a.png', bytes);
      const set = await data.open();
      return values(set.train, 0).catch((e: Error) => e.message);
    };
    const want = [0, 1, 1, 0];
    expect(await read(indexPng(4, 3, row(...want), { depth: 1 }))).toEqual(want);
    expect(await read(indexPng(4, 3, row(...want), { depth: 2, palette: 4 }))).toEqual(want);
    expect(await read(indexPng(4, 3, row(...want), { depth: 4 }))).toEqual(want);
    expect(await read(indexPng(4, 3, row(...want), { depth: 16 }))).toEqual(want);
    expect(await read(indexPng(4, 3, row(0, 1, 1, 300), { depth: 16 }))).toContain('a 16-bit sample of 300');
    const grey = sharp(Buffer.from(row(...want)), { raw: { width: 4, height: 3, channels: 1 } });
    expect(await read(await grey.clone().toColourspace('srgb').png().toBuffer())).toEqual(want);
    expect(await read(await grey.clone().toColourspace('b-w').png({ progressive: true }).toBuffer())).toEqual(want);
    expect(await read(await grey.clone().tiff({ compression: 'lzw' }).toBuffer())).toEqual(want);
    expect(await read(await grey.clone().jpeg().toBuffer())).toContain('a label map as JPEG');
    expect(await read(await picture('colours.png'))).toContain('a label map in colours');
    expect(await read(indexPng(4, 3, row(...want)).subarray(0, 50))).toContain('cut off');
    expect(await read(Buffer.from('nothing'))).toContain('trainannot/a.png: no picture by its content');
  });

  test('maps without two classes, and folders without maps, are refused', async () => {
    await pair('train/a.png', 'trainannot/a.png', row(0, 0, 0, 0));
    await pair('val/b.png', 'valannot/b.png', row(0, 0, 0, 0));
    expect(await data.refused()).toContain('have fewer than two classes');
    data.put('trainannot/a.png', '?');
    data.put('valannot/b.png', '?');
    expect(await data.refused()).toContain('no label map can be read');
  });
});

describe('label maps in colours', () => {
  const [SKY, ROAD, NONE]: [number, number, number][] = [
    [128, 128, 128],
    [128, 64, 128],
    [0, 0, 0],
  ];
  const coloured = (...four: number[][]) => {
    const raw = Buffer.from([0, 1, 2].flatMap(() => four.flat()));
    return sharp(raw, { raw: { width: 4, height: 3, channels: 3 } });
  };
  const frames = async (images: string, masks: string, names: string[]) => {
    for (const name of names) {
      await data.pictures(`${images}/${name}.png`);
      data.put(`${masks}/${name}_L.png`, await coloured(SKY, ROAD, NONE, ROAD).png().toBuffer());
    }
  };

  test('CamVid as Cambridge hands it out, by film', async () => {
    const names = ['0001TP_008520', '0001TP_008550', '0016E5_07959', '0016E5_07980', '0006R0_f00930', 'Seq05VD_f05100'];
    await frames('701_StillsRaw_full', 'LabeledApproved_full', names);
    data.put('label_colors.txt', '0 0 0\t\tVoid\n128 128 128\tSky\n64 0 128\tCar\n128 64 128\tRoad\n');
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'camvid', classes: ['Sky', 'Car', 'Road'] });
    expect(await values(set.train, 0)).toEqual([0, 2, 255, 2]);
    const stems = (s: EvalSplit) => listed(s).map(([name]) => (name as string).replace(/^.*\/|\.png$/g, ''));
    expect([set.train, set.val!, set.test].map(stems)).toEqual([
      ['0001TP_008520', '0006R0_f00930', '0016E5_07980'],
      ['0016E5_07959'],
      ['0001TP_008550', 'Seq05VD_f05100'],
    ]);
    data.put('label_colors.txt', '0 0 0\t\tVoid\n128 128 128\tSky\n128 64 128\tRoad\n');
    expect((await data.open()).hash).not.toBe(set.hash);
    await expect(data.open({ ignored: 3 })).rejects.toThrow('--ignored 3 is a value, and these label maps are in the');
  });

  test('of anyone by class_dict.csv or labelmap.txt; a colour that is in neither is told', async () => {
    await frames('train', 'train_labels', ['a', 'b']);
    await frames('test', 'test_labels', ['c']);
    data.put('train_labels/b_L.png', await coloured(SKY, ROAD, [1, 2, 3], SKY).png().toBuffer());
    expect(await data.refused()).toContain('put the colours’ names beside (label_colors.txt, class_dict.csv)');
    data.put('class_dict.csv', 'name,r,g,b\nsky,128,128,128\nunlabelled,0,0,0\nroad,128,64,128\n');
    const set = await data.open();
    expect(set).toMatchObject({ kind: 'segmentation', classes: ['sky', 'road'] });
    expect(await values(set.train, 0)).toEqual([0, 1, 255, 1]);
    await expect(values(set.train, 1)).rejects.toThrow('colour 1, 2, 3 at pixel 2, 0 is not in class_dict.csv');
    data.put('class_dict.csv', 'name,r,g,b\nsky,128,128,128\nroad,128,128,128\n');
    expect(await data.refused()).toContain('sky and road have the same colour');
    data.put('class_dict.csv', 'name,r,g,b\nsky,128,128,428\n');
    expect(await data.refused()).toContain('sky has a colour outside 0…255');
    data.remove();
    data = new DataFolder();
    await frames('train', 'train_labels', ['a']);
    await frames('test', 'test_labels', ['c']);
    data.put('labelmap.txt', '# label:color_rgb:parts:actions\nroad:128,64,128::\nsky:128,128,128::\nvoid:0,0,0::\n');
    expect(await values((await data.open()).test, 0)).toEqual([1, 0, 255, 0]);
    data.put('labelmap.txt', 'road\n');
    expect(await data.refused()).toContain('"road" is no colour and class');
  });

  test('of palettes the colours count, of two greys, too; numbers beside a legend stay numbers', async () => {
    await frames('train', 'train_labels', ['a']);
    await frames('test', 'test_labels', ['c']);
    data.put('class_dict.csv', 'name,r,g,b\nroad,128,64,128\nsky,128,128,128\nnone,0,0,0\n');
    const palette = await coloured(SKY, ROAD, NONE, ROAD).png({ palette: true }).toBuffer();
    expect(palette[25]).toBe(3);
    for (const at of ['train_labels/a_L.png', 'test_labels/c_L.png']) data.put(at, palette);
    expect(await values((await data.open()).train, 0)).toEqual([1, 0, 2, 0]);
    for (const at of ['train_labels/a_L.png', 'test_labels/c_L.png']) data.put(at, indexPng(4, 3, row(0, 255, 0, 255)));
    data.put('class_dict.csv', 'name,r,g,b\nroad,255,255,255\nrest,0,0,0\n');
    const two = await data.open();
    expect([two.classes, await values(two.train, 0)]).toEqual([
      ['road', 'rest'],
      [1, 0, 1, 0],
    ]);
    for (const at of ['train_labels/a_L.png', 'test_labels/c_L.png']) data.put(at, indexPng(4, 3, row(0, 1, 1, 2)));
    const numbers = await data.open();
    expect([numbers.classes, await values(numbers.train, 0)]).toEqual([
      ['class 0', 'class 1', 'class 2'],
      [0, 1, 1, 2],
    ]);
  });
});

test('the seven passes of an interlaced map, against another decoder', async () => {
  const { readPngIndices } = await import('../formats/png.js');
  for (const [width, height] of [
    [1, 1],
    [3, 2],
    [8, 8],
    [13, 9],
    [37, 21],
  ]) {
    const grey = Buffer.from(Array.from({ length: width * height }, (_, i) => (i * 31 + (i >> 3)) & 255));
    const png = await sharp(grey, { raw: { width, height, channels: 1 } })
      .toColourspace('b-w')
      .png({ progressive: true })
      .toBuffer();
    expect(png[28], 'interlaced').toBe(1);
    expect(readPngIndices(png)).toEqual({ width, height, data: new Uint8Array(grey) });
  }
});
