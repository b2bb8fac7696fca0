import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkGrid, type Grid, merged, ofTables, readGrid } from './grid.js';
import { PAPER } from './paper.js';
import { standardGrid } from './standard.js';
import { estimate, pooledDeviation, studentT } from './statistics.js';
import { scoresCsv, tablesMarkdown, tablesOf, tablesText } from './table.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'synclr-grid-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const read = (grid: unknown) => {
  const file = join(dir, 'grid.json');
  writeFileSync(file, JSON.stringify(grid));
  return readGrid(file);
};

describe('a grid file', () => {
  const cells = [{ name: 'a' }];
  it.each<[string, object, RegExp]>([
    ['no cells', { cells: [] }, /grid\.json: no cells: give some under "cells"/],
    ['two of one name', { cells: [{ name: 'a' }, { name: 'a' }] }, /two cells have the name a/],
    ['an unknown key', { cells, step: 4 }, /grid\.json: .*"step"/],
    [
      'a corpus that is none',
      { cells: [{ name: 'a', corpus: 'b' }] },
      /cell a learns from corpus b, which is not under/,
    ],
    ['two budgets', { cells, steps: 4, minutes: 1 }, /steps and minutes are two budgets/],
    [
      'images in a cell',
      { cells: [{ name: 'a', settings: { images: { perCaption: 2 } } }] },
      /settings of images make/,
    ],
    ['a name that is no folder’s', { cells: [{ name: '../a' }] }, /grid\.json: cells\.0\.name/],
    ['a row without table', { cells: [{ name: 'a', rows: ['x'] }] }, /row x has no table/],
    [
      'rows beside axes',
      { cells: [{ name: 'a', rows: ['4/SynCLR'] }], axes: { t: { x: {} } } },
      /cell a: rows go with cells alone/,
    ],
    ['an unknown preset', { cells, preset: 'tinny' }, /grid\.json: preset/],
    ['a seed twice', { cells, seeds: [1, 1] }, /a seed is there twice/],
  ])('with %s is refused in one line', async (_, grid, says) => {
    const refused = await read(grid).catch((e: Error) => e);
    expect(refused).toMatchObject({ name: 'UserError', message: expect.stringMatching(says) });
    expect((refused as Error).message).not.toContain('\n');
  });

  it('crosses its axes with its cells, and later values win', async () => {
    const grid = await read({
      cells: [{ name: 'a', settings: { optim: { lr: 1, warmup: 3 } } }, { name: 'b' }],
      axes: {
        rate: { low: { optim: { lr: 0.1 } }, high: { optim: { lr: 0.2 } } },
        crops: { none: {}, two: { views: { localCount: 2 } } },
      },
    });
    expect(grid.cells.map((c) => c.name)).toEqual(
      ['a', 'b'].flatMap((n) => ['low', 'high'].flatMap((r) => ['none', 'two'].map((c) => `${n}-${r}-${c}`))),
    );
    expect(grid.cells[1].settings).toEqual({ optim: { lr: 0.1, warmup: 3 }, views: { localCount: 2 } });
    expect(grid.cells[1].rows).toEqual(['rate × crops/a-low-two']);
  });
});

describe('the standard grid', () => {
  it('has every row of tables 4, 5 and 10 under the paper’s names, and says what is left out', () => {
    const grid = standardGrid('ablate-tiny');
    const rows = [...grid.cells.flatMap((c) => c.rows), ...grid.left.map((l) => l.row)];
    for (const table of ['3', '4', '5', '10'] as const)
      for (const row of Object.keys(PAPER[table].rows)) expect(rows).toContain(`${table}/${row}`);
    expect(grid.left.map((l) => l.why).join()).toMatch(/no language model is configured/);
    expect(rows).toEqual(
      expect.arrayContaining(['2/class name', '2/template sentence', 'captions × images/3,072 × 2']),
    );
  });

  it('has a cell for a language model and for guidance, where there are such', () => {
    const grid = standardGrid('ablate-tiny', {
      captions: { writer: 'openai', model: 'newt' },
      images: { painter: 'a1111' },
    });
    expect(grid.corpora['captions-language-model']).toMatchObject({ captions: { writer: 'openai', model: 'newt' } });
    expect(grid.settings.captions).not.toHaveProperty('writer');
    expect(grid.corpora['guidance-3']).toEqual({ images: { guidance: 3 } });
    expect(grid.left).toEqual([]);
  });

  it('is cut to some tables, with the corpora that they need', () => {
    const grid = ofTables(standardGrid('ablate-tiny'), ['5']);
    expect(grid.cells.map((c) => c.name)).toEqual(['stablerep', 'supervised', 'simclr']);
    expect(grid.corpora).toEqual({});
    expect(() => ofTables(grid, ['7'])).toThrow(/^--tables 7: no such table; there are 5$/);
  });
});

