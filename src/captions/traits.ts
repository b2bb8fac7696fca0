import { usualBackgrounds } from '../concepts/bank.js';
import { formsOf } from '../concepts/head.js';
import { KINDS, type Kind, type KindFacts, kindOf } from '../concepts/kinds.js';
import { openWordnet } from '../concepts/wordnet.js';
import { BEHAVIOUR, type Behaviour } from './behaviour.js';
import { COLOURS } from './lexicon.js';
import { LOOKS, type Looks } from './looks/index.js';
import { type Noun, nounOf } from './nouns.js';
import { featuresOf } from './own-features.js';
import { OWN_COLOURS, OWN_MATERIALS } from './own-looks.js';
import { type Setting, settingOf } from './setting.js';

/** All that the embedded writer knows of a concept; made once a concept. */
export interface Traits {
  readonly sort: Kind;
  readonly facts: KindFacts;
  readonly noun: Noun;
  readonly looks: Looks;
  readonly behaviour: Behaviour;
  readonly settings: readonly Setting[];
  readonly byName: ReadonlyMap<string, Setting>;
  /** Does it stay outside in the snow? */
  readonly hardy: boolean;
}

const HARDY = new Set<Kind>(
  (
    'dog,livestock,forest mammal,mountain mammal,polar mammal,small mammal,bird,raptor,penguin,tree,car,bus,truck,machine,bicycle,cart,' +
    'train,building,street object,person,fern'
  ).split(',') as Kind[],
);

const COLOUR_WORD = new RegExp(
  `(^|[ -])(${Object.keys(COLOURS).join('|')}|gr[ae]y|gold|blond|coloured|colored|rusty|reddish|scarlet|striped|spotted)`,
  'i',
);
const MATERIALS_NAMED = [
  'wood|wooden|steel|iron|metal|stone|brick|glass|paper|plastic|leather|silk|wool|cotton|fur|straw|rubber|tin|brass|log|cardboard|ceramic',
  'clay|denim|velvet|linen|canvas|jeans|picket|chain-link|bamboo|sand|snow|walnut|oak|pine|silicone|micro|nylon|polyester|stainless',
  'sterling|terracotta|porcelain|enamel|copper|alumini?um|wicker|rattan|jute|coir|marble|granite|concrete|memory foam|foam|down|fleece',
  'mesh|crystal|merino|cashmere|suede|vinyl|pvc|carbon|titanium|zinc|chrome|gold|acrylic|resin|waffle|plush|stuffed|macrame|soy|beeswax',
];
const MATERIAL_WORD = new RegExp(`\\b(?:${MATERIALS_NAMED.join('|')})`, 'i');

/** Electronics that nobody switches on. */
const UNPOWERED = new Set(
  (
    'case,cover,holder,stand,mount,protector,grip,sleeve,tripod,monopod,strap,cage,cap,film,paste,tip,arm,filter,battery,cable,cord,adapter,' +
    'stick,disc,record,cd,dvd,ram,motherboard,chip,card,hood,folio,clip,organizer,rack,splitter'
  ).split(','),
);

const SETTINGS = new Map<Kind, { settings: readonly Setting[]; byName: ReadonlyMap<string, Setting> }>();
const CACHE = new Map<string, Traits>();

/** What a record says of a concept beside its name. */
export interface Meant {
  sort?: string;
  synset?: string;
  head?: string;
}

/** @param meant as the draw gives it: nothing is chosen again. Of records that say no sort, WordNet is asked. */
export function traitsOf(concept: string, meant: Meant = {}): Traits {
  const key = `${meant.sort ?? ''}/${meant.synset ?? ''}/${meant.head ?? ''}/${concept}`;
  let traits = CACHE.get(key);
  if (!traits) {
    traits = make(concept, meant);
    if (CACHE.size > 200_000) CACHE.clear();
    CACHE.set(key, traits);
  }
  return traits;
}

function make(concept: string, { sort: given, synset, head }: Meant): Traits {
  const wordnet = openWordnet();
  const isGiven = given !== undefined && Object.hasOwn(KINDS, given);
  const lexeme =
    synset !== undefined && /^n\d{8}$/.test(synset) && wordnet.has(synset)
      ? wordnet.sense(synset)
      : isGiven
        ? undefined
        : wordnet.lookup(concept);
  const sort: Kind = isGiven ? (given as Kind) : lexeme ? kindOf(lexeme) : 'thing';
  const facts: KindFacts = KINDS[sort];
  const own = LOOKS[sort];
  const lower = concept.toLowerCase();
  const tail = (head ?? concept).toLowerCase();
  // Hypernyms count only where they are of the sort that is meant.
  const above =
    lexeme &&
    /animal|plant|food|artifact|object/.test(lexeme.lexname) &&
    KINDS[kindOf(lexeme)].category === facts.category
      ? [...wordnet.synset(lexeme.synset).words, ...lexeme.hypernyms]
      : [];
  const names = [concept, lower, ...formsOf(tail), ...above];
  // A crew sock is a sock as far as stuff goes; a sea lion is no lion.
  const ends = facts.category === 'artefact' ? formsOf(tail.slice(tail.lastIndexOf(' ') + 1)) : [];
  const stuff = [concept, lower, ...formsOf(tail), ...ends, ...above];
  const coloured = names.find((name) => OWN_COLOURS.has(name));
  const made = own.materials.length === 0 ? undefined : stuff.find((name) => OWN_MATERIALS.has(name));
  const looks: Looks = {
    ...own,
    colours: COLOUR_WORD.test(concept) ? [] : coloured !== undefined ? OWN_COLOURS.get(coloured)! : own.colours,
    materials: MATERIAL_WORD.test(concept) ? [] : made !== undefined ? OWN_MATERIALS.get(made)! : own.materials,
    adjectives: own.adjectives.filter((a) => !lower.includes(a)),
    features: featuresOf(
      sort,
      own.features,
      names.map((n) => n.toLowerCase()),
    ),
  };
  let places = SETTINGS.get(sort);
  if (!places) {
    const settings = usualBackgrounds(sort).map(settingOf);
    places = { settings, byName: new Map(settings.map((s) => [s.name, s])) };
    SETTINGS.set(sort, places);
  }
  const isLemma = wordnet.senses(tail).length > 0;
  return {
    sort,
    facts,
    noun: nounOf(concept, sort, isLemma, head),
    looks,
    behaviour: BEHAVIOUR[sort === 'electronics' && stuff.some((name) => UNPOWERED.has(name)) ? 'thing' : sort],
    hardy: HARDY.has(sort),
    ...places,
  };
}
