import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEncoder, writeImages } from '../../test/tiny-encoder.js';
import { resolveSettings } from '../config/resolve.js';
import { Interrupted } from '../errors.js';
import { type CompareOptions, type Comparison, compare, hasFailed } from './compare.js';
import { CSV_HEAD, comparisonCsv } from './csv.js';
import type { Protocol, SplitFeatures } from './protocol.js';
import { PROTOCOLS } from './protocols/index.js';
import { openSets } from './sets.js';
import { suitesNamed, wantedBy } from './suites.js';
import { comparisonTables, tablesMarkdown, tablesText } from './table.js';
import { writeComparison } from './write.js';

const dir = mkdtempSync(join(tmpdir(), 'compare-'));
const [a, b, data] = ['a', 'b', 'data'].map((name) => join(dir, name));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

beforeAll(async () => {
  const settings = resolveSettings({
    flags: { 'model.dim': 32, 'model.depth': 1, 'model.heads': 2, 'views.globalSize': 16, 'model.patch': 4 },
  });
  await writeEncoder(a, settings, 1);
  await writeEncoder(b, settings, 2);
  await writeImages(join(data, 'colours'), { train: 8, test: 6 });
  await writeImages(join(data, 'pair'), { train: 4, test: 4 }, ['red', 'green']);
});

/** How often a protocol was run, and what is to happen in it. */
let runs: string[] = [];
let within: (cell: string) => void = () => {};

function nearestLabels(train: SplitFeatures, test: SplitFeatures): number[] {
  const row = (s: SplitFeatures, i: number) => s.x.subarray(i * s.dim, (i + 1) * s.dim);
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, i) => sum + v * y[i], 0);
  return Array.from(test.labels, (_, i) => {
    const cosines = Array.from(
      train.labels,
      (_, j) => dot(row(test, i), row(train, j)) / Math.sqrt(dot(row(train, j), row(train, j))),
    );
    return train.labels[cosines.indexOf(Math.max(...cosines))];
  });
}

/** The nearest picture's class, by cosine. */
const nearest: Protocol = {
  name: 'nearest',
  title: 'Nearest picture',
  source: 'a test',
  tasks: ['single'],
  needs: 'features',
  settings: (o) => ({ k: 1, ...(o.nearest as object) }),
  refuses: ({ set }) => (set.classes.length < 2 ? 'one class' : undefined),
  async run({ features, set, encoder }) {
    runs.push(`${encoder.origin} ${set.name}`);
    within(`${encoder.origin} ${set.name}`);
    const { train, test: t } = await features();
    const found = nearestLabels(train, t);
    const values = Float32Array.from(t.labels, (label, i) => Number(found[i] === label));
    const share = values.reduce((s, v) => s + v, 0) / values.length;
    const perImage = { of: 'mean', values, index: t.index } as const;
    return {
      metrics: { 'top-1': share },
      main: 'top-1',
      interval: [share / 2, (1 + share) / 2],
      perImage,
      details: {},
    };
  },
};

const warned: string[] = [];
const options = (more: Partial<CompareOptions> = {}): CompareOptions => ({
  encoders: [`first=${a}`, `second=${b}`, `untrained=untrained:${a}`, 'pixels'],
  protocols: ['nearest'],
  data,
  out: join(dir, 'out'),
  among: [nearest],
  runtime: { provider: 'cpu', threads: 1 },
  hooks: { signal: new AbortController().signal, progress() {}, warn: (line) => void warned.push(line) },
  ...more,
});

let whole: Comparison;

test('every encoder on every set, and again for nothing', async () => {
  runs = [];
  whole = await compare(options());
  expect(whole.cells.map((c) => `${c.protocol} ${c.set} ${c.encoder} ${c.state}`)).toEqual(
    ['colours', 'pair'].flatMap((set) =>
      ['first', 'second', 'untrained', 'pixels'].map((e) => `nearest ${set} ${e} done`),
    ),
  );
  expect(runs).toHaveLength(8);
  // Colours are told apart by any of them.
  for (const c of whole.cells) expect(c.record!.result.metrics['top-1']).toBeGreaterThan(0.6);
  expect(whole.encoders.map((e) => e.hash).length).toBe(new Set(whole.encoders.map((e) => e.hash)).size);
  expect(hasFailed(whole)).toBe(false);

  const again = await compare(options());
  expect(runs).toHaveLength(8);
  expect(again.cells.every((c) => c.state === 'kept')).toBe(true);
  expect(again.cells.map((c) => c.record!.result)).toEqual(whole.cells.map((c) => c.record!.result));
  expect(again.differences).toEqual(whole.differences);
});

