import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Rng } from '../src/rng.js';
import { command } from './command.js';
import { testSeed } from './numbers.js';
import { type Outcome, synclr } from './process.js';

const PATIENCE_MS = 120_000;

const seed = testSeed('secrets.test.ts');
const rng = Rng.of(seed, 'secrets');
const cwd = mkdtempSync(join(tmpdir(), 'synclr-secrets-'));
afterAll(() => rmSync(cwd, { recursive: true }));

/** A key of any characters: blanks, quotes, brackets, letters of other scripts. */
function secret(): string {
  const alphabet = [...'abz019 _"\'`$\\/:;,=&?#@%[]{}()<>|!*éß猫🐈'];
  return `XqZ${Array.from({ length: 6 }, () => rng.pick(alphabet)).join('')} XqZ`;
}

/** All that a run left behind and said. */
function everything(dir: string, ...said: Outcome[]): string {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  return [...files, ...said.map((r) => r.stdout + r.stderr)].join('\n');
}

const SMALL = ['--captions', '8', '--concepts.limit', '40', '--train.captionsPerBatch', '4'];

it(
  'keys stand nowhere in a run’s folder and in nothing that is printed',
  async () => {
    writeFileSync(
      join(cwd, 'own.json'),
      JSON.stringify({ runtime: { writer: { key: secret(), url: `http://u:${secret()}@h/v1?token=${secret()}` } } }),
    );
    writeFileSync(join(cwd, 'key.txt'), `${secret()}\n`, { mode: 0o600 });
    const ways = [
      [`--runtime.painter.key=user:${secret()}`, '--runtime.writer.key', secret()],
      [
        '--writer-url',
        `http:/u:${secret()}@host`,
        `--runtime.painter.url=//u:${secret()}@host?pw=${secret()}#token=${secret()}`,
      ],
      ['--config', 'own.json'],
      ['--runtime.writer.keyFile', 'key.txt'],
    ];
    for (const [i, way] of ways.entries()) {
      const out = `runs/${i}`;
      // The first as users do it; the others only differ in where the key comes from.
      const run = i === 0 ? synclr : command;
      const done = await run(['captions', '--out', out, ...SMALL, ...way], cwd);
      expect(done.stderr).toBe('');
      expect(done.code).toBe(0);
      const report = await run(['report', out], cwd);
      expect(report.code).toBe(0);
      expect(everything(join(cwd, out), done, report)).not.toContain('XqZ');
    }
    const config = JSON.parse(readFileSync(join(cwd, 'runs/0/config.json'), 'utf8')) as { command: string };
    expect(config.command).toBe(
      'synclr captions --out runs/0 --captions 8 --concepts.limit 40 --train.captionsPerBatch 4 --runtime.painter.key=… --runtime.writer.key …',
    );
  },
  PATIENCE_MS,
);

it(
  'nor in what is said of a mistake',
  async () => {
    const broken = join(cwd, 'broken.json');
    writeFileSync(broken, '{"runtime": {"writer": {"key": XqZ-1}}}');
    writeFileSync(join(cwd, 'typed.json'), '{"runtime": {"writer": {"key": ["XqZ-1"]}}}');
    for (const args of [
      ['--runtime.writer.kye=XqZ-1'],
      ['--runtime.writer.kye', 'XqZ-1'],
      ['--runtime.writer.key:XqZ-1'],
      ['--runtime.writer.keyXqZ-1'],
      ['--runtime.painter.key', 'user:two', 'XqZ'],
      ['--runtime.painter.key=user:two', 'XqZ', 'more'],
      ['--wrong', 'http://u:XqZ@host'],
      ['http://u:XqZ@host'],
      ['--config', 'broken.json'],
      ['--config', 'typed.json'],
      ['--writer', 'openai', '--writer-url', 'http://u:XqZ@host'],
      ['--writer', 'openai', '--writer-url', 'http:/u:p/XqZ@host'],
      ['--writer', 'openai', '--runtime.writer.key', 'two XqZ'],
    ]) {
      const r = await command(['captions', ...SMALL, ...args], cwd);
      expect(r.code, args.join(' ')).toBe(2);
      expect(r.stderr, args.join(' ')).toMatch(/^synclr: [^\n]*\n$/);
      expect(r.stdout + r.stderr).not.toContain('XqZ');
    }
  },
  PATIENCE_MS,
);
