import { isGoods } from './goods.js';
import { kindOfRoom, kindOfThing, MATERIALS } from './goods-rooms.js';
import { formsOf } from './head.js';
import { type Category, KINDS, type Kind, kindOf } from './kinds.js';
import { openWordnet } from './wordnet.js';

/** What speaks against a meaning that was chosen for a name, in words. What is chosen, sense.ts decides. */

/** A meaning as far as doubts go. */
export interface Chosen {
  readonly sort: Kind;
  /** Whether what goods are called chose it; else it is WordNet's. */
  readonly goods: boolean;
  /** Whether the words before it decided that. */
  readonly told: boolean;
  /** The words that name the thing, those before it, and those left off behind it. */
  readonly head: string;
  readonly before: readonly string[];
  readonly behind: readonly string[];
}

export const said = ({ sort }: { readonly sort: Kind }): string => `a thing of kind "${sort}"`;

const categoryOf = (sort: Kind): Category => KINDS[sort].category;

/** Shares among the names of a list that are things, and things of the same category. */
export interface Around {
  readonly count: number;
  readonly things: number;
  readonly same: number;
}

/** A list is one of things from this share on. */
const MOST = 0.6;
const FEWEST = 6;
/** A few of a category make it one that the list has: a shop with pets or with plants. */
const SOME = 0.15;
/** Nothing that shops sell under the name of another thing: `embroidery hoop`, `butter bell`. */
const OUTDOORS = /^(building|street object|weapon)$/;

/** @returns why the meaning may be another, undefined where nothing speaks against it */
export function doubtOf(chosen: Chosen, around: Around): string | undefined {
  const { sort, goods, told, head, before, behind } = chosen;
  const category = categoryOf(sort);
  // The thing is a set for it, not the food or plant: a sake set, a bonsai kit.
  if (behind.some((w) => /^(set|kit|system)s?$/.test(w)) && /food|plant|animal|person/.test(category))
    return `taken for ${said(chosen)}, may be a ${behind.join(' ')} for it`;
  const amongThings = around.count >= FEWEST && around.things >= MOST;
  const isOdd = /person|place|natural/.test(category) || (sort === 'building' && before.length > 0);
  if (head.includes(' '))
    return amongThings && !goods && isOdd && before[0] !== 'the'
      ? `taken for ${said(chosen)}, and the list is one of things`
      : undefined;
  const nearest = before.filter((w) => w !== 'and').at(-1);
  const other = category === 'food' && nearest ? speaksOfThings(nearest) : undefined;
  if (other) return `taken for ${said(chosen)}, while "${other}" before it is none`;
  const room = goods && !told && category === 'artefact' ? speaksOf(before) : undefined;
  if (room && !areNear(room, sort)) return `taken for ${said(chosen)}, while the words before it speak of "${room}"`;
  const rival =
    goods && !told && before.length > 0 ? formsOf(head).find((f) => Object.hasOwn(TWO_TRADES, f)) : undefined;
  if (rival && TWO_TRADES[rival] !== sort && room !== sort)
    return `taken for ${said(chosen)}, may be ${said({ sort: TWO_TRADES[rival] })}`;
  if (sort === 'thing' && before.length > 0) return `"${head}" may be many things: taken for a handy one`;
  if (goods || around.count < FEWEST || around.things < MOST) return undefined;
  const isNamed = before[0] === 'the';
  const odd =
    /person|place|natural/.test(category) ||
    (before.length > 0 && (/animal|vehicle|plant/.test(category) || OUTDOORS.test(sort)) && around.same < SOME);
  if (!isNamed && (odd || (OUTDOORS.test(sort) && before.length > 0)))
    return `taken for ${said(chosen)}, and the list is one of things`;
  return before.length > 0 && category === 'artefact' ? manyMeanings(chosen) : undefined;
}

/** What stands in many rooms, and which rooms have to do with each other: a kitchen stool, a bike helmet. */
const ANYWHERE: ReadonlySet<Kind> = new Set<Kind>([
  'furniture',
  'textile',
  'container',
  'lamp',
  'bag',
  'ornament',
  'clothing',
  'accessory',
  'shoe',
  'toy',
  'tool',
  'thing',
  'jewellery',
  'appliance',
  'household appliance',
  'candle',
]);
const SAME_TRADE = [
  'kitchenware|kitchen appliance',
  'tool|machine part|bicycle|cart|garden tool',
  'electronics|stationery|machine part|instrument|apparatus',
  'sports gear|gym gear|camping gear|toy|bicycle',
  'bath accessory|bathroom fixture|toiletry|cleaning tool',
  'garden tool|planter|street object|building',
  'baby gear|toy|toiletry',
  'electronics|sports gear',
  'pet supply|garden tool',
  'kitchenware|toiletry',
];
function areNear(room: Kind, sort: Kind): boolean {
  if (room === sort || ANYWHERE.has(sort)) return true;
  return SAME_TRADE.some((trade) => [room, sort].every((kind) => trade.split('|').includes(kind)));
}

/** What the words before a head are about; a material says nothing. */
function speaksOf(before: readonly string[]): Kind | undefined {
  const words = before.filter((w) => !MATERIALS.has(w));
  return kindOfRoom(words) ?? kindOfThing(words);
}

/** Heads that two trades use, and the kind in the other one. */
const TWO_TRADES: Readonly<Record<string, Kind>> = {
  console: 'furniture',
  trainer: 'gym gear',
  pedal: 'machine part',
  reel: 'camping gear',
  cartridge: 'machine part',
  unit: 'furniture',
  receiver: 'machine part',
  terminal: 'machine part',
  pick: 'tool',
  press: 'tool',
  jack: 'tool',
  dart: 'toy',
  flat: 'machine part',
  cage: 'machine part',
  tablet: 'toiletry',
  washer: 'machine part',
  clutch: 'machine part',
  capsule: 'drink',
  horn: 'machine part',
  plane: 'toy',
  shock: 'machine part',
};

/** The word before a food, where it is a thing or a place: pool noodles, a diffuser reed. Jars and tins hold food. */
function speaksOfThings(word: string): string | undefined {
  if (/^(gym gear|sports gear|electronics|stationery|tool|cleaning tool|instrument)$/.test(kindOfRoom([word]) ?? ''))
    return word;
  const lexeme = openWordnet().lookup(word);
  if (!lexeme || lexeme.partial) return undefined;
  const senses = openWordnet().senses(lexeme.name).slice(0, 4);
  if (senses.some((id) => /^noun\.(food|plant|animal|substance|person|body)$/.test(openWordnet().synset(id).lexname)))
    return undefined;
  const sort = kindOf(lexeme);
  const apart = /artefact|place/.test(categoryOf(sort)) && !/^(container|kitchenware|kitchen appliance)$/.test(sort);
  return apart ? word : undefined;
}

/** Artefacts that one word names and that have nothing in common: WordNet's first is as good a guess as the next. */
function manyMeanings({ sort, head }: Chosen): string | undefined {
  const wordnet = openWordnet();
  const lexeme = wordnet.lookup(head);
  if (!lexeme || formsOf(head).some(isGoods)) return undefined;
  const kinds = wordnet
    .senses(lexeme.name)
    .slice(0, 6)
    .filter((id) => wordnet.synset(id).lexname === 'noun.artifact')
    .map((id) => kindOf(wordnet.sense(id, lexeme.name)));
  const others = [...new Set(kinds)].filter((k) => k !== sort && k !== 'thing');
  return others.length >= 2 ? `taken for ${said({ sort })}, may be ${said({ sort: others[0] })}` : undefined;
}
