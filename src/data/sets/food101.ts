import { isObject, parseJson } from '../../formats/json.js';
import type { SetKind } from '../kind.js';
import type { Place } from '../place.js';

export const FOOD101: SetKind = {
  name: 'food101',
  alias: ['food-101', 'food'],
  title: 'Food-101',
  task: 'single',
  metric: 'top-1',
  splits: 'official train and test; 101 classes',
  layout: 'images/<class>/*.jpg, meta/train.txt and meta/test.txt (or .json), meta/classes.txt',
  home: 'https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/',
  citation: 'Bossard et al., Food-101: mining discriminative components with random forests, 2014',
  marks: [
    ['meta/train.txt', 'images/'],
    ['meta/train.json', 'images/'],
    ['meta/test.txt', 'images/'],
    ['meta/test.json', 'images/'],
    ['meta/classes.txt', 'images/apple_pie/'],
  ],
  roots: ['food-101', 'food101'],
  async open(place) {
    const lists = { train: await list(place, 'train'), test: await list(place, 'test') };
    const folders = place.has('meta/classes.txt')
      ? await place.lines('meta/classes.txt')
      : [...new Set(lists.train.names.map((n) => n.split('/')[0]))].sort();
    const number = new Map(folders.map((c, i) => [c, i]));
    const split = ({ file, names }: (typeof lists)['train']) => {
      const entries = names.map((name) => {
        const label = number.get(name.split('/')[0]);
        if (label === undefined) throw place.wrong(file, `${name} is of no class in meta/classes.txt`);
        return { file: `images/${name}.jpg`, label };
      });
      return place.files(entries, file);
    };
    const shown = place.has('meta/labels.txt') ? await place.lines('meta/labels.txt') : [];
    const classes = shown.length === folders.length ? shown : folders.map((f) => f.replaceAll('_', ' '));
    return { classes, train: await split(lists.train), test: await split(lists.test) };
  },
};

/** Names as `apple_pie/1005649`. */
async function list(place: Place, side: string): Promise<{ file: string; names: string[] }> {
  const file = place.need(`meta/${side}.txt`, `meta/${side}.json`);
  if (file.endsWith('.txt')) return { file, names: await place.lines(file) };
  const value = parseJson(await place.text(file), place.path(file));
  const names = isObject(value) ? Object.values(value).flat() : [];
  if (names.length === 0 || !names.every((n) => typeof n === 'string'))
    throw place.wrong(file, 'no lists of names by class');
  return { file, names };
}
