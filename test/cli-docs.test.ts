import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { allCommands } from '../src/cli/program.js';
import type { Command } from '../src/cli/support/command.js';
import { pageText } from './docs/lines.js';

const page = pageText('docs/cli.md');
const section = (title: string): string => page.split(/^## /m).find((s) => s.startsWith(title))!;
/** The names in the first column of a section's table. */
const named = (title: string): string[] =>
  [...section(title).matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );

it('docs/cli.md lists every command, in the order of synclr --help', async () => {
  const json = ({ answers }: Command) =>
    answers === true ? 'yes' : answers ? `with ${answers.map((flag) => `\`--${flag}\``).join(', ')}` : 'no';
  const rows = (await allCommands()).map((c) => `| \`synclr ${c.name}\` | ${c.about} | ${json(c)} |`);
  expect(section('Commands').match(/^\| `.*$/gm)).toEqual(rows);
});

it('docs/cli.md lists every environment variable that is read, and no other', () => {
  const src = fileURLToPath(new URL('../src', import.meta.url));
  const read = new Set<string>();
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!/(?<!\.test)\.ts$/.test(file)) continue;
    const text = readFileSync(join(src, file), 'utf8');
    for (const [, name] of text.matchAll(/\benv(?:\.|\[')([A-Z][A-Z0-9_]+)/g)) read.add(name);
    // `environment: { url: 'OPENAI_BASE_URL', … }` of a server's kind, which is looked up by that name.
    for (const [, names] of text.matchAll(/\benvironment: \{([^}]*)\}/g))
      for (const [, name] of names.matchAll(/'([A-Z][A-Z0-9_]+)'/g)) read.add(name);
  }
  expect(read.size).toBeGreaterThan(15);
  expect(named('Environment variables').sort()).toEqual([...read].sort());
});
