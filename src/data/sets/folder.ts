import { openDataset, type Sample } from '../../probe/datasets.js';
import { FileSplit } from '../file-split.js';
import type { SetKind } from '../kind.js';
import { NO_TEST } from '../shards.js';

/** Image folders of anyone's: a folder a class. */
export const FOLDER: SetKind = {
  name: 'folder',
  title: 'Image folder',
  task: 'single',
  metric: 'top-1',
  splits: 'train/, test/ and val/ (or their synonyms); without them a fifth of each class is test',
  layout: 'train/<class>/… and test/<class>/… (or val), or <class>/… alone',
  marks: [],
  async open(place) {
    const found = await openDataset(place.name, place.root, { val: true });
    const split = (samples: readonly Sample[]): FileSplit => {
      const out = new FileSplit(place.root);
      for (const s of samples) out.add(s, { size: s.bytes, mtimeMs: s.modified });
      return out;
    };
    const { classes, train, val, test, remarks } = found;
    // Sides have folders of their own: where one folder is on both, it was divided here.
    const top = ({ file }: Sample) => file.split('/')[0];
    const tops = new Set(train.map(top));
    if (test.some((s) => tops.has(top(s)))) place.remarks.push(NO_TEST);
    return { classes, train: split(train), ...(val && { val: split(val) }), test: split(test), remarks };
  },
};
