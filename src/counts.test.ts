import { expect, test } from 'vitest';
import { type Counts, count, keptThough, merge, thrownAway } from './counts.js';

test('counts add up by name, and change nobody else’s', () => {
  const a: Counts = { blank: 2 };
  const b: Counts = { blank: 1, 'cut off': 4 };
  expect(merge(a, b)).toEqual({ blank: 3, 'cut off': 4 });
  expect(merge({}, {})).toEqual({});
  count(a, 'blank');
  count(a, 'empty');
  expect([a, b]).toEqual([
    { blank: 3, empty: 1 },
    { blank: 1, 'cut off': 4 },
  ]);
});

test('names that every object has are counted like any other', () => {
  const a: Counts = {};
  for (const name of ['constructor', '__proto__', 'toString', 'constructor', '__proto__']) count(a, name);
  expect(Object.entries(a)).toEqual([
    ['constructor', 2],
    ['__proto__', 2],
    ['toString', 1],
  ]);
  expect(Object.entries(merge(a, a))).toEqual([
    ['constructor', 4],
    ['__proto__', 4],
    ['toString', 2],
  ]);
});

test('what was kept after all is not thrown away', () => {
  expect(thrownAway({ blank: 3, 'blank, kept': 2, 'near-duplicate, kept': 1, empty: 4 })).toBe(7);
  expect(thrownAway({})).toBe(0);
  expect(['blank, kept', 'near-duplicate, kept', 'blank', 'kept'].map(keptThough)).toEqual([
    'blank',
    'near-duplicate',
    undefined,
    undefined,
  ]);
});
