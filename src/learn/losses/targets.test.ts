import { expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import { ops } from '../../graph/index.js';
import { interpret } from '../../graph/interpret.js';
import { Rng } from '../../rng.js';
import { OrtExecutor } from '../../runtime/ort/executor.js';
import { centred, crossEntropy, sinkhornKnopp } from './targets.js';

const seed = testSeed('targets.test.ts');

/** SwAV's iteration as published: Q [K, rows] is normalised over its rows and its columns in turn. */
function textbook(logits: ArrayLike<number>, rows: number, k: number, iterations: number): number[] {
  const q = Array.from({ length: k }, (_, i) => Array.from({ length: rows }, (_, r) => Math.exp(logits[r * k + i])));
  const total = q.flat().reduce((a, b) => a + b);
  const scale = (by: (i: number, r: number) => number) => {
    for (let i = 0; i < k; i++) for (let r = 0; r < rows; r++) q[i][r] /= by(i, r);
  };
  scale(() => total);
  for (let n = 0; n < iterations; n++) {
    const prototype = q.map((row) => row.reduce((a, b) => a + b));
    scale((i) => prototype[i] * k);
    const sample = Array.from({ length: rows }, (_, r) => q.reduce((s, row) => s + row[r], 0));
    scale((_, r) => sample[r] * rows);
  }
  return Array.from({ length: rows }, (_, r) => q.map((row) => row[r] * rows)).flat();
}

const draw = (rows: number, k: number, spread: number) => {
  const rng = Rng.of(seed, rows, k);
  return Float32Array.from({ length: rows * k }, () => rng.range(-spread, spread));
};

test.each([
  [7, 12, 3],
  [12, 5, 3],
  [1, 4, 3],
  [6, 6, 1],
])('Sinkhorn-Knopp of %i rows over %i prototypes, %i iterations, is the textbook’s', (rows, k, iterations) => {
  const logits = draw(rows, k, 5);
  const t = ops.input('logits', [rows, k]);
  const { q } = interpret({ q: sinkhornKnopp(t, iterations) }, { logits });
  expect(relativeDifference(q, textbook(logits, rows, k, iterations))).toBeLessThan(1e-13);
  for (let r = 0; r < rows; r++) expect(q.subarray(r * k, (r + 1) * k).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
});

test('iterated long, every prototype gets the same total weight', () => {
  const [rows, k] = [8, 5];
  const { q } = interpret({ q: sinkhornKnopp(ops.input('logits', [rows, k]), 400) }, { logits: draw(rows, k, 2) });
  for (let i = 0; i < k; i++) {
    let total = 0;
    for (let r = 0; r < rows; r++) total += q[r * k + i];
    expect(total).toBeCloseTo(rows / k, 9);
  }
});

test('in single precision it stays exact for logits as large as the coldest temperature makes them', async () => {
  const [rows, k] = [64, 512];
  // Cosines over 0.04 reach ±25.
  const logits = draw(rows, k, 25);
  const outputs = { q: sinkhornKnopp(ops.input('logits', [rows, k]), 3) };
  const executor = OrtExecutor.start({ provider: 'cpu', threads: 1 });
  try {
    await executor.load('q', outputs);
    const { q } = await executor.run('q', { logits });
    expect(relativeDifference(q, textbook(logits, rows, k, 3))).toBeLessThan(1e-5);
  } finally {
    await executor.close();
  }
});

test('centred targets are softmax((logits − centre)/temperature), with logits already divided', () => {
  const rng = Rng.of(seed, 'centred');
  const [rows, k, temperature] = [3, 5, 0.06];
  const raw = Array.from({ length: rows * k }, () => rng.range(-1, 1));
  const centre = Array.from({ length: k }, () => rng.range(-1, 1));
  const y = centred(ops.input('logits', [rows, k]), ops.input('t', [1, 1]), ops.input('centre', [1, k]));
  const out = interpret({ y }, { logits: raw.map((x) => x / temperature), t: [temperature], centre });
  for (let r = 0; r < rows; r++) {
    const e = centre.map((c, i) => Math.exp((raw[r * k + i] - c) / temperature));
    const total = e.reduce((a, b) => a + b);
    e.forEach((x, i) => {
      expect(out.y[r * k + i]).toBeCloseTo(x / total, 12);
    });
  }
});

test('cross entropy of a row is −Σ t·log softmax', () => {
  const logits = [1, 2, 3, -1, 0, 4];
  const targets = [0.2, 0.3, 0.5, 0, 1, 0];
  const y = crossEntropy(ops.input('t', [2, 3]), ops.input('x', [2, 3]));
  const out = interpret({ y }, { t: targets, x: logits }).y;
  const row = (r: number) => {
    const z = Math.log([0, 1, 2].reduce((s, i) => s + Math.exp(logits[3 * r + i]), 0));
    return -[0, 1, 2].reduce((s, i) => s + targets[3 * r + i] * (logits[3 * r + i] - z), 0);
  };
  expect(out[0]).toBeCloseTo(row(0), 13);
  expect(out[1]).toBeCloseTo(row(1), 13);
});
