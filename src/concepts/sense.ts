import { doubtOf, said } from './doubts.js';
import type { Entry } from './entry.js';
import { goodsOf } from './goods.js';
import { belongs, kindOfHead, kindOfRoom, kindOfThing } from './goods-rooms.js';
import { formsOf, type Part, partsOf } from './head.js';
import { type Category, KINDS, type Kind, kindOf } from './kinds.js';
import { MEANT } from './meant.js';
import { FEWEST_NEIGHBOURS, type Neighbours, neighbours } from './neighbours.js';
import { type Lexeme, openWordnet } from './wordnet.js';

/**
 * What a name means: chosen once, where a list is read, and kept from there on. A name is looked up whole, then by its head (the last noun, with
 * as many words before it as are known); what goods are called (goods.ts) stands beside WordNet. Where a name has several meanings, the list
 * decides: among products a mouse is no animal, among birds a crane no machine.
 */
export interface Sense {
  readonly sort: Kind;
  readonly lexeme?: Lexeme;
  /** The end of the name that is known, as the name has it: `office chair` of `Mesh Office Chair, Black`. Empty: none is. */
  readonly head: string;
  /** Where the meaning is from: the file; WordNet's entry of the whole name or of its head; what goods are called; nowhere. */
  readonly by: 'file' | 'name' | 'head' | 'goods' | 'nothing';
  /** Why it may be another one, in words; absent where nothing speaks against it. */
  readonly doubt?: string;
}

interface Option {
  readonly sort: Kind;
  readonly lexeme?: Lexeme;
  readonly from: 'goods' | 'wordnet';
  /** Its room is not named: only the list may call for it. */
  readonly far?: true;
  /** A meaning that the word seldom has. */
  readonly rare?: true;
  /** One that only a list of such things calls for: the knot, a bird. */
  readonly deep?: true;
  /** Its kind is that of things of the same room: the words that name the room. */
  readonly guessed?: string;
  /** The words before it chose it. */
  readonly told?: true;
  /** The words before it speak of things of this kind. */
  readonly against?: Kind;
}

/** Kinds that nobody sells by the name of a room: `cake dome`, `weed puller`. */
const NO_GOODS = /^(person|place|room|building|stone|thing)$|mammal|creature/;

/** Kinds that share rooms: a silver ring, a leather jacket. */
const NEAR_KINDS = new RegExp(
  '^(accessory|machine part|textile|electronics|stationery) |^tool (machine part|container|furniture|bag)' +
    '|^kitchenware .*(dish|sauce|drink|bakery|fruit|vegetable|nut|appliance)',
);

/** A winter coat for dogs, as against a shirt with a dog on it. */
const FOR_PETS = /^(dog|puppy|kitten|pet)s?\b/;
const WORN_OR_SOFT = /^(clothing|textile|accessory|furniture|toiletry)$/;

/** A toy store is none. */
const PREMISES =
  /^(store|shop|room|hall|station|cent(er|re)|mall|market|factory|school|hospital|court|field|park|studio|museum|theat(er|re)|salon|club)$/;

/** The meanings of a name, the usual one first. */
interface Reading {
  readonly head: string;
  readonly whole: boolean;
  /** Words before the head, which tell more of it. */
  readonly before: readonly string[];
  /** Words behind the head that are left off. */
  readonly behind: readonly string[];
  readonly options: readonly Option[];
  readonly doubt?: string;
}

const categoryOf = (o: { sort: Kind }): Category => KINDS[o.sort].category;

/** Heads of several words are at most so long. */
const LONGEST_HEAD = 5;
/** Senses of a word that a list may call for, the common ones. */
const COMMON = 4;
const DEEPEST = 12;
const LEXFILES = /^noun\.(animal|plant|food|artifact|object)$/;

