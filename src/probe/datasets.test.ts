import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import { openDataset } from './datasets.js';

let root: string;
/** The data set's folder. */
let dir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'synclr-datasets-'));
  dir = root;
});
afterEach(() => rmSync(root, { recursive: true }));

/** Files are listed, not decoded. */
function files(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), name);
  }
}

async function refused(): Promise<string> {
  const e = await openDataset('set', dir).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(e).toBeInstanceOf(UserError);
  const { message } = e as UserError;
  expect(message).not.toContain('\n');
  expect(message).toContain(dir);
  return message;
}

describe('an image folder', () => {
  it('lists classes in order, and files of any image ending below them', async () => {
    files(
      'train/zebra/1.jpg',
      'train/ant/2.PNG',
      'train/ant/deeper/3.webp',
      'train/ant/notes.txt',
      'train/ant/._2.PNG',
    );
    files('test/zebra/4.jpeg', 'README.md');
    const d = await openDataset('set', dir);
    expect(d.classes).toEqual(['ant', 'zebra']);
    expect(d.train.map((s) => [s.file, s.label])).toEqual([
      ['train/ant/2.PNG', 0],
      ['train/ant/deeper/3.webp', 0],
      ['train/zebra/1.jpg', 1],
    ]);
    expect(d.test.map((s) => [s.file, s.label])).toEqual([['test/zebra/4.jpeg', 1]]);
    expect(d.split).toBe('test');
  });

  it('takes val where there is no test', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg', 'val/a/1.jpg');
    expect((await openDataset('set', dir)).split).toBe('val');
  });

  it('without a split of its own is split by the hash of names, class by class', async () => {
    files(...Array.from({ length: 20 }, (_, i) => `a/${i}.jpg`));
    files(...Array.from({ length: 3 }, (_, i) => `b/${i}.jpg`), 'c/only.jpg');
    const d = await openDataset('set', dir);
    expect(d.split).toBe('hash');
    const count = (part: typeof d.train, c: number) => part.filter((s) => s.label === c).length;
    expect([0, 1, 2].map((c) => count(d.test, c))).toEqual([4, 1, 0]);
    expect([0, 1, 2].map((c) => count(d.train, c))).toEqual([16, 2, 1]);
    // Nothing is in both; a second look finds the same.
    expect(new Set([...d.train, ...d.test].map((s) => s.file)).size).toBe(24);
    expect(await openDataset('set', dir)).toEqual(d);
    expect(d.remarks).toEqual(['data set set: no test images of c']);
  });

  it('has a key that changes with its files', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg', 'test/a/1.jpg');
    const before = (await openDataset('set', dir)).hash;
    expect((await openDataset('set', dir)).hash).toBe(before);
    writeFileSync(join(dir, 'train/b/1.jpg'), 'something longer than before');
    expect((await openDataset('set', dir)).hash).not.toBe(before);
  });
});

describe('what cannot be probed is refused in one line', () => {
  it('a missing folder', async () => {
    rmSync(dir, { recursive: true });
    expect(await refused()).toContain('no such folder');
    mkdirSync(dir);
  });
  it('a folder without images', async () => {
    files('train/a/notes.txt', 'test/a/notes.txt');
    expect(await refused()).toContain('no images');
  });
  it('an empty folder', async () => {
    expect(await refused()).toContain('no images');
  });
  it('a single class', async () => {
    files('train/a/1.jpg', 'test/a/1.jpg');
    expect(await refused()).toMatch(/only one class \(a\)/);
  });
  it('a test class that training does not have', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg', 'test/a/1.jpg', 'test/c/1.jpg');
    expect(await refused()).toMatch(/test\/c is a class that train\/ has no images of; training has: a, b/);
  });
  it('half a split', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg');
    expect(await refused()).toContain('neither test nor val');
    rmSync(join(dir, 'train'), { recursive: true });
    files('test/a/1.jpg');
    expect(await refused()).toContain('no train');
  });
  it('a test folder without images', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg', 'test/a/1.txt');
    expect(await refused()).toContain('no images in');
  });
});

const images = (...folders: string[]) => files(...folders.flatMap((f) => [0, 1, 2].map((i) => `${f}/${i}.jpg`)));
const listed = async () => {
  const d = await openDataset('set', dir);
  return { ...d, train: d.train.map((s) => s.file), test: d.test.map((s) => s.file) };
};

