import { readMatlab } from '../../formats/matlab.js';
import type { FileEntry } from '../file-split.js';
import type { Contents, SetKind } from '../kind.js';
import { rowsOf, wholeOf } from '../lists.js';
import { numberOf, structsOf, textOf, textsOf } from '../mat.js';
import type { Place } from '../place.js';

const META = 'devkit/cars_meta.mat';
const TRAIN = 'devkit/cars_train_annos.mat';
const TESTS = ['cars_test_annos_withlabels.mat', 'devkit/cars_test_annos_withlabels.mat'];
const ALL = 'cars_annos.mat';

function classNames(place: Place, file: string): string[] {
  const path = place.path(place.need(file));
  return textsOf(path, readMatlab(path).get('class_names'), 'class_names');
}

/** The archives of 2013 in two folders, with the test labels that came later. */
async function devkit(place: Place): Promise<Contents> {
  const classes = classNames(place, META);
  const split = (list: string, folder: string) => {
    const path = place.path(place.need(list));
    const entries = structsOf(path, readMatlab(path).get('annotations'), 'annotations').map((a) => ({
      file: `${folder}/${textOf(path, a.get('fname'), 'fname')}`,
      label: numberOf(path, a.get('class'), 'class') - 1,
    }));
    return place.files(entries, list);
  };
  const train = await split(TRAIN, 'cars_train');
  return { classes, train, test: await split(place.need(...TESTS), 'cars_test') };
}

/** The newer form: one folder, one list. */
async function single(place: Place): Promise<Contents> {
  const path = place.path(ALL);
  const classes = classNames(place, ALL);
  const entries = structsOf(path, readMatlab(path).get('annotations'), 'annotations').map((a) => ({
    file: textOf(path, a.get('relative_im_path'), 'relative_im_path'),
    label: numberOf(path, a.get('class'), 'class') - 1,
    test: numberOf(path, a.get('test'), 'test') !== 0,
  }));
  const side = (test: boolean) =>
    place.files(
      entries.filter((e) => e.test === test),
      ALL,
    );
  return { classes, train: await side(false), test: await side(true) };
}

/** Tables of file, box and class, with a folder a class or without. */
async function tables(place: Place): Promise<Contents> {
  const names = place.need('names.csv');
  const classes = (await place.lines(names)).map((l) => l.replace(/^"(.*)"$/, '$1'));
  const split = async (side: string) => {
    const list = place.need(`anno_${side}.csv`);
    const rows = rowsOf(await place.text(list), place.path(list));
    if (rows[0] && !/^\d+$/.test(rows[0].at(-1)!)) rows.shift();
    const entries = rows.map((cells): FileEntry => {
      const label = wholeOf(cells.at(-1), place.path(list)) - 1;
      const folder = (classes[label] ?? '').replaceAll('/', '-');
      const places = [`cars_${side}`, side, `${side}/${folder}`, `car_data/${side}/${folder}`];
      const file = place.find(...[...places, `car_data/car_data/${side}/${folder}`].map((p) => `${p}/${cells[0]}`));
      return { file: file ?? `${side}/${folder}/${cells[0]}`, label };
    });
    return place.files(entries, list);
  };
  return { classes, train: await split('train'), test: await split('test') };
}

export const CARS: SetKind = {
  name: 'cars',
  alias: ['stanford-cars'],
  title: 'Stanford Cars',
  task: 'single',
  metric: 'top-1',
  splits: 'official train and test; 196 classes',
  layout:
    'cars_train/, cars_test/, devkit/*.mat and cars_test_annos_withlabels.mat; or car_ims/ with cars_annos.mat; or anno_train.csv, anno_test.csv and names.csv',
  home: 'https://ai.stanford.edu/~jkrause/cars/car_dataset.html',
  citation: 'Krause et al., 3D object representations for fine-grained categorization, 2013',
  marks: [[META], [ALL], ['anno_train.csv'], ['cars_train/', 'cars_test/']],
  roots: ['stanford_cars', 'stanford-cars'],
  open: (place) => (place.has(ALL) ? single(place) : place.has('anno_train.csv') ? tables(place) : devkit(place)),
};
