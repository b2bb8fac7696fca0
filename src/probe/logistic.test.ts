import { describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import type { Labelled } from './labelled.js';
import { lbfgs } from './lbfgs.js';
import { exactly, L2_GRID, logisticFit, logisticPath, logisticProbe } from './logistic.js';
import { LogisticFit, type Target } from './logistic-fit.js';
import { accuracy } from './metrics.js';
import { standardised, statistics } from './standardise.js';

const seed = testSeed('logistic.test.ts');

describe('L-BFGS', () => {
  it('walks Rosenbrock’s valley to its end', async () => {
    const { x, iterations } = await lbfgs(
      async ([a, b]) => ({
        value: (1 - a) ** 2 + 100 * (b - a * a) ** 2,
        gradient: Float64Array.of(-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)),
      }),
      Float64Array.of(-1.2, 1),
      { iterations: 200, tolerance: 1e-8, decrease: 0 },
    );
    expect(Math.hypot(x[0] - 1, x[1] - 1)).toBeLessThan(1e-6);
    expect(iterations).toBeLessThan(60);
  });

  it('solves an ill-conditioned quadratic, and stops when the steps run out', async () => {
    const n = 50;
    const f = async (x: Float64Array) => {
      const gradient = x.map((v, i) => 10 ** ((2 * i) / n) * (v - i));
      return { value: x.reduce((s, v, i) => s + 0.5 * 10 ** ((2 * i) / n) * (v - i) ** 2, 0), gradient };
    };
    const done = await lbfgs(f, new Float64Array(n), { iterations: 500, tolerance: 1e-7, decrease: 0 });
    expect(done.converged).toBe(true);
    done.x.forEach((v, i) => {
      expect(v).toBeCloseTo(i, 5);
    });
    expect(await lbfgs(f, new Float64Array(n), { iterations: 3 })).toMatchObject({ iterations: 3, converged: false });
  });
});

/** Two informative coordinates among noise. */
function data(n: number, what: string): Labelled {
  const rng = Rng.of(seed, 'logistic', what);
  const dim = 20;
  const labels = Int32Array.from({ length: n }, () => rng.int(3));
  const x = Float32Array.from({ length: n * dim }, () => rng.normal());
  for (let i = 0; i < n; i++) x[i * dim + labels[i]] += 2;
  return { x, dim, labels };
}

