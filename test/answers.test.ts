import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { micro } from './micro.js';
import { type Outcome, synclr } from './process.js';

/** What programs get: with --json one document on stdout and nothing else; with --quiet the answer alone. */

let cwd: string;
let made: Outcome;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-answers-'));
  made = await synclr(['run', '--out', 'a', ...micro(), '--json'], cwd);
}, 180_000);
afterAll(() => rmSync(cwd, { recursive: true }));

const document = ({ code, stdout, stderr }: Outcome): Record<string, unknown> => {
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
};
const ask = async (...args: string[]) => document(await synclr([...args, '--json'], cwd));

describe('--json', () => {
  it('of run: folder, encoder, report, probes; all else goes to stderr', () => {
    const answer = document(made);
    const datasets = [{ name: 'own-concepts' }, { name: 'held-out' }];
    expect(answer).toMatchObject({ folder: 'a', probes: { datasets } });
    expect(String(answer.encoder)).toMatch(/a[\\/]encoder$/);
    expect(String(answer.report)).toMatch(/a[\\/]report\.html$/);
    expect(answer.seconds).toBeGreaterThan(0);
    expect(made.stderr).toContain('synclr begins a (preset tiny, seed 0)');
    expect(made.stderr).toMatch(/^train: 24 steps in /m);
  });

  it('of the stages and of what looks at them', async () => {
    const rows = expect.any(Array);
    expect(await ask('eval', '--out', 'a')).toMatchObject({ datasets: [{ rows }, { rows }] });
    const page = { path: expect.stringMatching(/report\.html$/), old: false };
    expect(await ask('report', 'a')).toMatchObject({ report: page, steps: { done: 24, total: 24 } });
    expect(await ask('export', 'a')).toEqual({ encoder: expect.stringMatching(/encoder$/) });
    expect(await ask('captions', '--out', 'a', '--report')).toHaveProperty('captions');
    const sheet = await ask('images', '--out', 'a', '--preview', '--rows', '2', '--sheet', 'two.png');
    expect(sheet).toEqual({ sheet: 'two.png', captions: [expect.any(String), expect.any(String)] });
    const again = await ask('images', '--out', 'a', '--again', '3');
    expect(again).toMatchObject({ id: 3, images: Array(4).fill({ identical: true, largest: 0 }) });
    expect(await ask('backend')).toHaveProperty('auto');
    expect(await ask('schema')).toHaveProperty('properties');
  });

  it('an error is one line on stderr, and stdout stays empty', async () => {
    const r = await synclr(['eval', '--out', 'none', '--json'], cwd);
    expect(r).toMatchObject({ code: 2, stdout: '' });
    expect(r.stderr).toMatch(/^synclr: .*\n$/);
  });
});

describe('--quiet', () => {
  it('leaves the answer', async () => {
    const r = await synclr(['eval', '--out', 'a', '--quiet'], cwd);
    expect(r).toMatchObject({ code: 0, stderr: '' });
    expect(r.stdout).toMatch(/^\s*data set +features/);
    expect(r.stdout).not.toMatch(/synclr continues|eval:/);
    const report = await synclr(['report', 'a', '--quiet'], cwd);
    expect(report).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^report: .*\n$/) });
  });

  it('leaves nothing of a stage that answers nothing', async () => {
    const r = await synclr(['captions', '--out', 'b', ...micro(), '--quiet'], cwd);
    expect(r).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});
