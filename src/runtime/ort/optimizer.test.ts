import { expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import { randomBatch, randomPair, SMALL, tracedGradients, updateOf } from '../../../test/small-step.js';
import { sizeOf } from '../../graph/index.js';
import type { StepBatch } from '../../learn/learner.js';
import { synclrLearner, synclrParameters } from '../../learn/learners/synclr.js';
import { TrainingStep } from '../../learn/step.js';
import { Rng } from '../../rng.js';
import type { TrainingState } from '../training.js';
import { adamwEma } from './adamw.js';
import { shardParameters } from './optimizer.js';

const seed = testSeed('optimizer.test.ts');
const rng = Rng.of(seed, 'optimizer');
const pair = randomPair(SMALL, rng);
const batches = Array.from({ length: 3 }, () => randomBatch(SMALL, 3, rng));
const start = (optimizerThreads = 1, from: Partial<TrainingState> & Pick<TrainingState, 'student'> = pair) =>
  TrainingStep.start(synclrLearner(SMALL), from, { provider: 'cpu', threads: 1, optimizerThreads, trace: true });

async function withStep<T>(work: (step: TrainingStep) => Promise<T>, threads = 1, from?: TrainingState): Promise<T> {
  const step = await start(threads, from ?? pair);
  try {
    return await work(step);
  } finally {
    await step.close();
  }
}

test('one, two and three threads give the same bytes', async () => {
  const run = (threads: number) =>
    withStep(async (step) => {
      const norms: number[] = [];
      for (const [i, batch] of batches.entries())
        norms.push((await step.update([batch], updateOf({ t: i + 1, clip: i === 1 ? 0.5 : 0 }))).norm);
      return { norms, ...(await step.state()) };
    }, threads);
  const one = await run(1);
  const names = (m: ReadonlyMap<string, unknown>) => [...m.keys()].sort();
  for (const threads of [2, 3]) {
    const more = await run(threads);
    expect(names(more.student)).toEqual(names(one.student));
    expect(more).toEqual(one);
  }
  expect(names(one.teacher)).toEqual(
    synclrParameters(SMALL)
      .flatMap((p) => (p.averaged ? [p.name] : []))
      .sort(),
  );
});

test('shards are runs of whole parameters, none empty, of about equal size', () => {
  const specs = synclrParameters(SMALL);
  const total = specs.reduce((s, p) => s + sizeOf(p.shape), 0);
  const largest = Math.max(...specs.map((p) => sizeOf(p.shape)));
  for (const n of [1, 2, 3, 7]) {
    const shards = shardParameters(specs, n);
    expect(shards.length).toBe(n);
    expect(shards.flatMap((s) => s.layout.specs)).toEqual(specs);
    for (const { layout, first } of shards) {
      expect(specs[first]).toBe(layout.specs[0]);
      const size = layout.specs.reduce((s, p) => s + sizeOf(p.shape), 0);
      expect(Math.abs(size - total / n)).toBeLessThanOrEqual(largest);
    }
  }
  expect(shardParameters(specs.slice(0, 2), 5).map((s) => s.layout.specs.length)).toEqual([1, 1]);
});

test('gradients of two batches are averaged into one update, the teacher moves once', async () => {
  const gradientsOf = (batch: StepBatch) =>
    withStep(async (step) => tracedGradients((await step.update([batch], updateOf())).traced!));
  const [first, second] = [await gradientsOf(batches[0]), await gradientsOf(batches[1])];
  const { norm, after } = await withStep(async (step) => {
    const { norm } = await step.update(batches.slice(0, 2), updateOf());
    return { norm, after: await step.state() };
  }, 2);
  let squares = 0;
  for (const { name, decayed, averaged } of synclrParameters(SMALL)) {
    const [a, b] = [first.get(name)!, second.get(name)!];
    const sum = a.map((x, i) => x + b[i]);
    squares += sum.reduce((s, x) => s + x * x, 0);
    const student = pair.student.get(name)!.slice();
    const teacher = pair.teacher.get(name)?.slice() ?? new Float32Array(student.length);
    const [m, v] = [new Float32Array(sum.length), new Float32Array(sum.length)];
    const span = { start: 0, end: sum.length, decay: decayed, teacher: true };
    adamwEma(span, { ...updateOf(), ema: 0.99, gradScale: 0.5 }, student, teacher, sum, m, v);
    expect(after.student.get(name)).toEqual(student);
    expect(after.moments.get(name)).toEqual({ m, v });
    if (averaged) expect(after.teacher.get(name)).toEqual(teacher);
  }
  expect(norm).toBeCloseTo(Math.sqrt(squares) / 2, 5);
});

test('a gradient longer than the clip is shortened to it', async () => {
  await withStep(async (step) => {
    const { norm, traced } = await step.update([batches[0]], updateOf({ clip: 0.25 }));
    const grads = tracedGradients(traced!);
    expect(norm).toBeGreaterThan(0.25);
    const { moments } = await step.state();
    for (const [name, g] of grads) {
      const expected = g.map((x) => (0.1 * x * 0.25) / norm);
      expect(relativeDifference(moments.get(name)!.m, expected)).toBeLessThan(1e-5);
    }
  });
});

test('a gradient that is not finite changes nothing, and the next batch is as if it had not been', async () => {
  const bad = { ...batches[0], globalCrops: batches[0].globalCrops.slice() };
  bad.globalCrops[7] = Number.NaN;
  const next = async (step: TrainingStep) => {
    await step.update([batches[1]], updateOf());
    return step.state();
  };
  const expected = await withStep(next, 2);
  const actual = await withStep(async (step) => {
    const before = await step.state();
    expect((await step.update([batches[2], bad], updateOf())).norm).toBeNaN();
    expect(await step.state()).toEqual(before);
    return next(step);
  }, 2);
  expect(actual).toEqual(expected);
});

test('with its moments restored a new step goes on as the old one would have', async () => {
  const run = (from: number, to: number) => async (step: TrainingStep) => {
    for (let t = from; t < to; t++) await step.update([batches[t]], updateOf({ t: t + 1 }));
    return step.state();
  };
  const unbroken = await withStep(run(0, 3));
  const saved = await withStep(run(0, 2));
  expect(await withStep(run(2, 3), 2, saved)).toEqual(unbroken);
});

test('updates that are not awaited are done in their order', async () => {
  const apart = await withStep(async (step) => {
    for (const [t, batch] of batches.entries()) await step.update([batch], updateOf({ t: t + 1 }));
    return step.state();
  });
  const together = await withStep(async (step) => {
    for (const [t, batch] of batches.entries()) void step.update([batch], updateOf({ t: t + 1 }));
    return step.state();
  });
  expect(together).toEqual(apart);
});
