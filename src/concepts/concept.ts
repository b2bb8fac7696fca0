import type { Draw } from '../captions/record.js';
import { type Category, KINDS, type Kind, kindOf, kindOfCategory } from './kinds.js';
import type { Sense } from './sense.js';
import type { Lexeme } from './wordnet.js';

/** A visual concept: something that captions can be about. */
export interface Concept {
  /** As it stands in a sentence after `a` or `an` (or alone, for a mass noun): `hammerhead shark`. */
  readonly name: string;
  /** WordNet 3.1 synset, where known. */
  readonly synset?: string;
  readonly kind: Draw['kind'];
  readonly category: Category;
  /** Finer than the category; decides backgrounds and company. */
  readonly sort: Kind;
  /** First words of the hypernyms, near to far; empty if unknown. */
  readonly hypernyms: readonly string[];
  /** Relative weight among the concepts of its source, > 0. */
  readonly frequency: number;
  /** Bank and list, e.g. `wordnet/animal`, `synclr/food101`, `file`. */
  readonly source: string;
  /** Its own plausible backgrounds, if the bank brings them; else the gazetteer's for its sort. */
  readonly backgrounds?: readonly string[];
  /** The end of the name that says what it is, where that is not the whole of it: `office chair`. */
  readonly head?: string;
  /** What the embedded painter shall draw, where the list says so. */
  readonly drawAs?: string;
  /** How its meaning was found, of a user's list. */
  readonly reading?: Pick<Sense, 'by' | 'doubt'>;
}

/** A concept from what a bank says and what WordNet knows. A category that the bank gives wins over WordNet's. */
export function toConcept(given: {
  name: string;
  lexeme?: Lexeme;
  category?: Category;
  /** Sort where WordNet does not know one of the same category. */
  sort?: Kind;
  /** The sort given is right, whatever WordNet says. */
  sure?: boolean;
  kind?: Draw['kind'];
  frequency?: number;
  source: string;
  backgrounds?: readonly string[];
  head?: string;
  drawAs?: string;
  reading?: Concept['reading'];
}): Concept {
  const { name, lexeme, source, backgrounds, head, drawAs, reading } = given;
  const found = lexeme && kindOf(lexeme);
  const category =
    given.category ??
    (given.sort && !found ? KINDS[given.sort].category : undefined) ??
    (given.kind === 'place' || given.kind === 'texture' ? given.kind : found ? KINDS[found].category : 'artefact');
  const sort =
    found && !given.sure && KINDS[found].category === category ? found : (given.sort ?? kindOfCategory(category));
  const kind = given.kind ?? (category === 'place' || category === 'texture' ? category : 'object');
  return {
    name,
    ...(lexeme && (given.sure || KINDS[found!].category === category) ? { synset: lexeme.synset } : {}),
    kind,
    category,
    sort,
    hypernyms: lexeme?.hypernyms ?? [],
    frequency: given.frequency ?? 1,
    source,
    ...(backgrounds?.length ? { backgrounds } : {}),
    ...(head ? { head } : {}),
    ...(drawAs ? { drawAs } : {}),
    ...(reading ? { reading } : {}),
  };
}
