import { beforeAll, describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { type ConceptBank, loadConceptBank, usualBackgrounds } from '../concepts/bank.js';
import { article, plural } from '../concepts/inflect.js';
import { KINDS, type Kind } from '../concepts/kinds.js';
import type { WriterName } from '../config/names.js';
import { settingsSchema } from '../config/schema.js';
import { UserError } from '../errors.js';
import { Rng } from '../rng.js';
import { BEHAVIOUR, progressive, thirdPerson } from './behaviour.js';
import { COLOURS, GAZETTEER, MATERIALS } from './lexicon.js';
import { LOOKS } from './looks/index.js';
import { nounOf } from './nouns.js';
import { OWN_COLOURS, OWN_MATERIALS } from './own-looks.js';
import { agree, featurePhrase } from './phrases.js';
import type { Draw } from './record.js';
import { openWriter } from './registry.js';
import { freeSetting } from './setting.js';

const seed = testSeed('writer.test.ts');

const settings = settingsSchema.parse({});
let write: (draws: readonly Draw[], seed: number) => Promise<string[]>;
const N = 100_000;
let bank: ConceptBank;
let draws: Draw[];
let captions: string[];

beforeAll(async () => {
  bank = await loadConceptBank(settings);
  draws = Array.from({ length: N }, (_, id) => bank.draw(Rng.of(seed, 'draw', id), id));
  const writer = await openWriter(settings);
  write = async (some, seed) => (await writer.write(some, { seed, attempt: 0 })).map((c) => c.text);
  captions = await write(draws, seed);
});

/** The first captions that break a rule, with their draws: what a failing test shows. */
const offenders = (broken: (caption: string, draw: Draw) => boolean) =>
  captions
    .map((caption, i) => ({ caption, draw: draws[i] }))
    .filter((x) => broken(x.caption, x.draw))
    .slice(0, 8);

describe('embedded writer', () => {
  it('writes unique captions', () => {
    expect(new Set(captions).size / N).toBeGreaterThan(0.99);
  });

  it('writes unique captions of three concepts too', async () => {
    const few = ['dog', 'truck', 'apple'];
    const same = Array.from(
      { length: 30_000 },
      (_, id): Draw => ({ id, template: 'concept', kind: 'object', concept: few[id % 3], source: 'file' }),
    );
    expect(new Set(await write(same, seed)).size / same.length).toBeGreaterThan(0.95);
  });

  it('depends on the seed and the draw alone', async () => {
    const some = draws.slice(500, 520);
    expect(await write([...some].reverse(), seed)).toEqual(captions.slice(500, 520).reverse());
    expect(await write(some, seed + 1)).not.toEqual(captions.slice(500, 520));
  });

  it('always names the concept', () => {
    expect(
      offenders((caption, { concept, sort }) => {
        const text = caption.toLowerCase();
        const noun = nounOf(concept, sort as Kind, true);
        return !text.includes(concept.toLowerCase()) && !text.includes(noun.plural.toLowerCase());
      }),
    ).toEqual([]);
  });

  it('honours backgrounds and relations', () => {
    expect(
      offenders((caption, { background, relation, related }) => {
        const text = caption.toLowerCase();
        if (background && !text.includes(background.toLowerCase())) return true;
        return related !== undefined && !(text.includes(` ${relation} `) || text.startsWith(`${relation} `));
      }),
    ).toEqual([]);
  });

  it('is one clean line', () => {
    expect(offenders((c) => /[{}=\n#]|undefined|\s\s|\s[,.]|,,|^\s|\s$|[,;]$/.test(c))).toEqual([]);
    expect(offenders((c) => !/^[\p{Lu}\d]/u.test(c))).toEqual([]);
    expect(offenders((c) => c.length < 8 || c.length > 260)).toEqual([]);
  });

  it('puts the right article before every word', () => {
    expect(
      offenders((caption) =>
        [...caption.matchAll(/\b(an?) ([\w’'-]+)/gi)].some(([, a, word]) => article(word) !== a.toLowerCase()),
      ),
    ).toEqual([]);
  });

  it('makes subject and verb agree', () => {
    expect(
      offenders((c) =>
        /^There is (two|three|four|five|six|several|a few|many|dozens|a couple of|half a dozen)\b/.test(c),
      ),
    ).toEqual([]);
    expect(offenders((c) => /^There are an? (?!pair|couple|few|trio|dozen)/.test(c))).toEqual([]);
    expect(
      offenders((c) =>
        /^(two|three|four|five|six|several|many)\b[^,]*? (is|has|sits|stands|lies|rests|grows) (in|on|at|by)\b/i.test(
          c,
        ),
      ),
    ).toEqual([]);
    expect(offenders((c) => /^(two|three|four|six) [a-z]+ with an? /i.test(c))).toEqual([]);
  });

  it('says at least two things that can be seen, most of the time', () => {
    const visual = new RegExp(
      `\\b(${[...Object.keys(COLOURS), ...Object.keys(MATERIALS)].join('|')}|photo|view|shot|close-up|sketch|painting|light|sun\\w*|dawn|dusk|night|day|morning|evening|noon|sky|fog|mist|rain|snow|in an?|on an?|under|above|behind|two|three|four|several|with|by an?|near|among|against|over|seen|lit|focus|frame|centre|facing|large|small|tiny)\\b`,
      'gi',
    );
    const rich = captions.filter((c) => (c.match(visual) ?? []).length >= 2).length / N;
    expect(rich).toBeGreaterThan(0.9);
    const coloured =
      captions.filter((c) => Object.keys(COLOURS).some((colour) => c.includes(` ${colour} `))).length / N;
    expect(coloured).toBeGreaterThan(0.4);
  });

  it('keeps fish in the water and tables out of it', () => {
    const aquatic = new Set(['river fish', 'sea fish', 'jellyfish', 'whale']);
    const dry = /\b(runway|road|highway|desert|sofa|kitchen|office|meadow|pine forest|street|desk|shelf)\b/;
    expect(
      offenders((c, d) => d.template !== 'relation' && aquatic.has(d.sort ?? '') && dry.test(c.replace(d.concept, ''))),
    ).toEqual([]);
    const furniture = new Set(['furniture', 'instrument', 'electronics', 'dish', 'bakery']);
    expect(
      offenders(
        (c, d) =>
          d.template !== 'relation' &&
          furniture.has(d.sort ?? '') &&
          /\b(swimming|grazing|galloping|underwater|coral reef)\b/.test(c),
      ),
    ).toEqual([]);
    expect(
      offenders((c, d) => d.sort === 'river fish' && /\b(ocean|coral|beach)\b/.test(c) && d.template !== 'relation'),
    ).toEqual([]);
  });

  it('writes about anything that a user lists', async () => {
    const odd = [
      'M8 hex bolt',
      'Mona Lisa',
      'iPod',
      'scissors',
      'tulips',
      'rice',
      'ünïcode thing',
      'a cat',
      '737-800',
      'X',
      'cups of tea',
      'BMW 3 Series Sedan 2012',
    ];
    const list = odd.flatMap((concept, k) =>
      Array.from(
        { length: 50 },
        (_, i): Draw => ({
          id: k * 100 + i,
          template: i % 2 ? 'background' : 'concept',
          kind: 'object',
          concept,
          source: 'file',
          ...(i % 2
            ? { background: ['Water bodies in Parks', 'clean room', 'City streets', 'on the moon', 'snow'][i % 5] }
            : {}),
        }),
      ),
    );
    const written = await write(list, seed);
    written.forEach((caption, i) => {
      expect(caption.toLowerCase().replaceAll('’', "'")).toMatch(
        new RegExp(
          list[i].concept
            .toLowerCase()
            .slice(0, -1)
            .replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
        ),
      );
      expect(caption).not.toMatch(/undefined|\s\s|[{}]/);
    });
  });

  it('refuses an unknown writer with the choices', async () => {
    const given = settingsSchema.parse({});
    const wrong = { ...given, captions: { ...given.captions, writer: 'quill' as WriterName } };
    await expect(openWriter(wrong)).rejects.toThrow(UserError);
    await expect(openWriter(wrong)).rejects.toThrow(/unknown writer "quill" \(choices: embedded/);
  });
});

describe('words', () => {
  it('has looks, behaviour and backgrounds for every kind', () => {
    for (const kind of Object.keys(KINDS) as Kind[]) {
      expect(LOOKS[kind], kind).toBeDefined();
      expect(BEHAVIOUR[kind], kind).toBeDefined();
      expect(usualBackgrounds(kind).length, kind).toBeGreaterThan(5);
    }
  });

  it('uses only colours and materials that painters know', () => {
    const words = new Set(Object.keys(COLOURS));
    const colours = [...Object.values(LOOKS).flatMap((l) => l.colours), ...[...OWN_COLOURS.values()].flat()];
    for (const colour of colours)
      for (const part of colour.split(' and ')) {
        expect(words.has(part) || words.has(part.split(' ').at(-1)!) || words.has(part.split(' ')[0]), colour).toBe(
          true,
        );
      }
    const materials = [...Object.values(LOOKS).flatMap((l) => l.materials), ...[...OWN_MATERIALS.values()].flat()];
    for (const material of materials) expect(Object.keys(MATERIALS), material).toContain(material);
  });

  it('inflects verbs', () => {
    expect(['sit', 'lie down', 'graze', 'swim', 'look at the camera', 'carry a bag', 'shed'].map(progressive)).toEqual([
      'sitting',
      'lying down',
      'grazing',
      'swimming',
      'looking at the camera',
      'carrying a bag',
      'shedding',
    ]);
    expect(['sit', 'lie', 'carry a bag', 'stretch', 'play', 'splash'].map(thirdPerson)).toEqual([
      'sits',
      'lies',
      'carries a bag',
      'stretches',
      'plays',
      'splashes',
    ]);
    expect(agree('tilt {head}', true)).toBe('tilt their heads');
    expect(featurePhrase('a stick in {mouth}', false)).toBe('a stick in its mouth');
    expect(featurePhrase('a stick in {mouth}', true)).toBe('sticks in their mouths');
  });

  it('measures what is not counted', () => {
    expect(nounOf('rice', 'dish', true).number).toBe('mass');
    expect(nounOf('tomato soup', 'dish', false).number).toBe('mass');
    expect(nounOf('scissors', 'tool', true).number).toBe('pair');
    expect(nounOf('tulips', 'flower', false).number).toBe('plural');
    expect(nounOf('bus', 'bus', true)).toMatchObject({ number: 'count', plural: 'buses' });
    expect(plural('mountain goat')).toBe('mountain goats');
  });

  it('places backgrounds that nobody listed', () => {
    expect(freeSetting('turquoise lake')).toMatchObject({ scene: 'water', phrase: 'in a turquoise lake' });
    expect(freeSetting('City streets')).toMatchObject({ scene: 'road', phrase: 'on city streets' });
    expect(freeSetting('runway').scene).toBe('road');
    expect(GAZETTEER.size).toBeGreaterThan(500);
  });
});
