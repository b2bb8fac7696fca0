import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { packTar } from 'modern-tar';
import sharp from 'sharp';
import { decodePair } from '../../../src/data/decode.js';
import { decodeSplit } from '../../../src/data/decode-split.js';
import { openEvalSet } from '../../../src/data/open.js';
import { UserError } from '../../../src/errors.js';
import { readMatlab } from '../../../src/formats/matlab.js';
import { readPngIndices } from '../../../src/formats/png.js';
import { readPnm } from '../../../src/formats/pnm.js';
import { readAnnotation } from '../../../src/formats/voc-annotation.js';
import { centred } from '../../../src/views/eval.js';
import { indexPng } from '../../index-png.js';
import { matlab } from '../../mat-writer.js';
import { batch, pickled, pyText } from '../../pickle-writer.js';
import { Scratch, type Target, text } from '../target.js';

/** Data sets in their official layouts, one of whose files is broken at a time. */

type Files = Record<string, string | Buffer>;

const jpeg = await sharp({ create: { width: 4, height: 3, channels: 3, background: '#369' } })
  .jpeg()
  .toBuffer();
const ppm = Buffer.concat([Buffer.from('P6\n2 1\n255\n'), Buffer.from([1, 2, 3, 4, 5, 6])]);
const planes = Buffer.from(Array.from({ length: 3072 }, (_, i) => (i * 7) & 255));
const record = (label: number) => Buffer.concat([Buffer.from([label]), planes]);
const map = (palette?: number) => indexPng(4, 3, [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3], { palette });
const idx = (shape: number[], bytes: number[]) => {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head[2] = 8;
  head[3] = shape.length;
  for (const [k, side] of shape.entries()) head.writeUInt32BE(side, 4 + 4 * k);
  return Buffer.concat([head, Buffer.from(bytes)]);
};
const annotations = (...classes: number[]) =>
  matlab({ annotations: { structs: classes.map((c, i) => ({ class: [c], fname: `${i}.jpg` })) } }, true);
const member = (name: string, body: Buffer | string) => {
  const bytes = Buffer.from(body as string);
  return { header: { name, size: bytes.length, type: 'file' as const }, body: new Uint8Array(bytes) };
};
const table = () =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'image', data: [new Uint8Array(jpeg), new Uint8Array(jpeg)], type: 'BYTE_ARRAY' },
        { name: 'label', data: [0, 1], type: 'INT32' },
      ],
    }),
  );

async function sets(): Promise<Record<string, Files>> {
  const tar = Buffer.from(
    await packTar([
      member('a.jpg', jpeg),
      member('a.cls', '0'),
      member('b.jpg', jpeg),
      member('b.json', '{"label": 1}'),
    ]),
  );
  const five = [1, 2, 3, 4, 5];
  const drive = '2011_09_26 2011_09_26_drive_000';
  const car = 'Car 0.00 0 1.85 387.63 181.54 423.81 203.12 1.67 1.87 3.69 -16.53 2.39 7.5 1.57\n';
  return {
    aircraft: {
      'variants.txt': 'a b\nc\n',
      'images_variant_train.txt': '1 a b\n2 c\n',
      'images_variant_val.txt': '1 c\n',
      'images_variant_test.txt': '2 a b\n',
      'images/1.jpg': jpeg,
      'images/2.jpg': jpeg,
    },
    cars: {
      'devkit/cars_meta.mat': matlab({ class_names: { cells: ['a', 'b'] } }, true),
      'devkit/cars_train_annos.mat': annotations(1, 2),
      'cars_test_annos_withlabels.mat': annotations(2),
      'cars_train/0.jpg': jpeg,
      'cars_train/1.jpg': jpeg,
      'cars_test/0.jpg': jpeg,
    },
    flowers: {
      'imagelabels.mat': matlab({ labels: [1, 2] }),
      'setid.mat': matlab({ trnid: [1, 2], valid: [1], tstid: [2] }, true),
      'jpg/image_00001.jpg': jpeg,
      'jpg/image_00002.jpg': jpeg,
      'cat_to_name.json': '{"1": "rose", "2": "iris"}',
    },
    pets: {
      'annotations/trainval.txt': 'a_1 1 1 1\nb_2 2 1 1\n',
      'annotations/test.txt': 'b_2 2 1 1\n',
      'images/a_1.jpg': jpeg,
      'images/b_2.jpg': jpeg,
    },
    cifar10: {
      ...Object.fromEntries(five.map((i) => [`data_batch_${i}.bin`, record(i & 1)])),
      'test_batch.bin': record(1),
      'batches.meta.txt': 'a\nb\n',
    },
    cifar100: {
      train: batch(2, [planes, planes], [0, 1], 'fine_labels'),
      test: batch(3, [planes], [1], 'fine_labels'),
      meta: pickled({ [pyText('fine_label_names')]: ['a', 'b'] }, 3),
    },
    idx: {
      'train-images-idx3-ubyte': idx([2, 1, 2], [1, 2, 3, 4]),
      'train-labels-idx1-ubyte.gz': gzipSync(idx([2], [0, 1])),
      't10k-images-idx3-ubyte.gz': gzipSync(idx([1, 1, 2], [5, 6])),
      't10k-labels-idx1-ubyte': idx([1], [1]),
    },
    gtsrb: {
      'Final_Training/Images/00000/a.ppm': ppm,
      'Final_Test/Images/b.ppm': ppm,
      'GT-final_test.csv': 'Filename;ClassId\nb.ppm;7\n',
    },
    kitti: {
      'training/label_2/000000.txt': car,
      'training/label_2/000001.txt': '',
      'training/image_2/000000.png': jpeg,
      'training/image_2/000001.png': jpeg,
      'mapping/train_rand.txt': '2,1',
      'mapping/train_mapping.txt': `${drive}1_sync 0\n${drive}2_sync 0\n`,
    },
    imagenet: {
      'train/n01440764/a.JPEG': jpeg,
      'train/n01443537/b.JPEG': jpeg,
      'val/ILSVRC2012_val_00000001.JPEG': jpeg,
      'ILSVRC2012_validation_ground_truth.txt': '2\n',
      'meta.mat': matlab({
        synsets: {
          structs: [
            { ILSVRC2012_ID: [1], WNID: 'n01440764', words: 'tench' },
            { ILSVRC2012_ID: [2], WNID: 'n01443537', words: 'goldfish' },
          ],
        },
      }),
    },
    camvid: {
      'train/a.png': jpeg,
      'trainannot/a.png': map(),
      'val/b.png': jpeg,
      'valannot/b.png': map(4),
      'classes.txt': 'a\nb\nvoid\nc\n',
    },
    webdataset: { 'train.tar': tar, 'test.tar': tar, 'classnames.txt': 'a\nb\n' },
    parquet: { 'train.parquet': table(), 'test.parquet': table() },
  };
}

