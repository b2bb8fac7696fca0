import type { Draw } from '../captions/record.js';
import type { ClassName } from './class-names.js';
import { CATEGORIES, type Category, KINDS, type Kind, kindOf } from './kinds.js';
import { openWordnet } from './wordnet.js';

/** What a list says of one concept. */
export interface Entry extends ClassName {
  /** Where it stands, for messages: `birds.txt:12`. */
  where: string;
  /** Relative frequency, > 0. */
  weight?: number;
  kind?: Draw['kind'];
  category?: Category;
  sort?: Kind;
  backgrounds?: string[];
  /** The meaning, in words of its gloss or of what it is a kind of: `rodent`, `piece of furniture`. */
  meaning?: string;
  /** What the embedded painter shall draw: a word that has a drawing, or a kind. */
  drawAs?: string;
}

/** What a category word means: a category, a finer kind, or anything that WordNet places (then not sure). */
export function groupOf(word: string): { category: Category; sort?: Kind; sure: boolean } | undefined {
  const key = word.trim().toLowerCase();
  for (const form of [key, key.replace(/s$/, ''), key === 'artifact' || key === 'artifacts' ? 'artefact' : key]) {
    const category = CATEGORIES.find((c) => c === form);
    if (category) return { category, sure: true };
    if (Object.hasOwn(KINDS, form)) return { category: KINDS[form as Kind].category, sort: form as Kind, sure: true };
  }
  const lexeme = openWordnet().lookup(key);
  if (!lexeme) return undefined;
  const sort = kindOf(lexeme);
  return { category: KINDS[sort].category, sort, sure: false };
}
