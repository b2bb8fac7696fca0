import { z } from 'zod';
import { UserError } from '../../errors.js';
import { classesOf, logisticFit } from '../../probe/logistic.js';
import { outputsOf, type Target } from '../../probe/logistic-fit.js';
import { argmaxRows } from '../../probe/metrics.js';
import { intervalOf } from '../metrics/bootstrap.js';
import type { Cell, PerImage, Protocol, SplitFeatures } from '../protocol.js';
import { joinedSplits, optionsOf } from '../results.js';
import { cosinesToWords, wordFiles, wordless, wordsForm } from '../words-of.js';

const NAME = 'shape-bias';
const form = z.strictObject({
  ...wordsForm,
  /** Who decides: the classes' words, or logistic regression on the set's training images; `auto`: words where the encoder has a text tower. */
  by: z.enum(['auto', 'words', 'logistic']).default('auto'),
  /** Of logistic regression: mean cross entropy + l2 / (2·n) · ‖weights‖². */
  l2: z.number().nonnegative().default(1),
});

/** A test image's shape and texture by its name, `shape1-texture2.png`, as numbers of classes. */
export interface Cue {
  shape: number;
  texture: number;
}

/** A class's word without the number of the image behind it. */
function withoutNumber(word: string): string {
  let end = word.length;
  while (end > 1 && word[end - 1] >= '0' && word[end - 1] <= '9') end--;
  return word.slice(0, end);
}

/** @returns undefined for a name of another form, or with words that are no classes */
export function cueOf(name: string, classes: readonly string[]): Cue | undefined {
  const file = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const stem = file.slice(0, Math.max(0, file.lastIndexOf('.')));
  const dash = stem.indexOf('-', 1);
  if (dash < 0) return undefined;
  const [shape, texture] = [stem.slice(0, dash), stem.slice(dash + 1)].map((w) => classes.indexOf(withoutNumber(w)));
  return shape >= 0 && texture >= 0 ? { shape, texture } : undefined;
}

/**
 * Cue conflict: images with the shape of one class and the texture of another. Of the decisions for one of both, the share for the shape.
 */
export const shapeBias: Protocol = {
  name: NAME,
  title: 'shape bias',
  source: 'Geirhos et al. 2019, section 2 and figure 4',
  tasks: ['single'],
  needs: 'features',
  settings: (o) => optionsOf(NAME, form, o),
  files: (o) => wordFiles(optionsOf(NAME, form, o)),
  refuses: ({ set }) => {
    for (let i = 0; i < set.test.length; i++) if (isConflict(cueOf(set.test.nameOf(i), set.classes))) return undefined;
    return 'no test image is named shape1-texture2.png with two different classes of the set';
  },
  async run(cell) {
    const o = optionsOf(NAME, form, cell.options);
    const { train, val, test } = await cell.features();
    const words = o.by === 'words' || (o.by === 'auto' && wordless(cell) === undefined);
    const decisions = words
      ? argmaxRows(await cosinesToWords(cell, test, o), cell.set.classes.length)
      : await trained(cell, joinedSplits(train, val), test, o.l2);
    const counts = { conflicts: 0, shape: 0, texture: 0 };
    const rows: number[] = [];
    const byClass = cell.set.classes.map(() => ({ shape: 0, texture: 0 }));
    decisions.forEach((decision, i) => {
      const cue = cueOf(cell.set.test.nameOf(test.index[i]), cell.set.classes);
      if (!cue || !isConflict(cue)) return;
      counts.conflicts++;
      if (decision === cue.shape) {
        counts.shape++;
        byClass[cue.shape].shape++;
      } else if (decision === cue.texture) {
        counts.texture++;
        byClass[cue.shape].texture++;
      } else return;
      rows.push(i);
    });
    if (rows.length === 0)
      throw new UserError(
        `data set ${cell.set.name}: none of ${counts.conflicts} images was taken for its shape or its texture, so there is no bias to measure`,
      );
    const perImage: PerImage = {
      of: 'mean',
      values: Float32Array.from(rows, (i) =>
        decisions[i] === cueOf(cell.set.test.nameOf(test.index[i]), cell.set.classes)!.shape ? 1 : 0,
      ),
      index: Int32Array.from(rows, (i) => test.index[i]),
    };
    return {
      metrics: {
        'shape bias': counts.shape / rows.length,
        // How often it was one of both at all: a bias of few decisions says little.
        decided: rows.length / counts.conflicts,
      },
      main: 'shape bias',
      interval: intervalOf(perImage, { seed: cell.seed }),
      perImage,
      details: { ...counts, by: words ? 'words' : 'logistic', perClass: byClass },
    };
  },
};

const isConflict = (cue: Cue | undefined): boolean => cue !== undefined && cue.shape !== cue.texture;

async function trained(cell: Cell, train: SplitFeatures, test: SplitFeatures, l2: number): Promise<Int32Array> {
  const target: Target = { of: 'classes', labels: train.labels, classes: cell.set.classes.length };
  const o = { on: cell.executors, signal: cell.hooks.signal };
  const { logits } = await logisticFit({ x: train.x, target }, test.x, train.dim, l2, o);
  return classesOf(logits, outputsOf(target));
}
