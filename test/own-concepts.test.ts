import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConceptBank, usualBackgrounds } from '../src/concepts/bank.js';
import { resolveSettings } from '../src/config/resolve.js';
import type { Settings } from '../src/config/schema.js';
import { CaptionShards } from '../src/corpus/captions.js';
import { writeCaptions } from '../src/corpus/captions-stage.js';
import { evaluate, formatProbeTable } from '../src/probe/evaluate.js';
import { namedIn } from '../src/probe/named.js';
import { paintProbes, plannedProbes } from '../src/probe/painted-probes.js';
import { PAINTED, readPainted } from '../src/probe/painted-set.js';
import { readProbes } from '../src/probe/report-form.js';
import { writeReport } from '../src/report/report.js';
import { summarise } from '../src/report/summary.js';
import type { StageHooks } from '../src/stage.js';
import { MICRO } from './micro.js';
import { writeEncoder } from './tiny-encoder.js';

/** A list of products, as its owner would write it. */
const PRODUCTS = (
  'office chair,desk lamp,French press,espresso machine,salad spinner,wool sock,wireless mouse,area rug,throw pillow,coffee mug,' +
  'water bottle,backpack,bookshelf,floor lamp,toaster,kettle,frying pan,cutting board,hammer,cordless drill,watering can,garden hose,' +
  'headphones,keyboard,notebook,stapler,teddy bear,wine glass,bath towel,umbrella'
).split(',');

let root: string;
let encoder: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'synclr-own-'));
  encoder = join(root, 'encoder');
  await writeEncoder(encoder, resolveSettings({ flags: MICRO }));
});
afterAll(() => rmSync(root, { recursive: true }));

function listOf(n: number, more: Record<string, unknown> = {}): { settings: Settings; dir: string } {
  const dir = mkdtempSync(join(root, `list-${n}-`));
  const source = join(dir, 'products.txt');
  writeFileSync(source, PRODUCTS.slice(0, n).join('\n'));
  const settings = resolveSettings({
    flags: {
      ...MICRO,
      'concepts.source': source,
      'captions.count': 300,
      // What is measured here is not the sweep.
      'probe.linear.lrs': [0.1],
      'probe.ownClasses': 40,
      'probe.ownTrain': 60,
      'probe.ownTest': 60,
      ...more,
    },
  });
  return { settings, dir };
}

function hooks(): StageHooks & { said: string[] } {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  return { signal: new AbortController().signal, progress: () => {}, warn: say, note: say, said };
}

describe('a list of one’s own', { timeout: 240_000 }, () => {
  it('of 2 concepts ends with a score on all of them', () => scored(2));
  it.each([30, 5])('of %i concepts ends with a score on all of them', { tags: 'nightly' }, scored);

  async function scored(n: number): Promise<void> {
    const { settings, dir } = listOf(n);
    await writeCaptions({ settings, dir, hooks: hooks() });
    const h = hooks();
    const report = await evaluate({ settings, dir, hooks: h, evals: [], checkpoint: encoder });
    expect(report.datasets.map((d) => d.name)).toEqual(['own-concepts']);
    const [own] = report.datasets;
    expect(own.classes).toHaveLength(n);
    expect([own.train, own.test]).toEqual([Math.max(2, 60 / n) * n, Math.max(2, 60 / n) * n]);
    expect(own.chance).toBeCloseTo(1 / n, 12);
    expect(own.rows.map((r) => r.features)).toEqual(['trained', 'untrained', 'pixels']);
    expect(own.gains).toHaveLength(4);
    // Told once, in the terminal and in the report.
    const why = `of ${n} concepts none are held out: 10, the fewest that make a score, would be more than a fifth`;
    expect(report.missing).toEqual([{ name: 'held-out', why }]);
    expect(h.said.filter((line) => line.includes('held-out'))).toEqual([`no held-out probe: ${why}`]);
    expect(formatProbeTable(report)).toMatch(/own-concepts +trained +\d+\.\d +\d+\.\d–\d+\.\d/);
    const page = readFileSync(await writeReport({ dir }), 'utf8');
    expect(page).toContain('linear on own-concepts');
    expect(page).toContain(why);
    expect(page).not.toContain('synclr eval');
  }

  it('of one concept ends with an honest line', async () => {
    const { settings, dir } = listOf(1);
    await writeCaptions({ settings, dir, hooks: hooks() });
    const h = hooks();
    const report = await evaluate({ settings, dir, hooks: h, evals: [], checkpoint: encoder });
    expect(report.datasets).toEqual([]);
    const line = 'the list has one concept (office chair), and a classifier needs two to tell apart: add another';
    expect(report.missing).toContainEqual({ name: 'own-concepts', why: line });
    expect(h.said).toContain(`no own-concepts probe: ${line}`);
    expect(await readProbes(dir)).toEqual(report);
    expect(existsSync(join(dir, 'own-concepts'))).toBe(false);
    const page = readFileSync(await writeReport({ dir }), 'utf8');
    expect(page).toContain('There was nothing to measure on');
    expect(page).toContain(line);
    expect(page).not.toContain('synclr eval');
  });
});

