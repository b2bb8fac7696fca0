import { expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { randomBatch, randomPair, referenceStep, SMALL } from '../../test/small-step.js';
import { Rng } from '../rng.js';
import { LOSSES, type StepConfig } from './programs.js';
import { maskFeeds, type StepBatch, TrainingStep } from './step.js';

const seed = testSeed('step.test.ts');

test('masked tokens become rows in (token, image) order, each weighing 1 over the masked of its image', () => {
  // Two images of three tokens: tokens 0 and 2 of the first, 1 of the second.
  const { rows, mask, weight } = maskFeeds(Int32Array.of(0, 2, 4), 2, 3);
  expect([...rows]).toEqual([0n, 4n, 3n]);
  expect([...mask]).toEqual([1, 0, 0, 1, 1, 0]);
  expect([...weight]).toEqual([0.5, 0.5, 1]);
});

/** An update that moves centres alone. */
const STILL = { lr: 0, weightDecay: 0, beta1: 0.9, beta2: 0.99, eps: 1e-8, t: 1, ema: 1 };

test('centres are used one update late, and restored they go on', async () => {
  const config = { ...SMALL, centering: 'centering' as const };
  const rng = Rng.of(seed, 'centres');
  const { student, teacher } = randomPair(config, rng);
  const batches = [0, 1].map(() => randomBatch(config, 3, rng));
  const forward = { teacherTemperature: 0.06 };
  const runtime = { provider: 'cpu', threads: 1 } as const;
  const zero = new Float64Array(config.prototypes);
  const first = referenceStep(config, student, teacher, batches[0], 0.06);
  const moved = (name: string) => zero.map((_, i) => 0.1 * first.teacher[`${name}Mean`][i]);
  const second = referenceStep(config, student, teacher, batches[1], 0.06, {
    ibotCentre: moved('ibot'),
    dinoCentre: moved('dino'),
  });

  const step = await TrainingStep.start(config, student, teacher, runtime);
  const other = await TrainingStep.start(config, student, teacher, runtime);
  try {
    const a = await step.forwardBackward(batches[0], forward);
    expect(relativeDifference([a.losses.ibot_loss], [first.losses.ibot_loss])).toBeLessThan(1e-5);
    expect(step.centreState().get('dino')).toEqual(new Float32Array(config.prototypes));
    expect(await step.update(STILL)).toBeGreaterThan(0);
    const centres = step.centreState();
    expect(relativeDifference(centres.get('dino')!, moved('dino'))).toBeLessThan(1e-5);
    // Asking does not move them.
    expect(step.centreState()).toEqual(centres);
    const b = await step.forwardBackward(batches[1], forward);
    for (const name of ['ibot_loss', 'dino_loss'] as const)
      expect(relativeDifference([b.losses[name]], [second.losses[name]])).toBeLessThan(1e-5);
    other.restoreCentres(centres);
    expect((await other.forwardBackward(batches[1], forward)).losses).toEqual(b.losses);
  } finally {
    await Promise.all([step.close(), other.close()]);
  }
});

/** Two batches as one: rows of the first, then of the second, in every block of local crops. */
function together(c: StepConfig, a: StepBatch, b: StepBatch): StepBatch {
  const rows = (x: Float32Array, y: Float32Array, blocks: number) => {
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
  const apart = await TrainingStep.start(half, student, teacher, runtime);
  const one = await TrainingStep.start(full, student, teacher, runtime);
  try {
    for (const t of [1, 2, 3]) {
      const [a, b] = [randomBatch(half, 3, rng), randomBatch(half, 3, rng)];
      const forward = { teacherTemperature: 0.06 };
      // As ordinary as updates are, and clipped; sizes of Adam's first steps follow from signs that rounding decides, so epsilon is large.
      const update = { lr: 0.01, weightDecay: 0.1, beta1: 0.9, beta2: 0.99, eps: 0.1, t, ema: 0.9 };
      const first = await apart.forwardBackward(a, forward);
      await apart.optimizer.accumulate();
      const second = await apart.forwardBackward(b, forward);
      const norm = await apart.update(update, 2, 0.05);
      const whole = await one.forwardBackward(together(half, a, b), forward);
      expect(relativeDifference([norm], [await one.update(update, 1, 0.05)])).toBeLessThan(1e-4);
      for (const name of LOSSES)
        expect(relativeDifference([(first.losses[name] + second.losses[name]) / 2], [whole.losses[name]])).toBeLessThan(
          1e-5,
        );
      for (const [name, centre] of one.centreState())
        expect(relativeDifference(apart.centreState().get(name)!, centre), `${name}, update ${t}`).toBeLessThan(1e-5);
      for (const which of ['student', 'teacher'] as const) {
        const values = await apart.values(which);
        for (const [name, x] of await one.values(which))
          expect(relativeDifference(values.get(name)!, x), `${which}.${name}, update ${t}`).toBeLessThan(1e-4);
      }
    }
  } finally {
    await Promise.all([apart.close(), one.close()]);
  }
});

test('a gradient that is not finite moves no centre', async () => {
  const config = { ...SMALL, centering: 'centering' as const };
  const rng = Rng.of(seed, 'not finite');
  const { student, teacher } = randomPair(config, rng);
  const step = await TrainingStep.start(config, student, teacher, { provider: 'cpu', threads: 1 });
  try {
    const batch = randomBatch(config, 3, rng);
    const bad = { ...batch, globalCrops: batch.globalCrops.slice().fill(Number.NaN) };
    await step.forwardBackward(bad, { teacherTemperature: 0.06 });
    expect(await step.update(STILL)).toBeNaN();
    await step.forwardBackward(batch, { teacherTemperature: 0.06 });
    expect(await step.update(STILL)).toBeGreaterThan(0);
    for (const centre of step.centreState().values()) expect(centre.every(Number.isFinite)).toBe(true);
  } finally {
    await step.close();
  }
});

test('another number of masked tokens than the step was built for is an error', async () => {
  const rng = Rng.of(seed, 'masked');
  const { student, teacher } = randomPair(SMALL, rng);
  const batch = randomBatch(SMALL, 3, rng);
  const step = await TrainingStep.start(SMALL, student, teacher, { provider: 'cpu', threads: 1 });
  try {
    const fewer = { ...batch, masked: batch.masked.subarray(1) };
    await expect(step.forwardBackward(fewer, { teacherTemperature: 0.05 })).rejects.toThrow(
      '14 masked tokens, built for 15',
    );
  } finally {
    await step.close();
  }
});
