import { didYouMean } from '../../config/suggest.js';
import { UserError } from '../../errors.js';
import type { SetKind } from '../kind.js';
import { ADE20K } from './ade20k.js';
import { AIRCRAFT } from './aircraft.js';
import { CALTECH101 } from './caltech101.js';
import { CARS } from './cars.js';
import { CIFAR10, CIFAR100 } from './cifar.js';
import { COUNTRY211 } from './country211.js';
import { DTD } from './dtd.js';
import { EUROSAT } from './eurosat.js';
import { FLOWERS } from './flowers.js';
import { FOLDER } from './folder.js';
import { FOOD101 } from './food101.js';
import { GTSRB } from './gtsrb.js';
import { FASHION_MNIST, IDX, MNIST } from './idx.js';
import { IMAGENET } from './imagenet.js';
import { KITTI } from './kitti.js';
import { PARQUET } from './parquet.js';
import { PETS } from './pets.js';
import { RESISC45 } from './resisc45.js';
import { CAMVID, SEGMENTATION } from './segmentation-folder.js';
import { SUN397 } from './sun397.js';
import { VOC2007, VOC2012 } from './voc.js';
import { WEBDATASET } from './webdataset.js';

/** All kinds, a line each; where several fit a folder, the first is taken. */
export const KINDS: readonly SetKind[] = [
  IMAGENET,
  AIRCRAFT,
  CARS,
  DTD,
  FLOWERS,
  PETS,
  SUN397,
  CALTECH101,
  FOOD101,
  CIFAR10,
  CIFAR100,
  VOC2007,
  EUROSAT,
  GTSRB,
  COUNTRY211,
  IDX,
  MNIST,
  RESISC45,
  KITTI,
  FASHION_MNIST,
  ADE20K,
  VOC2012,
  CAMVID,
  SEGMENTATION,
  PARQUET,
  WEBDATASET,
  FOLDER,
];

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
