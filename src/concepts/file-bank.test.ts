import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import { filePools } from './file-bank.js';
import { openWordnet } from './wordnet.js';
import { of30 } from './wordnet-ids.js';

const dir = mkdtempSync(join(tmpdir(), 'synclr-lists-'));
afterAll(() => rmSync(dir, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array, ending = '.txt'): string {
  const path = join(dir, `list${files++}${ending}`);
  writeFileSync(path, content);
  return path;
}
const concepts = async (content: string | Uint8Array, ending?: string, limit?: number) =>
  (await filePools(file(content, ending), limit))[0].concepts;
const names = async (content: string | Uint8Array, ending?: string) =>
  (await concepts(content, ending)).map((c) => c.name);
const words = (synset: string | undefined) => openWordnet().synset(synset!).words;

describe('WordNet ids of ImageNet', () => {
  it.each([
    ['n01440764', 'tench'],
    ['n01443537', 'goldfish'],
    ['n02084071', 'dog'],
    ['n02119789', 'kit fox'],
    ['n00001740', 'entity'],
    ['n03126707', 'crane'],
  ])('%s is the %s of WordNet 3.0', (id, word) => {
    expect(words(of30(id))[0]).toBe(word);
  });

  it('no other number is an id', () => {
    for (const id of ['n01443538', 'n00000000', 'n99999999', 'n02084072']) expect(of30(id), id).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ['the class index', '{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}', '.json'],
    ['a list of pairs', '[["n01440764", "tench"], ["n01443537", "goldfish"]]', '.json'],
    ['ids as keys', '{"n01440764": "tench, Tinca tinca", "n01443537": ["goldfish", "Carassius auratus"]}', '.json'],
    ['class numbers of ids', '{"n01440764": 0, "n01443537": 1}', '.json'],
    ['synsets', 'n01440764 tench, Tinca tinca\nn01443537 goldfish, Carassius auratus\n', '.txt'],
    ['synsets with tabs', 'n01440764\ttench, Tinca tinca\r\nn01443537\tgoldfish\r\n', '.tsv.txt'],
    ['bare ids', 'n01440764\nn01443537\n', '.txt'],
    ['bare ids in JSON', '["n01440764", "n01443537"]', '.json'],
    ['ids, numbers, names', 'n01440764 1 tench\nn01443537 2 goldfish\n', '.txt'],
    ['numbers, ids, names', '0,n01440764,tench\n1,n01443537,goldfish\n', '.txt'],
    ['folders', 'n01440764-tench\nn01443537-goldfish\n', '.txt'],
    ['a table', 'wnid,name\nn01440764,tench\nn01443537,goldfish\n', '.csv'],
    ['a table of ids', 'class_id;synset\n0;n01440764\n1;n01443537\n', '.csv'],
    ['objects', '[{"id": 0, "wnid": "n01440764"}, {"id": "n01443537", "name": "goldfish"}]', '.json'],
    ['objects, one a line', '{"synset": "n01440764"}\n{"synset": "goldfish.n.01"}\n', '.jsonl'],
    ['names of senses', 'tench.n.01\ngoldfish.n.01\n', '.txt'],
    ['offsets first', '01440764-n\n01443537-n\n', '.txt'],
    ['ids of 3.1', 'n01443405 tench\nn01446178 goldfish\n', '.txt'],
    ['ids under another ending', 'n01440764\nn01443537\n', '.json.txt'],
  ])('%s: the sense is taken, the id is not said', async (_, text, ending) => {
    const found = await concepts(text, ending);
    expect(found.map((c) => c.name)).toEqual(['tench', 'goldfish']);
    expect(found.map((c) => words(c.synset)[0])).toEqual(['tench', 'goldfish']);
    expect(found[1].hypernyms).toContain('fish');
  });

  it('one name of two senses stays two concepts', async () => {
    const found = await concepts('n02012849 crane\nn03126707 crane\nn02119789 1 kit_fox\n');
    expect(found.map((c) => [c.name, c.sort])).toEqual([
      ['crane', 'waterbird'],
      ['crane', 'machine'],
      ['kit fox', 'forest mammal'],
    ]);
  });

  it('an id without a name that no version has is refused, one with a name is known by it', async () => {
    await expect(names('n01443537\nn01443538\n')).rejects.toThrow(
      /:2: n01443538: no noun of WordNet 3\.0 that 3\.1 has too: write a name beside it, or leave it out$/,
    );
    expect(await names('n01443537 goldfish\nn01443538 tench\n')).toEqual(['goldfish', 'tench']);
    await expect(names('v01443538\n')).rejects.toThrow(/is no noun of WordNet/);
    await expect(names('xyzzy.n.07\n')).rejects.toThrow(/WordNet has no such sense: "xyzzy\.n\.07"/);
  });
});

describe('lists of classes', () => {
  it.each<[string, string, string]>([
    ['id2label', '{"0": "tench, Tinca tinca", "1": "goldfish, Carassius auratus"}', '.json'],
    [
      'a model’s config',
      '{"model_type": "vit", "id2label": {"0": "tench", "1": "goldfish"}, "hidden_size": 8}',
      '.json',
    ],
    ['label2id', '{"label2id": {"tench, Tinca tinca": "0", "goldfish": "1"}}', '.json'],
    ['class_to_idx', '{"tench": 0, "goldfish": 1}', '.json'],
    [
      'COCO',
      '{"images": [], "categories": [{"id": 1, "name": "tench", "supercategory": "fish"}, {"id": 2, "name": "goldfish"}]}',
      '.json',
    ],
    ['Python', '{0: \'tench, Tinca tinca\',\n 1: "goldfish, Carassius auratus"}\n', '.txt'],
    ['synonyms', 'tench, Tinca tinca\ngoldfish, Carassius auratus\n', '.txt'],
    ['numbered', '0: tench\n1: goldfish\n', '.txt'],
    ['numbered after', 'tench 0\ngoldfish 1\n', '.txt'],
    ['bullets', '- tench\n- goldfish\n', '.md'],
    ['quoted lines', '"tench",\n"goldfish",\n', '.txt'],
    ['a table in a text file', 'name\tweight\ntench\t2\ngoldfish\t2\n', '.txt'],
    ['JSON in a text file', '["tench", "goldfish"]', '.txt'],
    ['JSON in a table’s name', '["tench", "goldfish"]', '.csv'],
    ['JSON Lines', '"tench"\n{"name": "goldfish"}\n', '.json'],
    ['Excel', 'sep=;\r\nname;weight\r\ntench;1,5\r\ngoldfish;1,5\r\n', '.csv'],
    ['a label column', 'id,label\n7,tench\n9,goldfish\n', '.csv'],
    ['labels by number and name', '[{"label": 0, "name": "tench"}, {"label": 1, "name": "goldfish"}]', '.json'],
    ['old Macs', '\uFEFFtench\rgoldfish\r', '.txt'],
    ['categories in categories', '{"animals": {"fish": ["tench"], "more fish": ["goldfish"]}}', '.json'],
    ['underscores', 'tench_\n__goldfish\n', '.txt'],
  ])('%s', async (_, text, ending) => {
    const found = await concepts(text, ending);
    expect(found.map((c) => c.name)).toEqual(['tench', 'goldfish']);
    expect(found.map((c) => c.category)).toEqual(['animal', 'animal']);
  });

  it('knows Places-365', async () => {
    const found = await concepts('/a/airfield 0\n/a/arena/hockey 15\n');
    expect(found.map((c) => [c.name, c.kind])).toEqual([
      ['airfield', 'place'],
      ['hockey arena', 'place'],
    ]);
  });

  it('reads decimal commas where they can be nothing else', async () => {
    const weights = async (text: string) => (await concepts(text, '.csv')).map((c) => c.frequency);
    expect(await weights('name;weight\ncat;1,500\ndog;2\n')).toEqual([1.5, 2]);
    expect(await weights('name,weight\n"Cat, domestic",1\ndog,"1,5"\n')).toEqual([1, 1.5]);
    await expect(weights('name,weight\ndog,"1,500"\n')).rejects.toThrow(/weight "1,500" may mean 1500 or 1\.500$/);
  });

  it('takes quoted fields with line feeds, and keeps to its lines in messages', async () => {
    expect(await names('name,weight\n"garden\r\nchair",1\n', '.csv')).toEqual(['garden chair']);
    await expect(names('name,weight\n"garden\nchair",1\ndog,x\n', '.csv')).rejects.toThrow(/:4: weight/);
  });

  it('takes names that every object has', async () => {
    const list = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    expect(await names(list.join('\n'))).toEqual(['proto', 'constructor', 'toString', 'hasOwnProperty']);
    expect(await names('{"__proto__": ["dog"], "constructor": ["cat"]}', '.json')).toEqual(['dog', 'cat']);
    await expect(names('[{"name": "dog", "__proto__": 1}]', '.json')).rejects.toThrow(/unknown field "__proto__"/);
    await expect(names('name,constructor\ndog,1\n', '.csv')).rejects.toThrow(/unknown: constructor/);
  });

  it('keeps the heaviest under a limit, in the list’s order', async () => {
    const found = await concepts('name,weight\nant,1\nbee,3\ncat,2\ndog,3\n', '.csv', 3);
    expect(found.map((c) => c.name)).toEqual(['bee', 'cat', 'dog']);
  });

  it('holds its ways in milliseconds on long lines', async () => {
    const start = performance.now();
    for (const text of [
      ' '.repeat(200_000),
      'a '.repeat(100_000),
      '1'.repeat(200_000),
      `n01443537${' 1'.repeat(50_000)}`,
    ])
      await concepts(`${text}\n${text}x`).catch((e) => expect(e).toBeInstanceOf(UserError));
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it.each<[string, string | Uint8Array, string, RegExp]>([
    [
      'twice the same key',
      '{"animals": ["cat"],\n"animals": ["bird"]}',
      '.json',
      /:2: "animals" is there twice: make them one$/,
    ],
    [
      'an object in a number’s place',
      '{"cat": {"toString": null}}',
      '.json',
      /"toString" must hold a list of names, got null$/,
    ],
    ['an object for a field', '[{"name": "cat", "category": {"toString": null}}]', '.json', /unknown category/],
    ['null', '["cat", null]', '.json', /entry 2: expected a name or an object with a name, got null$/],
    ['UTF-16', Buffer.from('\uFEFFcat\n', 'utf16le'), '.txt', /is UTF-16: save it as UTF-8$/],
    [
      'Latin-1',
      Buffer.from('café\n', 'latin1'),
      '.txt',
      /is not UTF-8 text, perhaps Latin-1 or Windows-1252: save it as UTF-8$/,
    ],
    ['a page', '<!DOCTYPE html><html><p>cat</p></html>', '.txt', /in HTML or XML: give the names alone, one a line$/],
    ['YAML', 'nc: 2\nnames: [cat, dog]\n', '.yaml', /:2: "names: \[cat, dog\]" looks like YAML/],
    ['numbers', '{"cat": 17, "dog": 3}', '.json', /"cat" must hold a list of names, got 17$/],
    ['labels without names', '{"id2label": {"0": "LABEL_0"}}', '.json', /LABEL_0 is a number and no name/],
    ['a negative weight', 'name,weight\ncat,-1\n', '.csv', /:2: weight must be a number above 0 .*got "-1"$/],
    [
      'a weight that is no number',
      'name,weight\ncat,NaN\n',
      '.csv',
      /:2: weight must be a number above 0 .*got "NaN"$/,
    ],
    ['an endless weight', '[{"name": "cat", "weight": 1e999}]', '.json', /weight must be a number above 0/],
    ['weights whose sum is endless', '[{"name": "cat", "weight": 1e308}]', '.json', /weight must be a number above 0/],
    ['a weight that is true', '[{"name": "cat", "weight": true}]', '.json', /weight must be .*got true$/],
    [
      'two weights of one',
      'name,weight\ncat,1\nCat,5\n',
      '.csv',
      /:3: "Cat" has weight 5, and 1 before \(.*:2\): make them one$/,
    ],
    ['an empty name', '["", "cat"]', '.json', /entry 1: a concept's name needs a letter or a digit, got ""$/],
    [
      'an unending name',
      'a'.repeat(100_000),
      '.txt',
      /:1: a concept's name has at most 100 characters, got 100000: "a{77} …$/,
    ],
    ['a turned name', 'cat\u202Egod\n', '.txt', /:1: a concept's name has no control characters, got "cat\\u202egod"$/],
    ['a coloured name', '["cat\\u001b[31m"]', '.json', /no control characters, got "cat\\u001b/],
    ['a number for a name', '[{"name": 12}]', '.json', /entry 1: a concept's name is text, got 12$/],
    ['something else', Buffer.from([0x7b, 0x00, 0x01]), '.txt', /not a text file$/],
  ])('%s: one clear line', async (_, content, ending, message) => {
    const error = await filePools(file(content, ending)).then(
      () => undefined,
      (e: unknown) => e as Error,
    );
    expect(error).toBeInstanceOf(UserError);
    expect(error!.message).toMatch(message);
    expect(error!.message).not.toMatch(/\n/);
  });
});
