import { expect, test } from 'vitest';
import { parsePythonJson } from './python-json.js';

test('what Python writes and JSON has not becomes a string of that name, outside of strings only', () => {
  expect(parsePythonJson('{"a": NaN, "b": [Infinity, -Infinity, -1], "c": null}', 'x')).toEqual({
    a: 'NaN',
    b: ['Infinity', '-Infinity', -1],
    c: null,
  });
  const text = { NaN: 'NaN, "Infinity" \\', b: '\\"NaN\\', 'c"-Infinity': ['é NaN'] };
  expect(parsePythonJson(`[${JSON.stringify(text)}, NaN]`, 'x')).toEqual([text, 'NaN']);
  expect(parsePythonJson(JSON.stringify(text), 'x')).toEqual(text);
});

test('anything else is no JSON still, in one line that names it', () => {
  for (const bad of ['', 'NaNa', 'xNaN', '{"a": Nan}', '{NaN: 1}}', '"NaN', '"NaN\\', 'Infinity-', '{"a": }'])
    expect(() => parsePythonJson(bad, 'its answer'), bad).toThrow(/^its answer is (not JSON: [^\n]+)$/);
});

test('long strings, also without an end, are read in no time', () => {
  const began = performance.now();
  for (const text of [
    `"NaN${'\\"'.repeat(500_000)}`,
    `["NaN", ${'"a\\"", '.repeat(200_000)}1]`,
    '-'.repeat(1_000_000),
    'NaN'.repeat(300_000),
  ])
    try {
      parsePythonJson(text, 'it');
    } catch {
      // Most are none.
    }
  expect(performance.now() - began).toBeLessThan(4000);
  const image = 'A'.repeat(8_000_000);
  expect(parsePythonJson(`{"image": "${image}", "x": NaN}`, 'it')).toEqual({ image, x: 'NaN' });
});
