import type { SetKind } from '../kind.js';

/** Which of the ten official partitions: the paper's. */
const TRAIN = 'Training_01.txt';
const TEST = 'Testing_01.txt';

export const SUN397: SetKind = {
  name: 'sun397',
  alias: ['sun'],
  title: 'SUN397',
  task: 'single',
  metric: 'top-1',
  splits: 'official train and test of the first of ten partitions, 50 images a class each; 397 classes',
  layout: 'SUN397/a/abbey/sun_….jpg …, ClassName.txt, Training_01.txt and Testing_01.txt (or in Partitions/)',
  home: 'https://vision.princeton.edu/projects/2010/SUN/',
  citation: 'Xiao et al., SUN database: large-scale scene recognition from abbey to zoo, 2010',
  marks: [
    [TRAIN, 'ClassName.txt'],
    [`Partitions/${TRAIN}`],
    ['SUN397/', 'ClassName.txt'],
    ['a/abbey/', 'ClassName.txt'],
  ],
  roots: ['SUN397', 'sun397'],
  async open(place) {
    const list = (name: string) => place.need(name, `Partitions/${name}`, `../${name}`, `../Partitions/${name}`);
    const paths = await place.lines(list('ClassName.txt'));
    const number = new Map(paths.map((p, i) => [p, i]));
    const split = async (name: string) => {
      const found = list(name);
      const lines = await place.lines(found);
      // Of a part of the data set the first pictures may be missing.
      const isBelow = lines.some((l) => place.has(`SUN397${l}`)) || !lines.some((l) => place.has(`.${l}`));
      const base = isBelow ? 'SUN397' : '.';
      const entries = lines.map((line) => {
        const label = number.get(line.replace(/\/[^/]*$/, ''));
        if (label === undefined) throw place.wrong(found, `${line} lies in no class of ClassName.txt`);
        return { file: `${base}${line}`.replace(/^\.\//, ''), label };
      });
      return place.files(entries, found);
    };
    // "/a/apartment_building/outdoor": the letter is an index alone.
    const classes = paths.map((p) => p.replace(/^\/\w\//, '').replace(/[/_]/g, ' '));
    return { classes, train: await split(TRAIN), test: await split(TEST) };
  },
};
