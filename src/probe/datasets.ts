import { join } from 'node:path';
import { codeOf, UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { oneLine } from '../printable.js';
import { PICTURE_KINDS } from '../views/picture-format.js';
import { few, type Layout, layoutOf } from './layout.js';
import { othersLine } from './left-out.js';
import { type FoundPicture, walk } from './walk.js';

/** Share of a class that becomes test images where the folder has no split of its own. */
const TEST_SHARE = 0.2;

/** One image file of a data set. */
export interface Sample {
  /** Path relative to the data set's folder, with `/`. */
  file: string;
  /** Index into `classes`. */
  label: number;
  bytes: number;
  modified: number;
}

/** An image folder, listed but not decoded. */
export interface ImageDataset {
  name: string;
  dir: string;
  /** Names in Unicode's composed form, sorted by their UTF-16 units, so that labels are the same everywhere. */
  classes: string[];
  train: Sample[];
  /** Where it was asked for and the folder has one beside its test images. */
  val?: Sample[];
  test: Sample[];
  /** Name of the folder that the test images come from; `hash`: none, 20 % of every class by a hash of the file's name. */
  split: string;
  /** Names, sizes and times of all files: the key under which features are kept. */
  hash: string;
  /** What is left out, and how the folder is understood where that may surprise: lines for the user. */
  remarks: string[];
}

/** Pictures of a class's folder or folders. */
type ByClass = Map<string, FoundPicture[]>;

/**
 * Lists an image folder: `dir/train/<class>/…` with `dir/test/<class>/…` (or `val`; docs/probes.md has the synonyms), or `dir/<class>/…`, of
 * which a fifth, chosen by a hash of the relative name, becomes the test set. Every folder and every file is used once, however many names
 * it has.
 * @param o `val`: a `val` folder beside `test` is listed too, not left out
 * @throws UserError when the folder is missing, cannot be read or has no images, for fewer than two classes, and for a test class that
 * training has not
 */
export async function openDataset(name: string, dir: string, o: { val?: boolean } = {}): Promise<ImageDataset> {
  const where = `data set ${name}: ${dir}`;
  const layout = await layoutOf(where, dir, o).catch((e: unknown) => {
    const code = codeOf(e);
    if (code === undefined) throw e;
    const { path } = e as NodeJS.ErrnoException;
    const inside = path !== undefined && path !== dir ? `: ${path}` : '';
    throw new UserError(
      code === 'ENOENT' && !inside ? `${where}: no such folder` : `${where}${inside}: not a readable folder (${code})`,
    );
  });
  const tops = topsOf(layout);
  const walked = await walk(dir, [...tops.keys()], { unreadable: 'fail' });
  const remarks = [...layout.remarks, ...walked.remarks];
  const left = othersLine(walked.others);
  if (left) remarks.push(left);

  const { kept, twice } = once(walked.pictures, layout);
  if (twice.length > 0)
    remarks.push(
      `${twice.length} ${twice.length === 1 ? 'image is' : 'images are'} there under several names and used once: ${few(twice.map(([a, b]) => `${a.file} is ${b.file}`))}`,
    );
  const parts = split(group(kept, tops, remarks), layout);
  const classes = checkClasses(where, dir, layout, parts, walked.remarks[0] ?? remarks.at(-1));
  const sides = sharedFolders(layout, kept);
  if (sides) remarks.push(sides);
  const empty = [...tops.values()]
    .filter((t) => (t.part === 'train' || t.part === 'both') && !parts.train.has(t.name))
    .map((t) => t.name);
  if (empty.length > 0) remarks.push(`no images that can be read, and so no class: ${few([...new Set(empty)].sort())}`);
  const untested = classes.filter((c) => !parts.test.has(c));
  if (untested.length > 0) remarks.push(`no test images of ${few(untested)}`);

  const label = new Map(classes.map((c, i) => [c, i]));
  const collect = (by: ByClass): Sample[] =>
    classes.flatMap((c) =>
      (by.get(c) ?? []).map(({ file, bytes, modified }) => ({ file, label: label.get(c)!, bytes, modified })),
    );
  const train = collect(parts.train);
  const test = collect(parts.test);
  const val = parts.val && parts.val.size > 0 ? collect(parts.val) : undefined;
  const listing = [train, test, ...(val ? [val] : [])].map((part) => part.map((s) => [s.file, s.bytes, s.modified]));
  return {
    name,
    dir,
    classes,
    train,
    ...(val && { val }),
    test,
    split: layout.kind === 'split' ? layout.test : 'hash',
    hash: sha256(JSON.stringify(listing)),
    remarks: remarks.map((r) => `data set ${name}: ${r}`),
  };
}

/** A folder whose images are one class, or a part of it. */
interface Top {
  /** The class's name. */
  name: string;
  part: 'train' | 'test' | 'val' | 'both';
}

/** By their paths, which files of the walk begin with. */
function topsOf(layout: Layout): Map<string, Top> {
  // File systems differ in how they write an é; a name with a line feed in it must not break a table.
  const nameOf = (folder: string) => oneLine(folder.normalize('NFC'));
  if (layout.kind === 'classes') return new Map(layout.classes.map((c) => [c, { name: nameOf(c), part: 'both' }]));
  return new Map(
    (['train', 'test', 'val'] as const).flatMap((part) =>
      (layout.classes[part] ?? []).map((c) => [`${layout[part]}/${c}`, { name: nameOf(c), part }] as const),
    ),
  );
}

/** Drops further names of a file: of links and files the file stays, of equals the training image, then the first. */
function once(
  pictures: readonly FoundPicture[],
  layout: Layout,
): { kept: readonly FoundPicture[]; twice: [FoundPicture, FoundPicture][] } {
  if (!pictures.some((p) => p.linked || p.names > 1)) return { kept: pictures, twice: [] };
  const inTest = (p: FoundPicture) => layout.kind === 'split' && p.file.startsWith(`${layout.test}/`);
  const best = [...pictures].sort(
    (a, b) =>
      Number(a.linked) - Number(b.linked) || Number(inTest(a)) - Number(inTest(b)) || (a.file < b.file ? -1 : 1),
  );
  const seen = new Map<string, FoundPicture>();
  const dropped = new Set<FoundPicture>();
  const twice: [FoundPicture, FoundPicture][] = [];
  for (const p of best) {
    // Numbers of more than 53 bits are rounded: size and time tell such files apart. Some file systems number nothing.
    const id = p.number === 0 ? undefined : `${p.device}:${p.number}:${p.bytes}:${p.modified}`;
    const before = id && seen.get(id);
    if (before) {
      dropped.add(p);
      twice.push([p, before]);
    } else if (id) seen.set(id, p);
  }
  return { kept: pictures.filter((p) => !dropped.has(p)), twice };
}

/** By class, of both parts or of all; folders whose names are the same after all become one. */
function group(
  pictures: readonly FoundPicture[],
  tops: ReadonlyMap<string, Top>,
  remarks: string[],
): Record<Top['part'], ByClass> {
  const out = { train: new Map(), test: new Map(), val: new Map(), both: new Map() } as Record<Top['part'], ByClass>;
  const first = new Map<string, string>();
  const depths = [...new Set([...tops.keys()].map((t) => t.split('/').length))];
  for (const p of pictures) {
    const path = depths.map((depth) => p.file.split('/', depth).join('/')).find((t) => tops.has(t))!;
    const { name, part } = tops.get(path)!;
    const by = out[part];
    if (!by.has(name)) by.set(name, []);
    by.get(name)!.push(p);
    const before = first.get(`${part}/${name}`);
    if (before === undefined) first.set(`${part}/${name}`, path);
    else if (before !== path) {
      const remark = `${before} and ${path} have the same name but for how it is written, and are one class`;
      if (!remarks.includes(remark)) remarks.push(remark);
    }
  }
  return out;
}

interface Parts {
  train: ByClass;
  test: ByClass;
  val?: ByClass;
}

function split(parts: Record<Top['part'], ByClass>, layout: Layout): Parts {
  return layout.kind === 'split' ? { train: parts.train, test: parts.test, val: parts.val } : splitByHash(parts.both);
}

/** A remark where all classes hold folders of the same names, as the sides of a split do in whatever language. */
function sharedFolders(layout: Layout, pictures: readonly FoundPicture[]): string | undefined {
  if (layout.kind === 'split' || layout.classes.length < 2) return undefined;
  const inside = new Map<string, Set<string>>();
  for (const { file } of pictures) {
    const [top, inner, deeper] = file.split('/', 3);
    if (deeper === undefined) return undefined;
    inside.set(top, (inside.get(top) ?? new Set()).add(inner));
  }
  const [first, ...others] = [...inside.values()];
  if (!first || first.size < 2 || others.length === 0) return undefined;
  if (!others.every((o) => o.size === first.size && [...o].every((name) => first.has(name)))) return undefined;
  return `${few([...inside.keys()])} hold the same folders (${few([...first].sort())}): if these are the classes, rename two of those train and test`;
}

/**
 * @param why what was passed over, for messages, if anything was
 * @returns the classes @throws UserError for what cannot be probed
 */
function checkClasses(where: string, dir: string, layout: Layout, parts: Parts, why: string | undefined): string[] {
  const shown = layout.kind === 'split' ? join(dir, layout.train) : dir;
  const because = why === undefined ? '' : `: ${why}`;
  if (parts.train.size === 0)
    throw new UserError(`${where}: no images in ${shown}/<class>/ (${PICTURE_KINDS.join(', ')})${because}`);
  if (parts.train.size === 1) {
    const [only] = parts.train.keys();
    const pictures = [parts.train, parts.test].flatMap((part) => part.get(only) ?? []);
    const above = layout.kind === 'split' ? layout.train.split('/').length + 1 : 1;
    const inner = new Set(pictures.flatMap((p) => p.file.split('/').slice(above, -1).slice(0, 1)));
    const deeper =
      inner.size > 1
        ? ` (it holds ${few([...inner].sort())}: if these are the classes, give ${join(shown, only)})`
        : '';
    throw new UserError(`${where}: only one class (${only}) in ${shown}${deeper}; a probe needs two or more${because}`);
  }
  if (parts.test.size === 0)
    throw new UserError(
      layout.kind === 'classes'
        ? `${where}: every class has a single image; a probe needs two or more a class`
        : `${where}: no images in ${join(dir, layout.test)}/<class>/${because}`,
    );
  const classes = [...parts.train.keys()].sort();
  for (const side of ['test', 'val'] as const) {
    const unknown = [...(parts[side]?.keys() ?? [])].filter((c) => !parts.train.has(c)).sort();
    if (unknown.length === 0 || layout.kind !== 'split') continue;
    throw new UserError(
      `${where}: ${layout[side]}/${unknown[0]} is a class that ${layout.train}/ has no images of${unknown.length > 1 ? ` (and ${unknown.length - 1} more)` : ''}; training has: ${few(classes)}`,
    );
  }
  return classes;
}

/** Of every class, the fifth whose names have the smallest hashes; a class of one image has no test image. */
function splitByHash(all: ByClass): { train: ByClass; test: ByClass } {
  const train: ByClass = new Map();
  const test: ByClass = new Map();
  for (const [name, pictures] of all) {
    const count = pictures.length < 2 ? 0 : Math.max(1, Math.round(pictures.length * TEST_SHARE));
    const ranked = pictures.map((p) => ({ p, h: sha256(p.file) })).sort((a, b) => (a.h < b.h ? -1 : 1));
    const chosen = new Set(ranked.slice(0, count).map((r) => r.p));
    train.set(
      name,
      pictures.filter((p) => !chosen.has(p)),
    );
    if (count > 0)
      test.set(
        name,
        [...chosen].sort((a, b) => (a.file < b.file ? -1 : 1)),
      );
  }
  return { train, test };
}
