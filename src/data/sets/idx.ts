import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { type IdxArray, openIdx } from '../../formats/idx.js';
import { few } from '../../probe/layout.js';
import type { Contents, SetKind } from '../kind.js';
import type { Place } from '../place.js';
import { greyToRgb, OpenFiles, RecordSplit } from '../record-split.js';

/**
 * `train-images-idx3-ubyte.gz` and its kin: EMNIST puts a name before, some archives a dot for a dash, tests are
 * called t10k.
 */
const NAME = /^(?<before>.*?)(?<side>train|t10k|test)-(?<what>images|labels)[.-]idx[134]-ubyte(?<packed>\.gz)?$/;

const FOLDERS = ['raw', 'MNIST/raw', 'FashionMNIST/raw', 'KMNIST/raw', 'EMNIST/raw', 'gzip'];

async function open(place: Place, names: readonly string[] | undefined): Promise<Contents> {
  const found = new Map<string, string>();
  const befores = new Set<string>();
  for (const file of await readdir(place.root)) {
    const match = NAME.exec(file)?.groups;
    if (!match) continue;
    const key = `${match.side === 'train' ? 'train' : 'test'} ${match.what}`;
    befores.add(match.before);
    // What is unpacked already is taken before what is not.
    if (!found.has(key) || !match.packed) found.set(key, file);
  }
  if (befores.size > 1)
    throw new UserError(
      `${place.where}: ${place.root} holds several data sets (${few([...befores].map((b) => b || 'one without a name'))}): give each a folder of its own`,
    );
  const files = new OpenFiles();
  try {
    const arrays = new Map<string, IdxArray>();
    for (const [key, usual] of [
      ['train images', 'train-images-idx3-ubyte'],
      ['train labels', 'train-labels-idx1-ubyte'],
      ['test images', 't10k-images-idx3-ubyte'],
      ['test labels', 't10k-labels-idx1-ubyte'],
    ] as const) {
      const file = found.get(key);
      if (file === undefined) throw place.missing(usual);
      arrays.set(key, await openIdx(join(place.root, file), await files.open(join(place.root, file))));
    }
    const split = async (side: string): Promise<RecordSplit> => {
      const images = arrays.get(`${side} images`)!;
      const labels = arrays.get(`${side} labels`)!;
      const file = found.get(`${side} images`)!;
      const [count, height, width, channels] = images.shape;
      const isColour = images.shape.length === 4 && channels === 3;
      if (!(images.shape.length === 3 || isColour) || height * width === 0)
        throw place.wrong(file, `an array [${images.shape.join(', ')}] is no list of pictures`);
      if (labels.shape.length !== 1)
        throw place.wrong(found.get(`${side} labels`)!, `an array [${labels.shape.join(', ')}] is no list of labels`);
      if (labels.shape[0] !== count)
        throw place.wrong(found.get(`${side} labels`)!, `${labels.shape[0]} labels for ${count} pictures`);
      const each = height * width * (isColour ? 3 : 1);
      const grey = greyToRgb(width, height);
      return new RecordSplit(
        [
          {
            name: file,
            size: images.size,
            modified: images.modified,
            count,
            record: (k) => images.read(k * each, each),
          },
        ],
        Int32Array.from(await labels.read(0, count)),
        isColour ? (data) => ({ width, height, data }) : grey,
      );
    };
    const [train, test] = [await split('train'), await split('test')];
    let most = -1;
    for (const { labels } of [train, test]) for (const label of labels) most = Math.max(most, label);
    const classes = names ?? Array.from({ length: most + 1 }, (_, c) => String(c));
    return { classes, train, test, close: () => files.close() };
  } catch (e) {
    await files.close();
    throw e;
  }
}

const LAYOUT =
  'train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte; or .gz';
const MARK = '*-images*idx*-ubyte*';

/** Any pictures in the form of MNIST. */
export const IDX: SetKind = {
  name: 'idx',
  title: 'IDX files',
  task: 'single',
  metric: 'top-1',
  splits: 'as the files say',
  layout: LAYOUT,
  marks: [[MARK], ['*-labels*idx*-ubyte*']],
  roots: FOLDERS,
  open: (place) => open(place, undefined),
};

export const MNIST: SetKind = {
  ...IDX,
  name: 'mnist',
  title: 'MNIST',
  splits: '60,000 train, 10,000 test',
  home: 'http://yann.lecun.com/exdb/mnist/',
  citation: 'LeCun et al., Gradient-based learning applied to document recognition, 1998',
  open: (place) => open(place, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
};

export const FASHION_MNIST: SetKind = {
  ...IDX,
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  splits: '60,000 train, 10,000 test',
  home: 'https://github.com/zalandoresearch/fashion-mnist',
  citation: 'Xiao et al., Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms, 2017',
  open: (place) => open(place, 'T-shirt,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot'.split(',')),
};
