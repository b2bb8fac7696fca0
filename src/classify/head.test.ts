import { expect, test } from 'vitest';
import { Rng } from '../rng.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import { classify, fitHead, type Rows } from './head.js';

const signal = new AbortController().signal;
const seed = 20261128;

/** Classes around points of their own, on a scale and with an offset that standardisation must take away. */
function clouds(classes: number, each: number, dim: number, views: number, spread: number): Rows {
  const images = classes * each;
  const x = new Float32Array(images * views * dim);
  const labels = Int32Array.from({ length: images }, (_, i) => i % classes);
  for (let i = 0; i < images; i++)
    for (let v = 0; v < views; v++) {
      const rng = Rng.of(seed, i, v);
      for (let j = 0; j < dim; j++) {
        const centre = Rng.of(seed, 'centre', labels[i], j).normal();
        x[(i * views + v) * dim + j] = 1000 + 0.01 * (j + 1) * (centre + spread * rng.normal());
      }
    }
  return { x, dim, views, labels };
}

const rightOf = (rows: Rows, guess: Int32Array): number =>
  guess.reduce((n, c, i) => n + (c === rows.labels[Math.floor(i / rows.views)] ? 1 : 0), 0) / guess.length;

test('a linear layer on raw features tells apart what can be told apart', async () => {
  await using on = closable(cpuExecutors(1));
  const rows = clouds(4, 30, 6, 1, 0.2);
  const { head, validation } = await fitHead(rows, { classes: 4, seed, on: on.executors, signal });
  const { classes, probabilities } = classify(head, rows.x);
  expect(rightOf(rows, classes)).toBeGreaterThan(0.97);
  for (let i = 0; i < classes.length; i++) {
    const row = probabilities.subarray(i * 4, i * 4 + 4);
    expect(row.reduce((s, p) => s + p, 0)).toBeCloseTo(1, 5);
    expect(row[classes[i]]).toBe(Math.max(...row));
  }
  expect(validation[0].l2).toBeGreaterThan(validation.at(-1)!.l2);
});

test('views of one image stand on one side of the split: copies are no evidence', async () => {
  await using on = closable(cpuExecutors(1));
  // Labels that features say nothing of; were views split, the copies would be found again, and validation near 1.
  const noise = clouds(3, 40, 40, 4, 0);
  for (let i = 0; i < noise.labels.length; i++)
    for (let j = 0; j < noise.dim; j++) {
      const value = Rng.of(seed, 'noise', i, j).normal();
      for (let v = 0; v < noise.views; v++) noise.x[(i * noise.views + v) * noise.dim + j] = value;
    }
  const { validation } = await fitHead(noise, { classes: 3, seed, on: on.executors, signal, l2s: [1e-3, 1, 1e3] });
  for (const { top1 } of validation) expect(top1).toBeLessThan(0.6);
});

test('two classes are two outputs, with the probabilities of the one margin', async () => {
  await using on = closable(cpuExecutors(1));
  const rows = clouds(2, 30, 6, 1, 0.3);
  const { head } = await fitHead(rows, { classes: 2, seed, on: on.executors, signal });
  const { classes, probabilities } = classify(head, rows.x);
  expect(rightOf(rows, classes)).toBeGreaterThan(0.97);
  // At the optimum the probabilities of a class sum to its images: the bias is not penalised.
  const sum = probabilities.reduce((s, p, i) => s + (i % 2 === 1 ? p : 0), 0);
  expect(sum).toBeCloseTo(30, 1);
});

test('a class of one image and a class of none do not stop it', async () => {
  await using on = closable(cpuExecutors(1));
  const rows = clouds(3, 10, 5, 1, 0.1);
  const labels = rows.labels.map((c, i) => (c === 2 && i > 2 ? 0 : c));
  const { head } = await fitHead({ ...rows, labels }, { classes: 5, seed, on: on.executors, signal });
  const { classes, probabilities } = classify(head, rows.x);
  expect(Math.max(...classes)).toBeLessThan(3);
  expect(probabilities.every(Number.isFinite)).toBe(true);
});

function closable(executors: ReturnType<typeof cpuExecutors>) {
  return { executors, [Symbol.asyncDispose]: () => executors.close() };
}
