import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCommands } from '../src/cli/program.js';
import { parseArguments } from '../src/cli/support/args.js';
import type { Command } from '../src/cli/support/command.js';
import { LEARNER_NAMES } from '../src/config/names.js';
import { presetName, resolveSettings } from '../src/config/resolve.js';
import { command } from './command.js';
import { PAGES, pageText, shellLines, synclrArguments } from './docs/lines.js';
import { NOT_EXECUTED } from './docs/not-executed.js';
import { photos } from './docs/photos.js';
import { micro, microOf } from './micro.js';
import { synclr } from './process.js';

const commands = new Map((await allCommands()).map((c) => [c.name, c]));
const scripts = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { scripts: Record<string, string> }
).scripts;

/** @throws what a reader would be told who gives this command line */
function parse([name, ...rest]: readonly string[]): void {
  if ((name === 'help' && rest.length === 0) || name === '--version') return;
  if (name === 'help') {
    parse([...rest, '--help']);
    return;
  }
  const known: Command | undefined = commands.get(name);
  if (!known) throw new Error(`no such command: ${name}`);
  if (rest.some((arg) => arg === '--help' || arg === '--help-all' || arg === '--version')) return;
  const { values, settings } = parseArguments(known, rest);
  if (!known.settings) return;
  const preset = values.preset === undefined ? undefined : presetName(values.preset);
  resolveSettings({ preset, flags: settings, training: false });
}

const LINES = PAGES.flatMap(shellLines);
const OURS = LINES.flatMap((line) => {
  const args = synclrArguments(line.text);
  return args ? [{ ...line, args, shown: `${line.file}:${line.at} ${line.text}` }] : [];
});

describe('commands of README and docs', () => {
  it('are found', () => {
    expect(OURS.length).toBeGreaterThan(20);
  });

  it.each(OURS.map(({ shown, args }) => [shown, args] as const))('%s: is one', (_, args) => {
    expect(() => parse(args)).not.toThrow();
  });

  it('that npm runs are scripts of the package', () => {
    for (const { text, file, at } of LINES)
      for (const [, script] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g))
        expect(scripts, `${file}:${at} ${text}`).toHaveProperty(script);
  });

  it('that stand in the text name commands and flags that there are', () => {
    for (const page of PAGES)
      for (const [, text] of pageText(page).matchAll(/`(?:npx )?synclr ([a-z][^`]*)`/g)) {
        const [name, ...rest] = text.split(/\s+/);
        if (!commands.has(name) && name !== 'help') throw new Error(`${page}: \`synclr ${text}\`: no such command`);
        const known = [...(commands.get(name)?.flags ?? []).map((f) => f.name), 'json', 'quiet', 'help', 'help-all'];
        for (const flag of rest.filter((word) => /^--[a-z][\w-]*$/.test(word)))
          expect(known, `${page}: \`synclr ${text}\``).toContain(flag.slice(2));
      }
  });
});

/** Pages that take seconds; the others make runs of their own. */
const SHORT = ['docs/captions.md', 'docs/concepts.md', 'docs/encoder.md', 'docs/search.md'];

describe('commands of README and docs, executed', () => {
  let base: string;
  beforeAll(async () => {
    base = mkdtempSync(join(tmpdir(), 'synclr-docs-'));
    await prepare(base);
  }, 300_000);
  afterAll(() => rmSync(base, { recursive: true }));

  const reason = (text: string) => NOT_EXECUTED.find(({ begins }) => text.replace(/^npx /, '').startsWith(begins));

  it('has no reason for a line that is gone', () => {
    const lines = OURS.map(({ text }) => text.replace(/^npx /, ''));
    for (const { begins } of NOT_EXECUTED)
      expect(
        lines.filter((l) => l.startsWith(begins)),
        begins,
      ).not.toEqual([]);
  });

  const executed = PAGES.filter((page) => OURS.some((line) => line.file === page && !reason(line.text)));
  it.each(executed.filter((page) => SHORT.includes(page)))('those of %s', (page) => execute(page, command), 300_000);
  it.each(executed.filter((page) => !SHORT.includes(page)))(
    'those of %s',
    { tags: 'nightly', timeout: 300_000 },
    (page) => execute(page, synclr),
  );

  // One folder a page: its lines build on each other.
  async function execute(page: string, run: typeof command): Promise<void> {
    const cwd = join(base, page.replace(/\W/g, '-'));
    cpSync(join(base, 'common'), cwd, { recursive: true });
    for (const { args, text, shown } of OURS.filter((line) => line.file === page)) {
      if (reason(text)) continue;
      const r = await run([...withoutMinutes(args), ...smaller(args)], cwd);
      expect(
        r.code,
        `${shown}\n${r.stdout}${r.stderr}\n(one that cannot run here goes to test/docs/not-executed.ts)`,
      ).toBe(0);
    }
  }
});

/** A run here has a length of its own; test/minutes.test.ts tries fitted ones. */
function withoutMinutes(args: readonly string[]): string[] {
  const at = args.indexOf('--minutes');
  return at < 0 ? [...args] : [...args.slice(0, at), ...args.slice(at + 2)];
}

/** What is put behind a command line so that it takes seconds. */
function smaller(args: readonly string[]): string[] {
  const [name] = args;
  if (args.some((a) => a === '--help' || a === '--help-all')) return [];
  if (name === 'images' && args.includes('--preview'))
    return [...micro(), ...(args.includes('--caption') ? [] : ['--rows', '2'])];
  if (!['run', 'captions', 'images', 'train', 'eval'].includes(name)) return [];
  const method = LEARNER_NAMES.find((n) => n === args[args.indexOf('--learn.method') + 1]);
  if (!method) return micro();
  return Object.entries(microOf(method)).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
}

/** What the pages take for granted: files of concepts, photos, and runs that are there already. */
async function prepare(dir: string): Promise<void> {
  const common = join(dir, 'common');
  mkdirSync(common);
  await photos(common);
  const concepts = [
    'office chair',
    'desk lamp',
    'French press',
    'rusty gear',
    'wool sock',
    'area rug',
    'oak tree',
    'teapot',
  ];
  for (const name of ['parts.txt', 'products.txt', 'concepts.txt', 'plants.txt'])
    writeFileSync(join(common, name), `${concepts.join('\n')}\n`);
  const made = await command(['run', '--preset', 'tiny', '--out', 'runs/tiny', ...micro()], common);
  if (made.code !== 0 || !existsSync(join(common, 'runs/tiny/report.html'))) throw new Error(made.stdout + made.stderr);
  for (const name of ['mine', 'served'])
    cpSync(join(common, 'runs/tiny'), join(common, 'runs', name), { recursive: true });
}