it('the paper’s figures are those of the reference', () => {
  const path = resolve(process.env.SYNCLR_LEARNERS ?? '../shared/reference/evaluation/learners', 'facts.json');
  if (!existsSync(path)) {
    console.log(`no ${path} (SYNCLR_LEARNERS names its folder): the paper’s figures are not compared`);
    return;
  }
  const facts = JSON.parse(readFileSync(path, 'utf8'));
  const values = (rows: object) => Object.values(rows);
  expect(values(PAPER[2].rows)).toEqual(values(facts.table_2_caption_strategies.rows));
  expect(values(PAPER[3].rows).flat()).toEqual(facts.table_3_guidance.in_top1);
  expect(values(PAPER[4].rows)).toEqual(facts.table_4_components.rows.map((r: unknown[]) => r.slice(4)));
  expect(values(PAPER[5].rows)).toEqual(values(facts.table_5_objectives.rows));
  const [syn] = values(facts.table_10_clip_same_data.rows) as number[][];
  expect(values(PAPER[10].rows)).toEqual([syn.slice(0, 2), syn.slice(2)]);
});

describe('means over seeds', () => {
  it('have one deviation for all cells', () => {
    // Deviations of ±1 about 10 and ±2 about 20: (2 + 8) / 2.
    const spread = pooledDeviation([[9, 11], [18, 22], [5]])!;
    expect(spread).toEqual({ deviation: Math.sqrt(5), freedom: 2 });
    const e = estimate([9, 11], spread)!;
    expect(e.mean).toBe(10);
    expect(e.half).toBeCloseTo((4.303 * Math.sqrt(5)) / Math.SQRT2, 3);
    expect(estimate([5], undefined)).toEqual({ mean: 5, values: [5] });
    expect(estimate([], spread)).toBeUndefined();
  });

  it('take Student’s t, which goes over into the normal’s', () => {
    expect(studentT(30)).toBeCloseTo(2.042, 3);
    expect(studentT(40)).toBeCloseTo(2.021, 3);
    expect(studentT(120)).toBeCloseTo(1.98, 3);
  });
});

describe('tables', () => {
  const grid: Grid = checkGrid(
    {
      ...standardGrid('ablate-tiny'),
      cells: [
        { name: 'full', settings: {}, rows: ['4/SynCLR: all three', 'mine/full'] },
        { name: 'bare', settings: {}, rows: ['4/StableRep'] },
        { name: 'wild', settings: {}, rows: ['4/+ EMA'] },
      ],
      corpora: {},
      left: [],
    },
    'test',
  );
  const score = (linear: number, features = 'trained') => ({
    set: 'own',
    features,
    linear,
    knn: linear - 0.1,
    chance: 0.1,
    test: 100,
  });
  const result = (cell: string, seed: number, scores: ReturnType<typeof score>[], diverged?: string) =>
    ({ format: 'synclr-ablation-cell', key: '', cell, seed, steps: 5, scores, diverged }) as const;
  const results = [
    result('full', 0, [score(0.5), score(0.3, 'untrained')]),
    result('full', 1, [score(0.54), score(0.32, 'untrained')]),
    result('bare', 0, [score(0.4)]),
    result('bare', 1, [score(0.42)]),
    result('wild', 0, [], 'training diverged at step 3'),
  ];
  const tables = tablesOf({ grid, results: [...results], left: [] });

  it('have the paper’s rows in its order, with its figures, means and what diverged', () => {
    expect(tables.map((t) => t.title)).toEqual(['Table 4: What SynCLR adds to StableRep', 'mine']);
    const [four, mine] = tables;
    expect(four.rows.map((r) => r.label)).toEqual([...Object.keys(PAPER[4].rows), 'untrained']);
    expect(four.rows[0].values[0]!.mean).toBeCloseTo(41, 6);
    // Deviations √((0.04² + 0.02²) / 2 / 2), two degrees of freedom.
    expect(four.rows[0].values[0]!.half).toBeCloseTo((4.303 * Math.sqrt((8 + 2) / 2)) / Math.SQRT2, 2);
    expect(four.rows[1]).toMatchObject({ note: 'training diverged at step 3', paper: [76.7, 86.7, 48.0] });
    expect(mine.rows.map((r) => r.label)).toEqual(['full', 'untrained']);
  });

  it('read as text, Markdown and lines of figures', () => {
    const text = tablesText(tables);
    expect(text).toMatch(/SynCLR: all three +52\.0 ± 6\.8 +42\.0 ± 6\.8 +78\.8 +88\.1 +50\.8/);
    expect(text).toContain('+ EMA: training diverged at step 3');
    expect(tablesMarkdown(tables)).toContain('| StableRep | 41.0 ± 6.8 | 31.0 ± 6.8 | 75.8 | 85.7 | – |');
    const lines = scoresCsv({ grid, results: [...results], left: [] })
      .trim()
      .split('\n');
    expect(lines[0].split(',')).toHaveLength(11);
    expect(lines).toContain('full,1,5,,own,trained,linear,54.00,10.00,100,');
    expect(lines.at(-1)).toBe('wild,0,5,,,,,,,,training diverged at step 3');
  });
});

it('settings lie over settings', () => {
  expect(merged({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] } })).toEqual({ a: { b: 1, c: [3] }, d: 1 });
});
