import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import type { Concept } from './concept.js';
import { filePools } from './file-bank.js';
import { HOME_GOODS } from './goods-home.js';
import { OTHER_GOODS } from './goods-other.js';
import { kindOfHead, kindOfRoom } from './goods-rooms.js';
import { KINDS } from './kinds.js';
import { senseOfName } from './sense.js';
import { openWordnet } from './wordnet.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'synclr-sense-'));
});

let files = 0;
async function read(text: string | readonly string[], type = '.json'): Promise<readonly Concept[]> {
  const path = join(dir, `list${files++}${type}`);
  await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text));
  return (await filePools(path))[0].concepts;
}
const sorts = async (names: readonly string[]) => (await read(names)).map((c) => c.sort);

/** Names as shops have them, and the kind that each must get. */
const PRODUCTS: Readonly<Record<string, string>> = {
  'Ergonomic Mesh Office Chair, Black (Set of 2)': 'furniture',
  'LED Desk Lamp with USB Port': 'lamp',
  'French Press 34oz': 'kitchenware',
  'Espresso Machine': 'kitchen appliance',
  'Salad Spinner': 'kitchenware',
  'Men’s Wool Socks, 3 Pack': 'clothing',
  'Wireless Mouse': 'electronics',
  'Shaggy Area Rug 5x8': 'textile',
  'Velvet Throw Pillow Covers': 'textile',
  'True Wireless Earbuds': 'electronics',
  'Wi-Fi 6 Router': 'electronics',
  'Fast Charger 65W': 'electronics',
  'Carry-On Suitcase': 'bag',
  'Bifold Wallet': 'bag',
  'Set of 6 Dinner Plates': 'kitchenware',
  'Pair of Brass Candlesticks': 'candle',
  'Spice Rack Organizer': 'container',
  'Shoe Rack': 'furniture',
  'Dish Drying Rack': 'kitchenware',
  'Toilet Roll Holder': 'bath accessory',
  'Card Holder': 'bag',
  'Oil Seal 40x52x7': 'machine part',
  'M8 Hex Bolts, Zinc (100 Pack)': 'machine part',
  'Wing Nuts': 'machine part',
  'Retractable Dog Leash': 'pet supply',
  'Lightweight Stroller': 'baby gear',
  'Plush Unicorn': 'toy',
  'Stuffed Elephant': 'toy',
  'Yoga Mat 6mm': 'gym gear',
  'Bath Mat': 'textile',
  'Colour Marker Pens': 'stationery',
  'Toaster Pro': 'kitchen appliance',
  'Tea Set': 'kitchenware',
  'Screwdriver Set': 'tool',
  'Running Trainers': 'shoe',
  Jumper: 'clothing',
  'Terracotta Plant Pot': 'planter',
  'Leaf Rake': 'garden tool',
  'Feather Duster': 'cleaning tool',
  '4-Person Dome Tent': 'camping gear',
  'Granola Bars': 'dish',
};

/** Kinds that words before or behind the head decide. */
const BY_NEIGHBOURS: Readonly<Record<string, string>> = {
  'Dog Winter Coat': 'pet supply',
  'Garden Hand Fork': 'garden tool',
  'Salad Fork': 'kitchenware',
  '3-Hole Punch': 'stationery',
  'Neon LED Sign “Open Late”': 'lamp',
  'Steel Buckle Belt': 'accessory',
  'Sake Set': 'kitchenware',
  'Mail Sorter': 'stationery',
  'Ladder Bookshelf 5 Tier': 'furniture',
  'Camera Cage': 'electronics',
  'Bicycle Chain': 'machine part',
  'Pet Cooling Mat': 'pet supply',
};

/** Names that mean something else than their last word has first, and of which that is said. */
const DOUBTFUL = ['Yoga Noodles', 'Hammock Buns', 'Lawn Slasher', 'Velvet Torpedo', 'Bonsai Kit', 'Bathroom Tower'];

describe('a list of products', () => {
  it('reads the head by the words around it, and says what it cannot know', async () => {
    const names = [...Object.keys(BY_NEIGHBOURS), ...Object.keys(PRODUCTS)];
    const concepts = await read([...names, ...DOUBTFUL]);
    expect(Object.fromEntries(concepts.slice(0, 12).map((c, i) => [names[i], c.sort]))).toEqual(BY_NEIGHBOURS);
    const doubted = concepts.filter((c) => c.reading?.doubt).map((c) => c.name);
    expect(doubted).toEqual(DOUBTFUL);
  });

  it('of one trade is read in that trade', async () => {
    const birds = ['sparrow', 'heron', 'owl', 'finch', 'gull', 'hawk', 'warbler', 'knot', 'rail', 'harrier', 'ruff'];
    expect((await sorts(birds)).slice(7)).toEqual(['waterbird', 'waterbird', 'raptor', 'waterbird']);
    const parts = ['piston', 'gasket', 'axle', 'rotor', 'strut', 'bumper', 'hood', 'boot', 'wing', 'plug', 'coil'];
    expect(new Set(await sorts(parts))).toEqual(new Set(['machine part']));
    const shop = ['sofa', 'lamp', 'skillet', 'kettle', 'rug', 'mug', 'chair', 'boot', 'bush'];
    expect((await sorts(shop)).slice(7)).toEqual(['shoe', 'shrub']);
  });

  it('gets the kind of each by its head', async () => {
    const concepts = await read(Object.keys(PRODUCTS));
    expect(Object.fromEntries(concepts.map((c, i) => [Object.keys(PRODUCTS)[i], c.sort]))).toEqual(PRODUCTS);
    expect(concepts.filter((c) => c.reading?.doubt).map((c) => c.name)).toEqual([]);
    expect(concepts[0]).toMatchObject({ name: 'Ergonomic Mesh Office Chair, Black', head: 'office chair' });
  });

  it('says where a meaning is a guess', async () => {
    const concepts = await read([...Object.keys(PRODUCTS), 'Lawn Wizard', 'Zyxotron 3000', 'Toaster Gnurx']);
    const [guessed, unknown, trailing] = concepts.slice(-3);
    expect(guessed).toMatchObject({ sort: 'garden tool', reading: { doubt: expect.stringContaining('lawn') } });
    expect(unknown).toMatchObject({ sort: 'thing', reading: { by: 'nothing', doubt: expect.any(String) } });
    expect(trailing).toMatchObject({ sort: 'kitchen appliance', reading: { doubt: expect.stringContaining('gnurx') } });
  });
});

