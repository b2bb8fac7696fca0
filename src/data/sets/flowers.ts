import { isObject, parseJson } from '../../formats/json.js';
import { readMatlab } from '../../formats/matlab.js';
import type { SetKind } from '../kind.js';
import { numbersOf } from '../mat.js';
import type { Place } from '../place.js';

export const FLOWERS: SetKind = {
  name: 'flowers',
  alias: ['flowers-102', 'oxford-flowers', 'oxford-flowers102'],
  title: 'Oxford Flowers-102',
  task: 'single',
  metric: 'mean per class',
  splits: 'official train, val and test; 102 classes',
  layout: 'jpg/image_00001.jpg …, imagelabels.mat, setid.mat',
  home: 'https://www.robots.ox.ac.uk/~vgg/data/flowers/102/',
  citation: 'Nilsback and Zisserman, Automated flower classification over a large number of classes, 2008',
  marks: [['imagelabels.mat'], ['setid.mat']],
  roots: ['flowers-102', 'flowers102'],
  async open(place) {
    const path = place.path(place.need('imagelabels.mat'));
    const labels = numbersOf(path, readMatlab(path).get('labels'), 'labels');
    const ids = place.path(place.need('setid.mat'));
    const sets = readMatlab(ids);
    const split = (name: string) => {
      const entries = numbersOf(ids, sets.get(name), name).map((id) => {
        const label = labels[id - 1];
        if (label === undefined)
          throw place.wrong('setid.mat', `${name} has picture ${id}, and imagelabels.mat has ${labels.length} labels`);
        return { file: `jpg/image_${String(id).padStart(5, '0')}.jpg`, label: label - 1 };
      });
      return place.files(entries, `${name} of setid.mat`);
    };
    const most = labels.reduce((a, b) => Math.max(a, b), 0);
    const classes = await names(place, most);
    return { classes, train: await split('trnid'), val: await split('valid'), test: await split('tstid') };
  },
};

/** The files give numbers; a list that is often found beside them has names. */
async function names(place: Place, count: number): Promise<string[]> {
  const list = 'cat_to_name.json';
  const value = place.has(list) ? parseJson(await place.text(list), place.path(list)) : undefined;
  return Array.from({ length: count }, (_, c) => {
    const name = isObject(value) ? value[String(c + 1)] : undefined;
    return typeof name === 'string' ? name : String(c + 1);
  });
}
