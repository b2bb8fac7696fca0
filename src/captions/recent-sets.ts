import { z } from 'zod';
import { ones } from './bloom.js';
import { jaccard } from './content-words.js';

/** Sets of one concept to compare a caption with. */
const PER_CONCEPT = 64;

const stateSchema = z.array(z.tuple([z.string(), z.array(z.array(z.number())).max(PER_CONCEPT)]));

/** A concept's recent sets, oldest first, each with its mark. */
interface Sets {
  words: number[][];
  marks: number[];
}

/** One bit a word, of 30: a bit that only one of two marks has is a word that only one of the sets has. */
function markOf(words: readonly number[]): number {
  let mark = 0;
  for (const w of words) mark |= 1 << (w % 30);
  return mark;
}

/**
 * The word sets of recent captions by concept: at most `capacity` in all and 64 a concept, the newest ones; the concept that was added to
 * longest ago is forgotten first.
 */
export class RecentSets {
  private readonly capacity: number;
  private readonly perConcept: number;
  /** In order of the last addition: a Map keeps the order of insertion. */
  private readonly concepts = new Map<string, Sets>();
  private total = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.perConcept = Math.min(PER_CONCEPT, capacity);
  }

  /** Sets that are remembered. */
  get size(): number {
    return this.total;
  }

  /** Is one of the concept's recent sets as similar as that (Jaccard)? */
  hasSimilar(words: readonly number[], concept: string, least: number): boolean {
    const sets = this.concepts.get(concept);
    if (!sets) return false;
    const mark = markOf(words);
    // Of A and B at least so similar, A lacks at most (1 − least)·|A ∪ B| of the words of B, and |A ∪ B| ≤ |A| / least; likewise B.
    const lacking = Math.floor(((1 - least) / least) * words.length + 1e-9);
    const surplus = Math.floor((1 - least) * words.length + 1e-9);
    const { marks } = sets;
    for (let i = marks.length - 1; i >= 0; i--) {
      if (ones(marks[i] & ~mark) > lacking || ones(mark & ~marks[i]) > surplus) continue;
      if (jaccard(words, sets.words[i]) >= least) return true;
    }
    return false;
  }

  add(words: number[], concept: string): void {
    const sets = this.concepts.get(concept) ?? { words: [], marks: [] };
    this.concepts.delete(concept);
    this.concepts.set(concept, sets);
    sets.words.push(words);
    sets.marks.push(markOf(words));
    this.total++;
    if (sets.words.length > this.perConcept) {
      sets.words.shift();
      sets.marks.shift();
      this.total--;
    }
    while (this.total > this.capacity) {
      const [[oldest, its]] = this.concepts;
      this.concepts.delete(oldest);
      this.total -= its.words.length;
    }
  }

  /** All of it as JSON. */
  toJson(): string {
    return JSON.stringify([...this.concepts].map(([concept, { words }]) => [concept, words]));
  }

  /** What `toJson` gave, of a window of the same capacity. @throws where it is something else */
  static fromJson(text: string, capacity: number): RecentSets {
    const recent = new RecentSets(capacity);
    for (const [concept, sets] of stateSchema.parse(JSON.parse(text))) {
      recent.concepts.set(concept, { words: sets, marks: sets.map(markOf) });
      recent.total += sets.length;
    }
    if (recent.total > capacity) throw new Error(`${recent.total} word sets in a window of ${capacity}`);
    return recent;
  }
}
