import { expect, test } from 'vitest';
import { cut, fromBfloat16, join, toBfloat16 } from './elements.js';

test('bfloat16 is the nearest, ties to even, and what is no number stays none', () => {
  const pairs: [number, number][] = [
    [1, 1],
    [1 + 2 ** -8, 1],
    [1 + 2 ** -8 + 2 ** -20, 1 + 2 ** -7],
    [1 + 3 * 2 ** -8, 1 + 2 ** -6],
    [-1 - 3 * 2 ** -8, -1 - 2 ** -6],
    [3.4e38, Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    [2 ** -149, 0],
    [2 ** -133, 2 ** -133],
  ];
  const out = fromBfloat16(toBfloat16(Float32Array.from(pairs, ([x]) => x)));
  pairs.forEach(([x, y], i) => {
    expect([x, out[i]]).toEqual([x, y]);
  });
  // Patterns of NaN whose upper half alone would be an infinity.
  const nan = new Float32Array(Uint32Array.of(0x7f800001, 0xff80ffff, 0x7fffffff).buffer);
  expect([...fromBfloat16(toBfloat16(nan))]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test.each([0, 1, 2])('parts along axis %s hold what they should', (split) => {
  const shape = [2, 4, 6];
  const whole = Int32Array.from({ length: 48 }, (_, i) => i);
  const type = { shape, dtype: 'i32', split } as const;
  const parts = cut(whole, type, 2);
  expect(join(parts, type)).toEqual(whole);
  const size = shape[split] / 2;
  const local = shape.map((n, i) => (i === split ? size : n));
  parts.forEach((part, d) => {
    for (let i = 0; i < part.length; i++) {
      const at = [Math.floor(i / (local[1] * local[2])), Math.floor(i / local[2]) % local[1], i % local[2]];
      at[split] += d * size;
      expect(part[i]).toBe((at[0] * 4 + at[1]) * 6 + at[2]);
    }
  });
});
