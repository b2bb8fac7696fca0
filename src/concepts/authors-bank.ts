import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { readJson, readText } from '../formats/json.js';
import type { Pool } from './bank.js';
import { type Concept, toConcept } from './concept.js';
import type { Kind } from './kinds.js';
import { placeName } from './places365.js';
import { plainName } from './plain-name.js';
import { openWordnet } from './wordnet.js';

/**
 * The authors' own concept files (syn_text of their repository): labels.json (data set → class names), places.txt (Places-365),
 * imgnet_background_dict.json (ImageNet class → backgrounds) and ds_background_dict.json (data set → backgrounds).
 * labels.json must be there; the others are used where they are.
 */

/** Data sets by source, share of the draws (paper, Table 11) and sort; `backgrounds`: key of ds_background_dict.json. */
const OBJECTS = 0.91;
const SOURCES: readonly {
  source: string;
  sets: readonly string[];
  share: number;
  sort?: Kind;
  backgrounds?: string;
}[] = [
  { source: 'imagenet', sets: ['imagenet'], share: OBJECTS * 0.5 },
  // The paper's share of ImageNet-21k and others; of these the folder has the class lists of other data sets.
  { source: 'birds', sets: ['birdsnap', 'cub200'], share: OBJECTS * 0.12, sort: 'bird', backgrounds: 'birds' },
  { source: 'pets', sets: ['pets'], share: OBJECTS * 0.06, sort: 'dog', backgrounds: 'pets' },
  { source: 'others', sets: ['cifar10', 'cifar100', 'caltech101', 'stl10', 'voc2007'], share: OBJECTS * 0.12 },
  { source: 'food101', sets: ['food101'], share: OBJECTS * 0.05, sort: 'dish', backgrounds: 'food' },
  { source: 'cars', sets: ['cars'], share: OBJECTS * 0.06, sort: 'car', backgrounds: 'cars' },
  { source: 'aircraft', sets: ['aircraft'], share: OBJECTS * 0.06, sort: 'aircraft', backgrounds: 'airplanes' },
  { source: 'flowers', sets: ['flowers'], share: OBJECTS * 0.03, sort: 'flower', backgrounds: 'flowers' },
];
const PLACES = 0.088;
const TEXTURES = 0.002;

/** Caltech-101's classes that are no concepts. */
const NOT_A_CONCEPT = /^(background|off-center face|centered face)$/;
const CAT_BREEDS =
  /^(abyssinian|bengal|birman|bombay|british shorthair|egyptian mau|maine coon|persian|ragdoll|russian blue|siamese|sphynx)$/i;

type Lists = ReadonlyMap<string, readonly string[]>;

/**
 * Pools of the authors' folder, shares as in the paper; sources that are missing leave their share to the others.
 * @throws UserError if labels.json is missing or a file is malformed.
 */
export async function authorsPools(folder: string): Promise<Pool[]> {
  const file = (name: string) => join(folder, name);
  if (!(await exists(file('labels.json')))) {
    throw new UserError(`concepts.source: ${folder} has no labels.json; a folder must hold the authors' files`);
  }
  const labels = lists(await readJson(file('labels.json')), file('labels.json'));
  const optional = async (name: string): Promise<Lists> =>
    (await exists(file(name))) ? lists(await readJson(file(name)), file(name)) : new Map();
  const [ofClass, ofSet] = await Promise.all([
    optional('imgnet_background_dict.json'),
    optional('ds_background_dict.json'),
  ]);

  const pools: Pool[] = [];
  for (const { source, sets, share, sort, backgrounds } of SOURCES) {
    const names = unique(sets.flatMap((set) => labels.get(set) ?? []).filter((name) => !NOT_A_CONCEPT.test(name)));
    const concepts = names.map((raw) =>
      labelled(raw, `synclr/${source}`, sort, ofClass.get(raw) ?? (backgrounds ? ofSet.get(backgrounds) : undefined)),
    );
    if (concepts.length > 0) pools.push({ source: `synclr/${source}`, share, concepts });
  }
  const places = unique([
    ...((await exists(file('places.txt'))) ? placeNames(await readText(file('places.txt')), file('places.txt')) : []),
    // SUN-397 writes `pub indoor`.
    ...(labels.get('sun397') ?? []).map((name) =>
      name.replace(/^(.+) (indoor|outdoor|interior|exterior|natural|urban|public|home|wild|office)$/, '$2 $1'),
    ),
  ]).map((name) => {
    const lexeme = openWordnet().lookup(name);
    return toConcept({ name, lexeme, category: 'place', kind: 'place', source: 'synclr/places' });
  });
  if (places.length > 0) pools.push({ source: 'synclr/places', share: PLACES, concepts: places });
  const textures = unique(labels.get('dtd') ?? []).map((name) =>
    toConcept({ name, category: 'texture', kind: 'texture', source: 'synclr/dtd' }),
  );
  if (textures.length > 0) pools.push({ source: 'synclr/dtd', share: TEXTURES, concepts: textures });
  if (pools.length === 0) {
    const known = SOURCES.flatMap((s) => s.sets).join(', ');
    throw new UserError(`${file('labels.json')}: none of the data sets that are drawn from (${known})`);
  }
  const total = pools.reduce((sum, pool) => sum + pool.share, 0);
  return pools.map((pool) => ({ ...pool, share: pool.share / total }));
}

function labelled(
  raw: string,
  source: string,
  sort: Kind | undefined,
  backgrounds: readonly string[] | undefined,
): Concept {
  // `crane (bird)`: the hint chooses the sense and is not said.
  const name = raw.replace(/\s*\([^()]*\)$/, '').trim();
  const lexeme = openWordnet().lookup(raw);
  if (sort === 'car' || sort === 'aircraft' || sort === 'flower') return toConcept({ name, sort, source, backgrounds });
  if (sort === 'dog') {
    const own: Kind = CAT_BREEDS.test(name) ? 'cat' : 'dog';
    return toConcept({ name: own === 'cat' ? `${name} cat` : name, sort: own, source, backgrounds });
  }
  return toConcept({
    name,
    lexeme,
    category: sort && (sort === 'bird' ? 'animal' : 'food'),
    sort,
    source,
    backgrounds,
  });
}

function unique(names: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const name of names) {
    const key = name.toLowerCase();
    if (!seen.has(key)) seen.set(key, name);
  }
  return [...seen.values()];
}

/** `/a/arena/hockey 15` → `hockey arena`. */
function placeNames(text: string, path: string): string[] {
  return text
    .split(/\r\n|\n|\r/)
    .map((line, i) => ({ line: line.trim(), where: `${path}:${i + 1}` }))
    .filter(({ line }) => line !== '')
    .map(({ line, where }) => {
      const name = placeName(line);
      if (name === undefined)
        throw new UserError(`${where}: expected a line such as "/a/arena/hockey 15", got "${line}"`);
      return name;
    });
}

function lists(value: unknown, path: string): Lists {
  if (!value || typeof value !== 'object' || Array.isArray(value))
    throw new UserError(`${path}: expected an object name → list of names`);
  return new Map(
    Object.entries(value).map(([key, list]) => {
      if (!Array.isArray(list)) throw new UserError(`${path}: "${key}" must hold a list of names`);
      // fer2013 lists alternatives for each class; the first stands for it.
      const names = list.map((item) => (Array.isArray(item) ? item[0] : item));
      if (names.some((n) => typeof n !== 'string')) throw new UserError(`${path}: "${key}" must hold names only`);
      return [plainName(key), names.map(plainName)] as const;
    }),
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