/** The meanings of a name. */
function read(name: string): Reading | undefined {
  const whole = openWordnet().lookup(plainOf(name));
  const parts = partsOf(name);
  let late: Reading | undefined;
  for (const part of parts) {
    // What may follow the thing is first taken for a part of it: a tea set, a tool kit.
    for (let end = part.words.length; end > 0; end--) {
      const dropped = part.words.length - end;
      const found = readEnd(part, end, parts.length === 1 && dropped === 0 && whole?.partial === false);
      if (!found) continue;
      if (dropped <= part.after) return found;
      // A brand or a people is no thing.
      if (/person|place/.test(categoryOf(found.options[0]))) break;
      const lost = part.words.slice(end).join(' ');
      late ??= { ...found, doubt: `"${lost}" behind "${found.head}" says nothing that is known` };
      break;
    }
  }
  if (late) return late;
  // The head of a compound in one word: `clownfish`.
  const lexeme = openWordnet().lookup(name);
  if (!lexeme) return undefined;
  return {
    head: name.toLowerCase(),
    whole: false,
    before: [],
    behind: [],
    options: [{ sort: kindOf(lexeme), lexeme, from: 'wordnet' }],
    doubt: `read as a kind of ${lexeme.name}`,
  };
}

const plainOf = (name: string): string =>
  name
    .replace(/\([^()]*\)/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** The longest end of words[0 … end) that is known. */
function readEnd({ words, after }: Part, end: number, wholeKnown: boolean): Reading | undefined {
  const last = words[end - 1];
  // Of `Knife Set`, the set is what may follow; alone it means nothing.
  const trailing = end > words.length - after;
  for (let from = Math.max(0, end - LONGEST_HEAD); from < end; from++) {
    if (trailing && from === end - 1 && words.length > 1) return undefined;
    const head = words.slice(from, end).join(' ');
    const before = words.slice(0, from);
    const options = optionsOf(head, before, last);
    if (options.length === 0) continue;
    if (from < end - 1 && isOtherThanHead(options[0], words.slice(0, end - 1), last)) continue;
    return {
      head,
      whole: from === 0 && wholeKnown,
      before,
      behind: words.slice(end),
      options: forServing(options, words.slice(end)),
    };
  }
  return undefined;
}

/** A sake set is no drink. */
function forServing(options: readonly Option[], behind: readonly string[]): readonly Option[] {
  const serves = options[0].sort === 'drink' && behind.includes('set');
  return serves ? [{ sort: 'kitchenware', from: 'goods', told: true }, ...options] : options;
}

/** A compound that WordNet has as a person or as some thing, while its head is something that shops sell. */
function isOtherThanHead(first: Option, before: readonly string[], last: string): boolean {
  if (first.from === 'goods') return false;
  // No more than a thing to WordNet, while its words say more: a nose ring.
  if (first.sort === 'thing') return headKind(before, last)?.told === true;
  if (categoryOf(first) !== 'person') return false;
  return optionsOf(last, before, last).some((o) => o.from === 'goods' && !o.far && !o.guessed);
}

/** The meanings of a phrase behind these words, the likeliest first. */
function optionsOf(head: string, before: readonly string[], last: string): Option[] {
  const lexeme = lexemeOf(head);
  const senses = lexeme ? commonSenses(lexeme) : [];
  const usual: Option | undefined = lexeme && { sort: sortOf(lexeme), lexeme, from: 'wordnet' };
  const named: Option[] = [];
  const plain: Option[] = [];
  const far: Option[] = [];
  const goods =
    formsOf(head)
      .map(goodsOf)
      .find((found) => found.length > 0) ?? [];
  for (const { kind, room } of goods) {
    const option: Option = { ...ofKind(kind, senses), from: 'goods' };
    if (room === undefined) plain.push(option);
    else if (belongs(before, room)) named.push({ ...option, told: true });
    else far.push({ ...option, far: true });
  }
  const byHead = head === last ? headKind(before, last) : undefined;
  const ofHead: Option[] = byHead
    ? [{ ...ofKind(byHead.kind, senses), from: 'goods', ...(byHead.told ? { told: true } : {}) }]
    : [];
  // A word that first of all means something else: a mouse, a crane, a seal.
  const isMeant = usual && before.length === 0 && Object.hasOwn(MEANT, lexeme!.name.replaceAll(' ', '_'));
  // Openers, cleaners and holders are persons to WordNet.
  const isOdd = usual && byHead && /person|place/.test(categoryOf(usual));
  const all = [
    ...named,
    ...(byHead?.sure && before.length > 0 ? ofHead : []),
    ...(isMeant ? [usual] : []),
    ...plain,
    ...(before.length > 0 || !usual || isOdd ? ofHead : []),
    ...(usual && !isOdd ? [usual] : []),
  ];
  if (all.length === 0) return [];
  const [first] = all;
  const forPets = head === last && FOR_PETS.test(before.join(' ')) && WORN_OR_SOFT.test(first.sort);
  if (forPets) all.unshift({ sort: 'pet supply', from: 'goods', told: true });
  // A stuffed elephant, a plush unicorn; a cake dome, a cat tunnel, a weed puller.
  const vague = first.from === 'wordnet' || first.sort === 'thing';
  if (!forPets && vague && before.length > 0 && head === last && !PREMISES.test(last)) {
    const soft = before.some((w) => /^(stuffed|plush|toy|inflatable|crocheted|amigurumi|die-cast|diecast)$/.test(w));
    const room = kindOfRoom(before) ?? kindOfThing(before);
    if (soft) all.unshift({ sort: 'toy', from: 'goods', told: true });
    else if (room && (NO_GOODS.test(first.sort) || /animal|plant|person|vehicle/.test(categoryOf(first))))
      all.unshift({ sort: room, from: 'goods', guessed: before.join(' ') });
    else if (room && first.sort === 'thing') all.unshift({ sort: room, from: 'goods', guessed: before.join(' ') });
    else if (room && room !== first.sort && !NEAR_KINDS.test(`${room} ${first.sort}`))
      all[0] = { ...first, against: room };
  }
  all.push(...far, ...senses.map((s): Option => ({ sort: sortOf(s), lexeme: s, from: 'wordnet', rare: true })));
  if (before.length === 0 && lexeme)
    all.push(
      ...commonSenses(lexeme, DEEPEST).map(
        (s): Option => ({ sort: sortOf(s), lexeme: s, from: 'wordnet', rare: true, deep: true }),
      ),
    );
  return all.filter((o, i) => all.findIndex((x) => x.sort === o.sort) === i);
}

function headKind(before: readonly string[], last: string): { kind: Kind; sure: boolean; told?: true } | undefined {
  for (const form of formsOf(last)) {
    const found = kindOfHead(before, form);
    if (found) return found;
  }
  return undefined;
}

/** What WordNet has under this very phrase (or its singular), if that can be seen. */
function lexemeOf(phrase: string): Lexeme | undefined {
  const lexeme = openWordnet().lookup(phrase);
  return lexeme && !lexeme.partial ? lexeme : undefined;
}

/** Common senses of a word that are things, animals, plants or food. */
function commonSenses(lexeme: Lexeme, most = COMMON): Lexeme[] {
  const wordnet = openWordnet();
  return wordnet
    .senses(lexeme.name)
    .slice(0, most + 2)
    .filter((id) => !wordnet.synset(id).instance && LEXFILES.test(wordnet.synset(id).lexname))
    .slice(0, most)
    .map((id) => wordnet.sense(id, lexeme.name));
}

/** A kind of goods with the sense of its word that fits best. */
function ofKind(kind: Kind, senses: readonly Lexeme[]): { sort: Kind; lexeme?: Lexeme } {
  const { category } = KINDS[kind];
  const same = senses.filter((s) => KINDS[sortOf(s)].category === category);
  const lexeme =
    same.find((s) => sortOf(s) === kind) ??
    same[0] ??
    (category === 'artefact'
      ? senses.find((s) => s.lexname === 'noun.artifact' && !/place|room/.test(sortOf(s)))
      : undefined);
  return { sort: kind, ...(lexeme ? { lexeme } : {}) };
}

/** The kind of a sense; pipes, hoses and straws are passages to WordNet, and so would be rooms. */
function sortOf(lexeme: Lexeme): Kind {
  const kinds = [lexeme.name, ...lexeme.hypernyms];
  if (kinds.includes('tube') && kinds.includes('passage')) return kinds.includes('hose') ? 'garden tool' : 'thing';
  return kindOf(lexeme);
}

/** The kinds of names whose meaning nothing but the name itself decides; of a doubtful one none. */
const settledSort = (reading: Reading | undefined): readonly Kind[] => {
  if (!reading) return [];
  const near = reading.options.filter((o) => !o.far && !o.deep);
  const categories = new Set(near.map(categoryOf));
  return categories.size === 1 ||
    (reading.options[0].from === 'goods' && (reading.before.length > 0 || reading.head.includes(' ')))
    ? [reading.options[0].sort]
    : [];
};

/** Share of a category in a list that has little else. */
const NEARLY_ALL = 0.8;

function choose(reading: Reading, near: Neighbours): { option: Option; doubt?: string } {
  const { before, doubt, head } = reading;
  const share = (o: Option) => near.categories.get(categoryOf(o)) ?? 0;
  const known = near.count >= FEWEST_NEIGHBOURS;
  const things = near.categories.get('artefact') ?? 0;
  // A guess by the room is for lists of things: a baseball player is a person elsewhere.
  const options = reading.options.filter((o) => !o.guessed || !known || things >= 0.6);
  const [usual] = options;
  // Two words or more that goods are called by, or one with words before it, mean goods whatever the list is about.
  const firm = usual.from === 'goods' && (before.length > 0 || head.includes(' '));
  const others = options.filter((o) => o.sort !== usual.sort && (!o.deep || share(o) >= NEARLY_ALL));
  const told = doubt === undefined ? {} : { doubt };
  if (others.length === 0 || firm) return { option: usual, ...told };
  if (known) {
    const sorts = (o: Option) => (o.sort === 'thing' ? 0 : (near.sorts.get(o.sort) ?? 0));
    // The name itself may be the one.
    const few = Math.max(0.1, 1 / near.count);
    // A list of one kind of thing: birds, instruments, machine parts.
    const alike = others.find((o) => sorts(o) >= 0.3 && sorts(usual) <= few && share(o) >= share(usual));
    if (alike) return { option: alike, ...told };
    // Of birds of all kinds, of fish of all waters.
    const kin = (o: Option) => (categoryOf(o) === 'artefact' ? 0 : (near.companies.get(KINDS[o.sort].company) ?? 0));
    const related = others.find((o) => kin(o) >= 0.6 && kin(usual) <= few);
    if (related) return { option: related, ...told };
    // Or mostly of one category. Rare meanings of common words (a cat is also a shrub's leaf) do not come up among things.
    const isMeant = Object.hasOwn(MEANT, head.replaceAll(' ', '_'));
    const fits = (o: Option) =>
      o.from === 'goods' || (isMeant && o.sort !== 'thing') || !o.rare || /animal|plant|food/.test(categoryOf(o));
    const other = others.find((o) => categoryOf(o) !== categoryOf(usual) && share(o) >= 0.6 && fits(o));
    if (other && share(usual) <= 0.1) return { option: other, ...told };
    if (share(usual) >= 0.5) return { option: usual, ...told };
  }
  const rival = others.find((o) => categoryOf(o) !== categoryOf(usual) && !o.rare && !o.far);
  const both = rival && (rival.from === 'goods' || usual.from === 'goods');
  return both ? { option: usual, doubt: doubt ?? among(usual, rival) } : { option: usual, ...told };
}

const among = (chosen: Option, other: Option): string => `taken for ${said(chosen)}, may be ${said(other)}`;

/**
 * The meanings of the names of one list.
 * @param entries what the list says; a sense, category or kind that it gives is not chosen again
 * @param given senses that the list itself tells, by their ids in WordNet 3.1
 */
export function sensesOfList(
  entries: readonly Entry[],
  names: readonly string[],
  given: readonly (string | undefined)[],
): Sense[] {
  const readings = entries.map((entry, i) => (entry.kind === 'texture' ? undefined : read(names[i])));
  const sure = entries.flatMap(({ sort, category }, i): readonly Kind[] => {
    if (given[i] !== undefined) return [sortOf(openWordnet().sense(given[i]!))];
    if (sort !== undefined) return [sort];
    return category === undefined ? settledSort(readings[i]) : [];
  });
  const near = neighbours(sure);
  return entries.map((entry, i) => senseOf(entry, given[i], readings[i], near));
}

function senseOf(entry: Entry, given: string | undefined, reading: Reading | undefined, near: Neighbours): Sense {
  if (given !== undefined) {
    const lexeme = openWordnet().sense(given);
    return { sort: entry.sort ?? sortOf(lexeme), lexeme, head: reading?.head ?? '', by: 'file' };
  }
  if (!reading) {
    const doubt = 'no word of it is known: taken for a handy thing';
    return entry.sort || entry.category || entry.kind
      ? { sort: entry.sort ?? 'thing', head: '', by: 'file' }
      : { sort: 'thing', head: '', by: 'nothing', doubt };
  }
  if (entry.kind === 'place' || entry.category === 'place') {
    const lexeme = openWordnet().lookup(entry.name);
    return {
      sort: entry.sort ?? (lexeme ? kindOf(lexeme) : 'place'),
      head: '',
      by: 'file',
      ...(lexeme ? { lexeme } : {}),
    };
  }
  const told = entry.sort ?? entry.category;
  const fits = (o: Option) => (entry.sort ? o.sort === entry.sort : categoryOf(o) === entry.category);
  if (told !== undefined) {
    const same = entry.sort && reading.options.find((o) => categoryOf(o) === KINDS[entry.sort!].category);
    const option = reading.options.find(fits) ?? same;
    if (option) return { ...sense(reading, option), by: 'file', sort: entry.sort ?? option.sort };
    return { sort: entry.sort ?? 'thing', head: reading.head, by: 'file' };
  }
  const { option, doubt } = choose(reading, near);
  const guessed = option.guessed && `a thing for "${option.guessed}" is taken for ${said(option)}`;
  const against = option.against && `taken for ${said(option)}, while the words before it speak of "${option.against}"`;
  const around = {
    count: near.count,
    things: near.categories.get('artefact') ?? 0,
    same: near.categories.get(categoryOf(option)) ?? 0,
  };
  const odd =
    doubt ??
    guessed ??
    against ??
    doubtOf({ ...reading, sort: option.sort, goods: option.from === 'goods', told: option.told === true }, around);
  return { ...sense(reading, option), ...(odd === undefined ? {} : { doubt: odd }) };
}

function sense({ head, whole }: Reading, option: Option): Sense {
  const by = option.from === 'goods' && !option.lexeme ? 'goods' : whole ? 'name' : 'head';
  return { sort: option.sort, head, by, ...(option.lexeme ? { lexeme: option.lexeme } : {}) };
}

/** What a single name means where no list stands around it: the second thing of a relation. */
export function senseOfName(name: string): Sense {
  let found = ALONE.get(name);
  if (!found) {
    [found] = sensesOfList([{ name, synonyms: [], where: name }], [name], [undefined]);
    if (ALONE.size > 20_000) ALONE.clear();
    ALONE.set(name, found);
  }
  return found;
}
const ALONE = new Map<string, Sense>();
