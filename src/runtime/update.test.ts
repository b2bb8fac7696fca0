import { describe, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { sayNotRun, xlaPlugin } from '../../test/xla.js';
import { gradients, ops, type Tensor } from '../graph/index.js';
import { Rng } from '../rng.js';
import { startTrainer, type TrainerOptions } from './start-trainer.js';
import type { Objective, Trainer, TrainingState, Update } from './training.js';

const seed = testSeed('runtime/update.test.ts');
const plugin = xlaPlugin();
if (!plugin) sayNotRun('updates through XLA');
const EXECUTORS: [string, TrainerOptions][] = [
  ['ONNX Runtime', { provider: 'cpu', threads: 1, optimizerThreads: 2 }],
  ...(plugin
    ? ([['XLA', { provider: 'xla', plugin, devices: 1, precision: 'float32', threads: 0 }]] as [
        string,
        TrainerOptions,
      ][])
    : []),
];

const [N, D] = [4, 3];
/** Parameters of one row, each with its own rate; the loss's slope is the batch's mean, whatever the parameters are. */
const PARAMETERS = [
  { name: 'whole', shape: [1, D], decayed: true, averaged: true },
  { name: 'tenth', shape: [1, D], decayed: true, averaged: true, lrScale: 0.1 },
  { name: 'still', shape: [1, D], decayed: true, averaged: false, lrScale: 0 },
  { name: 'plain', shape: [1, D], decayed: false, averaged: false, lrScale: 0.5 },
] as const;

/** Keeps running means and squares of its batches, which the loss of a later step reads, and averages without a teacher. */
const OBJECTIVE: Objective = {
  parameters: PARAMETERS,
  centres: new Map([
    ['mean', D],
    ['square', D],
  ]),
  centreMomentum: 0.5,
  centreMomenta: new Map([['square', 0.9]]),
  student: () => {
    const batch = ops.input('batch', [N, D]);
    const all = PARAMETERS.map((p): [string, Tensor] => [p.name, ops.input(`student.${p.name}`, p.shape)]);
    const slope = ops.mean(batch, [0]);
    const sum = all.map(([, x]) => ops.sum(ops.mul(x, slope), [1])).reduce(ops.add);
    const loss = ops.add(sum, ops.scale(ops.sum(ops.input('centre.square', [1, D]), [1]), 1e-3));
    const found = gradients(
      loss,
      all.map(([, x]) => x),
    );
    return {
      losses: { loss },
      means: { mean: slope, square: ops.mean(ops.mul(batch, batch), [0]) },
      gradients: new Map(all.map(([name], i) => [name, found[i]!])),
      ...{ measured: {}, report: {} },
    };
  },
  imageAxes: { batch: 0 },
};

const update = (t: number): Update => ({
  ...{ lr: 0.03 * t, weightDecay: 0.2, beta1: 0.9, beta2: 0.99, eps: 1e-6, ema: 0.8, clip: 0, t },
});

/** The same in double precision, written from the formulas. */
function expected(state: TrainingState, batches: readonly Float32Array[][]) {
  const wide = (m: ReadonlyMap<string, Float32Array>) => new Map([...m].map(([k, x]) => [k, Array.from(x)]));
  const student = wide(state.student);
  const average = wide(new Map(PARAMETERS.filter((p) => p.averaged).map((p) => [p.name, state.student.get(p.name)!])));
  const centres = new Map([
    ['mean', [0, 0, 0]],
    ['square', Array.from(state.centres.get('square')!)],
  ]);
  const m = [0, 0, 0];
  const v = [0, 0, 0];
  const losses: number[] = [];
  for (const [k, parts] of batches.entries()) {
    const u = update(k + 1);
    const rows = parts.flatMap((b) => Array.from({ length: N }, (_, i) => Array.from(b.slice(i * D, (i + 1) * D))));
    const mean = [0, 1, 2].map((d) => rows.reduce((s, r) => s + r[d], 0) / rows.length);
    const square = [0, 1, 2].map((d) => rows.reduce((s, r) => s + r[d] ** 2, 0) / rows.length);
    let loss = 1e-3 * centres.get('square')!.reduce((s, x) => s + x, 0);
    for (let d = 0; d < D; d++) {
      m[d] = u.beta1 * m[d] + (1 - u.beta1) * mean[d];
      v[d] = u.beta2 * v[d] + (1 - u.beta2) * mean[d] ** 2;
      const direction = m[d] / (1 - u.beta1 ** u.t) / (Math.sqrt(v[d] / (1 - u.beta2 ** u.t)) + u.eps);
      for (const p of PARAMETERS) {
        const x = student.get(p.name)!;
        loss += x[d] * mean[d];
        const lr = u.lr * ('lrScale' in p ? p.lrScale : 1);
        x[d] = x[d] * (1 - (p.decayed ? lr * u.weightDecay : 0)) - lr * direction;
        const a = average.get(p.name);
        if (a) a[d] = u.ema * a[d] + (1 - u.ema) * x[d];
      }
      const [cm, cs] = [centres.get('mean')!, centres.get('square')!];
      cm[d] = 0.5 * cm[d] + 0.5 * mean[d];
      cs[d] = 0.9 * cs[d] + 0.1 * square[d];
    }
    losses.push(loss);
  }
  return { student, average, centres, losses };
}

describe.each(EXECUTORS)('through %s', (_, runtime) => {
  const rng = Rng.of(seed, 'update');
  const values = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
  const initial: TrainingState = {
    student: new Map(PARAMETERS.map((p) => [p.name, values(D)])),
    ...{ teacher: new Map(), moments: new Map() },
    centres: new Map([['square', new Float32Array(D).fill(1)]]),
  };
  const run = async (work: (t: Trainer) => Promise<void>, from = initial, accumulate = 1) => {
    const trainer = await startTrainer(OBJECTIVE, from, { ...runtime, accumulate });
    try {
      await work(trainer);
    } finally {
      await trainer.close();
    }
  };
  const close = (actual: ArrayLike<number>, wanted: readonly number[], what: string) => {
    expect(actual.length, what).toBe(wanted.length);
    for (const [i, x] of wanted.entries()) expect(Math.abs(actual[i] - x), what).toBeLessThan(2e-6 * (1 + Math.abs(x)));
  };

  test.each([1, 2])(
    'rates by parameter, averages without a teacher, running statistics: %s batches an update',
    async (parts) => {
      const batches = Array.from({ length: 4 }, () => Array.from({ length: parts }, () => values(N * D)));
      const exact = expected(initial, batches);
      await run(
        async (trainer) => {
          for (const [k, b] of batches.entries()) {
            const { losses } = await trainer.update(
              b.map((batch) => ({ batch })),
              update(k + 1),
            );
            close([losses.loss], [exact.losses[k]], `loss ${k}`);
          }
          const state = await trainer.state();
          for (const [name, x] of exact.student) close(state.student.get(name)!, x, name);
          expect(state.student.get('still')).toEqual(initial.student.get('still'));
          expect([...state.teacher.keys()].sort()).toEqual(['tenth', 'whole']);
          for (const [name, x] of exact.average) close(state.teacher.get(name)!, x, `average of ${name}`);
          for (const [name, x] of exact.centres) close(state.centres.get(name)!, x, `running ${name}`);
        },
        initial,
        parts,
      );
    },
    60_000,
  );

  test('a state taken up again goes on to the same bits; what is not finite moves nothing', async () => {
    const batches = Array.from({ length: 4 }, () => [{ batch: values(N * D) }]);
    const states: TrainingState[] = [];
    const go = (from: number, to: number, trainer: Trainer) =>
      Array.from({ length: to - from }, (_, i) => trainer.update(batches[from + i], update(from + i + 1)));
    await run(async (trainer) => {
      await Promise.all(go(0, 2, trainer));
      const before = await trainer.state();
      await trainer.update([{ batch: new Float32Array(N * D).fill(Number.NaN) }], update(3));
      expect(await trainer.state()).toEqual(before);
      states.push(before);
      await Promise.all(go(2, 4, trainer));
      states.push(await trainer.state());
    });
    await run(async (trainer) => {
      await Promise.all(go(2, 4, trainer));
      expect(await trainer.state()).toEqual(states[1]);
    }, states[0]);
  }, 60_000);
});