test('what decides a result is in the key', async () => {
  runs = [];
  await compare(options({ seed: 3 }));
  await compare(options({ options: { nearest: { k: 1 } } }));
  expect(runs).toHaveLength(8);
  await compare(options({ options: { nearest: { k: 2 } }, encoders: [a] }));
  expect(runs).toHaveLength(10);
  await expect(compare(options({ options: { nearest: { kk: 2 } } }))).rejects.toThrow(/nearest\.kk.*valid: nearest\.k/);
  await expect(compare(options({ options: { nearest: { k: 'two' } } }))).rejects.toThrow('expected a number');
});

test('features are kept, and made again where they are damaged', async () => {
  const features = join(dir, 'out', 'features');
  const files = readdirSync(features)
    .filter((f) => f.startsWith('colours.'))
    .map((f) => join(features, f, 'test-00000.safetensors'));
  const before = files.map((file) => readFileSync(file));
  for (const [i, file] of files.entries()) {
    const damaged = Buffer.from(before[i]);
    damaged[damaged.length - 3] ^= 1;
    writeFileSync(file, damaged);
  }
  // The untrained one is another network with another seed.
  await compare(options({ seed: 4, encoders: [a, b, 'pixels'] }));
  expect(files.map((file, i) => readFileSync(file).equals(before[i])).filter(Boolean)).toHaveLength(3);
});

test('a cell that fails does not end the others', async () => {
  within = (cell) => {
    if (cell.includes(`${b}`) && cell.endsWith('pair')) throw new Error('something broke');
  };
  const c = await compare(
    options({ seed: 5, encoders: [a, b, join(dir, 'nothing')], evals: [{ name: 'none', dir: join(dir, 'none') }] }),
  );
  within = () => {};
  expect(c.cells.filter((x) => x.state === 'done')).toHaveLength(3);
  const [failed] = c.cells.filter((x) => x.state === 'failed');
  expect(failed.why).toContain('something broke');
  expect(c.failures.map((f) => f.what)).toEqual(['data set none', `encoder ${join(dir, 'nothing')}`]);
  expect(hasFailed(c)).toBe(true);
  expect(comparisonTables(c)[0].notes.join()).toContain('something broke');
  // It is measured when it is asked for again.
  const again = await compare(options({ seed: 5, encoders: [a, b] }));
  expect(again.cells.map((x) => x.state)).toEqual(['kept', 'kept', 'kept', 'done']);
});

test('what a cell would go on from stays while it fails, and goes once its result is kept', async () => {
  const at: string[] = [];
  const training: Protocol = {
    ...nearest,
    name: 'training',
    async run(cell) {
      at.push(cell.dir);
      mkdirSync(cell.dir, { recursive: true });
      writeFileSync(join(cell.dir, 'half'), '');
      if (at.length === 1) throw new Error('cut short');
      return nearest.run(cell);
    },
    clear: async (folder) => rmSync(join(folder, 'half')),
  };
  const asked = () => compare(options({ protocols: ['training'], among: [training], encoders: [a], seed: 7 }));
  expect((await asked()).cells.map((c) => c.state)).toEqual(['failed', 'done']);
  expect(at.map((folder) => existsSync(folder))).toEqual([true, false]);
  expect((await asked()).cells.map((c) => c.state)).toEqual(['done', 'kept']);
  expect(at[2]).toBe(at[0]);
  // As a kill between the two would leave it.
  mkdirSync(at[0]);
  writeFileSync(join(at[0], 'half'), '');
  expect((await asked()).cells.map((c) => c.state)).toEqual(['kept', 'kept']);
  expect(existsSync(at[0])).toBe(false);
});

test('stops between cells, and goes on there', async () => {
  const stop = new AbortController();
  const hooks = { ...options().hooks, signal: stop.signal };
  runs = [];
  within = () => runs.length === 3 && stop.abort();
  await expect(compare(options({ seed: 6, hooks }))).rejects.toThrow(Interrupted);
  within = () => {};
  const c = await compare(options({ seed: 6 }));
  expect(c.cells.filter((x) => x.state === 'kept')).toHaveLength(2);
  expect(runs).toHaveLength(3 + 6);
});

test('pictures that cannot be decoded are named and left out of both sides', async () => {
  const broken = join(dir, 'broken');
  await writeImages(join(broken, 'colours'), { train: 6, test: 4 });
  writeFileSync(
    join(broken, 'colours', 'test', 'red', '0.jpg'),
    readFileSync(join(broken, 'colours', 'test', 'red', '1.jpg')).subarray(0, 500),
  );
  warned.length = 0;
  const c = await compare(options({ data: broken }));
  expect(warned.filter((w) => w.includes('0.jpg'))).toHaveLength(1);
  for (const cell of c.cells)
    expect(cell.record!.result.skipped).toEqual([{ name: 'test/red/0.jpg', why: expect.any(String) }]);
  expect(c.differences.rows.every((d) => d.pictures === 11)).toBe(true);
});