describe('folders and files with several names are used once', () => {
  it('a link to a parent, to itself, or above the data set is not followed', async () => {
    images('set/cats', 'set/dogs', 'beside/other');
    dir = join(dir, 'set');
    const before = await listed();
    for (const [name, to] of [
      ['back', '..'],
      ['self', '.'],
      ['up', '../..'],
      ['round', '../../set'],
    ])
      symlinkSync(to, join(dir, 'cats', name));
    const d = await listed();
    expect([d.train, d.test]).toEqual([before.train, before.test]);
    expect(d.remarks).toEqual(
      ['back', 'round', 'self', 'up'].map(
        (n) => `data set set: ${join(dir, 'cats', n)} is a link to a folder above it and is not followed`,
      ),
    );
  });

  it('a folder that a link leads to is read where it lies; the link is named', async () => {
    images('train/cats', 'train/zebras', 'test/cats', 'test/zebras');
    symlinkSync('../zebras', join(dir, 'train/cats/also'));
    symlinkSync('../../train/cats', join(dir, 'test/zebras/more'));
    symlinkSync('zebras', join(dir, 'train/ants'));
    const d = await listed();
    expect(d.classes).toEqual(['cats', 'zebras']);
    expect(d.train).toHaveLength(6);
    expect(d.test).toHaveLength(6);
    expect(d.remarks).toEqual([
      `data set set: ${join(dir, 'test/zebras/more')} is the same folder as ${join(dir, 'train/cats')} and is read once`,
      `data set set: ${join(dir, 'train/ants')} is the same folder as ${join(dir, 'train/zebras')} and is read once`,
      `data set set: ${join(dir, 'train/cats/also')} is the same folder as ${join(dir, 'train/zebras')} and is read once`,
      'data set set: no images that can be read, and so no class: ants',
    ]);
  });

  it('an image on both sides of the split, by a link or a hard link, is on one', async () => {
    images('train/a', 'train/b', 'test/a', 'test/b');
    // The file itself stays, wherever it is; of two equal names training's.
    symlinkSync('../../test/a/0.jpg', join(dir, 'train/a/linked.jpg'));
    symlinkSync('../../train/b/0.jpg', join(dir, 'test/b/linked.jpg'));
    linkSync(join(dir, 'train/a/1.jpg'), join(dir, 'test/a/hard.jpg'));
    const d = await listed();
    expect(d.train).toEqual(['a', 'b'].flatMap((c) => [0, 1, 2].map((i) => `train/${c}/${i}.jpg`)));
    expect(d.test).toEqual(['a', 'b'].flatMap((c) => [0, 1, 2].map((i) => `test/${c}/${i}.jpg`)));
    expect(d.remarks).toEqual([
      'data set set: 3 images are there under several names and used once: test/a/hard.jpg is train/a/1.jpg, train/a/linked.jpg is test/a/0.jpg, test/b/linked.jpg is train/b/0.jpg',
    ]);
  });

  it('a folder, its classes and its images may all be links', async () => {
    images('real/cats', 'store/x');
    mkdirSync(join(dir, 'links'));
    symlinkSync(join(dir, 'real'), join(dir, 'set'));
    symlinkSync('../store/x', join(dir, 'real/dogs'));
    mkdirSync(join(dir, 'real/fish'));
    files('store/fish/0.jpg', 'store/fish/1.jpg');
    for (const i of [0, 1]) symlinkSync(`../../store/fish/${i}.jpg`, join(dir, `real/fish/${i}.jpg`));
    dir = join(dir, 'set');
    const d = await listed();
    expect(d.classes).toEqual(['cats', 'dogs', 'fish']);
    expect(d.train.length + d.test.length).toBe(8);
    expect(d.remarks).toEqual([]);
  });

  it('test that is a link to train has no images of its own', async () => {
    images('train/a', 'train/b');
    symlinkSync('train', join(dir, 'test'));
    expect(await refused()).toContain('no images in');
  });
});

