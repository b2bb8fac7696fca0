import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { settingsSchema } from '../config/schema.js';
import { UserError } from '../errors.js';
import { Rng } from '../rng.js';
import { type ConceptBank, loadConceptBank, TEMPLATE_MIX } from './bank.js';
import { SIDES } from './companions.js';

const seed = testSeed('bank.test.ts');

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'synclr-bank-'));
});

const open = (source: string, more: { limit?: number; heldOut?: number } = {}) =>
  loadConceptBank(settingsSchema.parse({ concepts: { source, ...more } }));

async function file(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
}

/** Names that no dictionary has, without digits, which say something in a list. */
const widgets = (n: number): string[] =>
  Array.from({ length: n }, (_, i) => `${String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26))}rble widget`);

const draws = (bank: ConceptBank, n: number) =>
  Array.from({ length: n }, (_, id) => bank.draw(Rng.of(seed, 'draw', id), id));

describe('WordNet bank', () => {
  let bank: ConceptBank;
  beforeAll(async () => {
    bank = await open('wordnet');
  });

  it('begins with everyday things', () => {
    const names = new Set([...bank.concepts, ...bank.heldOut].map((c) => c.name));
    for (const name of 'dog cat truck ship horse frog deer bird airplane car chair apple beach oak violin'.split(' ')) {
      expect(names, name).toContain(name);
    }
    expect(names.size).toBeGreaterThan(3500);
    expect(bank.concepts.length + bank.heldOut.length).toBeLessThanOrEqual(4096);
  });

  it('names no concept twice and none that is not drawable', () => {
    const all = [...bank.concepts, ...bank.heldOut];
    expect(new Set(all.map((c) => `${c.name} ${c.kind}`)).size).toBe(all.length);
    expect(all.filter((c) => c.category === 'person').map((c) => c.name)).toEqual([]);
    expect(all.filter((c) => !(c.frequency > 0))).toEqual([]);
  });

  it('keeps the most everyday concepts of every category under a small limit', async () => {
    const small = await open('wordnet', { limit: 60, heldOut: 0 });
    expect(small.concepts.length).toBe(60);
    const categories = new Set(small.concepts.map((c) => c.category));
    for (const category of ['animal', 'plant', 'food', 'vehicle', 'artefact', 'place'])
      expect(categories).toContain(category);
    expect(small.concepts.map((c) => c.name)).toContain('dog');
    const one = await open('wordnet', { limit: 1 });
    expect(one.concepts.length).toBe(1);
  });

  it('draws templates, kinds and categories in the shares that are asked for', () => {
    const n = 40_000;
    const all = draws(bank, n);
    const share = (what: (d: (typeof all)[number]) => boolean, among = all) => among.filter(what).length / among.length;
    const objects = all.filter((d) => d.kind === 'object');
    expect(objects.length / n).toBeCloseTo(0.91, 2);
    expect(share((d) => d.kind === 'place')).toBeCloseTo(0.088, 2);
    expect(share((d) => d.kind === 'texture')).toBeCloseTo(0.002, 2);
    expect(Math.abs(share((d) => d.template === 'concept', objects) - TEMPLATE_MIX.concept)).toBeLessThan(0.015);
    expect(Math.abs(share((d) => d.template === 'background', objects) - TEMPLATE_MIX.background)).toBeLessThan(0.015);
    expect(Math.abs(share((d) => d.template === 'relation', objects) - TEMPLATE_MIX.relation)).toBeLessThan(0.01);
    const relations = new Set(all.map((d) => d.relation).filter((r) => r !== undefined));
    expect([...relations].sort()).toEqual(Object.keys(SIDES).sort());
    expect(new Set(all.map((d) => d.concept)).size).toBeGreaterThan(0.95 * bank.concepts.length);
  });

  it('makes a draw from its number alone', () => {
    const forward = draws(bank, 50);
    const alone = bank.draw(Rng.of(seed, 'draw', 37), 37);
    expect(alone).toEqual(forward[37]);
    expect(draws(bank, 50)).toEqual(forward);
  });

  it('never names a held-out concept, neither as concept nor as companion', () => {
    const out = new Set(bank.heldOut.map((c) => c.name.toLowerCase()));
    expect(out.size).toBeGreaterThan(100);
    const named = draws(bank, 20_000).flatMap((d) => [d.concept, d.related ?? '']);
    expect(named.filter((name) => out.has(name.toLowerCase()))).toEqual([]);
    const held = bank.drawOf(bank.heldOut[0], Rng.of(seed, 'held', 0), 0);
    expect(held.concept).toBe(bank.heldOut[0].name);
  });

  it('holds out exactly the share, by name: a smaller share of the same list is part of a larger one', async () => {
    const names = (b: ConceptBank) => new Set(b.heldOut.map((c) => c.name.toLowerCase()));
    const [all, small, large] = [
      await open('wordnet', { limit: 500, heldOut: 0 }),
      await open('wordnet', { limit: 500 }),
      await open('wordnet', { limit: 500, heldOut: 0.3 }),
    ];
    const n = new Set(all.concepts.map((c) => c.name.toLowerCase())).size;
    expect([names(small).size, names(large).size]).toEqual([Math.round(0.1 * n), Math.round(0.3 * n)]);
    for (const name of names(small)) expect(names(large)).toContain(name);
  });
});

