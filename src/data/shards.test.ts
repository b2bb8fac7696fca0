import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { packTar } from 'modern-tar';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { colourOf, DataFolder, listed, picture } from '../../test/data-fixture.js';
import { FakeHub } from '../../test/hub-fixture.js';
import { centred } from '../views/eval.js';
import { decodePicture } from './decode.js';
import { decodeSplit } from './decode-split.js';
import { openEvalSet } from './open.js';
import type { EvalSplit } from './set.js';

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

async function expectColour(split: EvalSplit, i: number, name: string): Promise<void> {
  const { data } = await decodePicture(split, i);
  for (const [c, value] of colourOf(name).entries()) expect(Math.abs(data[c] - value)).toBeLessThan(4);
}

describe('WebDataset', () => {
  const tar = async (members: [string, string | Buffer][]): Promise<Buffer> =>
    Buffer.from(
      await packTar(
        members.map(([name, body]) => {
          const bytes = Buffer.from(body as string);
          return { header: { name, size: bytes.length, type: 'file' as const }, body: new Uint8Array(bytes) };
        }),
      ),
    );
  const sample = async (key: string, label: string, ending = 'cls'): Promise<[string, string | Buffer][]> => [
    [`${key}.jpg`, await picture(`${key}.jpg`)],
    [`${key}.${ending}`, label],
  ];

  test('of numbered classes, in several archives, with names beside', async () => {
    data.put('test/0.tar', await tar([...(await sample('s/001', '1')), ...(await sample('s/002.x', '0'))]));
    data.put('train/0.tar', await tar([...(await sample('a', '0\n')), ...(await sample('b', '2'))]));
    data.put('train/1.tar', await tar(await sample('c', '{"label": 1, "caption": "a cat"}', 'json')));
    data.put('classnames.txt', 'ant\nbee\ncat\n');
    await using set = await data.open();
    expect(set).toMatchObject({ kind: 'webdataset', classes: ['ant', 'bee', 'cat'] });
    expect(listed(set.train)).toEqual([
      ['train/0.tar: a.jpg', 0],
      ['train/0.tar: b.jpg', 2],
      ['train/1.tar: c.jpg', 1],
    ]);
    await expectColour(set.train, 1, 'b.jpg');
    await expectColour(set.train, 2, 'c.jpg');
    await expectColour(set.test, 0, 's/001.jpg');
  });

  test('of named classes without a split: a fifth of each is test', async () => {
    const members = [];
    for (let i = 0; i < 10; i++) members.push(...(await sample(`k${i}`, i < 5 ? 'oak' : 'elm')));
    members.push(['lonely.jpg', await picture('lonely.jpg')] as [string, Buffer]);
    data.put('00000.tar', await tar(members));
    await using set = await data.open();
    expect(set.classes).toEqual(['elm', 'oak']);
    expect([set.train.length, set.test.length]).toEqual([8, 2]);
    expect([...set.test.labels].sort()).toEqual([0, 1]);
    expect(set.remarks.join('\n')).toContain('1 picture has no label');
    expect(set.remarks.join('\n')).toContain('no test images: a fifth of every class');
  });

  test('what is wrong is named', async () => {
    data.put('train.tar', await tar([...(await sample('a', '0')), ...(await sample('b', 'bee'))]));
    expect(await data.refused()).toContain('some labels are numbers, others names ("bee")');
    data.put('train.tar', await tar([...(await sample('a', '0')), ...(await sample('b', '3'))]));
    data.put('test.tar', await tar(await sample('c', '1')));
    data.put('classes.txt', 'x\ny\nz');
    expect(await data.refused()).toContain('train.tar: b.jpg has class number 3, and there are 3 classes (0 … 2)');
    data.put('test.tar', Buffer.alloc(700, 'x'));
    expect(await data.refused()).toContain('damaged tar archive at byte 0');
  });
});

