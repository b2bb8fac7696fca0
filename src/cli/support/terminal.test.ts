import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fitColumns } from './columns.js';
import { Terminal } from './terminal.js';

const ESCAPES = '\u001b]52;c;Y3VybA==\u0007\u001b[2J\u009b31m\u202e\u0000';
const FORGED = `full disk\nsynclr: done\r\nsynclr: really${ESCAPES}`;

function stream(columns?: number) {
  const out = new PassThrough() as unknown as NodeJS.WriteStream;
  if (columns !== undefined) Object.assign(out, { isTTY: true, columns });
  const chunks: string[] = [];
  out.on('data', (d: Buffer) => chunks.push(d.toString()));
  return { out, text: () => chunks.join('') };
}

describe('what comes from outside', () => {
  it('is one line, without commands to the terminal, by every way out', () => {
    const { out, text } = stream();
    const t = new Terminal(out, out);
    t.line(FORGED);
    t.warn(FORGED);
    t.error(`synclr: ${FORGED}`);
    t.stack(new Error(FORGED));
    t.stack(FORGED);
    const hooks = t.hooks(new AbortController().signal);
    hooks.note?.(FORGED);
    hooks.warn(`${FORGED}!`);
    hooks.progress({ stage: 'captions', done: 0, total: 2, unit: 'captions' });
    hooks.progress({ stage: 'captions', done: 2, total: 2, unit: FORGED, detail: { [FORGED]: 1 } });
    t.finish();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text()).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text()).not.toMatch(/^synclr: (done|really)/m);
    expect(text()).toContain('full disk synclr: done synclr: really\\u001b]52;c;');
  });

  it('shows places of a stack, and none that a message forges', () => {
    const { out, text } = stream();
    new Terminal(out, out).stack(new Error('wrong\n    at forged (file:1:1)'));
    const lines = text().trimEnd().split('\n');
    expect(lines[0]).toBe('Error: wrong at forged (file:1:1)');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {4}at (?!forged)/);
  });

  it('fits into the live line by its columns, not its characters', async () => {
    const { out, text } = stream(60);
    const { CI, TERM } = process.env;
    delete process.env.CI;
    process.env.TERM = 'xterm';
    try {
      const t = new Terminal(out, out);
      const { progress } = t.hooks(new AbortController().signal);
      progress({ stage: 'images', done: 0, total: 9, unit: `猫${'猫'.repeat(80)}` });
      const shown = text().replace('\r\u001b[2K', '');
      expect(shown).toBe(fitColumns(shown, 59));
      expect([...shown].length).toBeLessThan(59);
    } finally {
      if (CI !== undefined) process.env.CI = CI;
      process.env.TERM = TERM;
    }
  });
});

describe('columns', () => {
  it.each([
    ['plain text', 5, 'plain'],
    ['猫猫猫', 5, '猫猫'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301e\u0301'],
    ['👩‍👩‍👧 family', 3, '👩‍👩‍👧 '],
    ['ｆｕｌｌ', 3, 'ｆ'],
    ['', 4, ''],
  ])('of %s: %i hold %s', (text, columns, fits) => {
    expect(fitColumns(text, columns)).toBe(fits);
  });
});

it('nothing but the terminal writes to the process’s streams', () => {
  const src = fileURLToPath(new URL('../..', import.meta.url));
  const allowed = new Map([
    ['cli/support/terminal.ts', /./],
    // Their one line is read by the process that started them.
    ['cli/support/try-llama.ts', /console\.log\($|console\.log\(`failed/],
    ['cli/support/try-provider.ts', /console\.log\(`(ok|failed) /],
    ['runtime/xla/try-plugin.ts', /process\.stdout\.write\(/],
    ['runtime/xla/compile-apart.ts', /process\.stdout\.write\(/],
    ['captions/models/try-gguf.ts', /console\.log\(('ok'|`failed )/],
    ['apart.ts', /child\.std(out|err)\.on\(/],
    ['cli/main.ts', /process\.stdout\.on\('error'/],
  ]);
  const found: string[] = [];
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!/(?<!\.test)\.ts$/.test(file)) continue;
    const path = relative(src, join(src, file)).replaceAll('\\', '/');
    for (const line of readFileSync(join(src, file), 'utf8').split('\n')) {
      if (
        !/\bconsole\.\w+\(|\bprocess\.(stdout|stderr)\b|\.(stdout|stderr)\.(write|on)\(|\bwriteSync\(\s*[12]\b/.test(
          line,
        )
      )
        continue;
      if (!allowed.get(path)?.test(line)) found.push(`${path}: ${line.trim()}`);
    }
  }
  expect(found).toEqual([]);
});