describe('the two sides of a split', () => {
  it.each([
    ['Training', 'Testing'],
    ['TRAIN', 'TEST'],
    ['trn', 'tst'],
    ['train', 'Validation'],
    ['training_set', 'test_set'],
    ['train_images', 'val-images'],
    ['TrainData', 'TestData'],
    ['trainset', 'testset'],
    ['train2017', 'val2017'],
    ['seg_train', 'seg_test'],
    ['train', 'hold-out'],
    ['train', 'held_out'],
    ['train', 'dev'],
    ['train', 'eval'],
    ['train', 'evaluation'],
    ['train', 'valid'],
  ])('%s and %s are understood', async (train, test) => {
    images(`${train}/cats`, `${train}/dogs`, `${test}/cats`, `${test}/dogs`);
    const d = await listed();
    expect([d.classes, d.split, d.train.length, d.test.length]).toEqual([['cats', 'dogs'], test, 6, 6]);
    expect(d.train[0]).toBe(`${train}/cats/0.jpg`);
    expect(d.remarks).toEqual([]);
  });

  it('of test, validation and others the one that is used is said', async () => {
    images(...['train', 'val', 'test', 'extra'].flatMap((p) => [`${p}/a`, `${p}/b`]));
    const d = await listed();
    expect([d.split, d.test.length]).toEqual(['test', 6]);
    expect(d.remarks).toEqual(['data set set: test images come from test; left out: extra, val']);
  });

  const EXPECTED = 'expected train/<class>/… and test/<class>/… (or val), or <class>/… alone';
  it.each([
    [['Training', 'Testing'], 'has a folder Testing without class folders in it'],
    [['train', 'test', 'flask', 'tube'], 'has a folder test without class folders in it'],
    [['train/a', 'train/b', 'test'], 'has a folder test without class folders in it'],
    [['test'], 'has a folder test without class folders in it'],
    [['train/a', 'train/b', 'Train/a', 'test/a'], 'which of Train and train holds the training images?'],
    [['train/a', 'train/b', 'test1/a', 'test2/b'], 'which of test1 and test2 holds the test images?'],
    [['train/a', 'train/b', 'cars'], 'has a folder train but neither test nor val'],
    [['a/train/x', 'a/test/x', 'b/train/x', 'b/test/x'], 'has a split inside of a (train, test)'],
  ])('%j become no classes', async (folders, said) => {
    images(...folders);
    expect(await refused()).toMatch(
      new RegExp(`${said.replace(/[?()]/g, '\\$&')};? ${EXPECTED.replace(/[?()]/g, '\\$&')}$`),
    );
  });

  it.each([
    ['test', 'flask', 'tube'],
    ['train', 'bus', 'tram'],
    ['valid', 'invalid'],
    ['steam train', 'electric train', 'crash test'],
  ])('%s beside %s may be a class', async (...classes) => {
    images(...classes);
    const d = await listed();
    expect(d.classes).toEqual([...classes].sort());
    const odd = classes.filter((c) => /^(test|train|valid)$/.test(c));
    expect(d.remarks).toEqual(
      odd.map(
        (c) => `data set set: ${c} is taken for a class: it holds no class folders, and there are others beside it`,
      ),
    );
  });
});

describe('files are what their content says', () => {
  const JPEG = Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF\0', 'latin1');

  it('pictures of any ending or none are used; what is left out is said, by class and ending', async () => {
    images('cats', 'dogs');
    files(
      'cats/a.txt',
      'cats/b.txt',
      'cats/notes',
      'dogs/c.xml',
      'dogs/d.JFIF',
      'dogs/e.jpe',
      'dogs/f.bmp',
      '.hidden/a.jpg',
    );
    writeFileSync(join(dir, 'dogs/g'), JPEG);
    writeFileSync(join(dir, 'dogs/h.dat'), JPEG);
    files('birds/0.heic', 'birds/1.heic', 'loose.jpg', 'README.md');
    const d = await listed();
    expect(d.classes).toEqual(['cats', 'dogs']);
    expect([...d.train, ...d.test].sort().slice(3)).toEqual(
      ['0.jpg', '1.jpg', '2.jpg', 'd.JFIF', 'e.jpe', 'f.bmp', 'g', 'h.dat'].map((f) => `dogs/${f}`),
    );
    expect(d.remarks).toEqual([
      `data set set: ${dir}: 1 image beside the folders, left out`,
      'data set set: 6 files are no pictures by content and left out: birds .heic 2; cats .txt 2, no ending 1; dogs .xml 1',
      'data set set: no images that can be read, and so no class: birds',
    ]);
  });

  it.skipIf(process.platform === 'win32')(
    'pipes, links that lead nowhere and names that are no UTF-8 are passed over and counted',
    async () => {
      images('a', 'b');
      execFileSync('mkfifo', [join(dir, 'a/pipe.jpg')]);
      symlinkSync('nowhere.jpg', join(dir, 'a/lost.jpg'));
      symlinkSync('round.jpg', join(dir, 'b/round.jpg'));
      if (process.platform === 'linux')
        writeFileSync(Buffer.concat([Buffer.from(`${dir}/b/`), Buffer.from('\xff\xfe.jpg', 'latin1')]), '');
      const d = await listed();
      expect(d.train.length + d.test.length).toBe(6);
      expect(d.remarks).toEqual([
        `data set set: ${process.platform === 'linux' ? '4' : '3'} files are no pictures by content and left out: a broken links 1, pipes, sockets or devices 1; b broken links 1${process.platform === 'linux' ? ', names that are no UTF-8 1' : ''}`,
      ]);
    },
  );

  it.skipIf(process.platform !== 'linux')('a class whose name is no UTF-8 is refused', async () => {
    images('a', 'b');
    mkdirSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from('caf\xe9', 'latin1')]));
    expect(await refused()).toMatch(/caf\ufffd: a class folder whose name is no UTF-8: rename it$/);
  });
});

