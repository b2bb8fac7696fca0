import { z } from 'zod';
import { Interrupted, UserError } from '../../errors.js';
import { classesOf } from '../../probe/logistic.js';
import { LogisticFit, outputsOf } from '../../probe/logistic-fit.js';
import { argmaxRows } from '../../probe/metrics.js';
import { unitRows } from '../../probe/unit-rows.js';
import { Rng } from '../../rng.js';
import type { Executor } from '../../runtime/executor.js';
import { confusion, meanPerClass, top1Of } from '../metrics/accuracy.js';
import type { CellResult, Protocol, SplitFeatures } from '../protocol.js';
import { optionsOf, rowsOf } from '../results.js';

const NAME = 'few-shot';
const form = z.strictObject({
  /** Training images a class. */
  shots: z.array(z.int().positive()).min(1).default([1, 2, 4, 8, 16]),
  /** Times that they are drawn. */
  draws: z.int().min(2).max(1000).default(10),
  /** Logistic regression, or the class whose mean of unit features is nearest by cosine. */
  classifier: z.enum(['logistic', 'nearest-mean']).default('logistic'),
  /** Of logistic regression: mean cross entropy + l2 / (2·n) · ‖weights‖². */
  l2: z.number().nonnegative().default(1),
});

/** 97.5 % quantiles of Student's t by degrees of freedom from 1 on; beyond, a series in their inverse. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131];
const studentT = (freedom: number): number =>
  T[freedom - 1] ?? 1.95996 + 2.3722 / freedom + 2.8225 / freedom ** 2 + 2.5558 / freedom ** 3;

/** Classifiers of unit features from few images of every class, drawn several times. */
export const fewShot: Protocol = {
  name: NAME,
  title: 'few-shot',
  source:
    'Tian et al. 2020 (a good embedding is all you need): logistic regression on unit features; all classes at once',
  tasks: ['single'],
  needs: 'features',
  settings: (o) => optionsOf(NAME, form, o),
  async run(cell) {
    const o = optionsOf(NAME, form, cell.options);
    const { train, test } = await cell.features();
    const classes = cell.set.classes.length;
    const byClass = picturesOf(train, classes);
    const smallest = Math.min(...byClass.map((rows) => rows.length));
    const shots = [...new Set(o.shots)].sort((a, b) => a - b).filter((m) => m <= smallest);
    if (shots.length === 0)
      throw new UserError(
        `data set ${cell.set.name}: its smallest class has ${smallest} training images, fewer than the ${Math.min(...o.shots)} shots of few-shot`,
      );
    const isMean = cell.set.metric === 'mean per class';
    const name = isMean ? 'mean per class' : 'top-1';
    const unit = { train: unitRows(train.x.slice(), train.dim), test: unitRows(test.x.slice(), test.dim) };
    const metrics: Record<string, number> = {};
    const curve: { shots: number; mean: number; interval: [number, number]; draws: number[] }[] = [];
    let right = new Float32Array(test.index.length);
    // One for all: to start one takes longer than a fit.
    const executor = await cell.executors.open({ small: true });
    try {
      for (const [i, m] of shots.entries()) {
        const figures: number[] = [];
        right = new Float32Array(test.index.length);
        for (let draw = 0; draw < o.draws; draw++) {
          if (cell.hooks.signal.aborted) throw new Interrupted('stopped in few-shot');
          // The first m of an order that is the same for all m and, by the pictures' numbers, for all encoders.
          const rows = Int32Array.from(
            byClass.flatMap((all, c) =>
              Rng.of(cell.seed, 'few-shot', draw, c)
                .shuffle([...all])
                .slice(0, m),
            ),
          );
          const few = rowsOf({ ...train, x: unit.train }, rows, classes);
          const predictions = await classified(few, unit.test, classes, o, executor, cell.hooks.signal);
          test.labels.forEach((l, r) => {
            if (predictions[r] === l) right[r] += 1 / o.draws;
          });
          const matrix = confusion(predictions, test.labels, classes);
          figures.push(isMean ? meanPerClass(matrix, classes) : top1Of(matrix, classes));
          const done = i * o.draws + draw + 1;
          cell.hooks.progress({ stage: 'eval', done, total: shots.length * o.draws, unit: 'draws' });
        }
        const mean = figures.reduce((a, b) => a + b, 0) / figures.length;
        const squares = figures.reduce((sum, f) => sum + (f - mean) ** 2, 0);
        const half = studentT(o.draws - 1) * Math.sqrt(squares / (o.draws - 1) / o.draws);
        curve.push({ shots: m, mean, interval: [Math.max(0, mean - half), Math.min(1, mean + half)], draws: figures });
        metrics[`${name}, ${m} ${m === 1 ? 'shot' : 'shots'}`] = mean;
      }
    } finally {
      await executor.close();
    }
    const last = curve[curve.length - 1];
    const { index, labels } = test;
    return {
      metrics,
      main: Object.keys(metrics).at(-1)!,
      interval: last.interval,
      perImage: isMean ? { of: 'mean per class', values: right, labels, index } : { of: 'mean', values: right, index },
      details: { curve, classifier: o.classifier, leftOut: o.shots.filter((m) => m > smallest) },
    } satisfies CellResult;
  },
};

/** Rows of each class, by the number of their picture. */
function picturesOf(train: SplitFeatures, classes: number): number[][] {
  const out: number[][] = Array.from({ length: classes }, () => []);
  const order = [...train.labels.keys()].sort((a, b) => train.index[a] - train.index[b]);
  for (const r of order) out[train.labels[r]].push(r);
  return out;
}

async function classified(
  few: SplitFeatures,
  test: Float32Array,
  classes: number,
  o: z.infer<typeof form>,
  executor: Executor,
  signal: AbortSignal,
): Promise<Int32Array> {
  const { dim, labels, x } = few;
  if (o.classifier === 'nearest-mean') {
    const means = new Float32Array(classes * dim);
    labels.forEach((c, i) => {
      for (let j = 0; j < dim; j++) means[c * dim + j] += x[i * dim + j];
    });
    unitRows(means, dim);
    return argmaxRows(products(test, means, dim), classes);
  }
  const target = { of: 'classes', labels, classes } as const;
  const fit = await LogisticFit.open(x, dim, target, { executor, signal });
  try {
    await fit.keep('test', test);
    return classesOf(await fit.logits('test', await fit.solve(o.l2)), outputsOf(target));
  } finally {
    await fit.close();
  }
}

/** [n, m] products of rows. */
function products(a: Float32Array, b: Float32Array, dim: number): Float32Array {
  const [n, m] = [a.length / dim, b.length / dim];
  const out = new Float32Array(n * m);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < m; c++) {
      let sum = 0;
      for (let j = 0; j < dim; j++) sum += a[i * dim + j] * b[c * dim + j];
      out[i * m + c] = sum;
    }
  return out;
}