describe('logistic regression', () => {
  const options = { classes: 3, validation: 0.25, seed: 0 };

  it(`fits a weak penalty at once where features are more than rows (seed ${seed})`, async () => {
    const { labels } = data(40, 'wide');
    const rng = Rng.of(seed, 'wide');
    const dim = 90;
    const x = Float32Array.from({ length: 40 * dim }, () => rng.normal());
    const target: Target = { of: 'classes', labels, classes: 3 };
    const objectives: number[] = [];
    for (const l2 of [1, 1e-2, 1e-4, 1e-6, 0]) {
      const { solution, logits } = await logisticFit({ x, target }, x, dim, l2, { threads: 1 });
      objectives.push(solution.objective);
      // Any labels can be told apart by so many features.
      expect(
        Array.from(labels, (c, i) => logits[3 * i + c] >= Math.max(...logits.slice(3 * i, 3 * i + 3))),
      ).not.toContain(false);
    }
    for (const [i, o] of objectives.slice(1).entries()) expect(o).toBeLessThan(objectives[i]);
    // As a path comes to it.
    const { path } = await logisticPath({ x, target }, x, dim, () => 0, {
      l2s: [1, 0.1, 1e-2, 1e-3, 1e-4],
      threads: 1,
    });
    expect(Math.abs(path[0].objective / objectives[2] - 1)).toBeLessThan(1e-3);
  });

  it(`takes a penalty of 0, and one that is told twice (seed ${seed})`, async () => {
    const { x, dim, labels } = data(300, 'flat');
    const target: Target = { of: 'classes', labels, classes: 3 };
    const { path } = await logisticPath({ x, target }, x, dim, () => 0, { l2s: [0.1, 1, 0, 1], threads: 1 });
    expect(path.map((p) => p.l2)).toEqual([0, 0.1, 1, 1]);
    const [none, weak, once, twice] = path.map((p) => p.objective);
    expect(none).toBeLessThan(weak);
    expect(weak).toBeLessThan(once);
    expect(Math.abs(twice / once - 1)).toBeLessThan(1e-5);
  });

  it(`tries the paper's penalties and takes one that neither over- nor underfits (seed ${seed})`, async () => {
    expect(L2_GRID).toHaveLength(45);
    expect([L2_GRID[0], L2_GRID[44]]).toEqual([Math.fround(1e-6), 1e5]);
    const [train, test] = [data(360, 'train'), data(2000, 'test')];
    const chosen = await logisticProbe(train, test, options);
    expect(chosen.validation.map((v) => v.l2)).toEqual([...L2_GRID].reverse());
    const top1 = async (l2: number) => {
      const { predictions } = await logisticProbe(train, test, { ...options, l2s: [l2] });
      return accuracy(predictions, test.labels, 3).top1;
    };
    const reached = accuracy(chosen.predictions, test.labels, 3).top1;
    expect(reached).toBeGreaterThan((await top1(1e-6)) - 0.08);
    expect(reached).toBeGreaterThan(0.7);
    expect(reached).toBeLessThan(0.95);
  });

  it('does not look at test labels, and repeats itself', async () => {
    const [train, test] = [data(120, 'train'), data(60, 'test')];
    const l2s = [1e-3, 1, 1e3];
    const a = await logisticProbe(train, test, { ...options, l2s });
    const shuffled = { ...test, labels: Rng.of(1, 'x').shuffle(test.labels.slice()) };
    expect(await logisticProbe(train, shuffled, { ...options, l2s })).toEqual(a);
  });

  it(`ends at the optimum along the whole path, separable data included (seed ${seed})`, async () => {
    const { x, dim, labels } = data(90, 'path');
    const stats = statistics(x, dim, 0);
    const target: Target = { of: 'classes', labels, classes: 3 };
    let worst = 0;
    const { path } = await logisticPath(
      { x, target },
      x,
      dim,
      () => 0,
      { threads: 1 },
      async (s, fit) => {
        const exact = await fit.polished(exactly(x, stats), s);
        expect(s.objective).toBeGreaterThan(exact.objective * (1 - 1e-6));
        worst = Math.max(worst, s.objective / exact.objective - 1);
      },
    );
    expect(worst).toBeLessThan(1e-4);
    // Hundreds where steps knew nothing of the features' covariance.
    expect(path.reduce((sum, p) => sum + p.evaluations, 0)).toBeLessThan(45 * 15);
    expect(path.map((p) => p.l2)).toEqual([...L2_GRID]);
  });

  it(`reaches a weak penalty as a path does, on features that hardly differ (seed ${seed})`, async () => {
    const [n, dim, classes] = [300, 24, 5];
    const rng = Rng.of(seed, 'ill-conditioned');
    const mix = Float64Array.from({ length: dim * dim }, () => rng.normal());
    const centres = Float64Array.from({ length: classes * dim }, () => rng.normal());
    const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
    const x = new Float32Array(n * dim);
    for (let i = 0; i < n; i++)
      for (let k = 0; k < dim; k++) {
        const v = 10 ** ((-5 * k) / (dim - 1)) * (rng.normal() + 0.5 * centres[labels[i] * dim + k]);
        for (let j = 0; j < dim; j++) x[i * dim + j] += v * mix[k * dim + j];
      }
    const target: Target = { of: 'classes', labels, classes };
    const straight = await LogisticFit.open(standardised(x, statistics(x, dim, 0)), dim, target, { threads: 1 });
    const zeros = await straight.solve(L2_GRID[0], new Float64Array((dim + 1) * classes));
    await straight.close();
    const { path } = await logisticPath({ x, target }, x, dim, () => 0, { threads: 1 });
    const { solution } = await logisticFit({ x, target }, x, dim, L2_GRID[0], { threads: 1 });
    // Its first penalty has none before it.
    const { path: weak } = await logisticPath({ x, target }, x, dim, () => 0, { l2s: [L2_GRID[0]], threads: 1 });
    const told = `the path ${path[0].objective}, straight from zeros ${zeros.objective}`;
    console.log(`${told}, over stronger ${solution.objective} in ${solution.evaluations} evaluations`);
    // Straight from zeros it stays there, which is what the way over stronger ones is for.
    expect(zeros.objective).toBeGreaterThan(1.5 * path[0].objective);
    expect(solution.objective).toBeLessThan(1.5 * path[0].objective);
    expect(weak[0].objective).toBe(solution.objective);
    expect(weak[0].evaluations).toBe(solution.evaluations);
  });

  it(`counts the evaluations of the way to a weak penalty too (seed ${seed})`, async () => {
    const { x, dim, labels } = data(90, 'count');
    const target: Target = { of: 'classes', labels, classes: 3 };
    const executor = await cpuExecutors().open({ small: true, threads: 1 });
    const run = executor.run.bind(executor);
    let evaluated = 0;
    executor.run = (name, feeds) => {
      if (name === 'loss 0') evaluated++;
      return run(name, feeds);
    };
    const fit = await LogisticFit.open(standardised(x, statistics(x, dim, 0)), dim, target, { executor });
    const { evaluations, at } = await fit.solve(1e-5);
    expect(evaluations).toBe(evaluated);
    const again = await fit.solve(1e-5, at);
    expect(again.evaluations).toBe(evaluated - evaluations);
    expect(again.evaluations).toBeLessThan(evaluations / 2);
    await executor.close();
  });

  it('takes the weakest of penalties that are equally good', async () => {
    const { x, dim, labels } = data(60, 'ties');
    const target: Target = { of: 'classes', labels, classes: 3 };
    const { best } = await logisticPath({ x, target }, x, dim, () => 0.5, { l2s: [10, 0.1, 1], threads: 1 });
    expect(best).toBe(0);
  });

  it('makes two classes one vector, as a label is, and leaves constant features out', async () => {
    const { x, dim } = data(80, 'two');
    for (let i = 0; i < 80; i++) x[i * dim + 7] = 0.1;
    const labels = Int32Array.from({ length: 80 }, (_, i) => (x[i * dim] > 1 ? 1 : 0));
    const present = Int8Array.from(labels, (l) => (l === 1 ? 1 : -1));
    const two = await logisticFit({ x, target: { of: 'classes', labels, classes: 2 } }, x, dim, 0.3, { threads: 1 });
    const one = await logisticFit({ x, target: { of: 'labels', present, labels: 1 } }, x, dim, 0.3, { threads: 1 });
    expect(two.solution.weights).toEqual(one.solution.weights);
    expect(two.solution.weights).toHaveLength(dim);
    expect(Math.abs(two.solution.weights[7])).toBeLessThan(1e-9);
    expect(two.logits.filter((z, i) => z > 0 === (labels[i] === 1)).length).toBeGreaterThan(76);
  });

  it('fits labels each by itself', async () => {
    const { x, dim } = data(100, 'labels');
    const present = Int8Array.from({ length: 200 }, (_, i) => (x[(i >> 1) * dim + (i % 2)] > 0.5 ? 1 : -1));
    const open = (target: Target) =>
      LogisticFit.open(standardised(x, statistics(x, dim, 0)), dim, target, { threads: 1 });
    const both = await open({ of: 'labels', present, labels: 2 });
    const first = await open({ of: 'labels', present: present.filter((_, i) => i % 2 === 0), labels: 1 });
    const x64 = exactly(x, statistics(x, dim, 0));
    const of = async (fit: LogisticFit) => (await fit.polished(x64, await fit.solve(0.1))).weights;
    const [a, b] = [await of(both), await of(first)];
    b.forEach((v, j) => {
      expect(Math.abs(a[j] - v)).toBeLessThan(1e-4);
    });
    await Promise.all([both.close(), first.close()]);
  });
});
