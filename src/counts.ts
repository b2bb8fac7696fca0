/** How often what happened, by name; what did not happen is absent. */
export type Counts<Name extends string = string> = Partial<Record<Name, number>>;

/** Adds one. */
export function count<Name extends string>(counts: Counts<Name>, name: Name): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** The sums of two, name by name. */
export function merge<Name extends string>(a: Counts<Name>, b: Counts<Name>): Counts<Name> {
  const out = { ...a };
  for (const [name, n] of Object.entries(b) as [Name, number][]) out[name] = (out[name] ?? 0) + n;
  return out;
}

/** Of `blank, kept`, a count of things that stayed so after all attempts and were taken nevertheless: `blank`; undefined for others. */
export const keptThough = (name: string): string | undefined => /^(.*), kept$/.exec(name)?.[1];

/** How many were thrown away: all but those that were kept after all. */
export function thrownAway(counts: Counts): number {
  return Object.entries(counts).reduce((sum, [name, n = 0]) => (keptThough(name) === undefined ? sum + n : sum), 0);
}
