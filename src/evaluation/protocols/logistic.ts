import { z } from 'zod';
import { classesOf, L2_GRID, logisticFit, logisticPath } from '../../probe/logistic.js';
import { outputsOf, type Target } from '../../probe/logistic-fit.js';
import { confusion, meanOf, meanPerClass, top1Of } from '../metrics/accuracy.js';
import { AP_CONVENTIONS, averagePrecisions } from '../metrics/average-precision.js';
import { softmaxRows } from '../metrics/calibration.js';
import type { Cell, Protocol, SplitFeatures } from '../protocol.js';
import { joinedSplits, ofClasses, ofLabels, optionsOf } from '../results.js';
import { toChooseBy } from '../validation.js';

const NAME = 'logistic';
const form = z.strictObject({
  /** Penalties tried; the objective is mean cross entropy + l2 / (2·n) · ‖weights‖². */
  l2s: z
    .array(z.number().nonnegative())
    .min(1)
    .default([...L2_GRID]),
  /** Steps of L-BFGS at most, a penalty. */
  iterations: z.int().positive().default(1000),
  /** Share of training images to choose by, where the set has no validation split. */
  validation: z.number().gt(0).lt(1).default(0.2),
  /** What decides among penalties: the set's own metric, or right answers, as the authors' script has it for all of one class an image. */
  chooseBy: z.enum(['top-1', 'metric']).default('top-1'),
  ap: z.enum(AP_CONVENTIONS).default('paper'),
});

/** Logistic regression: the penalty chosen on validation images, the classifier fitted to those and the training images. */
export const logistic: Protocol = {
  name: NAME,
  title: 'logistic regression',
  source: 'Tian et al. 2023 (SynCLR), appendix B.3; Kornblith et al. 2019',
  tasks: ['single', 'multi-label'],
  needs: 'features',
  settings: (o) => optionsOf(NAME, form, o),
  async run(cell) {
    const o = optionsOf(NAME, form, cell.options);
    const { train, val, test } = await cell.features();
    const { fit, held } = toChooseBy(cell, train, val, o.validation);
    const common = { l2s: o.l2s, iterations: o.iterations, on: cell.executors, signal: cell.hooks.signal };
    const score = (logits: Float32Array) => worth(cell, held, logits, o);
    const target = targetOf(cell, fit);
    const { path, best } = await logisticPath({ x: fit.x, target }, held.x, fit.dim, score, common);
    const all = joinedSplits(train, val);
    const { l2 } = path[best];
    const { logits } = await logisticFit({ x: all.x, target: targetOf(cell, all) }, test.x, all.dim, l2, common);
    const classes = cell.set.classes.length;
    const both = outputsOf(target) === 1 && cell.set.task === 'single' ? asTwo(logits) : logits;
    const measured =
      cell.set.task === 'single'
        ? ofClasses(cell.set, test, both, cell.seed, softmaxRows(both, classes))
        : ofLabels(cell.set, test, logits, cell.seed, o.ap);
    return {
      ...measured,
      details: { ...measured.details, l2, path: path.map((p) => ({ l2: p.l2, score: p.score })) },
    };
  },
};

function targetOf(cell: Cell, rows: SplitFeatures): Target {
  const classes = cell.set.classes.length;
  return cell.set.task === 'single'
    ? { of: 'classes', labels: rows.labels, classes }
    : { of: 'labels', present: rows.present!, labels: classes };
}

/** Logits of two classes whose difference is the one that was found. */
function asTwo(logits: Float32Array): Float32Array {
  const out = new Float32Array(2 * logits.length);
  logits.forEach((z, i) => {
    out[2 * i + 1] = z;
  });
  return out;
}

function worth(cell: Cell, held: SplitFeatures, logits: Float32Array, o: z.infer<typeof form>): number {
  const classes = cell.set.classes.length;
  if (cell.set.task !== 'single') return meanOf(averagePrecisions(logits, held.present!, classes, o.ap));
  const predictions = classesOf(logits, classes === 2 ? 1 : classes);
  const matrix = confusion(predictions, held.labels, classes);
  const isMean = o.chooseBy === 'metric' && cell.set.metric === 'mean per class';
  return isMean ? meanPerClass(matrix, classes) : top1Of(matrix, classes);
}
