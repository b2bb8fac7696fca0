import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { few, layoutOf } from '../probe/layout.js';
import { othersLine } from '../probe/left-out.js';
import { type FoundPicture, walk } from '../probe/walk.js';
import { PICTURE_KINDS } from '../views/picture-format.js';
import type { ClassNames } from './names.js';

/** Photos of one side of a classifier: to learn from, or to be told apart. */
export interface Photos {
  dir: string;
  /** Relative to `dir`, with `/`. */
  files: string[];
  /** [n] the class of each; absent where none is known. */
  labels?: Int32Array;
  /** Of names, sizes and times: features are kept under it. */
  hash: string;
  /** Whether the folder has a split of its own, of which this is one side. */
  isSide: boolean;
  /** Folders whose names are no class, which are left out. */
  unmatched: string[];
  /** How the folder is understood, and what is left out: lines for the user. */
  remarks: string[];
}

/**
 * Lists photos: of a folder with a folder a class, those whose names mean one; of one with a split of its own, that side; of any other, and of
 * a single photo, what there is, without classes.
 * @param flag as the user named the folder, for messages: `--test`
 * @throws UserError where there is nothing, or no picture; for `train` also where no folder is a class
 */
export async function listPhotos(
  flag: string,
  path: string,
  names: ClassNames,
  side: 'train' | 'test',
): Promise<Photos> {
  const where = `${flag} ${path}`;
  const kind = await stat(path).catch((e: unknown) => {
    const code = codeOf(e);
    throw new UserError(`${where}: ${code === 'ENOENT' ? 'no such photo or folder' : `cannot be read (${code ?? e})`}`);
  });
  if (!kind.isDirectory()) {
    if (side === 'train') throw new UserError(`${where} is a file: expected a folder with a folder a class`);
    const hash = sha256(JSON.stringify([path, kind.size, kind.mtimeMs]));
    return { dir: dirname(path), files: [basename(path)], hash, isSide: false, unmatched: [], remarks: [] };
  }
  const layout = await layoutOf(where, path);
  const root = layout.kind === 'split' ? join(path, layout[side]) : path;
  const folders = layout.kind === 'split' ? layout.classes[side] : layout.classes;
  const isSide = layout.kind === 'split';
  const remarks = layout.remarks.map((line) => (line.startsWith(path) ? line : `${path}: ${line}`));
  const labels = new Map<string, number>();
  const unmatched: string[] = [];
  for (const folder of folders) {
    const found = names.find(folder);
    if (found && 'label' in found) labels.set(folder, found.label);
    else unmatched.push(found ? `${folder} (${found.among.join(' or ')}?)` : folder);
  }
  if (labels.size === 0) {
    if (side === 'train')
      throw new UserError(
        `${where}: ${folders.length === 0 ? 'no folders in it' : `none of its folders is a concept (${few(folders)})`}; expected a folder a class, named as the concepts are`,
      );
    if (folders.length > 0)
      remarks.push(`${root}: none of its folders is a concept (${few(folders)}): taken as photos without classes`);
    return { ...(await below(where, root, [''], remarks)), isSide, unmatched: [], remarks };
  }
  if (unmatched.length > 0)
    remarks.push(`${root}: no concept is meant by ${few(unmatched)}: left out (rename the folder, or add the concept)`);
  const found = await below(where, root, [...labels.keys()], remarks);
  const classes = Int32Array.from(found.files, (file) => labels.get(file.split('/', 1)[0])!);
  return { ...found, labels: classes, isSide, unmatched, remarks };
}

async function below(
  where: string,
  dir: string,
  tops: readonly string[],
  remarks: string[],
): Promise<Pick<Photos, 'dir' | 'files' | 'hash'>> {
  const walked = await walk(dir, tops, { unreadable: 'pass over' });
  remarks.push(...walked.remarks);
  const left = othersLine(walked.others);
  if (left) remarks.push(`${dir}: ${left}`);
  if (walked.pictures.length === 0)
    throw new UserError(`${where}: no photos in it (${PICTURE_KINDS.join(', ')})${left ? `; ${left}` : ''}`);
  const listing = walked.pictures.map((p: FoundPicture) => [p.file, p.bytes, p.modified]);
  return { dir, files: walked.pictures.map((p) => p.file), hash: sha256(JSON.stringify(listing)) };
}
