import { expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { fromHalf, toHalf } from './half.js';

const rng = Rng.of(testSeed('half.test.ts'), 'half');
const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
const numbers = all.filter((h) => (h & 0x7c00) !== 0x7c00);

it('gives the values that IEEE 754 names', () => {
  // 1, the largest, the smallest normal, the smallest of all, a third (Wikipedia, half-precision floating-point format).
  const patterns = Uint16Array.of(0x3c00, 0x7bff, 0x0400, 0x0001, 0x3555, 0xc000, 0x7c00, 0xfc00);
  const values = [1, 65504, 2 ** -14, 2 ** -24, 0.333251953125, -2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  expect([...fromHalf(patterns)]).toEqual(values);
  expect(Object.is(fromHalf(Uint16Array.of(0x8000))[0], -0)).toBe(true);
  expect(fromHalf(Uint16Array.of(0x7e01))[0]).toBeNaN();
});

it('takes every half back to itself', () => {
  expect(toHalf(fromHalf(numbers))).toEqual(numbers);
  expect(fromHalf(toHalf(Float32Array.of(Number.NaN)))[0]).toBeNaN();
  expect([...toHalf(Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY))]).toEqual([0x7c00, 0xfc00]);
});

it('rounds to the nearest, ties to even, over every gap between two halves', () => {
  const values = fromHalf(numbers.filter((h) => h < 0x7c00));
  const inputs: number[] = [];
  const expected: number[] = [];
  for (let h = 0; h + 1 < values.length; h++) {
    const [low, high] = [values[h], values[h + 1]];
    const middle = (low + high) / 2;
    const inside = Math.fround(low + (high - low) * rng.uniform());
    // A middle is a float of its own; so are its neighbours.
    inputs.push(middle, next(middle, 1), next(middle, -1), inside);
    expected.push(h % 2 === 0 ? h : h + 1, h + 1, h, inside < middle || (inside === middle && h % 2 === 0) ? h : h + 1);
  }
  expect(toHalf(Float32Array.from(inputs))).toEqual(Uint16Array.from(expected));
  const negative = toHalf(Float32Array.from(inputs, (x) => -x));
  expect(negative).toEqual(Uint16Array.from(expected, (h) => h | 0x8000));
});

it('overflows from half way beyond the largest on', () => {
  const edge = Float32Array.of(65519.99609375, 65520, 1e6, -65520, 2 ** -25, next(2 ** -25, 1));
  expect([...toHalf(edge)]).toEqual([0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 1]);
});

/** The float beside a positive one. */
function next(x: number, by: 1 | -1): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer);
  bits[0] += by;
  return new Float32Array(bits.buffer)[0];
}
