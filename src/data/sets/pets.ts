import type { SetKind } from '../kind.js';
import { wholeOf } from '../lists.js';

export const PETS: SetKind = {
  name: 'pets',
  alias: ['oxford-pets', 'oxford-iiit-pet', 'oxford-iiit-pets'],
  title: 'Oxford-IIIT Pets',
  task: 'single',
  metric: 'mean per class',
  splits: 'official trainval and test; 37 breeds',
  layout: 'images/*.jpg, annotations/trainval.txt, annotations/test.txt',
  home: 'https://www.robots.ox.ac.uk/~vgg/data/pets/',
  citation: 'Parkhi et al., Cats and dogs, 2012',
  marks: [['annotations/trainval.txt'], ['annotations/test.txt', 'images/'], ['annotations/list.txt', 'images/']],
  roots: ['oxford-iiit-pet', 'oxford_iiit_pet'],
  async open(place) {
    const names = new Map<number, string>();
    const split = async (list: string) => {
      const entries = (await place.lines(list)).flatMap((line) => {
        if (line.startsWith('#')) return [];
        const [image, id] = line.split(/\s+/);
        const label = wholeOf(id, place.path(list)) - 1;
        if (label < 0) throw place.wrong(list, `"${line}": classes count from 1`);
        const name = image.replace(/_\d+$/, '').replaceAll('_', ' ');
        const before = names.get(label);
        if (before !== undefined && before !== name)
          throw place.wrong(list, `"${line}": class ${id} is ${before} elsewhere`);
        names.set(label, name);
        return [{ file: `images/${image}.jpg`, label }];
      });
      return place.files(entries, list);
    };
    const train = await split('annotations/trainval.txt');
    const test = await split('annotations/test.txt');
    const most = Math.max(-1, ...names.keys());
    const classes = Array.from({ length: most + 1 }, (_, c) => names.get(c) ?? `class ${c + 1}`);
    return { classes, train, test };
  },
};
