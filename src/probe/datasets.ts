import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';

/** Endings that count as images, as the decoder reads them. */
const IMAGE_ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'];

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
  /** Sorted by their UTF-16 units, so that labels are the same everywhere. */
  classes: string[];
  train: Sample[];
  test: Sample[];
  /** Which folder the test images come from; `hash`: none, 20 % of every class by a hash of the file's name. */
  split: 'test' | 'val' | 'hash';
  /** Names, sizes and times of all files: the key under which features are kept. */
  hash: string;
}

/** Whether a file's ending says that it is an image. */
export function isImage(file: string): boolean {
  return IMAGE_ENDINGS.includes(extname(file).toLowerCase());
}

/**
 * Lists an image folder: `dir/train/<class>/…` with `dir/test/<class>/…` (or `val`), or `dir/<class>/…`, of which a fifth, chosen by a
 * hash of the relative name, becomes the test set.
 * @throws UserError when the folder is missing or has no images, for fewer than two classes, and for a test class that training has not
 */
export async function openDataset(name: string, dir: string): Promise<ImageDataset> {
  const where = `data set ${name}: ${dir}`;
  const folders = await subfolders(dir).catch((e: NodeJS.ErrnoException) => {
    throw new UserError(
      e.code === 'ENOENT' ? `${where}: no such folder` : `${where}: not a readable folder (${e.code ?? e.message})`,
    );
  });
  const trainFolder = folders.includes('train');
  const testFolder = (['test', 'val'] as const).find((f) => folders.includes(f));
  if (trainFolder !== (testFolder !== undefined))
    throw new UserError(
      trainFolder
        ? `${where} has a folder train but neither test nor val; expected train/<class>/… and test/<class>/…`
        : `${where} has a folder ${testFolder} but no train; expected train/<class>/… and ${testFolder}/<class>/…`,
    );
  const split = testFolder ?? 'hash';
  const parts =
    split === 'hash'
      ? splitByHash(await listClasses(dir, dir))
      : { train: await listClasses(dir, join(dir, 'train')), test: await listClasses(dir, join(dir, split)) };
  const shown = split === 'hash' ? dir : join(dir, 'train');

  if (parts.train.size === 0)
    throw new UserError(
      `${where}: no images in ${shown}/<class>/ (${IMAGE_ENDINGS.map((e) => e.slice(1)).join(', ')})`,
    );
  if (parts.train.size === 1)
    throw new UserError(
      `${where}: only one class (${[...parts.train.keys()][0]}) in ${shown}; a probe needs two or more`,
    );
  if (parts.test.size === 0)
    throw new UserError(
      split === 'hash'
        ? `${where}: every class has a single image; a probe needs two or more a class`
        : `${where}: no images in ${join(dir, split)}/<class>/`,
    );
  const classes = [...parts.train.keys()].sort();
  const unknown = [...parts.test.keys()].filter((c) => !parts.train.has(c)).sort();
  if (unknown.length > 0)
    throw new UserError(
      `${where}: ${split}/${unknown[0]} is a class that train/ has no images of${unknown.length > 1 ? ` (and ${unknown.length - 1} more)` : ''}; training has: ${few(classes)}`,
    );
  const label = new Map(classes.map((c, i) => [c, i]));
  const collect = (by: Map<string, Sample[]>) =>
    classes.flatMap((c) => (by.get(c) ?? []).map((s) => ({ ...s, label: label.get(c)! })));
  const train = collect(parts.train);
  const test = collect(parts.test);
  const listing = [train, test].map((part) => part.map((s) => [s.file, s.bytes, s.modified]));
  return { name, dir, classes, train, test, split, hash: sha256(JSON.stringify(listing)) };
}

const few = (names: readonly string[]): string =>
  names.slice(0, 5).join(', ') + (names.length > 5 ? `, … (${names.length})` : '');

async function subfolders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const kept: string[] = [];
  for (const e of entries) {
    if (e.name.startsWith('.')) continue;
    if (
      e.isDirectory() ||
      (e.isSymbolicLink() && (await stat(join(dir, e.name)).catch(() => undefined))?.isDirectory())
    )
      kept.push(e.name);
  }
  return kept.sort();
}

/** Images of every class folder below `dir`, classes without images left out. */
async function listClasses(root: string, dir: string): Promise<Map<string, Sample[]>> {
  const out = new Map<string, Sample[]>();
  for (const name of await subfolders(dir)) {
    const samples: Sample[] = [];
    for (const file of await imagesBelow(join(dir, name))) {
      const { size, mtimeMs } = await stat(file);
      samples.push({ file: relative(root, file).split(sep).join('/'), label: -1, bytes: size, modified: mtimeMs });
    }
    if (samples.length > 0) out.set(name, samples);
  }
  return out;
}

/** Paths of the images in a folder and its sub-folders, sorted; hidden files and folders are left out. */
export async function imagesBelow(dir: string): Promise<string[]> {
  const out: string[] = [];
  for (const e of await readdir(dir, { withFileTypes: true })) {
    if (e.name.startsWith('.')) continue;
    const path = join(dir, e.name);
    const kind = e.isSymbolicLink() ? await stat(path).catch(() => undefined) : e;
    if (kind?.isDirectory()) out.push(...(await imagesBelow(path)));
    else if (kind?.isFile() && isImage(e.name)) out.push(path);
  }
  return out.sort();
}

/** Of every class, the fifth whose names have the smallest hashes; a class of one image has no test image. */
function splitByHash(all: Map<string, Sample[]>): { train: Map<string, Sample[]>; test: Map<string, Sample[]> } {
  const train = new Map<string, Sample[]>();
  const test = new Map<string, Sample[]>();
  for (const [name, samples] of all) {
    const count = samples.length < 2 ? 0 : Math.max(1, Math.round(samples.length * TEST_SHARE));
    const ranked = samples.map((s) => ({ s, h: sha256(s.file) })).sort((a, b) => (a.h < b.h ? -1 : 1));
    const chosen = new Set(ranked.slice(0, count).map((r) => r.s));
    train.set(
      name,
      samples.filter((s) => !chosen.has(s)),
    );
    if (count > 0)
      test.set(
        name,
        [...chosen].sort((a, b) => (a.file < b.file ? -1 : 1)),
      );
  }
  return { train, test };
}