describe('Parquet', () => {
  const NAMES = ['ant', 'bee', 'cat'];
  const said = (label: string, image = 'image') => ({
    key: 'huggingface',
    value: JSON.stringify({
      info: { features: { [image]: { _type: 'Image' }, [label]: { names: NAMES, _type: 'ClassLabel' } } },
    }),
  });
  /** As the `datasets` library writes it: a struct of bytes and path, numbers of classes, names in the metadata. */
  async function table(
    rows: [name: string, label: number | null][],
    o: { label?: string; image?: string; metadata?: boolean; broken?: number } = {},
  ): Promise<Buffer> {
    const { label = 'label', image = 'image' } = o;
    const pictures = [];
    for (const [k, [name]] of rows.entries())
      pictures.push(k === o.broken ? null : { bytes: new Uint8Array(await picture(name)), path: name });
    return Buffer.from(
      parquetWriteBuffer({
        schema: [
          { name: 'root', num_children: 2 },
          { name: image, num_children: 2, repetition_type: 'OPTIONAL' },
          { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
          { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
          { name: label, type: 'INT64', repetition_type: 'OPTIONAL' },
        ],
        columnData: [
          { name: image, data: pictures },
          { name: label, data: rows.map(([, l]) => (l === null ? null : BigInt(l))) },
        ],
        rowGroupSize: 3,
        kvMetadata: o.metadata === false ? [] : [said(label, image)],
      } as never),
    );
  }

  test('as Hugging Face writes it: splits by the names of files, classes by the metadata', async () => {
    data.put(
      'data/train-00000-of-00002-abc.parquet',
      await table([
        ['a', 2],
        ['b', 0],
        ['c', 1],
        ['d', 1],
      ]),
    );
    data.put('data/train-00001-of-00002-abc.parquet', await table([['e', 0]]));
    data.put('data/validation-00000-of-00001.parquet', await table([['f', 1]]));
    data.put(
      'data/test-00000-of-00001.parquet',
      await table(
        [
          ['g', 1],
          ['h', 2],
        ],
        { broken: 1 },
      ),
    );
    await using set = await data.open();
    expect(set).toMatchObject({ kind: 'parquet', classes: NAMES });
    expect([...set.train.labels]).toEqual([2, 0, 1, 1, 0]);
    expect([...set.val!.labels]).toEqual([1]);
    for (const [i, name] of [...'abcde'].entries()) await expectColour(set.train, i, name);
    expect(set.train.nameOf(4)).toBe('data/train-00001-of-00002-abc.parquet: row 0');
    const { signal } = new AbortController();
    for await (const { index, leftOut } of decodeSplit(set.test, { looks: [centred(2)], signal })) {
      expect(index).toEqual([0]);
      expect(leftOut).toEqual([
        { name: 'data/test-00000-of-00001.parquet: row 1', why: 'no bytes of a picture in its row' },
      ]);
    }
  });

  test('secret test labels: validation is tested on; the fine classes of two', async () => {
    data.put(
      'train/0000.parquet',
      await table(
        [
          ['a', 2],
          ['b', 0],
        ],
        { label: 'fine_label', image: 'img' },
      ),
    );
    data.put(
      'test/0000.parquet',
      await table(
        [
          ['c', -1],
          ['d', -1],
        ],
        { label: 'fine_label', image: 'img' },
      ),
    );
    data.put('validation/0000.parquet', await table([['e', 1]], { label: 'fine_label', image: 'img' }));
    await using set = await data.open();
    expect([...set.test.labels]).toEqual([1]);
    expect(set.val).toBeUndefined();
    expect(set.remarks.join('\n')).toContain('are secret (−1)');
  });

  test('what is wrong is named', async () => {
    data.put(
      'train.parquet',
      await table([
        ['a', 2],
        ['b', null],
      ]),
    );
    data.put('test.parquet', await table([['c', 0]]));
    expect(await data.refused()).toContain('train.parquet, row 1: label is empty, which is no class');
    data.put(
      'train.parquet',
      await table([
        ['a', 2],
        ['b', 7],
      ]),
    );
    expect(await data.refused()).toContain('train.parquet: row 1 has class number 7, and there are 3 classes');
    data.put('train.parquet', await table([['a', 2]], { label: 'wings', metadata: false }));
    expect(await data.refused()).toContain('no column of labels');
    data.put('train.parquet', (await table([['a', 2]])).subarray(0, -9));
    expect(await data.refused()).toContain('no Parquet file, or cut off');
  });

  test('several data sets in one folder are not mixed', async () => {
    data.put('cats/train.parquet', await table([['a', 0]]));
    data.put('dogs/train.parquet', await table([['a', 0]]));
    expect(await data.refused({ kind: 'parquet' })).toContain('holds 2 data sets (cats, dogs)');
    data.put('train.parquet', await table([['a', 0]]));
    expect(await data.refused({ kind: 'parquet' })).toMatch(
      /holds 3 data sets \(cats, dogs, \.\): name one, as in .*\/cats/,
    );
  });

  test('from the hub, into the cache that its own tools use', async () => {
    const commit = '0123456789012345678901234567890123456789';
    const hub = await FakeHub.start({
      'datasets/o/n': {
        commit,
        refs: { main: commit },
        files: {
          'README.md': 'about',
          'data/train-0.parquet': new Uint8Array(
            await table([
              ['a', 0],
              ['b', 1],
              ['c', 2],
            ]),
          ),
          'data/test-0.parquet': new Uint8Array(await table([['d', 1]])),
        },
      },
    });
    try {
      const settings = hub.settings(join(data.dir, 'cache'));
      await using set = await openEvalSet({ dir: 'hf:o/n' }, { hub: settings });
      expect(set).toMatchObject({ name: 'n', kind: 'parquet', classes: NAMES });
      expect(set.dir).toBe(join(data.dir, 'cache/datasets--o--n/snapshots', commit));
      await expectColour(set.train, 2, 'c');
      await expect(openEvalSet({ dir: 'hf:o/other' }, { hub: settings })).rejects.toThrow('no such data set');
    } finally {
      await hub.stop();
    }
  });
});

test('an archive that is left beside the folders it came in is no data set', async () => {
  await data.pictures('train/a/1.png', 'train/b/2.png', 'test/a/3.png', 'test/b/4.png');
  data.put('pictures.tar', 'anything');
  expect((await data.open()).kind).toBe('folder');
});
