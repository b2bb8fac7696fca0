import { readMatlab } from '../../formats/matlab.js';
import { classFolders } from '../class-folders.js';
import type { FileEntry } from '../file-split.js';
import type { SetKind } from '../kind.js';
import { tableOf, wholeOf } from '../lists.js';
import { numberOf, structsOf, textOf } from '../mat.js';
import type { Place } from '../place.js';

const DEVKIT = 'ILSVRC2012_devkit_t12/data';
const TRUTH = 'ILSVRC2012_validation_ground_truth.txt';
const SOLUTION = 'LOC_val_solution.csv';
const SYNSETS = 'LOC_synset_mapping.txt';
const CLASSES = 1000;
/** Lists lie beside the pictures or above them: Kaggle's archive has pictures three folders deeper. */
const ABOVE = ['', '../', '../../', '../../../'];

const near = (place: Place, ...names: readonly string[]): string | undefined =>
  place.find(...names.flatMap((n) => ABOVE.map((a) => a + n)));

/** Names of the development kit by number, with WordNet's id: `ILSVRC2012_ID`, `WNID`, `words`. */
function synsets(place: Place, file: string): { id: number; wnid: string; words: string }[] {
  const path = place.path(file);
  return structsOf(path, readMatlab(path).get('synsets'), 'synsets').map((s) => ({
    id: numberOf(path, s.get('ILSVRC2012_ID'), 'ILSVRC2012_ID'),
    wnid: textOf(path, s.get('WNID'), 'WNID'),
    words: textOf(path, s.get('words'), 'words'),
  }));
}

async function wordsOf(place: Place): Promise<Map<string, string>> {
  const list = near(place, SYNSETS);
  if (list)
    return new Map((await place.lines(list)).map((l) => [l.split(/\s/, 1)[0], l.replace(/^\S+\s*/, '')] as const));
  const meta = near(place, `${DEVKIT}/meta.mat`, 'meta.mat');
  return new Map(meta ? synsets(place, meta).map((s) => [s.wnid, s.words] as const) : []);
}

/** Validation pictures in one folder, in the order of their names, and what lists say of them. */
async function flat(
  place: Place,
  number: ReadonlyMap<string, number>,
): Promise<{ entries: FileEntry[]; said: string }> {
  const solution = near(place, SOLUTION);
  if (solution) {
    const rows = tableOf(await place.text(solution), place.path(solution), ['ImageId', 'PredictionString']);
    const entries = rows.flatMap((r) => {
      const label = number.get(r.PredictionString.split(' ', 1)[0]);
      return label === undefined ? [] : [{ file: `val/${r.ImageId}.JPEG`, label }];
    });
    if (entries.length < rows.length)
      place.remarks.push(`${rows.length - entries.length} validation images are of classes that train/ does not have`);
    return { entries, said: SOLUTION };
  }
  const truth = near(place, `${DEVKIT}/${TRUTH}`, TRUTH);
  if (!truth) throw place.missing(`${DEVKIT}/${TRUTH}`);
  const meta = near(place, `${DEVKIT}/meta.mat`, 'meta.mat');
  if (!meta) throw place.missing(`${DEVKIT}/meta.mat`);
  const wnids = new Map(synsets(place, meta).map((s) => [s.id, s.wnid]));
  const lines = await place.lines(truth);
  const names = (await place.names('val')).filter((n) => /\.jpe?g$/i.test(n));
  const numbered = names.map((n) => Number(/_(\d{8})\./.exec(n)?.[1] ?? Number.NaN));
  const beyond = numbered.findIndex((n) => !(n >= 1 && n <= lines.length));
  if (beyond >= 0) throw place.wrong(truth, `${lines.length} labels, and none of them for val/${names[beyond]}`);
  if (names.length < lines.length)
    place.remarks.push(
      `${lines.length - names.length} of the ${lines.length} images that ${TRUTH} labels are not there`,
    );
  let others = 0;
  const entries = names.flatMap((name, i) => {
    const id = wholeOf(lines[numbered[i] - 1], place.path(truth));
    const wnid = wnids.get(id);
    if (wnid === undefined) throw place.wrong(truth, `class ${id} of val/${name} is not in meta.mat`);
    const label = number.get(wnid);
    if (label === undefined) others++;
    return label === undefined ? [] : [{ file: `val/${name}`, label }];
  });
  if (others > 0) place.remarks.push(`${others} validation images are of classes that train/ does not have`);
  return { entries, said: TRUTH };
}

export const IMAGENET: SetKind = {
  name: 'imagenet',
  alias: ['imagenet-1k', 'imagenet1k', 'ilsvrc2012', 'in1k'],
  title: 'ImageNet-1k (ILSVRC 2012)',
  task: 'single',
  metric: 'top-1',
  splits: 'official train; validation is tested on (test labels are secret); 1,000 classes',
  layout: `train/<wnid>/*.JPEG with val/<wnid>/*.JPEG, or val/ILSVRC2012_val_00000001.JPEG … with ${DEVKIT}/ (${TRUTH}, meta.mat) or with ${SOLUTION}`,
  home: 'https://www.image-net.org/challenges/LSVRC/2012/',
  citation: 'Russakovsky et al., ImageNet large scale visual recognition challenge, 2015',
  marks: [
    ['train/n0*/', 'val/'],
    ['train/n1*/', 'val/'],
  ],
  roots: ['ILSVRC/Data/CLS-LOC', 'Data/CLS-LOC', 'imagenet', 'ILSVRC2012', 'ILSVRC'],
  async open(place) {
    const train = await classFolders(place, 'train');
    const number = new Map(train.classes.map((c, i) => [c, i]));
    const folders = await place.folders('val');
    const unknown = folders.filter((f) => !number.has(f));
    if (unknown.length > 0 && folders.length > unknown.length)
      place.remarks.push(`classes of val/ that train/ does not have are left out: ${unknown.slice(0, 5).join(', ')}`);
    const test =
      folders.length > unknown.length
        ? { entries: (await classFolders(place, 'val', train.classes)).entries, said: 'val' }
        : await flat(place, number);
    if (train.classes.length !== CLASSES)
      place.remarks.push(
        `${train.classes.length} classes, and ImageNet-1k has ${CLASSES}: published figures are of another task`,
      );
    const words = await wordsOf(place);
    return {
      classes: train.classes.map((c) => words.get(c) ?? c),
      train: await place.files(train.entries, 'train'),
      test: await place.files(test.entries, test.said),
    };
  },
};
