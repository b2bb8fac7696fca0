import type { Category } from '../../../concepts/kinds.js';
import type { Plan } from '../plan.js';

/** Drawings by word, in lower case: `office chair`, `lamp`. A room of plans exports one such table. */
export type Words = Readonly<
  Record<
    string,
    {
      plan: Plan;
      /** What it looks like, where that is not the word itself. */
      as?: string;
      /** Of a word with several meanings: only concepts of this category. */
      category?: Category;
    }
  >
>;
