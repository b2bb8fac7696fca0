import { article, plural } from '../concepts/inflect.js';
import type { Company } from '../concepts/kinds.js';
import type { Rng } from '../rng.js';
import { SCENE_ADJECTIVES } from './atmosphere.js';
import { progressive, thirdPerson } from './behaviour.js';
import type { Setting } from './setting.js';
import type { Traits } from './traits.js';

/** Noun phrases, verb phrases and places: the parts of a caption. */

export interface NounPhrase {
  /** With its article or number: `two small brown dogs`. */
  readonly text: string;
  /** Without an article, to follow `the`: `brown dog`; '' where that is not usual. */
  readonly bare: string;
  /** Of the verb. */
  readonly plural: boolean;
  /** Of pronouns: a group of dogs has tails. */
  readonly many: boolean;
  /** Words that can be seen: colours, materials, numbers, adjectives. */
  readonly attributes: number;
}

const COUNTS: Readonly<Record<'animals' | 'things' | 'plants' | 'big', readonly string[]>> = {
  animals: [
    'two',
    'two',
    'two',
    'three',
    'three',
    'a pair of',
    'a couple of',
    'four',
    'five',
    'several',
    'a few',
    'a group of',
    'many',
    'a trio of',
    'half a dozen',
  ],
  things: [
    'two',
    'two',
    'two',
    'three',
    'three',
    'four',
    'five',
    'six',
    'several',
    'a few',
    'a row of',
    'a couple of',
    'a dozen',
    'half a dozen',
    'many',
  ],
  plants: [
    'two',
    'three',
    'three',
    'four',
    'five',
    'several',
    'a few',
    'a cluster of',
    'many',
    'dozens of',
    'a couple of',
  ],
  big: ['two', 'two', 'two', 'three', 'three', 'several', 'a row of', 'a few', 'four', 'a pair of'],
};
const COUNT_KIND: Readonly<Record<Company, keyof typeof COUNTS>> = {
  aquatic: 'animals',
  flyer: 'animals',
  'small animal': 'animals',
  'large animal': 'animals',
  insect: 'animals',
  plant: 'plants',
  tree: 'plants',
  food: 'things',
  road: 'big',
  rail: 'big',
  aircraft: 'big',
  boat: 'big',
  'small thing': 'things',
  'large thing': 'things',
  worn: 'things',
  'soft thing': 'things',
  building: 'big',
  person: 'animals',
};
const SHARE_OF_PLURALS: Readonly<Record<Company, number>> = {
  aquatic: 0.3,
  flyer: 0.25,
  'small animal': 0.25,
  'large animal': 0.25,
  insect: 0.22,
  plant: 0.4,
  tree: 0.3,
  food: 0.4,
  road: 0.2,
  rail: 0.1,
  aircraft: 0.2,
  boat: 0.25,
  'small thing': 0.3,
  'large thing': 0.2,
  worn: 0.2,
  'soft thing': 0.2,
  building: 0.15,
  person: 0.3,
};

export interface PhraseOptions {
  colour: number;
  adjective: number;
  material: number;
  /** Overrides the share of plurals, e.g. 0 for the second thing of a relation. */
  many?: number;
}

/** The concept with number, adjective, colour and material, each with the probability asked for. */
export function nounPhrase(traits: Traits, options: PhraseOptions, rng: Rng): NounPhrase {
  const { noun, looks, facts } = traits;
  let attributes = 0;
  let words = '';
  const add = (word: string) => {
    words += `${word} `;
    attributes++;
  };
  const { adjectives, colours, materials } = looks;
  if (adjectives.length > 0 && rng.chance(options.adjective)) {
    const first = rng.pick(adjectives);
    add(first);
    if (rng.chance(0.12)) {
      const second = rng.pick(adjectives);
      if (second !== first && !isOpposite(first, second)) {
        words = `${first}, ${second} `;
        attributes++;
      }
    }
  }
  if (colours.length > 0 && rng.chance(options.colour)) add(rng.pick(colours));
  if (materials.length > 0 && rng.chance(options.material)) add(rng.pick(materials));

  if (noun.number === 'mass') {
    const bare = words + noun.name;
    const unit = rng.pick(noun.units);
    return { text: `${unit} ${bare}`, bare, plural: false, many: false, attributes };
  }
  if (noun.number === 'pair') {
    const bare = words + noun.name;
    const u = rng.uniform();
    if (u < 0.7) return { text: `a pair of ${bare}`, bare, plural: false, many: false, attributes };
    return { text: bare, bare, plural: true, many: true, attributes };
  }
  const share = options.many ?? SHARE_OF_PLURALS[facts.company];
  const isPlural = noun.number === 'plural';
  if (isPlural || rng.chance(share)) {
    const bare = words + noun.plural;
    if (isPlural && rng.chance(0.5)) return { text: bare, bare, plural: true, many: true, attributes };
    const count = rng.pick(COUNTS[COUNT_KIND[facts.company]]);
    const collective = count === 'a group of' || count === 'a row of' || count === 'a cluster of';
    return { text: `${count} ${bare}`, bare, plural: !collective, many: true, attributes: attributes + 1 };
  }
  const bare = words + noun.name;
  return { text: `${article(bare)} ${bare}`, bare, plural: false, many: false, attributes };
}

