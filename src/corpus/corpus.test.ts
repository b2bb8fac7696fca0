import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { options } from '../../test/small-corpus.js';
import { TarWriter } from '../formats/tar.js';
import { Rng } from '../rng.js';
import { writeCaptions } from './captions-stage.js';
import { openCorpus } from './corpus.js';
import { writeImages } from './images-stage.js';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'corpus-'));
});
afterAll(() => rm(base, { recursive: true }));

const picture = (side: number, red: number) =>
  sharp({ create: { width: side, height: side, channels: 3, background: { r: red, g: 0, b: 0 } } });

/** Writes a tar of these members. */
async function tar(file: string, members: readonly (readonly [string, Uint8Array | string])[]): Promise<void> {
  const parts: Uint8Array[] = [];
  const writer = new TarWriter((b) => parts.push(Uint8Array.from(b)));
  for (const [name, data] of members) writer.add(name, Buffer.from(data));
  writer.finish();
  await writeFile(file, Buffer.concat(parts));
}

describe('our own shards', () => {
  let dir: string;
  beforeAll(async () => {
    dir = join(base, 'ours');
    await writeCaptions(options(dir));
    await writeImages(options(dir));
  }, 120_000);

  test('every sample in any order is what tar says it is', async () => {
    const corpus = await openCorpus(join(dir, 'images'));
    expect(corpus).toMatchObject({ length: 30, imagesPerCaption: 2, size: 32 });
    for (const i of Rng.of(3, 'order').shuffle(Array.from({ length: 30 }, (_, k) => k))) {
      const file = join(dir, 'images', `images-${String(Math.floor(i / 4)).padStart(6, '0')}.tar`);
      const key = String(i).padStart(9, '0');
      const get = (end: string) => execFileSync('tar', ['xOf', file, `${key}.${end}`]);
      const { record, images } = await corpus.read(i);
      expect(record).toEqual(JSON.parse(get('json').toString()));
      expect(record.id).toBe(i);
      expect(images.map((b) => b.equals(get(`${images.indexOf(b)}.jpg`)))).toEqual([true, true]);
      expect((await corpus.readImage(i, 1)).equals(images[1])).toBe(true);
      expect(corpus.where(i)).toBe(`${file}, sample ${(i % 4) + 1} of ${i < 28 ? 4 : 2}`);
    }
    const classes = (await corpus.classes())!;
    expect(classes.names).toEqual([...new Set(classes.names)].sort());
    for (let i = 0; i < 30; i++) {
      const { record, images } = await corpus.read(i);
      expect(classes.names[classes.of[i]]).toBe(record.concept);
      expect(await corpus.caption(i)).toBe(record.caption);
      expect(corpus.imagesOf(i)).toBe(images.length);
    }
    await corpus.verify();
    await expect(corpus.read(30)).rejects.toThrow(/internal/);
    await expect(corpus.readImage(0, 2)).rejects.toThrow(/internal/);
    await corpus.close();
  });

  test("is found in a run's folder too, and several can be open", async () => {
    const [a, b] = await Promise.all([openCorpus(dir), openCorpus(join(dir, 'images'))]);
    const [x, y] = await Promise.all([a.read(7), b.read(7)]);
    expect(x).toEqual(y);
    await Promise.all([a.close(), b.close()]);
  });

  test('a shard cut short is found when the corpus is opened', async () => {
    const file = join(dir, 'images', 'images-000002.tar');
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 512));
    await expect(openCorpus(dir)).rejects.toThrow(
      /corrupt shard .*images-000002\.tar: \d+ bytes, expected \d+; delete it/,
    );
    await writeFile(file, bytes);
  });

  test('a shard of other content than the manifest says is named when it is read', async () => {
    const file = join(dir, 'images', 'images-000002.tar');
    const bytes = await readFile(file);
    const changed = Buffer.from(bytes);
    // Of the same size: the JSON of a sample; then a sample's name, so that it is two.
    changed.write('["no", "longer"', changed.indexOf('{"id":8'));
    await writeFile(file, changed);
    const corpus = await openCorpus(dir);
    await expect(corpus.read(8)).rejects.toThrow(/images-000002\.tar, sample 1 of 4: its \.json is not JSON/);
    await corpus.close();
    const manifest = join(dir, 'images', 'manifest.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(file, bytes);
    await writeFile(manifest, text.replace('"images.perCaption": 2', '"images.perCaption": 1'));
    const other = await openCorpus(dir);
    await expect(other.readImage(8, 0)).rejects.toThrow(
      /corrupt shard .*images-000002\.tar: 4 samples of 2 images, expected 4 of 1; delete it/,
    );
    await other.close();
    await writeFile(manifest, text.replace('"images.perCaption": 2', '"images.perCaption": "2"'));
    await expect(openCorpus(dir)).rejects.toThrow(
      /images\.perCaption: Invalid input: expected number, received string/,
    );
    await writeFile(manifest, text);
  });
});

