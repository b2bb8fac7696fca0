import { readAnnotation } from '../../formats/voc-annotation.js';
import type { FileSplit } from '../file-split.js';
import type { SetKind } from '../kind.js';
import { maskRule, VOID } from '../masks.js';
import type { Place } from '../place.js';

const CLASSES = [
  'aeroplane,bicycle,bird,boat,bottle,bus,car,cat,chair,cow,diningtable,dog,horse,motorbike,person,pottedplant',
  'sheep,sofa,train,tvmonitor',
].flatMap((line) => line.split(','));
const MAIN = 'ImageSets/Main';
const SEGMENTATION = 'ImageSets/Segmentation';

export const VOC2007: SetKind = {
  name: 'voc2007',
  alias: ['voc', 'pascal-voc', 'voc07'],
  title: 'Pascal VOC 2007',
  task: 'multi-label',
  metric: '11-point mAP',
  splits: 'official train, val and test; 20 classes, several in a picture, some difficult',
  layout:
    'VOCdevkit/VOC2007/JPEGImages/, ImageSets/Main/train.txt, val.txt, test.txt and <class>_train.txt … (or Annotations/*.xml): the archives VOCtrainval_06-Nov-2007 and VOCtest_06-Nov-2007 in one folder',
  home: 'http://host.robots.ox.ac.uk/pascal/VOC/voc2007/',
  citation: 'Everingham et al., The Pascal visual object classes (VOC) challenge, 2010',
  marks: [
    [`${MAIN}/test.txt`, 'JPEGImages/'],
    // Its pictures have numbers, those of later years begin with the year.
    [`${MAIN}/`, 'Annotations/00*.xml'],
    [`${MAIN}/`, 'JPEGImages/00*.jpg'],
  ],
  roots: ['VOC2007', 'VOCdevkit/VOC2007'],
  async open(place) {
    const split = async (side: string) => {
      const list = `${MAIN}/${side}.txt`;
      const ids = (await place.lines(list)).map((l) => l.split(/\s+/)[0]);
      const rows = place.has(`${MAIN}/${CLASSES[0]}_${side}.txt`)
        ? await fromLists(place, side, ids)
        : await fromAnnotations(place, ids);
      return place.files(
        ids.map((id, i) => ({ file: `JPEGImages/${id}.jpg`, present: rows[i] })),
        list,
      );
    };
    return { classes: CLASSES, train: await split('train'), val: await split('val'), test: await split('test') };
  },
};

/** Lines `000012 -1`: 1 there, −1 not there, 0 only difficult ones. */
async function fromLists(place: Place, side: string, ids: readonly string[]): Promise<Int8Array[]> {
  const rows = ids.map(() => new Int8Array(CLASSES.length).fill(-1));
  const number = new Map(ids.map((id, i) => [id, i]));
  for (const [c, name] of CLASSES.entries()) {
    const list = `${MAIN}/${name}_${side}.txt`;
    const lines = await place.lines(list);
    if (lines.length !== ids.length)
      throw place.wrong(list, `${lines.length} labels for the ${ids.length} pictures of ${side}.txt`);
    for (const line of lines) {
      const [id, value] = line.split(/\s+/);
      const row = number.get(id);
      if (row === undefined || !['1', '0', '-1'].includes(value))
        throw place.wrong(list, `"${line}" is no picture of ${side}.txt with 1, 0 or -1`);
      rows[row][c] = Number(value);
    }
  }
  return rows;
}

async function fromAnnotations(place: Place, ids: readonly string[]): Promise<Int8Array[]> {
  const rows: Int8Array[] = [];
  for (const id of ids) {
    const file = `Annotations/${id}.xml`;
    const row = new Int8Array(CLASSES.length).fill(-1);
    for (const { name, difficult } of readAnnotation(await place.text(file), place.path(file))) {
      const c = CLASSES.indexOf(name);
      if (c < 0) throw place.wrong(file, `"${name}" is none of the 20 classes`);
      if (!difficult) row[c] = 1;
      else if (row[c] !== 1) row[c] = 0;
    }
    rows.push(row);
    place.stopIfAsked();
  }
  return rows;
}

export const VOC2012: SetKind = {
  name: 'voc2012',
  alias: ['voc12', 'pascal-voc-2012'],
  title: 'Pascal VOC 2012 segmentation',
  task: 'segmentation',
  metric: 'mIoU',
  splits:
    'official train; val is tested on (test labels are secret); 20 classes and the background, borders count nowhere',
  layout: 'VOCdevkit/VOC2012/JPEGImages/, SegmentationClass/*.png, ImageSets/Segmentation/train.txt and val.txt',
  home: 'http://host.robots.ox.ac.uk/pascal/VOC/voc2012/',
  citation: 'Everingham et al., The Pascal visual object classes challenge: a retrospective, 2015',
  marks: [
    [`${SEGMENTATION}/train.txt`, 'SegmentationClass/'],
    ['SegmentationClass/', 'JPEGImages/'],
  ],
  roots: ['VOC2012', 'VOCdevkit/VOC2012'],
  async open(place) {
    const classes = ['background', ...CLASSES];
    const rule = maskRule(classes.length, [VOID]);
    const split = async (side: string): Promise<FileSplit> => {
      const list = `${SEGMENTATION}/${side}.txt`;
      const ids = await place.lines(list);
      const entries = ids.map((id) => ({ file: `JPEGImages/${id}.jpg`, mask: `SegmentationClass/${id}.png` }));
      return (await place.files(entries, list)).maskedBy(rule);
    };
    return { classes, train: await split('train'), test: await split('val') };
  },
};
