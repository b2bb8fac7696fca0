import { didYouMean } from '../../config/suggest.js';
import { UserError } from '../../errors.js';
import type { SetKind } from '../kind.js';
import { CIFAR10, CIFAR100 } from './cifar.js';
import { FOLDER } from './folder.js';
import { FASHION_MNIST, IDX, MNIST } from './idx.js';
import { PARQUET } from './parquet.js';
import { WEBDATASET } from './webdataset.js';

/** All kinds, a line each; where several fit a folder, the first is taken. */
export const KINDS: readonly SetKind[] = [CIFAR10, CIFAR100, MNIST, FASHION_MNIST, IDX, PARQUET, WEBDATASET, FOLDER];

/** @throws UserError with the names that there are */
export function kindNamed(name: string): SetKind {
  const found = meantBy(name);
  if (found) return found;
  throw new UserError(
    `"${name}" is no kind of data set: ${didYouMean(
      name,
      KINDS.map((k) => k.name),
    )}`,
  );
}

/** The kind that a name means; undefined for names of one's own. */
export function meantBy(name: string): SetKind | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_-]/g, '');
  return KINDS.find((k) => [k.name, ...(k.alias ?? [])].some((n) => plain(n) === plain(name)));
}

/** What can be evaluated, for listings: all that is said of each kind. */
export const listKinds = (): readonly Omit<SetKind, 'open' | 'marks' | 'roots'>[] =>
  KINDS.map(({ name, title, task, metric, splits, layout, home, citation, alias }) => ({
    name,
    title,
    task,
    metric,
    splits,
    layout,
    home,
    citation,
    alias,
  }));
