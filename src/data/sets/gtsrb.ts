import { classFolders } from '../class-folders.js';
import type { FileEntry } from '../file-split.js';
import type { SetKind } from '../kind.js';
import { tableOf, wholeOf } from '../lists.js';
import type { Place } from '../place.js';

/** The signs by their official numbers. */
const SIGNS = [
  'speed limit 20 km/h,speed limit 30 km/h,speed limit 50 km/h,speed limit 60 km/h,speed limit 70 km/h',
  'speed limit 80 km/h,end of speed limit 80 km/h,speed limit 100 km/h,speed limit 120 km/h,no overtaking',
  'no overtaking by trucks,priority at the next crossing,priority road,give way,stop,no vehicles,no trucks',
  'no entry,danger,bend to the left,bend to the right,double bend,uneven road,slippery road',
  'road narrows on the right,road works,traffic lights,pedestrians,children,bicycles,snow or ice,wild animals',
  'end of all limits,turn right ahead,turn left ahead,straight ahead,straight ahead or right',
  'straight ahead or left,keep right,keep left,roundabout,end of no overtaking,end of no overtaking by trucks',
].flatMap((line) => line.split(','));

const LABELS = 'GT-final_test.csv';

async function tests(place: Place): Promise<{ entries: FileEntry[]; list: string }> {
  const folder = 'Final_Test/Images';
  const list = place.need(LABELS, `${folder}/${LABELS}`, `Final_Test/${LABELS}`, `../${LABELS}`);
  const rows = tableOf(await place.text(list), place.path(list), ['Filename', 'ClassId']);
  const entries = rows.map((r) => ({ file: `${folder}/${r.Filename}`, label: wholeOf(r.ClassId, place.path(list)) }));
  return { entries, list };
}

/** Two tables with paths, as the copy with PNG files has. */
async function tables(place: Place) {
  const split = async (list: string) => {
    const rows = tableOf(await place.text(list), place.path(list), ['Path', 'ClassId']);
    return place.files(
      rows.map((r) => ({ file: r.Path, label: wholeOf(r.ClassId, place.path(list)) })),
      list,
    );
  };
  return { classes: SIGNS, train: await split('Train.csv'), test: await split('Test.csv') };
}

export const GTSRB: SetKind = {
  name: 'gtsrb',
  title: 'German Traffic Signs (GTSRB)',
  task: 'single',
  metric: 'top-1',
  splits: 'official train and test; 43 classes',
  layout:
    'Final_Training/Images/00000/*.ppm … (or Training/), Final_Test/Images/*.ppm, GT-final_test.csv; or Train.csv and Test.csv with their pictures',
  home: 'https://benchmark.ini.rub.de/gtsrb_dataset.html',
  citation:
    'Stallkamp et al., Man vs. computer: benchmarking machine learning algorithms for traffic sign recognition, 2012',
  marks: [['Final_Training/Images/'], ['Training/00000/'], ['Train.csv', 'Test.csv', 'Train/']],
  roots: ['GTSRB', 'gtsrb', 'gtsrb/GTSRB'],
  async open(place) {
    if (place.has('Train.csv') && place.has('Test.csv')) return tables(place);
    const base = place.need('Final_Training/Images', 'Training');
    const { entries } = await classFolders(
      place,
      base,
      SIGNS.map((_, c) => String(c).padStart(5, '0')),
    );
    const test = await tests(place);
    return {
      classes: SIGNS,
      train: await place.files(entries, base),
      test: await place.files(test.entries, test.list),
    };
  },
};
