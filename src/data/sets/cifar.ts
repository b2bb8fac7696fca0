import type { Contents, ListedSplit, SetKind } from '../kind.js';
import type { Place } from '../place.js';
import { OpenFiles, planesToRgb, type RecordFile, RecordSplit, readStretch } from '../record-split.js';
import { cifarBatch, cifarNames } from './cifar-pickle.js';

const SIDE = 32;
const PIXELS = 3 * SIDE * SIDE;

/** How one of the two data sets is laid out. */
interface Form {
  train: readonly string[];
  test: string;
  /** Bytes of labels before the pixels, and which of them is the class. */
  labelBytes: number;
  label: number;
  names: string;
  /** Of the form that Python wrote. */
  python: { train: readonly string[]; test: string; labels: string; meta: string; names: string };
}

const TEN: Form = {
  train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  test: 'test_batch.bin',
  labelBytes: 1,
  label: 0,
  names: 'batches.meta.txt',
  python: {
    train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}`),
    test: 'test_batch',
    labels: 'labels',
    meta: 'batches.meta',
    names: 'label_names',
  },
};
const HUNDRED: Form = {
  train: ['train.bin'],
  test: 'test.bin',
  labelBytes: 2,
  label: 1,
  names: 'fine_label_names.txt',
  python: { train: ['train'], test: 'test', labels: 'fine_labels', meta: 'meta', names: 'fine_label_names' },
};

async function open(place: Place, form: Form): Promise<Contents> {
  const files = new OpenFiles();
  try {
    if (place.has(form.test) || place.has(form.train[0])) {
      const classes = await place.lines(form.names);
      const split = (names: readonly string[]) => binaries(place, files, names, form);
      return { classes, train: await split(form.train), test: await split([form.test]), close: () => files.close() };
    }
    const { python } = form;
    const classes = await cifarNames(place.path(place.need(python.meta)), python.names);
    const split = async (names: readonly string[]): Promise<ListedSplit> => {
      const batches = [];
      for (const name of names) {
        place.need(name);
        batches.push(await cifarBatch(place.path(name), name, await files.open(place.path(name)), python.labels));
      }
      const labels = Int32Array.from(batches.flatMap((b) => [...b.labels]));
      return new RecordSplit(
        batches.map((b) => b.file),
        labels,
        planesToRgb(SIDE),
      );
    };
    return { classes, train: await split(python.train), test: await split([python.test]), close: () => files.close() };
  } catch (e) {
    await files.close();
    throw e;
  }
}

async function binaries(place: Place, files: OpenFiles, names: readonly string[], form: Form): Promise<RecordSplit> {
  const { labelBytes, label } = form;
  const each = labelBytes + PIXELS;
  const labels: number[] = [];
  const records: RecordFile[] = [];
  for (const name of names) {
    place.need(name);
    const path = place.path(name);
    const handle = await files.open(path);
    const { size, mtimeMs } = await handle.stat();
    if (size === 0 || size % each !== 0)
      throw place.wrong(name, `${size} bytes are no whole number of pictures of ${each}: cut off, or another format`);
    const count = size / each;
    // Labels stand among the pixels: a picture is hardly more than a page of the disk.
    const SOME = 1024;
    for (let k = 0; k < count; k += SOME) {
      const bytes = await readStretch(handle, path, k * each, Math.min(SOME, count - k) * each);
      for (let i = label; i < bytes.length; i += each) labels.push(bytes[i]);
      place.stopIfAsked();
    }
    records.push({
      name,
      size,
      modified: mtimeMs,
      count,
      record: (k) => readStretch(handle, path, k * each + labelBytes, PIXELS),
    });
  }
  return new RecordSplit(records, Int32Array.from(labels), planesToRgb(SIDE));
}

const CITATION = 'Krizhevsky, Learning multiple layers of features from tiny images, 2009';
const HOME = 'https://www.cs.toronto.edu/~kriz/cifar.html';

export const CIFAR10: SetKind = {
  name: 'cifar10',
  title: 'CIFAR-10',
  task: 'single',
  metric: 'top-1',
  splits: '50,000 train, 10,000 test',
  layout: 'data_batch_1.bin … 5, test_batch.bin, batches.meta.txt; or the Python version without .bin',
  home: HOME,
  citation: CITATION,
  marks: [
    ['test_batch.bin'],
    ['data_batch_1.bin'],
    ['test_batch', 'batches.meta'],
    ['data_batch_1', 'batches.meta'],
    ['data_batch_1', 'test_batch'],
  ],
  roots: ['cifar-10-batches-bin', 'cifar-10-batches-py'],
  open: (place) => open(place, TEN),
};

export const CIFAR100: SetKind = {
  name: 'cifar100',
  title: 'CIFAR-100',
  task: 'single',
  metric: 'top-1',
  splits: '50,000 train, 10,000 test; the fine classes',
  layout: 'train.bin, test.bin, fine_label_names.txt; or the Python version: train, test, meta',
  home: HOME,
  citation: CITATION,
  marks: [
    ['fine_label_names.txt', 'train.bin'],
    ['train.bin', 'test.bin'],
    ['meta', 'train', 'test'],
  ],
  roots: ['cifar-100-binary', 'cifar-100-python'],
  open: (place) => open(place, HUNDRED),
};