const dataSet: Target = {
  name: 'data set',
  // Packed files are unpacked in memory up to a bound, and pictures of few bytes may be large.
  allowanceMb: 192 + 1024,
  async open() {
    const scratch = new Scratch();
    const all = await sets();
    const put = (kind: string, file: string, bytes: string | Buffer) => {
      mkdirSync(dirname(join(scratch.dir, kind, file)), { recursive: true });
      scratch.put(join(kind, file), bytes);
    };
    for (const [kind, files] of Object.entries(all))
      for (const [file, bytes] of Object.entries(files)) put(kind, file, bytes);
    return {
      seeds: Object.entries(all).flatMap(([kind, files]) =>
        Object.entries(files).map(([file, bytes]) => ({ bytes: Buffer.from(bytes as string), tag: `${kind} ${file}` })),
      ),
      async parse(bytes, tag) {
        const [kind, file] = tag!.split(' ');
        put(kind, file, bytes);
        try {
          await using set = await openEvalSet({ kind, dir: join(scratch.dir, kind) });
          for (const split of [set.train, set.val, set.test])
            if (split) {
              const { signal } = new AbortController();
              for await (const _ of decodeSplit(split, {
                ...{ looks: [centred(8)], signal },
                only: { length: Math.min(8, split.length), ...FIRST },
              }));
              if (split.readMask) await decodePair(split, 0).catch(refusal);
            }
        } finally {
          put(kind, file, all[kind][file]);
        }
      },
    };
  },
};

/** The first eight pictures. */
const FIRST = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, i]));

/** Of one picture any reason will do, but for mistakes in a program. */
function refusal(e: unknown): void {
  if (e instanceof TypeError || e instanceof ReferenceError) throw e;
}

/** Readers of bytes alone. */
const small: Target = {
  name: 'label files',
  open() {
    const scratch = new Scratch();
    return {
      seeds: [
        { bytes: map(), tag: 'png' },
        { bytes: map(4), tag: 'png' },
        { bytes: indexPng(4, 1, [0, 1, 1, 0], { depth: 1 }), tag: 'png' },
        { bytes: indexPng(4, 1, [0, 1, 1, 0], { depth: 16 }), tag: 'png' },
        { bytes: ppm, tag: 'pnm' },
        { bytes: matlab({ a: { cells: ['b', [1, 2], { structs: [{ c: 'd' }] }] }, e: [0.5] }), tag: 'mat' },
        { bytes: matlab({ a: { cells: ['b', [1, 2], { structs: [{ c: 'd' }] }] }, e: [0.5] }, true), tag: 'mat' },
        text('<annotation><object><name>car</name><difficult>1</difficult></object></annotation>', 'xml'),
      ],
      parse(bytes, tag) {
        if (tag === 'mat') return readMatlab(scratch.put('a.mat', bytes));
        if (tag === 'xml') return readAnnotation(bytes.toString('utf8'), 'a.xml');
        try {
          return tag === 'png' ? readPngIndices(bytes) : readPnm(bytes);
        } catch (e) {
          refusal(e);
          if (e instanceof RangeError) throw e;
          throw new UserError((e as Error).message);
        }
      },
    };
  },
};

export const TARGETS: readonly Target[] = [dataSet, small];