test('tables, CSV, Markdown, page', async () => {
  const tables = comparisonTables(whole);
  expect(tables).toHaveLength(1);
  expect(tables[0].rows.map((r) => [r.label, r.values.length])).toEqual(
    ['first', 'second', 'untrained', 'pixels'].map((l) => [l, 2]),
  );
  const [first] = tables[0].rows;
  expect(first.average!.percent).toBeCloseTo((first.values[0]!.percent + first.values[1]!.percent) / 2);
  const csv = comparisonCsv(whole).trimEnd().split('\n');
  expect(csv[0]).toBe(CSV_HEAD);
  expect(csv).toHaveLength(9);
  for (const line of csv) expect(line.split(',')).toHaveLength(CSV_HEAD.split(',').length);
  expect(tablesMarkdown(whole, tables)).toContain('|  | colours | pair | average |\n|---|---:|---:|---:|');
  for (const line of tablesText(whole, tables, 40).split('\n').slice(2, 14)) expect(line.length).toBeLessThan(42);
  const paths = await writeComparison(whole, join(dir, 'out'));
  const page = readFileSync(paths.page, 'utf8');
  expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  expect(page).toContain('<rect class="bar"');
  const json = JSON.parse(readFileSync(paths.json, 'utf8'));
  expect(json.cells[0].record).toMatchObject({ seed: 0, protocol: 'nearest', encoder: { hash: expect.any(String) } });
  writeFileSync(paths.csv, 'mine');
  await expect(writeComparison(whole, join(dir, 'out'))).rejects.toThrow(/comparison\.csv is there already/);
});

test('of a folder of data sets a suite lists its own alone, and results of comparisons are no data set', async () => {
  const notes: string[] = [];
  const hooks = { signal: new AbortController().signal, progress() {}, warn() {}, note: (s: string) => notes.push(s) };
  const many = join(dir, 'many');
  await writeImages(join(many, 'pets'), { train: 4, test: 4 }, ['red', 'green']);
  await writeImages(join(many, 'mnist'), { train: 4, test: 4 }, ['red', 'green']);
  await writeImages(join(many, 'mine'), { train: 4, test: 4 }, ['red', 'green']);
  mkdirSync(join(many, 'results'));
  writeFileSync(join(many, 'results', 'comparison.json'), '{}');
  const wants = (suites: string[]) => wantedBy(suitesNamed(suites), [], PROTOCOLS);
  const names = async (suites: string[]) => {
    const { sets, failures } = await openSets({ data: many, hooks, wants: wants(suites) });
    expect(failures).toEqual([]);
    return sets.map((s) => s.name);
  };
  expect(await names(['fine-grained'])).toEqual(['mine', 'pets']);
  // A folder of something else fails what asks for every set alone.
  mkdirSync(join(many, 'notes'));
  writeFileSync(join(many, 'notes', 'read.txt'), '');
  expect(await names(['fine-grained'])).toEqual(['mine', 'pets']);
  const all = await openSets({ data: many, hooks, wants: wants(['linear']) });
  expect(all.failures.map((f) => f.what)).toEqual(['data set notes']);
  rmSync(join(many, 'notes'), { recursive: true });
  expect(await names(['fine-grained', 'unseen'])).toEqual(['mine', 'mnist', 'pets']);
  expect(await names(['fine-grained', 'linear'])).toEqual(['mine', 'mnist', 'pets']);
  // What has the name of a set of another task is not listed, and this is said.
  expect(await names(['segmentation'])).toEqual(['mine']);
  expect(notes.at(-1)).toMatch(/^not opened, .* mnist, pets$/);
});

test('names that nobody knows', async () => {
  await expect(compare(options({ suites: ['linnear'] }))).rejects.toThrow(/did you mean linear/);
  await expect(compare(options({ protocols: ['neerest'] }))).rejects.toThrow(/did you mean nearest/);
  await expect(compare(options({ encoders: [a, a] }))).rejects.toThrow(/given twice/);
  await expect(compare(options({ data: join(dir, 'no') }))).rejects.toThrow(/no such folder/);
  await expect(compare(options({ data: undefined }))).rejects.toThrow(/no data set/);
  await expect(compare(options({ encoders: [join(dir, 'no')] }))).rejects.toThrow(/no such run, checkpoint or encoder/);
});
