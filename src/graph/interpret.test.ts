import { expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { erf } from './erf.js';
import { interpret, ops } from './index.js';

const seed = testSeed('interpret.test.ts');

test('erf agrees with tabulated values to the last digits', () => {
  const table: [number, number][] = [
    [1e-10, 1.1283791670955126e-10],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
  ];
  for (const [x, value] of table) {
    expect(Math.abs(erf(x) / value - 1)).toBeLessThan(4e-16);
    expect(erf(-x)).toBe(-erf(x));
  }
  expect(erf(0)).toBe(0);
  expect(erf(Number.POSITIVE_INFINITY)).toBe(1);
  expect(erf(Number.NaN)).toBeNaN();
});

test('erf is the integral of the bell curve, also where its two formulas meet', () => {
  const rng = Rng.of(seed, 'erf');
  const bell = (t: number) => (2 / Math.sqrt(Math.PI)) * Math.exp(-t * t);
  const points = [1.999999, 2, 2.000001, ...Array.from({ length: 40 }, () => rng.range(0, 6))];
  for (const x of points) {
    // Five-point Gauss-Legendre on 40 pieces.
    const nodes = [0, 0.5384693101056831, -0.5384693101056831, 0.906179845938664, -0.906179845938664];
    const weights = [
      0.5688888888888889, 0.47862867049936647, 0.47862867049936647, 0.23692688505618908, 0.23692688505618908,
    ];
    let integral = 0;
    const h = x / 80;
    for (let i = 0; i < 40; i++)
      for (let j = 0; j < 5; j++) integral += weights[j] * h * bell((2 * i + 1 + nodes[j]) * h);
    expect(Math.abs(erf(x) - integral)).toBeLessThan(2e-15);
  }
});

test('small graphs worked out by hand', () => {
  const a = ops.input('a', [2, 2]);
  const b = ops.input('b', [2]);
  const row = ops.input('row', [1], 'i64');
  const q = ops.input('q', [2, 1, 1, 1]);
  const attended = ops.attention(q, q, q, 1);
  const out = interpret(
    {
      product: ops.gemm(a, a, { transB: true, alpha: 2, bias: b }),
      column: ops.slice(ops.transpose(a, [1, 0]), 0, 1, 1),
      put: ops.putRows(ops.takeRows(a, row), row, 3),
      normal: ops.layerNorm(a, undefined, b, 0),
      std: ops.output(ops.layerNorm(a, undefined, b, 0), 2),
      attended,
    },
    { a: [1, 3, 2, 6], b: [10, 20], row: BigInt64Array.of(1n), q: [0, Math.log(3)] },
  );
  expect([...out.product]).toEqual([30, 60, 50, 100]);
  expect([...out.column]).toEqual([3, 6]);
  expect([...out.put]).toEqual([0, 0, 2, 6, 0, 0]);
  expect([...out.normal]).toEqual([9, 21, 9, 21]);
  expect([...out.std]).toEqual([1, 0.5]);
  // Token 0 sees both alike; token 1 sees the second 3^{ln 3} times as much.
  const z = 3 ** Math.log(3);
  expect(out.attended[0]).toBeCloseTo(Math.log(3) / 2, 14);
  expect(out.attended[1]).toBeCloseTo((Math.log(3) * z) / (1 + z), 14);
});

test('a missing value and one of another size are named', () => {
  const y = ops.neg(ops.input('pixels', [2, 3]));
  expect(() => interpret({ y }, {})).toThrow('no value for input pixels');
  expect(() => interpret({ y }, { pixels: [1, 2] })).toThrow('2 values for input pixels of shape [2,3]');
});
