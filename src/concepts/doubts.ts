import { isGoods } from './goods.js';
import { formsOf } from './head.js';
import { type Category, KINDS, type Kind, kindOf } from './kinds.js';
import { openWordnet } from './wordnet.js';

/** What speaks against a meaning that was chosen for a name, in words; the rules of goods and WordNet's order decide what is chosen. */

/** A meaning as far as doubts go. */
export interface Chosen {
  readonly sort: Kind;
  /** Whether what goods are called chose it; else it is WordNet's. */
  readonly goods: boolean;
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
  const { sort, goods, head, before, behind } = chosen;
  const category = categoryOf(sort);
  // The thing is a set for it, not the food or plant: a sake set, a bonsai kit.
  if (behind.some((w) => /^(set|kit|system)s?$/.test(w)) && /food|plant|animal|person/.test(category))
    return `taken for ${said(chosen)}, may be a ${behind.join(' ')} for it`;
  if (head.includes(' ')) return undefined;
  const other = category === 'food' && before.length > 0 ? speaksOfThings(before.at(-1)!) : undefined;
  if (other) return `taken for ${said(chosen)}, while "${other}" before it is none`;
  if (goods || around.count < FEWEST || around.things < MOST) return undefined;
  const odd =
    /person|place|natural/.test(category) ||
    (before.length > 0 && (/animal|vehicle|plant/.test(category) || OUTDOORS.test(sort)) && around.same < SOME);
  if (odd || (OUTDOORS.test(sort) && before.length > 0))
    return `taken for ${said(chosen)}, and the list is one of things`;
  return before.length > 0 && category === 'artefact' ? manyMeanings(chosen) : undefined;
}

/** The word before a food, where it is a thing or a place: pool noodles, a diffuser reed. Jars and tins hold food. */
function speaksOfThings(word: string): string | undefined {
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
