import { expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { randomBatch, randomPair, referenceStep, SMALL } from '../../test/small-step.js';
import { Rng } from '../rng.js';
import { maskFeeds, TrainingStep } from './step.js';

const seed = testSeed('step.test.ts');

test('masked tokens become rows in (token, image) order, each weighing 1 over the masked of its image', () => {
  // Two images of three tokens: tokens 0 and 2 of the first, 1 of the second.
  const { rows, mask, weight } = maskFeeds(Int32Array.of(0, 2, 4), 2, 3);
  expect([...rows]).toEqual([0n, 4n, 3n]);
  expect([...mask]).toEqual([1, 0, 0, 1, 1, 0]);
  expect([...weight]).toEqual([0.5, 0.5, 1]);
});

test('centres are used one batch late, and restored they go on', async () => {
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
