import { z } from 'zod';
import { firstOf, type Neighbours, nearest, votes } from '../../probe/knn.js';
import { argmaxRows } from '../../probe/metrics.js';
import { confusion, meanOf, meanPerClass, top1Of } from '../metrics/accuracy.js';
import { AP_CONVENTIONS, averagePrecisions } from '../metrics/average-precision.js';
import type { Cell, Protocol, SplitFeatures } from '../protocol.js';
import { ofClasses, ofLabels, optionsOf } from '../results.js';
import { toChooseBy } from '../validation.js';

const NAME = 'knn';
const several = <T extends z.ZodType>(one: T) => z.union([one.transform((v) => [v]), z.array(one).min(1)]);
const form = z.strictObject({
  /** Neighbours that vote; of several the best on validation images is taken. */
  k: several(z.int().positive()).default([20]),
  /** A vote weighs exp(cosine / temperature); several likewise. */
  temperature: several(z.number().positive()).default([0.07]),
  /** Share of training images to choose by, where the set has no validation split. */
  validation: z.number().gt(0).lt(1).default(0.2),
  ap: z.enum(AP_CONVENTIONS).default('paper'),
});
type Chosen = { k: number; temperature: number };

/** Weighted k-nearest neighbours by cosine. */
export const knn: Protocol = {
  name: NAME,
  title: 'k-NN',
  source: 'Caron et al. 2021 (DINO), appendix F.1; Wu et al. 2018',
  tasks: ['single', 'multi-label'],
  needs: 'features',
  settings: (o) => optionsOf(NAME, form, o),
  async run(cell) {
    const o = optionsOf(NAME, form, cell.options);
    const { train, val, test } = await cell.features();
    const pairs = o.k.flatMap((k) => o.temperature.map((temperature) => ({ k, temperature })));
    let chosen: Chosen = pairs[0];
    let sweep: (Chosen & { score: number })[] | undefined;
    if (pairs.length > 1) {
      const { fit, held } = toChooseBy(cell, train, val, o.validation);
      const most = Math.max(...o.k);
      const found = await nearest(fit.x, held.x, fit.dim, most, cell.executors, cell.hooks.signal);
      sweep = pairs.map((p) => ({ ...p, score: worth(cell, held, voted(cell, found, fit, p), o.ap) }));
      chosen = sweep.reduce((best, p) => (p.score > best.score ? p : best));
    }
    const found = await nearest(train.x, test.x, train.dim, chosen.k, cell.executors, cell.hooks.signal);
    const shares = voted(cell, found, train, chosen);
    const measured =
      cell.set.task === 'single'
        ? ofClasses(cell.set, test, shares, cell.seed, shares)
        : ofLabels(cell.set, test, Float32Array.from(shares), cell.seed, o.ap);
    return {
      ...measured,
      details: { ...measured.details, k: found.k, temperature: chosen.temperature, ...(sweep ? { sweep } : {}) },
    };
  },
};

/** Share of the votes that each class has, [n, classes]; of labels, of those that are there. */
function voted(cell: Cell, found: Neighbours, train: SplitFeatures, { k, temperature }: Chosen): Float64Array {
  const classes = cell.set.classes.length;
  const cut = firstOf(found, k);
  const n = cut.index.length / cut.k;
  if (cell.set.task === 'single') {
    const out = votes(cut, train.labels, { temperature, classes }, true);
    for (let i = 0; i < n; i++) {
      const row = out.subarray(i * classes, (i + 1) * classes);
      const sum = row.reduce((s, v) => s + v, 0);
      for (let c = 0; c < classes; c++) row[c] /= sum;
    }
    return out;
  }
  const out = new Float64Array(n * classes);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = i * cut.k; j < (i + 1) * cut.k; j++) {
      const weight = Math.exp((cut.similarity[j] - cut.similarity[i * cut.k]) / temperature);
      sum += weight;
      for (let c = 0; c < classes; c++)
        if (train.present![cut.index[j] * classes + c] === 1) out[i * classes + c] += weight;
    }
    for (let c = 0; c < classes; c++) out[i * classes + c] /= sum;
  }
  return out;
}

/** The set's own metric on rows to choose by. */
function worth(cell: Cell, held: SplitFeatures, shares: Float64Array, ap: z.infer<typeof form>['ap']): number {
  const classes = cell.set.classes.length;
  if (cell.set.task !== 'single') return meanOf(averagePrecisions(shares, held.present!, classes, ap));
  const matrix = confusion(argmaxRows(shares, classes), held.labels, classes);
  return cell.set.metric === 'mean per class' ? meanPerClass(matrix, classes) : top1Of(matrix, classes);
}
