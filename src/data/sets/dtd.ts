import type { SetKind } from '../kind.js';

export const DTD: SetKind = {
  name: 'dtd',
  title: 'Describable Textures',
  task: 'single',
  metric: 'top-1',
  splits: 'official train, val and test of the first of ten splits; 47 classes',
  layout: 'images/<class>/*.jpg, labels/train1.txt, labels/val1.txt, labels/test1.txt',
  home: 'https://www.robots.ox.ac.uk/~vgg/data/dtd/',
  citation: 'Cimpoi et al., Describing textures in the wild, 2014',
  marks: [['labels/train1.txt'], ['labels/test1.txt']],
  roots: ['dtd', 'dtd/dtd'],
  async open(place) {
    const lists = { train: 'labels/train1.txt', val: 'labels/val1.txt', test: 'labels/test1.txt' };
    const names: Record<string, string[]> = {};
    for (const [side, list] of Object.entries(lists)) {
      names[side] = await place.lines(list);
      const odd = names[side].find((n) => !/^[^/]+\/[^/]+$/.test(n));
      if (odd !== undefined) throw place.wrong(list, `"${odd}" is no class/picture`);
    }
    const classes = [...new Set(Object.values(names).flatMap((l) => l.map((n) => n.split('/')[0])))].sort();
    const number = new Map(classes.map((c, i) => [c, i]));
    const split = (side: keyof typeof lists) =>
      place.files(
        names[side].map((n) => ({ file: `images/${n}`, label: number.get(n.split('/')[0])! })),
        lists[side],
      );
    return { classes, train: await split('train'), val: await split('val'), test: await split('test') };
  },
};
