import { expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import type { Labelled } from './labelled.js';
import { accuracy, argmaxRows } from './metrics.js';
import { type SgdProbeOptions, sgdProbe } from './sgd-probe.js';

const seed = testSeed('sgd-probe.test.ts');
const [CLASSES, DIM] = [3, 9];

/** Overlapping classes on coordinates of very different scale. */
function classes(n: number, what: string): Labelled {
  const rng = Rng.of(seed, 'sgd probe test', what);
  const labels = Int32Array.from({ length: n }, (_, i) => i % CLASSES);
  const x = Float32Array.from({ length: n * DIM }, (_, at) => {
    const [i, j] = [Math.floor(at / DIM), at % DIM];
    return 10 ** ((j % 4) - 2) * (rng.normal() + (j % CLASSES === labels[i] ? 2 : 0)) + 3;
  });
  return { x, dim: DIM, labels };
}

const options: SgdProbeOptions = {
  ...{ classes: CLASSES, lrs: [1e-5, 0.1, 0.5], epochs: 12, batch: 32, momentum: 0.9 },
  ...{ norm: 'batch', validation: 0.2, refit: true, seed: 0, on: cpuExecutors(1) },
};

it(`is right whatever the scale of coordinates, by rates that validation images choose (seed ${seed})`, async () => {
  const [train, test] = [classes(300, 'train'), classes(150, 'test')];
  const top1 = (y: Float32Array) => accuracy(argmaxRows(y, CLASSES), test.labels, CLASSES).top1;
  const found = await sgdProbe(train, undefined, test, options);
  expect(top1(found.logits)).toBeGreaterThan(0.85);
  expect(found.validation.map((v) => v.lr)).toEqual(options.lrs);
  const best = Math.max(...found.validation.map((v) => v.top1));
  expect(found.validation.find((v) => v.lr === found.lr)!.top1).toBe(best);

  // Test images decide nothing, and the best epoch's classifier is the one that is tested without a refit.
  const [held, shuffled] = [classes(90, 'val'), { ...test, labels: test.labels.toReversed() }];
  const kept = await sgdProbe(train, held, test, { ...options, refit: false });
  expect(await sgdProbe(train, held, shuffled, { ...options, refit: false })).toEqual(kept);
  expect(kept.epoch).toBe(kept.validation.find((v) => v.lr === kept.lr)!.epoch);
  expect(top1(kept.logits)).toBeGreaterThan(0.85);
});
