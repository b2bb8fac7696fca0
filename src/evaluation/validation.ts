import { UserError } from '../errors.js';
import { stratifiedSplit } from '../probe/split.js';
import { Rng } from '../rng.js';
import type { Cell, SplitFeatures } from './protocol.js';
import { rowsOf } from './results.js';

/**
 * Rows to fit and rows to choose by: the set's own validation split, else a part of the training rows, of every class the same share.
 * @throws UserError where nothing is left for one of them
 */
export function toChooseBy(
  cell: Pick<Cell, 'set' | 'seed'>,
  train: SplitFeatures,
  val: SplitFeatures | undefined,
  share: number,
): { fit: SplitFeatures; held: SplitFeatures } {
  if (val) return { fit: train, held: val };
  const classes = cell.set.classes.length;
  const n = train.index.length;
  let fit: Int32Array;
  let held: Int32Array;
  if (cell.set.task === 'single') ({ fit, held } = stratifiedSplit(train.labels, classes, share, cell.seed));
  else {
    const order = Rng.of(cell.seed, 'validation split').shuffle(Int32Array.from({ length: n }, (_, i) => i));
    const count = Math.round(n * share);
    held = order.slice(0, count).sort();
    fit = order.slice(count).sort();
  }
  if (fit.length === 0 || held.length === 0)
    throw new UserError(
      `data set ${cell.set.name}: ${n} training images are too few to set ${Math.round(100 * share)} % of every class aside for choosing`,
    );
  return { fit: rowsOf(train, fit, classes), held: rowsOf(train, held, classes) };
}
