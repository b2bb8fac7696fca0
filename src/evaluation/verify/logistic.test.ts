import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testSeed } from '../../../test/numbers.js';
import { type SafeTensor, writeSafetensors } from '../../formats/safetensors.js';
import { classesOf, L2_GRID, logisticFit } from '../../probe/logistic.js';
import { LogisticFit, type Target } from '../../probe/logistic-fit.js';
import { standardised, statistics } from '../../probe/standardise.js';
import { Rng } from '../../rng.js';
import type { Check } from './index.js';
import { finalChecks, LOGISTIC_KINDS } from './logistic.js';

const seed = testSeed('verify/logistic.test.ts');
const rng = Rng.of(seed, 'verify logistic');
const [n, dim, classes] = [120, 6, 3];
/** Half to fit, a quarter to choose, a quarter to test; classes overlap. */
const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
const x = Float32Array.from({ length: n * dim }, () => rng.normal());
for (let i = 0; i < n; i++) x[i * dim + labels[i]] += 2;
const part = (from: number, to: number) => ({
  x: x.slice(from * dim, to * dim),
  target: { of: 'classes', labels: labels.slice(from, to), classes } satisfies Target,
});
const [train, val, both, test] = [part(0, 60), part(60, 90), part(0, 90), part(90, 120)];

const right = (logits: Float32Array): number =>
  classesOf(logits, classes).reduce((sum, c, i) => sum + (c === test.target.labels[i] ? 1 : 0), 0);

let recorded: Parameters<typeof finalChecks>[0];
let found: { objective: number; right: number; of: number };
const dir = mkdtempSync(join(tmpdir(), 'synclr-verify-'));
beforeAll(async () => {
  const { solution, logits } = await logisticFit(both, test.x, dim, L2_GRID[0], { exact: true, threads: 1 });
  found = { objective: solution.objective, right: right(logits), of: 30 };
  const test_acc = (100 * found.right) / 30;
  recorded = { chosen_index: 0, chosen_wd: L2_GRID[0], trainval_objective_mean: solution.objective, test_acc };
});
afterAll(() => rmSync(dir, { recursive: true }));

const isOff = (checks: Iterable<Check>): string[] => [...checks].filter((c) => !(c.off <= c.bar)).map((c) => c.name);

it(`a fit that stays at zeros is off, at the weakest penalty too (seed ${seed})`, async () => {
  expect(isOff(finalChecks(recorded, found))).toEqual([]);
  const stats = statistics(both.x, dim, 0);
  const fit = await LogisticFit.open(standardised(both.x, stats), dim, both.target, { threads: 1, iterations: 0 });
  await fit.keep('test', standardised(test.x, stats));
  const zeros = await fit.solve(L2_GRID[0], new Float64Array((dim + 1) * classes));
  expect(zeros.objective).toBeCloseTo(Math.log(classes), 5);
  const stuck = { objective: zeros.objective, right: right(await fit.logits('test', zeros)), of: 30 };
  await fit.close();
  expect(isOff(finalChecks(recorded, stuck))).toEqual(['final objective', 'final test samples']);
  // Under the optimum nothing is.
  const under = { ...found, objective: found.objective * (1 - 1e-6) };
  expect(isOff(finalChecks(recorded, under))).toEqual(['final objective, under the optimum']);
});

it(`a case is held to its objectives from above as well, where a limited solver need not arrive (seed ${seed})`, async () => {
  const [file] = LOGISTIC_KINDS;
  const said = async (name: string, by: number): Promise<string[]> => {
    const { solution } = await logisticFit(train, test.x, dim, L2_GRID[0], { exact: true, threads: 1 });
    const path = [{ index: 0, wd: L2_GRID[0], objective_mean: solution.objective / by }];
    const final = { ...recorded, trainval_objective_mean: recorded.trainval_objective_mean / by };
    writeFileSync(join(dir, `${name}.json`), JSON.stringify({ classes, path, final }));
    const tensors = new Map<string, SafeTensor>();
    for (const [of, { x: data, target }] of Object.entries({ train, val, test })) {
      tensors.set(`x_${of}`, { dtype: 'F32', shape: [data.length / dim, dim], data });
      tensors.set(`y_${of}`, { dtype: 'I32', shape: [target.labels.length], data: target.labels });
    }
    await writeSafetensors(join(dir, `${name}.safetensors`), tensors);
    const all: Check[] = [];
    for await (const check of file.verify(join(dir, `${name}.json`))) all.push(check);
    return isOff(all);
  };
  expect(await said('right', 1)).toEqual([]);
  expect(await said('above', 1.6)).toEqual(['0 objective', 'final objective']);
});