describe('a word of several meanings', () => {
  const things = ['kettle', 'office chair', 'keyboard', 'desk lamp', 'toaster'];
  it.each([
    ['mouse', ['cat', 'dog', 'horse', 'rabbit'], 'small mammal'],
    ['mouse', things, 'electronics'],
    ['crane', ['robin', 'stork', 'heron', 'gull', 'eagle'], 'waterbird'],
    ['bass', ['trout', 'salmon', 'carp', 'pike'], 'sea fish'],
    ['bass', ['violin', 'acoustic guitar', 'drum kit', 'flute'], 'instrument'],
    ['seal', ['whale', 'dolphin', 'walrus'], 'seal'],
    ['seal', ['hex bolt', 'ball bearing', 'gasket', 'lock washer'], 'machine part'],
    ['spring', ['hex bolt', 'ball bearing', 'gasket', 'lock washer'], 'machine part'],
    ['tablet', things, 'electronics'],
    ['monitor', things, 'electronics'],
  ])('%s beside %j', async (word, beside, kind) => {
    expect((await sorts([...beside, word])).at(-1)).toBe(kind);
  });

  it('keeps its own among things that are no rival: a cat is no shrub in a list of things', async () => {
    expect((await sorts([...things, 'cat', 'bird', 'cake'])).slice(-3)).toEqual(['cat', 'bird', 'bakery']);
  });

  it('alone is said to be a guess', async () => {
    const [mouse] = await read(['mouse']);
    expect(mouse).toMatchObject({ sort: 'small mammal', reading: { doubt: expect.stringContaining('electronics') } });
  });
});

describe('the file’s own hints', () => {
  it.each([
    ['name,sense\ncrane,n03126707\n', 'machine'],
    ['name,sense\ncrane,crane.n.04\n', 'machine'],
    ['name,sense\ncrane,lifts and moves heavy objects\n', 'machine'],
    ['name,sense\ncrane,wading bird\n', 'waterbird'],
    ['name,kind\ncrane,machine\n', 'machine'],
    ['name,kind\ngizmo,kitchenware\n', 'kitchenware'],
    ['name,kind,sense\nMesh Office Chair,furniture,chair.n.01\n', 'furniture'],
  ])('%j', async (table, kind) => {
    const [concept] = await read(table, '.csv');
    expect(concept).toMatchObject({ sort: kind, reading: { by: 'file' } });
    expect(concept.reading?.doubt).toBeUndefined();
  });

  it('are read alike in tables, JSON and JSON Lines, under three names', async () => {
    const lists = [
      await read('name;draw as\nlolly;lamp\nx;\n', '.csv'),
      await read('name\tdraw_as\nlolly\tlamp\n', '.tsv'),
      await read('[{"name":"lolly","drawAs":"Lamp"}]'),
      await read('{"name":"lolly","draw as":"lamp"}\n{"name":"gear"}\n', '.jsonl'),
    ];
    expect(lists.map(([c]) => c.drawAs)).toEqual(['lamp', 'lamp', 'lamp', 'lamp']);
  });

  it('that fit no meaning are refused with the meanings there are', async () => {
    const refused = (table: string) => read(table, '.csv').catch((e) => e as Error);
    const wrong = await refused('name,sense\ncrane,teapot\n');
    expect(wrong).toBeInstanceOf(UserError);
    expect((wrong as Error).message).toMatch(/:2: sense "teapot" fits no meaning of "crane"; WordNet has n\d{8}/);
    expect(((await refused('name,kind\ncup,kitchenwear\n')) as Error).message).toMatch(/did you mean kitchenware/);
  });

  it('in brackets choose a meaning; sizes and colours do not', async () => {
    const [bird, machine, pack, black] = await read([
      'crane (bird)',
      'crane (machine)',
      'mug (12 oz)',
      'chair (black)',
    ]);
    expect([bird.sort, machine.sort, pack.sort, black.sort]).toEqual([
      'waterbird',
      'machine',
      'kitchenware',
      'furniture',
    ]);
  });
});

it('every kind that goods and rooms name is one', () => {
  for (const table of [HOME_GOODS, OTHER_GOODS])
    for (const kind of Object.keys(table)) expect(KINDS, kind).toHaveProperty([kind]);
  for (const [before, head] of [
    [['garlic'], 'press'],
    [['bench'], 'press'],
    [['dog'], 'bed'],
    [['baby'], 'gate'],
  ] as const)
    expect(KINDS).toHaveProperty([kindOfHead(before, head)!.kind]);
  expect(kindOfRoom(['stainless', 'salad'])).toBe('kitchenware');
});

it('the second thing of a relation is what its words mean', () => {
  expect(senseOfName('wooden table').sort).toBe('furniture');
  expect(senseOfName('watering can').sort).toBe('garden tool');
  expect(openWordnet().gloss(senseOfName('teapot').lexeme!.synset)).toContain('tea');
});
