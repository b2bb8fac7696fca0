import { isPictureName } from '../../probe/walk.js';
import type { FileSplit } from '../file-split.js';
import type { SetKind } from '../kind.js';
import { maskRule } from '../masks.js';
import type { Place } from '../place.js';

const CLASSES = 150;
const NAMES = 'objectInfo150.txt';

async function names(place: Place): Promise<string[]> {
  if (!place.has(NAMES)) return Array.from({ length: CLASSES }, (_, c) => `class ${c + 1}`);
  // A line of titles, then number, share, counts, kind and name, between tabs.
  const found = (await place.lines(NAMES)).slice(1).map((l) => l.split('\t').at(-1)!.trim());
  if (found.length !== CLASSES) throw place.wrong(NAMES, `${found.length} names of classes; there are ${CLASSES}`);
  return found;
}

export const ADE20K: SetKind = {
  name: 'ade20k',
  alias: ['ade', 'ade20k-150', 'sceneparsing'],
  title: 'ADE20K (SceneParsing)',
  task: 'segmentation',
  metric: 'mIoU',
  splits: 'official training; validation is tested on; 150 classes, 0 in the label maps counts nowhere',
  layout: 'images/training/*.jpg, annotations/training/*.png, images/validation/, annotations/validation/',
  home: 'http://sceneparsing.csail.mit.edu/',
  citation: 'Zhou et al., Scene parsing through ADE20K dataset, 2017',
  marks: [
    ['images/training/', 'annotations/training/'],
    ['images/training/', 'images/validation/'],
  ],
  roots: ['ADEChallengeData2016'],
  async open(place) {
    const rule = maskRule(CLASSES, [0], 1);
    const split = async (side: string): Promise<FileSplit> => {
      const base = place.need(`images/${side}`);
      place.need(`annotations/${side}`);
      const entries = (await place.names(base))
        .filter(isPictureName)
        .map((n) => ({ file: `${base}/${n}`, mask: `annotations/${side}/${n.replace(/\.[^.]*$/, '')}.png` }));
      return (await place.files(entries, base)).maskedBy(rule);
    };
    return { classes: await names(place), train: await split('training'), test: await split('validation') };
  },
};
