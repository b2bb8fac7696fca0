import { expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { LOSSES, randomBatch, randomPair, referenceStep, SMALL, still, updateOf } from '../../test/small-step.js';
import { Rng } from '../rng.js';
import { maskFeeds } from './graph-parts.js';
import type { StepBatch } from './learner.js';
import { type StepConfig, synclrLearner } from './learners/synclr.js';
import { TrainingStep } from './step.js';

const seed = testSeed('step.test.ts');

test('masked tokens become rows in (token, image) order, each weighing 1 over the masked of its image', () => {
  // Two images of three tokens: tokens 0 and 2 of the first, 1 of the second.
  const { rows, mask, weight } = maskFeeds(Int32Array.of(0, 2, 4), 2, 3);
  expect([...rows]).toEqual([0n, 4n, 3n]);
  expect([...mask]).toEqual([1, 0, 0, 1, 1, 0]);
  expect([...weight]).toEqual([0.5, 0.5, 1]);
  const bySample = maskFeeds(Int32Array.of(0, 2, 4), 2, 3, 'sample');
  expect([...bySample.rows]).toEqual([0n, 2n, 4n]);
  expect([...bySample.mask]).toEqual([1, 0, 1, 0, 1, 0]);
});

test('centres are used one update late, and restored they go on', async () => {
  const config = { ...SMALL, centering: 'centering' as const };
  const rng = Rng.of(seed, 'centres');
  const { student, teacher } = randomPair(config, rng);
  const batches = [0, 1].map(() => randomBatch(config, 3, rng));
  const runtime = { provider: 'cpu', threads: 1 } as const;
  const zero = new Float64Array(config.prototypes);
  const first = referenceStep(config, student, teacher, batches[0], 0.06);
  const moved = (name: string) => zero.map((_, i) => 0.1 * first.teacher[`mean.${name}`][i]);
  const second = referenceStep(config, student, teacher, batches[1], 0.06, {
    'centre.ibot': moved('ibot'),
    'centre.dino': moved('dino'),
  });

  const step = await TrainingStep.start(synclrLearner(config), { student, teacher }, runtime);
  try {
    expect((await step.state()).centres.get('dino')).toEqual(new Float32Array(config.prototypes));
    const a = await step.update([batches[0]], still(0.06));
    expect(relativeDifference([a.losses.ibot_loss], [first.losses.ibot_loss])).toBeLessThan(1e-5);
    expect(a.norm).toBeGreaterThan(0);
    const { centres } = await step.state();
    expect(relativeDifference(centres.get('dino')!, moved('dino'))).toBeLessThan(1e-5);
    // Asking does not move them.
    expect((await step.state()).centres).toEqual(centres);
    const b = await step.update([batches[1]], still(0.06));
    for (const name of ['ibot_loss', 'dino_loss'] as const)
      expect(relativeDifference([b.losses[name]], [second.losses[name]])).toBeLessThan(1e-5);
    const other = await TrainingStep.start(synclrLearner(config), { student, teacher, centres }, runtime);
    try {
      expect((await other.update([batches[1]], still(0.06))).losses).toEqual(b.losses);
    } finally {
      await other.close();
    }
  } finally {
    await step.close();
  }
});

/** Two batches as one: rows of the first, then of the second, in every block of local crops. */
function together(c: StepConfig, a: StepBatch, b: StepBatch): StepBatch {
  const rows = (first: StepBatch['localCrops'], second: StepBatch['localCrops'], blocks: number) => {
    const [x, y] = [first as Float32Array, second as Float32Array];
    const size = x.length / blocks;
    const out = new Float32Array(2 * x.length);
    for (let k = 0; k < blocks; k++) {
      out.set(x.subarray(k * size, (k + 1) * size), 2 * k * size);
      out.set(y.subarray(k * size, (k + 1) * size), (2 * k + 1) * size);
    }
    return out;
  };
  const tokens = c.batch * (c.globalSize / c.vit.patch) ** 2;
  return {
    globalCrops: rows(a.globalCrops, b.globalCrops, 1),
    localCrops: rows(a.localCrops, b.localCrops, c.localCount),
    labels: Int32Array.of(...a.labels, ...b.labels),
    masked: Int32Array.of(...a.masked, ...b.masked.map((m) => m + tokens)),
  };
}

test('two batches an update are one of twice the size: losses, gradient, clipping, weights, teacher and centres', async () => {
  // Only terms that do not compare the images of a batch with each other are the same for both.
  const half: StepConfig = { ...SMALL, weights: { contrast: 0, ibot: 0.7, dino: 0.4 }, centering: 'centering' };
  const full: StepConfig = {
    ...half,
    batch: 2 * half.batch,
    maskedImages: 2 * half.maskedImages,
    masked: 2 * half.masked,
  };
  const rng = Rng.of(seed, 'together');
  const { student, teacher } = randomPair(half, rng);
  const runtime = { provider: 'cpu', threads: 1 } as const;
  const apart = await TrainingStep.start(synclrLearner(half), { student, teacher }, runtime);
  const one = await TrainingStep.start(synclrLearner(full), { student, teacher }, runtime);
  try {
    for (const t of [1, 2, 3]) {
      const [a, b] = [randomBatch(half, 3, rng), randomBatch(half, 3, rng)];
      // As ordinary as updates are, and clipped; sizes of Adam's first steps follow from signs that rounding decides, so epsilon is large.
      const update = updateOf({
        lr: 0.01,
        beta2: 0.99,
        eps: 0.1,
        t,
        ema: 0.9,
        clip: 0.05,
        numbers: { teacher_temperature: 0.06 },
      });
      const two = await apart.update([a, b], update);
      const whole = await one.update([together(half, a, b)], update);
      expect(relativeDifference([two.norm], [whole.norm])).toBeLessThan(1e-4);
      for (const name of LOSSES)
        expect(relativeDifference([two.losses[name]], [whole.losses[name]])).toBeLessThan(1e-5);
      const [after, expected] = [await apart.state(), await one.state()];
      for (const [name, centre] of expected.centres)
        expect(relativeDifference(after.centres.get(name)!, centre), `${name}, update ${t}`).toBeLessThan(1e-5);
      for (const which of ['student', 'teacher'] as const)
        for (const [name, x] of expected[which])
          expect(relativeDifference(after[which].get(name)!, x), `${which}.${name}, update ${t}`).toBeLessThan(1e-4);
    }
  } finally {
    await Promise.all([apart.close(), one.close()]);
  }
});

test('a gradient that is not finite moves no centre', async () => {
  const config = { ...SMALL, centering: 'centering' as const };
  const rng = Rng.of(seed, 'not finite');
  const { student, teacher } = randomPair(config, rng);
  const step = await TrainingStep.start(synclrLearner(config), { student, teacher }, { provider: 'cpu', threads: 1 });
  try {
    const batch = randomBatch(config, 3, rng);
    const bad = { ...batch, globalCrops: batch.globalCrops.slice().fill(Number.NaN) };
    expect((await step.update([bad], still(0.06))).norm).toBeNaN();
    expect((await step.update([batch], still(0.06))).norm).toBeGreaterThan(0);
    for (const centre of (await step.state()).centres.values()) expect(centre.every(Number.isFinite)).toBe(true);
  } finally {
    await step.close();
  }
});

test('another number of masked tokens than the step was built for is an error', async () => {
  const rng = Rng.of(seed, 'masked');
  const { student, teacher } = randomPair(SMALL, rng);
  const batch = randomBatch(SMALL, 3, rng);
  const step = await TrainingStep.start(synclrLearner(SMALL), { student, teacher }, { provider: 'cpu', threads: 1 });
  try {
    const fewer = { ...batch, masked: batch.masked.subarray(1) };
    await expect(step.update([fewer], updateOf())).rejects.toThrow('14 masked tokens, built for 15');
  } finally {
    await step.close();
  }
});
