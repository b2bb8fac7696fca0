import { formsOf } from '../../concepts/head.js';
import { KINDS, type Kind } from '../../concepts/kinds.js';
import { openWordnet } from '../../concepts/wordnet.js';
import { type Drawing, drawableWords, drawingOf } from './plans/index.js';

/** A thing as a concept or a record has it. */
export interface Intended {
  /** As it is said: `Mesh Office Chair, Black`. */
  name: string;
  /** The end of the name that says what it is. */
  head?: string;
  kind?: Kind;
  /** First words of what it is a kind of, near to far. */
  hypernyms: readonly string[];
  /** A drawable word or a kind, where the list of concepts says so. */
  drawAs?: string;
}

let drawable: ReadonlySet<string> | undefined;
const drawables = (): ReadonlySet<string> => (drawable ??= new Set(drawableWords()));

/** What the embedded painter draws for a thing: what `draw as` says, else the nearest word that has a drawing, else its kind. */
export function intendedDrawing({ name, head, kind, hypernyms, drawAs }: Intended): Drawing {
  if (drawAs !== undefined) {
    if (isKind(drawAs)) return drawingOf(drawAs, []);
    return drawingOf(undefined, [drawAs]);
  }
  if (kind === 'texture') return drawingOf(kind, [name.toLowerCase()]);
  // Only words that have a drawing, so that the far ones are not crowded out.
  const forms = phrasesOf(name, head).filter((form) => drawables().has(form) && suits(form, kind));
  return drawingOf(kind, [...forms, ...hypernyms.filter((word) => suits(word, kind))]);
}

/** Words whose drawing is that of one trade only: a sump pump is no shoe, a garden fork no cutlery. */
const OF_KINDS: Readonly<Record<string, RegExp>> = {
  pump: /^shoe$/,
  fork: /^kitchenware$/,
  cage: /^(pet supply|container)$/,
  ring: /^(jewellery|accessory|thing)$/,
  belt: /^(accessory|clothing|machine part)$/,
  tablet: /^electronics$/,
  sheet: /^textile$/,
  glasses: /^accessory$/,
  cap: /^(clothing|accessory|toiletry)$/,
  bell: /^(street object|instrument|pet supply|machine part|thing|toy|ornament)$/,
  tie: /^(clothing|accessory)$/,
  card: /^(stationery|toy)$/,
};
const suits = (word: string, kind: Kind | undefined): boolean =>
  kind === undefined || !Object.hasOwn(OF_KINDS, word) || OF_KINDS[word].test(kind);

/** The name, its head, and the ends of the head, each with its singulars. */
function phrasesOf(name: string, head: string | undefined): string[] {
  const words = (head ?? name).toLowerCase().split(' ');
  const ends = words.map((_, i) => words.slice(i).join(' '));
  return [...new Set([name.toLowerCase(), ...ends].flatMap(formsOf))];
}

export const isKind = (word: string): word is Kind => Object.hasOwn(KINDS, word);

/** What `draw as` may name: words that have a drawing, and kinds. */
export const drawAsChoices = (): string[] => [...drawables(), ...Object.keys(KINDS)];

/** Whether `draw as` may name it. */
export const isDrawable = (word: string): boolean => drawables().has(word) || isKind(word);

/** Hypernyms for {@link Intended}: of a name that the synset does not have, the synset's own word comes first. */
export function hypernymsOf(synset: string | undefined, phrase: string): readonly string[] {
  if (synset === undefined) return [];
  const wordnet = openWordnet();
  const words = wordnet.synset(synset).words.map((w) => w.toLowerCase());
  const isOwn = formsOf(phrase.toLowerCase()).some((form) => words.includes(form));
  return [...(isOwn ? [] : words.slice(0, 1)), ...wordnet.hypernyms(synset)];
}

/** Kinds of made things all of which look about the same: what is drawn for their kind is that thing. */
const OF_ONE_LOOK: ReadonlySet<Kind> = new Set(['shoe', 'building', 'candle']);

/** Whether a drawing shows no more than the kind of thing: a vessel where a whisk is meant. */
export const isOnlyKind = ({ generic, as }: Drawing, kind: Kind): boolean =>
  generic || (as === kind && KINDS[kind].category === 'artefact' && !OF_ONE_LOOK.has(kind));
