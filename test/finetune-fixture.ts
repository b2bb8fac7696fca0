import { resolveSettings } from '../src/config/resolve.js';
import type { EvalSet, EvalSplit, Picture } from '../src/data/set.js';
import { type OpenedEncoder, openUntrainedEncoder } from '../src/encoders/open-encoder.js';
import { sha256 } from '../src/files/digest.js';
import type { FineTuneOptions } from '../src/finetune/fine-tune.js';
import { type RecipeOverrides, recipeOf } from '../src/finetune/recipe.js';
import { vitParameters } from '../src/model/vit.js';
import type { VitConfig } from '../src/model/vit-config.js';
import { Rng } from '../src/rng.js';
import type { Executors } from '../src/runtime/executor.js';
import { randomParameters } from './small-step.js';

/** A data set in memory whose classes are told by their colours, and a network of two blocks. */

/** Pictures of noise around a colour of their class. */
export function colourPictures(n: number, classes: number, seed: number): { pictures: Picture[]; labels: Int32Array } {
  const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
  const pictures = Array.from(labels, (label, i): Picture => {
    const rng = Rng.of(seed, 'picture', i);
    const [width, height] = [10 + rng.int(5), 10 + rng.int(5)];
    const data = Uint8Array.from({ length: 3 * width * height }, (_, k) => {
      const colour = k % 3 === label % 3 ? 190 : 60 + 30 * Math.floor(label / 3);
      return Math.min(255, Math.max(0, colour + 25 * rng.normal()));
    });
    return { width, height, data };
  });
  return { pictures, labels };
}

/** An untrained encoder of 8-px pictures, 16 wide, whose weights are always the same. */
export function openSmallEncoder(depth: number, on: Executors): Promise<OpenedEncoder> {
  const sizes = { 'model.dim': 16, 'model.depth': depth, 'model.heads': 2, 'model.patch': 4, 'views.globalSize': 8 };
  const settings = resolveSettings({ preset: 'tiny', flags: { ...sizes, 'probe.size': 8, seed: 3 } });
  return openUntrainedEncoder(settings, 8, on);
}

export function splitOf(pictures: readonly Picture[], labels: Int32Array, side = 'test'): EvalSplit {
  return {
    length: pictures.length,
    labels,
    nameOf: (i) => `${side}/${i}`,
    read: async (i) => {
      const p = pictures[i];
      // As of files: what is read may be moved elsewhere.
      return p instanceof Uint8Array ? p.slice() : { ...p, data: p.data.slice() };
    },
  };
}

export function colourSet(train = 24, test = 12, classes = 3, seed = 1): EvalSet {
  const side = (n: number, which: 'train' | 'test') => {
    const { pictures, labels } = colourPictures(n, classes, which === 'train' ? seed : seed + 1);
    return splitOf(pictures, labels, which);
  };
  return {
    ...{ name: 'colours', kind: 'folder', dir: '/nowhere', task: 'single', metric: 'top-1', remarks: [] },
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    ...{ train: side(train, 'train'), test: side(test, 'test') },
    hash: sha256(`${train} ${test} ${classes} ${seed}`),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

const VIT: VitConfig = { dim: 16, depth: 2, heads: 2, patch: 4, imageSize: 8, mlpRatio: 2 };

/** An encoder of random weights. */
export const smallEncoder = (seed = 3, changes: Partial<VitConfig> = {}): FineTuneOptions['encoder'] => {
  const vit = { ...VIT, ...changes };
  return {
    vit,
    parameters: randomParameters(vitParameters(vit), Rng.of(seed, 'encoder')),
    preprocessing: {
      ...{ size: vit.imageSize, crop: 'centre', kernel: 'bicubic', antialias: true },
      ...{ mean: [0.48, 0.46, 0.41], std: [0.27, 0.26, 0.28] },
    },
    origin: `random, seed ${seed}`,
  };
};

/** A few quick updates with everything on. */
export const QUICK: RecipeOverrides = {
  ...{ batch: 8, epochs: 4, warmupEpochs: 1, baseLr: 0.1, dropPath: 0.2, ema: 0.8 },
  ...{ checkpointEvery: 3, mixMode: 'pair' },
};

export function quickly(
  dir: string,
  executors: Executors,
  o: Partial<Omit<FineTuneOptions, 'recipe'>> & { recipe?: RecipeOverrides } = {},
): FineTuneOptions {
  const { recipe, ...rest } = o;
  return {
    ...{ encoder: smallEncoder(), set: colourSet(), seed: 5, dir, executors, threads: 1 },
    runtime: { provider: 'cpu', threads: 1 },
    hooks: { signal: new AbortController().signal, progress: () => {}, warn: () => {} },
    ...rest,
    recipe: recipeOf('paper-b16', { ...QUICK, ...recipe }),
  };
}
