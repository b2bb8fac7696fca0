import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recipeSettings } from './recipe.js';

const shown = (x: unknown): string => {
  if (x === undefined) return 'unset';
  if (Array.isArray(x)) return x.map((v) => Number((v as number).toPrecision(3))).join(' … ');
  if (typeof x === 'object')
    return Object.entries(x as object)
      .flatMap(([k, v]) => [`${k} ${v}`])
      .join(', ');
  return typeof x === 'number' && x >= 1000 ? x.toLocaleString('en') : String(x);
};

test('docs/fine-tuning.md lists every setting with its default', () => {
  const rows = recipeSettings().map(({ name, value, about }) => `| \`${name}\` | ${shown(value)} | ${about} |`);
  const table = ['| setting | default | |', '|---|---|---|', ...rows].join('\n');
  const text = readFileSync(join(import.meta.dirname, '../../docs/fine-tuning.md'), 'utf8');
  expect(text).toContain(table);
});
