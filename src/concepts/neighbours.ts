import { type Category, type Company, KINDS, type Kind } from './kinds.js';

/** What the names of a list are about, as far as they are beyond doubt. */
export interface Neighbours {
  readonly count: number;
  readonly categories: ReadonlyMap<Category, number>;
  readonly sorts: ReadonlyMap<Kind, number>;
  /** Birds of all kinds, fish of all waters. */
  readonly companies: ReadonlyMap<Company, number>;
}

/** Fewer names say nothing of a list. */
export const FEWEST_NEIGHBOURS = 3;

export function neighbours(sorts: readonly Kind[]): Neighbours {
  const share = <T>(of: readonly T[]) => {
    const counts = new Map<T, number>();
    for (const x of of) counts.set(x, (counts.get(x) ?? 0) + 1 / of.length);
    return counts;
  };
  return {
    count: sorts.length,
    categories: share(sorts.map((sort) => KINDS[sort].category)),
    sorts: share(sorts),
    companies: share(sorts.map((sort) => KINDS[sort].company)),
  };
}
