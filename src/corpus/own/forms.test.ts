import { mkdir, mkdtemp, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ByteWriter, ParquetWriter, parquetWriteBuffer } from 'hyparquet-writer';
import { packTar } from 'modern-tar';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imagesOf } from '../../run/config.js';
import { type Corpus, openCorpus } from '../corpus.js';
import { linkCorpus } from '../link.js';
import { detect } from './form.js';
import { parseSource, type SourceSpec } from './source.js';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'forms-'));
});
afterAll(() => rm(base, { recursive: true }));

type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff';
/** A picture that can be told from others by its red. */
const picture = (red: number, format: Format = 'png', width = 12, height = 12): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: red, g: 9, b: 90 } } })
    .toFormat(format, format === 'webp' ? { lossless: true } : {})
    .toBuffer();

async function tree(dir: string, files: Record<string, Buffer | string>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  return dir;
}

async function tar(members: readonly (readonly [string, Buffer | string])[]): Promise<Buffer> {
  const entries = members.map(([name, body]) => {
    const bytes = Buffer.from(body as string);
    return { header: { name, size: bytes.length, type: 'file' as const }, body: new Uint8Array(bytes) };
  });
  return Buffer.from(await packTar(entries));
}

let runs = 0;
/** Links sources as a run would, and opens them. */
async function link(...specs: (string | SourceSpec)[]) {
  const run = join(base, `run-${runs++}`);
  const notes: string[] = [];
  const hooks = { signal: new AbortController().signal, progress() {}, warn() {}, note: (l: string) => notes.push(l) };
  const linked = await linkCorpus(
    specs.map((s) => (typeof s === 'string' ? { path: s, weight: 1 } : s)),
    { run, hooks, mostBad: 0.4 },
  );
  return { ...linked, run, notes, corpus: await openCorpus(imagesOf(run, linked.record)) };
}

/** Captions, classes and the reds of all images. */
async function contents(corpus: Corpus) {
  const classes = await corpus.classes();
  const out: [caption: string, label: string, reds: number[]][] = [];
  const numbers: number[] = [];
  for (let i = 0; i < corpus.length; i++) {
    const reds: number[] = [];
    for (let j = 0; j < corpus.imagesOf(i); j++) {
      reds.push(
        (
          await sharp(await corpus.readImage(i, j))
            .raw()
            .toBuffer()
        )[0],
      );
      numbers.push(corpus.imageNumber(i, j));
    }
    const label = classes && classes.of[i] >= 0 ? classes.names[classes.of[i]] : '';
    out.push([await corpus.caption(i), label, reds]);
  }
  expect(numbers).toEqual(Array.from({ length: corpus.images }, (_, k) => k));
  await corpus.close();
  return out;
}

