import { describe, expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import { batchOf, SMALL_LEARNERS, type SmallLearner } from '../../../test/small-learners.js';
import { randomPairOf, referenceOf, tracedGradients, updateOf } from '../../../test/small-step.js';
import { sayNotRun, xlaPlugin } from '../../../test/xla.js';
import { LEARNER_NAMES } from '../../config/names.js';
import { gradients, ops } from '../../graph/index.js';
import { Rng } from '../../rng.js';
import { startTrainer, type TrainerOptions } from '../../runtime/start-trainer.js';
import type { Objective, Update } from '../../runtime/training.js';
import { TrainingStep } from '../step.js';
import { LEARNERS } from './index.js';

const seed = testSeed('learners.test.ts');
const plugin = xlaPlugin();
if (!plugin) sayNotRun('learners through XLA, on two devices');
const EXECUTORS: [string, TrainerOptions][] = [
  ['ONNX Runtime', { provider: 'cpu', threads: 2, optimizerThreads: 2 }],
  ...([2] as const).flatMap((devices): [string, TrainerOptions][] =>
    plugin ? [[`XLA on ${devices}`, { provider: 'xla', plugin, devices, precision: 'float32', threads: 0 }]] : [],
  ),
];

test('every learner is among the small ones', () => {
  expect([...new Set(SMALL_LEARNERS.map((s) => s.of))].sort()).toEqual([...LEARNER_NAMES].sort());
});

const numbers = { teacher_temperature: 0.06 };

/** Losses and gradients of two steps by an executor, compared with the interpreter's in double precision; the state afterwards. */
async function compare(small: SmallLearner, runtime: TrainerOptions, rng: Rng): Promise<number> {
  const { learner } = small;
  const pair = randomPairOf(learner.parameters, rng);
  const batch = batchOf(small, rng);
  const teacher = learner.objective().teacher ? pair.teacher : new Map<string, Float32Array>();
  const exact = referenceOf(learner, pair.student, teacher, batch, numbers);
  const step = await TrainingStep.start(learner, pair, { ...runtime, trace: true });
  let largest = 0;
  try {
    const { losses, traced, health } = await step.update([batch], updateOf({ numbers }), true);
    expect(Object.keys(losses)).toEqual(
      LEARNERS[small.of].metrics
        .map((m) => m.key)
        .filter((k) => k in exact.losses)
        .sort(byOrder(losses)),
    );
    for (const [name, value] of Object.entries(exact.losses)) {
      const off = relativeDifference([losses[name]], [value]);
      expect(off, name).toBeLessThan(2e-5);
      largest = Math.max(largest, off);
    }
    const grads = tracedGradients(traced!);
    expect([...grads.keys()].sort()).toEqual(learner.parameters.map((p) => p.name).sort());
    // A scale that a normalisation takes out again has a gradient of little but rounding.
    const sizes = new Map([...exact.grads].map(([name, g]) => [name, Math.hypot(...g)]));
    const most = Math.max(...sizes.values());
    for (const [name, g] of exact.grads) {
      const apart = relativeDifference(grads.get(name)!, g) * (sizes.get(name)! || 1);
      const off = apart / (sizes.get(name)! + 1e-2 * most);
      expect(off, name).toBeLessThan(2e-4);
      largest = Math.max(largest, off);
    }
    for (const [name, value] of Object.entries(health!)) expect(Number.isFinite(value), name).toBe(true);
    const state = await step.state();
    expect([...state.teacher.keys()].sort()).toEqual(
      learner.parameters.flatMap((p) => (p.averaged ? [p.name] : [])).sort(),
    );
  } finally {
    await step.close();
  }
  return largest;
}

const byOrder = (of: object) => (a: string, b: string) => Object.keys(of).indexOf(a) - Object.keys(of).indexOf(b);

describe.each(EXECUTORS)('through %s', (where, runtime) => {
  test.each(SMALL_LEARNERS.map((s) => [s.title, s] as const))(
    '%s: losses and gradients as in double precision',
    { timeout: 60_000 },
    async (title, small) => {
      const largest = await compare(small, runtime, Rng.of(seed, title));
      console.log(`${title}, ${where}: largest relative difference ${largest.toExponential(1)}`);
    },
  );

  /** One parameter, whose loss is a number times it. */
  const line = (clamp?: readonly [number, number]): Objective => ({
    parameters: [{ name: 'x', shape: [1, 1], decayed: false, averaged: false, ...(clamp && { clamp }) }],
    centres: new Map(),
    centreMomentum: 0,
    student: () => {
      const x = ops.input('student.x', [1, 1]);
      const loss = ops.mul(x, ops.input('slope', [1, 1]));
      return {
        losses: { loss },
        gradients: new Map([['x', gradients(loss, [x])[0]!]]),
        ...{ measured: {}, report: {} },
      };
    },
    imageAxes: {},
  });
  const start = (objective: Objective) =>
    startTrainer(
      objective,
      {
        student: new Map([['x', Float32Array.of(1)]]),
        ...{ teacher: new Map(), moments: new Map(), centres: new Map() },
      },
      runtime,
    );
  const update = (t: number, halt = false): Update => ({
    ...{ lr: 0.25, weightDecay: 0, beta1: 0.9, beta2: 0.999, eps: 1e-8, ema: 1, clip: 0, t, halt },
  });
  const slope = (value: number) => [{ slope: Float32Array.of(value) }];

  test('a parameter stays within its bounds', async () => {
    const trainer = await start(line([0.5, 1.6]));
    try {
      for (const t of [1, 2, 3]) await trainer.update(slope(-2), update(t));
      expect((await trainer.state()).student.get('x')![0]).toBe(Math.fround(1.6));
      for (const t of [4, 5, 6, 7, 8, 9, 10, 11, 12]) await trainer.update(slope(7), update(t));
      expect((await trainer.state()).student.get('x')![0]).toBe(0.5);
    } finally {
      await trainer.close();
    }
  });

  test('what is no number changes nothing; nothing after it does either where updates are to halt', async () => {
    for (const halt of [false, true]) {
      const trainer = await start(line());
      try {
        await trainer.update(slope(1), update(1, halt));
        const before = await trainer.state();
        // Asked for before the first is answered, as training does.
        const [bad] = await Promise.all([
          trainer.update(slope(Number.NaN), update(2, halt)),
          trainer.update(slope(1), update(3, halt)),
        ]);
        expect(bad.norm).toBeNaN();
        const after = await trainer.state();
        if (halt) expect(after).toEqual(before);
        else expect(after.student.get('x')![0]).toBeLessThan(before.student.get('x')![0]);
      } finally {
        await trainer.close();
      }
    }
  });
});
