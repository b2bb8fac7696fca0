import { readdir } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { few, sideOf, VALIDATION_RANK } from '../probe/layout.js';
import type { Contents, ListedSplit } from './kind.js';
import { splitByNames } from './subset.js';

/** Said where nobody made a split. */
export const NO_TEST = 'no test images: a fifth of every class, by a hash of their names';

/** Files that hold many pictures each, by the side that their names or folders say. */
export interface SidedFiles {
  train: string[];
  val: string[];
  test: string[];
  remarks: string[];
}

/**
 * Sorts shards by the words for training, validation and test in their names, or else in the folders above them.
 * @param files relative paths with `/`
 * @param where for messages
 * @throws UserError where they are those of several data sets
 */
export function sidesOf(files: readonly string[], where: string): SidedFiles {
  const out: SidedFiles = { train: [], val: [], test: [], remarks: [] };
  const rest: string[] = [];
  const sets = new Map<string, string[]>();
  for (const file of [...files].sort()) {
    const parts = file.split('/');
    const name = parts.pop()!.replace(/\.[^.]*$/, '');
    const folder = parts.findLastIndex((p) => sideOf(p));
    const side = sideOf(name) ?? (folder >= 0 ? sideOf(parts[folder]) : undefined);
    const set = parts.filter((_, i) => i !== folder).join('/');
    sets.set(set, [...(sets.get(set) ?? []), file]);
    if (!side) rest.push(file);
    else if (side.train) out.train.push(file);
    else (side.rank === VALIDATION_RANK ? out.val : out.test).push(file);
  }
  if (sets.size > 1)
    throw new UserError(
      `${where} holds ${sets.size} data sets (${few([...sets.keys()].map((s) => s || '.'))}): name one, as in ${where}/${[...sets.keys()].find((s) => s !== '')}`,
    );
  if (rest.length > 0 && out.train.length === 0 && out.test.length === 0 && out.val.length === 0) out.train = rest;
  else if (rest.length > 0) out.remarks.push(`neither train, val nor test by their names, and left out: ${few(rest)}`);
  return out;
}

/** All files below a folder with an ending, as relative paths; hidden ones are left out. */
export async function filesWith(dir: string, ending: RegExp): Promise<string[]> {
  const found = await readdir(dir, { recursive: true, encoding: 'utf8' });
  return found
    .map((f) => f.replaceAll('\\', '/'))
    .filter((f) => ending.test(f) && !f.split('/').some((p) => p.startsWith('.')))
    .sort();
}

/** Classes of pictures as their container says them: numbers or names, by split. */
export interface RawLabels {
  /** Of every picture: a whole number, or a name. */
  of: (number | string)[];
}

/**
 * Class numbers of all splits. Names become numbers in their order; numbers stay, and have the names that are known.
 * @throws UserError where there are numbers in some places and names in others
 */
export function numbered(
  where: string,
  splits: readonly RawLabels[],
  known: readonly string[] | undefined,
): { classes: string[]; labels: Int32Array[] } {
  let most = -1;
  let example: string | undefined;
  let numbers = 0;
  for (const { of } of splits)
    for (const label of of) {
      if (typeof label === 'number') {
        numbers++;
        most = Math.max(most, label);
      } else example ??= label;
    }
  if (example === undefined) {
    if (!known && most >= 1_000_000) throw new UserError(`${where}: class number ${most}, which no data set has`);
    const classes = known ? [...known] : Array.from({ length: most + 1 }, (_, c) => String(c));
    return { classes, labels: splits.map((s) => Int32Array.from(s.of as number[])) };
  }
  if (numbers > 0) throw new UserError(`${where}: some labels are numbers, others names ("${example}")`);
  const classes = known ? [...known] : [...new Set(splits.flatMap((s) => s.of as string[]))].sort();
  const label = new Map(classes.map((c, i) => [c, i]));
  return {
    classes,
    labels: splits.map((s) =>
      Int32Array.from(s.of as string[], (name) => {
        const found = label.get(name);
        if (found === undefined) throw new UserError(`${where}: "${name}" is not among the names of classes`);
        return found;
      }),
    ),
  };
}

/** Makes train and test of what is there: test labels may be secret (−1), a test side missing. */
export function completed(
  parts: { train?: ListedSplit; val?: ListedSplit; test?: ListedSplit },
  where: string,
): Pick<Contents, 'train' | 'val' | 'test'> & { remarks: string[] } {
  const remarks: string[] = [];
  let { train, val, test } = parts;
  if (test && test.length > 0 && test.labels.every((l) => l === -1)) {
    remarks.push('the labels of the test images are secret (−1): they are left out');
    test = undefined;
  }
  if (!train) throw new UserError(`${where}: no training images`);
  if (!test && val) {
    remarks.push('no test images with labels: validation images are tested on');
    test = val;
    val = undefined;
  }
  if (!test) {
    remarks.push(NO_TEST);
    ({ train, test } = splitByNames(train));
  }
  return { train, ...(val && { val }), test, remarks };
}
