import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ablate, runDir } from '../src/ablate/ablate.js';
import { readGrid } from '../src/ablate/grid.js';
import { tablesOf } from '../src/ablate/table.js';
import { Interrupted } from '../src/errors.js';
import type { StageHooks } from '../src/stage.js';
import { smallGrid } from './ablate.js';
import { command } from './command.js';

/** A grid of two cells with few steps, to its tables. test/nightly/ablate-kill.test.ts kills it. */

let cwd: string;
const at = (...names: string[]) => join(cwd, ...names);
const put = (name: string, grid: object) => writeFileSync(at(name), JSON.stringify(grid));
const quiet: StageHooks = { signal: new AbortController().signal, progress() {}, warn() {} };

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-ablate-'));
  put('grid.json', smallGrid());
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('synclr ablate', { timeout: 240_000 }, () => {
  it('trains every cell with every seed, and writes tables beside the paper’s figures', async () => {
    const r = await command(['ablate', '--grid', 'grid.json', '--out', 'a'], cwd);
    expect(r, r.stdout + r.stderr).toMatchObject({ code: 0 });
    expect(r.stdout).toMatch(/SynCLR: all three +[\d.]+ ± [\d.]+ +[\d.]+ ± [\d.]+ +78\.8 +88\.1 +50\.8/);
    expect(r.stdout).toMatch(/SimCLR: image +[\d.]+ ± [\d.]+ +[\d.]+ ± [\d.]+ +63\.6 +67\.9/);
    const { results } = JSON.parse(readFileSync(at('a/results.json'), 'utf8'));
    expect(results.map((x: { cell: string; seed: number }) => [x.cell, x.seed])).toEqual([
      ['synclr', 0],
      ['simclr', 0],
      ['synclr', 1],
      ['simclr', 1],
    ]);
    // Baselines once a seed, for all cells.
    const features = results.map((x: { scores: { features: string }[] }) => x.scores.map((s) => s.features).join());
    expect(features.map((f: string) => f.includes('untrained'))).toEqual([true, false, true, false]);
    expect(readFileSync(at('a/results.csv'), 'utf8').trim().split('\n').length).toBeGreaterThan(8);
    const page = readFileSync(at('a/report.html'), 'utf8');
    expect(page).toContain('Table 5: What counts as alike');
    expect(page).toContain('<svg');
    // One corpus, and one set of test images.
    expect(existsSync(at('a/cells/synclr/seed-0/images'))).toBe(false);
    expect(existsSync(at('a/cells/synclr/seed-0/own-concepts'))).toBe(false);
  });

  it('has nothing left to do the second time, and prints its tables for a page', async () => {
    const newest = () => statSync(at('a/cells/simclr/seed-1/checkpoints/step-00000004.safetensors')).mtimeMs;
    const before = newest();
    const again = await command(['ablate', '--grid', 'grid.json', '--out', 'a', '--json'], cwd);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(newest()).toBe(before);
    const shown = await command(['ablate', '--grid', 'grid.json', '--out', 'a', '--markdown'], cwd);
    expect(shown.stdout).toMatch(/^\| SimCLR: image \| [\d.]+ ± [\d.]+ \| [\d.]+ ± [\d.]+ \| 63\.6 \| 67\.9 \|$/m);
    const { tables } = JSON.parse(again.stdout);
    expect(tables).toEqual(JSON.parse(readFileSync(at('a/results.json'), 'utf8')).tables);
  });

  it('stopped inside a cell, goes on to the same figures; one that diverges is noted, and others go on', async () => {
    const grid = await readGrid(at('grid.json'));
    const wild = {
      name: 'wild',
      settings: { ...grid.cells[0].settings, optim: { lr: 1e30, warmup: 0, clip: 0 } },
      rows: ['4/+ EMA'],
    };
    const o = { grid: { ...grid, cells: [wild, ...grid.cells], seeds: [0] }, dir: at('b') };
    const stop = new AbortController();
    let cell = '';
    const hooks: StageHooks = {
      ...quiet,
      signal: stop.signal,
      note: (line) => (cell = /^cell \d of \d: (\w+)/.exec(line)?.[1] ?? cell),
      progress: ({ stage, done }) => cell === 'simclr' && stage === 'train' && done >= 2 && stop.abort(),
    };
    await expect(ablate({ ...o, hooks })).rejects.toThrow(Interrupted);
    const done: string[] = [];
    const { results } = await ablate({ ...o, hooks: quiet, done: (r) => void done.push(r.cell) });
    expect(results[0]).toMatchObject({
      cell: 'wild',
      diverged: expect.stringMatching(/^training diverged at step \d/),
    });
    const all = JSON.parse(readFileSync(at('a/results.json'), 'utf8')).results;
    const figures = (rs: { cell: string; seed: number; scores: { features: string }[] }[]) =>
      rs
        .filter((r) => r.seed === 0 && r.cell !== 'wild')
        .map((r) => [r.cell, r.scores.filter((s) => s.features === 'trained')]);
    expect(figures(results)).toEqual(figures(all));
    const [four] = tablesOf({ grid: o.grid, results, left: [] });
    expect(four.rows.find((r) => r.label === '+ EMA')?.note).toMatch(/^training diverged/);
  });

  it('refuses what is not known, or not what the folder holds, before it begins', async () => {
    const refused = async (args: string[], says: RegExp) => {
      const r = await command(['ablate', ...args], cwd);
      expect(r.code, r.stdout + r.stderr).toBe(2);
      expect(r.stderr).toMatch(says);
      expect(r.stderr.trimEnd()).not.toContain('\n');
    };
    const cells = [{ name: 'a', settings: { learn: { method: 'simclr', ibot: 1 } } }];
    put('unknown.json', smallGrid({ cells }));
    await refused(['--grid', 'unknown.json', '--out', 'c'], /^synclr: cell a: .*learn\.ibot.*of learn\.method synclr/);
    put('typo.json', smallGrid({ cells: [{ name: 'a', settings: { views: { globlSize: 3 } } }] }));
    await refused(['--grid', 'typo.json', '--out', 'c'], /^synclr: cell a: .*globlSize/);
    put('none.json', smallGrid({ cells: [] }));
    await refused(['--grid', 'none.json', '--out', 'c'], /^synclr: none\.json: no cells/);
    await refused(
      ['--grid', 'grid.json', '--out', 'a', '--steps', '6'],
      /holds a run with other settings: .*train\.steps/,
    );
    await refused(['--grid', 'grid.json', '--tables', '9'], /^synclr: --tables 9: no such table; there are 4, 5/);
    await refused(['--steps', '4', '--minutes', '1'], /two budgets/);
    await refused(['--markdown', '--out', 'none'], /--markdown: no such folder: none/);
    expect(existsSync(at('c'))).toBe(false);
    expect(existsSync(runDir(at('a'), 'simclr', 2))).toBe(false);
  });
});
