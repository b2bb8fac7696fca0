import { expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { solveShifted, tridiagonal } from './tridiagonal.js';

const seed = testSeed('tridiagonal.test.ts');

it(`turns a matrix into a tridiagonal one and solves with it (seed ${seed})`, () => {
  for (const n of [1, 2, 3, 7, 24]) {
    const rng = Rng.of(seed, 'tridiagonal', n);
    // Positive, and of lower rank where it is large, as the covariance of few images is.
    const rows = Math.max(1, n - 4);
    const x = Float64Array.from({ length: rows * n }, () => rng.normal());
    const a = new Float64Array(n * n);
    for (let r = 0; r < rows; r++)
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] += x[r * n + i] * x[r * n + j];
    const t = tridiagonal(a.slice(), n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let [unit, back] = [0, 0];
        for (let k = 0; k < n; k++) {
          const [p, q] = [t.q[i * n + k], t.q[j * n + k]];
          unit += p * q;
          back += p * t.diagonal[k] * q;
          if (k + 1 < n) back += t.beside[k] * (p * t.q[j * n + k + 1] + t.q[i * n + k + 1] * q);
        }
        expect(Math.abs(unit - (i === j ? 1 : 0))).toBeLessThan(1e-12);
        expect(Math.abs(back - a[i * n + j])).toBeLessThan(1e-11);
      }
    const [scale, shift, columns] = [0.3, 0.05, 3];
    const right = Float64Array.from({ length: n * columns }, () => rng.normal());
    const y = right.slice();
    solveShifted(t, scale, shift, y, columns);
    for (let i = 0; i < n; i++)
      for (let c = 0; c < columns; c++) {
        const at = (k: number) => y[k * columns + c];
        let sum = (scale * t.diagonal[i] + shift) * at(i);
        if (i > 0) sum += scale * t.beside[i - 1] * at(i - 1);
        if (i + 1 < n) sum += scale * t.beside[i] * at(i + 1);
        expect(Math.abs(sum - right[i * columns + c])).toBeLessThan(1e-10);
      }
  }
});
