import { type Background, GAZETTEER, type Scene, sameHead } from '../concepts/gazetteer.js';
import { article } from '../concepts/inflect.js';
import { openWordnet } from '../concepts/wordnet.js';
import type { Stage } from './atmosphere.js';

/** A background with the stage it makes. */
export interface Setting extends Background {
  readonly stage: Stage;
  /** Preposition and article apart, so that an adjective fits between: `on`, `a`, `beach`. `noun` is empty if they cannot be told apart. */
  readonly preposition: string;
  readonly determiner: '' | 'a' | 'the';
}

const CONFINED = /\b(box|basket|jar|crate|cage|bowl|vase|pot|drawer|case|tin|bag|terrarium|wardrobe|oven|pan)$/;
const PERCH =
  /\b(log|branch|leaf|flower|frond|stump|bench|fence|post|wire|rooftop|balcony|wall|feeder|birdbath|windowsill|ledge|trunk|twig|thistle|daisy|sunflower|petal|bark|stone|rock|boulder|hanger|rail|hook|clothesline|table|step|sprig|grass|apple)$/;

/** Splits a background's phrase and finds its stage. */
export function settingOf(background: Background): Setting {
  const { name, noun, phrase } = background;
  const determiner = noun.startsWith('the ') && !name.startsWith('the ') ? 'the' : noun === name ? '' : 'a';
  return {
    ...background,
    preposition: phrase.slice(0, phrase.length - noun.length).trimEnd(),
    determiner,
    stage: stageOf(background),
  };
}

function stageOf({ phrase, scene, name }: Background): Stage {
  if (scene === 'studio') return 'studio';
  if (scene === 'underwater') return 'underwater';
  if (scene === 'sky') return 'air';
  if (/^(above|over) /.test(phrase)) return 'air';
  if (scene === 'water') {
    if (/dock|pier|lily pad|bank|leaf|quay/.test(name)) return 'surface';
    return /^(in|on) /.test(phrase) ? 'water' : 'open';
  }
  if (scene === 'kitchen-table')
    return /^(in|at) a(n)? .*(kitchen|restaurant|cafe|diner|stall|picnic|buffet)$/.test(phrase) ? 'indoor' : 'surface';
  if (scene === 'indoor-room') return /^on /.test(phrase) || CONFINED.test(name) ? 'surface' : 'indoor';
  if (/^(on|against) /.test(phrase) && (scene === 'rock' || PERCH.test(name))) return 'surface';
  return 'open';
}

/** Scene words for backgrounds that a user or a bank names freely; the first that matches wins. */
const SCENES: readonly (readonly [RegExp, Scene, string])[] = [
  [/\b(underwater|seabed|sea ?floor|ocean floor|reefs?|aquariums?|kelp)\b/, 'underwater', 'in'],
  [/\b(kitchens?|table|tabletop|counter|countertop|plate|cutting board|picnic)\b/, 'kitchen-table', 'on'],
  [/\b(backdrop|studio|background)\b/, 'studio', 'against'],
  [/\b(sky|skies|clouds?|space)\b/, 'sky', 'in'],
  [/\b(snow|ice|tundra|glaciers?|arctic|antarctica?|polar|ski)\b/, 'snow', 'in'],
  [/\b(beach|beaches|dunes?|deserts?|sand|shores?|shorelines?|seashore|coast|coasts)\b/, 'sand', 'on'],
  [
    /\b(lakes?|rivers?|ponds?|streams?|oceans?|sea|seas|waters?|bay|bays|lagoons?|wetlands?|marsh(es)?|swamps?|canals?|harbou?rs?|estuar(y|ies)|reservoirs?|creeks?|waterways?|pools?)\b/,
    'water',
    'in',
  ],
  [/\b(mountains?|hills?|cliffs?|canyons?|valleys?|volcano|highlands?|alps|peaks?|slopes?)\b/, 'mountain', 'in'],
  [/\b(forests?|woods|woodlands?|jungles?|rainforests?|trees?|groves?|branch(es)?|bamboo)\b/, 'forest', 'in'],
  [
    /\b(gardens?|backyards?|yards?|orchards?|vineyards?|park|parks|farms?|zoos?|greenhouses?|patch|nurser(y|ies)|playgrounds?|courtyards?)\b/,
    'garden',
    'in',
  ],
  [
    /\b(meadows?|fields?|grass|grasslands?|pastures?|prairies?|plains?|savannas?|lawns?|countryside|golf course)\b/,
    'grass',
    'in',
  ],
  [
    /\b(roads?|highways?|streets?|freeways?|tracks?|runways?|tarmac|driveways?|parking lots?|lane|lanes|trails?|paths?|bridges?|sidewalks?|railways?|alleys?)\b/,
    'road',
    'on',
  ],
  [/\b(rocks?|stones?|caves?|quarry|quarries)\b/, 'rock', 'on'],
  [
    /\b(cit(y|ies)|towns?|villages?|squares?|plazas?|suburbs?|downtown|skyline|markets?|ports?|docks?|rooftops?|balcon(y|ies)|stations?|airports?|terminals?|construction sites?)\b/,
    'city',
    'in',
  ],
];
const TAKES_AT =
  /\b(station|airport|terminal|market|port|dock|event|festival|party|competition|show|wedding|event|stop|booth|intersection|fair|carnival|race|match|zoo|farm)s?$/;
