import { Rng } from '../rng.js';

/** Fewest concepts that a score on held-out ones may rest on. */
const FEWEST = 10;
/** Largest share that these few may be of a list: a short one needs its concepts for training. */
const MOST = 0.2;

/** Names that training never sees. */
export interface HeldOutNames {
  names: ReadonlySet<string>;
  /** Why there are none, in a line. */
  none?: string;
}

/** Position of a name between 0 and 1, the same in every list and run. */
function place(name: string): number {
  return Rng.of('held out', name.toLowerCase()).uniform();
}

/**
 * Which of a list's names are held out: round(share · n), at least ten, those whose names have the first places. A list of which ten would
 * be more than a fifth keeps all of them in training.
 * @param names lower case, each once; @param share 0…1
 */
export function heldOutNames(names: ReadonlySet<string>, share: number): HeldOutNames {
  const n = names.size;
  if (share === 0) return { names: new Set(), none: 'concepts.heldOut is 0' };
  if (n * MOST < FEWEST)
    return {
      names: new Set(),
      none: `of ${n === 1 ? 'a single concept' : `${n} concepts`} none are held out: ${FEWEST}, the fewest that make a score, would be more than a fifth`,
    };
  const count = Math.min(n - 1, Math.max(FEWEST, Math.round(share * n)));
  const ranked = [...names].map((name) => ({ name, at: place(name) }));
  ranked.sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
  return { names: new Set(ranked.slice(0, count).map((r) => r.name)) };
}
