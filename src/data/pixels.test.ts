import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataFolder } from '../../test/data-fixture.js';
import { batch, pickled, pyBytes, pyText } from '../../test/pickle-writer.js';
import { centred } from '../views/eval.js';
import type { Rgb } from '../views/image.js';
import { decodeSplit, keyOf } from './decode-split.js';
import type { EvalSplit } from './set.js';

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

/** Three planes of 32 × 32: red counts up from `i`, green is `i`, blue is 255 − i. */
function planes(i: number): Buffer {
  return Buffer.from(Array.from({ length: 3072 }, (_, k) => (k < 1024 ? (i + k) & 255 : k < 2048 ? i : 255 - i)));
}

async function expectPicture(split: EvalSplit, at: number, i: number): Promise<void> {
  const { width, height, data } = (await split.read(at)) as Rgb;
  expect([width, height]).toEqual([32, 32]);
  for (const k of [0, 1, 500, 1023]) expect([...data.subarray(3 * k, 3 * k + 3)]).toEqual([(i + k) & 255, i, 255 - i]);
}

const TEN = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
const binary = (...pictures: [label: number[], i: number][]) =>
  Buffer.concat(pictures.flatMap(([label, i]) => [Buffer.from(label), planes(i)]));

describe('CIFAR', () => {
  function ten(dir = ''): void {
    for (let b = 1; b <= 5; b++) data.put(`${dir}data_batch_${b}.bin`, binary([[b - 1], b], [[b + 4], b + 100]));
    data.put(`${dir}test_batch.bin`, binary([[9], 77], [[3], 78], [[0], 79]));
    data.put(`${dir}batches.meta.txt`, `${TEN.join('\n')}\n\n`);
  }

  test('10 as binaries, in the folder that the archive makes', async () => {
    ten('cifar-10-batches-bin/');
    await using set = await data.open();
    expect(set).toMatchObject({ kind: 'cifar10', metric: 'top-1', classes: TEN });
    expect([...set.train.labels]).toEqual([0, 5, 1, 6, 2, 7, 3, 8, 4, 9]);
    expect([...set.test.labels]).toEqual([9, 3, 0]);
    await expectPicture(set.train, 5, 103);
    await expectPicture(set.test, 0, 77);
    expect(set.train.nameOf(5)).toBe('data_batch_3.bin: 1');
    const { signal } = new AbortController();
    const look = centred(32);
    for await (const { pixels, index } of decodeSplit(set.test, { looks: [look], signal })) {
      expect(index).toEqual([0, 1, 2]);
      expect(pixels.get(keyOf(look))![1024]).toBeCloseTo(77 / 255, 6);
    }
    writeFileSync(join(data.dir, 'cifar-10-batches-bin/test_batch.bin'), binary([[9], 77], [[3], 78], [[1], 79]));
    await using other = await data.open();
    expect(other.hash).not.toBe(set.hash);
  });

  test('what is wrong is named: a batch that is missing or cut off, a class that is none', async () => {
    ten();
    data.put('data_batch_4.bin', binary([[10], 0]));
    expect(await data.refused()).toContain('data_batch_4.bin: 0 has class number 10, and there are 10 classes');
    truncateSync(join(data.dir, 'data_batch_4.bin'), 3000);
    expect(await data.refused()).toContain('data_batch_4.bin: 3000 bytes are no whole number of pictures');
    const { rmSync } = await import('node:fs');
    rmSync(join(data.dir, 'data_batch_4.bin'));
    expect(await data.refused()).toMatch(
      /data_batch_4\.bin is missing; CIFAR-10 is had at https:\/\/www\.cs\.toronto\.edu/,
    );
  });

  test('100 as binaries, by its fine classes', async () => {
    data.put('train.bin', binary([[1, 3], 5], [[0, 0], 6]));
    data.put('test.bin', binary([[0, 2], 7]));
    data.put('fine_label_names.txt', 'apple\nbaby\nbear\nbed\n');
    data.put('coarse_label_names.txt', 'a\nb\n');
    await using set = await data.open();
    expect(set).toMatchObject({ kind: 'cifar100', classes: ['apple', 'baby', 'bear', 'bed'] });
    expect([...set.train.labels]).toEqual([3, 0]);
    await expectPicture(set.test, 0, 7);
    expect(set.remarks).toEqual([
      'data set set: no training images of baby, bear',
      'data set set: no test images of apple, baby, bed',
    ]);
  });

  for (const python of [2, 3] as const)
    test(`as Python ${python} pickled it`, async () => {
      for (let b = 1; b <= 5; b++)
        data.put(`data_batch_${b}`, batch(python, [planes(b), planes(b + 100)], [b - 1, b + 4], 'labels'));
      data.put('test_batch', batch(python, [planes(77), planes(78)], [9, 3], 'labels'));
      data.put('batches.meta', pickled({ [pyText('label_names')]: TEN }, python));
      await using set = await data.open();
      expect(set).toMatchObject({ kind: 'cifar10', classes: TEN });
      expect([...set.train.labels]).toEqual([0, 5, 1, 6, 2, 7, 3, 8, 4, 9]);
      await expectPicture(set.train, 4, 3);
      await expectPicture(set.test, 1, 78);
    });

  test('a pickle that asks for more than data is refused, and nothing of it is run', async () => {
    for (let b = 1; b <= 5; b++)
      data.put(`data_batch_${b}`, Buffer.from(`cos\nsystem\n(S'touch ${data.dir}/run'\ntR.`));
    data.put('test_batch', '');
    data.put('batches.meta', pickled({ [pyText('label_names')]: TEN }, 3));
    expect(await data.refused()).toContain('asks for os.system, which is not among what a batch of CIFAR needs');
    expect(data.has('run')).toBe(false);
    data.put('data_batch_1', batch(3, [planes(1)], [1, 2], 'labels'));
    expect(await data.refused()).toContain('data_batch_1: 2 labels for 1 pictures');
    data.put('data_batch_1', pickled({ [pyText('labels')]: [1], [pyText('data')]: pyBytes(Buffer.alloc(5)) }, 3));
    expect(await data.refused()).toContain('"data" is no array of bytes [n, 3072]');
  });
});

