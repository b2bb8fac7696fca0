import { join } from 'node:path';
import { z } from 'zod';
import { removeFineTuning } from '../../finetune/checkpoint.js';
import { type FineTuned, fineTune } from '../../finetune/fine-tune.js';
import { RECIPES, type Recipe, type RecipeName, recipeOf } from '../../finetune/recipe.js';
import { subset } from '../../finetune/subset.js';
import { type Classified, rightOf } from '../../finetune/test-pictures.js';
import { checked } from '../../formats/json.js';
import { shareInterval } from '../../probe/intervals.js';
import type { Cell, CellResult, PerImage, Protocol, ProtocolOptions } from '../protocol.js';

/** Key of its settings among the options. */
const NAME = 'finetune';

const form = z.looseObject({
  /** A whole recipe; `paper`: the paper's for the encoder's width. */
  recipe: z.enum(['paper', ...(Object.keys(RECIPES) as RecipeName[])]).default('paper'),
  /** Shares of the training pictures, one fine-tuning each; the largest is the result, all of them the low-data curve. */
  fractions: z.array(z.number().gt(0).max(1)).min(1).default([1]),
  /** Begin from fresh weights of the same network: for comparison. */
  scratch: z.boolean().default(false),
});

interface Options extends z.output<typeof form> {
  /** Single values of the recipe that are changed. */
  changes: Record<string, unknown>;
}

/** @throws UserError for what is not known or cannot be */
function optionsOf(o: ProtocolOptions): Options {
  const { recipe, fractions, scratch, ...changes } = checked(o[NAME] ?? {}, form, NAME) as z.output<typeof form>;
  return { recipe, changes, scratch, fractions: [...new Set(fractions)].sort((x, y) => x - y) };
}

/** ViT-L and wider take the paper's recipe for L. */
const WIDE = 1024;

/** @param dim the encoder's width; absent: as for a narrow one */
function recipeFor({ recipe, changes }: Options, dim = 0): { name: RecipeName; recipe: Recipe } {
  const name = recipe === 'paper' ? (dim >= WIDE ? 'paper-l14' : 'paper-b16') : recipe;
  return { name, recipe: recipeOf(name, changes, NAME) };
}

const partOf = (dir: string, fraction: number): string => join(dir, fraction === 1 ? 'all' : `part-${fraction}`);

/** All of the encoder is trained with a linear head on labelled pictures. */
export const finetune: Protocol = {
  name: NAME,
  title: 'fine-tuning',
  source: 'SynCLR, table 8 and table 14',
  tasks: ['single'],
  needs: 'network',
  settings(o) {
    const options = optionsOf(o);
    const { recipe, fractions, scratch } = options;
    // Also those that are unset, so that all that can be said is known.
    return { recipe, fractions, scratch, size: undefined, steps: undefined, ...recipeFor(options).recipe };
  },
  refuses({ set }) {
    if (set.classes.length < 2) return 'it has fewer than two classes';
    return set.train.length === 0 ? 'it has no pictures to train on' : undefined;
  },
  async clear(dir, o) {
    for (const fraction of optionsOf(o).fractions) await removeFineTuning(partOf(dir, fraction));
  },
  async run(cell) {
    const { encoder, set, seed, executors, runtime, hooks } = cell;
    const options = optionsOf(cell.options);
    const { name, recipe } = recipeFor(options, encoder.backbone.vit.dim);
    const runs: { fraction: number; found: FineTuned }[] = [];
    for (const fraction of options.fractions) {
      const pictures = fraction === 1 ? undefined : subset(set.train.labels, fraction, seed);
      if (options.fractions.length > 1)
        hooks.note?.(`fine-tuning with ${pictures?.length ?? set.train.length} pictures (${100 * fraction} %)`);
      const found = await fineTune({
        ...{ encoder: encoder.backbone, set, recipe, seed, executors, runtime, hooks, pictures },
        scratch: options.scratch,
        dir: partOf(cell.dir, fraction),
      });
      runs.push({ fraction, found });
    }
    return {
      ...resultOf(cell, runs),
      details: {
        recipe: { name, ...recipe },
        ...detailsOf(cell, runs, options),
      },
    };
  },
};

/** What counts: the averaged weights, where the recipe keeps them. */
const judged = (f: FineTuned): Classified => f.averaged ?? f.last;

function resultOf(
  { set }: Cell,
  runs: readonly { found: FineTuned }[],
): Pick<CellResult, 'metrics' | 'main' | 'interval' | 'perImage' | 'skipped'> {
  const { found } = runs[runs.length - 1];
  const best = judged(found);
  const { labels, index } = best;
  const right = rightOf(best.logits, labels);
  const main = set.metric === 'mean per class' ? 'mean per class' : 'top-1';
  const values = Float32Array.from(right);
  const perImage: PerImage = main === 'top-1' ? { of: 'mean', values, index } : { of: main, values, labels, index };
  const figures = (c: Classified, suffix = '') => {
    const r = rightOf(c.logits, c.labels);
    return {
      [`top-1${suffix}`]: meanOf(r),
      [`mean per class${suffix}`]: meanPerClass(r, c.labels),
    };
  };
  return {
    metrics: {
      ...figures(best),
      'top-5': topFive(best),
      ...(found.averaged && figures(found.last, ', last weights')),
    },
    main,
    ...(main === 'top-1' && labels.length > 0 && { interval: shareInterval(right) }),
    perImage,
    ...(best.skipped.length > 0 && { skipped: best.skipped.map(({ file, reason }) => ({ name: file, why: reason })) }),
  };
}

function detailsOf(
  { set }: Cell,
  runs: readonly { fraction: number; found: FineTuned }[],
  { scratch }: Options,
): Record<string, unknown> {
  const { found } = runs[runs.length - 1];
  const { length, curve, broken } = found;
  return {
    start: scratch ? 'fresh weights' : 'the encoder',
    steps: length.steps,
    epochs: Number(length.epochs.toFixed(3)),
    trainPictures: found.pictures,
    classes: set.classes.length,
    curve,
    ...(broken.length > 0 && { brokenTrainPictures: broken.length, firstBroken: broken[0] }),
    ...(runs.length > 1 && {
      lowData: runs.map(({ fraction, found: f }) => {
        const { logits, labels } = judged(f);
        const right = rightOf(logits, labels);
        return {
          ...{ fraction, pictures: f.pictures, steps: f.length.steps },
          ...{ 'top-1': meanOf(right), 'mean per class': meanPerClass(right, labels), interval: shareInterval(right) },
        };
      }),
    }),
  };
}

const meanOf = (x: Uint8Array): number => x.reduce((sum, v) => sum + v, 0) / x.length;

/** The mean over classes that are there of the share that is right. */
function meanPerClass(right: Uint8Array, labels: Int32Array): number {
  const [count, sum] = [new Map<number, number>(), new Map<number, number>()];
  for (const [i, label] of labels.entries()) {
    count.set(label, (count.get(label) ?? 0) + 1);
    sum.set(label, (sum.get(label) ?? 0) + right[i]);
  }
  let total = 0;
  for (const [label, n] of count) total += sum.get(label)! / n;
  return total / count.size;
}

/** Share of rows whose label is among the five largest logits, or among all where there are fewer. */
function topFive({ logits, labels }: Classified): number {
  const classes = logits.length / Math.max(1, labels.length);
  let right = 0;
  for (const [row, label] of labels.entries()) {
    const own = logits[row * classes + label];
    let larger = 0;
    for (let c = 0; c < classes; c++) if (logits[row * classes + c] > own) larger++;
    if (larger < 5) right++;
  }
  return right / labels.length;
}
