import { Rng } from '../../rng.js';
import { classFolders } from '../class-folders.js';
import type { FileEntry } from '../file-split.js';
import type { SetKind } from '../kind.js';

/** Draws of each class for training. */
const DRAWS = 30;

export const CALTECH101: SetKind = {
  name: 'caltech101',
  alias: ['caltech-101', 'caltech'],
  title: 'Caltech-101',
  task: 'single',
  metric: 'mean per class',
  splits:
    'none official; as the paper: 30 draws a class with replacement (so fewer images than 30) train, all others test; 102 classes with the clutter',
  layout: '101_ObjectCategories/<class>/image_0001.jpg …',
  home: 'https://data.caltech.edu/records/mzrjq-6wc02',
  citation: 'Fei-Fei et al., Learning generative visual models from few training examples, 2004',
  marks: [['101_ObjectCategories/']],
  roots: ['caltech-101', 'caltech101', 'caltech101/caltech-101'],
  async open(place) {
    const { classes, entries } = await classFolders(place, '101_ObjectCategories');
    const train: FileEntry[] = [];
    const test: FileEntry[] = [];
    for (const [label, name] of classes.entries()) {
      const own = entries.filter((e) => e.label === label);
      const random = Rng.of(0, 'caltech101', name);
      const drawn = new Set(own.length > 0 ? Array.from({ length: DRAWS }, () => random.int(own.length)) : []);
      for (const [i, entry] of own.entries()) (drawn.has(i) ? train : test).push(entry);
    }
    return {
      classes: classes.map((c) => (c === 'BACKGROUND_Google' ? 'background' : c.replaceAll('_', ' '))),
      train: await place.files(train, '101_ObjectCategories'),
      test: await place.files(test, '101_ObjectCategories'),
    };
  },
};
