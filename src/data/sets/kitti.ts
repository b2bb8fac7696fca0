import { Rng } from '../../rng.js';
import type { FileEntry } from '../file-split.js';
import type { SetKind } from '../kind.js';
import type { Place } from '../place.js';
import { completed } from '../shards.js';

/**
 * VTAB's bins of the distance to the closest vehicle, metres along the camera's axis: up to each, and no vehicle at
 * all.
 */
const UP_TO = [8, 20, 999];
const VEHICLES = new Set(['Car', 'Van', 'Truck']);
const IMAGES = 'training/image_2';
const LABELS = 'training/label_2';
/** Shares of the drives. */
const TEST_SHARE = 0.1;
const VAL_SHARE = 0.05;

/** The class of a label file: a line an object, its type first, x, y, z in columns 12 to 14. */
function closest(lines: readonly string[], place: Place, file: string): number {
  let least = 1000;
  for (const line of lines) {
    const cells = line.split(/\s+/);
    if (!VEHICLES.has(cells[0])) continue;
    const z = Number(cells[13]);
    if (cells.length < 15 || !Number.isFinite(z)) throw place.wrong(file, `"${line}" has no place of the object`);
    least = Math.min(least, z);
  }
  const bin = UP_TO.findIndex((t) => least <= t);
  return bin < 0 ? UP_TO.length : bin;
}

/** Which drive every picture is from, by the development kit; undefined where that is not there. */
async function drives(place: Place): Promise<string[] | undefined> {
  const mapping = place.find(
    'mapping/train_mapping.txt',
    'devkit/mapping/train_mapping.txt',
    'devkit_object/mapping/train_mapping.txt',
  );
  const order = mapping && place.find(mapping.replace('train_mapping', 'train_rand'));
  if (!mapping || !order) return undefined;
  const lines = await place.lines(mapping);
  return (await place.text(order)).split(/[\s,]+/).flatMap((text) => {
    if (text === '') return [];
    const drive = lines[Number(text) - 1]?.split(/\s+/)[1];
    if (drive === undefined) throw place.wrong(order, `${text} is no line of ${mapping}`);
    return [drive];
  });
}

export const KITTI: SetKind = {
  name: 'kitti-distance',
  alias: ['kitti', 'kitti_closest_vehicle_distance'],
  title: 'KITTI distance',
  task: 'single',
  metric: 'top-1',
  splits:
    'by ImageSets/train.txt, val.txt and test.txt where they are (val.txt is tested on where test.txt is of the official test pictures, which have no labels), else a tenth of the drives is test and a twentieth val (with mapping/ of the development kit), else a fifth of each class is test; 4 distances of the closest vehicle, as VTAB has them',
  layout:
    'training/image_2/*.png, training/label_2/*.txt, mapping/train_mapping.txt and train_rand.txt of the development kit',
  home: 'https://www.cvlibs.net/datasets/kitti/eval_object.php',
  citation: 'Geiger et al., Are we ready for autonomous driving?, 2012; the task: Zhai et al., VTAB, 2019',
  marks: [[`${IMAGES}/`, `${LABELS}/`]],
  roots: ['KITTI', 'kitti', 'Kitti/raw', 'raw'],
  async open(place) {
    const entries = new Map<string, FileEntry & { label: number }>();
    for (const name of await place.names(LABELS)) {
      if (!name.endsWith('.txt')) continue;
      const id = name.slice(0, -4);
      const file = place.find(`${IMAGES}/${id}.png`, `${IMAGES}/${id}.jpg`) ?? `${IMAGES}/${id}.png`;
      entries.set(id, { file, label: closest(await place.lines(`${LABELS}/${name}`), place, `${LABELS}/${name}`) });
      place.stopIfAsked();
    }
    const split = (ids: readonly string[], said: string) =>
      place.files(
        ids.map((id) => entries.get(id) ?? { file: `${IMAGES}/${id}.png`, label: 0 }),
        said,
      );
    const classes = ['a vehicle within 8 m', 'a vehicle within 20 m', 'a vehicle further than 20 m', 'no vehicle'];
    const all = [...entries.keys()];
    const list = (side: string) => place.find(`ImageSets/${side}.txt`);
    const listed = await Promise.all(
      ['train', 'val', 'test'].map(async (s) => (list(s) ? await place.lines(list(s)!) : [])),
    );
    const [train, val, listedTest] = listed.map((ids) => ids.filter((id) => entries.has(id)));
    // The official test pictures have no labels, and their numbers begin at 000000 again: a list of them means others.
    const learnt = new Set([...train, ...val]);
    const isOfficial = listedTest.some((id) => learnt.has(id));
    const test = isOfficial ? [] : listedTest;
    if (isOfficial && train.length > 0 && val.length > 0) {
      place.remarks.push('ImageSets/test.txt is of the official test pictures, without labels: val.txt is tested on');
      return { classes, train: await split(train, 'train.txt'), test: await split(val, 'val.txt') };
    }
    if (train.length > 0 && test.length > 0)
      return {
        classes,
        train: await split(train, 'train.txt'),
        val: await split(val, 'val.txt'),
        test: await split(test, 'test.txt'),
      };
    const of = await drives(place);
    if (of) {
      const names = Rng.of(0, 'kitti').shuffle([...new Set(of)].sort());
      const tests = Math.max(1, Math.round(names.length * TEST_SHARE));
      const side = new Map(
        names.map((n, i) => [
          n,
          i < tests ? 'test' : i < tests + Math.round(names.length * VAL_SHARE) ? 'val' : 'train',
        ]),
      );
      const ids = (s: string) => all.filter((id) => (side.get(of[Number(id)] ?? '') ?? 'train') === s);
      const said = 'the split by drives';
      return {
        classes,
        train: await split(ids('train'), said),
        val: await split(ids('val'), said),
        test: await split(ids('test'), said),
      };
    }
    place.remarks.push('no mapping of the development kit: pictures of one drive may be on both sides');
    return { classes, ...completed({ train: await split(all, LABELS) }, place.where) };
  },
};
