import { z } from 'zod';
import { sgdProbe } from '../../probe/sgd-probe.js';
import { NORMS } from '../../probe/sgd-stack.js';
import { augmentedProbe, clearAugmented } from '../augmented-probe.js';
import { softmaxRows } from '../metrics/calibration.js';
import type { Protocol } from '../protocol.js';
import { ofClasses, optionsOf } from '../results.js';
import { toChooseBy } from '../validation.js';

const NAME = 'linear';
const form = z.strictObject({
  /** Rates tried, per 256 images of a batch. */
  lrs: z.array(z.number().positive()).min(1).default([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]),
  epochs: z.int().positive().default(90),
  batch: z.int().positive().default(1024),
  momentum: z.number().min(0).lt(1).default(0.9),
  /** `batch`: batch normalisation without affine parameters before the classifier. */
  norm: z.enum(NORMS).default('batch'),
  /** Share of training images to choose by, where the set has no validation split. */
  validation: z.number().gt(0).lt(1).default(0.2),
  /** Whether the chosen rate is trained anew on training and validation images; else the best epoch's classifier is tested. */
  refit: z.boolean().default(true),
  /** Whether the encoder sees new crops of the training images, some mirrored, at every epoch; else features of the images as they are serve all. */
  augment: z.boolean().default(false),
});

/** A linear layer by SGD, all rates in one pass: on kept features, or on those of new crops at every epoch. */
export const linear: Protocol = {
  name: NAME,
  title: 'linear',
  source: 'Tian et al. 2023 (SynCLR), table 13',
  tasks: ['single'],
  needs: 'features',
  settings: (o) => optionsOf(NAME, form, o),
  clear: (dir) => clearAugmented(dir),
  async run(cell) {
    const { augment, ...o } = optionsOf(NAME, form, cell.options);
    const { train, val, test } = await cell.features();
    const classes = cell.set.classes.length;
    const onEpoch = (done: number, total: number) =>
      cell.hooks.progress({ stage: 'eval', done, total, unit: 'epochs' });
    const of = { ...o, classes, seed: cell.seed, on: cell.executors, signal: cell.hooks.signal, onEpoch };
    const { logits, ...chosen } = augment
      ? await augmentedProbe(cell, { ...o, classes, test, ...toChooseBy(cell, train, val, o.validation), onEpoch })
      : await sgdProbe(train, val, test, of);
    const measured = ofClasses(cell.set, test, logits, cell.seed, softmaxRows(logits, classes));
    return {
      ...measured,
      details: { ...measured.details, ...chosen, images: train.index.length + (val?.index.length ?? 0) },
    };
  },
};