describe('images of one’s own concepts', { timeout: 240_000 }, () => {
  it('are of captions and in places that no training caption has', async () => {
    const { settings, dir } = listOf(5, { 'probe.ownTrain': 100, 'probe.ownTest': 100, 'captions.count': 400 });
    await writeCaptions({ settings, dir, hooks: hooks() });
    const corpus = await CaptionShards.open(join(dir, 'captions'));
    const known = new Set((await corpus.range(0, corpus.length)).map((r) => r.caption));
    await evaluate({ settings, dir, hooks: hooks(), evals: [], checkpoint: encoder });
    const made = (await readPainted(dir, PAINTED.own))!;
    const parts = { train: new Set<string>(), test: new Set<string>() };
    const all = Object.entries(made.captions);
    for (const [file, caption] of all) parts[file.startsWith('train/') ? 'train' : 'test'].add(caption);
    // No caption twice, on whichever side, and none of training's.
    expect([parts.train.size, parts.test.size]).toEqual([100, 100]);
    expect(new Set([...parts.train, ...parts.test]).size).toBe(200);
    for (const [, caption] of all) expect(known.has(caption), caption).toBe(false);
    // A place is on one side alone, for all classes; names that are part of others' cannot be told in a sentence.
    const bank = await loadConceptBank(settings);
    const names = [...new Set(bank.concepts.flatMap((c) => usualBackgrounds(c.sort).map((b) => b.name)))];
    const clear = names.filter((name) => name.includes(' ') && names.every((o) => o === name || !o.includes(name)));
    const count = (side: Set<string>, name: string) => [...side].filter((c) => c.includes(` ${name}`)).length;
    const found = clear.map((name) => [count(parts.train, name), count(parts.test, name), name] as const);
    expect(found.filter(([train, test]) => train > 0 && test > 0)).toEqual([]);
    expect(found.filter(([train]) => train > 0).length).toBeGreaterThan(2);
    expect(found.filter(([, test]) => test > 0).length).toBeGreaterThan(2);
  });

  it('are painted once, and anew when captions or sizes change', async () => {
    const { settings, dir } = listOf(2, { 'captions.count': 24, 'probe.baselines': false });
    const run = (s: Settings) => evaluate({ settings: s, dir, hooks: hooks(), evals: [], checkpoint: encoder });
    const key = async () => (await readPainted(dir, PAINTED.own))!.key;
    await run(settings);
    const without = await key();
    await writeCaptions({ settings, dir, hooks: hooks() });
    await run(settings);
    const first = await key();
    expect(first).not.toBe(without);
    const before = readFileSync(join(dir, 'probes.json'), 'utf8');
    await run(settings);
    expect(await key()).toBe(first);
    const same = (text: string) => JSON.parse(text).datasets;
    expect(same(readFileSync(join(dir, 'probes.json'), 'utf8'))).toEqual(same(before));
    await paintProbes({ ...settings, probe: { ...settings.probe, ownTest: 20 } }, dir, hooks());
    expect(await key()).not.toBe(first);
  });

  it('are asked for in number that a slow painter can give', async () => {
    const { settings, dir } = listOf(5, { 'probe.ownTrain': 600, 'probe.ownTest': 1000 });
    const images = async (s: Settings) => {
      const { own } = await plannedProbes(s, dir);
      return 'none' in own ? own.none : own.images;
    };
    expect(await images(settings)).toBe(1600);
    const slow = { ...settings, images: { ...settings.images, painter: 'a1111' as const } };
    expect(await images(slow)).toBe(400);
    expect(await images({ ...slow, captions: { ...slow.captions, count: 2000 } })).toBe(800);
    expect(await images({ ...slow, captions: { ...slow.captions, count: 100_000 } })).toBe(1600);
  });
});

describe('a run on images of another', () => {
  it('knows that one’s captions; on images made elsewhere it says that nobody does', async () => {
    const { settings, dir } = listOf(5);
    await writeCaptions({ settings, dir, hooks: hooks() });
    const other = mkdtempSync(join(root, 'other-'));
    const config = (foreign: boolean) =>
      writeFileSync(
        join(other, 'config.json'),
        JSON.stringify({
          synclr: '0',
          settings,
          corpus: { path: join(dir, 'images'), fingerprint: '', captions: 300, images: 1200, foreign },
        }),
      );
    config(false);
    expect((await namedIn(other))!.concepts.size).toBe(5);
    config(true);
    const { own, heldOut } = await plannedProbes(settings, other);
    for (const plan of [own, heldOut]) expect(plan).toEqual({ none: expect.stringMatching(/made elsewhere/) });
  });
});

describe('who is held out', () => {
  it('is never somebody that this run’s captions name', async () => {
    const { dir } = listOf(1);
    const source = join(dir, 'fifty.txt');
    const letters = (i: number) => String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26));
    writeFileSync(source, Array.from({ length: 60 }, (_, i) => `${letters(i)}rble widget`).join('\n'));
    const trained = resolveSettings({
      flags: {
        ...MICRO,
        'concepts.source': source,
        'concepts.heldOut': 0,
        'captions.count': 400,
        'probe.heldOutClasses': 0,
      },
    });
    mkdirSync(dir, { recursive: true });
    await writeCaptions({ settings: trained, dir, hooks: hooks() });
    // As a version would that holds out others, or a user who changes the share afterwards.
    const now = resolveSettings({
      flags: { ...MICRO, 'concepts.source': source, 'captions.count': 400, 'probe.heldOutClasses': 40 },
    });
    const { heldOut } = await plannedProbes(now, dir);
    expect(heldOut).toEqual({
      none: expect.stringMatching(/captions of this run name the concepts that would be held out/),
    });
    expect((await summarise(dir)).probes).toBeUndefined();
  });
});