const OPPOSITES = [
  'small tiny large huge tall massive compact',
  'young old new antique modern vintage worn',
  'fluffy sleek wet shaggy scruffy bald woolly furry dry',
  'playful calm sleepy alert fierce curious timid lone',
  'clean dirty dusty muddy polished rusty shiny',
  'fresh wilting dried roasted grilled crispy cracked ripe chopped sliced whole halved',
  'empty full crowded loaded open closed folded',
  'steaming hot cold iced warm',
  'striped spotted plain checkered patterned polka-dot floral speckled',
  'bare leafy blossoming snow-covered blooming half-open',
  'quiet busy crowded empty peaceful lonely',
  'calm stormy still frozen muddy clear',
  'misty sunlit dim dark bright clear murky sunny rainy stormy hazy pale',
  'narrow wide spacious large vast',
  'tidy cluttered dusty neat overgrown run-down',
  'frosty sunny blooming snow-covered lush green autumn frozen tropical rainy barren',
  'steep vast',
  'fat slender thin plump flat round',
  'simple ornate elegant',
  'broken new shiny',
  'rusty new clean weathered shiny polished old',
  'lone young',
  'abandoned ruined modern grand new',
  'clear murky cloudy',
].map((row) => new Set(row.split(' ')));

/** Words that do not go together (an empty, crowded room) or say the same twice. */
export function isOpposite(a: string, b: string): boolean {
  return OPPOSITES.some((row) => row.has(a) && row.has(b));
}

/** In verbs: `{head}` → `its head` or `their heads`, `{its}` → `its` or `their`. */
export function agree(text: string, many: boolean): string {
  if (!text.includes('{')) return text;
  return text.replace(/\{([^{}]+)\}/g, (_, noun: string) => {
    if (noun === 'it') return many ? 'them' : 'it';
    if (noun === 'its') return many ? 'their' : 'its';
    return many ? `their ${plural(noun)}` : `its ${noun}`;
  });
}

const FEATURES = new Map<string, string>();

/**
 * A feature of looks/ after `with`. Of several things, each has its own: `a floppy {ear}` → `floppy ears`; after a preposition `{x}`
 * belongs to the thing: `a stick in its mouth`.
 */
export function featurePhrase(feature: string, many: boolean): string {
  const key = many ? `${feature}#` : feature;
  let text = FEATURES.get(key);
  if (text === undefined) {
    const owned = feature.replace(/\b(in|on|around|beside|from) \{(\w+)\}/g, (_, preposition: string, noun: string) => {
      if (noun === 'it') return `${preposition} ${many ? 'them' : 'it'}`;
      return many ? `${preposition} their ${plural(noun)}` : `${preposition} its ${noun}`;
    });
    const plain = owned.replace(/\{(\w+)\}/g, '$1');
    const one = /^(?:an?|one) (.+)$/.exec(plain);
    text = many && one ? plural(one[1]) : plain;
    FEATURES.set(key, text);
  }
  return text;
}

/** Verb in its three forms. */
export interface VerbPhrase {
  /** After a noun: `sitting`, `curled up`. */
  readonly participle: string;
  /** After a subject of the number: `sits`, `are curled up`. */
  readonly finite: string;
}

const VERBS = new Map<string, { one: VerbPhrase; many: VerbPhrase }>();

/** @param act of behaviour.ts. */
export function verbPhrase(act: string, isPlural: boolean, many: boolean): VerbPhrase {
  const key = many ? `${act}#` : act;
  let forms = VERBS.get(key);
  if (!forms) {
    const state = act[0] === '=';
    const base = agree(state ? act.slice(1) : act, many);
    const participle = state ? base : progressive(base);
    forms = {
      one: { participle, finite: state ? `is ${base}` : thirdPerson(base) },
      many: { participle, finite: state ? `are ${base}` : base },
    };
    VERBS.set(key, forms);
  }
  return isPlural ? forms.many : forms.one;
}

/** `on a beach`, now and then `on a windy beach`. */
export function placePhrase(setting: Setting, rng: Rng): string {
  const { name, noun, preposition, determiner, scene, phrase } = setting;
  if (noun === '' || determiner === 'the' || name.includes(' ') || name.includes('-') || !rng.chance(0.4))
    return phrase;
  const adjective = rng.pick(SCENE_ADJECTIVES[scene]);
  if (adjective === '') return phrase;
  return determiner === 'a'
    ? `${preposition} ${article(adjective)} ${adjective} ${name}`
    : `${preposition} ${adjective} ${name}`;
}

/** First letter in upper case. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
