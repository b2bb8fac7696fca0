import type { SetKind } from '../kind.js';

export const AIRCRAFT: SetKind = {
  name: 'aircraft',
  alias: ['fgvc-aircraft'],
  title: 'FGVC-Aircraft',
  task: 'single',
  metric: 'mean per class',
  splits: 'official train, val and test; 100 variants',
  layout: 'data/images/*.jpg, data/variants.txt, data/images_variant_train.txt (and _val, _test)',
  home: 'https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/',
  citation: 'Maji et al., Fine-grained visual classification of aircraft, 2013',
  marks: [['images_variant_train.txt'], ['variants.txt', 'images/']],
  roots: ['data', 'fgvc-aircraft-2013b/data', 'fgvc-aircraft-2013b'],
  async open(place) {
    const classes = await place.lines('variants.txt');
    const number = new Map(classes.map((c, i) => [c, i]));
    const split = async (side: string) => {
      const list = `images_variant_${side}.txt`;
      const entries = (await place.lines(list)).map((line) => {
        const [, id, name] = /^(\S+)\s+(.+)$/.exec(line) ?? [];
        const label = number.get(name);
        if (label === undefined) throw place.wrong(list, `"${line}": ${name ?? 'a line'} is not in variants.txt`);
        return { file: `images/${id}.jpg`, label };
      });
      return place.files(entries, list);
    };
    return { classes, train: await split('train'), val: await split('val'), test: await split('test') };
  },
};