describe('names of classes', () => {
  it('are the same in composed and decomposed form, and clean', async () => {
    images('train/café', 'train/thé', 'test/cafe\u0301', 'test/thé', 'train/cafe\u0301', 'train/a\nb\u001b[2J');
    const d = await listed();
    expect(d.classes).toEqual(['a b\\u001b[2J', 'café', 'thé']);
    expect([d.train.length, d.test.length]).toEqual([12, 6]);
    expect(d.remarks).toEqual([
      'data set set: train/cafe\u0301 and train/café have the same name but for how it is written, and are one class',
      'data set set: no test images of a b\\u001b[2J',
    ]);
  });
});

describe('many images', () => {
  /** 140,000 empty files, in memory where there is such a disk: on others it takes most of a minute to make them. */
  function manyFiles(): string {
    for (const place of existsSync('/dev/shm') ? ['/dev/shm', tmpdir()] : [tmpdir()]) {
      const folder = mkdtempSync(join(place, 'synclr-many-'));
      try {
        mkdirSync(join(folder, 'a'));
        for (let i = 0; i < 140_000; i++) closeSync(openSync(join(folder, 'a', `${i}.jpg`), 'w'));
        return folder;
      } catch (e) {
        rmSync(folder, { recursive: true });
        if (place === tmpdir()) throw e;
      }
    }
    throw new Error('unreachable');
  }

  it('140,000 in one folder are listed in the order of their names', { timeout: 180_000 }, async () => {
    rmSync(root, { recursive: true });
    root = manyFiles();
    dir = root;
    images('b');
    const d = await listed();
    expect([d.train.length, d.test.length]).toEqual([112_002, 28_001]);
    expect(d.train.slice(0, 112_000)).toEqual(d.train.slice(0, 112_000).sort());
  });
});

describe('layouts of archives, and of other languages', () => {
  const sides = async (train: string, test: string) => {
    files(...[train, test].flatMap((side) => ['a', 'b'].map((c) => `${side}/${c}/1.jpg`)));
    const d = await openDataset('set', dir);
    return [d.classes.join(), d.train[0].file, d.test[0].file, d.split];
  };

  it.each([
    ['entraînement', 'test'],
    ['Entrenamiento', 'Prueba'],
    ['treino', 'teste'],
    ['Training', 'Prüfung'],
    ['обучение', 'тест'],
    ['训练集', '测试集'],
    ['learning', 'testing'],
  ])('%s and %s are the sides of a split', async (train, test) => {
    expect(await sides(train, test)).toEqual(['a,b', `${train}/a/1.jpg`, `${test}/a/1.jpg`, test]);
  });

  it('a folder in a folder is one side', async () => {
    expect(await sides('seg_train/seg_train', 'seg_test/seg_test')).toEqual([
      'a,b',
      'seg_train/seg_train/a/1.jpg',
      'seg_test/seg_test/a/1.jpg',
      'seg_test/seg_test',
    ]);
  });

  it('one folder around all classes is named', async () => {
    files('pets/cat/1.jpg', 'pets/dog/1.jpg');
    expect(await refused()).toContain(
      `only one class (pets) in ${dir} (it holds cat, dog: if these are the classes, give ${join(dir, 'pets')})`,
    );
  });

  it('classes that hold the same folders may be the sides of a split: it is said', async () => {
    files(...['gallery', 'query'].flatMap((side) => ['a', 'b'].map((c) => `${side}/${c}/1.jpg`)));
    expect((await openDataset('set', dir)).remarks).toEqual([
      'data set set: gallery, query hold the same folders (a, b): if these are the classes, rename two of those train and test',
    ]);
    files('query/c/1.jpg');
    expect((await openDataset('set', dir)).remarks).toEqual([]);
  });

  it('test images that are the training images are named when none are left', async () => {
    files('train/a/1.jpg', 'train/b/1.jpg', 'test/a/other.txt', 'test/b/other.txt');
    for (const c of ['a', 'b']) linkSync(join(dir, `train/${c}/1.jpg`), join(dir, `test/${c}/2.jpg`));
    expect(await refused()).toMatch(/no images in \S+test\/<class>\/: 2 images are there under several names/);
  });
});
