import { describe, expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import { randomParameters, updateOf } from '../../../test/small-step.js';
import { sayNotRun, xlaPlugin } from '../../../test/xla.js';
import { interpret } from '../../graph/interpret.js';
import { initialise } from '../../model/parameters.js';
import { CLIP_TEXT } from '../../model/text.js';
import { Rng } from '../../rng.js';
import { layoutOf, viewsOf } from '../../runtime/layout.js';
import type { TrainerOptions } from '../../runtime/start-trainer.js';
import { learnMerges } from '../../text/learn-vocabulary.js';
import { tokenizerOf } from '../../text/tokenizer.js';
import { commonFeeds } from '../graph-parts.js';
import type { Learner, StepBatch } from '../learner.js';
import { TrainingStep } from '../step.js';
import { clipLearner } from './clip.js';
import { stablerepLearner } from './stablerep.js';

const seed = testSeed('clip.test.ts');
const CAPTIONS = ['a red panda in a forest', 'a fox in the rain', 'a green bus', 'two boats at sea'];
const tokenizer = tokenizerOf(await learnMerges(CAPTIONS, 30), 'test');

const shape = {
  ...{ vit: { dim: 24, depth: 2, heads: 3, patch: 4, imageSize: 16, mlpRatio: 2 }, globalSize: 16, localSize: 8 },
  ...{ localCount: 0, masked: 0, dropPath: false },
};
const sizes = { width: 16, depth: 2, heads: 2, context: 12, out: 10, vocabulary: tokenizer.vocabulary };
const text = { ...CLIP_TEXT, ...sizes };

const LEARNERS: [string, Learner][] = [
  ['CLIP', clipLearner({ ...shape, batch: 4, text, temperature: 0.07 }, tokenizer)],
  [
    'StableRep++',
    stablerepLearner(
      {
        ...{ ...shape, batch: 8, perCaption: 2, hidden: 12, out: 6, temperature: 0.1 },
        pair: { text, weight: 0.7, temperature: 0.07 },
      },
      tokenizer,
    ),
  ],
];

function batchOf(learner: Learner, rng: Rng): StepBatch {
  const { batch } = learner.shape;
  return {
    globalCrops: Float32Array.from({ length: batch * 3 * 16 * 16 }, () => rng.normal()),
    localCrops: new Float32Array(0),
    labels: Int32Array.from({ length: batch }, (_, i) => i % 4),
    texts: CAPTIONS,
    masked: new Int32Array(0),
  };
}

const fresh = (learner: Learner) => {
  const layout = layoutOf(learner.parameters);
  return viewsOf(layout, initialise(layout, seed));
};

const CPU: TrainerOptions = { provider: 'cpu', threads: 1 };
const plugin = xlaPlugin();
if (!plugin) sayNotRun('image-text learners through XLA');

describe.each(LEARNERS)('%s', (name, learner) => {
  const batch = batchOf(learner, Rng.of(seed, name));

  test('computes the losses and gradients of its definition', { timeout: 60_000 }, async () => {
    const student = randomParameters(learner.parameters, Rng.of(seed, 'values'));
    student.set('logit_scale', Float32Array.of(1.5));
    const graph = learner
      .objective()
      .student({}, { order: 'token', precision: 'f32', crops: 'float', recompute: false });
    const feeds = { ...commonFeeds(learner.shape, batch), ...learner.feeds(batch, {}, 'token') };
    const named = Object.fromEntries([...student].map(([key, value]) => [`student.${key}`, value]));
    const grads = Object.fromEntries([...graph.gradients].map(([key, t]) => [`grad.${key}`, t]));
    const exact = interpret({ ...graph.losses, ...grads }, { ...feeds, ...named });
    const runs: [string, TrainerOptions][] = [['ONNX Runtime', CPU]];
    if (plugin)
      runs.push(['XLA on two devices', { provider: 'xla', plugin, devices: 2, precision: 'float32', threads: 0 }]);
    for (const [where, o] of runs) {
      const step = await TrainingStep.start(learner, { student }, { ...o, trace: true });
      try {
        const { losses, traced } = await step.update([batch], updateOf());
        for (const key of Object.keys(graph.losses))
          expect(relativeDifference([losses[key]], exact[key]), `${where}: ${key}`).toBeLessThan(1e-5);
        for (const key of Object.keys(grads)) {
          const wanted = exact[key];
          const by = relativeDifference(traced![key], wanted) * Math.min(1, Math.hypot(...wanted) || 1);
          expect(by, `${where}: ${key}`).toBeLessThan(2e-4);
        }
      } finally {
        await step.close();
      }
    }
  });

  test('learns a batch by heart, and keeps the scale in its range', { timeout: 60_000 }, async () => {
    const step = await TrainingStep.start(learner, { student: fresh(learner) }, CPU);
    try {
      const update = (t: number, lr: number) =>
        step.update([batch], { ...updateOf(), lr, weightDecay: 0.5, t }, t === 1);
      const first = await update(1, 2e-3);
      expect(first.losses.temperature).toBeCloseTo(0.07, 6);
      expect(first.health!.positive_similarity).toBeLessThanOrEqual(1);
      let last = first;
      for (let t = 2; t <= 60; t++) last = await update(t, 2e-3);
      expect(last.losses.loss).toBeLessThan(0.5 * first.losses.loss);
      // Decay would pull the scale to 0, which it has no part in; leaps end at the bounds.
      for (let t = 61; t <= 64; t++) await update(t, 3);
      const scale = (await step.state()).student.get('logit_scale')![0];
      expect(scale).toBeGreaterThanOrEqual(0);
      expect(scale).toBeLessThanOrEqual(Math.fround(4.6052));
    } finally {
      await step.close();
    }
  });
});
