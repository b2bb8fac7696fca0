import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { synclr } from '../../test/process.js';
import { type ConceptBank, loadConceptBank, TEMPLATE_MIX } from '../concepts/bank.js';
import { settingsSchema } from '../config/schema.js';
import { CaptionShards } from '../corpus/captions.js';
import { type Manifest, shardName } from '../corpus/manifest.js';
import { sha256 } from '../files/digest.js';
import { Rng } from '../rng.js';
import { hashLanes } from './content-words.js';
import { writeCaption } from './embedded-writer.js';
import { Plausibility } from './plausible.js';
import type { CaptionRecord } from './record.js';
import { Repeats } from './repeats.js';
import { type CaptionReport, reportCaptions } from './report.js';
import { formatCaptionReport } from './report-text.js';
import { Tally } from './tally.js';

const seed = testSeed('report.test.ts');

const dir = mkdtempSync(join(tmpdir(), 'synclr-captions-report-'));
afterAll(() => rmSync(dir, { recursive: true }));

const hooks = { signal: new AbortController().signal, progress: () => {}, warn: () => {} };

/** A folder of caption shards with these captions. */
async function shardsOf(name: string, records: readonly CaptionRecord[], perShard: number) {
  const folder = join(dir, name);
  mkdirSync(folder);
  const shards: Manifest['shards'] = [];
  for (let at = 0; at < records.length; at += perShard) {
    const part = records.slice(at, at + perShard);
    const text = part.map((r) => `${JSON.stringify(r)}\n`).join('');
    const file = shardName('captions', shards.length);
    writeFileSync(join(folder, file), text);
    const entry: Manifest['shards'][number] = {
      file,
      count: part.length,
      bytes: Buffer.byteLength(text),
      sha256: sha256(text),
    };
    if (shards.length % 2 === 0) entry.rejected = { 'too short': 2, 'concept missing': 5 };
    shards.push(entry);
  }
  const manifest: Manifest = {
    format: 'synclr-shards',
    version: 1,
    kind: 'captions',
    synclr: '0',
    settings: {},
    samples: records.length,
    perShard,
    shards,
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return CaptionShards.open(folder, { partial: true });
}

const written = (bank: ConceptBank, n: number): CaptionRecord[] =>
  Array.from({ length: n }, (_, id) => {
    const draw = bank.draw(Rng.of(seed, 'draw', id), id);
    return { ...draw, caption: writeCaption(draw, Rng.of(seed, 'caption', id)), writer: 'embedded' };
  });

describe('Tally', () => {
  it('counts up to its limit and says what is beyond', () => {
    const tally = new Tally(3);
    for (const name of 'a b a c d a b d'.split(' ')) tally.add(name);
    expect(tally).toMatchObject({ total: 8, distinct: 3, beyond: 2, once: 1 });
    expect(tally.top(2)).toEqual([
      { name: 'a', count: 3 },
      { name: 'b', count: 2 },
    ]);
    expect(tally.top(5, (name) => name !== 'a').map((t) => t.name)).toEqual(['b', 'c']);
  });

  it('orders as a full sort does', () => {
    const rng = Rng.of(seed, 'tally');
    const tally = new Tally(1000);
    for (let i = 0; i < 3000; i++) tally.add(`n${rng.int(30) * rng.int(30)}`);
    const all = [...tally.names()]
      .map((name) => ({ name, count: tally.get(name) }))
      .sort((x, y) => y.count - x.count || (x.name < y.name ? -1 : 1));
    expect(tally.top(20)).toEqual(all.slice(0, 20));
  });
});

describe('Repeats', () => {
  const count = (most: number, keys: number, times: (k: number) => number) => {
    const repeats = new Repeats(most);
    const lanes = new Uint32Array(4);
    for (let round = 0; round < 4; round++) {
      for (let k = 0; k < keys; k++) {
        hashLanes([seed, k], lanes);
        if (round < times(k)) repeats.add(lanes);
      }
    }
    return repeats;
  };

  it('is exact as long as it holds all', () => {
    const repeats = count(50_000, 50_000, (k) => 1 + (k % 4));
    expect(repeats.exact).toBe(true);
    expect(repeats.repeats).toBe(75_000);
  });

  it('estimates from a fair sample beyond', () => {
    const repeats = count(4000, 60_000, (k) => 1 + (k % 4));
    expect(repeats.exact).toBe(false);
    // At least 2000 keys are followed, each with 1.5 repeats on average: a standard error of 2 %.
    expect(repeats.repeats / 90_000).toBeGreaterThan(0.88);
    expect(repeats.repeats / 90_000).toBeLessThan(1.12);
  });
});

describe('plausibility', () => {
  it('of backgrounds, of relations, and of what the caption says', async () => {
    const bank = await loadConceptBank(settingsSchema.parse({ concepts: { heldOut: 0 } }));
    const plausibility = new Plausibility(bank.concepts);
    const check = (concept: string, more: Partial<CaptionRecord>) => {
      const record: CaptionRecord = {
        id: 0,
        template: 'concept',
        kind: 'object',
        source: '',
        concept,
        caption: '',
        writer: 'w',
        ...more,
      };
      return plausibility.check(record, record.caption.toLowerCase().split(' '));
    };
    expect(check('elephant', { background: 'kitchen counter' })).toEqual({
      what: 'background',
      pair: 'elephant – kitchen counter',
    });
    expect(check('teapot', { background: 'kitchen counter' })).toBeUndefined();
    const relation = (concept: string, side: string, related: string) =>
      check(concept, { template: 'relation', relation: side, related })?.what;
    expect(relation('elephant', 'in', 'teapot')).toBe('relation');
    expect(relation('elephant', 'next to', 'zebra')).toBeUndefined();
    expect(relation('elephant', 'next to', 'submarine')).toBe('relation');
    expect(relation('teapot', 'on', 'shelf')).toBeUndefined();
    expect(check('elephant', { caption: 'An elephant on a coral reef' })).toEqual({
      what: 'text',
      pair: 'elephant – coral reef',
    });
    expect(check('octopus', { caption: 'An octopus on a coral reef' })).toBeUndefined();
    expect(check('zorblax', { background: 'kitchen counter' })).toBeUndefined();
  });

  it('holds for what the bank itself draws', async () => {
    const bank = await loadConceptBank(settingsSchema.parse({}));
    const plausibility = new Plausibility(bank.concepts);
    const records = written(bank, 4000);
    const odd = records.flatMap((r) => plausibility.check(r, r.caption.toLowerCase().match(/[a-z]+/g) ?? []) ?? []);
    expect(odd.filter((o) => o.what !== 'text')).toEqual([]);
    expect(odd.length, JSON.stringify(odd.slice(0, 8))).toBeLessThan(records.length / 100);
  });
});

describe('report', () => {
  it('counts what is planted', async () => {
    const source = join(dir, 'own.csv');
    writeFileSync(
      source,
      'name,kind,backgrounds\ndog,object,sofa|park|hall\ncat,object,sofa|roof\nnewt,object,pond\nmoor,place,\n',
    );
    const bank = await loadConceptBank(settingsSchema.parse({ concepts: { source, heldOut: 0 } }));
    const record = (
      id: number,
      concept: string,
      caption: string,
      more: Partial<CaptionRecord> = {},
    ): CaptionRecord => ({
      id,
      template: 'concept',
      kind: 'object',
      concept,
      source: 'file',
      caption,
      writer: 'openai',
      writerModel: 'm',
      ...more,
    });
    const records = [
      record(0, 'dog', 'A brown dog runs on a sandy beach at noon'),
      record(1, 'dog', 'A brown dog runs on a sandy beach at noon'),
      record(2, 'dog', 'On a sandy beach, the brown dog is running at noon'),
      record(3, 'dog', 'A brown dog runs on a sandy beach at noon again'),
      record(4, 'cat', 'Two grey cats', { template: 'background', background: 'roof' }),
      record(5, 'cat', 'A cat on the moon', { template: 'background', background: 'moon' }),
      record(6, 'moor', 'A wide moor', { kind: 'place' }),
      record(7, 'zorblax', 'A zorblax', { writer: 'embedded', writerModel: undefined }),
    ];
    const report = await reportCaptions(await shardsOf('planted', records, 3), bank, { samples: 4, hooks });
    expect(report).toMatchObject({
      captions: 8,
      wanted: 8,
      shards: 3,
      writers: [
        { name: 'openai m', count: 7 },
        { name: 'embedded', count: 1 },
      ],
      rejected: {
        total: 14,
        reasons: [
          { name: 'concept missing', count: 10 },
          { name: 'too short', count: 4 },
        ],
      },
      duplicates: { identical: 1, sameWords: 2, similar: 3, exact: true },
      concepts: { bank: 4, drawn: 3, missing: ['newt'], foreign: 1, heldOut: 0 },
      backgrounds: { possible: 5, drawn: 2, missing: ['sofa', 'park', 'hall', 'pond'], capped: false },
      lengths: { min: 2, median: 5, max: 11, p95: 11 },
    });
    expect(report.duplicates.examples).toEqual([{ name: records[0].caption, count: 2 }]);
    expect(report.concepts.most[0]).toEqual({ name: 'dog', count: 4 });
    expect(report.templates.map((t) => [t.name, t.asked, t.got])).toEqual([
      ['concept', TEMPLATE_MIX.concept, 5 / 7],
      ['background', TEMPLATE_MIX.background, 2 / 7],
      ['relation', TEMPLATE_MIX.relation, 0],
    ]);
    expect(report.implausible.map((i) => [i.what, i.captions])).toEqual([
      ['background', 1],
      ['relation', 0],
      ['text', expect.any(Number)],
    ]);
    expect(report.vocabulary.words).toBe(records.reduce((n, r) => n + r.caption.split(/\s+/).length, 0));
    expect(report.samples.map((s) => s.id)).toEqual([1, 3, 5, 7]);
    const text = formatCaptionReport(report);
    for (const part of [
      '8 captions in 3 shards',
      'written by: openai m (7), embedded (1)',
      'rejected: 14, 63.6 % of all that was written (1.750 a caption)',
      '1   12.5 %  identical',
      '3 of 4 of the bank (75.0 %)',
      'never: newt',
      '1 caption of concepts that the bank does not have',
      'cat – moon (1)',
      'A cat on the moon',
    ])
      expect(text).toContain(part);
  });

  it('finds realised shares close to what was asked, and says where they are off', async () => {
    const bank = await loadConceptBank(settingsSchema.parse({}));
    const records = written(bank, 5000);
    const report = await reportCaptions(await shardsOf('fair', records, 2000), bank, { samples: 0, hooks });
    for (const share of [...report.templates, ...report.sources]) {
      const off = Math.abs(share.got - share.asked);
      expect(share.within, share.name).toBe(off <= share.tolerance);
      // Three standard errors are left once in 370 times, five once in two million.
      expect(off, share.name).toBeLessThan((5 / 3) * share.tolerance);
    }
    expect(report.samples).toEqual([]);
    const missing = report.concepts.missing.length;
    expect(Math.abs(missing - report.concepts.expectedMissing)).toBeLessThan(0.25 * report.concepts.expectedMissing);
    const skewed = records.filter((r, i) => r.template !== 'background' || i % 2 === 0).map((r, id) => ({ ...r, id }));
    const off = await reportCaptions(await shardsOf('skewed', skewed, 2000), bank, { samples: 3, hooks });
    expect(off.templates.filter((s) => !s.within).map((s) => s.name)).toContain('background');
    const text = formatCaptionReport(off);
    expect(text).toMatch(/background +45\.0 % .*OFF by more than ±/);
    const widest = text.split('\n').filter((line) => [...line].length > 100);
    expect(widest).toEqual([]);
  });
});

describe('synclr captions --report', () => {
  const run = (...args: string[]) => synclr(['captions', ...args], dir);

  it('describes a run as text and as JSON, and writes nothing', async () => {
    const names =
      'dog cat newt fox heron car truck boat chair lamp kettle spoon apple bread oak rose fern tent drum kite'.split(
        ' ',
      );
    writeFileSync(join(dir, 'things.txt'), names.join('\n'));
    const setup = [
      '--captions',
      '700',
      '--captions.perShard',
      '200',
      '--concepts',
      'things.txt',
      '--seed',
      String(seed),
    ];
    const made = await run(...setup, '--out', 'r');
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const state = () =>
      readdirSync(join(dir, 'r'), { recursive: true, withFileTypes: true })
        .filter((e) => e.isFile())
        .map((e) => `${e.name} ${statSync(join(e.parentPath, e.name)).mtimeMs}`)
        .sort();
    const before = state();
    const text = await run('--report', '--out', 'r', '--samples', '3');
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/^700 captions in 4 shards\n {2}written by: embedded \(700\)\n/);
    for (const title of ['Repeats', 'Concepts', 'Backgrounds', 'Words', 'Implausible pairs', 'Samples'])
      expect(text.stdout).toMatch(new RegExp(`^${title}$`, 'm'));
    const json = await run('--report', '--json', '--out', 'r', '--samples', '3');
    const report = JSON.parse(json.stdout) as CaptionReport;
    expect(report).toMatchObject({ captions: 700, wanted: 700, duplicates: { exact: true } });
    const lines = readdirSync(join(dir, 'r/captions'))
      .filter((f) => f.endsWith('.jsonl'))
      .sort()
      .flatMap((f) =>
        readFileSync(join(dir, 'r/captions', f), 'utf8')
          .trimEnd()
          .split('\n'),
      );
    expect(report.samples).toEqual([116, 350, 583].map((i) => JSON.parse(lines[i])));
    expect(report.concepts.foreign + report.concepts.heldOut).toBe(0);
    expect(state()).toEqual(before);
  });

  it('refuses what goes with it alone, a wrong number, and a folder without captions', async () => {
    for (const [args, message] of [
      [['--json'], '--json goes with --report'],
      [['--report', '--samples', 'x'], '--samples x: expected an integer between 0 and 1000'],
      [['--report', '--out', 'none'], 'no captions here; write them first: synclr captions'],
    ] as const) {
      const { code, stdout, stderr } = await run(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(message);
      expect(stderr.trimEnd()).not.toContain('\n');
    }
  });
});
