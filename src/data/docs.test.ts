import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listKinds } from './sets/index.js';

/** A line of the table in docs/datasets.md. */
function row({ name, title, home, layout, splits, metric }: ReturnType<typeof listKinds>[number]): string {
  const plain = (text: string) => text.replaceAll('<', '&lt;').replaceAll('*', '\\*').replaceAll('_', '\\_');
  return `| \`${name}\` | ${home === undefined ? title : `[${title}](${home})`} | ${plain(layout)} | ${plain(splits)} | ${metric} |`;
}

test('docs/datasets.md has a line for every kind, and says of it what the registry does', () => {
  const page = readFileSync(new URL('../../docs/datasets.md', import.meta.url), 'utf8');
  const lines = page.split('\n');
  const lacking = listKinds()
    .map(row)
    .filter((r) => !lines.includes(r));
  expect(lacking).toEqual([]);
  expect(lines.filter((l) => l.startsWith('| `')).length).toBe(listKinds().length);
});