describe('file bank', () => {
  it('reads text, with comments, blank lines and CRLF', async () => {
    const bank = await open(
      await file('a.txt', '\uFEFF# fruit\r\nred apple\r\n\r\ntrout # a fish\r\nflanged frobnicator\r\ntrout\r\n'),
      { heldOut: 0 },
    );
    expect(bank.concepts.map((c) => c.name)).toEqual(['red apple', 'trout', 'flanged frobnicator']);
    expect(bank.concepts.map((c) => c.sort)).toEqual(['fruit', 'river fish', 'thing']);
    expect(bank.concepts[1].hypernyms).toContain('fish');
  });

  it('takes pipes and hoses for things, not for the passages that WordNet calls them', async () => {
    const names = ['garden hose', 'drinking straw', 'inner tube', 'corridor'];
    const bank = await open(await file('pipes.txt', names.join('\n')), { heldOut: 0 });
    expect(bank.concepts.map((c) => [c.kind, c.sort])).toEqual([
      ['object', 'garden tool'],
      ['object', 'kitchenware'],
      ['object', 'machine part'],
      ['place', 'room'],
    ]);
    const given = await open(await file('given.json', '{"animal": ["hosepipe"]}'), { heldOut: 0 });
    expect(given.concepts[0]).toMatchObject({ category: 'animal' });
  });

  it('reads CSV with weights, kinds, categories and backgrounds', async () => {
    const text =
      'name,weight,kind,category,backgrounds\n"widget, large",3,object,tool,workshop|factory floor\nmoor,1,place,,\n';
    const bank = await open(await file('a.csv', text), { heldOut: 0 });
    expect(bank.concepts[0]).toMatchObject({
      name: 'widget, large',
      sort: 'tool',
      frequency: 3,
      backgrounds: ['workshop', 'factory floor'],
    });
    expect(bank.concepts[1]).toMatchObject({ name: 'moor', kind: 'place' });
    const all = draws(bank, 8000);
    expect(all.filter((d) => d.concept === 'moor').length / all.length).toBeCloseTo(0.25, 1);
    expect(new Set(all.map((d) => d.background))).toEqual(new Set(['workshop', 'factory floor', undefined]));
  });

  it('reads JSON lists, objects and categories', async () => {
    const list = await open(await file('a.json', '["dog", {"name": "gizmo", "category": "vehicle", "weight": 2}]'), {
      heldOut: 0,
    });
    expect(list.concepts.map((c) => c.category)).toEqual(['animal', 'vehicle']);
    const grouped = await open(
      await file('b.json', '{"animals": ["zorblax"], "garden tools": ["hoe", "frobnicator"]}'),
      { heldOut: 0 },
    );
    expect(grouped.concepts.map((c) => c.sort)).toEqual(['forest mammal', 'garden tool', 'garden tool']);
  });

  it('of few concepts holds out none, and says why', async () => {
    for (const names of [['dog'], ['dog', 'cat', 'apple'], widgets(49)]) {
      const bank = await open(await file('few.txt', names.join('\n')), { heldOut: 0.5 });
      expect([bank.concepts.length, bank.heldOut.length]).toEqual([names.length, 0]);
      expect(bank.noneHeldOut).toMatch(/ten|10/);
    }
    const fifty = widgets(50).join('\n');
    for (const [share, held] of [
      [0.1, 10],
      [0.5, 25],
      [1, 49],
    ]) {
      const bank = await open(await file('fifty.txt', fifty), { heldOut: share });
      expect([bank.heldOut.length, bank.concepts.length]).toEqual([held, 50 - held]);
      expect(bank.noneHeldOut).toBeUndefined();
    }
  });

  it.each([
    ['missing.txt', undefined, /no such file/],
    ['empty.txt', '', /no concept/],
    ['comments.txt', '# nothing\n\n', /no concept/],
    ['a.yaml', 'names:\n  - dog\n', /:1: "names:" looks like YAML/],
    ['binary.txt', new Uint8Array([1, 0, 2]), /not a text file/],
    ['latin.txt', new Uint8Array([0x63, 0xe9, 0x0a]), /UTF-8/],
    ['broken.json', '["dog",\n "cat"', /broken\.json is not JSON/],
    ['number.json', '["dog", 3]', /entry 2.*got 3/],
    ['scalar.json', '7', /expected a list/],
    ['header.csv', 'thing,weight\ndog,1\n', /:1: the header/],
    ['fields.csv', 'name,weight\ndog,1\ncat\n', /:3: expected 2 fields, got 1/],
    ['weight.csv', 'name,weight\ndog,heavy\n', /:2: weight/],
    [
      'kind.csv',
      'name,kind\ndog,beast\n',
      /:2: unknown kind "beast"; did you mean bat or boat\? \(or object, place, texture, or a category/,
    ],
    ['quote.csv', 'name\n"dog\n', /:2: a quoted field is never closed/],
    ['escape.json', '["cat\\u001b[31mred"]', /entry 1.*no control characters, got "cat\\u001b/],
    ['punctuation.txt', 'dog\n---\n', /:2: .*needs a letter/],
  ])('refuses %s with one clear line', async (name, text, message) => {
    const path = text === undefined ? join(dir, name) : await file(name, text);
    const error = await open(path).then(
      () => undefined,
      (e) => e,
    );
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });

  it('refuses an unknown bank with the choices', async () => {
    await expect(open('wordnett')).rejects.toThrow(/unknown bank "wordnett" \(choices: wordnet/);
    await expect(open(dir)).rejects.toThrow(/labels\.json/);
  });
});

describe('authors’ files', () => {
  const data = resolve(process.env.SYNCLR_DATA ?? '../shared/data', 'concepts/synclr');

  it('draws their sources in the paper’s shares', async () => {
    if (!existsSync(data)) return console.log(`authors' concept files not found at ${data}: not tested`);
    const bank = await open(data, { limit: 100_000, heldOut: 0 });
    const { sources } = bank.describe();
    expect(sources['synclr/imagenet'].concepts).toBe(998);
    expect(sources['synclr/imagenet'].share).toBeCloseTo(0.455, 6);
    expect(sources['synclr/food101'].share).toBeCloseTo(0.91 * 0.05, 6);
    expect(sources['synclr/places'].share).toBeCloseTo(0.088, 6);
    expect(sources['synclr/dtd']).toMatchObject({ concepts: 47 });
    expect(bank.concepts.map((c) => c.name)).toContain('hockey arena');
    const all = draws(bank, 20_000);
    expect(all.filter((d) => d.source === 'synclr/cars').length / all.length).toBeCloseTo(0.0546, 2);
    const tench = bank.concepts.find((c) => c.name === 'tench');
    expect(tench?.backgrounds?.length).toBeGreaterThan(50);
    const names = bank.concepts.flatMap((c) => [c.name, ...(c.backgrounds ?? [])]);
    expect(names.filter((n) => /_|\s\s|^\s|\s$/.test(n))).toEqual([]);
    return undefined;
  });
});

describe('a file of backgrounds', () => {
  const openWith = async (source: string, json: string, heldOut = 0) => {
    const concepts = {
      ...settingsSchema.parse({}).concepts,
      source,
      heldOut,
      backgrounds: await file('bg.json', json),
    };
    return loadConceptBank({ ...settingsSchema.parse({}), concepts });
  };
  const failure = (json: string) =>
    openWith('wordnet', json).then(
      () => undefined,
      (e) => e as Error,
    );

  it('applies to any bank; what the bank does not know, and empty lists, are ignored and counted', async () => {
    const json = JSON.stringify({
      Dog: ['Training_Grounds', 'sofa', 'sofa'],
      'crane (bird)': ['marsh'],
      cat: [],
      beach: ['an object has backgrounds, a place has none'],
      zorblax: ['planet'],
    });
    const bank = await openWith('wordnet', json);
    const of = (name: string) => bank.concepts.find((c) => c.name === name)?.backgrounds;
    expect(of('dog')).toEqual(['Training Grounds', 'sofa']);
    expect(of('crane')).toEqual(['marsh']);
    expect([of('cat'), of('beach'), of('horse')]).toEqual([undefined, undefined, undefined]);
    expect(bank.backgrounds).toMatchObject({ concepts: 2, unknown: 2, empty: 1 });
    const dog = bank.concepts.find((c) => c.name === 'dog')!;
    const drawn = Array.from({ length: 200 }, (_, i) => bank.drawOf(dog, Rng.of(seed, 'of', i), i).background);
    expect(new Set(drawn)).toEqual(new Set(['Training Grounds', 'sofa', undefined]));
    const small = await openWith(
      await file('own.csv', 'name,backgrounds\ndog,here|there\ncat,here\n'),
      '{"dog": ["moon"]}',
    );
    expect(small.concepts.map((c) => c.backgrounds)).toEqual([['moon'], ['here']]);
    expect((await open('wordnet')).backgrounds).toBeUndefined();
  });

  it('counts for held-out concepts too', async () => {
    const names = widgets(50);
    const places = JSON.stringify(Object.fromEntries(names.map((name) => [name, ['moon']])));
    const bank = await openWith(await file('fifty.txt', names.join('\n')), places, 0.2);
    expect(bank.heldOut.map((c) => c.backgrounds)).toEqual(Array.from({ length: 10 }, () => ['moon']));
  });

  it.each([
    ['["dog"]', /bg\.json: expected a JSON object concept → list/],
    ['{"dog": "sofa"}', /"dog" must hold a list of backgrounds, got "sofa"/],
    ['{"dog": ["sofa", 3]}', /"dog": a background is a name.*got 3/],
    ['{"dog": ["--"]}', /"dog": a background is a name/],
    ['{"dog": ["sofa"', /bg\.json is not JSON/],
    ['{"zorblax": ["sofa"]}', /none of the 1 concepts of .*bg\.json is an object of the bank/],
    ['{}', /none of the 0 concepts/],
  ])('%s is refused with one clear line', async (json, message) => {
    const error = await failure(json);
    expect(error).toBeInstanceOf(UserError);
    expect(error!.message).toMatch(message);
    expect(error!.message).toMatch(/^concepts\.backgrounds: [^\n]*$/);
  });

  it('that is missing is refused', async () => {
    const concepts = { ...settingsSchema.parse({}).concepts, backgrounds: join(dir, 'none.json') };
    await expect(loadConceptBank({ ...settingsSchema.parse({}), concepts })).rejects.toThrow(
      /^concepts\.backgrounds: .*none\.json: no such file or folder/,
    );
  });
});