test('a folder a class, of train and test only train, links to folders followed', async () => {
  const dir = await tree(join(base, 'class'), {
    'train/cat/1.png': await picture(10),
    'train/cat/inner/2.webp': await picture(20, 'webp'),
    'train/dog/a.gif': await picture(30, 'gif'),
    'train/dog/.hidden.png': 'x',
    'test/cat/9.png': await picture(99),
    'README.md': 'x',
  });
  await symlink(join(dir, 'train', 'dog'), join(dir, 'train', 'hound'));
  await symlink(join(dir, 'train'), join(dir, 'train', 'cat', 'back'));
  const { corpus, notes, record } = await link(dir);
  expect(notes.join()).toMatch(/a folder a class \(\d folders of 5 pictures.*of train and test only train is taken/);
  expect(await contents(corpus)).toEqual([
    ['', 'cat', [10]],
    ['', 'cat', [20]],
    ['', 'dog', [30]],
    ['', 'hound', [30]],
  ]);
  expect(record).toMatchObject({ captions: 4, images: 4, foreign: true });
  expect(record.sources![0]).toMatchObject({ form: 'class', classes: 3, origin: 'unknown', share: 1 });
});

test('train and test within each class leave the classes as they are', async () => {
  const dir = await tree(join(base, 'within'), {
    'cats/train/1.png': await picture(10),
    'cats/test/2.png': await picture(11),
    'elephants/train/3.png': await picture(20),
    'elephants/test/4.png': await picture(21),
  });
  const { corpus } = await link(dir);
  expect(await contents(corpus)).toEqual([
    ['', 'cats', [10]],
    ['', 'elephants', [20]],
  ]);
});

test('a folder a caption, by its name or its caption.txt, with any number of images', async () => {
  const dir = await tree(join(base, 'caption'), {
    'a red fox in the snow/0.png': await picture(1),
    'a red fox in the snow/1.png': await picture(2),
    'a red fox in the snow/2.png': await picture(3),
    'two_boats_on_a_lake/x.jpg': await picture(40, 'jpeg'),
    'third one with words/y.png': await picture(50),
    'third one with words/caption.txt': '\ufeff  said  otherwise\n',
  });
  const { corpus, notes } = await link(dir);
  expect(notes.join()).toMatch(/a folder a caption \(3 folders of 5 pictures, whose names are sentences/);
  expect(corpus.imagesPerCaption).toBe(3);
  expect((await contents(corpus)).map(([c, l, r]) => [c, l, r.length])).toEqual([
    ['a red fox in the snow', '', 3],
    ['said otherwise', '', 1],
    ['two boats on a lake', '', 1],
  ]);
  // Said to be classes, they are.
  const other = await link({ path: dir, weight: 1, form: 'class' });
  expect((await contents(other.corpus)).length).toBe(5);
});

test('pictures with .txt and .json beside them, several of a caption by number', async () => {
  const dir = await tree(join(base, 'sidecar'), {
    'a.0.png': await picture(1),
    'a.1.png': await picture(2),
    'a.txt': 'a caption of two',
    'b.png': await picture(3),
    'b.json': JSON.stringify({ caption: 'from JSON', label: 'bee' }),
    'sub/c.png': await picture(4),
    'sub/c.caption': 'in a folder',
    'd.png': await picture(5),
  });
  const { corpus, notes } = await link(dir);
  expect(notes.join()).toMatch(/4 of 5 pictures have text beside them/);
  expect(await contents(corpus)).toEqual([
    ['a caption of two', '', [1, 2]],
    ['from JSON', 'bee', [3]],
    ['', '', [5]],
    ['in a folder', 'sub', [4]],
  ]);
});

test('pictures in one folder are each their own caption', async () => {
  const dir = await tree(join(base, 'flat'), { 'x.tiff': await picture(7, 'tiff'), 'y.png': await picture(8) });
  const { corpus, suggested } = await link(dir);
  expect(suggested).toEqual({});
  expect(await contents(corpus)).toEqual([
    ['', '', [7]],
    ['', '', [8]],
  ]);
});

test('img2dataset tars, with metadata beside them and samples without an image', async () => {
  const meta = (o: object) => JSON.stringify({ url: 'u', width: 12, status: 'success', ...o });
  const dir = await tree(join(base, 'img2dataset'), {
    '00000.tar': await tar([
      ['000000000.jpg', await picture(10, 'jpeg')],
      ['000000000.txt', 'first caption'],
      ['000000000.json', meta({ caption: 'first caption', key: '000000000' })],
      ['000000001.txt', 'failed'],
      ['000000001.json', meta({ caption: 'failed', status: 'failed_to_download', error_message: 'HTTP 404' })],
      ['000000002.jpg', await picture(20, 'jpeg')],
      ['000000002.json', meta({ caption: 'only in JSON', class: 'thing' })],
    ]),
    '00000.parquet': Buffer.from('metadata'),
    '00000_stats.json': '{}',
    '00001.tar': await tar([
      ['000010000.png', await picture(30)],
      ['000010000.cls', '7'],
      ['../../000010001.png', await picture(40)],
      ['000010002.png', (await picture(40)).subarray(0, 60)],
    ]),
  });
  const { corpus, record, remarks, run } = await link(dir);
  expect((await contents(corpus)).map(([c, l, r]) => [c, l, r.length])).toEqual([
    ['first caption', '', 1],
    ['only in JSON', 'thing', 1],
    ['', '7', 1],
    ['', '', 1],
  ]);
  expect(record.sources![0].bad).toEqual({ 'no image': 1, 'cannot be decoded': 1 });
  expect(remarks[0]).toMatch(/2 images were left out \(1 no image, 1 cannot be decoded\); they are named in/);
  const bad = await readFile(join(run, 'corpus', record.sources![0].index!, 'bad'), 'utf8');
  expect(
    bad
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l).sample),
  ).toEqual([join(dir, '00000.tar: 000000001'), join(dir, '00001.tar: 000010002')]);
});