const TAKES_ON =
  /\b(floor|wall|shelf|shelves|desk|bed|sofa|couch|stage|porch|patio|deck|pavement|tarmac|ship|boat|bench|roof|rooftop|balcony|terrace|campus|carrier|island|ranch|farm|farmland)s?$/;
const UNCOUNTED =
  /\b(downtown|countryside|tarmac|snow|grass|water|outer space|sand|ice|farmland|woodland|grassland|nature|outdoors|underwater|antarctica|africa|asia|wilderness|tundra)$/i;

const FREE = new Map<string, Setting>();

/** The setting of any background name: the gazetteer's, else read off its words (unknown ones are taken for rooms). */
export function freeSetting(given: string): Setting {
  let found = FREE.get(given);
  if (!found) {
    const name = GAZETTEER.has(given) ? given : given.split(' ').map(uncapital).join(' ');
    const known = GAZETTEER.get(name);
    found = known ? settingOf(known) : guess(name);
    if (FREE.size > 100_000) FREE.clear();
    FREE.set(given, found);
  }
  return found;
}

/** Lists write `Boreal Forests`; a caption does so only with the names of single places: `Paris`. */
function uncapital(word: string): string {
  if (!/^[A-Z][a-z]/.test(word)) return word;
  const senses = openWordnet().senses(word);
  return senses.length > 0 && senses.every((id) => openWordnet().synset(id).instance) ? word : word.toLowerCase();
}

function guess(name: string): Setting {
  const lower = name.toLowerCase();
  const match = SCENES.find(([words]) => words.test(lower));
  const near = match ? undefined : sameHead(lower);
  const scene: Scene = match?.[1] ?? near?.scene ?? 'indoor-room';
  const last = lower.replace(/\s(of|with|in|on|at|near|by|for|from|to)\s.*$/, '');
  const many = /[^su]s$/.test(last) && !/(canvas|campus|christmas|gas|bus)$/.test(last);
  const proper =
    /^[A-Z]/.test(name) || UNCOUNTED.test(last) || (!many && /ing$/.test(last) && !openWordnet().lookup(last));
  let preposition = match?.[2] ?? (near ? /^\S+/.exec(near.phrase)![0] : 'in');
  if (TAKES_AT.test(last)) preposition = 'at';
  else if (TAKES_ON.test(last)) preposition = 'on';
  else if (/\b(kitchen|restaurant|cafe|diner|bakery|office)s?$/.test(last)) preposition = 'in';
  else if (preposition === 'on' && scene === 'road' && /\b(lot|alley|tunnel)s?$/.test(last)) preposition = 'in';
  const noun = many || proper ? name : `${article(name)} ${name}`;
  const phrase =
    /^(in|on|at|near|by|under|over|above|below|behind|inside|outside|beside|next to|among|along|around|against|between|through)\b/.test(
      lower,
    )
      ? name
      : `${preposition} ${noun}`;
  return settingOf(phrase === name ? { name, phrase, noun: '', scene } : { name, phrase, noun, scene });
}
