import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { EvalSplit } from '../data/set.js';
import { Interrupted, UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { makeFolder } from '../files/folders.js';

import { type FileKind, isOfKind, refuseForeignFile, removeOfKind } from '../files/replace.js';
import { removeTemporariesOf } from '../files/temporary.js';
import { loaderThreads, TrainLoader } from '../finetune/loader.js';
import { type Recipe, recipeOf } from '../finetune/recipe.js';
import { checked, parseJson } from '../formats/json.js';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import { requireFinite } from '../probe/finite.js';
import { beginning, classifierOf, right, type SgdProbeOptions, type SgdProbeResult } from '../probe/sgd-probe.js';
import { SgdStack, trainedTensors } from '../probe/sgd-stack.js';
import { Rng } from '../rng.js';
import type { Cell, SplitFeatures } from './protocol.js';

/** Table 13 with its augmentation: the encoder sees new crops at every epoch. */

const KIND: FileKind = {
  what: 'a checkpoint of a linear probe that synclr wrote',
  isOurs: (head) => /^\{"__metadata__":\{.*"format":"synclr-linear-probe"/s.test(head.toString('latin1', 8)),
};
const fileOf = (dir: string): string => join(dir, 'linear.safetensors');

/** Random resized crops as torchvision has them, mirrored half of the time (table 13), and nothing else. */
const cropping = (batch: number): Recipe =>
  recipeOf('paper-b16', {
    ...{ batch, augment: { ops: 0 }, mixup: 0, cutmix: 0, smoothing: 0, erasing: 0, dropPath: 0, flip: 0.5 },
    ...{ cropScale: [0.08, 1], cropAspect: [3 / 4, 4 / 3] },
  });

/** How far it is: what a call after an interruption goes on from. */
const progressForm = z.strictObject({
  /** Epochs that are done: first those that choose, then those on all images. */
  epoch: z.int().nonnegative(),
  validation: z.array(z.strictObject({ lr: z.number(), top1: z.number(), epoch: z.int() })),
  best: z.strictObject({ r: z.int(), top1: z.number(), epoch: z.int() }),
});
type Progress = z.output<typeof progressForm>;

export interface AugmentedOptions extends Omit<SgdProbeOptions, 'seed' | 'on' | 'signal' | 'validation'> {
  /** Rows to fit and to choose by, and of the test: features of pictures as they are. */
  fit: SplitFeatures;
  held: SplitFeatures;
  test: SplitFeatures;
}

/**
 * As `sgdProbe`, with features of random crops of the training pictures, made anew at every epoch. Validation and test pictures are as they
 * are. After every epoch all is kept in the cell's folder, and the same call goes on from there to the same numbers.
 * @throws Interrupted
 */
export function augmentedProbe(cell: Cell, o: AugmentedOptions): Promise<SgdProbeResult> {
  return new AugmentedProbe(cell, o).run();
}

/** Removes what a finished cell would have gone on from. */
export async function clearAugmented(dir: string): Promise<void> {
  const file = fileOf(dir);
  await removeTemporariesOf(file);
  await removeOfKind(file, KIND);
}

class AugmentedProbe {
  private readonly cell: Cell;
  private readonly o: AugmentedOptions;
  private readonly key: string;
  private readonly file: string;
  /** Tensors of the stack at its last epoch, and the chosen one's logits of the test. */
  private tensors = new Map<string, SafeTensor>();
  private progress: Progress;

  constructor(cell: Cell, o: AugmentedOptions) {
    this.cell = cell;
    this.o = o;
    const { fit, held, test, onEpoch: _, ...settings } = o;
    const pictures = [fit, held, test].map((s) => sha256(Buffer.from(s.index.slice().buffer)));
    this.key = sha256(JSON.stringify([1, settings, pictures, cell.encoder.hash, cell.set.hash, cell.seed]));
    this.file = fileOf(cell.dir);
    this.progress = {
      epoch: 0,
      validation: o.lrs.map((lr) => ({ lr, top1: -1, epoch: 0 })),
      best: { r: 0, top1: -1, epoch: 0 },
    };
  }

  async run(): Promise<SgdProbeResult> {
    const { o, cell } = this;
    await makeFolder(cell.dir);
    // Not after an epoch's work.
    await refuseForeignFile(this.file, KIND);
    await this.load();
    const { set } = cell;
    if (this.progress.epoch < o.epochs) await this.train('fit', set.train, o.fit, o.lrs);
    const { best, validation } = this.progress;
    const lr = o.lrs[best.r];
    if (!o.refit) return { logits: this.logits(), lr, epoch: best.epoch, validation };
    if (this.progress.epoch < 2 * o.epochs) await this.train('all', ...this.everything(), [lr]);
    return { logits: this.logits(), lr, epoch: o.epochs, validation };
  }

  /** Trains the epochs of one of the two parts that are left. */
  private async train(part: 'fit' | 'all', split: EvalSplit, rows: SplitFeatures, lrs: readonly number[]) {
    const { o, cell } = this;
    const { epochs, classes, norm, momentum, held, test } = o;
    const before = part === 'fit' ? 0 : epochs;
    const batch = Math.min(o.batch, rows.index.length);
    if (batch < 2)
      throw new UserError(
        `data set ${cell.set.name}: linear with augment needs batches of two images at least: there are ${rows.index.length} to fit, and options of linear: batch is ${o.batch}`,
      );
    const perEpoch = Math.floor(rows.index.length / batch);
    const done = Math.max(0, this.progress.epoch - before);
    const { dim } = rows;
    const stack = await SgdStack.open(new Float32Array(batch * dim), dim, new Int32Array(batch), {
      ...{ classes, lrs, batch, momentum, norm, steps: epochs * perEpoch, on: cell.executors },
      weights: beginning(lrs.length, classes * dim, cell.seed),
    });
    const { preprocessing, size } = cell.encoder;
    const recipe = cropping(batch);
    const places = Array.from({ length: batch }, (_, i) => `crop ${i + 1} of a batch`);
    const loader = new TrainLoader({
      ...{ recipe, classes, depth: 1, split, pictures: rows.index, start: done * perEpoch },
      seen: { ...preprocessing, size },
      seed: Rng.of(cell.seed, 'augmented probe', part).int(2 ** 31),
      threads: loaderThreads(batch, size),
      onBroken: ({ file, reason }) => cell.hooks.warn(`${cell.set.name}: ${file} is left out of training: ${reason}`),
    });
    try {
      if (done > 0) await stack.restore(this.tensors, done * perEpoch);
      if (part === 'fit') await stack.keep('val', held.x);
      await stack.keep('test', test.x);
      for (let epoch = done + 1; epoch <= epochs; epoch++) {
        for (let step = 0; step < perEpoch; step++) {
          if (cell.hooks.signal.aborted) throw new Interrupted(`stopped in epoch ${before + epoch} of a linear probe`);
          const { images, targets } = await loader.batch((epoch - 1) * perEpoch + step);
          const { cls } = await cell.encoder.encode(images, batch);
          requireFinite(cls, places, `data set ${cell.set.name}: in epoch ${before + epoch} the encoder`);
          await stack.step(cls, labelsOf(targets, classes));
        }
        const tested = part === 'fit' ? await this.choose(stack, lrs, epoch) : epoch === epochs;
        await this.save(stack, before + epoch, lrs.length, tested);
        o.onEpoch?.(before + epoch, epochs * (o.refit ? 2 : 1));
      }
    } finally {
      await Promise.all([stack.close(), loader.close()]);
    }
  }

  /** @returns whether the test is to be classified by this epoch's best */
  private async choose(stack: SgdStack, lrs: readonly number[], epoch: number): Promise<boolean> {
    const { held, classes, refit } = this.o;
    const y = await stack.logits('val', held.labels.length);
    const shares = right(y, held.labels, lrs.length, classes);
    shares.forEach((top1, r) => {
      if (top1 > this.progress.validation[r].top1) this.progress.validation[r] = { lr: lrs[r], top1, epoch };
    });
    const r = shares.indexOf(Math.max(...shares));
    if (shares[r] <= this.progress.best.top1) return false;
    this.progress.best = { r, top1: shares[r], epoch };
    return !refit;
  }

  /** Training and validation pictures as one split. */
  private everything(): [EvalSplit, SplitFeatures] {
    const { set } = this.cell;
    const { fit, held } = this.o;
    const { train, val } = set;
    const own = (part: SplitFeatures, offset: number) => part.index.map((i) => i + offset);
    const index = Int32Array.from([...own(fit, 0), ...own(held, val ? train.length : 0)]);
    if (!val) return [train, { ...fit, index }];
    const at = (i: number): [EvalSplit, number] => (i < train.length ? [train, i] : [val, i - train.length]);
    const nameOf = (i: number) => at(i)[0].nameOf(at(i)[1]);
    const read = (i: number) => at(i)[0].read(at(i)[1]);
    const labels = Int32Array.from([...train.labels, ...val.labels]);
    return [
      { length: train.length + val.length, labels, nameOf, read },
      { ...fit, index },
    ];
  }

  private logits(): Float32Array {
    return this.tensors.get('test')!.data as Float32Array;
  }

  private async save(stack: SgdStack, epoch: number, rates: number, isTested: boolean): Promise<void> {
    const { test, classes } = this.o;
    const tensors = new Map<string, SafeTensor>();
    for (const { name, shape } of trainedTensors(rates * classes, test.dim))
      tensors.set(name, { dtype: 'F32', shape: [...shape], data: await stack.read(name) });
    const n = test.labels.length;
    const y = isTested ? await stack.logits('test', n) : undefined;
    const r = rates === 1 ? 0 : this.progress.best.r;
    const logits = y
      ? classifierOf(y, r, rates, classes)
      : (this.tensors.get('test')?.data as Float32Array | undefined);
    if (logits) tensors.set('test', { dtype: 'F32', shape: [n, classes], data: logits });
    this.tensors = tensors;
    this.progress.epoch = epoch;
    await refuseForeignFile(this.file, KIND);
    const metadata = { format: 'synclr-linear-probe', key: this.key, progress: JSON.stringify(this.progress) };
    await writeSafetensors(this.file, tensors, metadata, { sealed: true });
  }

  private async load(): Promise<void> {
    await removeTemporariesOf(this.file);
    if (!existsSync(this.file) || !(await isOfKind(this.file, KIND))) return;
    const { metadata, tensors } = await readSafetensors(this.file);
    if (metadata.key !== this.key) return;
    this.progress = checked(parseJson(metadata.progress, this.file), progressForm, this.file);
    this.tensors = tensors;
  }
}

/** Of targets that are one class each. @param targets [n, classes] */
function labelsOf(targets: Float32Array, classes: number): Int32Array {
  const labels = new Int32Array(targets.length / classes);
  targets.forEach((v, i) => {
    if (v === 1) labels[Math.floor(i / classes)] = i % classes;
  });
  return labels;
}