/** A Parquet file as Hugging Face data sets has it: a struct of bytes and path, labels with names. */
async function parquet(
  rows: readonly { image: Buffer | null; text: string; label: number }[],
  codec: 'SNAPPY' | 'UNCOMPRESSED' = 'SNAPPY',
): Promise<Buffer> {
  const huggingface = { info: { features: { label: { names: ['cat', 'dog'], _type: 'ClassLabel' } } } };
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    codec,
    schema: [
      { name: 'root', num_children: 3 },
      { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
      { name: 'text', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ],
    kvMetadata: [{ key: 'huggingface', value: JSON.stringify(huggingface) }],
  });
  for (let at = 0; at < rows.length; at += 4) {
    const some = rows.slice(at, at + 4);
    file.write({
      columnData: [
        { name: 'image', data: some.map((r) => r.image && { bytes: new Uint8Array(r.image), path: 'x.png' }) },
        { name: 'label', data: some.map((r) => BigInt(r.label)) },
        { name: 'text', data: some.map((r) => r.text) },
      ],
    });
  }
  file.finish();
  return Buffer.from(writer.getBytes());
}

test.each(['SNAPPY', 'UNCOMPRESSED'] as const)('Parquet as Hugging Face writes it, %s', async (codec) => {
  const rows = await Promise.all(
    Array.from({ length: 11 }, async (_, i) => ({
      image: i === 6 ? null : await picture(10 * i),
      text: `row ${i}`,
      label: i % 2,
    })),
  );
  const dir = await tree(join(base, `parquet-${codec}`), {
    'data/train-00000-of-00001.parquet': await parquet(rows, codec),
    'data/test-00000-of-00001.parquet': await parquet(rows.slice(0, 2), codec),
    'README.md': 'x',
  });
  const { corpus, record } = await link(dir);
  const expected = rows.flatMap((r, i) => (r.image ? [[`row ${i}`, ['cat', 'dog'][i % 2], [10 * i]]] : []));
  expect(await contents(corpus)).toEqual(expected);
  expect(record.sources![0].bad).toEqual({ 'no image': 1 });
});

test('Parquet with several columns of images, and one without', async () => {
  const a = await Promise.all([picture(1), picture(2)]);
  const b = await Promise.all([picture(101), picture(102)]);
  const bytes = (list: Buffer[]) => list.map((x) => new Uint8Array(x));
  const dir = await tree(join(base, 'columns'), {
    'x.parquet': Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'image_1', data: bytes(b), type: 'BYTE_ARRAY' },
          { name: 'TEXT', data: ['one', 'two'], type: 'STRING' },
          { name: 'image_0', data: bytes(a), type: 'BYTE_ARRAY' },
        ],
      }),
    ),
  });
  const { corpus, suggested } = await link(dir);
  expect(suggested).toEqual({ 'images.perCaption': 2 });
  expect(await contents(corpus)).toEqual([
    ['one', '', [1, 101]],
    ['two', '', [2, 102]],
  ]);
  const none = await tree(join(base, 'no-image'), {
    'x.parquet': Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'url', data: ['a'], type: 'STRING' }] })),
  });
  await expect(link(none)).rejects.toThrow(/x\.parquet: no column of images: .*it has url \(text\)/);
});

