import { expect, test } from 'vitest';
import type { Draw } from '../captions/record.js';
import { RejectionWatch } from './rejection-watch.js';

const draw: Draw = { id: 0, template: 'concept', kind: 'object', concept: 'hand saw', source: 'file' };
const completion = { text: 'once upon\na time', cut: false };

/** Warnings after each completion; `good` says which are accepted. */
function warnings(n: number, good: (i: number) => boolean): { after: number; line: string }[] {
  const heard: { after: number; line: string }[] = [];
  let i = 0;
  const watch = new RejectionWatch((line) => heard.push({ after: i, line }));
  for (i = 1; i <= n; i++)
    watch.add(good(i) ? undefined : i % 3 === 0 ? 'too short' : 'concept missing', completion, draw);
  return heard;
}

test('where nearly all is rejected, it says so once and soon: how many, why, with an example and what to do', () => {
  const heard = warnings(500, (i) => i % 10 === 0);
  expect(heard).toHaveLength(1);
  expect(heard[0].after).toBe(24);
  // Of 24: 10 and 20 are good, eight are multiples of three.
  expect(heard[0].line).toContain('of the first 24 completions, 22 were rejected');
  expect(heard[0].line).toContain('(14 concept missing, 8 too short)');
  expect(heard[0].line).toContain('“once upon a time” for “hand saw”');
  expect(heard[0].line).toContain('captions.requireConcept');
});

test('answers that ended before they had their tokens are not blamed on captions.maxTokens', () => {
  const heard: string[] = [];
  const watch = new RejectionWatch((line) => heard.push(line));
  for (let i = 0; i < 24; i++)
    watch.add('cut off', { text: 'a saw on a', cut: true, ...(i % 3 === 0 ? {} : { full: true }) }, draw);
  expect(heard).toEqual([
    expect.stringContaining(
      "; most of these had not got captions.maxTokens: the server's context is full, or it has a limit of its own; start it with a larger context",
    ),
  ]);
});

test('a model that fails now and then is left in peace; one that goes bad later is noticed', () => {
  expect(warnings(500, (i) => i % 2 === 0)).toEqual([]);
  const heard = warnings(500, (i) => i < 20);
  expect(heard.map((h) => h.after)).toEqual([96]);
});