describe('IDX', () => {
  const idx = (shape: number[], bytes: number[] | Buffer, type = 8) => {
    const head = Buffer.alloc(4 + 4 * shape.length);
    head[2] = type;
    head[3] = shape.length;
    for (const [k, side] of shape.entries()) head.writeUInt32BE(side, 4 + 4 * k);
    return Buffer.concat([head, Buffer.from(bytes)]);
  };
  function mnist(pack: (b: Buffer) => Buffer = (b) => b, end = ''): void {
    data.put(
      `train-images-idx3-ubyte${end}`,
      pack(idx([3, 2, 4], Buffer.from(Array.from({ length: 24 }, (_, i) => i)))),
    );
    data.put(`train-labels-idx1-ubyte${end}`, pack(idx([3], [7, 0, 9])));
    data.put(`t10k-images-idx3-ubyte${end}`, pack(idx([1, 2, 4], [9, 8, 7, 6, 5, 4, 3, 2])));
    data.put(`t10k-labels-idx1-ubyte${end}`, pack(idx([1], [7])));
  }

  for (const end of ['', '.gz'])
    test(`of MNIST${end && ', packed'}`, async () => {
      mnist(end ? gzipSync : undefined, end);
      await using set = await data.open({ name: 'mnist' });
      expect(set).toMatchObject({ kind: 'mnist', classes: [...'0123456789'] });
      expect([...set.train.labels]).toEqual([7, 0, 9]);
      const { width, height, data: rgb } = (await set.train.read(1)) as Rgb;
      expect([width, height]).toEqual([4, 2]);
      expect([...rgb]).toEqual([8, 9, 10, 11, 12, 13, 14, 15].flatMap((v) => [v, v, v]));
    });

  test('of anybody, with as many classes as there are labels', async () => {
    mnist();
    data.put('train-labels-idx1-ubyte', idx([3], [2, 0, 1]));
    data.put('t10k-labels-idx1-ubyte', idx([1], [2]));
    await using set = await data.open({ kind: 'idx' });
    expect(set.classes).toEqual(['0', '1', '2']);
  });

  test('what is wrong is named', async () => {
    mnist();
    data.put('train-labels-idx1-ubyte', idx([4], [7, 0, 9, 1]));
    expect(await data.refused()).toContain('train-labels-idx1-ubyte: 4 labels for 3 pictures');
    data.put('train-labels-idx1-ubyte', idx([3], [7, 0]));
    expect(await data.refused()).toContain('train-labels-idx1-ubyte: [3] needs 3 bytes, there are 2');
    data.put('train-labels-idx1-ubyte', idx([3], [7, 0, 9], 13));
    expect(await data.refused()).toContain('samples of type 0xd');
    const packed = gzipSync(Buffer.alloc(64 * 2 ** 20));
    data.put('train-labels-idx1-ubyte', Buffer.concat(Array.from({ length: 5 }, () => packed)));
    expect(await data.refused()).toContain('unpacks to more than 256 MiB');
    data.put('train-labels-idx1-ubyte', 'PNG?');
    expect(await data.refused()).toContain('not an IDX file');
  });
});