test('what cannot be read is said', async () => {
  const refuse = async (path: string, message: RegExp) =>
    expect(link(path)).rejects.toMatchObject({ name: 'UserError', message: expect.stringMatching(message) });
  const empty = join(base, 'empty');
  await mkdir(empty);
  await refuse(empty, /nothing here that is read as images: the folder is empty/);
  await refuse(join(base, 'absent'), /absent: no such file or folder/);
  await tree(join(base, 'videos'), { 'a.mp4': 'x', 'b.mp4': 'x' });
  await refuse(join(base, 'videos'), /nothing here that is read as images: it has 2 \*\.mp4/);
  const mixed = await tree(join(base, 'mixed'), {
    'a.png': await picture(1),
    'b.tar': await tar([['a.png', await picture(1)]]),
  });
  await refuse(mixed, /of several forms \(it has 1 \*\.tar, 1 pictures\): .*mixed,webdataset/);
  expect((await link({ path: mixed, weight: 1, form: 'flat' })).record.captions).toBe(1);
  const png = await picture(1);
  const twice = await tree(join(base, 'twice'), {
    'x.tar': await tar([
      ['a.png', png],
      ['b.png', png],
      ['a.png', png],
    ]),
  });
  await refuse(twice, /x\.tar: a\.png belongs to sample a, which came before: names must differ/);
  await refuse(
    await tree(join(base, 'no-tar'), { 'x.tar': 'no tar at all'.repeat(99) }),
    /x\.tar: damaged tar archive/,
  );
  await refuse(
    await tree(join(base, 'no-pq'), { 'x.parquet': 'no Parquet' }),
    /x\.parquet: no Parquet file, or cut off/,
  );
  await refuse(
    await tree(join(base, 'bad'), { 'a.png': png, 'b.png': 'x', 'c.png': '', 'd.jpg': png.subarray(0, 50) }),
    /3 of 4 images are bad \(3 cannot be decoded\), more than the share corpus\.mostBad = 0\.4; they are named in/,
  );
  await writeFile(join(base, 'file.txt'), 'x');
  await refuse(join(base, 'file.txt'), /a file that is no \*\.tar or \*\.parquet/);
});

test('an index is taken as it is, goes with its files, and is made anew where they changed', async () => {
  const dir = await tree(join(base, 'again'), { 'a/1.png': await picture(1), 'b/1.png': await picture(2) });
  const run = join(base, 'again-run');
  const seen: number[] = [];
  const hooks = {
    signal: new AbortController().signal,
    progress: (p: { done: number }) => seen.push(p.done),
    warn() {},
  };
  const first = await linkCorpus(dir, { run, hooks });
  expect(seen.length).toBeGreaterThan(0);
  seen.length = 0;
  expect(await linkCorpus(dir, { run, hooks })).toEqual(first);
  expect(seen).toEqual([]);
  // Touched: read again, and found to be the same.
  await utimes(join(dir, 'a/1.png'), new Date(), new Date(1e12));
  expect((await linkCorpus(dir, { run, hooks })).record.fingerprint).toBe(first.record.fingerprint);
  expect(seen.length).toBeGreaterThan(0);
  await writeFile(join(dir, 'a/1.png'), await picture(3));
  const changed = await linkCorpus(dir, { run, hooks });
  expect(changed.record.fingerprint).not.toBe(first.record.fingerprint);
  // Elsewhere with the same content it is the same.
  const copy = await tree(join(base, 'copy'), { 'a/1.png': await picture(3), 'b/1.png': await picture(2) });
  expect((await link(copy)).record.fingerprint).toBe(changed.record.fingerprint);
  const corpus = await openCorpus(imagesOf(run, changed.record));
  await truncate(join(dir, 'b/1.png'), 20);
  await expect(corpus.readImage(1, 0)).rejects.toThrow(/b\/1\.png: has 20 bytes, and \d+ when it was indexed/);
  await corpus.close();
});

test('sources as the command line says them', () => {
  const there =
    (...paths: string[]) =>
    (p: string) =>
      paths.includes(p);
  expect(parseSource('a', there('a'))).toEqual({ path: 'a', weight: 1 });
  expect(parseSource('a=0.7', there('a'))).toEqual({ path: 'a', weight: 0.7 });
  expect(parseSource('a,photographed,class', there('a'))).toEqual({
    ...{ path: 'a', weight: 1, origin: 'photographed', form: 'class' },
  });
  expect(parseSource('x=1,y', there('x=1,y'))).toEqual({ path: 'x=1,y', weight: 1 });
  expect(parseSource('x=1=2,painted', there('x=1'))).toEqual({ path: 'x=1', weight: 2, origin: 'painted' });
  expect(parseSource('gone=3', there())).toEqual({ path: 'gone', weight: 3 });
  for (const [text, message] of [
    ['a=0', /expected a weight above 0/],
    ['a=', /expected a weight above 0/],
    ['a=x', /expected a weight above 0/],
    ['a,photos', /unknown word "photos"; known: webdataset/],
    ['a,painted,photographed', /painted or photographed, not both/],
    ['a,class,caption', /class or caption, not both/],
  ] as const)
    expect(() => parseSource(text, there('a'))).toThrow(message);
});

test('what is found out about a form is found in its content', async () => {
  expect((await detect({ path: join(base, 'class'), weight: 1 })).form).toBe('class');
});