describe('a WebDataset made elsewhere', () => {
  test('one image a sample, png and webp, folders in names, other members', async () => {
    const dir = join(base, 'elsewhere');
    const from = join(base, 'from');
    await mkdir(join(from, 'train'), { recursive: true });
    await mkdir(dir);
    await picture(20, 10)
      .png()
      .toFile(join(from, 'train', 'n01.png'));
    await writeFile(join(from, 'train', 'n01.txt'), 'a red square\n');
    await writeFile(join(from, 'train', 'n01.cls'), '3');
    await picture(20, 20)
      .webp()
      .toFile(join(from, 'train', 'n02.webp'));
    await writeFile(
      join(from, 'train', 'n02.json'),
      JSON.stringify({ caption: 'a darker square', concept: 'square', other: 1 }),
    );
    await writeFile(join(from, 'train', '._n02.webp'), 'x');
    await writeFile(join(from, '__meta__'), 'x');
    execFileSync('tar', ['cf', join(dir, 'b-1.tar'), '-C', from, '--sort=name', './__meta__', './train']);
    await tar(join(dir, 'a-0.tar'), [['n00.JPG', await picture(24, 0).jpeg().toBuffer()]]);
    await writeFile(join(dir, 'notes.md'), '');

    const corpus = await openCorpus(dir);
    expect(corpus).toMatchObject({ length: 3, imagesPerCaption: 1, size: 24 });
    const empty = { template: 'concept', kind: 'object', concept: '', source: 'webdataset', writer: 'unknown' };
    expect((await corpus.read(0)).record).toEqual({ ...empty, id: 0, caption: '' });
    expect((await corpus.read(1)).record).toEqual({ ...empty, id: 1, caption: 'a red square' });
    expect((await corpus.read(2)).record).toEqual({
      ...empty,
      id: 2,
      caption: 'a darker square',
      concept: 'square',
      other: 1,
    });
    expect((await sharp(await corpus.readImage(2, 0)).metadata()).format).toBe('webp');
    expect(await Promise.all([0, 1, 2].map((i) => corpus.caption(i)))).toEqual(['', 'a red square', 'a darker square']);
    expect(await corpus.classes()).toEqual({ names: ['square'], of: Int32Array.from([-1, -1, 0]) });
    await corpus.verify();
    await corpus.close();
  });

  test('ten images a sample come in numerical order', async () => {
    const dir = join(base, 'many');
    await mkdir(dir);
    const jpegs = await Promise.all(
      Array.from({ length: 11 }, (_, j) =>
        picture(8, j * 20)
          .jpeg()
          .toBuffer(),
      ),
    );
    const shuffled = Rng.of(5, 'x').shuffle(Array.from({ length: 11 }, (_, j) => j));
    await tar(
      join(dir, 'x.tar'),
      shuffled.map((j) => [`k.${j}.jpg`, jpegs[j]]),
    );
    const corpus = await openCorpus(dir);
    expect(corpus.imagesPerCaption).toBe(11);
    for (let j = 0; j < 11; j++) expect((await corpus.readImage(0, j)).equals(jpegs[j]), `image ${j}`).toBe(true);
    await corpus.close();
  });

  test('more shards than files may be open', async () => {
    const dir = join(base, 'wide');
    await mkdir(dir);
    const jpeg = await picture(8, 0).jpeg().toBuffer();
    for (let k = 0; k < 150; k++)
      await tar(join(dir, `s-${String(k).padStart(4, '0')}.tar`), [
        [`${k}.jpg`, jpeg],
        [`${k}.txt`, `caption ${k}`],
      ]);
    const openNow = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
    const before = openNow();
    const corpus = await openCorpus(dir);
    for (const i of Rng.of(9, 'x').shuffle(Array.from({ length: 150 }, (_, k) => k)))
      expect((await corpus.read(i)).record.caption).toBe(`caption ${i}`);
    expect(openNow() - before).toBeLessThan(80);
    await corpus.close();
    expect(openNow() - before).toBeLessThan(8);
  });

  test('names that come twice, links and files that cannot be are named', async () => {
    const dir = join(base, 'twins');
    await mkdir(dir);
    const jpeg = await picture(8, 0).jpeg().toBuffer();
    const refuse = async (names: readonly string[], message: RegExp) => {
      await tar(
        join(dir, 'x.tar'),
        names.map((name) => [name, jpeg] as const),
      );
      await expect(openCorpus(dir)).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(message),
      });
    };
    await refuse(['a.jpg', 'a.jpg', 'b.jpg'], /x\.tar: a\.jpg is in it twice: names must differ/);
    await refuse(['a.jpg', 'a.txt', 'a.TXT'], /x\.tar: a\.TXT is in it twice/);
    await refuse(['a.jpg', 'b.jpg', 'a.jpg'], /x\.tar: a\.jpg belongs to sample a, which came before/);
    await refuse(['a.jpg', 'a.png'], /x\.tar: a\.jpg and a\.png are both image 0 of sample a/);
    await refuse(['a.0.jpg', 'a.00.jpg'], /are both image 0 of sample a/);
    const from = join(base, 'linked');
    await mkdir(from);
    await writeFile(join(from, 'a.jpg'), jpeg);
    await symlink('a.jpg', join(from, 'b.jpg'));
    execFileSync('tar', ['cf', join(dir, 'x.tar'), '-C', from, 'a.jpg', 'b.jpg']);
    await expect(openCorpus(dir)).rejects.toThrow(
      /x\.tar: b\.jpg is a link, which has no content of its own: pack the files themselves \(tar --dereference/,
    );
  });

  test('what is wrong is named', async () => {
    const dir = join(base, 'wrong');
    await mkdir(dir);
    const jpeg = await picture(8, 0).jpeg().toBuffer();
    const refuse = async (members: readonly (readonly [string, Uint8Array | string])[], message: RegExp) => {
      await tar(join(dir, 'x.tar'), members);
      await expect(openCorpus(dir)).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(message),
      });
    };
    await expect(openCorpus(dir)).rejects.toThrow(/no image shards here; paint them first: synclr images/);
    await expect(openCorpus(join(dir, 'absent'))).rejects.toThrow(/no image shards here/);
    await refuse([], /x\.tar: a tar archive without samples/);
    await refuse([['a.txt', 'x']], /x\.tar: sample a has no image/);
    await refuse(
      [
        ['a.0.jpg', jpeg],
        ['a.1.jpg', jpeg],
        ['b.0.jpg', jpeg],
      ],
      /x\.tar: sample b has 1 images, the one before has 2/,
    );
    await refuse([['a.jpg', 'no image']], /x\.tar: its first image cannot be decoded/);
    await writeFile(join(dir, 'x.tar'), 'no tar at all'.repeat(100));
    await expect(openCorpus(dir)).rejects.toThrow(/x\.tar: damaged tar archive at byte 0/);
    await tar(join(dir, 'x.tar'), [
      ['a.jpg', jpeg],
      ['a.json', '{"caption":'],
    ]);
    const corpus = await openCorpus(dir);
    await expect(corpus.read(0)).rejects.toThrow(/x\.tar, sample 1 of 1: its \.json is not JSON/);
    await corpus.close();
    const said = async (json: string) => {
      await tar(join(dir, 'x.tar'), [
        ['a.jpg', jpeg],
        ['a.json', json],
      ]);
      const opened = await openCorpus(dir);
      try {
        return await opened.read(0);
      } finally {
        await opened.close();
      }
    };
    await expect(said('[1]')).rejects.toThrow(
      /sample 1 of 1: its \.json: Invalid input: expected record, received array/,
    );
    await expect(said(`${'['.repeat(9000)}`)).rejects.toThrow(/its \.json is nested more than 200 deep/);
    // Metadata of others' that only has a name in common with ours is theirs.
    const { record } = await said(
      '\ufeff{"caption": "x", "id": "n01", "concept": 7, "kind": "dog", "__proto__": {"concept": 1}}',
    );
    expect(record).toMatchObject({ id: 0, caption: 'x', concept: '', kind: 'object' });
  });
});
