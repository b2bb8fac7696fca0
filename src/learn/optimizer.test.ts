import { expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { randomBatch, randomPair, SMALL, type Values } from '../../test/small-step.js';
import { sizeOf } from '../graph/index.js';
import { Rng } from '../rng.js';
import { adamwEma, decays } from './adamw.js';
import { shardParameters } from './optimizer.js';
import { inTeacher, studentParameters } from './programs.js';
import { TrainingStep } from './step.js';

const seed = testSeed('optimizer.test.ts');
const rng = Rng.of(seed, 'optimizer');
const pair = randomPair(SMALL, rng);
const batches = Array.from({ length: 3 }, () => randomBatch(SMALL, 3, rng));
const FORWARD = { teacherTemperature: 0.05 };
const update = (t: number) => ({ lr: 1e-3, weightDecay: 0.1, beta1: 0.9, beta2: 0.98, eps: 1e-8, ema: 0.99, t });

const start = (optimizerThreads = 1, from: { student: Values; teacher: Values } = pair) =>
  TrainingStep.start(SMALL, from.student, from.teacher, { provider: 'cpu', threads: 1, optimizerThreads });

async function withStep<T>(work: (step: TrainingStep) => Promise<T>, threads = 1, from = pair): Promise<T> {
  const step = await start(threads, from);
  try {
    return await work(step);
  } finally {
    await step.close();
  }
}

const state = async (step: TrainingStep) => ({
  student: await step.values('student'),
  teacher: await step.values('teacher'),
  moments: await step.optimizer.moments(),
});

test('one, two and three threads give the same bytes', async () => {
  const run = (threads: number) =>
    withStep(async (step) => {
      const norms: number[] = [];
      for (const [i, batch] of batches.entries()) {
        await step.forwardBackward(batch, FORWARD);
        norms.push(await step.update(update(i + 1), 1, i === 1 ? 0.5 : 0));
      }
      return { norms, ...(await state(step)) };
    }, threads);
  const one = await run(1);
  const names = (m: Map<string, unknown>) => [...m.keys()].sort();
  for (const threads of [2, 3]) {
    const more = await run(threads);
    expect(names(more.student)).toEqual(names(one.student));
    expect(more).toEqual(one);
  }
  expect(names(one.teacher)).toEqual(names(one.student).filter(inTeacher));
});

test('shards are runs of whole parameters, none empty, of about equal size', () => {
  const specs = studentParameters(SMALL);
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
  const { first, second, norm, after } = await withStep(async (step) => {
    await step.forwardBackward(batches[0], FORWARD);
    const first = await step.values('grad');
    await step.optimizer.accumulate();
    await step.forwardBackward(batches[1], FORWARD);
    const second = await step.values('grad');
    const norm = await step.update(update(1), 2);
    return { first, second, norm, after: await state(step) };
  }, 2);
  let squares = 0;
  for (const { name, shape } of studentParameters(SMALL)) {
    const [a, b] = [first.get(name)!, second.get(name)!];
    const sum = a.map((x, i) => x + b[i]);
    squares += sum.reduce((s, x) => s + x * x, 0);
    const student = pair.student.get(name)!.slice();
    const teacher = pair.teacher.get(name)?.slice() ?? new Float32Array(student.length);
    const [m, v] = [new Float32Array(sum.length), new Float32Array(sum.length)];
    const span = { start: 0, end: sum.length, decay: decays(name, shape), teacher: true };
    adamwEma(span, { ...update(1), gradScale: 0.5 }, student, teacher, sum, m, v);
    expect(after.student.get(name)).toEqual(student);
    expect(after.moments.get(name)).toEqual({ m, v });
    if (inTeacher(name)) expect(after.teacher.get(name)).toEqual(teacher);
  }
  expect(norm).toBeCloseTo(Math.sqrt(squares) / 2, 5);
});

test('a gradient longer than the clip is shortened to it', async () => {
  await withStep(async (step) => {
    await step.forwardBackward(batches[0], FORWARD);
    const grads = await step.values('grad');
    const norm = await step.update(update(1), 1, 0.25);
    expect(norm).toBeGreaterThan(0.25);
    const moments = await step.optimizer.moments();
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
    await step.forwardBackward(batches[1], FORWARD);
    await step.update(update(1));
    return state(step);
  };
  const expected = await withStep(next, 2);
  const actual = await withStep(async (step) => {
    const before = await state(step);
    await step.forwardBackward(batches[2], FORWARD);
    await step.optimizer.accumulate();
    await step.forwardBackward(bad, FORWARD);
    expect(await step.update(update(1), 2)).toBeNaN();
    expect(await state(step)).toEqual(before);
    return next(step);
  }, 2);
  expect(actual).toEqual(expected);
});

test('with its moments restored a new step goes on as the old one would have', async () => {
  const unbroken = await withStep(async (step) => {
    for (const t of [0, 1, 2]) {
      await step.forwardBackward(batches[t], FORWARD);
      await step.update(update(t + 1));
    }
    return state(step);
  });
  const saved = await withStep(async (step) => {
    for (const t of [0, 1]) {
      await step.forwardBackward(batches[t], FORWARD);
      await step.update(update(t + 1));
    }
    return state(step);
  });
  const resumed = await withStep(
    async (step) => {
      await step.optimizer.restore(saved.moments);
      await step.forwardBackward(batches[2], FORWARD);
      await step.update(update(3));
      return state(step);
    },
    2,
    saved,
  );
  expect(resumed).toEqual(unbroken);
});
