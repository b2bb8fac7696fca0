import type { LearnerName } from '../src/config/names.js';
import type { BatchShape, Learner, StepBatch } from '../src/learn/learner.js';
import { clipLearner } from '../src/learn/learners/clip.js';
import { simclrLearner } from '../src/learn/learners/simclr.js';
import { stablerepLearner } from '../src/learn/learners/stablerep.js';
import { supervisedLearner } from '../src/learn/learners/supervised.js';
import { synclrLearner } from '../src/learn/learners/synclr.js';
import { CLIP_TEXT } from '../src/model/text.js';
import type { Rng } from '../src/rng.js';
import { learnMerges } from '../src/text/learn-vocabulary.js';
import { tokenizerOf } from '../src/text/tokenizer.js';
import { randomBatch, SMALL } from './small-step.js';

const SHAPE: BatchShape = {
  vit: { dim: 24, depth: 2, heads: 3, patch: 4, imageSize: 16, mlpRatio: 3 },
  batch: 8,
  globalSize: 16,
  localSize: 8,
  localCount: 0,
  masked: 0,
  dropPath: false,
};

const TOKENIZER = tokenizerOf(await learnMerges(['a photo of a thing', 'number 7', 'a red panda'], 30), 'test');
const TEXT = {
  ...{ ...CLIP_TEXT, width: 16, depth: 2, heads: 2, context: 12, out: 10 },
  vocabulary: TOKENIZER.vocabulary,
};

/** A learner small enough for plain loops; `captions` are those of a batch. */
export interface SmallLearner {
  title: string;
  of: LearnerName;
  learner: Learner;
  captions: number;
}

/** Every learner, and synclr as the paper ablates it. */
export const SMALL_LEARNERS: readonly SmallLearner[] = [
  { title: 'synclr', of: 'synclr', learner: synclrLearner({ ...SMALL, batch: 8 }), captions: 4 },
  {
    title: 'synclr without a teacher',
    of: 'synclr',
    learner: synclrLearner({
      ...SMALL,
      batch: 8,
      masked: 0,
      teacher: false,
      weights: { contrast: 1, ibot: 0, dino: 0 },
    }),
    captions: 4,
  },
  {
    title: 'synclr without a teacher and local crops, heads over the batch',
    of: 'synclr',
    learner: synclrLearner({
      ...{ ...SMALL, batch: 8, masked: 0, localCount: 0, teacher: false, contrastNorm: 'batch' },
      weights: { contrast: 1, ibot: 0, dino: 0 },
    }),
    captions: 4,
  },
  {
    title: 'stablerep',
    of: 'stablerep',
    learner: stablerepLearner({ ...SHAPE, perCaption: 2, hidden: 20, out: 12, temperature: 0.1 }),
    captions: 4,
  },
  {
    title: 'stablerep with text',
    of: 'stablerep',
    learner: stablerepLearner(
      {
        ...{ ...SHAPE, perCaption: 2, hidden: 20, out: 12, temperature: 0.1 },
        pair: { text: TEXT, weight: 0.7, temperature: 0.07 },
      },
      TOKENIZER,
    ),
    captions: 4,
  },
  {
    title: 'clip',
    of: 'clip',
    learner: clipLearner({ ...SHAPE, text: TEXT, temperature: 0.07 }, TOKENIZER),
    captions: 8,
  },
  {
    title: 'simclr',
    of: 'simclr',
    learner: simclrLearner({ ...SHAPE, hidden: 20, out: 12, temperature: 0.2 }),
    captions: 8,
  },
  {
    title: 'supervised',
    of: 'supervised',
    learner: supervisedLearner({ ...SHAPE, classes: 5, smoothing: 0.1 }),
    captions: 8,
  },
];

/** Noise as pixels, with what the learner needs besides. */
export function batchOf({ learner, captions }: SmallLearner, rng: Rng): StepBatch {
  const { shape } = learner;
  const globals = shape.globals ?? 1;
  const masks = { maskedImages: SMALL.maskedImages, masked: shape.masked };
  const batch = randomBatch({ ...SMALL, ...shape, ...masks }, captions, rng);
  return {
    ...batch,
    globalCrops: Float32Array.from({ length: globals * batch.globalCrops.length }, () => rng.normal()),
    classes: Int32Array.from({ length: shape.batch }, (_, i) => (i === 2 ? -1 : rng.int(5))),
    texts: Array.from({ length: captions }, (_, i) => `a photo of thing ${i}, number ${rng.int(100)}`),
  };
}
